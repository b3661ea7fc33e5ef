package plan

import (
	"fmt"
	"strings"

	"github.com/benchfile/bench/pipeline/judge"
)

// returns follows what experiments gain, in the order in which they are tried.
type returns struct {
	small []string // ids of the last finished experiments in a row that gained next to nothing
	why   string   // why the rest is not tried; "" = go on
}

// yielded takes note of what a hypothesis gained.
func (m *maker) yielded(x *Experiment) {
	switch judge.YieldOf(x.Decision, m.study.Criteria) {
	case judge.SmallGain:
		m.returns.small = append(m.returns.small, fmt.Sprintf("%03d", x.Variant.Number))
	case judge.Gain:
		m.returns.small, m.returns.why = nil, ""
	}
	if n := m.study.Patience; m.returns.why == "" && n > 0 && len(m.returns.small) >= n {
		m.returns.why = fmt.Sprintf("diminishing returns: the last %d finished experiments (%s) each gained less than 1 %%",
			n, strings.Join(m.returns.small[len(m.returns.small)-n:], ", "))
	}
}

// exhausted is why a hypothesis is not tried any more, "" when it is. Whoever names it as a target gets it.
func (m *maker) exhausted(x *Experiment) string {
	if x.Hypothesis == nil || len(m.options.Target) > 0 {
		return ""
	}
	return m.returns.why
}
