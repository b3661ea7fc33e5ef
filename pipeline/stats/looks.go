package stats

import (
	"math"
	"slices"
)

// overall is the coverage that the interval keeps whatever the look at which measuring stops.
const overall = 0.95

// looks is a plan of interim looks: each look's share of the pairs of the last one, and the level that every look's
// interval needs (repeated confidence intervals after Jennison and Turnbull, with Pocock's constant bound: 2.2486 for
// ½, ¾, 1), rounded to the safe side.
type looks struct {
	shares     []float64
	confidence float64
}

// lookTable is ordered so that, among plans of one length, the narrowest interval comes first.
func lookTable() []looks {
	return []looks{
		{[]float64{1}, overall},
		{[]float64{1. / 2, 1}, .971},              // 10, 20
		{[]float64{1. / 2, 3. / 4, 1}, .976},      // 10, 15, 20
		{[]float64{1. / 4, 1. / 2, 1}, .98},       // 10, 20, 40
		{[]float64{1. / 4, 1. / 2, .75, 1}, .982}, // 10, 20, 30, 40
	}
}

// Confidence returns the level that the interval of each look needs, so that the interval at which one stops covers
// the truth in 95 % of all cases whatever made one stop. looks are the cumulated numbers of pairs: 10, 15, 20.
//
// A plan that is not in the table takes the narrowest entry of its length whose looks are nowhere closer together: the
// more two looks share, the less the second can stray (Royen 2014), so that entry is on the safe side; 5, 8, 10 takes
// the one of 10, 20, 40. Where there is none, the looks count as independent (Šidák 1967), which is safe for any plan.
// Order and repetitions do not matter; looks at no pairs are none, and no look at all is one.
func Confidence(looks []int) float64 {
	plan := cleanLooks(looks)
	for _, entry := range lookTable() {
		if len(entry.shares) == len(plan) && atLeastAsClose(plan, entry.shares) {
			return entry.confidence
		}
	}
	return math.Pow(overall, 1/float64(max(1, len(plan))))
}

func cleanLooks(looks []int) []float64 {
	var plan []float64
	for _, n := range looks {
		if n > 0 {
			plan = append(plan, float64(n))
		}
	}
	slices.Sort(plan)
	return slices.Compact(plan)
}

// atLeastAsClose reports whether every look of plan shares as large a part of its pairs with the look before as the
// table's entry does.
func atLeastAsClose(plan, entry []float64) bool {
	for i := 1; i < len(plan); i++ {
		if plan[i-1]/plan[i] < entry[i-1]/entry[i]-1e-12 {
			return false
		}
	}
	return true
}
