package judge

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/benchfile/bench/pipeline"
)

// signals are those of Linux that end programs, by their number: a shell tells them as exit 128 + number.
func signals() map[string]int {
	return map[string]int{
		"SIGHUP": 1, "SIGINT": 2, "SIGQUIT": 3, "SIGILL": 4, "SIGTRAP": 5, "SIGABRT": 6, "SIGBUS": 7, "SIGFPE": 8,
		"SIGKILL": 9, "SIGSEGV": 11, "SIGPIPE": 13, "SIGALRM": 14, "SIGTERM": 15, "SIGXCPU": 24, "SIGXFSZ": 25, "SIGSYS": 31,
	}
}

// ended says how a run ended: "SIGABRT (exit 134)", "exit 3", "ended at its time limit".
func ended(r *pipeline.Run) string {
	switch {
	case r.Error != "":
		return "could not start: " + r.Error
	case r.TimedOut:
		return "ended at its time limit"
	case r.Signal != "":
		if n, ok := signals()[r.Signal]; ok {
			return fmt.Sprintf("%s (exit %d)", r.Signal, 128+n)
		}
		return r.Signal
	case r.Exit > 128:
		for name, n := range signals() {
			if n == r.Exit-128 {
				return fmt.Sprintf("%s (exit %d)", name, r.Exit)
			}
		}
	}
	return "exit " + strconv.Itoa(r.Exit)
}

// limitOf is what a run that was ended was given: " of 4m0s", "" where that is not recorded or not the reason.
func limitOf(o *pipeline.Outcome, r *pipeline.Run) string {
	if !r.TimedOut || o.Limit == 0 {
		return ""
	}
	return " of " + o.Limit.String()
}

// which names a run for people: "heavy_keccak, run 3". The number is the round's, which is the run's among those of
// its arm and input.
func which(r *pipeline.Run) string {
	switch {
	case r.Warmup:
		return r.Input + ", warm-up"
	case r.Round == 0:
		return r.Input
	}
	return fmt.Sprintf("%s, run %d", r.Input, r.Round)
}

// crashed says whether a run ended in a way that is the program's own fault or that of its command.
func crashed(r *pipeline.Run) bool { return !r.OK() && !r.TimedOut }

// overran is the run of an arm that was ended at its limit and the batch with it; nil when there is none. A single run may
// be ended without the batch: it is no datum, and nothing else.
func overran(o *pipeline.Outcome, arm string) *pipeline.Run {
	if o == nil || o.Status != pipeline.StatusTimeout || len(o.Runs) == 0 {
		return nil
	}
	if last := &o.Runs[len(o.Runs)-1]; last.TimedOut && last.Arm == arm {
		return last
	}
	return nil
}

// crash says in one line how a run failed: "crashed on heavy_keccak, run 3: SIGABRT (exit 134)".
func crash(r *pipeline.Run) string {
	switch {
	case r.Error != "":
		return fmt.Sprintf("could not start on %s: %s", which(r), r.Error)
	case r.Signal != "" || r.Exit > 128:
		return fmt.Sprintf("crashed on %s: %s", which(r), ended(r))
	}
	return fmt.Sprintf("failed on %s: %s", which(r), ended(r))
}

// firstRun finds the first run of an outcome that is of one of the arms and fulfils a condition; nil when there is none.
func firstRun(o *pipeline.Outcome, is func(*pipeline.Run) bool, arms ...string) *pipeline.Run {
	if o == nil {
		return nil
	}
	for i := range o.Runs {
		if slices.Contains(arms, o.Runs[i].Arm) && is(&o.Runs[i]) {
			return &o.Runs[i]
		}
	}
	return nil
}
