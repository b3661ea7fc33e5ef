package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/engine"
	"github.com/benchfile/bench/pipeline/plan"
	"github.com/benchfile/bench/pipeline/report"
	"github.com/benchfile/bench/pipeline/store"
)

// state is what apply does now, for those who look on from other processes: .bench/state.json.
type state struct {
	Schema   int              `json:"schema"`
	Command  string           `json:"command"`
	Since    time.Time        `json:"since"`
	Updated  time.Time        `json:"updated"`
	Study    string           `json:"study"`
	Baseline string           `json:"baseline"` // in words
	Live     *report.Live     `json:"live"`
	Logs     string           `json:"logs,omitempty"` // the folder below .bench in which the running step's output lies
	Overview *report.Overview `json:"overview,omitempty"`
	Last     []decided        `json:"last"`            // newest first
	Ended    string           `json:"ended,omitempty"` // "done", "interrupted" or what went wrong; "": at work, if the lock is held
}

// decided is an experiment with its verdict.
type decided struct {
	ID     string               `json:"id"`
	Title  string               `json:"title"`
	Kind   pipeline.VerdictKind `json:"verdict"`
	Reason string               `json:"reason"`
}

// lastVerdicts is how many verdicts a state remembers.
const lastVerdicts = 5

// stateEvery is how often the state is written at most.
const stateEvery = time.Second

// keeper keeps the state. It writes between runs, and at most once a second. Only when a step begins within a second of
// the last writing, and no run of it ends before that second is over, is the state written while a run is on, once: else
// a build of an hour would go unseen. A run as long as that is not disturbed by half a millisecond.
type keeper struct {
	dir  string             // .bench
	put  func([]byte) error // replaces the state
	warn func(error)

	mu      sync.Mutex // the timer's goroutine
	state   state
	step    *progress
	last    time.Time   // of the last writing
	pending *time.Timer // to be written when its second is over
	failed  bool        // said once
}

func newKeeper(s *session, st engine.State) *keeper {
	return &keeper{
		dir: s.store.Dir(), put: s.store.WriteState, state: state{
			Schema: schemaVersion, Command: strings.Join(os.Args, " "), Since: time.Now().UTC().Truncate(time.Second),
			Study: st.Study.Name, Baseline: baselineText(st.Facts), Last: []decided{},
		},
		warn: func(err error) { fmt.Fprintf(s.app.err, "bench: warning: nobody can look on: %v\n", err) },
	}
}

// event hears from the engine.
func (k *keeper) event(e engine.Event) {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch e.Kind {
	case engine.EventCooling:
		k.phase(e, report.PhaseCooling, duration(e.Wait))
	case engine.EventWaiting:
		k.phase(e, report.PhaseWaiting, e.Text)
	case engine.EventStarted:
		k.step = newProgress(e)
		k.state.Logs = k.scratch(e.Job)
		k.phase(e, report.PhaseRun, e.Text)
	case engine.EventRecorded, engine.EventVoid, engine.EventEnvironment:
		k.step = nil
	case engine.EventVerdict:
		v := e.Experiment.Verdict
		k.state.Last = slices.Insert(k.state.Last, 0, decided{e.Experiment.Variant.ID(), e.Experiment.Variant.Title, v.Kind, v.Reason})
		k.state.Last = k.state.Last[:min(lastVerdicts, len(k.state.Last))]
	}
}

// phase is what is done with a step that is next, or on.
func (k *keeper) phase(e engine.Event, phase, why string) {
	l := begun(e.Plan, e.Step)
	l.Phase, l.Why, l.Started = phase, why, e.At.UTC()
	if e.Job != nil {
		l.Total = len(e.Job.Visits)
	}
	k.state.Live = l
	k.tell(true)
}

// begun is a step of which nothing is known but the plan.
func begun(p *plan.Plan, step string) *report.Live {
	l := &report.Live{Step: step, Phase: report.PhaseRun, Total: len(p.Job.Visits), Remain: p.Remaining.Least}
	for i := range p.Steps {
		if s := &p.Steps[i]; s.Address == step {
			l.ID, l.Kind, l.Input, l.Left = s.ID, string(s.Kind), s.Input, s.Estimate
		}
	}
	l.Title = title(p, l.ID)
	return l
}

// title is what people call an experiment.
func title(p *plan.Plan, id string) string {
	for i := range p.Experiments {
		if v := &p.Experiments[i].Variant; v.ID() == id && v.Title != "" {
			return v.Title
		}
	}
	return id
}

