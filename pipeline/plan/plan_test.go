package plan

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/benchfile/bench/pipeline"
)

func TestPlanGoesBaselineFirstThenByPriority(t *testing.T) {
	s := study("a", "b")
	s.Hypotheses[0].Priority, s.Hypotheses[1].Priority = "low", "high"
	w := newWorld(t, s)
	w.cost["a"], w.cost["b"] = .8, .9
	p := w.apply()
	want := "baseline/build baseline/check/a baseline/check/b baseline/measure/1 " +
		"002-b/build 002-b/check/a 002-b/check/b 002-b/measure/1 001-a/build 001-a/check/a 001-a/check/b 001-a/measure/1"
	if got := strings.Join(w.ran, " "); got != want {
		t.Errorf("ran\n%s\nwant\n%s", got, want)
	}
	if verdict(p, "a") != "KEEP" || verdict(p, "b") != "KEEP" {
		t.Errorf("a is %s, b is %s", verdict(p, "a"), verdict(p, "b"))
	}
}

// The laws of planning: it is a function, it ends, and what is recorded is not run again.
func TestPlanningIsAFunctionAndEnds(t *testing.T) {
	s := study("a", "b", "c", "d")
	s.Compounds = []pipeline.Compound{kept("greedy")}
	w := newWorld(t, s)
	w.cost = map[string]float64{"a": .85, "b": .9, "c": 1.2, "d": 1, "kept-001-002": .77}
	seen := map[string]bool{}
	for {
		p, q := w.plan(Options{}), w.plan(Options{})
		if !reflect.DeepEqual(strip(p), strip(q)) {
			t.Fatal("the same facts gave two plans")
		}
		if p.Next < 0 {
			break
		}
		s := p.Steps[p.Next]
		if seen[string(s.Key)] {
			t.Fatalf("%s is run a second time", s.Address)
		}
		seen[string(s.Key)] = true
		w.run(p)
	}
	n := len(w.ran)
	if w.apply(); len(w.ran) != n {
		t.Errorf("a second apply ran %v", w.ran[n:])
	}
}

// strip takes away what can't be compared: functions.
func strip(p *Plan) *Plan {
	c := *p
	c.Experiments = slices.Clone(p.Experiments)
	return &c
}

func TestVerdicts(t *testing.T) {
	tests := []struct {
		name string
		set  func(*world)
		want string
		runs string // a step that must not have run
	}{
		{"a fifth faster is kept", func(w *world) { w.cost["a"] = .8 }, "KEEP", ""},
		{"no difference is discarded", func(w *world) { w.cost["a"] = 1 }, "DISCARD", ""},
		{"slower is discarded", func(w *world) { w.cost["a"] = 1.07 }, "DISCARD", ""},
		{"a failed build is a failed experiment", func(w *world) { w.broken["001-a/build"] = "exit 2" }, "FAILED", "001-a/check/a"},
		{"a failed check rejects, however fast", func(w *world) { w.cost["a"], w.broken["001-a/check/b"] = .1, "exit 1" }, "REJECT", "001-a/measure/1"},
		{"other output rejects", func(w *world) { w.cost["a"], w.output["a"] = .1, "other" }, "REJECT", "001-a/measure/1"},
		{"a crash while measured fails", func(w *world) { w.broken["001-a/measure/1"] = "SIGSEGV" }, "FAILED", "001-a/measure/2"},
		{"an equal artifact is not measured", func(w *world) {
			w.facts.Variants["a"] = pipeline.VariantFact{Tree: tree(BaselineName)}
		}, "DISCARD", "001-a/measure/1"},
		{"a change that does not apply fails", func(w *world) {
			w.facts.Variants["a"] = pipeline.VariantFact{Error: "does not apply"}
		}, "FAILED", "001-a/build"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, study("a"))
			tt.set(w)
			p := w.apply()
			if got := verdict(p, "a"); got != tt.want {
				t.Errorf("verdict %s, want %s: %s", got, tt.want, p.Experiments[0].Why)
			}
			if tt.runs != "" && slices.Contains(w.ran, tt.runs) {
				t.Errorf("%s was run", tt.runs)
			}
		})
	}
}

