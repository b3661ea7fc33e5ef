package plan

import (
	"time"

	"github.com/benchfile/bench/pipeline"
)

// estimate says how long a step will take: as long as it took before, or as the baseline's runs suggest. Zero: unknown.
func (m *maker) estimate(s *Step) time.Duration {
	if s.Kind == pipeline.StepMeasure && m.slowest != nil {
		arms := 2
		if s.Variant == BaselineName {
			arms = 1
		}
		var once float64
		for _, t := range m.slowest {
			once += t
		}
		runs := m.study.Measure.Warmup + s.Rounds
		pause := time.Duration(runs*len(m.study.Inputs)) * m.study.Environment.Cooldown
		return time.Duration(once*float64(arms*runs)*float64(time.Second)) + pause
	}
	if m.facts.Previous != nil {
		if old := m.facts.Previous(s.Address); old != nil {
			return old.Outcome.Elapsed
		}
	}
	// What a step of the same kind cost the baseline.
	for i := range m.plan.Steps {
		b := &m.plan.Steps[i]
		if b.Variant == BaselineName && b.Kind == s.Kind && b.Input == s.Input && b.Record != nil {
			return b.Record.Outcome.Elapsed
		}
		if b.Variant != BaselineName {
			break
		}
	}
	return 0
}