// scratch is where a job's output lies, from .bench.
func (k *keeper) scratch(j *pipeline.Job) string {
	rel, err := filepath.Rel(k.dir, j.Scratch)
	if err != nil {
		return ""
	}
	return filepath.ToSlash(rel)
}

// Started implements pipeline.Sink.
func (k *keeper) Started(visit int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.step == nil {
		return
	}
	j, l := k.step.start.Job, *k.state.Live
	v := j.Visits[visit]
	l.Arm, l.Input, l.Round, l.Done = j.Arms[v.Arm].Name, j.Inputs[v.Input], v.Round, k.step.done
	k.state.Live = &l
	k.tell(false)
}

// Finished implements pipeline.Sink.
func (k *keeper) Finished(r pipeline.Run) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.step == nil {
		return
	}
	if k.pending != nil { // runs are short enough to be told between them
		k.pending.Stop()
		k.pending = nil
	}
	k.step.finished(r)
	l := *k.state.Live
	l.Done = k.step.done
	l.Left = k.step.left()
	l.Remain = max(l.Left, k.step.start.Plan.Remaining.Least-time.Since(k.step.began))
	if change, pairs := k.step.change(); pairs > 0 {
		m := k.step.start.Study.Primary()
		l.Interim = &pipeline.Effect{Metric: m.Name, Unit: m.Unit, Better: m.Better, Change: change, Rounds: pairs}
	}
	k.state.Live = &l
	k.tell(false)
}

// overview is what the report says of the whole, when it was last made.
func (k *keeper) overview(o report.Overview) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.state.Overview = &o
}

// end says that nothing is worked on any more. When nothing was, there is nothing to say.
func (k *keeper) end(how string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.pending != nil {
		k.pending.Stop()
		k.pending = nil
	}
	if k.state.Live == nil {
		return
	}
	k.state.Ended, k.state.Live, k.state.Logs = how, nil, ""
	k.write()
}

// tell writes the state if its second is over. news must be told then, if nothing else is before.
func (k *keeper) tell(news bool) {
	wait := stateEvery - time.Since(k.last)
	switch {
	case wait <= 0:
		k.write()
	case news && k.pending == nil:
		k.pending = time.AfterFunc(wait, func() {
			k.mu.Lock()
			defer k.mu.Unlock()
			if k.pending != nil {
				k.write()
			}
		})
	}
}

func (k *keeper) write() {
	k.pending = nil
	k.last = time.Now()
	k.state.Updated = k.last.UTC()
	b, err := json.Marshal(k.state)
	if err == nil {
		err = k.put(append(b, '\n'))
	}
	if err != nil && !k.failed {
		k.failed = true
		k.warn(err)
	}
}

// sinks tells several of the runs of a step.
type sinks []pipeline.Sink

// Started implements pipeline.Sink.
func (s sinks) Started(visit int) {
	for _, x := range s {
		x.Started(visit)
	}
}

// Finished implements pipeline.Sink.
func (s sinks) Finished(r pipeline.Run) {
	for _, x := range s {
		x.Finished(r)
	}
}

// readState is what is done in the .bench folder dir, by whomever; nil when nobody ever did anything there. A state of
// which nobody holds the lock is that of a process which is gone: the kernel says so, whatever the text.
func readState(dir string) (*state, error) {
	for try := 0; ; try++ {
		st, err := parseState(dir)
		if st == nil || err != nil || st.Ended != "" {
			return st, err
		}
		holder, err := store.RepoHolder(dir)
		if err != nil || holder != nil {
			return st, err
		}
		if try == 0 {
			continue // it may have ended between our two looks
		}
		st.Ended = "interrupted"
		if st.Live != nil {
			st.Live.Phase, st.Live.Why = report.PhaseInterrupted, "the process that worked on it is gone; bench apply goes on from here"
		}
		return st, nil
	}
}

func parseState(dir string) (*state, error) {
	s, err := store.OpenReadOnly(dir)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	b, err := s.ReadState()
	if b == nil || err != nil {
		return nil, err
	}
	st := &state{}
	if err := json.Unmarshal(b, st); err != nil || st.Schema != schemaVersion {
		return nil, nil // another version's, or nobody's: as good as none
	}
	if st.Live != nil {
		l := st.Live.Cleaned()
		st.Live = &l
	}
	return st, nil
}

// forgetState takes away the state of a process that is gone. The caller holds the repository's lock.
func forgetState(s *store.Store) error {
	st, err := parseState(s.Dir())
	if err != nil || st == nil || st.Ended != "" {
		return err
	}
	return s.RemoveState()
}
