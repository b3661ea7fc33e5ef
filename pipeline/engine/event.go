package engine

import (
	"time"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/plan"
)

// EventKind is what happened.
type EventKind string

// The events, in the order in which a step goes through them.
const (
	EventCooling  EventKind = "cooling"  // Wait says how long
	EventWaiting  EventKind = "waiting"  // the gate is closed; Text says why
	EventStarted  EventKind = "started"  // Step, Job
	EventRecorded EventKind = "recorded" // Record
	EventVoid     EventKind = "void"     // Text says why
	// EventEnvironment is a measurement that was given up because too much went on beside it; Text says what.
	EventEnvironment EventKind = "environment"
	EventVerdict     EventKind = "verdict" // Experiment
)

// Event is something that people want to hear of.
type Event struct {
	At         time.Time
	Kind       EventKind
	Step       string // address
	Text       string
	Wait       time.Duration
	Plan       *plan.Plan
	Study      *pipeline.Study
	Job        *pipeline.Job
	Record     *pipeline.Record
	Experiment *plan.Experiment
}

// entry is a line of the journal.
type entry struct {
	Event   string               `json:"event"` // started, void, environment, recorded
	At      time.Time            `json:"at"`
	Address string               `json:"address,omitempty"`
	Key     pipeline.Key         `json:"key,omitempty"`
	Status  pipeline.Status      `json:"status,omitempty"`
	Verdict pipeline.VerdictKind `json:"verdict,omitempty"`
	Why     string               `json:"why,omitempty"`
	Runs    int                  `json:"runs,omitempty"`
	Attempt string               `json:"attempt,omitempty"` // the blob with the record of what was given up
}

// tellVerdicts tells of the verdicts that were not there before. Before anything was run, those that are there are no
// news.
func (e *Engine) tellVerdicts(p *plan.Plan, silent bool) {
	for i := range p.Experiments {
		x := &p.Experiments[i]
		if x.Verdict == nil || e.told[x.Variant.Name] == x.Verdict.Kind {
			continue
		}
		e.told[x.Variant.Name] = x.Verdict.Kind
		if silent {
			continue
		}
		e.tell(Event{Kind: EventVerdict, Step: x.Variant.ID(), Experiment: x, Plan: p})
	}
}
