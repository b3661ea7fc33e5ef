package plan

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/judge"
)

// maxAll bounds search = "all": six members already make 57 combinations.
const maxAll = 6

// compounds expands every compound block whose members are known, and plans what comes of it.
func (m *maker) compounds() {
	next := firstFree(m.study)
	for i := range m.study.Compounds {
		c := &m.study.Compounds[i]
		number := c.Number
		if number == 0 {
			number = next
		}
		members, known, err := c.Of(m.verdicts)
		switch {
		case err != nil:
			m.empty(c, number, Skipped, "its members can't be told: "+err.Error())
		case !known && m.returns.why == "":
			m.empty(c, number, Waiting, "waits for the verdicts that its members depend on")
		case len(members) < 2:
			m.empty(c, number, Skipped, fmt.Sprintf("needs two members, has %s", list(members)))
		default:
			number = m.expand(c, m.ranked(members), number)
		}
		next = max(next, number+1)
	}
	m.number = next
}

// empty is a compound of which nothing can be run.
func (m *maker) empty(c *pipeline.Compound, number int, state State, why string) {
	v := pipeline.Variant{Name: c.Name, Number: number, Title: title(c, nil), Compound: c.Name, At: c.At}
	m.plan.Experiments = append(m.plan.Experiments, Experiment{Variant: v, State: state, Why: why})
}

