package executortest

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/benchfile/bench/pipeline"
)

// Fake is an executor that runs nothing. It answers from a script and remembers what it was asked. Its zero value says
// that every run succeeds and takes one second.
type Fake struct {
	Machine pipeline.Environment
	State   pipeline.Readings
	// Script holds the answers to the next jobs, in their order; each is used once.
	Script []Reply
	// Otherwise answers when the script is at its end. May be nil: the zero Reply.
	Otherwise func(pipeline.Job) Reply

	mu      sync.Mutex
	asked   []pipeline.Job
	running int
	overlap bool
}

// Reply is how a job goes. Its zero value: all runs succeed and take one second.
type Reply struct {
	// Err: the job could not be tried.
	Err error
	// Status ends the job after the last run that Runs allows; "" means that it went well.
	Status pipeline.Status
	Reason string
	Tail   string
	// Runs is how many visits are made, when Status is set; 0 = all.
	Runs int
	// Sample gives a run its metrics; nil: time = 1. n is the run's position in the batch.
	Sample func(n int, v pipeline.Visit) map[string]float64
	// Edit changes a run before it is reported; may be nil. By its Around a pair is made again, as the job's rule says.
	Edit func(n int, r *pipeline.Run)
	// Stdout and Files are what every run writes: contents, and contents by name.
	Stdout string
	Files  map[string]string
	// Before is called when the job begins, for instance to change a file behind its back.
	Before func(pipeline.Job)
}

var _ pipeline.Executor = (*Fake)(nil)

// Asked is what Run was given so far, in order.
func (f *Fake) Asked() []pipeline.Job {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]pipeline.Job(nil), f.asked...)
}

// Overlapped says whether a job was ever begun while another one was on.
func (f *Fake) Overlapped() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.overlap
}

// Environment is Fake.Machine.
func (f *Fake) Environment(context.Context) (pipeline.Environment, error) { return f.Machine, nil }

// Readings are Fake.State.
func (f *Fake) Readings(context.Context) (pipeline.Readings, error) { return f.State, nil }

// Run answers by the script.
func (f *Fake) Run(ctx context.Context, job pipeline.Job, sink pipeline.Sink) (pipeline.Outcome, error) {
	reply := f.begin(job)
	defer f.end()
	out := pipeline.Outcome{Status: pipeline.StatusOK, Seed: job.Seed, Before: f.State, After: f.State}
	if reply.Before != nil {
		reply.Before(job)
	}
	if reply.Err != nil {
		return out, reply.Err
	}
	repeats := job.Repeats()
	todo := make([]int, len(job.Visits))
	for i := range todo {
		todo[i] = i
	}
	for n := 0; n < len(todo); n++ {
		if ctx.Err() != nil {
			out.Status, out.Reason = pipeline.StatusInterrupted, "aborted"
			return out, nil
		}
		if reply.Status != "" && reply.Runs > 0 && n == reply.Runs {
			break
		}
		sink.Started(todo[n])
		run, err := reply.run(n, job.Visits[todo[n]], job)
		if err != nil {
			return out, err
		}
		out.Runs = append(out.Runs, run)
		out.Elapsed += time.Duration(run.Metrics["time"] * float64(time.Second))
		again, stop := repeats.Ended(todo[n], out.Runs)
		todo = append(todo, again...)
		sink.Finished(out.Runs[n])
		if stop != "" {
			out.Status, out.Reason = pipeline.StatusEnvironment, stop
			return out, nil
		}
	}
	if reply.Status != "" {
		out.Status, out.Reason, out.Tail = reply.Status, reply.Reason, reply.Tail
	}
	return out, nil
}

func (f *Fake) begin(job pipeline.Job) Reply {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, job)
	f.running++
	f.overlap = f.overlap || f.running > 1
	if len(f.Script) > 0 {
		reply := f.Script[0]
		f.Script = f.Script[1:]
		return reply
	}
	if f.Otherwise != nil {
		return f.Otherwise(job)
	}
	return Reply{}
}

func (f *Fake) end() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.running--
}

// run is one visit: it leaves the files that a real one would.
func (r Reply) run(i int, v pipeline.Visit, job pipeline.Job) (pipeline.Run, error) {
	run := pipeline.Run{Seq: i, Arm: job.Arms[v.Arm].Name, Input: job.Inputs[v.Input], Round: v.Round, Warmup: v.Warmup,
		Started: time.Unix(int64(i), 0).UTC(), Metrics: map[string]float64{"time": 1},
		Around: pipeline.Unknown()}
	if r.Sample != nil {
		run.Metrics = maps.Clone(r.Sample(i, v))
	}
	var err error
	if r.Stdout != "" {
		if run.Stdout, err = leave(job.Scratch, fmt.Sprintf("%06d.stdout", i), r.Stdout); err != nil {
			return run, err
		}
	}
	for name, text := range r.Files {
		if run.Files == nil {
			run.Files = map[string]string{}
		}
		if run.Files[name], err = leave(job.Scratch, fmt.Sprintf("%06d.%s", i, filepath.Base(name)), text); err != nil {
			return run, err
		}
	}
	if r.Edit != nil {
		r.Edit(i, &run)
	}
	return run, nil
}

func leave(dir, name, text string) (string, error) {
	path := filepath.Join(dir, name)
	return path, os.WriteFile(path, []byte(text), 0o644)
}
