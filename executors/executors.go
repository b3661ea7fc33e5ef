// Package executors is the table of the places where jobs run. Each driver is a package below it; this one knows their
// names and nothing else of them.
package executors

import (
	"github.com/benchfile/bench/executors/process"
	"github.com/benchfile/bench/pipeline"
)

// drivers are all there are; a further one is a package and a line here.
func drivers() []driver {
	return []driver{
		{"process", func(o process.Options) pipeline.Executor { return process.New(o) }},
	}
}

type driver struct {
	name string
	make func(process.Options) pipeline.Executor
}

// Names are the words that measure.executor may be.
func Names() []string {
	var out []string
	for _, d := range drivers() {
		out = append(out, d.name)
	}
	return out
}

// New makes the executor of that name; nil when there is none. The options are those of the built-in one, through which
// every other has its commands run: the runner and the machine's lock serve them all.
func New(name string, o process.Options) pipeline.Executor {
	for _, d := range drivers() {
		if d.name == name {
			return d.make(o)
		}
	}
	return nil
}
