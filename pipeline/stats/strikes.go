package stats

import "slices"

// minReference is the fewest baseline runs whose maximum may serve as a cap.
const minReference = 3

// Literal returns the 1-based number of the first candidate run above (1+limit) times the median reference run, or 0 for
// none: the workflow's rule of KILL (4.5) as it is worded. Noise alone satisfies it: at a CV of 3 % it kills a third of
// the candidates that equal the baseline, which is why Strikes is what is used unless asked otherwise.
func Literal(cand, ref []float64, limit float64) int {
	if len(ref) < minReference || !allFinite(ref) {
		return 0
	}
	top := Median(ref) * (1 + limit)
	return 1 + slices.IndexFunc(cand, func(t float64) bool { return t > top })
}

// Strikes returns the 1-based number of the candidate run at which a candidate is killed for being hopelessly slow, or
// 0 for never. cand and base are the paired runs in order (a longer one's rest is not looked at), ref the reference
// runs of the baseline, at least three. All in one unit of time.
//
// A run is a strike when it is above (1+limit) times the slowest reference run while its control in the same pair is
// at most (1+limit) times the median one; when the control is slow too it was the machine, and the pair says nothing. A
// run at or below the cap forgives all strikes before it. Three in a row are asked for because one alone kills 38 % of
// the identical candidates at a CV of 3 %, and three in a row 0.02 %.
func Strikes(cand, base, ref []float64, limit float64, consecutive int) int {
	if len(ref) < minReference || !allFinite(ref) {
		return 0
	}
	runCap := slices.Max(ref) * (1 + limit)
	controlCap := Median(ref) * (1 + limit)
	strikes := 0
	for i := range min(len(cand), len(base)) {
		switch {
		case cand[i] <= runCap:
			strikes = 0
		case cand[i] > runCap && base[i] <= controlCap:
			strikes++
		}
		if strikes >= max(1, consecutive) {
			return i + 1
		}
	}
	return 0
}
