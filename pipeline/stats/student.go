package stats

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// Only mathext of gonum is used: its stat/distuv would bring the linear algebra (BLAS, LAPACK) into the binary for
// two one-line functions.

// studentTail returns P(T > t) for Student's t with df degrees of freedom, which need not be whole. Relative error
// below 1e-9 far out in the tail; 1/2 where df is not a number above zero, so that nothing gets significant by it.
func studentTail(t, df float64) float64 {
	if !(df > 0) || math.IsNaN(t) {
		return .5
	}
	if math.IsInf(df, 1) {
		return normalTail(t)
	}
	tail := .5 * mathext.RegIncBeta(df/2, .5, df/(df+t*t))
	if t < 0 {
		return 1 - tail
	}
	return tail
}

// twoSided returns P(|T| > |t|).
func twoSided(t, df float64) float64 { return min(1, 2*studentTail(math.Abs(t), df)) }

// studentQuantile returns t with P(T <= t) = p. It is +Inf where there are no degrees of freedom or p is not inside
// (0, 1): an interval made with it is infinitely wide.
func studentQuantile(p, df float64) float64 {
	if !(p > 0 && p < 1) || !(df > 0) {
		return math.Inf(1)
	}
	if math.IsInf(df, 1) {
		return mathext.NormalQuantile(p)
	}
	if p < .5 {
		return -studentQuantile(1-p, df)
	}
	return refineQuantile(1-p, df, firstQuantile(1-p, df))
}

// firstQuantile is the upper quantile to begin with: the expansion of Cornish and Fisher (Abramowitz and Stegun 26.7.5)
// around the normal one, and the exact inverses for one and two degrees of freedom, where that is far off. The inverse of
// the incomplete beta function would give six digits, but took a third of the time of every verdict.
func firstQuantile(tail, df float64) float64 {
	switch {
	case df < 1.5:
		return 1 / math.Tan(math.Pi*tail)
	case df < 3:
		return (1 - 2*tail) * math.Sqrt(.5/(tail*(1-tail)))
	}
	z := mathext.NormalQuantile(1 - tail)
	z2 := z * z
	g1 := (z2 + 1) * z / 4
	g2 := ((5*z2+16)*z2 + 3) * z / 96
	g3 := (((3*z2+19)*z2+17)*z2 - 15) * z / 384
	return z + (g1+(g2+g3/df)/df)/df
}

// refineQuantile takes a few Newton steps on the logarithm of the tail, where the tail is nearly straight.
func refineQuantile(tail, df, t float64) float64 {
	scale := densityScale(df)
	for range 50 {
		have := studentTail(t, df)
		density := scale * math.Exp(-(df+1)/2*math.Log1p(t*t/df))
		if have <= 0 || density <= 0 {
			return t
		}
		step := have / density * math.Log(have/tail)
		if !finite(step) {
			return t
		}
		t = math.Max(0, t+step)
		if math.Abs(step) <= 1e-13*(1+t) {
			return t
		}
	}
	return t
}

// densityScale is the density of Student's t at its centre.
func densityScale(df float64) float64 {
	a, _ := math.Lgamma((df + 1) / 2)
	b, _ := math.Lgamma(df / 2)
	return math.Exp(a-b) / math.Sqrt(df*math.Pi)
}

// normalTail returns P(Z > z).
func normalTail(z float64) float64 { return math.Erfc(z/math.Sqrt2) / 2 }