// What is in a measurement's key, and what is not: thresholds, weights, names and words never cause a run.
func TestWhatCausesARun(t *testing.T) {
	tests := []struct {
		name   string
		change func(*world)
		again  bool // the candidate is measured again
	}{
		{"a threshold", func(w *world) { w.study.Criteria.Keep = .1 }, false},
		{"a weight", func(w *world) { w.study.Inputs[0].Weight = 9 }, false},
		{"a title", func(w *world) { w.study.Hypotheses[0].Title = "other" }, false},
		{"a number", func(w *world) { w.study.Hypotheses[0].Number = 7 }, false},
		{"the hypothesis's name", func(w *world) { w.study.Hypotheses[0].Name, w.cost["renamed"] = "renamed", .8 }, false},
		{"the kill factor", func(w *world) { w.study.Criteria.Timeout = 2 }, false},
		{"the budget", func(w *world) { w.study.Budget = time.Hour * 99 }, false},
		{"the load of the machine", func(w *world) { w.facts.Now = w.facts.Now.Add(time.Hour) }, false},
		{"an input", func(w *world) { w.facts.Inputs["a"] = pipeline.InputFact{Sum: tree("x")} }, true},
		{"the code of the baseline", func(w *world) { w.facts.Variants[BaselineName] = pipeline.VariantFact{Tree: tree("x")} }, true},
		{"the code of the candidate", func(w *world) { w.facts.Variants["a"] = pipeline.VariantFact{Tree: tree("x")} }, true},
		{"the measured command", func(w *world) { w.study.Measure.Commands[0].Argv = []string{"./prog", "-x"} }, true},
		{"the machine", func(w *world) { w.facts.Environment.CPU = "other" }, true},
		{"a tool's version", func(w *world) { w.facts.Environment.Tools = map[string]string{"cc": "13"} }, true},
		{"an environment variable", func(w *world) { w.facts.Identity = []pipeline.Field{{Name: "CC", Value: "clang"}} }, true},
		{"the number of warm-ups", func(w *world) { w.study.Measure.Warmup = 2 }, true},
		{"the cool-down", func(w *world) { w.study.Environment.Cooldown = time.Second }, true},
		{"a program on PATH", func(w *world) {
			w.study.Measure.Commands[0].Argv = []string{"prog"}
			w.facts.Programs["prog"] = "1"
		}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, study("a"))
			w.cost["a"] = .8
			w.apply()
			w.ran = nil
			tt.change(w)
			w.apply()
			again := slices.ContainsFunc(w.ran, func(a string) bool { return strings.Contains(a, "/measure/") && !strings.HasPrefix(a, "baseline") })
			if again != tt.again {
				t.Errorf("measured again: %v, want %v (ran %v)", again, tt.again, w.ran)
			}
		})
	}
}

// A→B→A: what was recorded for A is found again without a run.
func TestGoingBackRunsNothing(t *testing.T) {
	w := newWorld(t, study("a"))
	a := w.facts.Variants[BaselineName]
	w.apply()
	w.facts.Variants = map[string]pipeline.VariantFact{BaselineName: {Tree: tree("B")}}
	w.apply()
	w.ran = nil
	w.facts.Variants = map[string]pipeline.VariantFact{BaselineName: a}
	if w.apply(); len(w.ran) != 0 {
		t.Errorf("going back ran %v", w.ran)
	}
}

func TestCompoundsOverVerdicts(t *testing.T) {
	tests := []struct{ search, want string }{
		{"", "kept=KEEP"},
		{"pairs", "kept-001-002=KEEP kept-001-003=KEEP kept-002-003=KEEP"},
		{"all", "kept-001-002=KEEP kept-001-003=KEEP kept-002-003=KEEP kept-001-002-003=KEEP"},
		{"greedy", "kept-001-002=KEEP kept-001-002-003=KEEP"},
	}
	for _, tt := range tests {
		t.Run("search "+tt.search, func(t *testing.T) {
			s := study("a", "b", "c", "d")
			s.Compounds = []pipeline.Compound{kept(tt.search)}
			w := newWorld(t, s)
			w.cost = map[string]float64{
				"a": .80, "b": .85, "c": .9, "d": 1, "kept": .6,
				"kept-001-002": .70, "kept-001-003": .75, "kept-002-003": .78, "kept-001-002-003": .6,
			}
			p := w.apply()
			var got []string
			for _, x := range p.Experiments[4:] {
				got = append(got, x.Variant.Name+"="+verdict(p, x.Variant.Name))
				if x.Expected == nil || *x.Expected > -.2 {
					t.Errorf("%s expects %v", x.Variant.Name, x.Expected)
				}
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("got  %s\nwant %s", strings.Join(got, " "), tt.want)
			}
		})
	}
}

