package process

import (
	"context"
	"os"
	"sync"
	"time"

	"github.com/benchfile/bench/pipeline"
)

// HostReader says what machine this is and how it is now.
type HostReader interface {
	Environment(context.Context) (pipeline.Environment, error)
	Readings(context.Context) (pipeline.Readings, error)
	// Watch begins to watch who uses the processors; what it returns says who did since.
	Watch() func() []pipeline.Process
}

// Extract reads a declared metric (Metric.From is set) from what a run left: Run.Stdout, Run.Stderr and Run.Files are paths.
// Its error is the reason that is recorded for the metric's absence.
type Extract func(pipeline.Metric, pipeline.Run) (float64, error)

// Options are what an Executor is made of.
type Options struct {
	// Self is the argv that executes this program as the runner: it must call Main before anything else.
	Self []string
	// Lock is the machine's lock, held already. The runner and every measured command inherit it, so that it is free only
	// when the last of them is gone. May be nil.
	Lock *os.File
	// Host answers Environment and Readings. May be nil: then both are empty.
	Host HostReader
	// Extract reads declared metrics. May be nil: then they are missing.
	Extract Extract
	// Grace is how long a command may take to end after SIGTERM before it gets SIGKILL; 0 = 10 s.
	Grace time.Duration
}

// Executor runs jobs on this machine. It is a pipeline.Executor.
type Executor struct {
	opt  Options
	stop chan struct{}
	once sync.Once
}

var _ pipeline.Executor = (*Executor)(nil)

// New returns an Executor.
func New(opt Options) *Executor {
	if opt.Grace == 0 {
		opt.Grace = 10 * time.Second
	}
	return &Executor{opt: opt, stop: make(chan struct{})}
}

// Stop lets the run that is on finish; then Run returns StatusInterrupted, as does every later Run. It may be called from
// any goroutine, more than once.
func (e *Executor) Stop() { e.once.Do(func() { close(e.stop) }) }

// Environment says what machine this is.
func (e *Executor) Environment(ctx context.Context) (pipeline.Environment, error) {
	if e.opt.Host == nil {
		return pipeline.Environment{}, nil
	}
	return e.opt.Host.Environment(ctx)
}

// Readings says how the machine is now.
func (e *Executor) Readings(ctx context.Context) (pipeline.Readings, error) {
	if e.opt.Host == nil {
		return pipeline.Readings{At: time.Now().UTC(), Load: -1, CPUPressure: -1, MemPressure: -1, Busy: -1, MemoryFree: -1, DiskFree: -1,
			CPUTemperature: -1, Uptime: -1}, nil
	}
	return e.opt.Host.Readings(ctx)
}
