package judge

import (
	"fmt"
	"strings"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/stats"
)

// Member is one experiment of a compound, or the compound itself. Effect is Decision.Effect.
type Member struct {
	ID     string // as people call it: "004"
	Effect stats.Interval
}

// Interaction says how a compound compares with what its members promise (workflow 8.2). Changes are fractions of the
// baseline in the metric's own direction.
type Interaction struct {
	Known    bool    `json:"known"` // all of them have a measured effect
	Expected float64 `json:"expected"`
	Actual   float64 `json:"actual"`
	// Extra is the compound's value over the expected one, less one, with its 95 % interval: −0.02 is 2 % lower than promised.
	Extra     float64 `json:"extra"`
	Lo        float64 `json:"lo"`
	Hi        float64 `json:"hi"`
	PConflict float64 `json:"p_conflict"` // one-sided, of "no worse than the best member alone"
	Class     string  `json:"class"`      // a class of stats: additive, sub_additive, synergy, conflict; "" while not Known
	Reason    string  `json:"reason"`     // one line for people
}

// Compound compares a combination with the product of its members' ratios. The workflow's "if A+B < max(A, B): they
// conflict" (4.6) is taken as a test, because for members that are merely redundant the plain comparison is a coin toss.
func Compound(m pipeline.Metric, members []Member, combo Member) Interaction {
	if why := unknown(members, combo); why != "" {
		return Interaction{PConflict: 1, Reason: "cannot be told: " + why}
	}
	singles := make([]stats.Interval, len(members))
	best := members[0]
	for i, x := range members {
		singles[i] = x.Effect
		if x.Effect.Theta < best.Effect.Theta {
			best = x
		}
	}
	j := stats.Interaction(singles, combo.Effect)
	c := comparison{metric: m}
	extra := c.describe(j.Effect)
	expected := 0.0
	for _, s := range singles {
		expected += s.Theta
	}
	out := Interaction{
		Known:    true,
		Expected: c.describe(stats.Interval{Theta: expected}).Change,
		Actual:   c.describe(combo.Effect).Change,
		Extra:    extra.Change, Lo: extra.Lo, Hi: extra.Hi,
		PConflict: j.PConflict, Class: j.Class,
	}
	out.Reason = out.words(m, best.ID)
	return out
}

func unknown(members []Member, combo Member) string {
	if len(members) == 0 {
		return "it has no members"
	}
	var missing []string
	for _, x := range append(members[:len(members):len(members)], combo) {
		if !x.Effect.Defined() {
			missing = append(missing, x.ID)
		}
	}
	if len(missing) == 0 {
		return ""
	}
	return strings.Join(missing, " and ") + " without a measured effect"
}

func (i Interaction) words(m pipeline.Metric, best string) string {
	numbers := fmt.Sprintf("%s expected, %s measured", Percent(i.Expected), Percent(i.Actual))
	worse := "worse"
	if m.Unit == "s" && m.Better != pipeline.Higher {
		worse = "slower"
	}
	switch i.Class {
	case stats.Conflict:
		return fmt.Sprintf("they conflict: together %s than %s alone (%s)", worse, best, numbers)
	case stats.Synergy:
		return "they help each other: " + numbers
	case stats.SubAdditive:
		return "they overlap: " + numbers
	}
	return "they add up: " + numbers
}

// Contribution says what one member adds to a stack, from the stack's effect and that of the stack without it: a real
// run, since in a stack a change may add nothing that was worth a lot alone. "" where one of them has no effect.
func Contribution(m pipeline.Metric, id string, whole, without stats.Interval) string {
	if !whole.Defined() || !without.Defined() {
		return ""
	}
	e := comparison{metric: m}.describe(stats.Interaction([]stats.Interval{without}, whole).Effect)
	change := Change(e.Change, e.Lo, e.Hi)
	worse := e
	if worse.Better == pipeline.Higher {
		worse.Lo, worse.Hi = -e.Hi, -e.Lo
	}
	switch {
	case worse.Hi < 0:
		return fmt.Sprintf("%s adds %s to the others", id, change)
	case worse.Lo > 0:
		return fmt.Sprintf("%s harms the others: %s with it", id, change)
	}
	return fmt.Sprintf("%s adds nothing to the others that could be told from noise: %s with it", id, change)
}

// Adjust makes q-values of the GainP of all experiments of a table, in their order (Benjamini and Hochberg): of those
// with q ≤ 0.05, at most 5 % are expected to gain nothing worth the name. They are shown and decide nothing.
func Adjust(ps ...float64) []float64 { return stats.BenjaminiHochberg(ps) }
