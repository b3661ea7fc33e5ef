package judge

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/stats"
)

// worlds are experiments of every size of effect and noise.
func worlds(n int, do func(seed uint64, e Evidence)) {
	rng := rand.New(rand.NewPCG(2, 3))
	for i := range n {
		w := calm(0)
		w.change = map[string]float64{"": -.15 + .3*rng.Float64(), "light": -.15 + .3*rng.Float64()}
		w.cv, w.seed = []float64{.003, .01, .03, .08}[rng.IntN(4)], uint64(i)
		e := measured(w, []int{5, 10, 20}[rng.IntN(3)])
		e.Final = rng.IntN(2) == 0
		e.Criteria.Timeout = 0 // strikes depend on the order of rounds; they have tests of their own
		do(uint64(i), e)
	}
}

// clone copies the runs so that they may be changed.
func clone(e Evidence) Evidence {
	out := e
	out.Batches = nil
	for _, b := range e.Batches {
		o := *b
		o.Runs = slices.Clone(b.Runs)
		for i := range o.Runs {
			m := map[string]float64{}
			for k, v := range o.Runs[i].Metrics {
				m[k] = v
			}
			o.Runs[i].Metrics = m
		}
		out.Batches = append(out.Batches, &o)
	}
	return out
}

func same(t *testing.T, what string, seed uint64, a, b Decision) {
	t.Helper()
	if a.Verdict.Kind != b.Verdict.Kind || a.Verdict.Rule != b.Verdict.Rule || a.Continue != b.Continue {
		t.Errorf("world %d, %s: %s by %s (continue %v) became %s by %s (continue %v)", seed, what,
			a.Verdict.Kind, a.Verdict.Rule, a.Continue, b.Verdict.Kind, b.Verdict.Rule, b.Continue)
	}
	if d := a.Effect.Theta - b.Effect.Theta; math.Abs(d) > 1e-9 {
		t.Errorf("world %d, %s: effect moved by %g", seed, what, d)
	}
}

