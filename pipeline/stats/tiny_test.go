package stats

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
)

var nan, inf = math.NaN(), math.Inf(1)

// odd are the data that no function may panic on, hang on, or draw a conclusion from.
func odd() [][]float64 {
	return [][]float64{
		nil, {}, {1}, {0}, {-1}, {nan}, {inf}, {1, nan}, {nan, 1}, {-inf, inf}, {1, inf}, {nan, nan, nan}, {0, 0},
		{math.MaxFloat64, -math.MaxFloat64}, {math.SmallestNonzeroFloat64, 1}, {1, 1, 1, 1, 1, nan},
	}
}

func TestOddDataNeitherPanicNorDecide(t *testing.T) {
	for i, x := range odd() {
		for j, y := range odd() {
			t.Run(fmt.Sprintf("%d %v and %d %v", i, x, j, y), func(t *testing.T) {
				tryEverything(x, y)
				if Check(x) == nil {
					return // what is finite may well be significant
				}
				if iv := YuenWelch(x, y, .99); iv.Defined() || iv.P != 1 {
					t.Errorf("Yuen-Welch: %+v", iv)
				}
				iv := Combine([]Estimate{Trimmed(x), Trimmed(y)}, nil, .95)
				if iv.Defined() || iv.P != 1 || iv.PAbove(0) != 1 {
					t.Errorf("combined: %+v", iv)
				}
				guards := Guard([]Estimate{Trimmed(x)}, .05, .05)
				if d := Verdict(iv.Theta, iv.Lo, iv.Hi, guards, .05, .02, true); d.Verdict != Inconclusive || guards[0] != Unclear {
					t.Errorf("decided %+v with guard %v", d, guards)
				}
				if d := Verdict(iv.Theta, iv.Lo, iv.Hi, nil, .05, .02, false); d.Stop {
					t.Errorf("stopped: %+v", d)
				}
			})
		}
	}
}

func tryEverything(x, y []float64) {
	d, _ := LogRatios(x, y)
	for _, v := range [][]float64{x, d} {
		Describe(v)
		Quantile(v, .5)
		RMAD(v)
		Outliers(v)
		Autocorrelation(v)
		HodgesLehmann(v)
		HodgesLehmannCI(v, .95)
		MedianCI(v, .95)
		SignedRank(v)
		SignTest(v)
		Holm(v)
		BenjaminiHochberg(v)
		ChangePoints(v, .001, .02)
		NewECDF(v).Points()
		NewECDF(v).At(nan)
	}
	MannWhitney(x, y)
	Welch(x, y, .95)
	Strikes(x, y, y, .1, 3)
	TotalChange(x, y, x)
	combo := Trimmed(x).Interval(.95)
	Interaction([]Interval{Trimmed(y).Interval(.95), combo}, combo)
	Interaction(nil, combo)
}

func TestRefusals(t *testing.T) {
	cases := []struct {
		name       string
		base, cand []float64
		want       error
		says       string
	}{
		{"other lengths", []float64{1, 2}, []float64{1}, ErrLengths, "2 baseline runs, 1 candidate runs"},
		{"a NaN", []float64{1, nan}, []float64{1, 1}, ErrNotFinite, "baseline run 2 is NaN"},
		{"infinity", []float64{1, 1}, []float64{inf, 1}, ErrNotFinite, "candidate run 1 is +Inf"},
		{"a NaN counts before a zero", []float64{0, nan}, []float64{1, 1}, ErrNotFinite, "run 2"},
		{"zero", []float64{1, 1, 0}, []float64{1, 1, 1}, ErrNonPositive, "baseline run 3 is 0"},
		{"a negative value", []float64{1}, []float64{-2}, ErrNonPositive, "candidate run 1 is -2"},
	}
	for _, c := range cases {
		d, err := LogRatios(c.base, c.cand)
		if d != nil || !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, %v; want %v saying %q", c.name, d, err, c.want, c.says)
		}
	}
	if d, err := LogRatios(nil, nil); len(d) != 0 || err != nil {
		t.Errorf("no pairs: %v, %v", d, err)
	}
	if err := Check([]float64{1, 2}); err != nil {
		t.Errorf("two values: %v", err)
	}
}

func TestUnusableWeights(t *testing.T) {
	parts := []Estimate{{Est: -.1, SE: .01, DF: 5}, {Est: -.2, SE: .01, DF: 5}}
	for _, w := range [][]float64{{}, {1}, {1, 2, 3}, {0, 0}, {1, -1}, {3, -1}, {nan, 1}, {inf, 1}} {
		if iv := Combine(parts, w, .95); iv.Defined() {
			t.Errorf("weights %v give %+v", w, iv)
		}
	}
	if iv := Combine(parts, []float64{0, 3}, .95); !near(iv.Theta, -.2) || !near(iv.DF, 5) {
		t.Errorf("a weight of zero leaves an input out; got %+v", iv)
	}
	if iv := Combine(nil, nil, .95); iv.Defined() {
		t.Errorf("no inputs give %+v", iv)
	}
}

func TestUndefinedSpreadsAreZeroInASummary(t *testing.T) {
	for _, c := range []struct {
		x    []float64
		want Summary
	}{
		{nil, Summary{}},
		{[]float64{1, nan}, Summary{N: 2}},
		{[]float64{3}, Summary{N: 1, Mean: 3, Median: 3, Q25: 3, Q75: 3, Q95: 3, Min: 3, Max: 3}},
		{[]float64{-2, -2}, Summary{N: 2, Mean: -2, Median: -2, Q25: -2, Q75: -2, Q95: -2, Min: -2, Max: -2}},
		{[]float64{0.1, 0.1, 0.1}, Summary{N: 3, Mean: .1, Median: .1, Q25: .1, Q75: .1, Q95: .1, Min: .1, Max: .1}},
	} {
		if got := Describe(c.x); !sameSummary(got, c.want) {
			t.Errorf("Describe(%v) = %+v, want %+v", c.x, got, c.want)
		}
	}
}

// sameSummary lets centres be rounded; spreads have to be exactly equal.
func sameSummary(a, b Summary) bool {
	return a.N == b.N && near(a.Mean, b.Mean) && near(a.Q25, b.Q25) && near(a.Q75, b.Q75) && near(a.Q95, b.Q95) &&
		a.Median == b.Median && a.Min == b.Min && a.Max == b.Max && a.SD == b.SD && a.RMAD == b.RMAD && a.CV == b.CV &&
		a.RobustCV == b.RobustCV
}
