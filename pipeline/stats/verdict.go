package stats

import (
	"math"
	"slices"
)

// The words of a Decision. They equal the workflow's; Continue is not a verdict but "measure on".
const (
	Keep         = "KEEP"
	Maybe        = "MAYBE"
	Discard      = "DISCARD"
	Inconclusive = "INCONCLUSIVE"
	Continue     = "CONTINUE"
)

// The reasons of a Decision.
const (
	Regression      = "regression"       // the whole interval is on the slow side
	Equivalent      = "equivalent"       // the interval lies inside ± the MAYBE threshold
	BelowThreshold  = "below_threshold"  // the interval excludes the KEEP zone
	InputRegression = "input_regression" // a guard's veto
	GuardUnclear    = "guard_unclear"    // would be KEEP, but an input is not shown to be unharmed
	CITooWide       = "ci_too_wide"      // more pairs are needed
)

// Decision is what one look at the data says.
type Decision struct {
	Stop    bool
	Verdict string // Keep, Maybe, Discard or Inconclusive; Continue when not Stop
	Reason  string // one of the reasons, or empty: KEEP and MAYBE need none
}

// Zone reads the decision table (workflow 4.5) for one interval, without guards: the point picks the row, and the
// interval must exclude the opposite row. So at most 2.5 % of hypotheses with a gain of no more than maybe are kept,
// and at most 2.5 % of those with a gain of keep or more discarded. keep and maybe are gains as fractions (0.05, 0.02).
// An interval with a NaN in it is inconclusive.
func Zone(theta, lo, hi, keep, maybe float64) string {
	lnKeep, lnMaybe := math.Log1p(-keep), math.Log1p(-maybe)
	switch {
	case math.IsNaN(theta) || math.IsNaN(lo) || math.IsNaN(hi):
		return Inconclusive
	case theta > lnMaybe:
		return either(lo > lnKeep, Discard)
	case theta <= lnKeep && hi < lnMaybe:
		return Keep
	}
	return either(hi < 0, Maybe)
}

func either(shown bool, verdict string) string {
	if shown {
		return verdict
	}
	return Inconclusive
}

// Verdict is the decision on an effect theta with interval [lo, hi] and the guards of its inputs. Before the final look
// only what no further pair is likely to turn stops: KEEP, a veto, and a DISCARD whose interval excludes the MAYBE
// zone too. (Stopping on any verdict saves 2 to 7 pairs and costs 15 points of power at a CV of 10 %.)
func Verdict(theta, lo, hi float64, guards []GuardState, keep, maybe float64, final bool) Decision {
	lnMaybe := math.Log1p(-maybe)
	d := guarded(Zone(theta, lo, hi, keep, maybe), guards)
	if d.Verdict == Discard && d.Reason == "" {
		d.Reason = discardReason(lo, hi, lnMaybe)
	}
	d.Stop = final || d.Verdict == Keep ||
		d.Verdict == Discard && (d.Reason == InputRegression || lo > lnMaybe)
	if !d.Stop {
		return Decision{Verdict: Continue}
	}
	return d
}

// guarded applies the guards: a veto turns a gain into DISCARD, an unclear one a KEEP into INCONCLUSIVE.
func guarded(zone string, guards []GuardState) Decision {
	switch {
	case zone == Inconclusive:
		return Decision{Verdict: Inconclusive, Reason: CITooWide}
	case (zone == Keep || zone == Maybe) && slices.Contains(guards, Veto):
		return Decision{Verdict: Discard, Reason: InputRegression}
	case zone == Keep && slices.Contains(guards, Unclear):
		return Decision{Verdict: Inconclusive, Reason: GuardUnclear}
	}
	return Decision{Verdict: zone}
}

func discardReason(lo, hi, lnMaybe float64) string {
	switch {
	case lo > 0:
		return Regression
	case lo > lnMaybe && hi < -lnMaybe:
		return Equivalent
	}
	return BelowThreshold
}

// TargetHalf is the half width of the interval (about 1.5 points) below which the noise gate lets a verdict pass.
const TargetHalf = 0.015

// NeedPairs estimates how many pairs, in all, would shrink the interval [lo, hi] of n pairs to the half width
// targetHalf: widths shrink with the root of the pairs. It is n where the interval has no width, and 0 (not known)
// where it is infinite.
func NeedPairs(n int, lo, hi, targetHalf float64) int {
	half := (hi - lo) / 2
	if half == 0 {
		return n
	}
	need := math.Ceil(float64(n) * square(half/targetHalf))
	if !(half > 0) || !(targetHalf > 0) || !finite(need) {
		return 0
	}
	return int(min(need, math.MaxInt32))
}
