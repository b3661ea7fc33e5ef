package process

import (
	"strings"
	"testing"
	"time"

	"github.com/benchfile/bench/pipeline"
)

func twoArms(s *pipeline.Strikes) pipeline.Job {
	return pipeline.Job{Kind: pipeline.StepMeasure, Inputs: []string{"typical", ""}, Strikes: s,
		Arms:   []pipeline.Arm{{Name: "baseline"}, {Name: "candidate"}},
		Visits: make([]pipeline.Visit, 2), Limits: []time.Duration{time.Minute, 0}}
}

func TestAfter(t *testing.T) {
	for _, c := range []struct {
		name   string
		visit  pipeline.Visit
		run    pipeline.Run
		status pipeline.Status
		reason string
	}{
		{"a run that went well", pipeline.Visit{}, pipeline.Run{}, pipeline.StatusOK, ""},
		{"an exit status", pipeline.Visit{Arm: 1, Round: 3}, pipeline.Run{Exit: 2}, pipeline.StatusFailed, "measure candidate on typical, run 3: exit 2"},
		{"a shell's word for a signal", pipeline.Visit{Arm: 1, Round: 3}, pipeline.Run{Exit: 134}, pipeline.StatusFailed, "measure candidate on typical, run 3: exit 134 (SIGABRT)"},
		{"a signal", pipeline.Visit{Warmup: true}, pipeline.Run{Exit: -1, Signal: "SIGSEGV"}, pipeline.StatusFailed, "measure baseline on typical, warm-up: ended by SIGSEGV"},
		{"not started, input without a name", pipeline.Visit{Input: 1, Round: 1}, pipeline.Run{Exit: -1, Error: "cannot start"}, pipeline.StatusFailed, "measure baseline, run 1: cannot start"},
		{"the limit", pipeline.Visit{Round: 2}, pipeline.Run{Exit: -1, Signal: "SIGKILL", TimedOut: true}, pipeline.StatusTimeout, "measure baseline on typical, run 2: not done after 1m0s"},
	} {
		status, reason := newRules(twoArms(nil)).after(c.visit, c.run)
		if status != c.status || reason != c.reason {
			t.Errorf("%s: %s %q, want %s %q", c.name, status, reason, c.status, c.reason)
		}
	}
}

// Where two overruns in a row are asked for, they are counted for each arm and input alone.
func TestOverruns(t *testing.T) {
	job := twoArms(nil)
	job.Overruns = 2
	r := newRules(job)
	for n, c := range []struct {
		arm, input int
		over       bool
		want       pipeline.Status
	}{
		{1, 0, true, pipeline.StatusOK}, {0, 0, true, pipeline.StatusOK}, {1, 1, true, pipeline.StatusOK},
		{1, 0, false, pipeline.StatusOK}, {1, 0, true, pipeline.StatusOK}, {0, 0, false, pipeline.StatusOK},
		{1, 1, true, pipeline.StatusTimeout},
	} {
		if got, _ := r.after(pipeline.Visit{Arm: c.arm, Input: c.input, Round: n + 1}, pipeline.Run{TimedOut: c.over}); got != c.want {
			t.Fatalf("run %d: %s, want %s", n+1, got, c.want)
		}
	}
}

func TestStrikes(t *testing.T) {
	type pair struct{ base, candidate float64 }
	same := func(n int, p pair) (out []pair) {
		for range n {
			out = append(out, p)
		}
		return out
	}
	for _, c := range []struct {
		name      string
		reference []float64
		pairs     []pair
		killed    int // after so many pairs; 0 = never
	}{
		{"as fast", nil, same(20, pair{1, 1}), 0},
		{"just within the factor", nil, same(20, pair{1, 1.1}), 0},
		{"twice as slow", nil, same(20, pair{1, 2}), 3},
		{"slower than the slowest of the reference only at times", []float64{1, 1, 3}, same(20, pair{1, 3.2}), 0},
		{"slower than the slowest of the reference", []float64{1, 1, 3}, same(20, pair{1, 3.4}), 3},
		{"two in a row, then one that is fine", nil, []pair{{1, 2}, {1, 2}, {1, 1}, {1, 2}, {1, 2}, {1, 1}}, 0},
		{"the baseline of the pair was disturbed too", []float64{1, 1, 1, 1, 1}, []pair{{1, 2}, {1, 2}, {1.5, 2}, {1.5, 2}, {1, 2}, {1, 2}}, 5},
		{"the machine got slow for both", []float64{1, 1, 1, 1, 1, 1, 1, 1, 1}, same(3, pair{2, 2.1}), 0},
	} {
		for _, order := range [][2]int{{0, 1}, {1, 0}} {
			r := newRules(twoArms(&pipeline.Strikes{Factor: 1.1, Consecutive: 3, Reference: [][]float64{c.reference, nil}}))
			killed := 0
			for i, p := range c.pairs {
				for _, arm := range order {
					seconds := []float64{p.base, p.candidate}[arm]
					v := pipeline.Visit{Arm: arm, Round: i + 1}
					status, reason := r.after(v, pipeline.Run{Metrics: map[string]float64{"time": seconds}})
					if status == pipeline.StatusKilled && killed == 0 {
						killed = i + 1
						if !strings.HasPrefix(reason, "measure candidate on typical, run ") {
							t.Errorf("%s: %q", c.name, reason)
						}
					}
				}
			}
			if killed != c.killed {
				t.Errorf("%s, order %v: killed after %d pairs, want %d", c.name, order, killed, c.killed)
			}
		}
	}
}

