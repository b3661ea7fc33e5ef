package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// An effect of just the size that is said to be detectable is seen in four of five cases.
func TestDetectableHasThePowerItSays(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	sample := func(n int, shift float64) Interval {
		var parts []Estimate
		for range 3 {
			d := make([]float64, n)
			for i := range d {
				d[i] = shift + .03*rng.NormFloat64()
			}
			parts = append(parts, Trimmed(d))
		}
		return Combine(parts, nil, .976)
	}
	for _, n := range []int{10, 20, 40} {
		seen, smallest := 0, 0.0
		const times = 1500
		for range times {
			shift := Detectable(sample(20, 0), 20, n, .976, .8)
			smallest += shift / times
			if iv := sample(n, shift); iv.Lo > 0 {
				seen++
			}
		}
		if power := float64(seen) / times; power < .74 || power > .87 {
			t.Errorf("%d pairs: an effect of %.4f is seen in %.3f of the cases", n, smallest, power)
		}
	}
}

func TestDetectableAtTheEdges(t *testing.T) {
	iv := Combine([]Estimate{Trimmed([]float64{.01, -.01, .02, -.02, 0, .01})}, nil, .95)
	if a, b := Detectable(iv, 6, 10, .976, .8), Detectable(iv, 6, 40, .976, .8); !(a > b && b > 0) {
		t.Errorf("ten pairs see %v, forty %v", a, b)
	}
	if got := Detectable(undefinedInterval(), 20, 20, .95, .8); !math.IsInf(got, 1) {
		t.Errorf("of nothing: %v", got)
	}
	if got := Detectable(iv, 6, 1, .95, .8); !math.IsInf(got, 1) {
		t.Errorf("one pair: %v", got)
	}
	if got := Detectable(exactInterval(0, 5), 20, 10, .95, .8); got != 0 {
		t.Errorf("without any spread: %v", got)
	}
}
