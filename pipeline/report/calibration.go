package report

import (
	"slices"

	"github.com/benchfile/bench/pipeline/judge"
	"github.com/benchfile/bench/pipeline/plan"
)

// Calibration says how small a change can be seen here: the baseline against itself (bench calibrate).
type Calibration struct {
	At string `json:"at"`
	judge.Calibration
}

func (b *builder) calibration() *Calibration {
	c := b.in.Plan.Calibration
	if c == nil {
		return nil
	}
	out := Calibration{At: stamp(c.At), Calibration: *c.Calibration}
	effect := *c.Effect
	out.Effect, out.Inputs, out.Detectable, out.Trips = &effect, slices.Clone(c.Inputs), slices.Clone(c.Detectable), slices.Clone(c.Trips)
	return &out
}

// visible says of a hypothesis whether what it expects can be seen; "" where nothing was calibrated.
func (b *builder) visible(e *plan.Experiment) string {
	c := b.in.Plan.Calibration
	if c == nil || e.Hypothesis == nil {
		return ""
	}
	return plan.Visible(b.in.Study, c.Calibration, e.Hypothesis)
}

// floor is the noise floor: as calibrated, where that still holds, else what the baseline's own runs suggest.
func (b *builder) floor(r *Report) (Trust, bool) {
	ok := func(n Number) bool { return n < r.Criteria.Maybe || r.Criteria.Maybe == 0 }
	if c := r.Calibration; c != nil && c.Stale == "" {
		n := Number(c.Floor)
		return Trust{Name: "noise floor", Value: "±" + Share(n, 1) + ", calibrated", OK: ok(n), Link: "baseline"}, true
	}
	n := r.Baseline.NoiseLo
	return Trust{Name: "noise floor", Value: "±" + Share(n, 1), OK: ok(n), Link: "baseline"}, n.Known()
}
