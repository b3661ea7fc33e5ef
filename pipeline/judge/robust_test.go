package judge

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/benchfile/bench/pipeline"
)

// TestAnyEvidenceGetsOneVerdict throws at the judge what no planner would: runs without arms, metrics that are no
// numbers, statuses that contradict their runs. Whatever it is, one rule decides, all rules speak, and the verdict can
// be written down.
func TestAnyEvidenceGetsOneVerdict(t *testing.T) {
	for seed := range uint64(3000) {
		e := chaos(rand.New(rand.NewPCG(seed, 5)))
		v := Experiment(e).Verdict
		decided := 0
		for _, r := range v.Rules {
			if r.Need == "" || r.Got == "" || r.Name == "" {
				t.Fatalf("seed %d: a rule without words: %+v", seed, r)
			}
			if r.Decided {
				decided++
			}
		}
		if decided != 1 || len(v.Rules) != len(rules()) || v.Kind == "" || v.Reason == "" {
			t.Fatalf("seed %d: %d rules decided, %d spoke; %s: %q", seed, decided, len(v.Rules), v.Kind, v.Reason)
		}
		mustJSON(t, v)
		for _, b := range e.Batches {
			if b != nil {
				Validate(b, e.Inputs, e.Metrics, e.Criteria)
			}
		}
	}
}

func chaos(rng *rand.Rand) Evidence {
	pick := func(of ...float64) float64 { return of[rng.IntN(len(of))] }
	seldom := func() bool { return rng.IntN(12) == 0 }
	metric := func(name string) pipeline.Metric {
		m := pipeline.Metric{Name: name, Unit: []string{"s", "B", ""}[rng.IntN(3)], Exact: seldom(), Limit: pick(0, 0, .05)}
		if rng.IntN(2) == 0 {
			m.Better = pipeline.Higher
		}
		return m
	}
	e := Evidence{
		Criteria:  pipeline.Criteria{Keep: pick(.05, 0, .5), Maybe: pick(.02, 0, .6), Alpha: pick(.05, 0, 2), MaxCV: pick(.1, 0), InputRegression: pick(.05, 0), Timeout: pick(1.1, 0, .5)},
		Primary:   metric("time"),
		Looks:     []int{10, 15, 20}[:rng.IntN(4)],
		Final:     rng.IntN(2) == 0,
		Identical: seldom(),
	}
	e.Metrics = []pipeline.Metric{e.Primary, metric("a"), metric("b")}
	for i := range rng.IntN(4) {
		e.Inputs = append(e.Inputs, Input{fmt.Sprint("in", i), pick(1, 3, 0)})
	}
	outcome := func() *pipeline.Outcome {
		statuses := []pipeline.Status{pipeline.StatusOK, pipeline.StatusOK, pipeline.StatusOK, pipeline.StatusFailed, pipeline.StatusTimeout, pipeline.StatusKilled, ""}
		o := &pipeline.Outcome{Status: statuses[rng.IntN(len(statuses))]}
		for i := range rng.IntN(40) {
			r := pipeline.Run{Seq: i, Arm: []string{baselineArm, candidateArm, candidateArm, outputArm, ""}[rng.IntN(5)], Input: fmt.Sprint("in", rng.IntN(3)), Round: rng.IntN(6), Warmup: seldom()}
			r.Metrics = map[string]float64{"time": pick(1, 1.01, 1.2, .9), "a": pick(5, 5, 0), "b": rng.ExpFloat64()}
			if seldom() {
				r.Metrics[[]string{"time", "a"}[rng.IntN(2)]] = pick(math.NaN(), math.Inf(1), 0, -1, 1e308, 5e-324)
			}
			if rng.IntN(200) == 0 {
				r.Exit, r.TimedOut, r.Signal = rng.IntN(256), seldom(), []string{"", "SIGKILL"}[rng.IntN(2)]
			}
			o.Runs = append(o.Runs, r)
		}
		return o
	}
	for range rng.IntN(3) {
		e.Batches = append(e.Batches, outcome())
	}
	if seldom() {
		e.Batches = append(e.Batches, nil)
	}
	if rng.IntN(2) == 0 {
		e.CheckNone = "because"
	} else {
		e.Checks = []Check{{Outcome: ok()}, {Input: "in1"}}
	}
	if seldom() {
		e.Build = outcome()
	}
	return e
}
