// Package plan decides what to do next and says why. Make is pure: a study and facts in, a plan out; it knows neither
// disk nor clock nor how a step is carried out. It is called again after every step and never changes a plan it made.
package plan

import (
	"time"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/judge"
)

// Plan is everything that is known about what was done and what is left to do.
type Plan struct {
	Steps       []Step       // in the order in which they run
	Baseline    Experiment   // has no verdict
	Experiments []Experiment // hypotheses and compounds, by number
	Next        int          // index in Steps of the step to run now; −1: none
	Job         pipeline.Job // what Next runs; the engine fills in the folders
	Work        []Work       // where the code of each of the job's arms lies
	Stopped     string       // why nothing more is run although something is left, else ""
	Unresolved  []pipeline.Variant
	Spent       time.Duration // measuring time of the recorded steps
	Remaining   Estimate      // for what is left, cool-downs included
	Warnings    []pipeline.Warning
	Calibration *Calibration // how well the machine can be measured; nil while that was never tried

	// Confirmation is the name of the variant whose run confirms what was kept, on fresh samples; "" while there is none.
	Confirmation string
	Unconfirmed  string // why the final figure is not confirmed (yet); "" when it is, or when the study does not ask for it
}

// Work is a folder with one state of the code, built. Its ID has a fixed length, so that both arms' paths are equally long.
type Work struct {
	ID        string
	Tree      string
	Build     pipeline.Key                 // of the build that the folder holds; "" = nothing was built
	Artifacts map[string]pipeline.Artifact // what the build left, to restore a folder that is gone
	Rebuild   bool                         // this step is the build: begin with a clean folder
}

// State is where a step or an experiment stands.
type State string

// The states.
const (
	Done    State = "done"    // recorded (a step), decided (an experiment)
	Ready   State = "ready"   // can run now
	Waiting State = "waiting" // for an earlier step
	Skipped State = "skipped" // will not run; Why says the reason
	Failed  State = "failed"  // recorded, and what it recorded is a failure
)

// Step is one unit of work with the key its outcome is recorded under.
type Step struct {
	Address  string // "001-mpt-hash-cache/measure/1": a name for people, never part of a key
	Kind     pipeline.StepKind
	Variant  string // Variant.Name
	ID       string // Variant.ID()
	Input    string // of a check, a profile or a generator; "" = all inputs
	Look     int    // of a measurement, from 1
	Rounds   int    // of a measurement: rounds this batch makes
	Manifest pipeline.Manifest
	Key      pipeline.Key // "" while an earlier step's outcome is needed to know it
	State    State
	Why      string           // one line: why it will run, or why not
	Record   *pipeline.Record // when Done or Failed
	Estimate time.Duration

	limit time.Duration // of its runs; 0: a measurement, which has one for each input
}

// Experiment is a variant held against the baseline on all inputs.
type Experiment struct {
	Variant    pipeline.Variant
	Hypothesis *pipeline.Hypothesis // nil for the baseline and for compounds
	Fact       pipeline.VariantFact
	State      State // Ready while something of it is left to run
	Why        string
	Verdict    *pipeline.Verdict // nil until decided
	Interim    *pipeline.Effect  // the primary effect so far, while undecided
	Expected   *float64          // of a compound: product of its members' ratios − 1, a fraction
	Steps      []int             // indices in Plan.Steps
	Identical  bool              // its built artifacts equal the baseline's byte for byte

	// Confirms is the ID of the experiment that it measures once more, on fresh samples; else "".
	Confirms string
	// Decision is the judge's whole answer, of which Verdict is a part; nil while there is none.
	Decision *judge.Decision
	// Sentinel says how the baseline beside it stands to the baseline's own measurement; nil until decided, or without runs.
	Sentinel *judge.Shift
	// Interaction says of a compound whether its parts add up; nil until all of them are measured.
	Interaction *judge.Interaction
}

// Records of one kind that are there, in order.
func (p *Plan) Records(e *Experiment, kind pipeline.StepKind) []*pipeline.Record {
	var out []*pipeline.Record
	for _, i := range e.Steps {
		if s := &p.Steps[i]; s.Kind == kind && s.Record != nil {
			out = append(out, s.Record)
		}
	}
	return out
}

// BaselineRecord is the baseline's own measurement that stands: the newest, when it was measured again; nil before the
// first.
func (p *Plan) BaselineRecord() *pipeline.Record {
	var r *pipeline.Record
	for _, i := range p.Baseline.Steps {
		if s := &p.Steps[i]; s.Kind == pipeline.StepMeasure && s.Record != nil {
			r = s.Record
		}
	}
	return r
}

// Runs of an experiment's measurements that count: no warm-ups and none whose pair was made again, in the order in which they ran.
func (p *Plan) Runs(e *Experiment) []pipeline.Run {
	var out []pipeline.Run
	for _, r := range p.Records(e, pipeline.StepMeasure) {
		for _, run := range r.Outcome.Runs {
			if !run.Warmup && run.Discarded == "" {
				out = append(out, run)
			}
		}
	}
	return out
}
