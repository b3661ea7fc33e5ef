//go:build linux && (amd64 || arm64)

package process

import (
	"errors"
	"fmt"
	"math"
	"time"

	"golang.org/x/sys/unix"

	"github.com/benchfile/bench/pipeline"
)

// Watching a run's output. The first look is early and the pauses follow its growth, for a command may write gigabytes a
// second; one that writes little is left alone for a second at a time.
const (
	firstLook   = 250 * time.Millisecond
	longestNap  = time.Second
	shortestNap = 50 * time.Millisecond
	outgrown    = 4 // × LogCap: then the middle of the file is given back
)

// run starts the loaded command and sleeps until it has ended.
func (r *runner) run(v pipeline.Visit, run *pipeline.Run) error {
	var limit <-chan time.Time
	if d := r.limit(v); d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		limit = t.C
	}
	look := time.NewTimer(firstLook)
	defer look.Stop()
	for _, c := range r.counters {
		_ = c.open(r.spawner.pid) // count says so when it could not be
	}
	r.around.before()
	clocks := readClocks()
	run.Started = time.Now().UTC()
	if err := r.spawner.begin(); err != nil {
		return fmt.Errorf("start a run: %w", err)
	}
	if r.quiet && r.spawner.doze(r.hangup, r.patience(v)) {
		run.Notes = append(run.Notes, clocks.since()...)
		return nil
	}
	size := int64(0)
	for {
		select {
		case <-r.spawner.results:
			run.Notes = append(run.Notes, clocks.since()...)
			return nil
		case <-r.spawner.died:
			return r.alive()
		case <-r.gone:
			r.finish(abortGrace)
			return errGone
		case <-limit:
			run.TimedOut = true
			if !r.finish(r.req.Grace) {
				return errors.New("a command does not end: it hangs in the kernel, and SIGKILL does not reach it")
			}
			run.Notes = append(run.Notes, clocks.since()...)
			return r.alive()
		case <-look.C:
			grown := r.relieve(run) - size
			size += grown
			nap := longestNap
			if grown > r.req.Job.LogCap {
				nap = shortestNap
			}
			look.Reset(nap)
		}
	}
}

// patience is how long a run that should be short is waited for by dozing.
func (r *runner) patience(v pipeline.Visit) time.Duration {
	if d := r.limit(v); d > 0 {
		return min(d, 2*shortRun)
	}
	return 2 * shortRun
}

// alive is an error when the spawner was killed: by the kernel that ran out of memory, or by somebody.
func (r *runner) alive() error {
	select {
	case <-r.spawner.died:
		return errors.New("the process that starts the commands was killed (did the machine run out of memory?)")
	default:
		return nil
	}
}

func (r *runner) limit(v pipeline.Visit) time.Duration {
	if v.Input < len(r.req.Job.Limits) {
		return r.req.Job.Limits[v.Input]
	}
	return 0
}

// finish ends the run that is on: asks, waits, kills. It says whether the command is gone.
func (r *runner) finish(grace time.Duration) bool {
	r.tree.signal(unix.SIGTERM)
	if r.ended(grace) {
		return true
	}
	r.tree.kill()
	return r.ended(killPatience)
}

// ended waits for the command's end.
func (r *runner) ended(patience time.Duration) bool {
	t := time.NewTimer(patience)
	defer t.Stop()
	select {
	case <-r.spawner.results:
		return true
	case <-r.spawner.died:
		return true
	case <-t.C:
		return false
	}
}

// relieve looks at how much has been written, and gives back what is beyond all measure.
func (r *runner) relieve(run *pipeline.Run) (size int64) {
	for _, s := range r.streams {
		n := s.size()
		size += n
		if n > outgrown*s.cap {
			if err := s.relieve(n); err != nil && len(run.Notes) == 0 {
				run.Notes = append(run.Notes, fmt.Sprintf("%s fills the disk: %v", s.name, err))
			}
		}
	}
	return size
}

// gather is everything after the run: what it cost, what it left, what it wrote.
func (r *runner) gather(v pipeline.Visit, run *pipeline.Run) error {
	c := r.spawner.cells
	cpu := seconds(c.usage.Utime) + seconds(c.usage.Stime)
	doing, failed := r.spawner.failure()
	if failed != 0 {
		cpu = 0
	}
	run.Around = r.around.after(cpu)
	var stuck int
	if run.Survivors, stuck = r.tree.sweep(); stuck > 0 {
		run.Notes = append(run.Notes, fmt.Sprintf("%d processes of the run could not be ended: they still use the machine", stuck))
	}
	if failed != 0 {
		r.count(run)
		run.Exit, run.Error = -1, startError(doing, failed, r.req.Job.Arms[v.Arm].Commands[v.Input])
		return nil
	}
	exit(run, unix.WaitStatus(c.status))
	r.measure(run)
	return r.output(v, run)
}

