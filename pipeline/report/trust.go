package report

import (
	"fmt"
	"strings"

	"github.com/benchfile/bench/pipeline"
)

// trust is the strip that says whether the numbers can be believed, each item with the fact it rests on. What is not
// known is not in it.
func (b *builder) trust(r *Report) []Trust {
	out := []Trust{}
	add := func(t Trust) { out = append(out, t) }
	if t, ok := b.floor(r); ok {
		add(t)
	}
	if cv := r.Baseline.MaxCV; cv.Known() {
		add(Trust{Name: "CV max", Value: Share(cv, 1), OK: cv <= r.Criteria.MaxCV, Link: "baseline"})
	}
	if n := r.Baseline.Runs; n > 0 {
		add(Trust{Name: "baseline", Value: fmt.Sprintf("%d runs per input", n), OK: n >= 10, Link: "baseline"})
	}
	if t, ok := moved(r); ok {
		add(t)
	}
	add(Trust{Name: "inputs", Value: fmt.Sprint(len(r.Inputs)), OK: len(r.Inputs) >= 2, Link: "environment"})
	if t, ok := b.correctness(r); ok {
		add(t)
	}
	if t, ok := b.temperatures(); ok {
		add(t)
	}
	if g := r.Environment.Governor; g != "" {
		add(Trust{Name: "governor", Value: g, OK: g == "performance", Link: "environment"})
	}
	if t := r.Environment.Turbo; t != "" {
		add(Trust{Name: "turbo", Value: t, OK: t != "on", Link: "environment"})
	}
	if t, ok := b.neighbours(); ok {
		add(t)
	}
	if t, ok := b.repeated(); ok {
		add(t)
	}
	return out
}

// moved says whether the machine stayed what it was: how many experiments saw another baseline than was measured. It is
// no fault of a verdict, which rests on runs made side by side, but every figure in seconds is one of its day.
func moved(r *Report) (Trust, bool) {
	n, all := 0, 0
	for i := range r.Experiments {
		if s := r.Experiments[i].Sentinel; s != nil {
			all++
			if s.Moved {
				n++
			}
		}
	}
	return Trust{Name: "machine steady", Value: fmt.Sprintf("%d/%d experiments", all-n, all), OK: n == 0, Link: "baseline"}, all > 0
}

// correctness says whether what was kept was shown to be right.
func (b *builder) correctness(r *Report) (Trust, bool) {
	if b.in.Study.Check.None != "" {
		return Trust{Name: "outputs", Value: "not checked", Grave: true, Link: "checklist"}, true
	}
	kept := 0
	for i := range r.Experiments {
		x := &r.Experiments[i]
		if x.Verdict != string(pipeline.Keep) {
			continue
		}
		kept++
		for _, c := range x.Checks {
			if !c.Passed {
				return Trust{Name: "outputs", Value: x.ID + " is kept and its output is not right", Grave: true, Link: "experiments"}, true
			}
		}
		if len(x.Checks) == 0 {
			return Trust{Name: "outputs", Value: x.ID + " is kept and was not checked", Link: "experiments"}, true
		}
	}
	return Trust{Name: "outputs", Value: "right for all kept", OK: true, Link: "experiments"}, kept > 0
}

// temperatures says whether measurements began cool enough.
func (b *builder) temperatures() (Trust, bool) {
	limit := b.in.Study.Environment.Gate.GPUTemperatureMax
	if limit <= 0 {
		return Trust{}, false
	}
	cool, all := 0, 0
	for i := range b.in.Plan.Steps {
		s := &b.in.Plan.Steps[i]
		if s.Kind != pipeline.StepMeasure || s.Record == nil || len(s.Record.Outcome.Before.GPUTemperature) == 0 {
			continue
		}
		all++
		ok := true
		for _, t := range s.Record.Outcome.Before.GPUTemperature {
			ok = ok && t <= limit
		}
		if ok {
			cool++
		}
	}
	return Trust{Name: fmt.Sprintf("starts at or below %.0f °C", limit), Value: fmt.Sprintf("%d/%d", cool, all), OK: cool == all, Link: "order"}, all > 0
}

// quiet is how much CPU others may have had during a run, in seconds per second, before it counts as disturbed: a
// twentieth of one core is what an idle desktop takes.
const quiet = 0.05

// neighbours counts the measured runs during which other processes used the machine.
func (b *builder) neighbours() (Trust, bool) {
	busy, all := 0, 0
	for i := range b.in.Plan.Steps {
		s := &b.in.Plan.Steps[i]
		if s.Kind != pipeline.StepMeasure || s.Record == nil {
			continue
		}
		for _, run := range s.Record.Outcome.Runs {
			if run.Warmup || run.Discarded != "" || run.Around.Foreign < 0 {
				continue
			}
			all++
			if run.Around.Foreign > quiet*float64(max(1, b.in.Facts.Environment.Cores)) {
				busy++
			}
		}
	}
	return Trust{Name: "undisturbed", Value: fmt.Sprintf("%d/%d runs", all-busy, all), OK: busy*20 <= all, Link: "baseline"}, all > 0
}

// repeated counts the pairs that were measured again because of what went on beside them.
func (b *builder) repeated() (Trust, bool) {
	again, all := 0, 0
	for i := range b.in.Plan.Steps {
		s := &b.in.Plan.Steps[i]
		if s.Kind != pipeline.StepMeasure || s.Record == nil {
			continue
		}
		for _, run := range s.Record.Outcome.Runs {
			if run.Warmup || run.Arm != candidateArm {
				continue
			}
			all++
			if run.Discarded != "" {
				again++
			}
		}
	}
	return Trust{Name: "measured again", Value: fmt.Sprintf("%d/%d pairs", again, all), OK: again*10 <= all, Link: "experiments"}, again > 0
}

// distrust is why no number is to be believed, or "".
func distrust(ts []Trust) string {
	var why []string
	for _, t := range ts {
		if !t.OK && t.Grave {
			why = append(why, t.Name+" "+t.Value)
		}
	}
	return strings.Join(why, ", ")
}
