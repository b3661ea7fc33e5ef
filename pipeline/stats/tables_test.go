package stats

import (
	"math"
	"slices"
	"testing"
)

func TestConfidence(t *testing.T) {
	for _, c := range []struct {
		looks []int
		want  float64
	}{
		{nil, .95}, {[]int{10}, .95}, {[]int{0}, .95}, {[]int{10, 10}, .95},
		{[]int{10, 20}, .971}, {[]int{20, 10}, .971}, {[]int{19, 20}, .971},
		{[]int{10, 15, 20}, .976}, {[]int{20, 30, 40}, .976}, {[]int{20, 20, 15, 10}, .976},
		{[]int{10, 20, 40}, .98}, {[]int{5, 8, 10}, .98},
		{[]int{10, 20, 30, 40}, .982}, {[]int{10, 20, 40, 80}, math.Pow(.95, .25)},
		{[]int{1, 10}, math.Sqrt(.95)}, {[]int{1, 2, 3, 4, 5}, math.Pow(.95, .2)},
	} {
		if got := Confidence(c.looks); !near(got, c.want) {
			t.Errorf("Confidence(%v) = %v, want %v", c.looks, got, c.want)
		}
	}
}

func TestMannWhitneyExact(t *testing.T) {
	for _, c := range []struct {
		x, y []float64
		u, p float64
	}{
		{[]float64{1, 2, 3}, []float64{4, 5, 6}, 0, 2. / 20},
		{[]float64{4, 5, 6}, []float64{1, 2, 3}, 9, 2. / 20},
		{[]float64{1}, []float64{2}, 0, 1},
		{[]float64{1, 2, 3, 4, 5}, []float64{6, 7, 8, 9, 10}, 0, 2. / 252},
		{[]float64{1, 3, 5}, []float64{2, 4}, 3, 1},
		{[]float64{1, 2, 4}, []float64{3, 5, 6, 7}, 1, 4. / 35},
	} {
		if got := MannWhitney(c.x, c.y); !near(got.Statistic, c.u) || !near(got.P, c.p) || got.N != len(c.x)+len(c.y) {
			t.Errorf("MannWhitney(%v, %v) = %+v, want U %v, p %v", c.x, c.y, got, c.u, c.p)
		}
	}
}

func TestStrikes(t *testing.T) {
	ref := []float64{10, 10.2, 10.1}
	flat := slices.Repeat([]float64{10}, 8)
	for _, c := range []struct {
		name        string
		cand, base  []float64
		ref         []float64
		consecutive int
		want        int
	}{
		{"three in a row", []float64{10, 12, 12, 12}, flat, ref, 3, 4},
		{"a good run forgives", []float64{12, 12, 10, 12, 12, 12}, flat, ref, 3, 6},
		{"a slow control neither counts nor forgives", []float64{12, 12, 12, 12}, []float64{10, 10, 13, 10}, ref, 3, 4},
		{"one strike when asked for", []float64{10, 12}, flat, ref, 1, 2},
		{"never asks for less than one", []float64{10, 12}, flat, ref, 0, 2},
		{"at the cap is no strike", []float64{11.22, 11.22, 11.22}, flat, []float64{10, 10.2, 10}, 3, 0},
		{"two reference runs are too few", []float64{99, 99, 99}, flat, ref[:2], 3, 0},
		{"a reference that is not finite", []float64{99, 99, 99}, flat, []float64{1, 2, nan}, 3, 0},
		{"more candidates than controls", []float64{12, 12, 12}, flat[:2], ref, 3, 0},
		{"a NaN is no run", []float64{12, nan, 12, 12}, flat, ref, 3, 4},
	} {
		if got := Strikes(c.cand, c.base, c.ref, .10, c.consecutive); got != c.want {
			t.Errorf("%s: fires at %d, want %d", c.name, got, c.want)
		}
	}
}

