package judge

import (
	"strings"
	"testing"
	"time"

	"github.com/benchfile/bench/pipeline"
)

// restlessWorld is calm with another CV.
func restlessWorld(change, cv float64) world { w := calm(change); w.cv = cv; return w }

// What is said of restless runs goes through the workflow's remedies in its order, and says of each what was found.
func TestTheLadderSaysWhatWasLookedFor(t *testing.T) {
	read := func(throttled float64) func(*pipeline.Run) {
		return func(r *pipeline.Run) { r.Around.Span, r.Around.Runs, r.Around.Throttled = 1, 1, throttled }
	}
	for _, c := range []struct {
		name string
		set  func(Evidence) Evidence
		want []string // in this order
	}{
		{"nothing can be read", func(e Evidence) Evidence { return e },
			[]string{"thermal throttling cannot be read here;", "background processes were not looked for;", "no cool-down is set", "20 rounds; the interval, ±"}},
		{"everything was looked for and nothing found", func(e Evidence) Evidence {
			e.Batches[0].Others, e.Batches[0].Cooldown, e.Batches[0].After.CPUTemperature = []pipeline.Process{}, time.Second, 61
			return e.each("", read(0))
		}, []string{"no thermal throttling (hottest reading: 61 °C)", "no background process that lasted took 5 % of a CPU", "cool-down 1s", "20 rounds"}},
		{"heat and a neighbour", func(e Evidence) Evidence {
			e.Batches[0].Others = []pipeline.Process{{PID: 42, Name: "cc1plus", CPU: .613}, {PID: 7, Name: "backup", CPU: .06}}
			e.Looks = []int{10, 40}
			return e.each("baseline", read(2))
		}, []string{"throttled for its heat during 40 of 40 runs", "cc1plus (pid 42, 61 % of a CPU), backup (pid 7, 6 % of a CPU)", "20 of at most 40 rounds"}},
		{"a longer cool-down", func(e Evidence) Evidence {
			later := restlessWorld(-.03, .13)
			later.seed = 7
			more := later.batch(e.Inputs, 10)
			for i := range more.Runs {
				more.Runs[i].Round += 20
			}
			e.Batches[0].Cooldown, more.Cooldown = time.Second, 2*time.Second
			e.Batches = append(e.Batches, more)
			return e
		}, []string{"cool-down raised from 1s to 2s", "30 rounds"}},
	} {
		d := Experiment(c.set(measured(restlessWorld(-.03, .13), 20)))
		all := strings.Join(d.Verdict.Warnings, "\n")
		rest := all
		for _, w := range c.want {
			_, after, ok := strings.Cut(rest, w)
			if !ok {
				t.Errorf("%s: after the words before it there is no %q in\n%s", c.name, w, all)
				break
			}
			rest = after
		}
		if !d.Restless {
			t.Errorf("%s: not restless", c.name)
		}
	}
	if d := Experiment(measured(calm(-.08), 20)); d.Restless || strings.Contains(strings.Join(d.Verdict.Warnings, ""), "cool-down") {
		t.Errorf("calm runs: %v", d.Verdict.Warnings)
	}
}

// The raw CV decides nothing: what does is how well pairs agree (workflow 4.6, "gate on the achieved interval width").
func TestWideSpreadWithNarrowPairsIsDecided(t *testing.T) {
	drift := func(r *pipeline.Run) { r.Metrics["time"] *= 1 + float64(r.Round%5) } // all of both arms alike
	d := Experiment(measured(calm(-.08), 20).each("", drift))
	if d.Verdict.Kind != pipeline.Keep || !d.Restless {
		t.Errorf("%s (%s), restless %v", d.Verdict.Kind, d.Verdict.Reason, d.Restless)
	}
}

// Pairs that were measured again are no data, whatever they say, in the statistics, the KILL rule and its reference alike.
func TestDiscardedPairsDecideNothing(t *testing.T) {
	plain := Experiment(measured(calm(-.08), 20))
	e := measured(calm(-.08), 20)
	var wild []pipeline.Run
	for _, r := range e.Batches[0].Runs[:12] {
		r.Discarded, r.Metrics = "others", map[string]float64{"time": 1e6}
		if r.Arm == candidateArm {
			r.Metrics["time"] = 1e9
		}
		wild = append(wild, r)
	}
	e.Batches[0].Runs = append(wild, e.Batches[0].Runs...)
	d := Experiment(e)
	if d.Verdict.Kind != plain.Verdict.Kind || *d.Verdict.Effect != *plain.Verdict.Effect || d.Verdict.Reason != plain.Verdict.Reason {
		t.Errorf("%s %s, without them %s %s", d.Verdict.Kind, d.Verdict.Reason, plain.Verdict.Kind, plain.Verdict.Reason)
	}
	for i, r := range d.Verdict.Rules {
		if counts := r.Name == "runs" || r.Name == "baseline"; !counts && r != plain.Verdict.Rules[i] {
			t.Errorf("rule %+v, without them %+v", r, plain.Verdict.Rules[i])
		}
	}
	// A crash is one wherever it happens.
	e.Batches[0].Runs[0].Exit, e.Batches[0].Runs[0].Arm = 3, candidateArm
	if d := Experiment(e); d.Verdict.Kind != pipeline.Failed {
		t.Errorf("a crash in a discarded pair: %s", d.Verdict.Kind)
	}
}
