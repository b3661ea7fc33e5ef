package metric

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/benchfile/bench/pipeline"
)

// left writes what a run left and returns it as an Output.
func left(t testing.TB, stdout, stderr string, files map[string]string) Output {
	t.Helper()
	dir := t.TempDir()
	put := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	out := Output{Stdout: put("1", stdout), Stderr: put("2", stderr)}
	paths := map[string]string{}
	for name, text := range files {
		paths[name] = put("file-"+name, text)
	}
	out.File = func(rel string) (string, bool) { p, ok := paths[rel]; return p, ok }
	return out
}

// from is a metric in a unit that is extracted so.
func from(kind, source, expr, unit string) pipeline.Metric {
	return pipeline.Metric{Name: "m", Unit: unit, From: &pipeline.Extract{Kind: kind, Source: source, Expr: expr}}
}

const ziskemu = "process_rom() steps=85309 duration=0.0009 tp=89.8565 Msteps/s freq=3051.0000 33.9542 clocks/step\n"

func TestExtract(t *testing.T) {
	long := strings.Repeat("x", lineCap)
	tests := []struct {
		name   string
		metric pipeline.Metric
		stdout string
		want   float64
		err    string // part of the message; "" = none
	}{
		{"the first group is the number", from("regex", "stdout", `steps=(\d+)`, ""), ziskemu, 85309, ""},
		{"without groups the whole match is", from("regex", "", `[\d.]+ clocks`, ""), ziskemu, 0, `no number: "clocks" follows`},
		{"a group that took no part is passed over", from("regex", "stdout", `(?:A=(\d+)|B=(\d+))`, ""), "B=7\n", 7, ""},
		{"colours are removed", from("regex", "stdout", `time: ([\d.]+) s`, "s"), "\x1b[1;32mtime: \x1b[0m1.5 s\x1b]0;title\a\n", 1.5, ""},
		{"a carriage return begins anew", from("regex", "stdout", `^done (\d+)$`, ""), "working\rdone 3\r\n", 3, ""},
		{"a line without an end counts", from("regex", "stdout", `n=(\d+)`, ""), "n=4", 4, ""},
		{"the same value twice is fine", from("regex", "stdout", `n=([\d.]+)`, ""), "n=4\nn=4.0\n", 4, ""},
		{"different values are an error naming both lines", from("regex", "stdout", `n=(\d+)`, ""), "n=4\nx\nn=5\n", 0,
			`stdout: different values fit, line 1 "n=4" and line 3 "n=5"; make it fit only one of them`},
		{"different values in one line too", from("regex", "stdout", `n=(\d+)`, ""), "n=4 n=5\n", 0, "line 1"},
		{"no match says how much was searched", from("regex", "stdout", `n=(\d+)`, ""), "a\nb\n", 0,
			`no line of stdout matches "n=(\\d+)" (2 lines searched)`},
		{"an empty output says so", from("regex", "stdout", `n`, ""), "", 0, "it is empty"},
		{"a pattern that is none", from("regex", "stdout", `n=(`, ""), "n", 0, "missing closing )"},
		{"a pattern over lines is refused", from("regex", "stdout", `a\nb(\d)`, ""), "a\nb1", 0, "spans lines"},
		{"NaN is refused with its line", from("regex", "stdout", `n=(\S+)`, ""), "n=NaN\n", 0, `line 1 of stdout, "n=NaN": it is not a finite number`},
		{"what does not fit is refused", from("regex", "stdout", `n=(\S+)`, ""), "n=1e400\n", 0, "too large"},
		{"only 64 KiB of a line are searched", from("regex", "stdout", `n=(\d+)`, ""), long + "n=4\n", 0, "1 line searched, of 1 of them only the first 64 KiB"},
		{"half a number is none", from("regex", "stdout", `n=(\d+)`, ""), long[:lineCap-4] + " n=1234\n", 0, "only the first 64 KiB"},
		{"lines after a long one are searched", from("regex", "stdout", `n=(\d+)`, ""), long + "n=4\nn=5\n", 5, ""},

		{"milliseconds become seconds", from("regex", "stdout", `t=(\S+)`, "ms"), "t=812.33\n", 0.81233, ""},
		{"KiB become bytes", from("regex", "stdout", `m=(\S+)`, "KiB"), "m=3\n", 3072, ""},
		{"the unit behind the number wins", from("regex", "stdout", `in (\S+),`, "s"), "Execution completed in 802.31ms, steps: 5\n", 0.80231, ""},
		{"a Go duration", from("regex", "stdout", `t=(\S+)`, "s"), "t=1m30.5s\n", 90.5, ""},
		{"a time is no size", from("regex", "stdout", `t=(\S+)`, "B"), "t=5ms\n", 0, `is in ms, but the metric's unit is "B"`},
		{"percent stays percent", from("regex", "stdout", `hit ([\d.]+)%`, "%"), "hit 67.92%\n", 67.92, ""},

		{"a key", from("key", "stdout", "steps", ""), ziskemu, 85309, ""},
		{"a key with a colon", from("key", "stdout", "steps", ""), "steps:\t123\n", 123, ""},
		{"a key of several words", from("key", "stdout", "TOTAL COST", ""), "TOTAL COST: 57038392183\n", 57038392183, ""},
		{"a key in quotes", from("key", "stdout", "steps", ""), `{"a":1,"steps": 123,"b":2}`, 123, ""},
		{"a number at the end of a sentence", from("key", "stdout", "steps", ""), "steps: 498,004,423.\n", 498004423, ""},
		{"a key with a unit behind", from("key", "stdout", "time", "s"), "time = 152µs;\n", 152e-6, ""},
		{"a key is a whole word", from("key", "stdout", "steps", ""), "total_steps=5 sub.steps=6 my-steps=7 stepsize=8\n", 0, `no "steps=NUMBER" or "steps: NUMBER" in stdout (1 line searched)`},
		{"a key without a number says what follows", from("key", "stdout", "steps", ""), "steps: none\n", 0, `the key is in "steps: none", but no number follows`},
		{"prose before the number does not matter", from("key", "stdout", "steps", ""), "steps: see below\nsteps: 5\n", 5, ""},
		{"a key that is NaN", from("key", "stdout", "x", ""), "x=nan\n", 0, "not a finite number"},
		{"a key that is negative", from("key", "stdout", "x", ""), "x=-1.5e-3\n", -0.0015, ""},
		{"a path is no number", from("key", "stdout", "x", ""), "x=12/34\n", 0, "no number follows"},
		{"an empty key", from("key", "stdout", " ", ""), "x=1\n", 0, "the key is empty"},

		{"jq", from("jq", "stdout", ".results[0].mean", "s"), `{"results":[{"mean":0.25}]}`, 0.25, ""},
		{"jq in milliseconds", from("jq", "stdout", ".ms", "ms"), `{"ms":250}`, 0.25, ""},
		{"jq over JSON lines", from("jq", "stdout", `select(.e=="done").t`, ""), "{\"e\":\"start\"}\n{\"e\":\"done\",\"t\":7}\n", 7, ""},
		{"jq passes over null where another is a number", from("jq", "stdout", `.t`, ""), "{}\n{\"t\":7}\n", 7, ""},
		{"jq null names the keys", from("jq", "stdout", ".stps", ""), `{"steps":1,"cost":2}`, 0, `gives null; stdout has the keys cost, steps`},
		{"jq null of a list", from("jq", "stdout", ".[9]", ""), `[1,2]`, 0, "a list of 2"},
		{"jq gives a string", from("jq", "stdout", ".a", ""), `{"a":"12"}`, 0, `the string "12", not a number; add "| tonumber"`},
		{"jq gives an object", from("jq", "stdout", ".", ""), `{"a":1}`, 0, `gives {"a":1}, not a number`},
		{"jq gives several values", from("jq", "stdout", ".[]", ""), `[1,2]`, 0, "different values: 1 in document 1 and 2"},
		{"jq gives nothing", from("jq", "stdout", "empty", ""), `[1]`, 0, "gives nothing (1 documents read)"},
		{"jq gives infinity", from("jq", "stdout", "infinite", ""), `1`, 0, "not a finite number"},
		{"jq gives an error", from("jq", "stdout", ".a", ""), `3`, 0, "expected an object"},
		{"jq halts", from("jq", "stdout", "halt", ""), `3`, 0, "halts without a value"},
		{"jq sees no environment", from("jq", "stdout", "env|length", ""), `3`, 0, ""},
		{"jq filter that is none", from("jq", "stdout", ".[", ""), `3`, 0, "jq filter"},
		{"jq on text", from("jq", "stdout", ".a", ""), "hello\n", 0, "stdout: no JSON at byte 1, after 0 whole documents"},
		{"jq on a cut document", from("jq", "stdout", ".a", ""), `{"a":`, 0, "ends in the middle"},
		{"jq on nothing", from("jq", "stdout", ".a", ""), "", 0, "holds no JSON: it is empty"},

		{"the size of a file", from("file_size", "proof.bin", "", "B"), "", 5, ""},
		{"the size of a file is in bytes whatever the unit", from("file_size", "proof.bin", "", "KiB"), "", 5, ""},
		{"the size of a stream", from("file_size", "stdout", "", "B"), "abc", 3, ""},
		{"a file that is not there", from("file_size", "nope.bin", "", "B"), "", 0, `the run left no file "nope.bin"`},
		{"a metric in a file", from("regex", "log.txt", `n=(\d+)`, ""), "", 9, ""},
		{"a metric in stderr", from("key", "stderr", `e`, ""), "", 8, ""},
		{"a metric in a file that is not there", from("key", "x/log.txt", `e`, ""), "", 0, `the run left no file "x/log.txt"`},

		{"a kind that is none", from("xpath", "stdout", `e`, ""), "", 0, `"xpath"`},
		{"a metric that is built in", pipeline.Metric{Name: "time"}, "", 0, "built in"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := left(t, tt.stdout, "e=8\n", map[string]string{"proof.bin": "12345", "log.txt": "n=9\n"})
			got, err := Extract(tt.metric, out)
			check(t, got, err, tt.want, tt.err)
		})
	}
}

