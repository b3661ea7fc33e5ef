package stats

import (
	"cmp"
	"math"
	"slices"
)

const (
	minSegment = 2     // sessions on either side of a change
	splitLevel = 10    // splits are tried at ten times the level at which they are kept
	tieSlack   = 1e-12 // two splits whose energies differ by less are equal; the earlier one counts
)

// ChangePoints returns where a history changes level: each number is the first place of a new segment. logs are the
// logarithms of one value per session, in order; a change is kept when its p is below alpha (0.001) and it is at least
// minChange (0.02) in log units.
//
// After Hunter (Fleming et al. 2023): split each segment where the energy statistic of Matteson and James is greatest
// for as long as a t-test says there may be something, then take out the weakest change until all that remain are
// strong. It needs about four sessions on either side; nil where a value is not finite.
func ChangePoints(logs []float64, alpha, minChange float64) []int {
	if !allFinite(logs) {
		return nil
	}
	points := pruneWeakest(logs, splitAll(logs, splitLevel*alpha), alpha, minChange)
	return points[1 : len(points)-1]
}

// splitAll returns the ends of all segments, 0 and len(x) among them. Segments are worked off from a list instead of
// by recursion; a segment that would not split is never tried again.
func splitAll(x []float64, level float64) []int {
	points := []int{0, len(x)}
	todo := [][2]int{{0, len(x)}}
	for len(todo) > 0 {
		from, to := todo[0][0], todo[0][1]
		todo = todo[1:]
		cut := bestSplit(x[from:to])
		if cut == 0 || !(pooledP(x[from:from+cut], x[from+cut:to]) < level) {
			continue
		}
		points = append(points, from+cut)
		todo = append(todo, [2]int{from, from + cut}, [2]int{from + cut, to})
	}
	slices.Sort(points)
	return points
}

// bestSplit returns where to cut x in two, or 0 where x is too short.
func bestSplit(x []float64) int {
	best, at := math.Inf(-1), 0
	for t, q := range energies(x) {
		if t >= minSegment && t <= len(x)-minSegment && q > best+tieSlack {
			best, at = q, t
		}
	}
	return at
}

// energies returns for each t the energy statistic of the split x[:t] | x[t:]: how much farther apart values of
// different sides are than values of the same side. The sums of distances are carried from one split to the next, so
// that a whole history costs n² and not n³.
func energies(x []float64) []float64 {
	n := len(x)
	q := make([]float64, n+1)
	var left, right, between float64 // sums of |a-b| over pairs
	for i := range x {
		right += distances(x[i], x[:i])
	}
	for t := 1; t < n; t++ {
		moved := x[t-1]
		toLeft, toRight := distances(moved, x[:t-1]), distances(moved, x[t:])
		left += toLeft
		right -= toRight
		between += toRight - toLeft
		a, b := float64(t), float64(n-t)
		q[t] = a * b / (a + b) * (2*between/(a*b) - perPair(left, a) - perPair(right, b))
	}
	return q
}

func distances(v float64, from []float64) float64 {
	var s float64
	for _, w := range from {
		s += math.Abs(v - w)
	}
	return s
}

// perPair is the mean distance of two different values among n.
func perPair(sum, n float64) float64 {
	if n < 2 {
		return 0
	}
	return 2 * sum / (n * (n - 1))
}

// change is one candidate change between two neighbouring segments.
type change struct {
	p, size float64
	at      int // in the list of points
}

// pruneWeakest takes out the change with the largest p until every p is below alpha, and then the smallest change until
// every one is large enough; each time the neighbours are tested anew, since their segments have grown.
func pruneWeakest(x []float64, points []int, alpha, minChange float64) []int {
	for len(points) > 2 {
		changes := changesAt(x, points)
		weakest := slices.MaxFunc(changes, byP)
		if weakest.p < alpha {
			weakest = slices.MinFunc(changes, func(a, b change) int { return cmp.Compare(a.size, b.size) })
			if weakest.size >= minChange {
				break
			}
		}
		points = slices.Delete(points, weakest.at, weakest.at+1)
	}
	return points
}

func byP(a, b change) int {
	return cmp.Or(cmp.Compare(a.p, b.p), cmp.Compare(a.size, b.size), cmp.Compare(a.at, b.at))
}

func changesAt(x []float64, points []int) []change {
	var all []change
	for i := 1; i < len(points)-1; i++ {
		before, after := x[points[i-1]:points[i]], x[points[i]:points[i+1]]
		meanBefore, _ := moments(before)
		meanAfter, _ := moments(after)
		all = append(all, change{pooledP(before, after), math.Abs(meanAfter - meanBefore), i})
	}
	return all
}
