package judge

import (
	"fmt"
	"math"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/stats"
)

// comparison is one metric of both arms, over all inputs.
type comparison struct {
	metric   pipeline.Metric
	parts    []part // one for each input, in the study's order
	interval stats.Interval
	level    float64 // confidence of interval

	whole *pipeline.Effect  // as people see it; nil when there is none
	each  []pipeline.Effect // of the inputs that have one
}

// part is one metric on one input.
type part struct {
	input Input
	sample
	d        []float64      // log-ratios, below zero is better; nil when there are none to take
	est      stats.Estimate // of d
	cv       stats.Summary  // of the baseline arm
	baseMid  float64        // trimmed mean of the baseline arm, in the metric's unit
	candMid  float64
	exact    bool      // every run of each arm said the same
	unsteady bool      // the metric is declared exact, and runs differ
	problem  string    // why there is no estimate, else ""
	bad      *badValue // the value that spoils it, when one does
}

// badValue is a value that no statistic can use.
type badValue struct {
	arm   string
	round int
	value float64
	zero  bool // it is a number, but not above zero: it has no ratio
}

func compare(m pipeline.Metric, inputs []Input, pairs map[string][]pair, level float64) comparison {
	c := comparison{metric: m, level: level}
	var ests []stats.Estimate
	var weights []float64
	var sum float64
	for _, in := range inputs {
		p := comparePart(m, in, take(pairs[in.Name], in.Name, m.Name))
		c.parts = append(c.parts, p)
		ests, weights = append(ests, p.est), append(weights, in.Weight)
		sum += in.Weight
	}
	if !(sum > 0) {
		weights = nil // no weight given: all alike
	}
	c.interval = stats.Combine(ests, weights, level)
	c.whole, c.each = c.effect(), c.inputs()
	return c
}

func comparePart(m pipeline.Metric, in Input, s sample) part {
	p := part{input: in, sample: s, est: stats.Estimate{Est: math.NaN(), SE: math.Inf(1), N: len(s.base)}}
	if len(s.base) == 0 {
		p.problem = fmt.Sprintf("no pair of runs on %s has %s", in.Name, m.Name)
		return p
	}
	if p.bad = p.badValue(); p.bad != nil && !p.bad.zero {
		p.problem = fmt.Sprintf("%s of the %s is %v on %s, run %d", m.Name, p.bad.arm, p.bad.value, in.Name, p.bad.round)
		return p
	}
	p.cv = stats.Describe(s.base)
	p.baseMid, p.candMid = centre(s.base), centre(s.cand)
	same := constant(s.base) && constant(s.cand)
	p.exact = same && (m.Exact || len(s.base) > 1)
	p.unsteady = m.Exact && !same
	if p.bad != nil && !(p.exact && s.base[0] == s.cand[0]) {
		p.problem = fmt.Sprintf("%s of the %s is %s on %s, run %d: it has no ratio",
			m.Name, p.bad.arm, Quantity(p.bad.value, m.Unit), in.Name, p.bad.round)
		return p
	}
	p.estimate(m)
	return p
}

// estimate fills d and est of sound values.
func (p *part) estimate(m pipeline.Metric) {
	if p.exact && p.base[0] == p.cand[0] {
		p.d = make([]float64, len(p.base)) // also where both are zero, of which there is no logarithm
	} else {
		before, after := p.base, p.cand
		if m.Better == pipeline.Higher {
			before, after = after, before
		}
		d, err := stats.LogRatios(before, after)
		if err != nil {
			p.problem = err.Error()
			return
		}
		p.d = d
	}
	if p.exact { // no spread to estimate, so one value is as good as ten
		p.est = stats.Estimate{Est: p.d[0], DF: float64(max(1, len(p.d)-1)), N: len(p.d)}
		return
	}
	p.est = stats.Trimmed(p.d)
}

// badValue finds the first value that has no logarithm; one that is not even a number before one that is.
func (p *part) badValue() *badValue {
	var zero *badValue
	for i := range p.base {
		for _, arm := range [2]string{baselineArm, candidateArm} {
			v := p.base[i]
			if arm == candidateArm {
				v = p.cand[i]
			}
			switch {
			case math.IsNaN(v) || math.IsInf(v, 0):
				return &badValue{arm, p.rounds[i], v, false}
			case v <= 0 && zero == nil:
				zero = &badValue{arm, p.rounds[i], v, true}
			}
		}
	}
	return zero
}

