package benchfile

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/benchfile/bench/pipeline"
)

// dump is a study as text. Members of compounds are shown as they are with no verdict, and with KEEP for all.
func dump(t *testing.T, s *pipeline.Study) string {
	t.Helper()
	type fields pipeline.Study
	out, err := json.MarshalIndent(struct {
		fields
		Compounds struct{} // instead of those of the study, which hold functions
	}{fields: fields(*s)}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.Write(out)
	b.WriteString("\n")
	keep := map[string]pipeline.VerdictKind{}
	for _, h := range s.Hypotheses {
		keep[h.Name] = pipeline.Keep
	}
	for _, c := range s.Compounds {
		fmt.Fprintf(&b, "compound %s %d %q %q at %s\n", c.Name, c.Number, c.Title, c.Search, c.At)
		for _, verdicts := range []map[string]pipeline.VerdictKind{nil, keep} {
			members, known, err := c.Of(verdicts)
			fmt.Fprintf(&b, "  %d verdicts: %v known=%v %v\n", len(verdicts), members, known, err)
		}
	}
	return b.String()
}

// TestGood compares what Benchfiles decode to with what was reviewed.
func TestGood(t *testing.T) {
	for _, path := range glob(t, "testdata/good/*.hcl") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			study, ds := Decode(Source{filepath.Base(path), read(t, path)}, testOptions())
			if study == nil || len(ds) > 0 {
				t.Fatalf("not decoded:\n%s", text(t, ds))
			}
			golden(t, strings.TrimSuffix(path, ".hcl")+".json.txt", dump(t, study))
		})
	}
}

// small is a study without mistakes, to which a test adds what it is about.
const small = `
measure {
  command = ["./prog", input.path]
}
check { same_output = ["stdout"] }
input "light" { path = "light.bin" }
input "heavy" { path = "heavy.bin" }
hypothesis "cache" { patch = "cache.patch" }
hypothesis "arena" { patch = "arena.patch" }
`

// decode decodes a text that has no errors.
func decode(t *testing.T, src string, opt Options) (*pipeline.Study, Diagnostics) {
	t.Helper()
	study, ds := Decode(Source{"benchfile.hcl", []byte(src)}, opt)
	if study == nil {
		t.Fatalf("not decoded:\n%s", text(t, ds))
	}
	return study, ds
}

func TestDefaults(t *testing.T) {
	s, ds := decode(t, small, Options{})
	if len(ds) > 0 {
		t.Errorf("warnings: %v", ds)
	}
	m, c := s.Measure, s.Criteria
	if m.Executor != "process" || m.Warmup != 3 || m.Runs != 10 || m.MaxRuns != 20 || s.Baseline.Runs != 10 {
		t.Errorf("measure is %+v, baseline %+v", m, s.Baseline)
	}
	if want := (pipeline.Criteria{Keep: 0.05, Maybe: 0.02, Alpha: 0.05, MaxCV: 0.1, InputRegression: 0.05, Timeout: 1.1}); c != want {
		t.Errorf("criteria are %+v, want %+v", c, want)
	}
	if len(s.Metrics) != 1 || s.Primary().Name != "time" || s.Primary().Unit != "s" || !s.Metrics[0].Primary {
		t.Errorf("metrics are %+v", s.Metrics)
	}
	if s.Hypotheses[0].Number != 1 || s.Hypotheses[1].Number != 2 || s.Check.PerInput || s.Check.Commands != nil {
		t.Errorf("hypotheses are %+v, check %+v", s.Hypotheses, s.Check)
	}
}

func TestPerInput(t *testing.T) {
	for src, want := range map[string]bool{
		`check { command = ["./check"] }`:                         false,
		`check { command = ["./check", input.path] }`:             true,
		`check { command = ["./check", "${input.name}.ok"] }`:     true,
		"check {\n command = [\"./check\"]\n dir = input.name\n}": true,
		`check { command = [for input in ["./check"] : input] }`:  false, // a name of its own
	} {
		s, _ := decode(t, strings.Replace(small, `check { same_output = ["stdout"] }`, src, 1), Options{})
		if s.Check.PerInput != want || len(s.Check.Commands) != 2 {
			t.Errorf("%s: per input is %v, commands %v", src, s.Check.PerInput, s.Check.Commands)
		}
	}
}

