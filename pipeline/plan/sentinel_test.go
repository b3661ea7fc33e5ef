package plan

import (
	"slices"
	"strings"
	"testing"
)

// slowerFrom is a machine that becomes 6 % slower with the step named and stays so.
func slowerFrom(address string) func(string) float64 {
	slow := false
	return func(a string) float64 {
		slow = slow || a == address
		if slow {
			return 1.06
		}
		return 1
	}
}

func TestTheBaselineIsMeasuredAgainAfterThreeShiftsInARow(t *testing.T) {
	w := newWorld(t, study("a", "b", "c", "d", "e"))
	w.cost["e"] = .8
	w.speed = slowerFrom("002-b/measure/1")
	p := w.apply()
	at := slices.Index(w.ran, "baseline/measure/2")
	if at < 0 || !strings.HasPrefix(w.ran[at-1], "004-d/measure/") || w.ran[at+1] != "005-e/build" {
		t.Fatalf("ran %v", w.ran)
	}
	if slices.Contains(w.ran, "baseline/measure/3") {
		t.Errorf("the machine stayed as it was then, and the baseline was measured a third time")
	}
	for i, want := range []bool{false, true, true, true, false} {
		if s := p.Experiments[i].Sentinel; s == nil || s.Moved != want {
			t.Errorf("%s: sentinel %+v, want moved %v", p.Experiments[i].Variant.ID(), s, want)
		}
	}
	if verdict(p, "e") != "KEEP" || verdict(p, "b") != "DISCARD" {
		t.Errorf("verdicts %s %s: the machine is no reason for one", verdict(p, "e"), verdict(p, "b"))
	}
	if r := p.BaselineRecord(); r == nil || r.Address != "baseline/measure/2" {
		t.Errorf("what stands is %+v", r)
	}
	if len(p.Warnings) != 1 || !strings.Contains(p.Warnings[0].Text, "decided before: 001, 002, 003, 004") {
		t.Errorf("warnings %+v", p.Warnings)
	}
	// It is a function of what is recorded: nothing runs again, and the same is told.
	n := len(w.ran)
	if again := w.apply(); len(w.ran) != n || len(again.Warnings) != 1 {
		t.Errorf("a second apply ran %v", w.ran[n:])
	}
}

func TestTwoShiftsAreNotThree(t *testing.T) {
	w := newWorld(t, study("a", "b", "c"))
	w.speed = slowerFrom("002-b/measure/1")
	p := w.apply()
	if slices.Contains(w.ran, "baseline/measure/2") {
		t.Errorf("measured again after two")
	}
	if v := p.Experiments[1].Verdict; !strings.Contains(strings.Join(v.Warnings, "\n"), "against the baseline's own measurement; the verdict compares") {
		t.Errorf("warnings of the verdict: %q", v.Warnings)
	}
}

// Experiments may be recorded beside a baseline whose own measurement is not (any more): it is made again first.
func TestRecordedExperimentsWithoutTheBaselinesMeasurement(t *testing.T) {
	w := newWorld(t, study("a"))
	w.cost["a"] = .8
	w.apply()
	w.study.Baseline.Runs = 12
	w.ran = nil
	if p := w.apply(); strings.Join(w.ran, " ") != "baseline/measure/1" || verdict(p, "a") != "KEEP" {
		t.Errorf("ran %v", w.ran)
	}
}
