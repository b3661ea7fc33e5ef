package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/plan"
)

// errInterrupted is a step that was asked to stop. Nothing of it is kept (workflow C.1: from scratch).
var errInterrupted = errors.New("interrupted")

// leastDisk must be free before a step starts, so that its outcome can be written when it ends.
const leastDisk = 64 << 20

// step runs the plan's next step and records what came of it. why is not empty when the run is void.
func (e *Engine) step(ctx context.Context, st State, o Options) (why string, err error) {
	s := st.Plan.Steps[st.Plan.Next]
	job := st.Plan.Job
	if e.Locked != nil {
		if err := e.Locked(s.Address); err != nil {
			return "", err
		}
	}
	if err := e.room(); err != nil {
		return "", err
	}
	places, err := e.prepare(ctx, st, &job)
	if err != nil {
		return "", err
	}
	if s.Kind == pipeline.StepMeasure {
		if err := e.gate(ctx, st, s.Address); err != nil {
			return "", err
		}
	}
	if job.Scratch, err = os.MkdirTemp(filepath.Join(e.Store.Dir(), "tmp"), "job-"); err != nil {
		return "", fmt.Errorf("make a folder for the output of %s: %w", s.Address, err)
	}
	defer os.RemoveAll(job.Scratch)
	if err := e.Store.Append(entry{Event: "started", At: e.Now(), Address: s.Address, Key: s.Key}); err != nil {
		return "", err
	}
	start := Event{Kind: EventStarted, Step: s.Address, Plan: st.Plan, Study: st.Study, Job: &job}
	e.tell(start)
	rec := &pipeline.Record{
		Version: recordVersion, Address: s.Address, Key: s.Key, Manifest: s.Manifest.String(), Host: e.Host, Started: e.Now(),
	}
	before := e.stats(places)
	if rec.Outcome, err = e.World.Executor.Run(ctx, job, e.sink(start)); err != nil {
		return "", fmt.Errorf("%s: %w", s.Address, err)
	}
	e.cool = true
	rec.Finished = e.Now()
	switch rec.Outcome.Status {
	case pipeline.StatusInterrupted:
		return "", errInterrupted
	case pipeline.StatusEnvironment:
		return "", e.giveUp(rec, job.Contamination)
	}
	rec.Outcome.Cooldown = job.Cooldown
	if job.Strikes != nil {
		rec.Outcome.Factor, rec.Outcome.Literal = job.Strikes.Factor, job.Strikes.Literal
	}
	if n := len(rec.Outcome.Runs); rec.Outcome.Status == pipeline.StatusTimeout && n > 0 {
		rec.Outcome.Limit = job.Limits[job.Visits[n-1].Input]
	}
	if err := e.artifacts(st, &s, &job, places, &rec.Outcome); err != nil {
		return "", err
	}
	if s.Kind != pipeline.StepBuild {
		if file := changed(before, e.stats(places)); file != "" {
			return fmt.Sprintf("%s changed during the run (was it the program itself? then let it write elsewhere)", file), nil
		}
	}
	if why, err := e.same(ctx, &s, o); why != "" || err != nil {
		return why, err
	}
	if err := e.record(rec); err != nil {
		return "", err
	}
	e.tell(Event{Kind: EventRecorded, Step: s.Address, Record: rec, Plan: st.Plan, Study: st.Study})
	return "", nil
}

// same surveys again and says why the step is not the same any more: code, inputs, tools or the Benchfile changed while
// it ran, so that nobody can say what was measured.
func (e *Engine) same(ctx context.Context, s *plan.Step, o Options) (string, error) {
	now, err := e.survey(ctx, o)
	if err != nil {
		return "it can't be told whether anything changed during the run: " + err.Error(), nil
	}
	for i := range now.Plan.Steps {
		t := &now.Plan.Steps[i]
		if t.Key == s.Key {
			return "", nil
		}
		if t.Address == s.Address && t.Manifest != nil {
			return "during the run: " + plan.Because(now.Study, now.Facts, t.Manifest.Diff(s.Manifest)), nil
		}
		// An earlier step of the same variant has to run again first: its reason is the reason.
		if t.ID == s.ID && t.State == plan.Ready {
			return "during the run: " + t.Why, nil
		}
	}
	if now.Plan.Stopped != "" {
		return "during the run: " + now.Plan.Stopped, nil
	}
	return "during the run the Benchfile changed: there is no such step any more", nil
}

// room refuses to start what could not be written down.
func (e *Engine) room() error {
	free, err := e.Store.Free()
	if err != nil {
		return err
	}
	if free < leastDisk {
		return fmt.Errorf("only %d MiB are free where %s is: a result could not be written down; free some space and apply again (nothing is lost)",
			free>>20, e.Store.Dir())
	}
	return nil
}