func TestZones(t *testing.T) {
	pct := func(p float64) float64 { return math.Log1p(p / 100) }
	for _, c := range []struct {
		name          string
		theta, lo, hi float64
		keep, maybe   float64
		want          string
	}{
		{"keep", -8, -10, -6, .05, .02, Keep},
		{"gain of keep size, interval reaches into the discard row", -8, -15, -1, .05, .02, Maybe},
		{"interval reaches zero", -8, -17, 1, .05, .02, Inconclusive},
		{"maybe row", -3, -5, -1, .05, .02, Maybe},
		{"maybe row, not significant", -3, -6, 1, .05, .02, Inconclusive},
		{"discard", -1, -3, 1, .05, .02, Discard},
		{"discard row, a gain of keep size not excluded", -1, -6, 4, .05, .02, Inconclusive},
		{"an optimised program keeps 2 %", -3, -3.5, -2.5, .02, .01, Keep},
	} {
		if got := Zone(pct(c.theta), pct(c.lo), pct(c.hi), c.keep, c.maybe); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	for _, bad := range [][3]float64{{nan, -1, -1}, {-1, nan, -1}, {-1, -1, nan}, {1, nan, 2}} {
		if got := Zone(bad[0], bad[1], bad[2], .05, .02); got != Inconclusive {
			t.Errorf("%v is %s", bad, got)
		}
	}
}

func TestReasonsToDiscardAndToGoOn(t *testing.T) {
	vetoed := []GuardState{Clear, Veto}
	for _, c := range []struct {
		name          string
		theta, lo, hi float64
		guards        []GuardState
		final         bool
		want          Decision
	}{
		{"no gain, a loss of 3 % not excluded", .005, -.01, .03, nil, true, Decision{true, Discard, BelowThreshold}},
		{"no gain, no loss", .005, -.01, .015, nil, true, Decision{true, Discard, Equivalent}},
		{"a gain below the MAYBE zone is not excluded yet", -.01, -.03, .01, nil, false, Decision{false, Continue, ""}},
		{"a loss", .05, .01, .09, vetoed, false, Decision{true, Discard, Regression}},
		{"a veto stops at once", -.08, -.12, -.05, vetoed, false, Decision{true, Discard, InputRegression}},
		{"nothing to veto yet", -.08, -.2, .05, vetoed, false, Decision{false, Continue, ""}},
		{"MAYBE waits for the final look", -.03, -.04, -.02, nil, false, Decision{false, Continue, ""}},
		{"an unclear input does not hinder MAYBE", -.03, -.04, -.02, []GuardState{Unclear}, true, Decision{true, Maybe, ""}},
	} {
		if got := Verdict(c.theta, c.lo, c.hi, c.guards, .05, .02, c.final); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestNeedPairsWhereThereIsNoAnswer(t *testing.T) {
	for _, c := range []struct {
		n              int
		lo, hi, target float64
		want           int
	}{
		{20, -.1, -.1, .015, 20}, {20, math.Inf(-1), inf, .015, 0}, {20, nan, 1, .015, 0}, {20, 1, -1, .015, 0},
		{20, -1, 1, 0, 0}, {20, -1, 1, -1, 0}, {0, -1, 1, .015, 0}, {20, -1e9, 1e9, .015, math.MaxInt32},
		{20, -.03, .03, TargetHalf, 80},
	} {
		if got := NeedPairs(c.n, c.lo, c.hi, c.target); got != c.want {
			t.Errorf("NeedPairs(%d, %v, %v, %v) = %d, want %d", c.n, c.lo, c.hi, c.target, got, c.want)
		}
	}
}

func TestALossWithinTheLimitIsNoVeto(t *testing.T) {
	slower := Estimate{Est: .045, SE: .005, DF: 11} // surely slower, perhaps beyond the limit
	if got := Guard([]Estimate{slower}, .05, .05)[0]; got != Unclear {
		t.Errorf("got %s", got)
	}
}

func TestMoreInputsNeedMoreForAVeto(t *testing.T) {
	slow := Estimate{Est: .09, SE: .03, DF: 5} // t = 3: beyond 2.57, the one-sided 2.5 % point
	if got := Guard([]Estimate{slow}, .05, .05)[0]; got != Veto {
		t.Errorf("alone: %s", got)
	}
	ten := slices.Repeat([]Estimate{slow}, 10)
	if got := Guard(ten, .05, .05)[0]; got != Unclear {
		t.Errorf("among ten: %s", got)
	}
}

// Exact metrics have no spread. Rounding must not make an interaction of them.
func TestInteractionWithoutSpread(t *testing.T) {
	exact := func(theta float64) Interval { return exactInterval(theta, 5) }
	for _, c := range []struct {
		name    string
		singles []float64
		combo   float64
		want    string
	}{
		{"the sum, rounded", []float64{-.1, -.2}, math.Nextafter(-.3, 0), Additive},
		{"more than the sum", []float64{-.1, -.2}, -.31, Synergy},
		{"less than the sum", []float64{-.1, -.2}, -.25, SubAdditive},
		{"the sum, rounded the other way", []float64{-.1, -.2}, -.1 - .2 - 1e-15, Additive},
		{"as the best, rounded", []float64{-.1, -.2}, math.Nextafter(-.2, 0), SubAdditive},
		{"slower than the best", []float64{-.1, -.2}, -.15, Conflict},
		{"one part only", []float64{-.1}, -.1, Additive},
	} {
		var singles []Interval
		for _, s := range c.singles {
			singles = append(singles, exact(s))
		}
		if j := Interaction(singles, exact(c.combo)); j.Class != c.want {
			t.Errorf("%s: %+v, want %s", c.name, j, c.want)
		}
	}
	noisy := newInterval(-.1, .01, 9, .95)
	if j := Interaction([]Interval{noisy, undefinedInterval()}, noisy); j.Class != "" || j.PConflict != 1 {
		t.Errorf("an undefined part: %+v", j)
	}
	if j := Interaction([]Interval{noisy, exact(-.01)}, exact(-.05)); j.Class == "" || !j.Effect.Defined() || !finite(j.PConflict) {
		t.Errorf("one noisy part: %+v", j)
	}
}

func TestTotalChange(t *testing.T) {
	half := math.Log(.5)
	for _, c := range []struct {
		name                      string
		theta, times, frequencies []float64
		want                      float64
	}{
		{"alike", []float64{half, half}, []float64{1, 100}, nil, -.5},
		{"the slow input rules", []float64{half, 0}, []float64{1, 99}, nil, -.005},
		{"unless it is rare", []float64{half, 0}, []float64{1, 99}, []float64{99, 1}, -.25},
	} {
		if got := TotalChange(c.theta, c.times, c.frequencies); !near(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	for _, got := range []float64{
		TotalChange(nil, nil, nil), TotalChange([]float64{1}, nil, nil), TotalChange([]float64{1}, []float64{0}, nil),
	} {
		if !math.IsNaN(got) {
			t.Errorf("got %v of nothing", got)
		}
	}
}

func TestOutliersAreLabelled(t *testing.T) {
	if got := Outliers([]float64{1, 1.1, .9, 1, 9, 1.05, -5}); !slices.Equal(got, []int{4, 6}) {
		t.Errorf("got %v", got)
	}
	// Median 3.5, robust standard deviation 1.4826: the fence stands at 8.69.
	if got := Outliers([]float64{2, 3, 4, 2, 3, 4, 8.68, 8.7}); !slices.Equal(got, []int{7}) {
		t.Errorf("at the fence: got %v", got)
	}
	if got := Outliers([]float64{1, 2, 3, 4}); got != nil {
		t.Errorf("even values have outliers %v", got)
	}
}

func TestAutocorrelation(t *testing.T) {
	for _, c := range []struct {
		name   string
		x      []float64
		lo, hi float64
	}{
		{"drift", []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, .69, .71}, // 0.7 exactly
		{"alternating", []float64{1, -1, 1, -1, 1, -1}, -.84, -.83},   // -5/6
		{"constant", []float64{.1, .1, .1}, 0, 0},
		{"two values", []float64{1, 2}, 0, 0},
		{"huge", []float64{1e300, 2e300, 3e300, 4e300}, .24, .26}, // 0.25
	} {
		if got := Autocorrelation(c.x); got < c.lo || got > c.hi {
			t.Errorf("%s: %v, want %v to %v", c.name, got, c.lo, c.hi)
		}
	}
}

// Beyond the limit of the exact distribution the interval must go on where it stopped.
func TestWalshIndexGoesOnSmoothly(t *testing.T) {
	last, _ := walshIndex(exactWalsh, .95)
	next, achieved := walshIndex(exactWalsh+1, .95)
	atLast, _ := walshIndexNormal(exactWalsh, .95)
	if next <= last || math.Abs(float64(atLast-last)) > 2 || math.Abs(achieved-.95) > .001 {
		t.Errorf("%d at %d, %d (%v) one later; approximation %d", last, exactWalsh, next, achieved, atLast)
	}
}

func TestOfEqualSplitsTheFirstCounts(t *testing.T) {
	for _, c := range []struct {
		x    []float64
		want int
	}{{nil, 0}, {[]float64{1, 2, 3}, 0}, {[]float64{0, 0, .1, .1, 0, 0}, 2}, {[]float64{1, 1, 1, 1, 1, 1}, 2}} {
		if got := bestSplit(c.x); got != c.want {
			t.Errorf("%v is split at %d, want %d", c.x, got, c.want)
		}
	}
}

func TestSignedRankWithTiesBeyondTheExactLimit(t *testing.T) {
	d := make([]float64, 60) // thirteen different values
	for i := range d {
		d[i] = float64((i*7)%13-4) / 100
	}
	want := RankTest{Statistic: 1216.0, N: 56, P: 0.0006388972380787436} // scipy's formulas, computed apart
	if got := SignedRank(d); got.N != want.N || got.Statistic != want.Statistic || math.Abs(got.P/want.P-1) > 1e-9 {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// The asked confidence can be exactly attainable: then it is attained.
func TestOrderIndexAtAnAttainableConfidence(t *testing.T) {
	if k, achieved := walshIndex(6, .96875); k != 1 || achieved != .96875 {
		t.Errorf("got %d, %v", k, achieved)
	}
	for n := 6; n <= 40; n++ {
		attainable := 1 - math.Pow(2, float64(1-n)) // between the smallest and the largest value
		if o := MedianCI(make([]float64, n), attainable); o.K != 1 || !near(o.Achieved, attainable) {
			t.Errorf("median of %d: %+v", n, o)
		}
	}
}

func TestChangePointsNeedASizeToo(t *testing.T) {
	step := func(size float64) []float64 {
		var x []float64
		for i := range 40 {
			v := .001 * float64(i%3)
			if i >= 20 {
				v += size
			}
			x = append(x, v)
		}
		return x
	}
	for _, c := range []struct {
		size float64
		want []int
	}{{0, nil}, {.01, nil}, {.03, []int{20}}, {-.03, []int{20}}} {
		if got := ChangePoints(step(c.size), .001, .02); !slices.Equal(got, c.want) {
			t.Errorf("a step of %v: %v, want %v", c.size, got, c.want)
		}
	}
}

func TestLiteral(t *testing.T) {
	ref := []float64{10, 30, 10}
	for _, c := range []struct {
		name      string
		cand, ref []float64
		want      int
	}{
		{"the first run above the cap of the median", []float64{10, 11.01, 10}, ref, 2},
		{"at the cap", []float64{11, 11}, ref, 0},
		{"two reference runs are too few", []float64{99}, ref[:2], 0},
		{"a NaN is above nothing", []float64{nan, 12}, ref, 2},
	} {
		if got := Literal(c.cand, c.ref, .10); got != c.want {
			t.Errorf("%s: fires at %d, want %d", c.name, got, c.want)
		}
	}
}
