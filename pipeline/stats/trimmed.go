package stats

import (
	"math"
	"slices"
)

// trimShare is the share of values that is trimmed at each end. At 20 % the interval stays honest down to ten pairs
// and loses 7 % of width to the mean's where noise is normal; it wins half where it is not.
const trimShare = 0.2

// Estimate is the effect on one input: a trimmed mean of log-ratios with its standard error.
type Estimate struct {
	Est      float64 // log-ratio; NaN when it could not be estimated
	SE       float64 // standard error of Est; +Inf when it could not be estimated
	DF       float64 // degrees of freedom of SE
	Trim     int     // values trimmed at each end
	N        int     // values given
	WinsorSD float64 // standard deviation after the trimmed values were moved to the nearest kept one
}

// Trimmed estimates the centre of d by its 20 % trimmed mean, with the standard error of Tukey and McLaughlin (1963)
// and h-1 degrees of freedom for h kept values. With fewer than five values nothing is trimmed and it is the plain
// mean. The order of d does not matter and d is left as it is. Where Check refuses d, the estimate is undefined.
func Trimmed(d []float64) Estimate {
	if Check(d) != nil {
		return undefinedEstimate(len(d))
	}
	n := len(d)
	trim := TrimCount(n)
	sorted := sortedCopy(d)
	kept := sorted[trim : n-trim]
	est, _ := moments(kept)
	_, sd := moments(winsorize(sorted, trim))
	share := 1 - 2*float64(trim)/float64(n)
	return Estimate{
		Est:      est,
		SE:       sd / (share * math.Sqrt(float64(n))),
		DF:       float64(len(kept) - 1),
		Trim:     trim,
		N:        n,
		WinsorSD: sd,
	}
}

// TrimCount is how many of n values Trimmed leaves out at each end.
func TrimCount(n int) int {
	return int(trimShare*float64(n) + 1e-9) // 0.2·15 is 3, whatever the rounding says
}

// Defined reports whether the estimate rests on data: a finite centre, a finite error and a degree of freedom.
func (e Estimate) Defined() bool { return finite(e.Est) && finite(e.SE) && e.SE >= 0 && e.DF > 0 }

// Interval is the confidence interval of this one input alone; that of Combine with a single part.
func (e Estimate) Interval(confidence float64) Interval {
	return Combine([]Estimate{e}, nil, confidence)
}

func undefinedEstimate(n int) Estimate {
	return Estimate{Est: math.NaN(), SE: math.Inf(1), N: n, WinsorSD: math.NaN()}
}

// winsorize returns the sorted values with the trim lowest and highest moved to the nearest kept value.
func winsorize(sorted []float64, trim int) []float64 {
	w := slices.Clone(sorted)
	n := len(w)
	for i := range trim {
		w[i] = sorted[trim]
		w[n-1-i] = sorted[n-1-trim]
	}
	return w
}
