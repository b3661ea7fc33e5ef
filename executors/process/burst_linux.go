//go:build linux && (amd64 || arm64)

package process

import (
	"errors"
	"time"

	"github.com/benchfile/bench/pipeline"
)

// stretch makes the first visit of an order, and those after it that can share a report with it. A run that did not go
// well is the last: bench decides what becomes of the batch.
func (r *runner) stretch(o order) (runs []pipeline.Run, err error) {
	begun := time.Now()
	for at := o.From; at < o.Until; at = o.From + len(runs) {
		visits := r.req.Job.Visits[at:o.Until]
		if at > o.From && (time.Since(begun) > turn || !r.short(visits[0])) {
			break
		}
		r.quiet = r.short(visits[0])
		some, err := r.burst(visits[:r.together(visits)])
		if err != nil {
			return nil, err
		}
		if runs = append(runs, some...); !runs[len(runs)-1].OK() {
			break
		}
	}
	return runs, nil
}

// known is what the visit executes, nil before it was looked up.
func (r *runner) known(v pipeline.Visit) *ready { return r.ready[[2]int{v.Arm, v.Input}] }

// short says whether a visit is known to be over in no time.
func (r *runner) short(v pipeline.Visit) bool {
	c := r.known(v)
	return c != nil && c.took > 0 && c.took < shortRun
}

// together is how many visits the spawner may make in a row, while the runner sleeps: of short commands, for a turn at
// most, until one after which there will be something to do. Counters and collected files are seen to after every run.
func (r *runner) together(visits []pipeline.Visit) (n int) {
	if !r.quiet || len(r.counters) > 0 || len(r.req.Job.Collect) > 0 || r.tree.children < 0 {
		return 1
	}
	for sum := time.Duration(0); n < min(len(visits), slots) && r.short(visits[n]) && sum < turn; n++ {
		c := r.known(visits[n])
		if sum += c.took; c.untidy {
			return n + 1
		}
	}
	return max(1, n)
}

// errGone says that bench hung up while a run was on: the run is thrown away.
var errGone = errors.New("bench is gone")

// abortGrace is how long a command may take to end when nobody waits for its result any more.
const abortGrace = 500 * time.Millisecond

// burst makes some of the visits, the first at least, and everything around them.
func (r *runner) burst(visits []pipeline.Visit) ([]pipeline.Run, error) {
	runs := make([]pipeline.Run, len(visits))
	r.spawner.clear()
	for k, v := range visits {
		runs[k] = r.blank(v, r.seq+k)
		err := r.load(v, &runs[k])
		if err != nil && k > 0 {
			runs, visits = runs[:k], visits[:k] // it gets a burst of its own
			break
		}
		if err != nil {
			r.seq++
			runs[k].Started, runs[k].Exit, runs[k].Error = time.Now().UTC(), -1, err.Error()
			return runs[:1], nil
		}
	}
	if err := r.run(visits, runs); err != nil {
		return nil, err
	}
	r.tree.reap()
	runs = runs[:r.spawner.made()]
	r.seq += len(runs)
	for k := range runs {
		if err := r.gather(k, visits[k], &runs[k], k == len(runs)-1); err != nil {
			return nil, err
		}
	}
	return runs, nil
}

// blank is a run that has not been made.
func (r *runner) blank(v pipeline.Visit, seq int) pipeline.Run {
	job := &r.req.Job
	run := pipeline.Run{Seq: seq, Arm: job.Arms[v.Arm].Name, Input: job.Inputs[v.Input], Round: v.Round, Warmup: v.Warmup,
		Metrics: make(map[string]float64, 12), Containment: r.tree.means(),
		Around: pipeline.Unknown()}
	if job.Padding {
		run.Padding = r.padding.of(seq)
	}
	return run
}

// load brings a run to the point where one byte starts it.
func (r *runner) load(v pipeline.Visit, run *pipeline.Run) error {
	c, err := r.command(v)
	if err != nil {
		return err
	}
	variable := ""
	if r.req.Job.Padding {
		variable = padVariable(run.Padding)
	}
	if err := r.collect[v.Arm].clear(); err != nil {
		return err
	}
	stdout, err := r.streams[0].open()
	if err != nil {
		return err
	}
	stderr, err := r.streams[1].open()
	if err != nil {
		return err
	}
	return r.spawner.load(c, stdout, stderr, variable)
}
