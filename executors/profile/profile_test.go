package profile

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// read parses a file of testdata.
func read(t testing.TB, format, file string) Profile {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	p, err := Parse(format, raw)
	if err != nil {
		t.Fatal(err)
	}
	if p.Text != string(raw) {
		t.Error("the text is not what was read")
	}
	return p
}

// table is a profile's top as text: "self inclusive name", shares in percent with three decimals.
func table(functions []Function) string {
	var b strings.Builder
	share := func(v float64) string {
		if v == Unknown {
			return "-"
		}
		return fmt.Sprintf("%.3f", v*100)
	}
	for _, f := range functions {
		fmt.Fprintf(&b, "%7s %7s %s\n", share(f.Self), share(f.Inclusive), f.Name)
	}
	return b.String()
}

// What the top of the files in testdata must be, computed by other means (a script over their numbers).
const (
	spin = ` 96.973 100.000 inner_hash
  1.453   1.453 finish_task_switch.isra.0
  1.090   2.542 irqentry_exit_to_user_mode
  0.121   0.484 handle_softirqs
`
	ziskTotal = `      -  95.444 guest_program::execution::execution_program
      -  52.289 ethrex_vm::backends::levm::LEVM::execute_block
      -  48.029 ethrex_vm::backends::levm::LEVM::execute_tx
      -  36.073 ethrex_trie::encodedtrie::EncodedTrie::hash::recursive
`
	ziskVariable = `      -  95.938 guest_program::execution::execution_program
      -  52.559 ethrex_vm::backends::levm::LEVM::execute_block
      -  48.277 ethrex_vm::backends::levm::LEVM::execute_tx
      -  36.260 ethrex_trie::encodedtrie::EncodedTrie::hash::recursive
`
)

