package report

import (
	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/plan"
)

// Heat is how warm the machine was before and after one measurement: the GPU where there is one, else the CPU.
type Heat struct {
	Step   string `json:"step"`
	Of     string `json:"of"` // "GPU" or "CPU"
	First  int    `json:"first"`
	Last   int    `json:"last"` // indices of its first and last run in the order of runs
	Before Number `json:"before"`
	After  Number `json:"after"` // °C
}

// heat goes with runs: the same measurements, in the same order.
func (b *builder) heat(e *plan.Experiment) []Heat {
	var out []Heat
	at := 0
	for _, s := range b.stepsOf(e) {
		if s.Kind != pipeline.StepMeasure || s.Record == nil {
			continue
		}
		n := 0
		for _, r := range s.Record.Outcome.Runs {
			if !r.Warmup {
				n++
			}
		}
		if n == 0 {
			continue
		}
		h := Heat{Step: s.Address, Of: "GPU", First: at, Last: at + n - 1, Before: hottest(s.Record.Outcome.Before), After: hottest(s.Record.Outcome.After)}
		if len(s.Record.Outcome.Before.GPUTemperature) == 0 {
			h.Of, h.Before, h.After = "CPU", celsius(s.Record.Outcome.Before.CPUTemperature), celsius(s.Record.Outcome.After.CPUTemperature)
		}
		at += n
		if h.Before.Known() || h.After.Known() {
			out = append(out, h)
		}
	}
	return out
}

func hottest(r pipeline.Readings) Number {
	out := None()
	for _, t := range r.GPUTemperature {
		if c := celsius(t); c.Known() && !(float64(out) >= float64(c)) {
			out = c
		}
	}
	return out
}

// celsius is a temperature that a sensor can have meant: absent readings are −1 or zero, broken ones anything.
func celsius(t float64) Number {
	if !(t > 0 && t < 200) {
		return None()
	}
	return Number(t)
}

// session is every run of the baseline's code in the order in which it was made: its own measurement, and its side of
// every experiment's. Drift of the machine over the whole study shows in it.
func session(r *Report) ([]Run, []Heat) {
	runs, heat := append([]Run{}, r.Baseline.Order...), append([]Heat{}, r.Baseline.Heat...)
	for _, i := range r.inOrder() {
		x := &r.Experiments[i]
		at := make([]int, len(x.Order)+1) // where the runs before each of them end up
		for k, run := range x.Order {
			at[k] = len(runs)
			if run.Arm == baselineArm {
				run.Seq = len(runs)
				runs = append(runs, run)
			}
		}
		at[len(x.Order)] = len(runs)
		for _, h := range x.Heat {
			h.First, h.Last = at[h.First], max(at[h.First], at[h.Last+1]-1)
			heat = append(heat, h)
		}
	}
	return runs, heat
}

// inOrder are the experiments that have runs, by the time of their first one.
func (r *Report) inOrder() []int {
	var out []int
	for i := range r.Experiments {
		if len(r.Experiments[i].Order) > 0 {
			out = append(out, i)
		}
	}
	sortBy(out, func(i int) int64 { return r.Experiments[i].Order[0].Started.UnixNano() })
	return out
}

// Drift compares the first and the second half of the runs of one input: how the machine changed, in one number.
type Drift struct {
	Input         string
	N             int
	First, Second Number // means
	Change        Number // of the second over the first
}

// Drifts are the halves of every input's runs of one arm.
func Drifts(r *Report, runs []Run, arm string) []Drift {
	var out []Drift
	for _, in := range r.Inputs {
		var values []Number
		for _, x := range runs {
			if x.OK && x.Arm == arm && x.Input == in.Name && x.Primary.Known() {
				values = append(values, x.Primary)
			}
		}
		if len(values) < 4 {
			continue
		}
		d := Drift{Input: in.Name, N: len(values), First: mean(values[:len(values)/2]), Second: mean(values[len(values)/2:]), Change: None()}
		if d.First > 0 {
			d.Change = d.Second/d.First - 1
		}
		out = append(out, d)
	}
	return out
}

func mean(v []Number) Number {
	sum := Number(0)
	for _, x := range v {
		sum += x
	}
	return sum / Number(len(v))
}
