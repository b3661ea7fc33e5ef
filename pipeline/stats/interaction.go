package stats

import "math"

// The ways in which optimizations go together. The strings are those of results.json.
const (
	Additive    = "additive"     // as fast as the parts promise, as far as can be seen
	SubAdditive = "sub_additive" // less than promised
	Synergy     = "synergy"      // more than promised
	Conflict    = "conflict"     // slower than the best part alone
)

const (
	interactionConfidence = 0.95
	conflictLevel         = 0.05 // one-sided
	// exactSlack is the rounding of a few sums of logarithms. It matters for exact metrics only, which have no noise.
	exactSlack = 1e-12
)

// Joint says how a combination compares with its parts.
type Joint struct {
	Expected  float64  // fraction: the parts' changes multiplied
	Actual    float64  // fraction: the combination's
	Effect    Interval // of the interaction: ln actual - ln expected, above zero is worse than promised; 95 %
	PConflict float64  // one-sided, of "no slower than the best part"
	Class     string   // Additive, SubAdditive, Synergy or Conflict; empty where undefined
}

// Interaction compares the effect of a combination with the sum of its parts' (on the log scale, where effects
// multiply). All must have been measured against the same baseline, each in runs of its own: parts that share a
// baseline sample are not independent and the interval would be too narrow. "Slower than the best part" (workflow's
// conflict) is a test at 5 % here, because the plain comparison is a coin toss for parts that are merely redundant.
func Interaction(singles []Interval, combo Interval) Joint {
	if len(singles) == 0 || !combo.Defined() {
		return undefinedJoint()
	}
	var expected float64
	shares := []share{spread(combo)}
	best := singles[0]
	for _, s := range singles {
		if !s.Defined() {
			return undefinedJoint()
		}
		expected += s.Theta
		shares = append(shares, spread(s))
		if s.Theta < best.Theta {
			best = s
		}
	}
	j := Joint{
		Expected:  math.Expm1(expected),
		Actual:    math.Expm1(combo.Theta),
		Effect:    sumInterval(combo.Theta-expected, shares),
		PConflict: slower(combo, best),
	}
	j.Class = j.classify()
	return j
}

func (j Joint) classify() string {
	switch {
	case j.PConflict < conflictLevel:
		return Conflict
	case j.Effect.Hi < -exactSlack:
		return Synergy
	case j.Effect.Lo > exactSlack:
		return SubAdditive
	}
	return Additive
}

// slower returns the one-sided p of "a is no slower than b".
func slower(a, b Interval) float64 {
	diff := sumInterval(a.Theta-b.Theta, []share{spread(a), spread(b)})
	if diff.SE == 0 {
		return oneSided(diff.Theta-exactSlack, 0, diff.DF)
	}
	return oneSided(diff.Theta, diff.SE, diff.DF)
}

func spread(iv Interval) share { return share{iv.SE * iv.SE, iv.DF} }

func sumInterval(theta float64, shares []share) Interval {
	var variance, df float64
	for _, s := range shares {
		variance += s.variance
		df += s.df
	}
	if variance == 0 {
		return exactInterval(theta, df)
	}
	return newInterval(theta, math.Sqrt(variance), satterthwaite(shares), interactionConfidence)
}

func undefinedJoint() Joint {
	return Joint{Expected: math.NaN(), Actual: math.NaN(), Effect: undefinedInterval(), PConflict: 1}
}
