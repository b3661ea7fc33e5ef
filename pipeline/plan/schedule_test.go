package plan

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/benchfile/bench/pipeline"
)

// The design of a batch, whatever its size: adjacent pairs, each arm first equally often over every two rounds, every
// input once a round, warm-ups before everything.
func TestScheduleIsBalanced(t *testing.T) {
	for seed := range uint64(50) {
		inputs, rounds := 1+int(seed%6), 2+2*int(seed%5)
		visits := schedule(seed, 2, inputs, 3, 1, rounds, nil)
		if len(visits) != 2*inputs*(3+rounds) {
			t.Fatalf("%d visits", len(visits))
		}
		first := map[string]int{} // input, pair of rounds → how often the candidate came first
		perRound := map[string]int{}
		for n, v := range visits {
			if v.Warmup != (n < 2*inputs*3) {
				t.Fatalf("seed %d: visit %d: warm-up %v", seed, n, v.Warmup)
			}
			if v.Pair != (n%2 == 1) {
				t.Fatalf("seed %d: visit %d is not beside its pair", seed, n)
			}
			if n%2 == 1 && (visits[n-1].Input != v.Input || visits[n-1].Round != v.Round || visits[n-1].Arm == v.Arm) {
				t.Fatalf("seed %d: visits %d and %d are no pair", seed, n-1, n)
			}
			if v.Warmup {
				continue
			}
			perRound[fmt.Sprint(v.Round, v.Input, v.Arm)]++
			if !v.Pair && v.Arm == 1 {
				first[fmt.Sprint(v.Input, (v.Round-1)/2)]++
			}
		}
		for k, n := range perRound {
			if n != 1 {
				t.Fatalf("seed %d: %s comes %d times", seed, k, n)
			}
		}
		for i := range inputs {
			for block := range rounds / 2 {
				if n := first[fmt.Sprint(i, block)]; n != 1 {
					t.Fatalf("seed %d: input %d, rounds %d and %d: the candidate was first %d times", seed, i, 2*block+1, 2*block+2, n)
				}
			}
		}
		if !reflect.DeepEqual(visits, schedule(seed, 2, inputs, 3, 1, rounds, nil)) {
			t.Fatal("the same seed gave two schedules")
		}
	}
}

// The looks that statistics have constants for come out of runs and max_runs; others are taken as they are asked for.
func TestLooks(t *testing.T) {
	for _, c := range []struct {
		runs, most int
		asked      []int
		want       []int
	}{
		{10, 20, nil, []int{10, 15, 20}},
		{10, 40, nil, []int{10, 20, 40}},
		{10, 30, nil, []int{10, 15, 30}},
		{10, 24, nil, []int{10, 17, 24}},
		{10, 10, nil, []int{10}},
		{10, 5, nil, []int{10}},
		{1, 2, nil, []int{1, 2}},
		{10, 40, []int{10, 20, 30, 40}, []int{10, 20, 30, 40}},
	} {
		if got := Looks(pipeline.Measure{Runs: c.runs, MaxRuns: c.most, Looks: c.asked}); !reflect.DeepEqual(got, c.want) {
			t.Errorf("runs %d, at most %d, asked %v: %v, want %v", c.runs, c.most, c.asked, got, c.want)
		}
	}
}

// Looks of an odd number of rounds (10, 15, 20) leave a round without its opposite; the next batch begins with that.
func TestTheOrderIsBalancedOverBatches(t *testing.T) {
	s := study("a")
	s.Measure.Runs, s.Measure.MaxRuns = 10, 20
	w := newWorld(t, s)
	w.cost["a"] = .965        // in between: all looks are needed
	first := map[string]int{} // input and two rounds → how often the candidate came first
	rounds := 0
	for p := w.plan(Options{}); p.Next >= 0; p = w.plan(Options{}) {
		if step := p.Steps[p.Next]; step.Kind == pipeline.StepMeasure && step.Variant == "a" {
			rounds += step.Rounds
			for _, v := range p.Job.Visits {
				if !v.Warmup && !v.Pair && v.Arm == 1 {
					first[fmt.Sprint(v.Input, " ", (v.Round-1)/2)]++
				}
			}
		}
		w.run(p)
	}
	if rounds != 20 {
		t.Fatalf("%d rounds were made", rounds)
	}
	for i := range 2 {
		for block := range 10 {
			if n := first[fmt.Sprint(i, " ", block)]; n != 1 {
				t.Errorf("input %d, rounds %d and %d: the candidate was first %d times", i, 2*block+1, 2*block+2, n)
			}
		}
	}
}

// Both arms are called from paths of equal length, by the same words, in environments of the same variables: what the two
// processes are given differs in nothing but what the change is.
func TestBothArmsAreCalledAlike(t *testing.T) {
	for name, set := range map[string]func(*pipeline.Study){
		"built":     func(*pipeline.Study) {},
		"not built": func(s *pipeline.Study) { s.Build = nil },
	} {
		s := study("a")
		set(s)
		w := newWorld(t, s)
		seen := false
		for p := w.plan(Options{}); p.Next >= 0; p = w.plan(Options{}) {
			if step := p.Steps[p.Next]; step.Kind == pipeline.StepMeasure && step.Variant == "a" {
				seen = true
				base, cand := p.Job.Arms[0], p.Job.Arms[1]
				if len(p.Work) != 2 || len(p.Work[0].ID) != len(p.Work[1].ID) || p.Work[0].ID == p.Work[1].ID {
					t.Errorf("%s: folders %q and %q", name, p.Work[0].ID, p.Work[1].ID)
				}
				if !reflect.DeepEqual(base.Commands, cand.Commands) || !reflect.DeepEqual(base.Env, cand.Env) {
					t.Errorf("%s: %v in %v, and %v in %v", name, base.Commands, base.Env, cand.Commands, cand.Env)
				}
				if !p.Job.Padding || p.Job.Seed == 0 || len(p.Job.Limits) != len(p.Job.Inputs) {
					t.Errorf("%s: padding %v, seed %d, limits %v", name, p.Job.Padding, p.Job.Seed, p.Job.Limits)
				}
			}
			w.run(p)
		}
		if !seen {
			t.Errorf("%s: the candidate was not measured", name)
		}
	}
}