// TestLiteralStrikes holds the workflow's rule as it is written: one run above the factor of the median ends it.
func TestLiteralStrikes(t *testing.T) {
	r := newRules(twoArms(&pipeline.Strikes{Factor: 1.1, Consecutive: 3, Literal: true, Reference: [][]float64{{1, 1, 3}, nil}}))
	for i, c := range []struct {
		arm     int
		seconds float64
		want    pipeline.Status
	}{
		{0, 1, pipeline.StatusOK}, {1, 1.09, pipeline.StatusOK}, // slower than the median, within the factor
		{0, 5, pipeline.StatusOK}, {1, 1.12, pipeline.StatusKilled}, // its own control does not excuse it
	} {
		v := pipeline.Visit{Arm: c.arm, Round: i/2 + 1}
		if got, why := r.after(v, pipeline.Run{Metrics: map[string]float64{"time": c.seconds}}); got != c.want {
			t.Errorf("run %d: %s (%s), want %s", i, got, why, c.want)
		}
	}
}

func TestWarmUpsDoNotStrike(t *testing.T) {
	r := newRules(twoArms(&pipeline.Strikes{Factor: 1.1, Consecutive: 1}))
	for _, v := range []pipeline.Visit{{Arm: 0, Warmup: true}, {Arm: 1, Warmup: true}} {
		if status, _ := r.after(v, pipeline.Run{Metrics: map[string]float64{"time": float64(1 + 9*v.Arm)}}); status != pipeline.StatusOK {
			t.Error("a warm-up struck")
		}
	}
}

func TestStretch(t *testing.T) {
	visits := []pipeline.Visit{{}, {Pair: true}, {}, {Pair: true}}
	for _, c := range []struct {
		cooldown time.Duration
		todo     []int
		want     int
	}{
		{0, []int{0, 1, 2, 3}, 4}, {0, []int{3}, 4}, {time.Second, []int{0, 1, 2, 3}, 2}, {time.Second, []int{1, 2, 3}, 2}, {time.Second, []int{2, 3}, 4},
		{0, []int{2, 3, 0, 1}, 4}, {0, []int{0, 1, 0, 1}, 2}, {time.Second, []int{3, 0, 1}, 4},
	} {
		if got := stretch(pipeline.Job{Visits: visits, Cooldown: c.cooldown}, c.todo); got != c.want {
			t.Errorf("stretch of %v with a cool-down of %v: until %d, want %d", c.todo, c.cooldown, got, c.want)
		}
	}
}

func TestEnviron(t *testing.T) {
	base := []string{"A=1", "B=2", "PATH=/bin"}
	got := strings.Join(environ(base, map[string]string{"B": "x=y", "0": ""}), " ")
	if got != "0= A=1 B=x=y PATH=/bin" || strings.Join(base, " ") != "A=1 B=2 PATH=/bin" {
		t.Errorf("%s from %v", got, base)
	}
}

func TestPaddingIsOfTheSeed(t *testing.T) {
	draw := func(seed uint64) (out [64]int) {
		p := newPadding(seed)
		for i := range out {
			out[i] = p.of(i)
			if out[i] < 0 || out[i] > 4095 || len(padVariable(out[i])) != len("BENCH_PAD=")+out[i] {
				t.Fatalf("padding of %d", out[i])
			}
		}
		return out
	}
	first, again, other := draw(1), draw(1), draw(2)
	if first != again || first == other {
		t.Error("the same seed must give the same paddings, another one others")
	}
}
