package benchfile

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestText: what diagnostics look like with colour, on narrow terminals, and with source that is not fit to be shown.
func TestText(t *testing.T) {
	_, ds := Decode(Source{"b\x1b[2Jenchfile.hcl", []byte(small + "study \"s\" {\n\tobjective = \"é\x1b]0;title\a\" + 1\n}\n")}, Options{})
	plain := text(t, ds)
	if strings.ContainsAny(plain, "\x1b\a") || !strings.Contains(plain, `   11 │   objective = "é?]0;title?" + 1`) || !strings.Contains(plain, "      │               ^^^") {
		t.Errorf("plain:\n%q", plain)
	}
	var b strings.Builder
	if err := ds.Text(&b, 100, true); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); !strings.Contains(got, red+"Error[") || strings.Contains(got, "\x1b]") || strings.Contains(got, "\x1b[2J") {
		t.Errorf("colour:\n%q", got)
	}
	long := small + "study \"s\" {\n  objective = \"" + strings.Repeat("x", 300) + "\" + 1\n}\n"
	_, ds = Decode(Source{"benchfile.hcl", []byte(long)}, Options{})
	for _, width := range []int{40, 60, 80, 200} {
		b.Reset()
		if err := ds.Text(&b, width, false); err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(b.String(), "\n") {
			if utf8.RuneCountInString(line) > width && !strings.Contains(line, "help:") && !strings.Contains(line, "Error[") {
				t.Errorf("width %d: %q has %d columns", width, line, utf8.RuneCountInString(line))
			}
		}
	}
	if Diagnostics(nil).Text(&b, 80, false) != nil || tally(1, 2) != "1 error, 2 warnings. Nothing was run." || tally(0, 1) != "1 warning." {
		t.Error("tally")
	}
}

// TestNothingIsRepeated: one mistake is one error, however many inputs the expression is evaluated for.
func TestNothingIsRepeated(t *testing.T) {
	_, ds := Decode(Source{"benchfile.hcl", []byte(strings.Replace(small, `"./prog", input.path`, `"./prog", input.path + 1`, 1))}, Options{})
	if len(ds) != 1 || ds[0].Code != "E003" {
		t.Errorf("says\n%s", text(t, ds))
	}
}

// TestFormat: white space is laid out, and a text that is no HCL comes back as it was.
func TestFormat(t *testing.T) {
	for in, want := range map[string]string{
		"study \"s\"{\r\nobjective=\"x\"\r\n  budget   =   \"8h\"\r\n}": "study \"s\" {\n  objective = \"x\"\n  budget    = \"8h\"\n}\n",
		"a = 1  \n\n\n":    "a = 1\n",
		"# only a note":    "# only a note\n",
		"":                 "",
		" \n\t\n":          "",
		"measure {\n a = ": "measure {\n a = ",
	} {
		got, ds := Format([]byte(in))
		if string(got) != want || ds.HasErrors() != (in == "measure {\n a = ") {
			t.Errorf("%q became %q, want %q; %v", in, got, want, ds)
		}
	}
}
