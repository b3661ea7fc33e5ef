package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

const confidence20 = .976 // looks at 10, 15, 20 pairs

// session is a seeded set of runs: inputs of different cost, normal log-noise, and now and then a run that somebody
// disturbed.
type session struct{ base, cand [][]float64 }

func newSession(rng *rand.Rand, inputs, pairs int, effect, noise float64) session {
	var s session
	for i := range inputs {
		base, cand := make([]float64, pairs), make([]float64, pairs)
		for r := range pairs {
			cost := math.Exp(float64(i))
			base[r] = cost * math.Exp(noise*rng.NormFloat64()+stray(rng))
			cand[r] = cost * math.Exp(effect+noise*rng.NormFloat64()+stray(rng))
		}
		s.base, s.cand = append(s.base, base), append(s.cand, cand)
	}
	return s
}

func stray(rng *rand.Rand) float64 {
	if rng.IntN(10) == 0 {
		return .2
	}
	return 0
}

func (s session) judge(t testing.TB, weights []float64) (Interval, []Estimate) {
	t.Helper()
	var parts []Estimate
	for i := range s.base {
		d, err := LogRatios(s.base[i], s.cand[i])
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, Trimmed(d))
	}
	return Combine(parts, weights, confidence20), parts
}

func (s session) each(change func(base, cand []float64) ([]float64, []float64)) session {
	var out session
	for i := range s.base {
		b, c := change(slices.Clone(s.base[i]), slices.Clone(s.cand[i]))
		out.base, out.cand = append(out.base, b), append(out.cand, c)
	}
	return out
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*(math.Abs(a)+math.Abs(b))+1e-14 }

func sameInterval(a, b Interval) bool {
	return near(a.Theta, b.Theta) && near(a.SE, b.SE) && near(a.DF, b.DF) && near(a.Lo, b.Lo) && near(a.Hi, b.Hi) &&
		math.Abs(a.P-b.P) < 1e-7
}

// laws calls f with 200 different sessions.
func laws(t *testing.T, f func(t *testing.T, rng *rand.Rand, s session)) {
	t.Helper()
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 1))
		pairs := 2 + rng.IntN(30)
		f(t, rng, newSession(rng, 1+rng.IntN(5), pairs, .2*(rng.Float64()-.5), .1*rng.Float64()))
		if t.Failed() {
			t.Fatalf("with seed %d, %d pairs", seed, pairs)
		}
	}
}

func TestSwappingTheArmsNegatesTheEffect(t *testing.T) {
	laws(t, func(t *testing.T, _ *rand.Rand, s session) {
		a, _ := s.judge(t, nil)
		b, _ := session{s.cand, s.base}.judge(t, nil)
		b.Theta, b.Lo, b.Hi = -b.Theta, -b.Hi, -b.Lo
		if !sameInterval(a, b) {
			t.Errorf("got %+v, swapped %+v", a, b)
		}
	})
}

func TestScalingBothArmsChangesNothing(t *testing.T) {
	laws(t, func(t *testing.T, rng *rand.Rand, s session) {
		factor := math.Exp(100 * rng.NormFloat64())
		a, _ := s.judge(t, nil)
		b, _ := s.each(func(base, cand []float64) ([]float64, []float64) {
			for i := range base {
				base[i], cand[i] = base[i]*factor, cand[i]*factor
			}
			return base, cand
		}).judge(t, nil)
		// The logarithms are up to 700 now: their difference has lost three digits.
		if math.Abs(a.Theta-b.Theta) > 1e-11 || math.Abs(a.Lo-b.Lo) > 1e-8 || math.Abs(a.Hi-b.Hi) > 1e-8 {
			t.Errorf("got %+v, times %v %+v", a, factor, b)
		}
	})
}

func TestOrderOfRoundsDoesNotMatter(t *testing.T) {
	laws(t, func(t *testing.T, rng *rand.Rand, s session) {
		a, _ := s.judge(t, nil)
		b, _ := s.each(func(base, cand []float64) ([]float64, []float64) {
			rng.Shuffle(len(base), func(i, j int) {
				base[i], base[j] = base[j], base[i]
				cand[i], cand[j] = cand[j], cand[i]
			})
			return base, cand
		}).judge(t, nil)
		if a != b {
			t.Errorf("got %+v, shuffled %+v", a, b)
		}
	})
}

func TestWeightsAreRelative(t *testing.T) {
	laws(t, func(t *testing.T, rng *rand.Rand, s session) {
		weights, times, same := make([]float64, len(s.base)), make([]float64, len(s.base)), make([]float64, len(s.base))
		for i := range weights {
			weights[i], same[i] = rng.Float64()+.01, 7
			times[i] = weights[i] * 1e300
		}
		a, _ := s.judge(t, weights)
		if b, _ := s.judge(t, times); !sameInterval(a, b) {
			t.Errorf("got %+v, with larger weights %+v", a, b)
		}
		equal, _ := s.judge(t, nil)
		if b, _ := s.judge(t, same); !sameInterval(equal, b) {
			t.Errorf("got %+v without weights, %+v with equal ones", equal, b)
		}
	})
}

