package stats

import (
	"math"
	"slices"
)

// exactMannWhitney is the most values of a sample for which the distribution of U is counted out.
const exactMannWhitney = 50

// MannWhitney tests "a value of x is as likely above one of y as below it": unpaired, a diagnostic only, since it cannot
// use that runs were interleaved. Statistic is U of x (pairs in which x is larger, ties half). Exact without ties up
// to 50 values in a sample; else normal with tie and continuity correction. N is the values in both.
// An empty sample, or a value that is not finite, gives p = 1 and N = 0.
func MannWhitney(x, y []float64) RankTest {
	both := slices.Concat(x, y)
	if len(x) == 0 || len(y) == 0 || !allFinite(both) {
		return RankTest{P: 1}
	}
	ranks, ties := midRanks(both)
	n, m := float64(len(x)), float64(len(y))
	u := sum(ranks[:len(x)]) - n*(n+1)/2
	res := RankTest{Statistic: u, N: len(both)}
	if ties == 0 && max(len(x), len(y)) <= exactMannWhitney {
		res.P = mannWhitneyExact(len(x), len(y), int(math.Round(min(u, n*m-u))))
	} else {
		res.P = mannWhitneyNormal(n, m, ties, max(u, n*m-u))
	}
	return res
}

func mannWhitneyExact(n, m, smaller int) float64 {
	return min(1, 2*sum(rankSums(n, m)[:smaller+1]))
}

func mannWhitneyNormal(n, m, ties, larger float64) float64 {
	all := n + m
	variance := n * m / 12 * (all + 1 - ties/(all*(all-1)))
	if !(variance > 0) {
		return 1 // all values are equal
	}
	return min(1, 2*normalTail((larger-n*m/2-.5)/math.Sqrt(variance)))
}

// rankSums returns the distribution of U for samples of n and m values without ties. By Mann and Whitney's recursion on
// who has the largest value: p(n,m,u) = n/(n+m)·p(n-1,m,u-m) + m/(n+m)·p(n,m-1,u).
func rankSums(n, m int) []float64 {
	column := make([][]float64, m+1) // of the present n: column[j] is the distribution for (i, j)
	for j := range column {
		column[j] = []float64{1}
	}
	for i := 1; i <= n; i++ {
		next := [][]float64{{1}}
		for j := 1; j <= m; j++ {
			next = append(next, rankSumsStep(column[j], next[j-1], i, j))
		}
		column = next
	}
	return column[m]
}

func rankSumsStep(fewerX, fewerY []float64, i, j int) []float64 {
	p := make([]float64, i*j+1)
	xLargest := float64(i) / float64(i+j)
	for u, v := range fewerX {
		p[u+j] += xLargest * v
	}
	for u, v := range fewerY {
		p[u] += (1 - xLargest) * v
	}
	return p
}

// YuenWelch compares two unpaired samples by their 20 % trimmed means (Yuen 1974): Theta is y's minus x's. It is what
// the sentinel compares a stored baseline with, on logarithms. Undefined where Check refuses a sample.
func YuenWelch(x, y []float64, confidence float64) Interval {
	if Check(x) != nil || Check(y) != nil {
		return undefinedInterval()
	}
	a, b := Trimmed(x), Trimmed(y)
	return welchInterval(b.Est-a.Est, yuenShare(a), yuenShare(b), confidence)
}

// yuenShare is Yuen's variance of a trimmed mean. It differs from Estimate.SE², which is Tukey and McLaughlin's, in
// the small print: (n-1)s²/(h(h-1)) instead of s²n/h².
func yuenShare(e Estimate) share {
	kept := float64(e.N - 2*e.Trim)
	return share{float64(e.N-1) * square(e.WinsorSD) / (kept * (kept - 1)), kept - 1}
}

// Welch compares the means of two unpaired samples of unequal variance: Theta is y's minus x's. A diagnostic only.
func Welch(x, y []float64, confidence float64) Interval {
	if Check(x) != nil || Check(y) != nil {
		return undefinedInterval()
	}
	meanX, a := meanShare(x)
	meanY, b := meanShare(y)
	return welchInterval(meanY-meanX, a, b, confidence)
}

func meanShare(x []float64) (float64, share) {
	mean, sd := moments(x)
	n := float64(len(x))
	return mean, share{sd * sd / n, n - 1}
}

func welchInterval(diff float64, a, b share, confidence float64) Interval {
	variance := a.variance + b.variance
	if variance == 0 {
		return exactInterval(diff, a.df+b.df)
	}
	return newInterval(diff, math.Sqrt(variance), satterthwaite([]share{a, b}), confidence)
}

// pooledP is the two-sided p of Student's t-test with pooled variance: what the history's change points are tested
// with, whose short segments do not carry a variance each.
func pooledP(x, y []float64) float64 {
	if len(x) < MinValues || len(y) < MinValues {
		return 1
	}
	meanX, sdX := moments(x)
	meanY, sdY := moments(y)
	if sdX == 0 && sdY == 0 {
		if meanX == meanY {
			return 1
		}
		return 0
	}
	n, m := float64(len(x)), float64(len(y))
	pooled := ((n-1)*sdX*sdX + (m-1)*sdY*sdY) / (n + m - 2)
	return twoSided((meanX-meanY)/math.Sqrt(pooled*(1/n+1/m)), n+m-2)
}
