package pipeline

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// seen is a run of which nothing is known but what went on beside it.
func seen(set func(*Run)) Run {
	r := Run{Around: Unknown()}
	r.Around.Span, r.Around.Runs, r.Around.Foreign = 1, 1, 0
	set(&r)
	return r
}

func calm(*Run) {}

// foreign has others use so many CPUs.
func foreign(cpus float64) func(*Run) { return func(r *Run) { r.Around.Foreign = cpus } }

func rule() *Contamination {
	return &Contamination{Cores: 4, Taken: .05, Pressure: .05, Throttle: true, Share: .2}
}

func TestWhatContaminatesAPair(t *testing.T) {
	for _, c := range []struct {
		name string
		pair [2]func(*Run)
		want string // part of the reason; "" = none
	}{
		{"nothing beside it", [2]func(*Run){calm, calm}, ""},
		{"as much of the machine as is allowed", [2]func(*Run){foreign(.2), foreign(.2)}, ""},
		{"more than that", [2]func(*Run){foreign(.21), foreign(.21)}, "other programs took 5.2 %"},
		{"a burst in one of the two, whichever", [2]func(*Run){foreign(.5), calm}, "6.2 %"},
		{"and the other way round", [2]func(*Run){calm, foreign(.5)}, "6.2 %"},
		{"the hypervisor", [2]func(*Run){func(r *Run) { r.Around.Steal = .2 }, calm}, "the hypervisor took 10.0 %"},
		{"a run that was held up, however short", [2]func(*Run){calm, func(r *Run) { r.Around, r.Halted = Unknown(), "the command was stopped" }}, "the command was stopped"},
		{"nothing can be read", [2]func(*Run){func(r *Run) { r.Around = Unknown() }, func(r *Run) { r.Around = Unknown() }}, ""},
		{"too short for ticks of 10 ms", [2]func(*Run){
			func(r *Run) { r.Around.Foreign, r.Around.Span = 4, .09 }, func(r *Run) { r.Around.Foreign, r.Around.Span = 4, .1 }}, ""},
		{"long enough together", [2]func(*Run){
			func(r *Run) { r.Around.Foreign, r.Around.Span = 4, .1 }, func(r *Run) { r.Around.Foreign, r.Around.Span = 4, .1 }}, "100.0 %"},
		{"one reading for both", [2]func(*Run){
			func(r *Run) { r.Around = Unknown() }, func(r *Run) { r.Around.Foreign, r.Around.Span, r.Around.Runs = 1, .25, 2 }}, "25.0 %"},
		{"readings shared with the pair before", [2]func(*Run){
			func(r *Run) { r.Around.Foreign, r.Around.Runs = 4, 2 }, func(r *Run) { r.Around.Runs, r.Around.Span = 0, 0 }}, ""},
		{"readings not complete", [2]func(*Run){foreign(4), func(r *Run) { r.Around = Unknown() }}, ""},
		{"its own processes outlived it", [2]func(*Run){func(r *Run) { r.Around.Foreign, r.Survivors = 1, 1 }, calm}, ""},
		{"heat", [2]func(*Run){func(r *Run) { r.Around.Throttled = 2 }, calm}, "throttled for its heat (2 times)"},
		{"memory short in both", [2]func(*Run){
			func(r *Run) { r.Around.MemPressure = .3 }, func(r *Run) { r.Around.MemPressure = .2 }}, "memory was short for 20.0 %"},
		{"memory short in one, which may be its own doing", [2]func(*Run){
			func(r *Run) { r.Around.MemPressure = .3 }, func(r *Run) { r.Around.MemPressure = 0 }}, ""},
		{"every CPU busy, with its own threads perhaps", [2]func(*Run){
			func(r *Run) { r.Around.CPUPressure = 1 }, func(r *Run) { r.Around.CPUPressure = 1 }}, ""},
	} {
		got := rule().Reason([]Run{seen(c.pair[0]), seen(c.pair[1])})
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if got := (*Contamination)(nil).Reason([]Run{seen(foreign(4))}); got != "" {
		t.Errorf("without a rule: %q", got)
	}
}

// What a run took, and whose it was, is nothing to the rule.
func TestContaminationIsBlind(t *testing.T) {
	for _, cpus := range []float64{0, .1, .3, 4} {
		want := rule().Reason([]Run{seen(foreign(cpus)), seen(foreign(cpus / 2))})
		for _, seconds := range []float64{1e-3, 1, 1e6} {
			pair := []Run{seen(foreign(cpus)), seen(foreign(cpus / 2))}
			for i, arm := range []string{"candidate", "baseline"} {
				pair[i].Arm, pair[i].Metrics = arm, map[string]float64{"time": seconds * float64(i+1), "cpu": seconds}
			}
			if got := rule().Reason(pair); got != want {
				t.Errorf("%v CPUs, %v s: %q, want %q", cpus, seconds, got, want)
			}
		}
	}
}

// batch carries a job out; disturbed says by its position which run others disturbed.
func batch(job *Job, disturbed func(n int) bool) (made []int, runs []Run, stop string) {
	repeats := job.Repeats()
	for i := range job.Visits {
		made = append(made, i)
	}
	for n := 0; n < len(made) && stop == ""; n++ {
		set := calm
		if disturbed(n) {
			set = foreign(4)
		}
		runs = append(runs, seen(set))
		var again []int
		again, stop = repeats.Ended(made[n], runs)
		made = append(made, again...)
	}
	return made, runs, stop
}

// twenty pairs after a warm-up of two.
func pairs(c *Contamination) *Job {
	j := &Job{Contamination: c, Visits: []Visit{{Warmup: true}, {Arm: 1, Warmup: true, Pair: true}}}
	for r := range 20 {
		j.Visits = append(j.Visits, Visit{Round: r + 1, Arm: r % 2}, Visit{Round: r + 1, Arm: 1 - r%2, Pair: true})
	}
	return j
}

func TestRepeats(t *testing.T) {
	for _, c := range []struct {
		name      string
		rule      *Contamination
		disturbed []int
		again     []int // visits made once more
		discarded []int // runs
		stop      string
	}{
		{"a quiet batch", rule(), nil, nil, nil, ""},
		{"warm-ups are no data", rule(), []int{0, 1}, nil, nil, ""},
		{"no rule", nil, []int{2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, nil, nil, ""},
		{"the first run of a pair: both are made again, at the end", rule(), []int{4}, []int{4, 5}, []int{4, 5}, ""},
		{"the second run of a pair", rule(), []int{7}, []int{6, 7}, []int{6, 7}, ""},
		{"a repeated pair may be disturbed too", rule(), []int{4, 43}, []int{4, 5, 4, 5}, []int{4, 5, 42, 43}, ""},
		{"a fifth of the pairs", rule(), []int{2, 10, 20, 30}, []int{2, 3, 10, 11, 20, 21, 30, 31}, []int{2, 3, 10, 11, 20, 21, 30, 31}, ""},
		{"one more", rule(), []int{2, 10, 20, 30, 41}, nil, []int{2, 3, 10, 11, 20, 21, 30, 31, 40, 41}, "environment: 5 of 20 pairs were disturbed"},
	} {
		job := pairs(c.rule)
		made, runs, stop := batch(job, func(n int) bool { return slices.Contains(c.disturbed, n) })
		var discarded []int
		for n, r := range runs {
			if r.Discarded != "" {
				discarded = append(discarded, n)
			}
		}
		if !strings.HasPrefix(stop, c.stop) || (stop == "") != (c.stop == "") || !slices.Equal(discarded, c.discarded) {
			t.Errorf("%s: stopped %q, discarded %v; want %q, %v", c.name, stop, discarded, c.stop, c.discarded)
		}
		if again := made[len(job.Visits):]; c.stop == "" && !slices.Equal(again, c.again) {
			t.Errorf("%s: made again %v, want %v", c.name, again, c.again)
		}
	}
}

// Whatever is disturbed: either the batch stops, or every pair has exactly one run of each arm that counts, side by side.
func TestRepeatsKeepPairsWhole(t *testing.T) {
	for seed := range 200 {
		job := pairs(rule())
		made, runs, stop := batch(job, func(n int) bool { return (n*n+seed)%17 == seed%13 })
		if stop != "" {
			continue
		}
		counts := map[string]int{}
		for n, r := range runs {
			v := job.Visits[made[n]]
			if v.Warmup || r.Discarded != "" {
				continue
			}
			counts[fmt.Sprint(v.Round, v.Arm)]++
			if v.Pair && (runs[n-1].Discarded != "" || made[n-1] != made[n]-1) {
				t.Fatalf("seed %d: run %d is not beside its pair's other run", seed, n)
			}
		}
		for k, n := range counts {
			if n != 1 || len(counts) != 40 {
				t.Fatalf("seed %d: %s counts %d times; %d runs count", seed, k, n, len(counts))
			}
		}
	}
}