// check compares a value or a message.
func check(t *testing.T, got float64, err error, want float64, message string) {
	t.Helper()
	switch {
	case message == "" && err != nil:
		t.Fatalf("error %v, want %v", err, want)
	case message == "" && got != want:
		t.Errorf("got %v, want %v", got, want)
	case message != "" && err == nil:
		t.Errorf("got %v, want an error with %q", got, message)
	case message != "" && !strings.Contains(err.Error(), message):
		t.Errorf("error %q\nwant it to contain %q", err, message)
	}
}

func TestNothingWasWritten(t *testing.T) {
	for _, kind := range []string{"regex", "key", "jq"} {
		if v, err := Extract(from(kind, "stdout", ".x", ""), Output{}); err == nil || !strings.Contains(err.Error(), "empty") {
			t.Errorf("%s: %v, %v; want an error that says the output is empty", kind, v, err)
		}
	}
}

func TestNumber(t *testing.T) {
	exact := pipeline.Metric{Unit: "s", Exact: true}
	tests := []struct {
		text   string
		metric pipeline.Metric
		want   float64
		err    string
	}{
		{"42", pipeline.Metric{}, 42, ""},
		{"+.5", pipeline.Metric{}, 0.5, ""},
		{"5.", pipeline.Metric{}, 5, ""},
		{"-1.5E+3", pipeline.Metric{}, -1500, ""},
		{"0", pipeline.Metric{}, 0, ""},
		{"0e-999", pipeline.Metric{}, 0, ""},
		{"498,004,423", pipeline.Metric{Unit: "s"}, 498004423, ""},
		{"1,234", pipeline.Metric{}, 1234, ""},
		{"1,234", pipeline.Metric{Unit: "B"}, 1234, ""},
		{"1,234", exact, 1234, ""},
		{"1,234", pipeline.Metric{Unit: "s"}, 0, "can mean 1000 times as much"},
		{"1,234.5", pipeline.Metric{Unit: "s"}, 1234.5, ""},
		{"1_234", pipeline.Metric{Unit: "s"}, 1234, ""},
		{"1,23", pipeline.Metric{}, 0, "no number"},
		{"0,123", pipeline.Metric{}, 0, "no number"},
		{"1234,567", pipeline.Metric{}, 0, "no number"},
		{"1,234_567", pipeline.Metric{}, 0, "no number"},
		{"0x10", pipeline.Metric{}, 0, "no number"},
		{"1 2", pipeline.Metric{}, 0, "no number"},
		{"", pipeline.Metric{}, 0, `"" is no number`},
		{"-Inf", pipeline.Metric{}, 0, "finite"},
		{"infinity", pipeline.Metric{}, 0, "finite"},
		{"1e400", pipeline.Metric{}, 0, "too large"},
		{"1e-400", pipeline.Metric{}, 0, "too small"},
		{"1e3 GiB", pipeline.Metric{Unit: "B"}, 1e3 * (1 << 30), ""},
		{"1e308 TiB", pipeline.Metric{Unit: "B"}, 0, "finite"},
		{"1.5 GiB", pipeline.Metric{Unit: "KiB"}, 1.5 * (1 << 30), ""},
		{"-2h45m", pipeline.Metric{Unit: "ms"}, -9900, ""},
		{"12 apples", pipeline.Metric{Unit: "apples"}, 12, ""},
		{"12 apples", pipeline.Metric{Unit: "pears"}, 0, "no number"},
	}
	for _, tt := range tests {
		t.Run(tt.text+" "+tt.metric.Unit, func(t *testing.T) {
			got, err := number(tt.text, tt.metric)
			check(t, got, err, tt.want, tt.err)
		})
	}
}

