package plan

import (
	"fmt"

	"github.com/benchfile/bench/pipeline"
)

const (
	// allowed is how much more of a machine's CPU time others may take than they are used to, and for how much more of the
	// time memory may be short (STATISTICS: foreign CPU above 5 %). It is of the machine, not of one CPU: what a desktop
	// does by itself is a few hundredths of a CPU, on any number of them.
	allowed = 0.05
	// repeatable is how many of a batch's pairs may be measured again. Where more are disturbed the machine has changed.
	repeatable = 0.20
)

// contamination is the rule by which pairs of a batch are measured again. Where the Benchfile states no limit, what others
// took during the baseline's own runs is how this machine is: a virtual machine with steady neighbours, a server that works
// for its client or a container's daemon contaminate nothing. Interleaving copes with them; it is change that says that
// these are no longer the conditions of the session. The baseline's own measurement is held to a stated limit only.
//
// The rule is in no key: it decides which pairs count, not what is measured.
func (m *maker) contamination(arms int) *pipeline.Contamination {
	c := &pipeline.Contamination{Cores: max(1, m.facts.Environment.Cores), Taken: m.study.Environment.Gate.ForeignMax, Share: repeatable,
		Pressure: allowed, Throttle: true}
	switch {
	case c.Taken >= 1:
		return nil
	case m.usual != nil:
		c.Pressure, c.Throttle = c.Pressure+m.usual.MemPressure, m.usual.Throttled == 0
		if c.Taken == 0 {
			c.Taken = allowed + m.usual.Taken(c.Cores)
		}
	case arms == 1 && c.Taken > 0:
		c.Pressure, c.Throttle = 1, false // as the machine is: nobody knows yet
	default:
		return nil
	}
	return c
}

// most is the most that went on beside any of the runs, each reading for itself.
func most(runs []pipeline.Run) *pipeline.Around {
	var out pipeline.Around
	for _, r := range runs {
		if a := r.Around; !r.Warmup && r.Discarded == "" {
			out.Foreign, out.Steal = max(out.Foreign, a.Foreign), max(out.Steal, a.Steal)
			out.MemPressure, out.Throttled = max(out.MemPressure, a.MemPressure), max(out.Throttled, a.Throttled)
		}
	}
	return &out
}

// attempts are those at a step that were given up.
func (m *maker) attempts(k pipeline.Key) []pipeline.Attempt {
	if m.facts.Attempts == nil || k == "" {
		return nil
	}
	return m.facts.Attempts(k)
}

// unsettled plans to measure the baseline again when the measurement that is next was given up twice since then: how much
// others take of this machine is not what it was (workflow C.2). A limit that is stated holds whatever the baseline saw.
func (m *maker) unsettled() {
	p := m.plan
	if p.Next < 0 || len(m.standings) == 0 || m.study.Environment.Gate.ForeignMax > 0 {
		return
	}
	s := &p.Steps[p.Next]
	if s.Kind != pipeline.StepMeasure || s.Variant == BaselineName {
		return
	}
	n := 0
	for _, a := range m.attempts(s.Key) {
		if a.At.After(m.standings[len(m.standings)-1].record.Finished) {
			n++
		}
	}
	if n > 1 {
		m.measureAgain(len(m.standings)+1, fmt.Sprintf("%s was given up %d times since the baseline was measured", s.Address, n))
	}
}
