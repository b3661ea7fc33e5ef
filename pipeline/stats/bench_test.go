package stats

import (
	"math/rand/v2"
	"testing"
)

// BenchmarkJudgement is one whole judgement: four inputs of twenty pairs, from runs to a decision.
func BenchmarkJudgement(b *testing.B) {
	s := newSession(rand.New(rand.NewPCG(1, 1)), 4, 20, -.08, .03)
	looks := []int{10, 15, 20}
	b.ReportAllocs()
	for b.Loop() {
		parts := make([]Estimate, len(s.base))
		for i := range s.base {
			d, err := LogRatios(s.base[i], s.cand[i])
			if err != nil {
				b.Fatal(err)
			}
			parts[i] = Trimmed(d)
		}
		iv := Combine(parts, nil, Confidence(looks))
		Verdict(iv.Theta, iv.Lo, iv.Hi, Guard(parts, .05, .05), .05, .02, true)
	}
}

// BenchmarkChangePoints is the history of a long-lived study.
func BenchmarkChangePoints(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	x := make([]float64, 500)
	for i := range x {
		x[i] = .01*rng.NormFloat64() - .1*float64(i/100)
	}
	for b.Loop() {
		ChangePoints(x, .001, .02)
	}
}
