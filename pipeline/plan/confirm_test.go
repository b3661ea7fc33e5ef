package plan

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/benchfile/bench/pipeline"
)

// confirming is a study that asks for a run that confirms.
func confirming(names ...string) *pipeline.Study {
	s := study(names...)
	s.Confirm = true
	return s
}

func TestWhatIsKeptIsConfirmedOnFreshSamples(t *testing.T) {
	tests := []struct {
		name      string
		compounds []pipeline.Compound
		cost      map[string]float64
		broken    string // address of a step that fails
		confirms  string // variant
		members   string
		says      string // why it is not confirmed
	}{
		{name: "nothing kept", says: "nothing was kept"},
		{name: "one is measured once more", cost: map[string]float64{"a": .8, "accumulated": .8}, confirms: "accumulated", members: "a"},
		{name: "two are measured together", cost: map[string]float64{"a": .8, "b": .9, "accumulated": .72}, confirms: "accumulated", members: "a b"},
		{name: "a compound of all of them serves", compounds: []pipeline.Compound{kept("")},
			cost: map[string]float64{"a": .8, "b": .9, "kept": .72}, confirms: "kept", members: "a b"},
		{name: "a compound of some of them does not", compounds: []pipeline.Compound{kept("pairs")},
			cost:     map[string]float64{"a": .8, "b": .9, "c": .9, "kept-001-002": .72, "kept-001-003": .72, "kept-002-003": .81, "accumulated": .65},
			confirms: "accumulated", members: "a b c"},
		{name: "where they harm each other the best is measured once more", cost: map[string]float64{"a": .8, "b": .9, "accumulated": 1, "accumulated-2": .8},
			confirms: "accumulated-2", members: "a"},
		{name: "a gain that does not hold is not claimed", cost: map[string]float64{"a": .8, "accumulated": 1}, confirms: "accumulated", members: "a",
			says: "005-accumulated is DISCARD"},
		{name: "where they do not even build together", cost: map[string]float64{"a": .8, "b": .9, "accumulated-2": .8}, broken: "005-accumulated/build",
			confirms: "accumulated-2", members: "a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, confirming("a", "b", "c", "d"))
			w.study.Compounds = tt.compounds
			w.cost = tt.cost
			if tt.broken != "" {
				w.broken[tt.broken] = "conflict"
			}
			p := w.apply()
			members := ""
			if x := findNamed(p, p.Confirmation); x != nil {
				members = strings.Join(x.Variant.Members, " ")
			}
			if p.Confirmation != tt.confirms || members != tt.members || !strings.HasPrefix(p.Unconfirmed, tt.says) || tt.says == "" && p.Unconfirmed != "" {
				t.Errorf("%q of %s confirms, %q; want %q of %s, %q", p.Confirmation, members, p.Unconfirmed, tt.confirms, tt.members, tt.says)
			}
			n := len(w.ran)
			if w.apply(); len(w.ran) != n {
				t.Errorf("a second apply ran %v", w.ran[n:])
			}
			if distinct := slices.Compact(slices.Sorted(slices.Values(w.ran))); len(distinct) != len(w.ran) {
				t.Errorf("an address ran twice: %v", w.ran)
			}
		})
	}
}

func findNamed(p *Plan, name string) *Experiment {
	for i := range p.Experiments {
		if p.Experiments[i].Variant.Name == name {
			return &p.Experiments[i]
		}
	}
	return nil
}

// The one that is measured once more is not built again, and its samples are others than those that it was chosen by.
func TestAConfirmationSharesTheBuildAndNotTheSamples(t *testing.T) {
	w := newWorld(t, confirming("a"))
	w.cost = map[string]float64{"a": .8, "accumulated": .8}
	p := w.apply()
	ran := strings.Join(w.ran, " ")
	if strings.Contains(ran, "002-accumulated/build") || strings.Contains(ran, "002-accumulated/check") || !strings.Contains(ran, "002-accumulated/measure/1") {
		t.Errorf("ran %s", ran)
	}
	a, again := findNamed(p, "a"), findNamed(p, "accumulated")
	if again.Confirms != "001-a" || a.Verdict.Effect.Change == again.Verdict.Effect.Change {
		t.Errorf("confirms %q, with %v and %v", again.Confirms, a.Verdict.Effect.Change, again.Verdict.Effect.Change)
	}
}

func TestNothingIsConfirmedUnasked(t *testing.T) {
	w := newWorld(t, study("a"))
	w.cost["a"] = .8
	if p := w.apply(); p.Confirmation != "" || p.Unconfirmed != "" || len(p.Experiments) != 1 {
		t.Errorf("confirmation %q %q, %d experiments", p.Confirmation, p.Unconfirmed, len(p.Experiments))
	}
}

func TestABudgetMayLeaveItUnconfirmed(t *testing.T) {
	w := newWorld(t, confirming("a"))
	w.cost["a"] = .8
	w.study.Budget = 8 * time.Second // what building, checking and measuring both takes
	p := w.apply()
	if verdict(p, "a") != "KEEP" || !strings.HasPrefix(p.Unconfirmed, "the budget of") {
		t.Errorf("unconfirmed: %q", p.Unconfirmed)
	}
}

