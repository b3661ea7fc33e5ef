package judge

import (
	"math"
	"math/rand/v2"

	"github.com/benchfile/bench/pipeline"
)

// The study that every test judges: two inputs, one primary metric, the workflow's thresholds.

func criteria() pipeline.Criteria {
	return pipeline.Criteria{Keep: .05, Maybe: .02, Alpha: .05, MaxCV: .10, InputRegression: .05, Timeout: 1.10}
}

func seconds() pipeline.Metric {
	return pipeline.Metric{Name: "time", Unit: "s", Better: pipeline.Lower, Primary: true}
}

func twoInputs() []Input { return []Input{{"light", 1}, {"heavy", 3}} }

func ok() *pipeline.Outcome { return &pipeline.Outcome{Status: pipeline.StatusOK} }

// evidence is an experiment that was built and checked and not measured yet.
func evidence() Evidence {
	return Evidence{
		Criteria: criteria(), Primary: seconds(), Metrics: []pipeline.Metric{seconds()}, Inputs: twoInputs(),
		Looks: []int{10, 15, 20}, Build: ok(),
		Checks: []Check{{Input: "light", Outcome: ok()}, {Input: "heavy", Outcome: ok()}},
	}
}

// world makes runs: seconds of the baseline on each input, the true change, and noise.
type world struct {
	base   map[string]float64
	change map[string]float64 // fraction; of inputs not named it is the one under ""
	cv     float64
	drift  float64 // over the whole batch, both arms alike
	seed   uint64
}

func calm(change float64) world {
	return world{base: map[string]float64{"light": 60, "heavy": 400}, change: map[string]float64{"": change}, cv: .01, seed: 1}
}

func (w world) effect(input string) float64 {
	if c, ok := w.change[input]; ok {
		return c
	}
	return w.change[""]
}

// batch runs rounds of both arms over the inputs, in random order within each pair.
func (w world) batch(inputs []Input, rounds int) *pipeline.Outcome {
	rng := rand.New(rand.NewPCG(w.seed, 7))
	o := ok()
	total := float64(2 * rounds * len(inputs))
	for round := 1; round <= rounds; round++ {
		for _, in := range inputs {
			arms := []string{baselineArm, candidateArm}
			if rng.IntN(2) == 1 {
				arms[0], arms[1] = arms[1], arms[0]
			}
			for _, arm := range arms {
				t := w.base[in.Name] * math.Exp(w.cv*rng.NormFloat64()) * (1 + w.drift*float64(len(o.Runs))/total)
				if arm == candidateArm {
					t *= 1 + w.effect(in.Name)
				}
				o.Runs = append(o.Runs, pipeline.Run{Seq: len(o.Runs), Arm: arm, Input: in.Name, Round: round,
					Metrics: map[string]float64{timeMetric: t}})
			}
		}
	}
	return o
}

// measured is an experiment with one batch.
func measured(w world, rounds int) Evidence {
	e := evidence()
	e.Batches = []*pipeline.Outcome{w.batch(e.Inputs, rounds)}
	e.Final = true
	return e
}

// each changes every run of an arm ("" both) in place.
func (e Evidence) each(arm string, change func(*pipeline.Run)) Evidence {
	for _, b := range e.Batches {
		for i := range b.Runs {
			if arm == "" || b.Runs[i].Arm == arm {
				change(&b.Runs[i])
			}
		}
	}
	return e
}

// with adds a metric and its values.
func (e Evidence) with(m pipeline.Metric, v func(pipeline.Run) float64) Evidence {
	e.Metrics = append(e.Metrics[:len(e.Metrics):len(e.Metrics)], m)
	return e.each("", func(r *pipeline.Run) { r.Metrics[m.Name] = v(*r) })
}

// primary makes a metric the one that decides.
func (e Evidence) primary(m pipeline.Metric) Evidence {
	e.Primary = m
	return e
}

func armed(base, cand float64) func(pipeline.Run) float64 {
	return func(r pipeline.Run) float64 {
		if r.Arm == candidateArm {
			return cand
		}
		return base
	}
}

func rule4(v pipeline.Verdict, name string) pipeline.Rule {
	for _, r := range v.Rules {
		if r.Name == name {
			return r
		}
	}
	return pipeline.Rule{}
}
