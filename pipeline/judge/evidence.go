package judge

import (
	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/stats"
)

// The arms whose runs are read. "output" is the candidate too, run in a check for the sake of what it writes.
const (
	baselineArm  = "baseline"
	candidateArm = "candidate"
	outputArm    = "output"
)

// timeMetric is the built-in wall time of a run, in seconds.
const timeMetric = "time"

// Evidence is everything that is known of an experiment when the judge is asked. What has not happened yet is left out:
// the verdict then says so and, where that would help, asks for more.
type Evidence struct {
	Criteria pipeline.Criteria
	Primary  pipeline.Metric
	Metrics  []pipeline.Metric // all of them; the primary one may be among them
	Inputs   []Input

	Looks []int // rounds, cumulated, after which the judge is asked: 10, 15, 20
	Final bool  // no more rounds will be made

	ApplyError  string // why the change does not apply, in one line; "" when it does
	ApplyDetail string // git's own words and the hunk
	Identical   bool   // built artifacts and commands equal the baseline's byte for byte

	Build     *pipeline.Outcome // nil: nothing was built
	Checks    []Check
	CheckNone string // the stated reason for having no check

	Baseline map[string][]float64 // seconds of the baseline's own measured runs, by input: the reference of KILL
	Batches  []*pipeline.Outcome  // measurements in order, runs of both arms interleaved
}

// Input is something that the experiment is measured on. Weight is its share in the aggregate.
type Input struct {
	Name   string
	Weight float64
}

// Check is what was seen of the candidate's correctness on one input.
type Check struct {
	Input   string            // "" = one check for all inputs
	Outcome *pipeline.Outcome // nil: not run
	Differs []Difference
	Skipped string // why it was not run, else ""
}

// Difference is an output that is not the baseline's.
type Difference struct {
	What       string // "stdout", "out.json"
	Base, Cand string // SHA-256 sums; "" when there is no such output
	Detail     string // where they first differ, "byte 132"; "" when unknown
}

// Decision is what the judge says to the planner.
type Decision struct {
	Verdict pipeline.Verdict // while Continue: how it stands
	// Continue says that another look would help and is allowed: the verdict is not one yet.
	Continue bool
	// Effect is the primary effect as the statistics see it: a log-ratio, below zero is better whatever the metric's
	// direction, with its standard error. It is what Compound takes. Undefined when nothing could be compared.
	Effect stats.Interval
	// GainP is the one-sided p of "the improvement is at most the MAYBE threshold": what Adjust takes.
	GainP float64
	// Restless says that the raw CV of a baseline arm is beyond the limit: then further rounds get a longer cool-down.
	Restless bool
}
