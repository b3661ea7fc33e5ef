package process

import (
	"context"
	"fmt"
	"time"

	"github.com/benchfile/bench/pipeline"
)

// Run executes one job: every visit in the job's order, one at a time, until the end or until a rule ends it early.
// Cancelling ctx ends the run that is on at once; that run is not in the outcome.
func (e *Executor) Run(ctx context.Context, job pipeline.Job, sink pipeline.Sink) (pipeline.Outcome, error) {
	begun := time.Now()
	out := pipeline.Outcome{Status: pipeline.StatusOK, Seed: job.Seed}
	if err := valid(job); err != nil {
		return out, fmt.Errorf("%s: %w", job.Step, err)
	}
	var err error
	if out.Before, err = e.Readings(ctx); err != nil {
		return out, fmt.Errorf("%s: read the machine: %w", job.Step, err)
	}
	others := func() []pipeline.Process { return nil }
	if e.opt.Host != nil && job.Kind == pipeline.StepMeasure {
		others = e.opt.Host.Watch()
	}
	if err := e.batch(ctx, job, sink, &out); err != nil {
		return out, fmt.Errorf("%s: %w", job.Step, err)
	}
	out.Others = others()
	e.extract(job, out.Runs)
	// A cancelled ctx must not cost the reading after the batch.
	if out.After, err = e.Readings(context.WithoutCancel(ctx)); err != nil {
		return out, fmt.Errorf("%s: read the machine: %w", job.Step, err)
	}
	out.Elapsed = time.Since(begun)
	return out, nil
}

// batch drives the runner through the visits.
func (e *Executor) batch(ctx context.Context, job pipeline.Job, sink pipeline.Sink, out *pipeline.Outcome) error {
	if e.interrupted(ctx, out) {
		return nil
	}
	l, err := dial(e.opt, job)
	if err != nil {
		return err
	}
	unhook := context.AfterFunc(ctx, l.hangUp)
	err = e.visits(ctx, l, job, sink, out)
	unhook()
	ended := l.close()
	if ctx.Err() != nil {
		out.Status, out.Reason, out.Tail = pipeline.StatusInterrupted, "aborted", ""
		return nil
	}
	if err != nil && ended != nil {
		return fmt.Errorf("%w (%w)", err, ended)
	}
	return err
}

// visits has them made, stretch by stretch, and tells the sink of each. Pairs that have to be made again come last.
func (e *Executor) visits(ctx context.Context, l made, job pipeline.Job, sink pipeline.Sink, out *pipeline.Outcome) error {
	rules, repeats := newRules(job), job.Repeats()
	hush := newHush()
	defer hush.end()
	todo := make([]int, len(job.Visits))
	for i := range todo {
		todo[i] = i
	}
	for at := 0; at < len(todo); {
		from := todo[at]
		if at > 0 && !job.Visits[from].Pair {
			e.cool(ctx, job.Cooldown)
		}
		if e.interrupted(ctx, out) {
			return nil
		}
		sink.Started(from)
		hush.collect()
		runs, err := l.visit(from, stretch(job, todo[at:]))
		if err != nil {
			return err
		}
		for i, run := range runs {
			if i > 0 {
				sink.Started(from + i)
			}
			out.Runs = append(out.Runs, run)
			again, stop := repeats.Ended(from+i, out.Runs)
			todo = append(todo, again...)
			run = out.Runs[len(out.Runs)-1]
			sink.Finished(run)
			out.Status, out.Reason = rules.after(job.Visits[from+i], run)
			if out.Status == pipeline.StatusOK && stop != "" {
				out.Status, out.Reason = pipeline.StatusEnvironment, stop
			}
			if out.Status == pipeline.StatusOK {
				continue
			}
			if out.Status == pipeline.StatusFailed || out.Status == pipeline.StatusTimeout {
				out.Tail = tail(run)
			}
			return nil // runs made after the one that struck out are nobody's
		}
		at += len(runs)
	}
	return nil
}

// made makes visits: the runner does, behind its link.
type made interface {
	visit(from, until int) ([]pipeline.Run, error)
}

// stretch is the visit before which the next cool-down is due, or after which todo does not simply go on.
func stretch(job pipeline.Job, todo []int) int {
	until := todo[0] + 1
	for n := 1; n < len(todo) && todo[n] == until && (job.Cooldown == 0 || job.Visits[until].Pair); n++ {
		until++
	}
	return until
}

// cool waits between pairs.
func (e *Executor) cool(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	case <-e.stop:
	}
}

// interrupted says whether somebody asked to stop, and notes it in the outcome.
func (e *Executor) interrupted(ctx context.Context, out *pipeline.Outcome) bool {
	select {
	case <-ctx.Done():
		out.Reason = "aborted"
	case <-e.stop:
		out.Reason = "asked to stop"
	default:
		return false
	}
	out.Status = pipeline.StatusInterrupted
	return true
}

// extract reads declared metrics from what the runs left.
func (e *Executor) extract(job pipeline.Job, runs []pipeline.Run) {
	for _, m := range job.Metrics {
		if m.From == nil {
			continue
		}
		for i := range runs {
			e.extractOne(m, &runs[i])
		}
	}
}

func (e *Executor) extractOne(m pipeline.Metric, r *pipeline.Run) {
	if e.opt.Extract == nil {
		missing(r, m.Name, "nothing here reads declared metrics")
		return
	}
	if r.Halted != "" && !m.Exact { // what the command says of its own speed is as wrong as its time
		missing(r, m.Name, r.Halted)
		return
	}
	v, err := e.opt.Extract(m, *r)
	if err != nil {
		missing(r, m.Name, err.Error())
		return
	}
	if r.Metrics == nil {
		r.Metrics = map[string]float64{}
	}
	r.Metrics[m.Name] = v
}

func missing(r *pipeline.Run, metric, why string) {
	if r.Missing == nil {
		r.Missing = map[string]string{}
	}
	r.Missing[metric] = why
}

// valid refuses a job that does not fit together: its makers have a bug, and a runner should not panic over it.
func valid(job pipeline.Job) error {
	if job.Scratch == "" {
		return fmt.Errorf("the job has no scratch folder")
	}
	for _, a := range job.Arms {
		if len(a.Commands) != len(job.Inputs) {
			return fmt.Errorf("arm %q has %d commands for %d inputs", a.Name, len(a.Commands), len(job.Inputs))
		}
	}
	for i, v := range job.Visits {
		if v.Arm < 0 || v.Arm >= len(job.Arms) || v.Input < 0 || v.Input >= len(job.Inputs) {
			return fmt.Errorf("visit %d is of arm %d, input %d: the job has %d and %d", i, v.Arm, v.Input, len(job.Arms), len(job.Inputs))
		}
	}
	if n := len(job.Limits); n != 0 && n != len(job.Inputs) {
		return fmt.Errorf("%d limits for %d inputs", n, len(job.Inputs))
	}
	if s := job.Strikes; s != nil && len(s.Reference) != 0 && len(s.Reference) != len(job.Inputs) {
		return fmt.Errorf("strikes have references for %d of %d inputs", len(s.Reference), len(job.Inputs))
	}
	return nil
}
