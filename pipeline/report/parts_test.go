package report

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/benchfile/bench/pipeline"
)

func TestPercent(t *testing.T) {
	for _, c := range []struct {
		v      float64
		digits int
		want   string
	}{
		{-.065, 1, "−6.5 %"}, {.013, 1, "+1.3 %"}, {0, 1, "0.0 %"}, {-.0001, 1, "0.0 %"}, {.12345, 2, "+12.35 %"}, {-.5, 0, "−50 %"},
		{math.NaN(), 1, "–"}, {math.Inf(1), 1, "–"},
	} {
		if got := Percent(c.v, c.digits); got != c.want {
			t.Errorf("%v with %d digits: %q, want %q", c.v, c.digits, got, c.want)
		}
	}
}

func TestEffectInWords(t *testing.T) {
	for _, c := range []struct {
		e    *Effect
		want string
	}{
		{nil, "–"},
		{&Effect{Change: -.065, Lo: -.086, Hi: -.043}, "−6.5 % [−8.6, −4.3]"},
		{&Effect{Change: -.007, Lo: -.033, Hi: .019}, "−0.7 % [−3.3, +1.9], not distinguishable"},
		{&Effect{Change: -.03, Lo: -.07, Hi: .01}, "−3.0 % [−7.0, +1.0]"},
		{&Effect{Change: -.0012, Lo: -.0014, Hi: -.0010}, "−0.12 % [−0.14, −0.10]"},
		{&Effect{Change: -.3, Lo: -.6, Hi: .1}, "−30 % [−60, +10]"},
		{&Effect{Change: -.00004, Exact: true}, "−0.004 % exact"},
		{&Effect{Change: .02, Lo: None(), Hi: None()}, "+2.0 % no interval"},
	} {
		if got := c.e.Text(.02); got != c.want {
			t.Errorf("%+v: %q, want %q", c.e, got, c.want)
		}
	}
}

func TestQuantity(t *testing.T) {
	for _, c := range []struct {
		v    Number
		unit string
		want string
	}{
		{262, "s", "262.0 s"}, {60.6, "s", "60.60 s"}, {1.5, "s", "1.500 s"}, {.0123, "s", "12.30 ms"}, {4.2e-5, "s", "42.00 µs"}, {3e-9, "s", "3.000 ns"},
		{0, "s", "0.000 s"}, {12345, "s", "12\u202f345 s"}, {8500 << 20, "B", "8.301 GiB"}, {512, "B", "512 B"}, {41203118, "", "41\u202f203\u202f118"},
		{1234, "", "1234"}, {-2.5, "x", "−2.500 x"}, {None(), "s", "–"}, {1e-5, "x", "1e−05 x"}, {1e18, "", "1e+18"},
	} {
		if got := Quantity(c.v, c.unit); got != c.want {
			t.Errorf("%v %s: %q, want %q", c.v, c.unit, got, c.want)
		}
	}
}

func TestSpan(t *testing.T) {
	for s, want := range map[Number]string{0: "0 s", .2: "<1 s", 42: "42 s", 62: "62 s", 151: "2 min 31 s", 1100: "18 min", 34860: "9 h 41 min", 360000: "100 h 00 min"} {
		if got := Span(s); got != want {
			t.Errorf("%v: %q, want %q", s, got, want)
		}
	}
}

func TestNumberInJSON(t *testing.T) {
	in := []Number{0, Number(math.Copysign(0, -1)), 1.5, None(), Number(math.Inf(1)), 1e-9, 1e22, 57.07450419999999, 41203118}
	b, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	const want = "[0,0,1.5,null,null,1e-09,1e+22,57.0745042,41203118]"
	if string(b) != want {
		t.Errorf("got %s, want %s", b, want)
	}
	var back []Number
	if err := json.Unmarshal(b, &back); err != nil || len(back) != len(in) || back[3].Known() || back[2] != 1.5 {
		t.Errorf("read back %v, %v", back, err)
	}
}

