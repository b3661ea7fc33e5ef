package notify

import (
	"encoding/json"
	"html"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestData(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain", "Result: 245 s ✅\n\tx", "Result: 245 s ✅\n\tx"},
		{"mentions and links", "<!channel> <@U1> <http://x|y>", "&lt;!channel&gt; &lt;@U1&gt; &lt;http://x|y&gt;"},
		{"what is escaped already is text", "&lt;", "&amp;lt;"},
		{"control characters", "a\x00\x1b[31m\r\u0085b\x7f", "a[31mb"},
		{"not UTF-8", "a\xffb", "a\uFFFDb"},
		{"as long as can be", strings.Repeat("é", maxText), strings.Repeat("é", maxText)},
		{"one too many", strings.Repeat("é", maxText+1), strings.Repeat("é", maxText-40) + "\n… 41 more characters"},
		{"an escape is not cut through", strings.Repeat("&", 601), strings.Repeat("&amp;", 592) + "\n… 9 more characters"},
		{"a megabyte", strings.Repeat("x", 1<<20), strings.Repeat("x", maxText-40) + "\n… 1045616 more characters"},
	} {
		got := data(c.in)
		if got != c.want {
			t.Errorf("%s: %.80q…, want %.80q…", c.name, got, c.want)
		}
		if n := utf8.RuneCountInString(got); n > maxText {
			t.Errorf("%s: %d characters", c.name, n)
		}
	}
}

func FuzzData(f *testing.F) {
	f.Add("a<b>&c\x00", 1)
	f.Add("é&", 2000)
	f.Fuzz(func(t *testing.T, s string, n int) {
		s = strings.Repeat(s, min(max(n, 1), 4000))
		got := data(s)
		if n := utf8.RuneCountInString(got); n > maxText {
			t.Errorf("%d characters", n)
		}
		rest := strings.NewReplacer("&amp;", "", "&lt;", "", "&gt;", "").Replace(got)
		if strings.ContainsAny(rest, "<>&\x00\x1b") || !utf8.ValidString(got) {
			t.Errorf("not escaped: %q", got)
		}
		kept, _, cut := strings.Cut(html.UnescapeString(got), "\n… ")
		if !cut && utf8.ValidString(s) && strings.IndexFunc(s, func(c rune) bool { return c < ' ' || c >= 0x7f && c < 0xa0 }) < 0 && kept != s && !strings.Contains(s, "&") {
			t.Errorf("%q became %q", s, kept)
		}
		b, err := payload(s)
		if err != nil || !json.Valid(b) {
			t.Errorf("%s %v", b, err)
		}
	})
}