func TestExpect(t *testing.T) {
	for in, want := range map[string][2]float64{
		"20-40%": {0.2, 0.4}, "20% to 40%": {0.2, 0.4}, "5%": {0.05, 0.05}, "about 7.5 %, maybe more": {0.075, 0.075},
		"40–20 %": {0.2, 0.4}, "-24%": {0.24, 0.24}, "some": {}, "": {}, "8 of 10": {},
	} {
		got := expect(in)
		if d := got.Lo - want[0]; d > 1e-12 || d < -1e-12 || got.Text != in {
			t.Errorf("%q: %+v, want %v", in, got, want)
		}
		if d := got.Hi - want[1]; d > 1e-12 || d < -1e-12 {
			t.Errorf("%q: %+v, want %v", in, got, want)
		}
	}
}

func TestCompoundFollowsVerdicts(t *testing.T) {
	s, _ := decode(t, small+`hypothesis "simd" { env = { SIMD = 1 } }
compound "kept" { of = [for h in hypothesis : h if h.verdict == KEEP] }
compound "third" { of = [hypothesis.cache, hypothesis.arena, hypothesis.simd] }
compound "high" { of = [for h in hypothesis : h if h.priority == "medium"] }
`, Options{})
	type verdicts = map[string]pipeline.VerdictKind
	for _, c := range []struct {
		name     string
		compound int
		given    verdicts
		want     []string
		known    bool
	}{
		{"nothing is known", 0, nil, nil, false},
		{"one is kept, others may follow", 0, verdicts{"arena": pipeline.Keep}, []string{"arena"}, false},
		{"all are known", 0, verdicts{"arena": pipeline.Keep, "cache": pipeline.Discard, "simd": pipeline.Keep}, []string{"arena", "simd"}, true},
		{"none is kept", 0, verdicts{"arena": pipeline.Failed, "cache": pipeline.Discard, "simd": pipeline.Reject}, nil, true},
		{"listed ones need no verdict", 1, nil, []string{"cache", "arena", "simd"}, true},
		{"other fields need no verdict", 2, nil, []string{"cache", "arena", "simd"}, true},
	} {
		for range 2 { // asking twice gives the same
			got, known, err := s.Compounds[c.compound].Of(c.given)
			if err != nil || known != c.known || !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, known %v, %v; want %v, %v", c.name, got, known, err, c.want, c.known)
			}
		}
	}
}

func TestDecodeIsDeterministic(t *testing.T) {
	for _, path := range append(glob(t, "testdata/bad/*.hcl"), glob(t, "testdata/good/*.hcl")...) {
		src := Source{filepath.Base(path), read(t, path)}
		first, ds := Decode(src, testOptions())
		again, ds2 := Decode(src, testOptions())
		if text(t, ds) != text(t, ds2) || (first == nil) != (again == nil) {
			t.Errorf("%s: two decodes differ", path)
		} else if first != nil && dump(t, first) != dump(t, again) {
			t.Errorf("%s: two studies differ", path)
		}
	}
}

func TestExplain(t *testing.T) {
	s, ok := Explain("e012")
	if !ok || !strings.HasPrefix(s, "E012: a reference names something that is not declared\n\n") {
		t.Errorf("explains %q, %v", s, ok)
	}
	if _, ok := Explain("E999"); ok {
		t.Error("explains a code that is not there")
	}
	if codes := Codes(); !slices.IsSorted(codes[:len(codes)-3]) || len(slices.Compact(codes)) != len(Codes()) {
		t.Errorf("codes are %v", codes)
	}
}

// A second input that is wrong is there: nobody is told that there is only one.
func TestAWrongInputIsAnInput(t *testing.T) {
	_, ds := Decode(Source{Name: "b.hcl", Bytes: []byte(`
measure { command = ["./prog", input.path] }
check { same_output = ["stdout"] }
input "light" { path = "light.bin" }
input "go txt" { path = "heavy.bin" }
`)}, testOptions())
	if len(ds) != 1 || ds[0].Code != codeBadName {
		t.Errorf("%+v", ds)
	}
}
