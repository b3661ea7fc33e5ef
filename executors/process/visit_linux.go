//go:build linux && (amd64 || arm64)

package process

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"github.com/benchfile/bench/pipeline"
)

// Watching a run's output. The first look is early, for a command may write gigabytes a second; the pauses are so long that
// it writes about as much as is kept of it. One that writes little is left alone for a second at a time.
const (
	firstLook   = 100 * time.Millisecond
	longestNap  = time.Second
	shortestNap = 5 * time.Millisecond
	outgrown    = 4 // × LogCap: then the middle of the file is given back
)

// nap is the pause until the next look, after one of a certain length in which the output grew.
func nap(last time.Duration, grown, logCap int64) time.Duration {
	if grown <= 0 {
		return longestNap
	}
	return min(longestNap, max(shortestNap, time.Duration(float64(last)*float64(logCap)/float64(grown))))
}

// run starts the loaded runs and sleeps until they are done, or until one of them has to be ended.
func (r *runner) run(visits []pipeline.Visit, runs []pipeline.Run) error {
	for _, c := range r.counters {
		_ = c.open(r.spawner.pid) // count says so when it could not be
	}
	r.around.before()
	r.late, r.tree.continued = 0, false
	patience := firstLook
	if r.quiet {
		patience = r.patience(visits)
	}
	due := time.Now().Add(patience)
	if err := r.spawner.begin(); err != nil {
		return fmt.Errorf("start a run: %w", err)
	}
	if r.quiet && r.spawner.doze(r.hangup, patience) {
		return nil
	}
	r.overdue(due)
	return r.wait(visits, runs)
}

// wait sleeps by Go's means until the run that is on is done or has to be ended. No other run of the burst begins.
func (r *runner) wait(visits []pipeline.Visit, runs []pipeline.Run) error {
	r.spawner.halt()
	on := func() int { return min(r.spawner.made(), len(visits)-1) }
	look := time.NewTimer(firstLook)
	defer look.Stop()
	due := time.Now().Add(firstLook)
	var limit <-chan time.Time
	if k := on(); r.limit(visits[k]) > 0 {
		t := time.NewTimer(r.remaining(visits[k], k))
		defer t.Stop()
		limit = t.C
	}
	size, pause := int64(0), firstLook
	for {
		select {
		case <-r.spawner.results:
			r.overdue(due)
			return nil
		case <-r.spawner.died:
			return r.alive()
		case <-r.gone:
			r.finish(abortGrace)
			return errGone
		case <-limit:
			k := on()
			if left := r.remaining(visits[k], k); left > 0 { // another run had begun when the timer was set
				limit = time.After(left)
				continue
			}
			runs[k].TimedOut = true
			if !r.finish(r.req.Grace) {
				return errors.New("a command does not end: it hangs in the kernel, and SIGKILL does not reach it")
			}
			return r.alive()
		case <-look.C:
			r.overdue(due)
			r.noteStopped(&runs[on()])
			grown := r.relieve(&runs[on()]) - size
			size += grown
			pause = nap(pause, grown, r.req.Job.LogCap)
			look.Reset(pause)
			due = time.Now().Add(pause)
		}
	}
}

// remaining is how long a run that has a limit may still take.
func (r *runner) remaining(v pipeline.Visit, k int) time.Duration {
	d := r.limit(v)
	if began := r.spawner.run(k).began.Nano(); began > 0 {
		d -= time.Duration(quietClock(unix.CLOCK_MONOTONIC) - began)
	}
	return d
}

// patience is how long a burst that should be over soon is waited for by dozing.
func (r *runner) patience(visits []pipeline.Visit) time.Duration {
	d := 2 * shortRun
	for _, v := range visits {
		d += 2 * r.known(v).took
	}
	for _, v := range visits {
		if limit := r.limit(v); limit > 0 {
			d = min(d, limit)
		}
	}
	return d
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

// gather is everything after a run of a burst: what it cost and, after the last one, what it left and what it wrote. The
// others left and wrote nothing, or the burst would have ended with them.
func (r *runner) gather(k int, v pipeline.Visit, run *pipeline.Run, last bool) error {
	e, c := r.spawner.run(k), r.known(v)
	doing, failed := r.spawner.failure(k)
	cpu := seconds(e.usage.Utime) + seconds(e.usage.Stime)
	if failed != 0 {
		cpu = 0
	}
	run.Started = time.Unix(e.real.Unix()).UTC()
	c.took, c.untidy = e.took(), false
	if last {
		run.Around = r.around.after(cpu)
		r.sweep(run)
		c.untidy = run.Survivors > 0
	} else {
		run.Around = r.around.add(cpu)
	}
	if failed != 0 {
		r.count(run)
		run.Started, run.Exit, run.Error = time.Now().UTC(), -1, startError(doing, failed, r.req.Job.Arms[v.Arm].Commands[v.Input])
		return nil
	}
	e.exit(run)
	r.measure(e, run)
	if !last {
		return nil
	}
	err := r.output(v, run)
	c.untidy = c.untidy || run.Stdout != "" || run.Stderr != ""
	return err
}

// sweep ends what the run left behind.
func (r *runner) sweep(run *pipeline.Run) {
	var stuck int
	if run.Survivors, stuck = r.tree.sweep(); stuck > 0 {
		run.Notes = append(run.Notes, fmt.Sprintf("%d processes of the run could not be ended: they still use the machine", stuck))
	}
}

// exit says how the command ended.
func (e *entry) exit(run *pipeline.Run) {
	if e.info.code != cldExited {
		run.Exit, run.Signal = -1, signalName(int(e.info.status))
		return
	}
	run.Exit = int(e.info.status)
	run.Metrics["exit_code"] = float64(run.Exit)
}

// measure turns what the spawner saw into metrics. A run that was ended at its limit has none: its numbers would be the
// limit's, not the command's.
func (r *runner) measure(e *entry, run *pipeline.Run) {
	counted := r.count(run)
	run.Notes = append(run.Notes, e.clockSet()...)
	if run.TimedOut {
		for _, m := range r.req.Job.Metrics {
			missing(run, m.Name, "the run was ended at its time limit")
		}
		return
	}
	user, system := seconds(e.usage.Utime), seconds(e.usage.Stime)
	m := run.Metrics
	if run.Halted = r.halted(e); run.Halted != "" {
		missing(run, "time", run.Halted)
	} else {
		m["time"] = e.took().Seconds()
	}
	m["user"], m["system"], m["cpu"] = user, system, user+system
	m["voluntary_switches"], m["involuntary_switches"] = float64(e.usage.Nvcsw), float64(e.usage.Nivcsw)
	m["minor_faults"], m["major_faults"] = float64(e.usage.Minflt), float64(e.usage.Majflt)
	if peak := e.usage.Maxrss << 10; peak > r.spawner.floor {
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
