package stats

import "math"

// GuardState says whether an input got worse.
type GuardState string

// The states of a guard. The strings are those of results.json.
const (
	Clear   GuardState = "clear"   // shown to be no worse than the limit
	Unclear GuardState = "unclear" // neither shown
	Veto    GuardState = "veto"    // worse than the limit by its estimate, and shown to be worse at all
)

// Guard says of each input whether it became slower than limit (0.05: five per cent) allows, at level alpha (0.05).
//
// Clear is shown per input without correction, because all inputs have to be clear (intersection-union). A veto
// ends the experiment, so its level is halved and divided by the number of inputs: more inputs must not mean more
// false alarms. An undefined estimate is unclear.
func Guard(parts []Estimate, limit, alpha float64) []GuardState {
	bound := math.Log1p(limit)
	states := make([]GuardState, len(parts))
	for i, p := range parts {
		states[i] = guardOne(p, bound, 1-alpha, 1-alpha/2/float64(len(parts)))
	}
	return states
}

func guardOne(p Estimate, bound, clearLevel, vetoLevel float64) GuardState {
	switch {
	case !p.Defined():
		return Unclear
	case p.Est > bound && p.Est-reach(p, vetoLevel) > 0:
		return Veto
	case p.Est+reach(p, clearLevel) < bound:
		return Clear
	}
	return Unclear
}

// reach is how far the truth may lie to one side of the estimate.
func reach(p Estimate, level float64) float64 {
	if p.SE == 0 {
		return 0 // and not 0·∞
	}
	return studentQuantile(level, p.DF) * p.SE
}
