package plan

import (
	"fmt"
	"slices"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/judge"
)

// accumulatedName is what the run that confirms what was kept is called, unless the Benchfile has the name.
const accumulatedName = "accumulated"

// confirm plans the run on which the final figure rests. What was kept was chosen because it looked good, so its own
// figure is, on average, too good; and several changes together are not the sum of each. Therefore, when everything is
// decided, all that was kept is measured together on fresh samples. A compound that is just that serves; where they
// can't be put together, or are not kept together, the best of what was kept is measured once more.
func (m *maker) confirm() {
	if !m.study.Confirm {
		return
	}
	if !m.ready {
		m.plan.Unconfirmed, m.pending = "the baseline is not complete", true
		return
	}
	kept, why := m.settled()
	switch {
	case why != "":
		m.plan.Unconfirmed, m.pending = why, true
		return
	case len(kept) == 0:
		m.plan.Unconfirmed = "nothing was kept"
		return
	}
	number := m.number
	if len(kept) > 1 {
		x := m.covering(kept)
		if x == nil {
			x = m.accumulate(kept, number, "All that was kept, together", "")
			number++
		}
		switch {
		case x.Verdict == nil && (x.State != Skipped || x.Why == notTarget), x.Verdict != nil && x.Verdict.Kind == pipeline.Keep:
			m.confirmedBy(x)
			return
		}
	}
	best := m.bestKept()
	set := m.hypotheses(best.Variant.Members)
	m.confirmedBy(m.accumulate(set, number, fmt.Sprintf("%03d", best.Variant.Number)+" again, on fresh samples", best.Variant.ID()))
}

// settled are the kept hypotheses, when nothing is left that could change what is kept; else why says what is.
func (m *maker) settled() (kept []*pipeline.Hypothesis, why string) {
	var names []string
	for i := range m.plan.Experiments {
		x := &m.plan.Experiments[i]
		switch {
		case x.Verdict == nil && (x.State != Skipped || x.Why == notTarget):
			return nil, "not everything is decided"
		case x.Verdict != nil && x.Hypothesis != nil && x.Verdict.Kind == pipeline.Keep:
			names = append(names, x.Variant.Name)
		}
	}
	return m.ranked(names), ""
}

// covering is the experiment that measures just these hypotheses together, nil when there is none.
func (m *maker) covering(set []*pipeline.Hypothesis) *Experiment {
	for i := range m.plan.Experiments {
		x := &m.plan.Experiments[i]
		if x.Hypothesis == nil && len(x.Variant.Members) == len(set) &&
			!slices.ContainsFunc(set, func(h *pipeline.Hypothesis) bool { return !slices.Contains(x.Variant.Members, h.Name) }) {
			return x
		}
	}
	return nil
}

// bestKept is the kept experiment that gained most.
func (m *maker) bestKept() *Experiment {
	var best *Experiment
	for i := range m.plan.Experiments {
		x := &m.plan.Experiments[i]
		if x.Verdict == nil || x.Verdict.Kind != pipeline.Keep {
			continue
		}
		if best == nil || x.Verdict.Effect.Improvement() > best.Verdict.Effect.Improvement() {
			best = x
		}
	}
	return best
}

func (m *maker) hypotheses(names []string) []*pipeline.Hypothesis {
	var out []*pipeline.Hypothesis
	for _, n := range names {
		if h, ok := m.study.Hypothesis(n); ok {
			out = append(out, h)
		}
	}
	return out
}

// accumulate plans a combination that no block asks for. again names what it measures once more: then its samples are
// told apart from those that are recorded already.
func (m *maker) accumulate(set []*pipeline.Hypothesis, number int, title, again string) *Experiment {
	v, why := combine(m.study, set)
	v.Name, v.Number, v.Title = m.freeName(), number, title
	e := Experiment{Variant: v, Confirms: again}
	if len(set) > 1 {
		e.Expected = m.expected(set)
	}
	if why != "" {
		e.State, e.Why = Skipped, "can't be combined: "+why
		m.plan.Experiments = append(m.plan.Experiments, e)
		return &m.plan.Experiments[len(m.plan.Experiments)-1]
	}
	x := m.experiment(e)
	if len(set) > 1 {
		x.Interaction = m.interaction(x, set)
	}
	return x
}

// freeName is a name that nothing else has.
func (m *maker) freeName() string {
	name := accumulatedName
	for n := 2; m.named(name); n++ {
		name = fmt.Sprintf("%s-%d", accumulatedName, n)
	}
	return name
}

func (m *maker) named(name string) bool {
	return slices.ContainsFunc(m.plan.Experiments, func(x Experiment) bool { return x.Variant.Name == name || x.Variant.Compound == name })
}

// confirmedBy notes which experiment confirms, or why it does not.
func (m *maker) confirmedBy(x *Experiment) {
	m.plan.Confirmation = x.Variant.Name
	switch {
	case x.Verdict == nil:
		m.plan.Unconfirmed, m.pending = x.Variant.ID()+": "+x.Why, true
	case x.Verdict.Kind != pipeline.Keep:
		m.plan.Unconfirmed = fmt.Sprintf("%s is %s: %s", x.Variant.ID(), x.Verdict.Kind, x.Verdict.Reason)
	}
}

// adjust adds q-values to the verdicts: with many hypotheses a small p is no surprise any more. The run that confirms is
// not one of many.
func (m *maker) adjust() {
	var measured []*Experiment
	var ps []float64
	for i := range m.plan.Experiments {
		x := &m.plan.Experiments[i]
		if x.Verdict != nil && x.Decision != nil && x.Decision.Effect.Defined() && x.Confirms == "" {
			measured, ps = append(measured, x), append(ps, x.Decision.GainP)
		}
	}
	for i, q := range judge.Adjust(ps...) {
		measured[i].Verdict.Q, measured[i].Verdict.QOf = &q, len(ps)
	}
}
