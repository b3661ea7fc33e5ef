package judge

import (
	"math"

	"github.com/benchfile/bench/pipeline"
)

// smallGain is the workflow's "less than 1 % improvement" (8.3).
const smallGain = 0.01

// Yield says what an experiment gained, for the rule of diminishing returns.
type Yield int

// The yields.
const (
	NoYield   Yield = iota // it says nothing: not decided, not measured, wrong, or too noisy to tell
	SmallGain              // less than 1 % by its point, and by its interval less than what would be kept
	Gain                   // more, or perhaps more
)

// YieldOf reads a decided experiment (workflow 8.3, made a test): the point alone would stop a study on noise, so the
// optimistic end of the interval has to be below the KEEP threshold as well. What is identical to the baseline gained
// nothing; what crashed, was wrong or stayed inconclusive says nothing about what is left to gain.
func YieldOf(d *Decision, c pipeline.Criteria) Yield {
	switch {
	case d == nil || d.Continue:
		return NoYield
	case d.Verdict.Kind == pipeline.Inconclusive || d.Verdict.Kind == pipeline.Failed || d.Verdict.Kind == pipeline.Reject:
		return NoYield
	case d.Verdict.Rule == "identical" || d.Verdict.Kind == pipeline.Kill:
		return SmallGain
	case !d.Effect.Defined():
		return NoYield
	case -math.Expm1(d.Effect.Theta) < smallGain && -math.Expm1(d.Effect.Lo) < c.Keep:
		return SmallGain
	}
	return Gain
}
