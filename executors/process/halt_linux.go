//go:build linux && (amd64 || arm64)

package process

import (
	"fmt"
	"math"
	"os"
	"time"

	"github.com/benchfile/bench/pipeline"
)

// A run that was held up from outside has no time: what passed on the clock was not the command's. It is told as a metric
// that is missing, with the reason, so that its pair is left out and the verdict says why.

// halted says why a run's time is not the command's, "" when it is.
func (r *runner) halted(e *entry) string {
	switch slept := e.slept(); {
	case e.stopped.Nano() > 0:
		return "the command was stopped" + e.stop() + " during the run (SIGSTOP)"
	case r.tree.continued:
		return "the process that times the commands was stopped during the run (SIGSTOP)"
	case slept > leastSleep:
		return fmt.Sprintf("the machine was suspended for %.1f s during the run", slept.Seconds())
	case r.late > 0:
		return fmt.Sprintf("bench's runner was stopped, or got no processor, for %.1f s during the run", r.late.Seconds())
	}
	return ""
}

// stop says for how long the command was stopped, the last time. It is not known of one that ended as it went on.
func (e *entry) stop() string {
	if d := e.continued.Nano() - e.stopped.Nano(); d > 0 {
		return fmt.Sprintf(" for %.1f s", float64(d)/1e9)
	}
	return ""
}

// leastSleep is more than the three clocks of a run can be apart because they are not read at once: the processor may be
// taken away in between.
const leastSleep = 100 * time.Millisecond

// slept is for how long the machine was suspended during the run: CLOCK_MONOTONIC does not count that, CLOCK_BOOTTIME does.
func (e *entry) slept() time.Duration {
	return time.Duration(e.bootEnd.Nano()-e.boot.Nano()) - e.took()
}

// clockSet notes a clock that was set during the run: what the command wrote of the time of day may be odd.
func (e *entry) clockSet() (notes []string) {
	passed := e.bootEnd.Nano() - e.boot.Nano()
	if jump := float64(e.realEnd.Nano()-e.real.Nano()-passed) / 1e9; math.Abs(jump) > 1 {
		notes = append(notes, fmt.Sprintf("the clock was set by %+.1f s during the run", jump))
	}
	return notes
}

// overdue notices that the runner wakes much later than it asked for: somebody stopped it, or all of the machine. A stop of
// the runner alone does not change what the spawner measures, but it looks the same from here.
func (r *runner) overdue(due time.Time) {
	if late := time.Since(due); late > leastStop && late > r.late {
		r.late = late
	}
}

// noteStopped notes that a process which the command begot is stopped: the spawner hears of the command alone. It may be
// meant so, as in a test of job control; therefore the run keeps its time.
func (r *runner) noteStopped(run *pipeline.Run) {
	if len(run.Notes) > 0 || r.tree.cgroup == nil {
		return
	}
	for _, pid := range r.tree.cgroup.members() {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if parent, state := parentOf(stat); err == nil && state == 'T' && parent != r.tree.spawner && pid != r.tree.spawner {
			run.Notes = append(run.Notes, "a process of the run was stopped (SIGSTOP) for a part of it")
			return
		}
	}
}

// leastStop is longer than a machine that is merely busy keeps a process waiting that slept before.
const leastStop = 500 * time.Millisecond