func TestQValuesCountWhatWasMeasured(t *testing.T) {
	w := newWorld(t, confirming("a", "b", "c"))
	w.cost = map[string]float64{"a": .8, "accumulated": .8}
	w.output["c"] = "other"
	p := w.apply()
	for name, want := range map[string]int{"a": 2, "b": 2, "c": 0, "accumulated": 0} {
		v := findNamed(p, name).Verdict
		if v.QOf != want || (v.Q != nil) != (want > 0) {
			t.Errorf("%s: q %v of %d, want of %d", name, v.Q, v.QOf, want)
		}
	}
	if a, b := *findNamed(p, "a").Verdict.Q, *findNamed(p, "b").Verdict.Q; a > .001 || b < .5 {
		t.Errorf("q of a gain %v, of none %v", a, b)
	}
}

func TestDiminishingReturns(t *testing.T) {
	tests := []struct {
		name     string
		patience int
		cost     map[string]float64
		output   map[string]string
		ran      string // numbers of the hypotheses that were measured
		stopped  string
	}{
		{"three in a row end it", 3, nil, nil, "1 2 3", "diminishing returns: the last 3 finished experiments (001, 002, 003) each gained less than 1 %"},
		{"a gain begins anew", 3, map[string]float64{"c": .8}, nil, "1 2 3 4 5 6", "diminishing returns: the last 3 finished experiments (004, 005, 006)"},
		{"what gained little but perhaps more goes on", 3, map[string]float64{"b": .97}, nil, "1 2 3 4 5", "diminishing returns: the last 3 finished experiments (003, 004, 005)"},
		{"slower is no gain", 3, map[string]float64{"a": 1.2, "b": 1.3, "c": 1.05}, nil, "1 2 3", "diminishing returns"},
		{"what was wrong says nothing", 3, nil, map[string]string{"b": "other"}, "1 3 4", "diminishing returns: the last 3 finished experiments (001, 003, 004)"},
		{"zero never stops", 0, nil, nil, "1 2 3 4 5 6 7", ""},
		{"ten is more than there are", 10, nil, nil, "1 2 3 4 5 6 7", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, study("a", "b", "c", "d", "e", "f", "g"))
			w.study.Patience = tt.patience
			if tt.cost != nil {
				w.cost = tt.cost
			}
			if tt.output != nil {
				w.output = tt.output
			}
			p := w.apply()
			var ran []string
			for _, a := range w.ran {
				if strings.HasSuffix(a, "/measure/1") && a[0] == '0' {
					ran = append(ran, a[2:3])
				}
			}
			if got := strings.Join(ran, " "); got != tt.ran || !strings.HasPrefix(p.Stopped, tt.stopped) || tt.stopped == "" && p.Stopped != "" {
				t.Errorf("measured %s and stopped %q; want %s and %q", got, p.Stopped, tt.ran, tt.stopped)
			}
			if tt.stopped != "" {
				if last := findNamed(p, "g"); last.State != Skipped || last.Why != p.Stopped {
					t.Errorf("the last one is %s: %s", last.State, last.Why)
				}
			}
		})
	}
}

// Whoever names an experiment gets it, and what was kept is confirmed all the same.
func TestDiminishingReturnsStopHypothesesOnly(t *testing.T) {
	w := newWorld(t, confirming("a", "b", "c", "d", "e"))
	w.study.Patience = 3
	w.study.Compounds = []pipeline.Compound{kept("")}
	w.cost = map[string]float64{"a": .8, "accumulated": .8}
	p := w.apply()
	if verdict(p, "e") != "-" || p.Confirmation != "accumulated" || p.Unconfirmed != "" || !strings.HasPrefix(p.Stopped, "diminishing returns") {
		t.Fatalf("e is %s, %q confirms, %q, stopped %q", verdict(p, "e"), p.Confirmation, p.Unconfirmed, p.Stopped)
	}
	for range 100 {
		if p = w.plan(Options{Target: []string{"e"}}); p.Next < 0 {
			break
		}
		w.run(p)
	}
	if verdict(p, "e") != "DISCARD" {
		t.Errorf("e as a target is %s", verdict(p, "e"))
	}
}

func TestLeaveOneOut(t *testing.T) {
	w := newWorld(t, study("a", "b", "c", "d"))
	w.study.Compounds = []pipeline.Compound{kept("leave-one-out")}
	w.cost = map[string]float64{"a": .8, "b": .85, "c": .9, "kept-001-002-003": .68, "kept-002-003": .765, "kept-001-003": .68, "kept-001-002": .66}
	p := w.apply()
	var got []string
	for _, x := range p.Experiments[4:] {
		got = append(got, x.Variant.Name)
	}
	if want := "kept-001-002-003 kept-002-003 kept-001-003 kept-001-002"; strings.Join(got, " ") != want {
		t.Fatalf("got %v", got)
	}
	said := strings.Join(findNamed(p, "kept-001-002-003").Verdict.Warnings, "\n")
	for _, want := range []string{"001 adds −11.", "002 adds nothing to the others that could be told from noise: ", "003 harms the others: +3."} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not in\n%s", want, said)
		}
	}
}
