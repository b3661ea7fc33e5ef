package plan

import (
	"time"

	"github.com/benchfile/bench/pipeline"
)

// Limits of steps for which the Benchfile sets none.
const (
	// Of the baseline's own steps nothing is known beforehand.
	firstLimit = time.Hour
	// A candidate's build, check or profile is ended at this factor of what the same step took the baseline: beyond any
	// slowdown that is worth a verdict, long before a program that never ends costs an hour.
	stepFactor = 10
	// Below this a limit would end steps that merely had to wait for a cold cache or a neighbour.
	leastStep = time.Minute
	// The same where nothing but the measured command runs.
	leastOutput = 4 * time.Second
	// A candidate's measured run is ended at this factor of the slowest baseline run, well before a hang costs hours. Where
	// somebody else takes time from the machine, one run in some thousand is that slow whatever it runs, so it takes two in
	// a row to end a candidate: when one did, it ended 5 to 13 % of all candidates, quick ones too, where noise is worst.
	hardFactor = 3
	overruns   = 2
	// Below this a limit would end runs that merely had to wait for a page or a neighbour.
	leastLimit = time.Second
)

// stepLimit is when a run of a step that is no measurement is ended: when the Benchfile says, else at stepFactor × what
// the same step took the baseline, rounded up to 1, 2, 4, 8, … times the least limit, so that it hardly depends on how
// quick the machine was that day.
func (m *maker) stepLimit(v *variant, kind pipeline.StepKind, input string, declared, least time.Duration) time.Duration {
	if declared > 0 {
		return declared
	}
	took := m.baselineTook(kind, input)
	if v == m.base || took == 0 {
		return firstLimit
	}
	limit := least
	for limit < stepFactor*took {
		limit *= 2
	}
	return limit
}

// baselineTook is how long a step of a kind took the baseline; 0 when that is not recorded.
func (m *maker) baselineTook(kind pipeline.StepKind, input string) time.Duration {
	for _, i := range m.plan.Baseline.Steps {
		if s := &m.plan.Steps[i]; s.Kind == kind && s.Input == input && s.Record != nil {
			return s.Record.Outcome.Elapsed
		}
	}
	return 0
}

// outgrown says whether a record tells nothing any more because its run was ended at a limit below the present one.
// Limits are in no key: whatever ended by itself is what it is under any limit. But a run that was cut off might end under
// a longer limit; under a shorter one it would have been cut off as well.
func outgrown(r *pipeline.Record, limit time.Duration) bool {
	o := &r.Outcome
	return o.Status == pipeline.StatusTimeout && o.Limit > 0 && limit > o.Limit
}

// limit is when a measured run is ended: as the Benchfile says, or far beyond the slowest run of the baseline.
func (m *maker) limit(input, arms int) time.Duration {
	if t := m.study.Measure.Timeout; t > 0 {
		return t
	}
	if arms == 1 || m.slowest == nil || m.slowest[input] == 0 {
		return firstLimit
	}
	factor := max(hardFactor, m.study.Criteria.Timeout)
	return max(leastLimit, time.Duration(factor*m.slowest[input]*float64(time.Second)))
}
