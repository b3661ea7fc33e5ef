package stats

import (
	"math"
	"slices"
)

// madToSD makes the median absolute deviation of normal noise agree with its standard deviation (1/Φ⁻¹(¾)).
const madToSD = 1.4826

// Summary describes one arm on one input, for people; no verdict is read from it. All values are in the unit of the
// data, but for the two coefficients of variation, which are fractions. A spread that is not defined (fewer than two
// values; a CV where the mean, or a robust CV where any value, is not above zero) is 0. Of no values, or of values
// that are not finite, everything but N is 0: see Check.
type Summary struct {
	N        int
	Mean     float64
	SD       float64 // with n-1
	Median   float64
	RMAD     float64 // 1.4826 · median |x - median|
	Q25      float64
	Q75      float64
	Q95      float64
	Min, Max float64
	CV       float64 // SD / Mean: what the workflow's table asks for
	RobustCV float64 // RMAD of ln x: not moved by a stray run
}

// Describe summarises x, which it leaves as it is.
func Describe(x []float64) Summary {
	s := Summary{N: len(x)}
	if s.N == 0 || !allFinite(x) {
		return s
	}
	sorted := sortedCopy(x)
	s.Mean, s.SD = moments(x)
	s.Median = medianSorted(sorted)
	s.RMAD = rmadSorted(sorted)
	s.Q25, s.Q75, s.Q95 = quantileSorted(sorted, .25), quantileSorted(sorted, .75), quantileSorted(sorted, .95)
	s.Min, s.Max = sorted[0], sorted[s.N-1]
	if s.Mean > 0 {
		s.CV = s.SD / s.Mean
	}
	if s.Min > 0 {
		s.RobustCV = robustCV(sorted)
	}
	return s
}

// robustCV takes sorted values: their logarithms are sorted, too.
func robustCV(sorted []float64) float64 {
	logs := make([]float64, len(sorted))
	for i, v := range sorted {
		logs[i] = math.Log(v)
	}
	return rmadSorted(logs)
}

// Quantile returns the q-quantile of x by linear interpolation between order statistics (type 7 of Hyndman and Fan
// 1996, what R and numpy do by default). It is NaN for no values or a q outside [0, 1].
func Quantile(x []float64, q float64) float64 {
	return quantileSorted(sortedCopy(x), q)
}

// Median returns the middle value, or the mean of the two in the middle; NaN of nothing.
func Median(x []float64) float64 { return medianSorted(sortedCopy(x)) }

// sortedCopy returns the values of x in ascending order and leaves x as it is. (slices.Sorted takes twice as long: it is
// handed one value at a time.)
func sortedCopy(x []float64) []float64 {
	x = slices.Clone(x)
	slices.Sort(x)
	return x
}

// RMAD returns the robust standard deviation 1.4826 · median |x - median x|; NaN of nothing.
func RMAD(x []float64) float64 { return rmadSorted(sortedCopy(x)) }

func rmadSorted(sorted []float64) float64 {
	m := medianSorted(sorted)
	dev := make([]float64, len(sorted))
	lo, hi := 0, len(sorted)-1
	for i := hi; i >= 0; i-- { // the largest deviation left is at one of the ends
		if below, above := m-sorted[lo], sorted[hi]-m; below > above {
			dev[i] = below
			lo++
		} else {
			dev[i] = above
			hi--
		}
	}
	return madToSD * medianSorted(dev)
}

// Outliers returns the places in d that lie more than 3.5 robust standard deviations from the median. It is a label
// for people to read; nothing is ever left out of an estimate because of it.
func Outliers(d []float64) []int {
	const fence = 3.5 // Iglewicz and Hoaglin 1993
	sorted := sortedCopy(d)
	m, r := medianSorted(sorted), rmadSorted(sorted)
	if n := len(d); n == 0 || m-sorted[0] <= fence*r && sorted[n-1]-m <= fence*r {
		return nil
	}
	var at []int
	for i, v := range d {
		if math.Abs(v-m) > fence*r {
			at = append(at, i)
		}
	}
	return at
}

// Autocorrelation returns the correlation of x with itself one run later, between -1 and 1: near 0 for independent
// noise, towards 1 when the machine drifts. It is 0 where there is nothing to correlate.
func Autocorrelation(x []float64) float64 {
	if len(x) < 3 || !allFinite(x) {
		return 0
	}
	x = scaled(x)
	mean, sd := moments(x)
	if sd == 0 {
		return 0
	}
	var along, all float64
	for i, v := range x {
		all += (v - mean) * (v - mean)
		if i > 0 {
			along += (v - mean) * (x[i-1] - mean)
		}
	}
	return along / all
}

// moments returns mean and standard deviation (n-1; 0 for one value). The values are first divided by the largest of
// them: 1e300 does not overflow when squared, and equal values have exactly no spread, which the rules for zero
// variance rely on.
func moments(x []float64) (mean, sd float64) {
	scale := largest(x)
	if scale == 0 || len(x) == 0 {
		return 0, 0
	}
	n := float64(len(x))
	for _, v := range x {
		mean += v / scale
	}
	mean /= n
	if len(x) < MinValues {
		return mean * scale, 0
	}
	var squares, rest float64 // rest takes back the rounding of mean (the two-pass algorithm, corrected)
	for _, v := range x {
		dev := v/scale - mean
		squares += dev * dev
		rest += dev
	}
	variance := max(0, squares-rest*rest/n) / (n - 1)
	return mean * scale, math.Sqrt(variance) * scale
}

// scaled returns x divided by its largest magnitude, so that sums of products cannot overflow.
func scaled(x []float64) []float64 {
	scale := largest(x)
	if scale == 0 {
		return x
	}
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = v / scale
	}
	return y
}

func largest(x []float64) float64 {
	var m float64
	for _, v := range x {
		m = max(m, math.Abs(v))
	}
	return m
}

func medianSorted(s []float64) float64 {
	n := len(s)
	switch {
	case n == 0:
		return math.NaN()
	case n%2 == 1:
		return s[n/2]
	}
	return s[n/2-1]/2 + s[n/2]/2 // halved first: the sum of two huge values overflows
}

func quantileSorted(s []float64, q float64) float64 {
	if len(s) == 0 || !(q >= 0 && q <= 1) {
		return math.NaN()
	}
	at := q * float64(len(s)-1)
	i := int(at)
	if i+1 >= len(s) {
		return s[len(s)-1]
	}
	part := at - float64(i)
	return s[i]*(1-part) + s[i+1]*part
}
