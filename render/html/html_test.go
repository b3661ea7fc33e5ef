package html

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/report"
	"github.com/benchfile/bench/pipeline/report/reporttest"
)

func file(t *testing.T, in report.Input, name string) string {
	t.Helper()
	r := report.Build(in)
	for _, f := range Site(&r) {
		if f.Name == name {
			return string(f.Bytes)
		}
	}
	t.Fatalf("no %s", name)
	return ""
}

func TestSizes(t *testing.T) {
	for name, most := range map[string]int{"app.js": 10 << 10, "compare.js": 10 << 10, "style.css": 16 << 10, "index.html": 100 << 10} {
		if n := len(file(t, reporttest.Large(50), name)); n > most {
			t.Errorf("%s has %d bytes, at most %d", name, n, most)
		}
	}
}

func TestLinksLeadSomewhere(t *testing.T) {
	for _, in := range []report.Input{reporttest.Running(), reporttest.Empty(), reporttest.BaselineOnly(), reporttest.Stopped()} {
		r := report.Build(in)
		links(t, &r)
	}
}

func links(t *testing.T, r *report.Report) {
	files := map[string]string{"data.json": "", "../../experiments/": ""}
	for _, f := range Site(r) {
		files[f.Name] = string(f.Bytes)
	}
	for name, text := range files {
		if !strings.HasSuffix(name, ".html") {
			continue
		}
		for _, part := range strings.Split(text, `href="`)[1:] {
			to, _, _ := strings.Cut(part, `"`)
			target, anchor, _ := strings.Cut(to, "#")
			if target == "" {
				target = name
			} else if strings.HasPrefix(name, "experiments/") && !strings.HasPrefix(target, "data:") {
				if strings.HasPrefix(target, "../../experiments/") {
					continue // beside the report; held by the list of artifacts
				}
				if rest, ok := strings.CutPrefix(target, "../"); ok {
					target = rest
				} else {
					target = "experiments/" + target
				}
			}
			page, ok := files[target]
			if strings.HasPrefix(target, "data:") {
				continue
			}
			if !ok {
				t.Errorf("%s links to %s, which is not there", name, to)
			} else if anchor != "" && !strings.Contains(anchor, "=") && !strings.Contains(page, `id="`+anchor+`"`) {
				t.Errorf("%s links to %s: no such place", name, to)
			}
		}
	}
}

func TestReloadsOnlyWhileRunning(t *testing.T) {
	const meta = `<noscript><meta http-equiv="refresh" content="30"></noscript>`
	if !strings.Contains(file(t, reporttest.Running(), "index.html"), meta) {
		t.Error("a running report does not reload")
	}
	if strings.Contains(file(t, reporttest.Stopped(), "index.html"), meta) {
		t.Error("a report that is done reloads")
	}
}

func TestIDsAreUniqueOnAPage(t *testing.T) {
	r := report.Build(reporttest.Full())
	for _, f := range Site(&r) {
		if !strings.HasSuffix(f.Name, ".html") {
			continue
		}
		seen := map[string]bool{}
		for _, part := range strings.Split(string(f.Bytes), ` id="`)[1:] {
			id, _, _ := strings.Cut(part, `"`)
			if seen[id] {
				t.Errorf("%s: id %s twice", f.Name, id)
			}
			seen[id] = true
		}
	}
}

func TestNoInlineStyleOrScript(t *testing.T) {
	r := report.Build(reporttest.Full())
	for _, f := range Site(&r) {
		if !strings.HasSuffix(f.Name, ".html") {
			continue
		}
		for _, bad := range []string{" style=", "<style", "onclick", "javascript:", "http://www.w3.org/2000/svg\" onload"} {
			if strings.Contains(string(f.Bytes), bad) {
				t.Errorf("%s holds %q, which its own policy forbids", f.Name, bad)
			}
		}
	}
}

func TestBeginning(t *testing.T) {
	if got := beginning("a\nb"); got != "a\nb" {
		t.Errorf("got %q", got)
	}
	got := beginning(strings.Repeat("y\n", shownLines+7))
	if !strings.HasSuffix(got, "y\n… 7 more lines in profile.txt") || strings.Count(got, "y") != shownLines {
		t.Errorf("got %q", got[len(got)-60:])
	}
}

