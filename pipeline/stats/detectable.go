package stats

import "math"

// Detectable returns the smallest effect, as a log-ratio above zero, that n pairs on each input see with the given
// power: the interval of the given confidence then excludes zero. iv is an interval over inputs from had pairs each,
// of two arms that do the same.
//
// It is Bloom's minimum detectable effect (Evaluation Review 19, 1995): (t of (1+confidence)/2 + t of power) × the
// standard error. That shrinks with the root of the pairs; degrees of freedom grow with the values that trimming keeps.
// +Inf where iv is undefined or n leaves no degree of freedom, and 0 where there is no spread.
func Detectable(iv Interval, had, n int, confidence, power float64) float64 {
	switch {
	case !iv.Defined() || had < MinValues || n < MinValues:
		return math.Inf(1)
	case iv.SE == 0:
		return 0
	}
	df := iv.DF * float64(kept(n)-1) / float64(kept(had)-1)
	se := iv.SE * math.Sqrt(float64(had)/float64(n))
	return se * (studentQuantile(.5+confidence/2, df) + studentQuantile(power, df))
}

// kept is how many of n values trimming leaves.
func kept(n int) int { return n - 2*int(trimShare*float64(n)+1e-9) }
