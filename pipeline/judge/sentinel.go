package judge

import (
	"fmt"
	"math"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/stats"
)

// The sentinel's rule: a shift is told when its 99 % interval excludes none and it is more than 3 %. On a machine that
// stays as it was, that happens to one experiment in a hundred.
const (
	sentinelConfidence = 0.99
	sentinelShift      = 0.03
)

// Shift is how far the baseline, as it ran beside a candidate, is from its own earlier measurement. Changes are
// fractions in the metric's own direction: 0.05 is a baseline that takes 5 % longer now.
type Shift struct {
	Change float64 `json:"change"`
	Lo     float64 `json:"lo"` // 99 % interval
	Hi     float64 `json:"hi"`
	Moved  bool    `json:"moved"`  // beyond 3 %, and the interval excludes none
	Reason string  `json:"reason"` // one line for people
}

// Sentinel holds the baseline's runs beside a candidate against the baseline's own measurement (workflow C.2), by Yuen
// and Welch on logarithms for each input, weighed as the verdict is. It only warns: a verdict compares runs made side by
// side, so that a machine that became slower between two measurements does not touch it. Nil where either has too few
// runs, or values without a logarithm.
func Sentinel(m pipeline.Metric, inputs []Input, stored, present []pipeline.Run) *Shift {
	var parts []stats.Estimate
	var weights []float64
	sum := 0.0
	for _, in := range inputs {
		before, now := logsOf(stored, in.Name, m.Name), logsOf(present, in.Name, m.Name)
		parts = append(parts, stats.YuenWelch(before, now, sentinelConfidence).Estimate())
		weights = append(weights, in.Weight)
		sum += in.Weight
	}
	if !(sum > 0) {
		weights = nil
	}
	iv := stats.Combine(parts, weights, sentinelConfidence)
	if !iv.Defined() {
		return nil
	}
	var s Shift
	s.Change, s.Lo, s.Hi = iv.Change()
	s.Change, s.Lo, s.Hi = bounded(s.Change), bounded(s.Lo), bounded(s.Hi)
	s.Moved = math.Abs(s.Change) > sentinelShift && (iv.Lo > 0 || iv.Hi < 0)
	s.Reason = fmt.Sprintf("%s of the baseline beside it is %s against the baseline's own measurement", m.Name, Change(s.Change, s.Lo, s.Hi))
	return &s
}

// logsOf are the logarithms of a metric of the baseline's measured runs on an input. A value without one makes them NaN,
// which every statistic refuses.
func logsOf(runs []pipeline.Run, input, metric string) []float64 {
	var out []float64
	for i := range runs {
		r := &runs[i]
		if r.Arm != baselineArm || r.Input != input || r.Warmup || r.Discarded != "" || !r.OK() {
			continue
		}
		if v, ok := r.Metrics[metric]; ok {
			out = append(out, math.Log(v))
		}
	}
	return out
}
