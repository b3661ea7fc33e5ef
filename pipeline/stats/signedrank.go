package stats

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
)

// Limits of the exact distributions: beyond them the normal approximation errs by less than noise matters.
const (
	exactSignedRank = 50  // values, of the test
	exactWalsh      = 300 // values, of the interval: 45 000 sums
)

// RankTest is the result of a rank test: the statistic, the values it rests on, and the two-sided p.
type RankTest struct {
	Statistic float64
	N         int
	P         float64
}

// SignedRank is Wilcoxon's test of "d is symmetric about zero": a second opinion beside the verdict's interval.
// Statistic is the sum of the ranks of the positive values. Zeros are dropped, equal magnitudes share their rank, and
// up to 50 values the distribution given these ranks is exact; beyond, it is normal with tie and continuity correction.
// Values that are not finite give p = 1 and N = 0.
func SignedRank(d []float64) RankTest {
	d = withoutZeros(d)
	if len(d) == 0 || !allFinite(d) {
		return RankTest{P: 1}
	}
	sizes := make([]float64, len(d))
	for i, v := range d {
		sizes[i] = math.Abs(v)
	}
	ranks, ties := midRanks(sizes)
	res := RankTest{N: len(d)}
	for i, v := range d {
		if v > 0 {
			res.Statistic += ranks[i]
		}
	}
	if res.N <= exactSignedRank {
		res.P = signedRankExact(ranks, res.Statistic)
	} else {
		res.P = signedRankNormal(float64(res.N), ties, res.Statistic)
	}
	return res
}

// signedRankExact works on doubled ranks, which are whole even when shared.
func signedRankExact(ranks []float64, w float64) float64 {
	doubled := make([]int, len(ranks))
	for i, r := range ranks {
		doubled[i] = int(math.Round(2 * r))
	}
	pmf := signedSums(doubled)
	at := int(math.Round(2 * w))
	return min(1, 2*min(sum(pmf[:at+1]), sum(pmf[at:])))
}

func signedRankNormal(n, ties, w float64) float64 {
	mean := n * (n + 1) / 4
	variance := n*(n+1)*(2*n+1)/24 - ties/48
	z := (math.Abs(w-mean) - .5) / math.Sqrt(variance)
	return min(1, 2*normalTail(z))
}

// signedSums returns the distribution of the sum of those ranks that a fair coin picks: entry k is P(sum = k).
func signedSums(ranks []int) []float64 {
	total := 0
	for _, r := range ranks {
		total += r
	}
	pmf := make([]float64, total+1)
	pmf[0] = 1
	top := 0
	for _, r := range ranks {
		top += r
		for k := top; k >= 0; k-- {
			without := pmf[k] / 2
			if k >= r {
				without += pmf[k-r] / 2
			}
			pmf[k] = without
		}
	}
	return pmf
}

// OrderInterval is an interval whose ends are order statistics: the K-th from either side. Its confidence is Achieved,
// at least what was asked for. K is 0 and the ends are infinite where there are too few values for that.
type OrderInterval struct {
	Est      float64
	Lo, Hi   float64
	K        int
	Achieved float64
}

// HodgesLehmann returns the median of the means of all pairs of values, each with itself too; NaN of nothing.
func HodgesLehmann(d []float64) float64 { return medianSorted(walshMeans(d)) }

// HodgesLehmannCI returns the Hodges-Lehmann estimate with the interval that inverts the signed-rank test.
func HodgesLehmannCI(d []float64, confidence float64) OrderInterval {
	if len(d) == 0 || !allFinite(d) {
		return undefinedOrder(math.NaN())
	}
	means := walshMeans(d)
	k, achieved := walshIndex(len(d), confidence)
	return orderInterval(means, medianSorted(means), k, achieved)
}

func walshMeans(d []float64) []float64 {
	means := make([]float64, 0, len(d)*(len(d)+1)/2)
	for i, a := range d {
		for _, b := range d[i:] {
			means = append(means, a/2+b/2)
		}
	}
	slices.Sort(means)
	return means
}

// walshIndex returns which of the sorted Walsh means ends the interval, counted from either side, and its confidence;
// 0 and 1 where n values cannot give the confidence asked for.
func walshIndex(n int, confidence float64) (k int, achieved float64) {
	if n > exactWalsh {
		return walshIndexNormal(float64(n), confidence)
	}
	ranks := make([]int, n)
	for i := range ranks {
		ranks[i] = i + 1
	}
	alpha := (1 - confidence) / 2
	var below, cdf float64
	for i, p := range signedSums(ranks) {
		if cdf += p; cdf > alpha {
			k = i
			break
		}
		below = cdf
	}
	return k, 1 - 2*below
}

func walshIndexNormal(n, confidence float64) (k int, achieved float64) {
	mean, sd := n*(n+1)/4, math.Sqrt(n*(n+1)*(2*n+1)/24)
	k = int(max(0, mean-mathext.NormalQuantile(.5+min(confidence, 1-1e-15)/2)*sd))
	return k, 1 - 2*normalTail((mean-float64(k)+.5)/sd)
}

func orderInterval(sorted []float64, est float64, k int, achieved float64) OrderInterval {
	if k < 1 {
		return undefinedOrder(est)
	}
	return OrderInterval{Est: est, Lo: sorted[k-1], Hi: sorted[len(sorted)-k], K: k, Achieved: achieved}
}

func undefinedOrder(est float64) OrderInterval {
	return OrderInterval{Est: est, Lo: math.Inf(-1), Hi: math.Inf(1), Achieved: 1}
}
