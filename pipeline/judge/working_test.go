package judge

import (
	"math"
	"strings"
	"testing"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/stats"
)

// TestWorkingCanBeDoneByHand recomputes a verdict's interval from nothing but the numbers that the working shows.
func TestWorkingCanBeDoneByHand(t *testing.T) {
	e := measured(calm(-.08), 20)
	v := Experiment(e).Verdict
	var theta, variance, weights float64
	for _, in := range v.Inputs {
		theta += in.Weight * in.Log
		variance += in.Weight * in.Weight * in.SE * in.SE
		weights += in.Weight
	}
	if math.Abs(weights-1) > 1e-12 || math.Abs(theta-v.Effect.Log) > 1e-12 || math.Abs(math.Sqrt(variance)-v.Effect.SE) > 1e-12 {
		t.Errorf("weights %v, mean %v, error %v do not give %+v", weights, theta, math.Sqrt(variance), *v.Effect)
	}
	if got := math.Expm1(theta); math.Abs(got-v.Effect.Change) > 1e-12 {
		t.Errorf("the change is %v, by hand %v", v.Effect.Change, got)
	}
	whole := stats.Estimate{Est: theta, SE: math.Sqrt(variance), DF: v.Effect.DF}.Interval(v.Effect.Confidence)
	if math.Abs(math.Expm1(whole.Lo)-v.Effect.Lo) > 1e-12 {
		t.Errorf("the interval begins at %v, by hand %v", v.Effect.Lo, math.Expm1(whole.Lo))
	}
	w, ok := Work(&v, e.Looks)
	if !ok || len(w.Rows) != len(v.Inputs)+1 || !strings.Contains(strings.Join(w.Text, "\n"), Change(v.Effect.Change, v.Effect.Lo, v.Effect.Hi)) {
		t.Errorf("%v: %+v", ok, w)
	}
	for _, row := range w.Rows {
		if len(row) != len(w.Head) {
			t.Errorf("%d cells under %d heads: %q", len(row), len(w.Head), row)
		}
	}
}

func TestNoWorkingWithoutNumbers(t *testing.T) {
	if _, ok := Work(&pipeline.Verdict{}, nil); ok {
		t.Error("there is a working of nothing")
	}
}