func TestGolden(t *testing.T) {
	tests := []struct {
		format, file string
		total        float64
		of           string
		top          string
	}{
		{"folded", "spin.folded", 828485434, "", spin},
		{"ziskemu", "ziskemu-v0.13.0.txt", 57038392183, "COST", ziskTotal},
		{"ziskemu", "ziskemu-v0.15.0.txt", 57038392183, "COST", ziskTotal},
		{"ziskemu", "ziskemu-v0.16.1.txt", 57038392183, "COST", ziskTotal},
		{"ziskemu", "ziskemu-v0.18.0.txt", 56744790903, "VARIABLE COST", ziskVariable},
		{"ziskemu", "ziskemu-v0.18.0-nosep.txt", 56744790903, "VARIABLE COST", ziskVariable},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			p := read(t, tt.format, tt.file)
			if p.Total != tt.total || p.Of != tt.of {
				t.Errorf("total %v of %q, want %v of %q", p.Total, p.Of, tt.total, tt.of)
			}
			if diff := cmp.Diff(tt.top, table(p.Top(4))); diff != "" {
				t.Errorf("top (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParse(t *testing.T) {
	const head = "TOP COST FUNCTIONS (COST, % COST, CALLS, FUNCTION)\n-----\n"
	tests := []struct {
		name, format, in string
		want             string // the whole table
		err              string
	}{
		{"a function that calls itself is counted once", "folded", "a;b;b;a;b 3\na;c 1\n", " 75.000  75.000 b\n 25.000  25.000 c\n  0.000 100.000 a\n", ""},
		{"names hold blanks", "folded", "main;operator new (x) 2\n", "100.000 100.000 operator new (x)\n  0.000 100.000 main\n", ""},
		{"addresses are one unknown", "folded", "a;0x7f00 1\na;0x7f10 1\na; 2\n", "100.000 100.000 [unknown]\n  0.000 100.000 a\n", ""},
		{"build marks are removed", "folded", "x::y::h0123456789abcdef 1\nx::y::hfedcba9876543210 1\ncore[8f3c21aa]::ptr 2\n", " 50.000  50.000 core::ptr\n 50.000  50.000 x::y\n", ""},
		{"windows line ends and blank lines", "folded", "a;b 1\r\n\r\n", "100.000 100.000 b\n  0.000 100.000 a\n", ""},
		{"a line without a count", "folded", "a;b 1\na;b\n", "", `folded profile: line 2: "a;b" is not "frame;frame;frame COUNT"`},
		{"a count that is negative", "folded", "a;b -1\n", "", "line 1"},
		{"a count without a stack", "folded", " 12\n", "", "line 1"},
		{"nothing counted", "folded", "a;b 0\n", "", "nothing was counted"},
		{"nothing at all", "folded", "", "", "nothing was counted"},
		{"two profiles in one", "folded", "a;b 1 2\na;c 3 4\n", "", "ends in two numbers"},
		{"counts beyond a float", "folded", "a " + strings.Repeat("9", 309) + "\n", "", "line 1"},

		{"no table", "ziskemu", "REPORT\nSTEPS 5\n", "", `no table "TOP COST FUNCTIONS": ziskemu prints it with -X -S`},
		{"the legacy report", "ziskemu", "TOTAL COST: 57038392183\nSTEPS: 498004423\n", "", "with -X -S"},
		{"an empty table", "ziskemu", head + "\n", "", "line 1: the table TOP COST FUNCTIONS is empty"},
		{"shares as printed where the whole is not", "ziskemu", head + "  1,000  50.25%  7 <a as b<c, d>>::e f\n", "      -  50.250 <a as b<c, d>>::e f\n", ""},
		{"the guest's own table is not the report's", "ziskemu", head + " 9 9.00% 1 guest\n\n" + head + " 5 5.00% 1 real\n", "      -   5.000 real\n", ""},
		{"a row that is none", "ziskemu", head + " 5 5.00% 1 a\nwarning: x\n", "", `line 4: "warning: x" is not a row of the table TOP COST FUNCTIONS`},
		{"a row with a column too few", "ziskemu", head + " 5 5.00% name\n", "", "COST, % COST, CALLS, FUNCTION"},
		{"a row without a share", "ziskemu", head + " 5 1 a\n", "", "line 3"},
		{"a header of another version", "ziskemu", "TOP COST FUNCTIONS (NAME, COST)\n", "", "line 1"},
		{"steps are not costs", "ziskemu", "TOP STEP FUNCTIONS (STEPS, % STEPS, CALLS, FUNCTION)\n---\n 5 5.00% 1 a\n", "", "no table"},

		{"text is kept as it is", "text", "\x1b[1manything\x00", "", ""},
		{"a format that is none", "pprof", "", "", `no profile format is called "pprof"; there are text, folded, ziskemu`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := Parse(tt.format, []byte(tt.in))
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("error %v, want %q", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, table(p.Top(100))); diff != "" || p.Text != tt.in {
				t.Errorf("text %q, table (-want +got):\n%s", p.Text, diff)
			}
		})
	}
}

func TestTop(t *testing.T) {
	p := read(t, "folded", "spin.folded")
	for n, want := range map[int]int{-1: 0, 0: 0, 2: 2, 1000: len(p.Functions)} {
		if got := len(p.Top(n)); got != want {
			t.Errorf("Top(%d) has %d functions, want %d", n, got, want)
		}
	}
}

func TestDelta(t *testing.T) {
	full := func(fs ...Function) Profile { return Profile{Functions: fs, Complete: true} }
	list := func(of string, fs ...Function) Profile { return Profile{Functions: fs, Of: of} }
	tests := []struct {
		name          string
		before, after Profile
		want          string // name, By in percent, "inclusive" and "unknown" where so
	}{
		{"the largest change is first", full(Function{"a", .5, .5}, Function{"b", .3, .5}), full(Function{"a", .45, .5}, Function{"b", .4, .5}), "b +10.0\na -5.0\n"},
		{"absent from a complete profile is zero", full(Function{"a", .5, .5}), full(Function{"b", .2, .2}), "a -50.0\nb +20.0\n"},
		{"absent from a list of the top is unknown", list("", Function{"a", -1, .5}, Function{"c", -1, .4}), list("", Function{"b", -1, .2}, Function{"c", -1, .3}), "c -10.0 inclusive\na +0.0 unknown\nb +0.0 unknown\n"},
		{"a known self share goes before an inclusive one", full(Function{"a", .5, .9}), list("", Function{"a", .4, .2}), "a -10.0\n"},
		{"shares of different things do not compare", list("COST", Function{"a", -1, .5}), list("VARIABLE COST", Function{"a", -1, .6}), "a +0.0 unknown inclusive\n"},
		{"the same name twice is two functions", list("", Function{"a", -1, .5}, Function{"a", -1, .1}), list("", Function{"a", -1, .5}, Function{"a", -1, .4}), "a +30.0 inclusive\na +0.0 inclusive\n"},
		{"nothing", Profile{}, Profile{}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got strings.Builder
			for _, c := range Delta(tt.before, tt.after) {
				fmt.Fprintf(&got, "%s %+.1f", c.Name, c.By*100)
				if !c.Known {
					got.WriteString(" unknown")
				}
				if c.Inclusive {
					got.WriteString(" inclusive")
				}
				got.WriteString("\n")
			}
			if diff := cmp.Diff(tt.want, got.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestDeltaOfItself holds that a profile does not differ from itself.
func TestDeltaOfItself(t *testing.T) {
	for _, p := range []Profile{read(t, "folded", "spin.folded"), read(t, "ziskemu", "ziskemu-v0.18.0.txt")} {
		changes := Delta(p, p)
		if len(changes) != len(p.Functions) {
			t.Errorf("%d changes of %d functions", len(changes), len(p.Functions))
		}
		for _, c := range changes {
			if c.By != 0 || !c.Known {
				t.Errorf("%s changed by %v (known %v)", c.Name, c.By, c.Known)
			}
		}
	}
}

// fuzz holds what is true of every profile that could be read.
func fuzz(f *testing.F, format string, whole bool) {
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := Parse(format, raw)
		if err != nil {
			return
		}
		self := 0.0
		for _, fn := range p.Functions {
			if fn.Name == "" || fn.Self != Unknown && !(fn.Self >= 0) || !(fn.Inclusive >= 0) || math.IsInf(fn.Inclusive, 0) {
				t.Errorf("%+v", fn)
			}
			self += fn.Self
		}
		if whole && math.Abs(self-1) > 1e-9 {
			t.Errorf("the self shares add up to %v", self)
		}
		if len(p.Functions) == 0 {
			t.Error("no functions and no error")
		}
		Delta(p, p)
	})
}

func FuzzFolded(f *testing.F) {
	f.Add([]byte("a;b;c 5\na;b 1\n"))
	f.Add([]byte("a 1 2\n0x12;;x::h0123456789abcdef 0.5\n"))
	fuzz(f, "folded", true)
}

func FuzzZiskemu(f *testing.F) {
	for _, file := range []string{"ziskemu-v0.13.0.txt", "ziskemu-v0.18.0-nosep.txt"} {
		raw, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	fuzz(f, "ziskemu", false)
}