// ranked sorts members by the improvement that was measured, best first; ties and unmeasured ones by number.
func (m *maker) ranked(names []string) []*pipeline.Hypothesis {
	var out []*pipeline.Hypothesis
	for _, n := range names {
		if h, ok := m.study.Hypothesis(n); ok {
			out = append(out, h)
		}
	}
	slices.SortStableFunc(out, func(a, b *pipeline.Hypothesis) int {
		x, y := m.improvement(a.Name), m.improvement(b.Name)
		switch {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return a.Number - b.Number
	})
	return out
}

// improvement of a decided variant as a fraction; 0 when there is none.
func (m *maker) improvement(name string) float64 {
	if e := m.find(name); e != nil && e.Verdict != nil && e.Verdict.Effect != nil {
		return e.Verdict.Effect.Improvement()
	}
	return 0
}

// expand plans the combinations that the block's search asks for. It returns the last number it gave out.
func (m *maker) expand(c *pipeline.Compound, members []*pipeline.Hypothesis, number int) int {
	sets := [][]*pipeline.Hypothesis{members}
	switch c.Search {
	case "pairs":
		sets = subsets(members, 2, 2)
	case "all":
		if len(members) > maxAll {
			m.warn(c.At, fmt.Sprintf("compound %q: only the %d best of %d members are combined in every way", c.Name, maxAll, len(members)), "")
			members = members[:maxAll]
		}
		sets = subsets(members, 2, len(members))
	case "leave-one-out":
		if len(members) > 2 { // of two, the others have been measured alone
			sets = append(sets, leaveOneOut(members)...)
		}
	case "greedy":
		return m.greedy(c, members, number)
	}
	first := len(m.plan.Experiments)
	for i, set := range sets {
		m.combination(c, set, number+i, len(sets) > 1)
	}
	if c.Search == "leave-one-out" {
		m.contributions(m.plan.Experiments[first:], members)
	}
	return number + len(sets) - 1
}

// leaveOneOut are the sets that lack one member each, in the members' order.
func leaveOneOut[T any](members []T) [][]T {
	var out [][]T
	for i := range members {
		out = append(out, slices.Concat(members[:i:i], members[i+1:]))
	}
	return out
}

// contributions says of each member of a stack what it adds: the first experiment is the whole, the others lack one each.
func (m *maker) contributions(xs []Experiment, members []*pipeline.Hypothesis) {
	whole := &xs[0]
	for i := range xs[1:] {
		x, id := &xs[1+i], fmt.Sprintf("%03d", members[i].Number)
		if whole.Verdict == nil || x.Verdict == nil || whole.Decision == nil || x.Decision == nil {
			continue
		}
		if text := judge.Contribution(m.study.Primary(), id, whole.Decision.Effect, x.Decision.Effect); text != "" {
			whole.Verdict.Warnings = append(whole.Verdict.Warnings, text)
		}
	}
}

// greedy adds one member after the other, best first, and keeps it only when the stack with it is better than the
// stack without it. Each step waits for the verdict of the one before.
func (m *maker) greedy(c *pipeline.Compound, members []*pipeline.Hypothesis, number int) int {
	stack, best := members[:1:1], m.improvement(members[0].Name)
	for i, h := range members[1:] {
		try := append(slices.Clone(stack), h)
		e := m.combination(c, try, number+i, len(members) > 2)
		if e.State != Done {
			return number + i
		}
		if e.Verdict != nil && e.Verdict.Effect != nil && e.Verdict.Kind != pipeline.Reject && e.Verdict.Effect.Improvement() > best {
			stack, best = try, e.Verdict.Effect.Improvement()
		}
	}
	return number + len(members) - 2
}

// combination plans one set of members as an experiment.
func (m *maker) combination(c *pipeline.Compound, set []*pipeline.Hypothesis, number int, named bool) *Experiment {
	v, why := combine(m.study, set)
	v.Name, v.Number, v.Compound, v.Title, v.At = c.Name, number, c.Name, title(c, set), c.At
	if named {
		v.Name += suffix(set)
	}
	e := Experiment{Variant: v, Expected: m.expected(set)}
	if why != "" {
		e.State, e.Why = Skipped, "can't be combined: "+why
		m.plan.Experiments = append(m.plan.Experiments, e)
		return &m.plan.Experiments[len(m.plan.Experiments)-1]
	}
	x := m.experiment(e)
	x.Interaction = m.interaction(x, set)
	return x
}

// interaction says whether the members of a measured combination add up, and which of them stand in each other's way.
func (m *maker) interaction(x *Experiment, set []*pipeline.Hypothesis) *judge.Interaction {
	if x.Decision == nil || !x.Decision.Effect.Defined() {
		return nil
	}
	var members []judge.Member
	for _, h := range set {
		e := m.find(h.Name)
		if e == nil || e.Decision == nil || !e.Decision.Effect.Defined() {
			return nil
		}
		members = append(members, judge.Member{ID: fmt.Sprintf("%03d", h.Number), Effect: e.Decision.Effect})
	}
	i := judge.Compound(m.study.Primary(), members, judge.Member{ID: fmt.Sprintf("%03d", x.Variant.Number), Effect: x.Decision.Effect})
	if x.Verdict != nil && i.Known && i.Class != "additive" {
		x.Verdict.Warnings = append(x.Verdict.Warnings, i.Reason)
	}
	return &i
}

// expected is the product of the members' ratios less one, as a fraction; nil when one of them has no effect measured.
func (m *maker) expected(set []*pipeline.Hypothesis) *float64 {
	sum := 0.0
	for _, h := range set {
		e := m.find(h.Name)
		if e == nil || e.Verdict == nil || e.Verdict.Effect == nil {
			return nil
		}
		sum += math.Log1p(e.Verdict.Effect.Change)
	}
	x := math.Expm1(sum)
	return &x
}

func suffix(set []*pipeline.Hypothesis) string {
	var b strings.Builder
	for _, h := range set {
		fmt.Fprintf(&b, "-%03d", h.Number)
	}
	return b.String()
}

func title(c *pipeline.Compound, set []*pipeline.Hypothesis) string {
	if c.Title != "" || len(set) == 0 {
		return c.Title
	}
	var parts []string
	for _, h := range set {
		parts = append(parts, fmt.Sprintf("%03d", h.Number))
	}
	return strings.Join(parts, " + ")
}

// subsets of size from lo to hi, small ones first, in the order of the members.
func subsets[T any](members []T, lo, hi int) [][]T {
	var out [][]T
	for size := lo; size <= hi; size++ {
		for bits := 0; bits < 1<<len(members); bits++ {
			var set []T
			for i := range members {
				if bits&(1<<i) != 0 {
					set = append(set, members[i])
				}
			}
			if len(set) == size {
				out = append(out, set)
			}
		}
	}
	return out
}

func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