func TestAFailedBaselineStopsEverything(t *testing.T) {
	for _, step := range []string{"baseline/build", "baseline/check/a", "baseline/measure/1"} {
		w := newWorld(t, study("a"))
		w.broken[step] = "exit 1"
		p := w.apply()
		if p.Stopped == "" || verdict(p, "a") != "-" {
			t.Errorf("%s failed: stopped %q, verdict %s", step, p.Stopped, verdict(p, "a"))
		}
		for _, a := range w.ran {
			if strings.HasPrefix(a, "001") {
				t.Errorf("%s failed and %s ran", step, a)
			}
		}
	}
}

func TestBudgetEndsTheSession(t *testing.T) {
	s := study("a", "b")
	w := newWorld(t, s)
	s.Budget = 5 * time.Second // each step of this world takes one
	p := w.apply()
	if !strings.Contains(p.Stopped, "budget") || len(w.ran) != 5 {
		t.Errorf("stopped %q after %v", p.Stopped, w.ran)
	}
	if x := p.Experiments[1]; x.State != Skipped || !strings.Contains(x.Why, "budget") {
		t.Errorf("the second experiment is %s: %s", x.State, x.Why)
	}
}

func TestTargetsRunAlone(t *testing.T) {
	w := newWorld(t, study("a", "b"))
	for {
		p := w.plan(Options{Target: []string{"002"}})
		if p.Next < 0 {
			break
		}
		w.run(p)
	}
	for _, a := range w.ran {
		if strings.HasPrefix(a, "001") {
			t.Errorf("ran %s, which is no target", a)
		}
	}
	if !slices.Contains(w.ran, "002-b/measure/1") {
		t.Errorf("the target did not run: %v", w.ran)
	}
}

func TestGeneratedInputsAreKnownByTheirContent(t *testing.T) {
	s := study("a")
	s.Inputs[1].Generate = &pipeline.Command{Argv: []string{"./gen", "2"}}
	s.Inputs[1].Path = ".bench/inputs/b"
	w := newWorld(t, s)
	w.apply()
	if !slices.Contains(w.ran, "inputs/b") {
		t.Fatalf("the generator did not run: %v", w.ran)
	}
	// Another generator that makes the same bytes: nothing after it runs again.
	w.ran = nil
	s.Inputs[1].Generate.Argv[1] = "02"
	if w.apply(); addresses(nil) != "" || strings.Join(w.ran, " ") != "inputs/b" {
		t.Errorf("after a generator with the same result ran %v", w.ran)
	}
}

func TestABaselineThatIsNotSteadyStops(t *testing.T) {
	w := newWorld(t, study("a"))
	p := w.plan(Options{})
	for p.Next >= 0 {
		w.run(p)
		if s := p.Steps[p.Next]; s.Kind == pipeline.StepMeasure {
			w.records[s.Key].Outcome.Runs[3].Stdout = "differs"
		}
		p = w.plan(Options{})
	}
	if !strings.Contains(p.Stopped, "not the same on every run") {
		t.Errorf("stopped %q", p.Stopped)
	}
}

// A batch that the KILL rule cut short says nothing under another factor: it is measured again.
func TestAnotherKillFactorMeasuresWhatWasKilled(t *testing.T) {
	w := newWorld(t, study("a"))
	p := w.plan(Options{})
	for p.Next >= 0 {
		w.run(p)
		if s := p.Steps[p.Next]; s.Address == "001-a/measure/1" {
			o := &w.records[s.Key].Outcome
			o.Status, o.Factor, o.Reason, o.Runs = pipeline.StatusKilled, 1.1, "three strikes", o.Runs[:12]
		}
		p = w.plan(Options{})
	}
	if verdict(p, "a") != "KILL" {
		t.Fatalf("verdict %s", verdict(p, "a"))
	}
	w.ran = nil
	w.study.Criteria.Timeout = 5
	if w.apply(); !slices.Contains(w.ran, "001-a/measure/1") {
		t.Errorf("under another factor ran %v", w.ran)
	}
}

// A candidate is held against the slowest run of the baseline so far, the earlier looks and the warm-ups included.
func TestTheKillReferenceGrows(t *testing.T) {
	w := newWorld(t, study("a"))
	w.cost["a"] = .965 // in between: more looks are needed
	var sizes []int
	for {
		p := w.plan(Options{})
		if p.Next < 0 {
			break
		}
		if p.Steps[p.Next].Kind == pipeline.StepMeasure && p.Job.Strikes != nil {
			sizes = append(sizes, len(p.Job.Strikes.Reference[0]))
		}
		w.run(p)
	}
	if want := []int{11, 22, 28}; !slices.Equal(sizes, want) {
		t.Errorf("reference runs at each look: %v, want %v", sizes, want)
	}
}