func TestBase(t *testing.T) {
	tests := []struct {
		unit   string
		factor float64
		base   string
	}{
		{"s", 1, "s"}, {"ms", 1e-3, "s"}, {"µs", 1e-6, "s"}, {"ns", 1e-9, "s"}, {"h", 3600, "s"},
		{"B", 1, "B"}, {"kB", 1000, "B"}, {"KiB", 1024, "B"}, {"GiB", 1 << 30, "B"},
		{"", 1, ""}, {"steps", 1, "steps"}, {"%", 1, "%"},
	}
	for _, tt := range tests {
		if factor, base := Base(tt.unit); factor != tt.factor || base != tt.base {
			t.Errorf("Base(%q) = %v, %q; want %v, %q", tt.unit, factor, base, tt.factor, tt.base)
		}
	}
}

// TestBaseOfBase holds that a base unit is its own base: converting twice is converting once.
func TestBaseOfBase(t *testing.T) {
	for _, u := range units {
		if factor, base := Base(u.base); factor != 1 || base != u.base {
			t.Errorf("the base of %s, %s, has the base %v %s", u.name, u.base, factor, base)
		}
	}
}

func FuzzNumber(f *testing.F) {
	for _, s := range []string{"1", "1e9", "1,000,000", "1_000", "NaN", "0x1p-2", "1e400", "5ms", "1h2m", "1,5", "९"} {
		f.Add(s, "s")
		f.Add(s, "")
	}
	f.Fuzz(func(t *testing.T, text, unit string) {
		v, err := number(text, pipeline.Metric{Unit: unit})
		if err == nil && (math.IsNaN(v) || math.IsInf(v, 0)) {
			t.Errorf("number(%q) = %v", text, v)
		}
		if err == nil && !strings.ContainsAny(text, "0123456789") {
			t.Errorf("number(%q) = %v without a digit", text, v)
		}
	})
}