// exit says how the command ended.
func exit(run *pipeline.Run, status unix.WaitStatus) {
	if status.Signaled() {
		run.Exit, run.Signal = -1, signalName(int(status.Signal()))
		return
	}
	run.Exit = status.ExitStatus()
	run.Metrics["exit_code"] = float64(run.Exit)
}

// measure turns what the spawner saw into metrics. A run that was ended at its limit has none: its numbers would be the
// limit's, not the command's.
func (r *runner) measure(run *pipeline.Run) {
	c := r.spawner.cells
	counted := r.count(run)
	if run.TimedOut {
		for _, m := range r.req.Job.Metrics {
			missing(run, m.Name, "the run was ended at its time limit")
		}
		return
	}
	user, system := seconds(c.usage.Utime), seconds(c.usage.Stime)
	m := run.Metrics
	m["time"] = r.spawner.took().Seconds()
	m["user"], m["system"], m["cpu"] = user, system, user+system
	m["voluntary_switches"], m["involuntary_switches"] = float64(c.usage.Nvcsw), float64(c.usage.Nivcsw)
	m["minor_faults"], m["major_faults"] = float64(c.usage.Minflt), float64(c.usage.Majflt)
	if peak := c.usage.Maxrss << 10; peak > r.spawner.floor {
		m["memory_peak"] = float64(peak)
	} else {
		missing(run, "memory_peak", fmt.Sprintf("at most %d bytes: too small to be told here", r.spawner.floor))
	}
	for name, v := range counted {
		m[name] = v
	}
	for _, asked := range r.req.Job.Metrics {
		if _, have := m[asked.Name]; have || asked.From != nil || run.Missing[asked.Name] != "" {
			continue
		}
		missing(run, asked.Name, "this executor does not measure it")
	}
}

// count reads the hardware counters, in every run: it also closes them.
func (r *runner) count(run *pipeline.Run) map[string]float64 {
	counted := map[string]float64{}
	for name, why := range r.absent {
		missing(run, name, why)
	}
	for _, c := range r.counters {
		v, err := c.take()
		if err != nil {
			missing(run, c.name, err.Error())
			continue
		}
		counted[c.name] = v
	}
	return counted
}

// output keeps what the run wrote.
func (r *runner) output(v pipeline.Visit, run *pipeline.Run) error {
	for i, to := range []*string{&run.Stdout, &run.Stderr} {
		path, cut, err := r.streams[i].keep(run.Seq)
		if err != nil {
			return fmt.Errorf("keep the run's output: %w", err)
		}
		*to = path
		run.Truncated += cut
	}
	files, notes := r.collect[v.Arm].take(run.Seq)
	run.Files, run.Notes = files, append(run.Notes, notes...)
	return nil
}

// startError says why a command could not be started, and what to do.
func startError(doing string, err unix.Errno, c pipeline.Command) string {
	name := argv(c)[0]
	mend := ""
	switch err {
	case unix.ENOEXEC:
		mend = ": it is neither a program nor begins with #!; give it a first line like #!/bin/sh, or build it for this machine"
	case unix.ENOENT:
		mend = ": it is there, but the interpreter in its first line or its dynamic loader is not"
	case unix.E2BIG:
		mend = ": its arguments and environment are larger than the kernel allows; hand a file over instead"
	case unix.EACCES:
		mend = ": look at the permissions of the file, of its folders, and whether its file system is mounted noexec"
	case unix.ETXTBSY:
		mend = ": something still has it open for writing"
	}
	return fmt.Sprintf("cannot start %q: %s: %v%s", name, doing, err, mend)
}

// clocks are read before and after a run, to see what the monotonic clock does not.
type clocks struct{ monotonic, boot, real int64 }

func readClocks() clocks {
	return clocks{quietClock(unix.CLOCK_MONOTONIC), quietClock(unix.CLOCK_BOOTTIME), quietClock(unix.CLOCK_REALTIME)}
}

// since notes a machine that slept during the run, and a clock that was set.
func (c clocks) since() (notes []string) {
	now := readClocks()
	ran := now.monotonic - c.monotonic
	if slept := now.boot - c.boot - ran; slept > int64(100*time.Millisecond) {
		notes = append(notes, fmt.Sprintf("the machine was suspended for %.1f s during the run", float64(slept)/1e9))
	}
	if jump := float64(now.real-c.real-ran) / 1e9; math.Abs(jump) > 1 {
		notes = append(notes, fmt.Sprintf("the clock was set by %+.1f s during the run", jump))
	}
	return notes
}
