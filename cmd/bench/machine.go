package main

import (
	"context"
	"os"

	"github.com/benchfile/bench/executors/host"
	"github.com/benchfile/bench/executors/metric"
	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/engine"
)

// machine is this machine as the engine and the executor ask about it.
type machine struct {
	host *host.Host
	root string
}

func newMachine(root string) *machine {
	return &machine{host: host.New(host.Options{Root: "/", DiskPath: root}), root: root}
}

// Survey implements engine.Machine.
func (m *machine) Survey(ctx context.Context, s *pipeline.Study) (engine.Machinery, error) {
	env, warnings := host.CleanEnv(s.Environment.Pass, s.Environment.Set, os.Environ())
	e, err := m.host.Environment(ctx, s.Environment.Tools, m.root, env)
	if err != nil {
		return engine.Machinery{}, err
	}
	return engine.Machinery{Environment: e, Env: env, Identity: host.EnvIdentity(env), Warnings: warnings}, nil
}

// Program implements engine.Machine.
func (m *machine) Program(name string, env []string) (string, error) {
	return host.Resolve(name, env, m.root)
}

// Environment is what the executor says of its place.
func (m *machine) Environment(ctx context.Context) (pipeline.Environment, error) {
	return m.host.Environment(ctx, nil, m.root, nil)
}

// Readings is how the machine is now.
func (m *machine) Readings(ctx context.Context) (pipeline.Readings, error) {
	return m.host.Readings(ctx)
}

// Watch says who used the processors.
func (m *machine) Watch() func() []pipeline.Process { return m.host.Watch() }

// extract reads a metric from what a run wrote.
func extract(m pipeline.Metric, run pipeline.Run) (float64, error) {
	if m.From != nil && m.From.Unit != "" {
		m.Unit = m.From.Unit
	}
	return metric.Extract(m, metric.Output{Stdout: run.Stdout, Stderr: run.Stderr, File: func(rel string) (string, bool) {
		p, ok := run.Files[rel]
		return p, ok
	}})
}

// baseUnits says in which units values will come: a metric that prints milliseconds is kept in seconds. What the program
// prints stays with the extraction.
func baseUnits(s *pipeline.Study) {
	for i := range s.Metrics {
		m := &s.Metrics[i]
		if m.From == nil || m.From.Unit != "" {
			continue
		}
		m.From.Unit = m.Unit
		if m.From.Kind == "file_size" {
			m.Unit = "B"
			continue
		}
		_, m.Unit = metric.Base(m.Unit)
	}
}
