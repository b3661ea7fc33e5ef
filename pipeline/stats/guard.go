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
	clearLevel, vetoLevel := 1-alpha, 1-alpha/2/float64(len(parts))
	states := make([]GuardState, len(parts))
	clear, veto := reach{level: clearLevel}, reach{level: vetoLevel}
	for i, p := range parts {
		states[i] = Unclear
		switch {
		case !p.Defined():
		case p.Est > bound:
			if p.Est-veto.of(p) > 0 {
				states[i] = Veto
			}
		case p.Est+clear.of(p) < bound:
			states[i] = Clear
		}
	}
	return states
}

// reach is how far the truth may lie to one side of an estimate. Mostly all inputs have the same degrees of freedom, and
// then the quantile is looked up once.
type reach struct {
	level        float64
	df, quantile float64 // of the last estimate
}

func (r *reach) of(p Estimate) float64 {
	if p.SE == 0 {
		return 0 // and not 0·∞
	}
	if p.DF != r.df {
		r.df, r.quantile = p.DF, studentQuantile(r.level, p.DF)
	}
	return r.quantile * p.SE
}