// rounds is how many pairs the comparison rests on: those of the input that has fewest.
func (c comparison) rounds() int {
	n := math.MaxInt
	for _, p := range c.parts {
		n = min(n, len(p.base))
	}
	if n == math.MaxInt {
		return 0
	}
	return n
}

// exact says whether there is nothing to estimate: every input said the same number in every run.
func (c comparison) exact() bool {
	for _, p := range c.parts {
		if !p.exact || p.problem != "" {
			return false
		}
	}
	return len(c.parts) > 0
}

// declared says whether the metric is exact because the Benchfile says so and the runs agree.
func (c comparison) declared() bool { return c.metric.Exact && c.exact() }

func (c comparison) problem() string {
	for _, p := range c.parts {
		if p.problem != "" {
			return p.problem
		}
	}
	return ""
}

func (c comparison) estimates() []stats.Estimate {
	out := make([]stats.Estimate, len(c.parts))
	for i, p := range c.parts {
		out[i] = p.est
	}
	return out
}

// effect is the whole comparison as people see it, nil when there is none.
func (c comparison) effect() *pipeline.Effect {
	if !c.interval.Defined() {
		return nil
	}
	e := c.describe(c.interval)
	for _, p := range c.parts {
		w := c.weight(p)
		e.Baseline += w * p.baseMid
		e.Candidate += w * p.candMid
		e.CV = max(e.CV, bounded(p.cv.RobustCV))
	}
	e.Baseline, e.Candidate = bounded(e.Baseline), bounded(e.Candidate)
	e.Rounds, e.Exact = c.rounds(), c.exact()
	return &e
}

// weight is an input's share of the aggregate; where none is given all are alike.
func (c comparison) weight(p part) float64 {
	var sum float64
	for _, each := range c.parts {
		sum += each.input.Weight
	}
	if !(sum > 0) {
		return 1 / float64(len(c.parts))
	}
	return p.input.Weight / sum
}

// inputs are the effects on each input that has one.
func (c comparison) inputs() []pipeline.Effect {
	var out []pipeline.Effect
	for _, p := range c.parts {
		iv := p.est.Interval(c.level)
		if !iv.Defined() {
			continue
		}
		e := c.describe(iv)
		e.Input, e.Rounds, e.Exact, e.Weight = p.input.Name, len(p.base), p.exact, c.weight(p)
		e.Baseline, e.Candidate = p.baseMid, p.candMid
		e.CV = bounded(p.cv.RobustCV)
		out = append(out, e)
	}
	return out
}

// describe turns an interval in the judge's direction (below zero is better) into the metric's own.
func (c comparison) describe(iv stats.Interval) pipeline.Effect {
	if c.metric.Better == pipeline.Higher {
		iv.Theta, iv.Lo, iv.Hi = -iv.Theta, -iv.Hi, -iv.Lo
	}
	change, lo, hi := iv.Change()
	return pipeline.Effect{
		Metric: c.metric.Name, Unit: c.metric.Unit, Better: c.metric.Better,
		Change: bounded(change), Lo: bounded(lo), Hi: bounded(hi), P: iv.P, Confidence: c.level,
		Log: bounded(iv.Theta), SE: bounded(iv.SE), DF: bounded(iv.DF), Weight: 1,
	}
}

// bounded keeps a number writable as JSON: two wild runs can give an interval that reaches beyond every number. What is
// no number at all is 0, as in stats.Summary.
func bounded(f float64) float64 {
	if math.IsNaN(f) {
		return 0
	}
	return max(-math.MaxFloat64, min(math.MaxFloat64, f))
}

// centre is the trimmed mean of an arm, in the metric's unit.
func centre(x []float64) float64 {
	if len(x) == 1 {
		return bounded(x[0])
	}
	return bounded(stats.Trimmed(x).Est)
}

func constant(x []float64) bool {
	for _, v := range x {
		if v != x[0] {
			return false
		}
	}
	return true
}

// Confidence is the level of every look's interval, so that the one at which measuring stops holds at 1 − alpha. The
// tables of pipeline/stats are for 0.05; for another alpha it is divided among the looks (Šidák), which is safe.
func Confidence(alpha float64, looks []int) float64 {
	if alpha <= 0 || alpha >= 1 || alpha == defaultAlpha {
		return stats.Confidence(looks)
	}
	return math.Pow(1-alpha, 1/float64(max(1, len(looks))))
}

const defaultAlpha = 0.05

func alphaOf(c pipeline.Criteria) float64 {
	if c.Alpha > 0 && c.Alpha < 1 {
		return c.Alpha
	}
	return defaultAlpha
}
