package stats

import "math"

// Interval is an effect over inputs (a log-ratio, below zero is faster) with its confidence interval.
type Interval struct {
	Theta  float64 // log-ratio; NaN when undefined
	SE     float64
	DF     float64 // Welch-Satterthwaite
	Lo, Hi float64 // ends of the interval; infinite when undefined
	P      float64 // two-sided, of "no effect"
}

// Combine weighs the estimates of several inputs into one: theta = Σ wθ with w normalised to sum one, variance Σ w²se²,
// degrees of freedom after Welch and Satterthwaite, interval theta ± t·se at the given confidence (0.976). Nil weights
// weigh all inputs alike. Where no input has any spread the interval is the point itself, and p is 1 if the point is
// zero and 0 otherwise.
//
// It is undefined when a part is, or when the weights are of another number than the parts, negative, or all zero.
func Combine(parts []Estimate, weights []float64, confidence float64) Interval {
	w := normalised(weights, len(parts))
	if w == nil {
		return undefinedInterval()
	}
	var theta, variance, df float64
	for i, p := range parts {
		if !p.Defined() {
			return undefinedInterval()
		}
		theta += w[i] * p.Est
		variance += square(w[i] * p.SE)
		df += p.DF
	}
	if variance == 0 {
		return exactInterval(theta, df)
	}
	shares := make([]share, len(parts))
	for i, p := range parts {
		shares[i] = share{square(w[i] * p.SE), p.DF}
	}
	return newInterval(theta, math.Sqrt(variance), satterthwaite(shares), confidence)
}

// Change returns the effect and its interval as fractions of the baseline: -0.08 is 8 % less.
func (iv Interval) Change() (point, lo, hi float64) {
	return math.Expm1(iv.Theta), math.Expm1(iv.Lo), math.Expm1(iv.Hi)
}

// Defined reports whether the interval rests on data.
func (iv Interval) Defined() bool { return finite(iv.Theta) && finite(iv.Lo) && finite(iv.Hi) }

// Half returns half the width of the interval, in log units: what the noise gate acts on.
func (iv Interval) Half() float64 { return (iv.Hi - iv.Lo) / 2 }

// PAbove returns the one-sided p of "the effect is bound or above". With bound = ln 0.98 it is the p of "gain of at
// most 2 %" that BH makes a q of.
func (iv Interval) PAbove(bound float64) float64 {
	if !iv.Defined() {
		return 1
	}
	return oneSided(bound-iv.Theta, iv.SE, iv.DF)
}

// Estimate returns the interval as a part for another Combine: the sentinel's shift of each input, for one.
func (iv Interval) Estimate() Estimate {
	return Estimate{Est: iv.Theta, SE: iv.SE, DF: iv.DF}
}

// TotalChange returns the effect on the total time Σ frequency·time as a fraction, when each input's time changes by
// its own log-ratio theta. It can lie in another zone than the weighted mean effect when one slow input rules the
// total. NaN when lengths differ or the total is not above zero.
func TotalChange(theta, times, frequencies []float64) float64 {
	w := normalised(frequencies, len(theta))
	if w == nil || len(times) != len(theta) {
		return math.NaN()
	}
	var before, change float64
	for i, t := range times {
		before += w[i] * t
		change += w[i] * t * math.Expm1(theta[i])
	}
	if !(before > 0) {
		return math.NaN()
	}
	return change / before
}

func newInterval(theta, se, df, confidence float64) Interval {
	half := studentQuantile(.5+confidence/2, df) * se
	return Interval{Theta: theta, SE: se, DF: df, Lo: theta - half, Hi: theta + half, P: twoSided(theta/se, df)}
}

// exactInterval is the interval of data without spread.
func exactInterval(theta, df float64) Interval {
	iv := Interval{Theta: theta, DF: df, Lo: theta, Hi: theta}
	if theta == 0 {
		iv.P = 1
	}
	return iv
}

func undefinedInterval() Interval {
	return Interval{Theta: math.NaN(), SE: math.Inf(1), Lo: math.Inf(-1), Hi: math.Inf(1), P: 1}
}

// share is one independent part of a variance, with the degrees of freedom it was estimated with.
type share struct{ variance, df float64 }

// satterthwaite returns the degrees of freedom of a sum of variances. The shares are taken relative to the sum, so
// that the squares of tiny variances do not vanish.
func satterthwaite(parts []share) float64 {
	var sum, inverse float64
	for _, p := range parts {
		sum += p.variance
	}
	for _, p := range parts {
		if p.variance > 0 {
			inverse += square(p.variance/sum) / p.df
		}
	}
	return 1 / inverse
}

// oneSided returns P(T > x/se), and the certain answer where there is no spread: a difference of exactly zero is none.
func oneSided(x, se, df float64) float64 {
	switch {
	case se > 0:
		return studentTail(x/se, df)
	case x > 0:
		return 0
	}
	return 1
}

// normalised returns n weights that sum to one, or nil when they cannot be weights.
func normalised(weights []float64, n int) []float64 {
	if weights == nil {
		weights = make([]float64, n)
		for i := range weights {
			weights[i] = 1
		}
	}
	top := largest(weights)
	if len(weights) != n || !(top > 0) || math.IsInf(top, 0) {
		return nil
	}
	w := make([]float64, n)
	var sum float64
	for i, v := range weights {
		if !(v >= 0) {
			return nil
		}
		w[i] = v / top
		sum += w[i]
	}
	for i := range w {
		w[i] /= sum
	}
	return w
}

func square(v float64) float64 { return v * v }
