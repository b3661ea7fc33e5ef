package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The simulations are seeded and so always say the same. Their bounds leave three standard errors of 2000 sessions
// (0.015 at 95 %).
const simulated = 2000

// TestIntervalCoversTheTruth: one fixed look, ten pairs, one input, normal noise.
func TestIntervalCoversTheTruth(t *testing.T) {
	const truth = -.05
	rng := rand.New(rand.NewPCG(7, 11))
	covered := 0
	for range simulated {
		d := make([]float64, 10)
		for i := range d {
			d[i] = truth + .03*rng.NormFloat64()
		}
		if iv := Trimmed(d).Interval(.95); iv.Lo <= truth && truth <= iv.Hi {
			covered++
		}
	}
	if share := float64(covered) / simulated; share < .93 || share > .97 {
		t.Errorf("a 95 %% interval covers the truth in %v of the sessions", share)
	}
}

// stopped measures four inputs as a session would: look, decide, measure on.
func stopped(t *testing.T, rng *rand.Rand, effect, noise float64) (Interval, Decision) {
	t.Helper()
	looks := []int{10, 15, 20}
	s := newSession(rng, 4, looks[len(looks)-1], effect, noise)
	for k, n := range looks {
		iv, parts := s.each(func(b, c []float64) ([]float64, []float64) { return b[:n], c[:n] }).judge(t, nil)
		d := Verdict(iv.Theta, iv.Lo, iv.Hi, Guard(parts, .05, .05), .05, .02, k == len(looks)-1)
		if d.Stop {
			return iv, d
		}
	}
	t.Fatal("the final look did not stop")
	return Interval{}, Decision{}
}

// TestStoppedSessions goes the whole way with disturbed runs, and checks the promises about a stopped session.
func TestStoppedSessions(t *testing.T) {
	cases := []struct {
		name          string
		effect, noise float64
		verdict       string
		least, most   float64 // share of sessions with that verdict
	}{
		{"no effect is not kept", 0, .03, Keep, 0, .005},
		{"no effect is discarded", 0, .02, Discard, .97, 1},
		{"a gain of 2 % is not kept", math.Log(.98), .03, Keep, 0, .025},
		{"a gain of 8 % is kept", math.Log(.92), .02, Keep, .97, 1},
		{"a gain of 8 % is not discarded", math.Log(.92), .05, Discard, 0, .005},
		{"a loss of 8 % is discarded", math.Log(1.08), .03, Discard, .99, 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			const sessions = 600
			rng := rand.New(rand.NewPCG(42, 5))
			covered, counted := 0, 0
			for range sessions {
				iv, d := stopped(t, rng, c.effect, c.noise)
				if iv.Lo <= c.effect && c.effect <= iv.Hi {
					covered++
				}
				if d.Verdict == c.verdict {
					counted++
				}
			}
			share := float64(counted) / sessions
			t.Logf("%s in %.3f, interval covers in %.3f", c.verdict, share, float64(covered)/sessions)
			if share < c.least || share > c.most {
				t.Errorf("%s in %v of the sessions, want %v to %v", c.verdict, share, c.least, c.most)
			}
			if float64(covered)/sessions < .93 {
				t.Errorf("the stopped interval covers the truth in %v of the sessions", float64(covered)/sessions)
			}
		})
	}
}

// TestLooksKeepTheirPromise walks a Brownian path past each plan's looks: all of them must stay inside their bound in
// 95 % of the walks.
func TestLooksKeepTheirPromise(t *testing.T) {
	plans := [][]int{
		{7}, {10, 20}, {10, 15, 20}, {10, 20, 40}, {10, 20, 30, 40}, {5, 8, 10}, {20, 30, 40}, {1, 10, 100},
		{10, 20, 30, 40, 50}, {5, 100},
	}
	const walks = 40000
	for _, plan := range plans {
		rng := rand.New(rand.NewPCG(1, 2))
		bound := studentQuantile(.5+Confidence(plan)/2, math.Inf(1))
		inside := 0
		for range walks {
			if staysInside(rng, plan, bound) {
				inside++
			}
		}
		t.Logf("%v at %.4f: %.4f", plan, Confidence(plan), float64(inside)/walks)
		if share := float64(inside) / walks; share < .95-.0033 {
			t.Errorf("plan %v at %v: all looks cover in %v of the walks", plan, Confidence(plan), share)
		}
	}
}

func staysInside(rng *rand.Rand, plan []int, bound float64) bool {
	var at float64
	before := 0
	for _, n := range plan {
		at += math.Sqrt(float64(n-before)) * rng.NormFloat64()
		before = n
		if math.Abs(at) > bound*math.Sqrt(float64(n)) {
			return false
		}
	}
	return true
}