// gate cools down and waits until the machine is fit.
func (e *Engine) gate(ctx context.Context, st State, step string) error {
	s := st.Study
	if d := s.Environment.Cooldown; d > 0 && e.cool {
		e.tell(Event{Kind: EventCooling, Step: step, Plan: st.Plan, Study: s, Wait: d})
		if err := e.Sleep(ctx, d); err != nil {
			return errInterrupted
		}
	}
	g := s.Environment.Gate
	if g.Wait <= 0 {
		g.Wait = 10 * time.Minute
	}
	const pause = 2 * time.Second // load and temperature move no faster
	var waited time.Duration
	if e.quiet != nil { // how busy the machine is can only be told over a while in which bench does nothing
		if _, err := e.World.Executor.Readings(ctx); err != nil {
			return fmt.Errorf("read the state of the machine: %w", err)
		}
		if err := e.Sleep(ctx, pause); err != nil {
			return errInterrupted
		}
	}
	for {
		r, err := e.World.Executor.Readings(ctx)
		if err != nil {
			return fmt.Errorf("read the state of the machine: %w", err)
		}
		why := plan.Unfit(g, r)
		if why == "" {
			why = plan.Disturbed(e.quiet, r)
		}
		if why == "" {
			e.quiet = nil
			return nil
		}
		if waited >= g.Wait {
			return &UnfitError{Why: why, Waited: waited}
		}
		e.tell(Event{Kind: EventWaiting, Step: step, Plan: st.Plan, Study: s, Text: why, Wait: g.Wait - waited})
		if err := e.Sleep(ctx, pause); err != nil {
			return errInterrupted
		}
		if e.Stop != nil && e.Stop() {
			return errInterrupted
		}
		waited += pause
	}
}

func (e *Engine) sink(start Event) pipeline.Sink {
	if e.Sink == nil {
		return quiet{}
	}
	return e.Sink(start)
}

type quiet struct{}

func (quiet) Started(int)           {}
func (quiet) Finished(pipeline.Run) {}

// artifacts keeps what a step left besides the output of its runs.
func (e *Engine) artifacts(st State, s *plan.Step, job *pipeline.Job, places []place, o *pipeline.Outcome) error {
	if o.Status != pipeline.StatusOK {
		return nil
	}
	switch s.Kind {
	case pipeline.StepBuild:
		kept, err := e.buildOutputs(places[0].dir, st.Study.Build.Outputs)
		var missing missingOutput
		if errors.As(err, &missing) {
			o.Status, o.Reason = pipeline.StatusFailed, missing.Error()
			return nil
		}
		if err != nil {
			return err
		}
		o.Artifacts = kept
		return e.mark(places[0], s.Key)
	case pipeline.StepGenerate:
		return e.generated(st, s, o)
	case pipeline.StepProfile:
		return e.profiled(st, o)
	}
	return nil
}

// generated keeps what a generator wrote as the input's content.
func (e *Engine) generated(st State, s *plan.Step, o *pipeline.Outcome) error {
	i, _ := st.Study.Input(s.Input)
	out := o.Runs[len(o.Runs)-1].Stdout
	if out == "" {
		o.Status, o.Reason = pipeline.StatusFailed, fmt.Sprintf("the generator of input %q wrote nothing to its stdout", s.Input)
		return nil
	}
	if o.Runs[len(o.Runs)-1].Truncated > 0 {
		o.Status, o.Reason = pipeline.StatusFailed, fmt.Sprintf("the generator of input %q wrote more than is kept of an output", s.Input)
		return nil
	}
	sum, size, err := e.Store.PutFile(out)
	if err != nil {
		return err
	}
	o.Artifacts = map[string]pipeline.Artifact{st.Study.Inputs[i].Path: {Sum: sum, Size: size, Mode: 0o644}}
	return nil
}

// profiled keeps a profiler's output under the name "profile".
func (e *Engine) profiled(st State, o *pipeline.Outcome) error {
	run := o.Runs[len(o.Runs)-1]
	out := run.Stdout
	if st.Study.Profile.Output != "" {
		out = run.Files[st.Study.Profile.Output]
	}
	if out == "" {
		o.Status, o.Reason = pipeline.StatusFailed, "the profiler wrote nothing"
		return nil
	}
	sum, size, err := e.Store.PutFile(out)
	if err != nil {
		return err
	}
	o.Artifacts = map[string]pipeline.Artifact{"profile": {Sum: sum, Size: size, Mode: 0o644}}
	return nil
}