func TestIntervalsContainTheirPoint(t *testing.T) {
	laws(t, func(t *testing.T, _ *rand.Rand, s session) {
		iv, parts := s.judge(t, nil)
		if !(iv.Lo <= iv.Theta && iv.Theta <= iv.Hi) || iv.P < 0 || iv.P > 1 {
			t.Errorf("%+v", iv)
		}
		if point, lo, hi := iv.Change(); !(lo <= point && point <= hi) || lo < -1 {
			t.Errorf("change %v [%v, %v]", point, lo, hi)
		}
		// An interval that excludes zero and a p below its level are the same statement.
		if excludes := iv.Lo > 0 || iv.Hi < 0; excludes != (iv.P < 1-confidence20) {
			t.Errorf("interval and p disagree: %+v", iv)
		}
		d, _ := LogRatios(s.base[0], s.cand[0])
		for _, o := range []OrderInterval{HodgesLehmannCI(d, .95), MedianCI(d, .95)} {
			if !(o.Lo <= o.Est && o.Est <= o.Hi) || o.Achieved < .95 {
				t.Errorf("%+v", o)
			}
		}
		if wide := parts[0].Interval(.99); wide.Half() < parts[0].Interval(.95).Half() {
			t.Errorf("more confidence makes %+v narrower", wide)
		}
	})
}

func TestPAboveAgreesWithTheInterval(t *testing.T) {
	laws(t, func(t *testing.T, _ *rand.Rand, s session) {
		iv, _ := s.judge(t, nil)
		level := (1 - confidence20) / 2
		if got := iv.PAbove(iv.Hi); math.Abs(got-level) > 1e-6 {
			t.Errorf("p above the upper end is %v, want %v", got, level)
		}
		if got := iv.PAbove(iv.Lo); math.Abs(got-(1-level)) > 1e-6 {
			t.Errorf("p above the lower end is %v, want %v", got, 1-level)
		}
	})
}

func TestRankTestsAreSymmetric(t *testing.T) {
	laws(t, func(t *testing.T, _ *rand.Rand, s session) {
		x, y := s.base[0], s.cand[0]
		a, b := MannWhitney(x, y), MannWhitney(y, x)
		if !near(a.P, b.P) || !near(a.Statistic+b.Statistic, float64(len(x)*len(y))) {
			t.Errorf("mann-whitney %+v, swapped %+v", a, b)
		}
		d, _ := LogRatios(x, y)
		minus, _ := LogRatios(y, x)
		if p, q := SignedRank(d), SignedRank(minus); !near(p.P, q.P) {
			t.Errorf("signed rank %+v, negated %+v", p, q)
		}
		if p, q := SignTest(d), SignTest(minus); !near(p, q) {
			t.Errorf("sign test %v, negated %v", p, q)
		}
	})
}

func TestAdjustedPValuesKeepTheOrder(t *testing.T) {
	laws(t, func(t *testing.T, rng *rand.Rand, _ session) {
		p := make([]float64, 1+rng.IntN(20))
		for i := range p {
			p[i] = math.Round(rng.Float64()*50) / 50 // with ties
		}
		holm, bh := Holm(p), BenjaminiHochberg(p)
		for i := range p {
			if holm[i] < bh[i]-1e-12 || bh[i] < p[i]-1e-12 || holm[i] > 1 {
				t.Errorf("p %v: Holm %v, BH %v", p[i], holm[i], bh[i])
			}
			for j := range p {
				if p[i] < p[j] && (holm[i] > holm[j] || bh[i] > bh[j]) || p[i] == p[j] && (holm[i] != holm[j] || bh[i] != bh[j]) {
					t.Errorf("order lost: p %v %v, Holm %v %v, BH %v %v", p[i], p[j], holm[i], holm[j], bh[i], bh[j])
				}
			}
		}
	})
}

func TestECDFClimbsFromNothingToOne(t *testing.T) {
	laws(t, func(t *testing.T, _ *rand.Rand, s session) {
		x := append(slices.Clone(s.base[0]), s.base[0][0], math.NaN())
		e := NewECDF(x)
		points := e.Points()
		if e.N() != len(x)-1 || e.At(math.Inf(-1)) != 0 || points[len(points)-1].P != 1 || len(points) >= e.N() {
			t.Errorf("%d values, points %v", e.N(), points)
		}
		for i, p := range points {
			if e.At(p.X) != p.P || i > 0 && (points[i-1].X >= p.X || points[i-1].P >= p.P || e.At((p.X+points[i-1].X)/2) != points[i-1].P) {
				t.Errorf("point %d of %v: At says %v", i, points, e.At(p.X))
			}
		}
	})
}

func TestNothingMeasuredIsChanged(t *testing.T) {
	s := newSession(rand.New(rand.NewPCG(3, 3)), 2, 12, -.08, .02)
	before := s.each(func(b, c []float64) ([]float64, []float64) { return b, c })
	iv, parts := s.judge(t, []float64{1, 2})
	Guard(parts, .05, .05)
	Describe(s.base[0])
	HodgesLehmannCI(s.base[0], .95)
	SignedRank(s.base[0])
	MannWhitney(s.base[0], s.cand[0])
	Strikes(s.cand[0], s.base[0], s.base[0], .1, 3)
	ChangePoints(s.base[0], .001, .02)
	NewECDF(s.base[0])
	if !iv.Defined() {
		t.Errorf("%+v", iv)
	}
	for i := range s.base {
		if !slices.Equal(s.base[i], before.base[i]) || !slices.Equal(s.cand[i], before.cand[i]) {
			t.Errorf("the runs of input %d were changed", i)
		}
	}
}
