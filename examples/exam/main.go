// Command exam is a program whose cost is known exactly: what bench says of it can be held against the truth. A run takes
// the work of its input, changed by an effect, times a disturbance that depends on when the run is made (noise.go). It can
// also be wrong, crash or hang. Each run leaves a line in a log, from which a driver sees in which order runs were made,
// how large their environment was, and whether two of them were ever on at once.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"syscall"
	"time"
)

func main() {
	begun := time.Now()
	if err := run(os.Args[1:], os.Environ(), begun, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "exam:", err)
		os.Exit(exitOf(err))
	}
}

// options are the arguments of a run.
type options struct {
	log, arm, input, noise, fault string
	work                          time.Duration
	effect, cv                    float64
	seed                          uint64
}

func parse(args []string) (options, error) {
	var o options
	f := flag.NewFlagSet("exam", flag.ContinueOnError)
	f.StringVar(&o.log, "log", "", "file that every run adds a line to")
	f.StringVar(&o.arm, "arm", "baseline", "which side of a comparison this is")
	f.StringVar(&o.input, "input", "", "name of the input")
	f.DurationVar(&o.work, "work", 20*time.Millisecond, "how long a run takes that nothing disturbs")
	f.Float64Var(&o.effect, "effect", 0, "by which fraction it takes longer")
	f.StringVar(&o.noise, "noise", "none", "what disturbs it: see noise.go")
	f.Float64Var(&o.cv, "cv", 0.03, "how much, as a fraction")
	f.Uint64Var(&o.seed, "seed", 1, "of the session's disturbances")
	f.StringVar(&o.fault, "fault", "none", "wrong, flaky, crash or hang")
	switch err := f.Parse(args); {
	case err != nil:
		return o, err
	case o.log == "":
		return o, errors.New("-log is missing: the number of the run is the number of its line")
	case o.effect <= -1:
		return o, fmt.Errorf("an effect of %v leaves no time at all", o.effect)
	}
	return o, nil
}

// run is one run, from its line in the log to its output.
func run(args, environ []string, begun time.Time, stdout io.Writer) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	disturb, err := session(o.noise, o.seed, o.cv)
	if err != nil {
		return err
	}
	log, err := open(o.log)
	if err != nil {
		return err
	}
	defer log.Close()
	l := line{Run: log.runs, Arm: o.arm, Input: o.input, Environment: size(environ), Overlap: log.overlap}
	l.Took = o.takes(disturb, l)
	if err := log.add(l); err != nil {
		return err
	}
	return o.do(l, begun, stdout)
}

// takes is how long the run takes: all runs of the session before it are gone through, as noise has a memory.
func (o options) takes(disturb disturbance, l line) time.Duration {
	var x float64
	for k := range l.Run + 1 {
		x = disturb(moment{k, l.Arm, l.Environment})
	}
	return time.Duration(float64(o.work) * (1 + o.effect) * math.Exp(x))
}

// do takes the time and writes the output, or shows the fault that was asked for.
func (o options) do(l line, begun time.Time, stdout io.Writer) error {
	said := "sum"
	switch {
	case o.fault == "crash":
		return errCrash
	case o.fault == "hang":
		time.Sleep(time.Hour)
	case o.fault == "wrong", o.fault == "flaky" && l.Run%7 == 3:
		said = "smu"
	}
	pass(begun, l.Took)
	_, err := fmt.Fprintf(stdout, "%s of %s: %d\n", said, o.input, len(o.input))
	return err
}

var errCrash = errors.New("crashed, as it was asked to")

func exitOf(err error) int {
	if errors.Is(err, errCrash) {
		return 139 // what a shell says of a program that died of SIGSEGV
	}
	return 2
}

// spin is how long before its end a run stops sleeping: a sleep ends late, a loop does not.
const spin = 300 * time.Microsecond

// pass lets time pass until a run that began then has taken so long.
func pass(begun time.Time, took time.Duration) {
	time.Sleep(took - time.Since(begun) - spin)
	for time.Since(begun) < took {
	}
}

// size is how many bytes the environment has.
func size(environ []string) int {
	n := 0
	for _, e := range environ {
		n += len(e) + 1
	}
	return n
}

// line is what the log keeps of a run.
type line struct {
	Run         int
	Arm, Input  string
	Environment int           // bytes
	Overlap     bool          // another run was on when this one began
	Took        time.Duration // how long it was to take
}

// lineFormat writes and reads a line.
const lineFormat = "%d %s %s %d %t %d\n"

// runLog is the log of a session. It is locked while a run is on.
type runLog struct {
	*os.File
	runs    int
	overlap bool
}

func open(path string) (*runLog, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	l := &runLog{File: f}
	if l.overlap = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil; l.overlap {
		if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
	}
	text, err := io.ReadAll(f)
	l.runs = bytes.Count(text, []byte("\n"))
	return l, err
}

func (l *runLog) add(x line) error {
	_, err := fmt.Fprintf(l, lineFormat, x.Run, x.Arm, x.Input, x.Environment, x.Overlap, x.Took)
	return err
}