func TestProse(t *testing.T) {
	for in, want := range map[string]string{
		"**b** `c`":                 "<p><strong>b</strong> <code>c</code></p>\n",
		"<script>x</script>":        "<!-- raw HTML omitted -->\n",
		"[x](javascript:alert(1))":  "<p><a href=\"\">x</a></p>\n",
		"![pic](https://e.x/a.png)": "<p><a href=\"https://e.x/a.png\">pic</a></p>\n",
		"":                          "",
	} {
		if got := string(prose(in)); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestDiff(t *testing.T) {
	p := diff("diff --git a/x b/x.go\nindex 1..2 100644\n--- a/x\n+++ b/x.go\n@@ -3,2 +3,2 @@ f\n same\n-old\n+new\n\\ No newline at end of file\n")
	if len(p.Files) != 1 || p.Files[0].Name != "x.go" {
		t.Fatalf("got %+v", p.Files)
	}
	want := []diffLine{
		{Class: "h", Text: "x.go"}, {Class: "h", Text: "@@ -3,2 +3,2 @@ f"}, {Old: "3", New: "3", Words: []word{{"", "same"}}},
		{Class: "d", Old: "4", Sign: "−", Words: []word{{"", "old"}}}, {Class: "a", New: "4", Sign: "+", Words: []word{{"hk", "new"}}}, {Class: "h", Text: `\ No newline at end of file`},
	}
	if !reflect.DeepEqual(p.Files[0].Lines, want) {
		t.Errorf("got  %+v\nwant %+v", p.Files[0].Lines, want)
	}
	p = diff("@@ -1 +1 @@\n" + strings.Repeat("+x\n", 3*diffMost))
	if len(p.Files[0].Lines) != diffMost || p.Cut != 3*diffMost+1-diffMost {
		t.Errorf("%d lines, %d cut", len(p.Files[0].Lines), p.Cut)
	}
}

func TestWords(t *testing.T) {
	for _, c := range []struct{ file, line, want string }{
		{"a.rs", `let n: u64 = f(0x1F); // why`, `hk:let|: n: |hk:u64|: = |hf:f|:(|hn:0x1F|:); |hc:// why`},
		{"a.rs", `fn a<'b>(s: &'b str) -> 'x' {}`, `hk:fn|: a<'b>(s: &'b |hk:str|:) -> |hs:'x'|: {}`},
		{"a.c", `x /* y */ "a\"b" Z`, `:x |hc:/* y */|: |hs:"a\"b"|: |ht:Z`},
		{"a.py", `if x: # no`, `hk:if|: x: |hc:# no`},
		{"a.txt", `if you like 2`, `:if you like |hn:2`},
		{"a.go", `"open`, `hs:"open`},
	} {
		var got []string
		text := ""
		for _, w := range words(c.line, languageOf(c.file)) {
			got = append(got, w.Class+":"+w.Text)
			text += w.Text
		}
		if g := strings.Join(got, "|"); g != c.want || text != c.line {
			t.Errorf("%s: %s\n got %s\nwant %s", c.file, c.line, g, c.want)
		}
	}
}

func FuzzDiff(f *testing.F) {
	f.Add("@@ -1,2 +3 @@\n-x\n+y\n\n")
	f.Add("@@ -")
	f.Fuzz(func(t *testing.T, s string) {
		for _, name := range []string{"", "x.py", "x.rs", "x.js"} {
			text := ""
			for _, w := range words(s, languageOf(name)) {
				text += w.Text
			}
			if text != s {
				t.Errorf("%q became %q", s, text)
			}
		}
		diff(s)
	})
}

func FuzzProse(f *testing.F) {
	f.Add("[a](b) ![c](d) <x>\n- [ ] y\n")
	f.Fuzz(func(t *testing.T, s string) {
		if strings.Contains(strings.ToLower(string(prose(s))), "<script") {
			t.Errorf("%q runs a script", s)
		}
	})
}

// What is shown anew alone is what the page holds, and every section is found whole.
func TestSectionsAreThoseOfThePage(t *testing.T) {
	in := reporttest.Running()
	in.Live.Interim = &pipeline.Effect{Change: -.08, Rounds: 3}
	in.Live.Phase, in.Live.Why, in.Live.Left = report.PhaseWaiting, "<b>load 3.1", time.Minute
	r := report.Build(in)
	page := Site(&r)[0].Bytes
	sections := Sections(page)
	if n := strings.Count(string(page), "data-live="); len(sections) != n || n < 5 {
		t.Errorf("%d sections found of %d", len(sections), n)
	}
	for _, s := range sections {
		name, _, _ := strings.Cut(s.HTML[1:], " ")
		if !strings.HasPrefix(s.HTML, "<"+name+` id="`+s.ID+`" data-live="`+s.ID+`"`) || !strings.HasSuffix(s.HTML, "</"+name+">") {
			t.Errorf("section %s is no whole element of that id: %.80q … %q", s.ID, s.HTML, s.HTML[max(0, len(s.HTML)-20):])
		}
		if strings.Count(s.HTML, "<"+name+" ")+strings.Count(s.HTML, "<"+name+">") != strings.Count(s.HTML, "</"+name+">") {
			t.Errorf("section %s is cut in the middle", s.ID)
		}
		if s.ID == LiveID && s != Live(r.Live) {
			t.Errorf("alone, the current run is\n%s\nand in the page\n%s", Live(r.Live).HTML, s.HTML)
		}
	}
	if !strings.Contains(Live(r.Live).HTML, "&lt;b&gt;load 3.1") {
		t.Error("the reason is not shown, or not escaped")
	}
	if s := Live(nil); strings.Contains(s.HTML, "running") {
		t.Errorf("nothing runs, and yet: %s", s.HTML)
	}
	for _, s := range [][]byte{nil, []byte(`x data-live="a"`), []byte(`<p data-live="a`), []byte(`<section data-live="a"><section></section>`), []byte("<"), []byte(`<p id="a" data-live="a"><p2></p`)} {
		if got := Sections(s); len(got) > 0 {
			t.Errorf("found %v in %q", got, s)
		}
	}
}