func TestVerdictIsPure(t *testing.T) {
	worlds(50, func(seed uint64, e Evidence) {
		before := clone(e)
		a, b := Experiment(e), Experiment(e)
		same(t, "asked twice", seed, a, b)
		if x, y := mustJSON(t, before.Batches), mustJSON(t, e.Batches); x != y {
			t.Errorf("world %d: the evidence was changed", seed)
		}
	})
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestOrderOfInputsAndRunsDoesNotMatter(t *testing.T) {
	worlds(200, func(seed uint64, e Evidence) {
		want := Experiment(e)
		turned := clone(e)
		turned.Inputs = []Input{e.Inputs[1], e.Inputs[0]}
		same(t, "inputs turned round", seed, want, Experiment(turned))
		mixed := clone(e)
		rng := rand.New(rand.NewPCG(seed, 1))
		runs := mixed.Batches[0].Runs
		rng.Shuffle(len(runs), func(i, j int) { runs[i], runs[j] = runs[j], runs[i] })
		same(t, "runs shuffled", seed, want, Experiment(mixed))
	})
}

func TestOrderOfRoundsDoesNotMatter(t *testing.T) {
	worlds(200, func(seed uint64, e Evidence) {
		other := clone(e)
		n := len(e.Batches[0].Runs) / 4
		to := rand.New(rand.NewPCG(seed, 2)).Perm(n)
		other.each("", func(r *pipeline.Run) { r.Round = to[r.Round-1] + 1 })
		same(t, "rounds permuted", seed, Experiment(e), Experiment(other))
	})
}

func TestUnitDoesNotMatter(t *testing.T) {
	worlds(200, func(seed uint64, e Evidence) {
		other := clone(e)
		other.each("", func(r *pipeline.Run) { r.Metrics[timeMetric] *= 1000 })
		same(t, "both arms scaled", seed, Experiment(e), Experiment(other))
	})
}

func TestBatchesAreOneSample(t *testing.T) {
	worlds(100, func(seed uint64, e Evidence) {
		half := len(e.Batches[0].Runs) / 2
		half -= half % 4
		other := clone(e)
		runs := other.Batches[0].Runs
		other.Batches = []*pipeline.Outcome{{Status: pipeline.StatusOK, Runs: runs[:half]}, {Status: pipeline.StatusOK, Runs: runs[half:]}}
		same(t, "split into batches", seed, Experiment(e), Experiment(other))
	})
}

func TestSwappingArmsMirrorsTheEffect(t *testing.T) {
	gains := 0
	worlds(300, func(seed uint64, e Evidence) {
		other := clone(e).each("", func(r *pipeline.Run) {
			if r.Arm == baselineArm {
				r.Arm = candidateArm
			} else {
				r.Arm = baselineArm
			}
		})
		a, b := Experiment(e), Experiment(other)
		if math.Abs(a.Effect.Theta+b.Effect.Theta) > 1e-9 {
			t.Errorf("world %d: effect %g became %g", seed, a.Effect.Theta, b.Effect.Theta)
		}
		if a.Verdict.Kind == pipeline.Keep {
			gains++
			if !b.Continue && (b.Verdict.Kind != pipeline.Discard || b.Verdict.Rule != "regression") {
				t.Errorf("world %d: KEEP became %s by %s", seed, b.Verdict.Kind, b.Verdict.Rule)
			}
		}
	})
	if gains < 20 {
		t.Errorf("only %d worlds were gains: the property was hardly tried", gains)
	}
}

func TestDirectionOfMetricMirrorsNothing(t *testing.T) {
	worlds(200, func(seed uint64, e Evidence) {
		rate := pipeline.Metric{Name: "rate", Unit: "op/s", Better: pipeline.Higher, Primary: true}
		e.Criteria.MaxCV = 0 // the CV of a rate is not that of its time
		other := clone(e).with(rate, func(r pipeline.Run) float64 { return 1 / r.Metrics[timeMetric] }).primary(rate)
		a, b := Experiment(e), Experiment(other)
		if a.Verdict.Kind != b.Verdict.Kind || math.Abs(a.Effect.Theta-b.Effect.Theta) > 1e-9 {
			t.Errorf("world %d: %s %g as a time, %s %g as a rate", seed, a.Verdict.Kind, a.Effect.Theta, b.Verdict.Kind, b.Effect.Theta)
		}
		if x, y := a.Verdict.Effect.Improvement() > 0, b.Verdict.Effect.Improvement() > 0; x != y {
			t.Errorf("world %d: an improvement of %g became one of %g", seed, a.Verdict.Effect.Improvement(), b.Verdict.Effect.Improvement())
		}
	})
}

func TestPassedCheckNeverWorsens(t *testing.T) {
	worlds(100, func(seed uint64, e Evidence) {
		more := e
		more.Checks = append(slices.Clone(e.Checks), Check{Input: "heavy", Outcome: ok()}, Check{Outcome: ok()})
		same(t, "more passed checks", seed, Experiment(e), Experiment(more))
	})
}

func TestFailedCheckAllowsNothingElse(t *testing.T) {
	wrong := []Check{
		{Input: "light", Outcome: &pipeline.Outcome{Status: pipeline.StatusFailed}},
		{Outcome: &pipeline.Outcome{Status: pipeline.StatusTimeout}},
		{Input: "heavy", Outcome: ok(), Differs: []Difference{{What: "stdout"}}},
		{Input: "heavy", Differs: []Difference{{What: "stdout"}}},
	}
	try := func(name string, e Evidence) {
		for i, c := range wrong {
			bad := e
			bad.Checks = append(slices.Clone(e.Checks), c)
			if d := Experiment(bad); d.Continue || d.Verdict.Kind != pipeline.Reject && d.Verdict.Kind != pipeline.Failed {
				t.Errorf("%s with wrong check %d: %s by %s, continue %v", name, i, d.Verdict.Kind, d.Verdict.Rule, d.Continue)
			}
		}
	}
	for _, c := range cases() {
		try(c.name, c.e)
	}
	worlds(100, func(_ uint64, e Evidence) { try("random", e) })
}

// TestRowsAgreeWithTheReference holds the rows to the one function of pipeline/stats that was checked against the
// reference implementation: same verdict, same reason, and the same readiness to stop.
func TestRowsAgreeWithTheReference(t *testing.T) {
	seen := map[string]int{}
	worlds(600, func(seed uint64, e Evidence) {
		e.Criteria.MaxCV = 0 // holds back only
		e.Looks = []int{5}   // any number of rounds will do
		d := Experiment(e)
		var parts []stats.Estimate
		for _, in := range e.Inputs {
			b, c, _ := Pairs(e.Batches[0].Runs, in.Name, timeMetric)
			x, err := stats.LogRatios(b, c)
			if err != nil {
				t.Fatal(err)
			}
			parts = append(parts, stats.Trimmed(x))
		}
		iv := stats.Combine(parts, []float64{1, 3}, stats.Confidence(e.Looks))
		want := stats.Verdict(iv.Theta, iv.Lo, iv.Hi, stats.Guard(parts, .05, .05), .05, .02, e.Final)
		if want.Stop == d.Continue {
			t.Errorf("world %d: stop %v, continue %v", seed, want.Stop, d.Continue)
		}
		if !want.Stop {
			return
		}
		seen[want.Verdict+want.Reason]++
		if string(d.Verdict.Kind) != want.Verdict {
			t.Errorf("world %d: %s by %s, want %s %s", seed, d.Verdict.Kind, d.Verdict.Rule, want.Verdict, want.Reason)
		}
		if want.Verdict == stats.Discard && d.Verdict.Rule != want.Reason {
			t.Errorf("world %d: DISCARD by %s, want %s", seed, d.Verdict.Rule, want.Reason)
		}
	})
	if len(seen) < 7 {
		t.Errorf("only these verdicts were tried: %v", seen)
	}
}

func TestVerdictIsAlwaysJSON(t *testing.T) {
	wild := measured(world{base: map[string]float64{"light": 1e-300, "heavy": 1e300}, cv: 300, seed: 4}, 2)
	for _, e := range []Evidence{{}, {Final: true}, wild, measured(calm(0), 1)} {
		mustJSON(t, Experiment(e).Verdict)
	}
	for _, c := range cases() {
		mustJSON(t, Experiment(c.e).Verdict)
	}
}
