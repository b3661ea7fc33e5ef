package stats

import "math"

// MedianCI returns the median with the narrowest interval of order statistics, symmetric in rank, that covers it with
// at least the given confidence whatever the distribution.
func MedianCI(x []float64, confidence float64) OrderInterval {
	n := len(x)
	if n == 0 || !allFinite(x) {
		return undefinedOrder(math.NaN())
	}
	sorted := sortedCopy(x)
	k, achieved := 0, 1.0
	for k < n/2 {
		next := 1 - 2*coinTail(k, n)
		if next < confidence-1e-12 { // asked for exactly what n throws can give: give it
			break
		}
		k, achieved = k+1, next
	}
	return orderInterval(sorted, medianSorted(sorted), k, achieved)
}

// SignTest returns the exact two-sided p of "as many values are above zero as below"; zeros are dropped. It is 1 where
// nothing is left and where a value is NaN.
func SignTest(d []float64) float64 {
	d = withoutZeros(d)
	above := 0
	for _, v := range d {
		if math.IsNaN(v) {
			return 1
		}
		if v > 0 {
			above++
		}
	}
	return min(1, 2*coinTail(min(above, len(d)-above), len(d)))
}
