package stats

import (
	"math"
	"slices"
)

// midRanks ranks x from 1; equal values share the mean of their ranks. ties is Σ t³-t over the groups of t equal
// values, which the variance of a rank sum shrinks by.
func midRanks(x []float64) (ranks []float64, ties float64) {
	order := sortedPlaces(x)
	ranks = make([]float64, len(x))
	for from := 0; from < len(order); {
		to := from + 1
		for to < len(order) && x[order[to]] == x[order[from]] {
			to++
		}
		for _, at := range order[from:to] {
			ranks[at] = float64(from+1+to) / 2
		}
		t := float64(to - from)
		ties += t*t*t - t
		from = to
	}
	return ranks, ties
}

// sortedPlaces returns the places of x in ascending order of value, equal values in their order in x.
func sortedPlaces(x []float64) []int {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case x[a] < x[b]:
			return -1
		case x[a] > x[b]:
			return 1
		}
		return 0
	})
	return order
}

func withoutZeros(d []float64) []float64 {
	var rest []float64
	for _, v := range d {
		if v != 0 {
			rest = append(rest, v)
		}
	}
	return rest
}

func sum(x []float64) float64 {
	var s float64
	for _, v := range x {
		s += v
	}
	return s
}

// coinTail returns P(X <= k) for the number X of heads in n throws of a fair coin. The terms are added up from k
// downwards, in logarithms, so that n may be large.
func coinTail(k, n int) float64 {
	if k >= n {
		return 1
	}
	var p float64
	for i := k; i >= 0; i-- {
		p += math.Exp(lnChoose(n, i) - float64(n)*math.Ln2)
	}
	return min(1, p)
}

func lnChoose(n, k int) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}