func TestLayoutKeepsTheJSON(t *testing.T) {
	for _, in := range []string{
		`{}`, `[]`, `"a,b:[{"`, `{"a":{},"b":[],"c":[[1,2],[3,null]],"d":"x\"]}\\","e":{"f":[true,false]}}`, `[{"a":"` + strings.Repeat("x", 500) + `"}]`, `[1.5,` + strings.Repeat("2,", 500) + `3]`,
	} {
		var out bytes.Buffer
		if err := json.Compact(&out, layout([]byte(in))); err != nil || out.String() != in {
			t.Errorf("%s\nbecomes %s, %v", in, layout([]byte(in)), err)
		}
	}
	if got := string(layout([]byte(`{"a":[1,2],"b":[{"c":1}]}`))); got != "{\n \"a\": [1, 2],\n \"b\": [\n  {\"c\": 1}\n ]\n}\n" {
		t.Errorf("got %s", got)
	}
}

func FuzzLayout(f *testing.F) {
	f.Add([]byte(`{"a":[1,{"b":"\\\""}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var compact, back bytes.Buffer
		if json.Compact(&compact, b) != nil {
			return
		}
		if err := json.Compact(&back, layout(compact.Bytes())); err != nil || !bytes.Equal(back.Bytes(), compact.Bytes()) {
			t.Errorf("%q, %v", back.Bytes(), err)
		}
	})
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"plain text":                       "plain text",
		"a\x1b[1;31mred\x1b[0m b":          "ared b",
		"\x1b]0;title\x07x":                "x",
		"\x1b]8;;http://e\x1b\\link":       "link",
		"a\x1bcb":                          "ab",
		"a\x00\x07b":                       "ab",
		"a\r\nb\rc":                        "a\nb\nc",
		"x\u202egnp.exe":                   "xgnp.exe",
		"bad \xff utf":                     "bad \ufffd utf",
		"tab\tstays é ✓":                   "tab\tstays é ✓",
		"\x1b[" + strings.Repeat("1;", 50): strings.Repeat("1;", 50),
	} {
		if got := Clean(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("a\x1b[31mb\u202e\x00\xff\r\n")
	f.Fuzz(func(t *testing.T, s string) {
		c := Clean(s)
		if !utf8.ValidString(c) && utf8.ValidString(s) {
			t.Errorf("%q is no UTF-8", c)
		}
		if strings.ContainsAny(c, "\x1b\x00\x07\u202e\r") {
			t.Errorf("%q holds what it must not", c)
		}
		if Clean(c) != c {
			t.Errorf("%q is not settled: %q", c, Clean(c))
		}
	})
}

func TestTail(t *testing.T) {
	for _, c := range []struct {
		s    string
		n    int
		want string
	}{{"a\nb\nc\n", 2, "b\nc"}, {"a", 5, "a"}, {"", 1, ""}, {"a\nb", 2, "a\nb"}} {
		if got := tail(c.s, c.n); got != c.want {
			t.Errorf("%q: %q, want %q", c.s, got, c.want)
		}
	}
}

func TestTouchedLines(t *testing.T) {
	const patch = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -10,6 +10,7 @@ f\n keep\n-eleven\n-twelve\n+new\n keep\n keep\n+added after fourteen\n keep\n@@ -40 +41 @@\n-forty\n+40\n"
	c := Change{Text: patch, Files: []FileChange{{Path: "x"}, {Path: "y"}}}
	got := touches(c)
	if want := []span{{11, 12}, {14, 14}, {40, 40}}; !slices.Equal(got["x"], want) {
		t.Errorf("got %v, want %v", got["x"], want)
	}
	if _, ok := got["y"]; !ok {
		t.Error("a file without a hunk is forgotten")
	}
	if o := overlap(got["x"], []span{{12, 13}, {40, 50}}); !slices.Equal(o, []span{{12, 12}, {40, 40}}) {
		t.Errorf("overlap %v", o)
	}
}

func TestItems(t *testing.T) {
	const text = "1. first\n   goes on\n2) second\n\n- [ ] open\n- [x] done\n* star\n\nA paragraph\nof two lines.\n<!-- none -->\n"
	want := []Note{
		{Text: "first goes on", Source: "tracker"}, {Text: "second", Source: "tracker"}, {Text: "open", Source: "tracker"},
		{Text: "done", Done: true, Source: "tracker"}, {Text: "star", Source: "tracker"}, {Text: "A paragraph of two lines.", Source: "tracker"},
	}
	if got := items(text); !slices.Equal(got, want) {
		t.Errorf("got %+v", got)
	}
}

func TestTopFunctions(t *testing.T) {
	const ziskemu = "COST DISTRIBUTION                   COST       %\n-----\nTOP COST FUNCTIONS\n   6,757,000  59.08% Node::memoize_hashes\n   4,183,000  36.58% LEVM::execute_tx <T>\n\nTOP STEP FUNCTIONS\n  1  99.00% other\n"
	const perf = "# Overhead  Command\n    42.10%  prove    libc.so   [.] memcpy\n     7.00%  prove    prove     [.] main\n"
	for _, c := range []struct{ format, text, want string }{
		{"folded", "a;b 3\na;c 1\nbad line\na;b 4\n", "b=0.875 c=0.125"},
		{"ziskemu", ziskemu, "Node::memoize_hashes=0.5908 LEVM::execute_tx <T>=0.3658"},
		{"text", perf, "prove libc.so [.] memcpy=0.421 prove prove [.] main=0.07"},
		{"text", "no numbers here\n100% of what we do\n", "of what we do=1"},
		{"folded", "", ""},
	} {
		var got []string
		for _, f := range Top(c.format, c.text) {
			b, err := f.Share.MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, f.Name+"="+string(b))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %q, want %q", c.format, s, c.want)
		}
	}
}

func FuzzTop(f *testing.F) {
	f.Add("folded", "a;b 3\n")
	f.Add("text", "59.08% f\n")
	f.Fuzz(func(t *testing.T, format, text string) {
		for _, x := range Top(format, text) {
			if !x.Share.Known() || x.Share < 0 || x.Share > 1 {
				t.Errorf("%q has a share of %v", x.Name, x.Share)
			}
		}
	})
}

func TestLineCanBeTyped(t *testing.T) {
	for _, c := range []struct {
		in   pipeline.Command
		want string
	}{
		{pipeline.Command{Argv: []string{"a", "-x=1", "b c", "it's", "", "$HOME"}}, `a -x=1 'b c' 'it'\''s' '' '$HOME'`},
		{pipeline.Command{Argv: []string{"a | b > c"}, Shell: true}, "a | b > c"},
		{pipeline.Command{}, ""},
	} {
		if got := Line(c.in); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestGeneratorFitsEveryComment(t *testing.T) {
	for in, want := range map[string]string{
		"benchfile.hcl": "generated by bench from benchfile.hcl, do not edit",
		"a-b/c.hcl":     "generated by bench from a-b/c.hcl, do not edit",
		"--> <x> */":    "generated by bench from __x____/, do not edit",
		"":              "generated by bench",
	} {
		got := Generator(in)
		if strings.Contains(got, "--") || strings.ContainsAny(got, "<>*\n") {
			t.Errorf("%q: %q", in, got)
		}
		if in != "--> <x> */" && got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestKeptWords(t *testing.T) {
	for _, tt := range []struct {
		kept []string
		all  int // compounds included
		want string
	}{
		{nil, 0, "0 kept"}, {[]string{"001"}, 1, "1 kept"}, {[]string{"001", "004"}, 3, "2 kept"}, {nil, 1, "1 kept as a whole"},
	} {
		o := Overview{Kept: tt.kept, Counts: map[string]int{"KEEP": tt.all}}
		if got := o.KeptWords(); got != tt.want {
			t.Errorf("%v of %d: %q, want %q", tt.kept, tt.all, got, tt.want)
		}
	}
}
