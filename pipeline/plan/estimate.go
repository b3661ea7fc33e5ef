package plan

import (
	"slices"
	"time"

	"github.com/benchfile/bench/pipeline"
)

// Estimate is how long something will take, from what the baseline took.
type Estimate struct {
	Least time.Duration // every experiment is decided at its first look, and no compound is asked for
	Most  time.Duration // every look is needed, and every compound that can come does
	// Unknown: the baseline has never been measured here, so nothing is known.
	Unknown bool
}

// rates are what the baseline says of the time that steps take.
type rates struct {
	visit time.Duration // one run of one arm on one input, with all that is done around it; the mean over inputs
	gap   time.Duration // between two steps: looking at the world, laying out the tree, writing the artifacts
	known bool
}

// rate takes the newest measurement of the baseline, be it of other code: it will hardly take ten times as long.
func (m *maker) rate() rates {
	if m.rates == nil {
		m.rates = &rates{}
		if r := m.measurement(); r != nil && len(r.Outcome.Runs) > 0 {
			runs := len(r.Outcome.Runs)
			busy := r.Outcome.Elapsed - time.Duration(runs-1)*cooldownOf(r)
			*m.rates = rates{visit: max(0, busy) / time.Duration(runs), gap: m.gap(), known: true}
		}
	}
	return *m.rates
}

// measurement is the baseline's own, else the newest that was recorded here; nil when there was none.
func (m *maker) measurement() *pipeline.Record {
	if n := len(m.standings); n > 0 {
		return m.standings[n-1].record
	}
	if m.facts.Previous == nil {
		return nil
	}
	return m.facts.Previous(BaselineName + "/measure/1")
}

// cooldownOf is the cool-down with which a measurement was made: it has one run after another, with a pause between.
func cooldownOf(r *pipeline.Record) time.Duration {
	man, err := pipeline.ParseManifest(r.Manifest)
	if err != nil {
		return 0
	}
	i := slices.IndexFunc(man, func(f pipeline.Field) bool { return f.Name == "cooldown" })
	if i < 0 {
		return 0
	}
	d, _ := time.ParseDuration(man[i].Value)
	return d
}

// longestGap bounds what counts as the time between two steps of one session, and not between two sessions.
const longestGap = 10 * time.Second

// gap is the median time between the baseline's steps. The measurement is left out: it may have waited for the gate.
func (m *maker) gap() time.Duration {
	var gaps []time.Duration
	var before *pipeline.Record
	for _, i := range m.plan.Baseline.Steps {
		s := &m.plan.Steps[i]
		if s.Record != nil && before != nil && s.Kind != pipeline.StepMeasure {
			if d := s.Record.Started.Sub(before.Finished); d > 0 && d < longestGap {
				gaps = append(gaps, d)
			}
		}
		before = s.Record
	}
	if len(gaps) == 0 {
		return 0
	}
	slices.Sort(gaps)
	return gaps[len(gaps)/2]
}

// estimate says how long a step will take: as long as it took before, or as the baseline suggests. Zero: unknown.
func (m *maker) estimate(s *Step) time.Duration {
	if s.Kind == pipeline.StepMeasure {
		arms := 2
		if s.Variant == BaselineName {
			arms = 1
		}
		return m.batch(arms, s.Rounds)
	}
	took := m.baselineTook(s.Kind, s.Input)
	if m.facts.Previous != nil {
		if old := m.facts.Previous(s.Address); old != nil && old.Outcome.Status == pipeline.StatusOK {
			took = old.Outcome.Elapsed
		}
	}
	if took == 0 {
		return 0
	}
	return took + m.rate().gap
}

// batch is how long a measurement takes: warm-ups, rounds, the cool-downs between pairs and the one before the first.
func (m *maker) batch(arms, rounds int) time.Duration {
	r := m.rate()
	if !r.known {
		return 0
	}
	pairs := time.Duration(len(m.study.Inputs) * (m.study.Measure.Warmup + rounds))
	return pairs*(time.Duration(arms)*r.visit+m.study.Environment.Cooldown) + r.gap
}

// remaining adds up what is left: the steps that are planned, and what may come of them.
func (m *maker) remaining() Estimate {
	var out Estimate
	for i := range m.plan.Steps {
		if s := &m.plan.Steps[i]; s.State == Ready || s.State == Waiting {
			out.Least += s.Estimate
			out.Unknown = out.Unknown || s.Kind == pipeline.StepMeasure && s.Estimate == 0
		}
	}
	out.Most = out.Least
	if m.pending && m.plan.Confirmation == "" {
		out.Most += m.batch(2, m.looks[0]) + m.laterLooks(1)
	}
	for i := range m.plan.Experiments {
		x := &m.plan.Experiments[i]
		switch {
		case x.State != Ready && x.State != Waiting || x.Verdict != nil:
		case len(x.Steps) == 0:
			whole := m.preparing() + m.batch(2, m.looks[0]) + m.laterLooks(1) + m.profiling(nil)
			out.Most += time.Duration(m.combinations(x.Variant.Compound)) * whole
		default:
			profiles := m.profiling(x)
			out.Least += profiles
			out.Most += profiles + m.laterLooks(m.measurements(x))
		}
	}
	return out
}

// measurements is how many looks of an experiment are planned.
func (m *maker) measurements(x *Experiment) int {
	n := 0
	for _, i := range x.Steps {
		if m.plan.Steps[i].Kind == pipeline.StepMeasure {
			n++
		}
	}
	return n
}

// laterLooks is how long the looks after the first ones take.
func (m *maker) laterLooks(made int) time.Duration {
	var sum time.Duration
	for i := max(1, made); i < len(m.looks); i++ {
		sum += m.batch(2, m.looks[i]-m.looks[i-1])
	}
	return sum
}

// preparing is how long a variant's build and checks take.
func (m *maker) preparing() time.Duration {
	var sum time.Duration
	for _, i := range m.plan.Baseline.Steps {
		if s := m.plan.Steps[i]; s.Kind == pipeline.StepBuild || s.Kind == pipeline.StepCheck {
			sum += m.estimate(&s)
		}
	}
	return sum
}

// profiling is how long an experiment's profiles take, which are planned only when it is decided. nil is any.
func (m *maker) profiling(x *Experiment) time.Duration {
	if x != nil && len(x.Variant.Changes) == 0 && len(x.Variant.Env) == 0 {
		return 0 // other arguments only: never profiled
	}
	var sum time.Duration
	for _, i := range m.plan.Baseline.Steps {
		if s := m.plan.Steps[i]; s.Kind == pipeline.StepProfile {
			sum += m.estimate(&s)
		}
	}
	return sum
}

// combinations is how many experiments can come of a compound that waits for verdicts.
func (m *maker) combinations(compound string) int {
	i := slices.IndexFunc(m.study.Compounds, func(c pipeline.Compound) bool { return c.Name == compound })
	may := 0 // hypotheses that may be members
	for j := range m.plan.Experiments {
		x := &m.plan.Experiments[j]
		if x.Hypothesis != nil && (x.Verdict == nil || x.Verdict.Kind == pipeline.Keep || x.Verdict.Kind == pipeline.Maybe) {
			may++
		}
	}
	if i < 0 || may < 2 {
		return 0
	}
	switch m.study.Compounds[i].Search {
	case "pairs":
		return may * (may - 1) / 2
	case "all":
		may = min(may, maxAll)
		return 1<<may - may - 1
	case "greedy":
		return may - 1
	case "leave-one-out":
		return 1 + may
	}
	return 1
}