func FuzzExtract(f *testing.F) {
	f.Add([]byte(ziskemu), "steps", uint8(0))
	f.Add([]byte(`{"steps": 12, "x": null}`), ".steps", uint8(1))
	f.Add([]byte("\x1b[31msteps=1\x1b\r\nsteps: 1,000"), `steps=(\d+)`, uint8(2))
	f.Fuzz(func(t *testing.T, output []byte, expr string, kind uint8) {
		k := []string{"key", "jq", "regex"}[kind%3]
		if k == "jq" {
			expr = ".steps" // a filter may loop by right; it is the document that is not ours
		}
		v, err := Extract(from(k, "stdout", expr, "s"), left(t, string(output), "", nil))
		if err == nil && (math.IsNaN(v) || math.IsInf(v, 0)) {
			t.Errorf("%s %q gives %v", k, expr, v)
		}
		if err != nil && strings.ContainsAny(err.Error(), "\x1b\n\r") && k != "regex" {
			t.Errorf("%s %q: the message %q would act on a terminal", k, expr, err)
		}
	})
}

func BenchmarkRegex(b *testing.B) {
	out := left(b, strings.Repeat("some line of a log that says nothing\n", 10000)+ziskemu, "", nil)
	m := from("regex", "stdout", `steps=(\d+)`, "")
	for b.Loop() {
		if _, err := Extract(m, out); err != nil {
			b.Fatal(err)
		}
	}
}
