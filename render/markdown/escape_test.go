package markdown

import (
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"MPT hash cache":      "MPT hash cache",
		"a|b":                 `a\|b`,
		"a\nb\t c":            "a b c",
		"heavy_keccak*":       `heavy\_keccak\*`,
		"<b>&amp;":            "&lt;b&gt;&amp;amp;",
		"[x](y)":              `\[x\](y)`,
		"![x](y)":             `\!\[x\](y)`,
		"https://x.y www.z.w": `https\://x.y www\.z.w`,
		"#12 @me":             `\#12 &#64;me`,
		"−6.5 % `code`":       "−6.5 % \\`code\\`",
		"\x1b[31mred\x1b[0m":  "red",
	} {
		if got := Text(in); got != want {
			t.Errorf("Text(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestLineBeginsNoBlock(t *testing.T) {
	for in, want := range map[string]string{"- x": `\- x`, "+ x": `\+ x`, "12. x": `12\. x`, "1) x": `1\) x`, "12": "12", "=": `\=`, "": ""} {
		if got := Line(in); got != want {
			t.Errorf("Line(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCode(t *testing.T) {
	for in, want := range map[string]string{"a b": "`a b`", "a`b": "``a`b``", "`a": "`` `a ``", "": "", "a\nb": "`a b`"} {
		if got := Code(in); got != want {
			t.Errorf("Code(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestBlockCannotBeLeft(t *testing.T) {
	d := &doc{}
	d.block("", "x\n```\n````\ny")
	if got := d.String(); !strings.HasPrefix(got, "`````\n") || !strings.HasSuffix(got, "\n`````\n") {
		t.Errorf("got %q", got)
	}
}
