package process

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/benchfile/bench/pipeline"
)

// TestKillRates simulates how often each rule kills a candidate that equals the baseline: 20 rounds on four inputs, after
// ten runs of the baseline alone. The table in hcl/LANGUAGE.md is what it prints.
func TestKillRates(t *testing.T) {
	for _, c := range []struct {
		cv     float64
		normal [2]float64 // the literal rule's share of killed candidates has to be between these, in percent
		tailed [2]float64 // the same where every tenth run is disturbed
	}{
		{.01, [2]float64{0, .2}, [2]float64{3, 20}},
		{.03, [2]float64{3, 9}, [2]float64{30, 100}},
		{.05, [2]float64{80, 93}, [2]float64{60, 100}},
		{.10, [2]float64{99.5, 100}, [2]float64{90, 100}},
	} {
		literal, strikes := killed(normal, c.cv, true), killed(normal, c.cv, false)
		literalTailed, strikesTailed := killed(tailed, c.cv, true), killed(tailed, c.cv, false)
		t.Logf("CV %2.0f %%: literal %5.1f %% (tailed %5.1f %%), strikes %4.2f %% (tailed %4.2f %%)", 100*c.cv, literal, literalTailed, strikes, strikesTailed)
		if literal < c.normal[0] || literal > c.normal[1] || literalTailed < c.tailed[0] || literalTailed > c.tailed[1] {
			t.Errorf("CV %v: literal %.2f %%, tailed %.2f %%, want within %v and %v", c.cv, literal, literalTailed, c.normal, c.tailed)
		}
		if strikes > .2 || strikesTailed > 1 {
			t.Errorf("CV %v: strikes %.2f %%, tailed %.2f %%", c.cv, strikes, strikesTailed)
		}
	}
}

// normal noise, and noise of which every tenth run loses time to others; both of the given coefficient of variation.
func normal(rng *rand.Rand, cv float64) float64 { return max(.2, 1+cv*rng.NormFloat64()) }

func tailed(rng *rand.Rand, cv float64) float64 {
	x := cv * rng.NormFloat64() / 2.8
	if rng.Float64() < .1 {
		x += rng.ExpFloat64() * 3 * cv / 1.4
	}
	return math.Exp(x)
}

// killed is the share of sessions in which a candidate with the baseline's own times is killed, in percent.
func killed(noise func(*rand.Rand, float64) float64, cv float64, literal bool) float64 {
	const sessions = 500
	rng := rand.New(rand.NewPCG(7, uint64(1000*cv)))
	n := 0
	for range sessions {
		if killedOnce(func() float64 { return noise(rng, cv) }, literal) {
			n++
		}
	}
	return 100 * float64(n) / sessions
}

func killedOnce(run func() float64, literal bool) bool {
	const inputs, rounds, known = 4, 20, 10
	job := pipeline.Job{
		Kind: pipeline.StepMeasure, Inputs: make([]string, inputs), Arms: []pipeline.Arm{{Name: "baseline"}, {Name: "candidate"}},
		Strikes: &pipeline.Strikes{Factor: 1.1, Consecutive: 3, Literal: literal, Reference: make([][]float64, inputs)},
	}
	for i := range inputs {
		for range known {
			job.Strikes.Reference[i] = append(job.Strikes.Reference[i], run())
		}
	}
	r := newRules(job)
	for round := range rounds {
		for i := range 2 * inputs {
			v := pipeline.Visit{Arm: i % 2, Input: i / 2, Round: round + 1}
			if status, _ := r.after(v, pipeline.Run{Metrics: map[string]float64{"time": run()}}); status == pipeline.StatusKilled {
				return true
			}
		}
	}
	return false
}
