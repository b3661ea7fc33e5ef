package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/engine"
	"github.com/benchfile/bench/pipeline/judge"
	"github.com/benchfile/bench/pipeline/plan"
)

func (a *app) calibrateCommand() *cobra.Command {
	wait, _ := time.ParseDuration(os.Getenv("BENCH_LOCK_TIMEOUT"))
	c := &cobra.Command{
		Use:   "calibrate",
		Short: "Compare the baseline with itself: how small a change can be seen here, and are bad ones caught",
		Long: "Compare the baseline with itself, 20 pairs on each input, through the same steps as any measurement. It says how wide the interval of\n" +
			"no change is, which changes can be seen, and whether two bad candidates are caught: one that runs the command twice, and a program\n" +
			"that does nothing. What is recorded is not run again; bench plan shows it for each hypothesis.",
		Args: most(0),
		RunE: func(c *cobra.Command, _ []string) error { return a.calibrate(c.Context(), wait) },
	}
	c.Flags().DurationVar(&wait, "lock-timeout", wait, "how long to wait for another bench that measures on this machine (default: $BENCH_LOCK_TIMEOUT, or not at all)")
	return c
}

// calibrate goes through the ring with the comparisons of the baseline with itself, and says what they came to.
func (a *app) calibrate(ctx context.Context, wait time.Duration) (err error) {
	s, err := a.open(ctx, true)
	if err != nil {
		return err
	}
	defer func() {
		if e := s.close(); err == nil {
			err = e
		}
	}()
	if _, _, err := s.store.PutBlob(strings.NewReader(plan.Impostor)); err != nil {
		return err
	}
	o := engine.Options{Calibrate: true, Limit: -1}
	st, err := s.engine.Survey(ctx, o)
	if err != nil {
		return err
	}
	a.warnings(st)
	if st.Plan.Next >= 0 {
		if err := s.lockMachine(ctx, wait); err != nil {
			return err
		}
		if !a.json {
			fmt.Fprintf(a.err, "comparing the baseline with itself: %s\n", span(st.Plan.Remaining))
		}
	}
	res, err := a.calibrating(ctx, s, o)
	if err != nil {
		return err
	}
	return a.calibrated(ctx, s, res)
}

func (a *app) calibrating(ctx context.Context, s *session, o engine.Options) (engine.Result, error) {
	ctx, asked, end := a.interrupts(ctx, s)
	defer end()
	live := newLive(a, time.Now())
	s.engine.Tell = live.event
	s.engine.Sink = func(engine.Event) pipeline.Sink { return sinks{live} }
	s.engine.Stop = func() bool { return asked.Load() > 0 }
	res, err := s.engine.Apply(ctx, o)
	live.clear()
	return res, err
}

// calibrated tells what came of it and writes it into the artifacts. A trip-wire that was not seen is an exit code.
func (a *app) calibrated(ctx context.Context, s *session, res engine.Result) error {
	c := res.Plan.Calibration
	switch {
	case res.Interrupted:
		return &codeError{code: exitInterrupted}
	case res.Plan.Stopped != "":
		return &codeError{code: exitFailed, err: fmt.Errorf("not calibrated: %s", res.Plan.Stopped)}
	case c == nil:
		return &codeError{code: exitFailed, err: fmt.Errorf("not calibrated: the baseline's runs can't be compared; see bench log calibrate/same/measure/1")}
	}
	if a.json {
		a.emit("calibration", calibrationJSON(c))
	} else {
		a.printCalibration(a.out, res.State)
	}
	st, err := s.engine.Survey(ctx, engine.Options{})
	if err != nil {
		return err
	}
	st.Note = "rendered"
	if _, err := s.write(st); err != nil {
		return err
	}
	for _, t := range c.Trips {
		if t.Done && !t.Seen {
			return &codeError{code: exitUnfit, err: fmt.Errorf("a bad candidate was not caught: %s", t.Got)}
		}
	}
	return nil
}

// printCalibration is the whole of it.
func (a *app) printCalibration(w io.Writer, st engine.State) {
	c, on, sg := st.Plan.Calibration, a.colour(w), a.signs()
	fmt.Fprintf(w, "The baseline against itself, %d pairs on each input, at %s:\n", c.Rounds, c.At.Format("2006-01-02 15:04"))
	for _, e := range c.Inputs {
		fmt.Fprintf(w, "  %s %s\n", pad(e.Input, 24), judge.Change(e.Change, e.Lo, e.Hi))
	}
	fmt.Fprintf(w, "  %s %s\n\n", pad("all, weighted", 24), judge.Change(c.Effect.Change, c.Effect.Lo, c.Effect.Hi))
	fmt.Fprintf(w, "Noise floor ±%s (95 %%).\n", judge.Share(c.Floor))
	if !c.Zero {
		fmt.Fprintf(w, "%s the interval does not contain 0. By chance that happens once in twenty calibrations; if it is so again, one arm is favoured, and\n"+
			"  no number can be trusted: what differs between two folders with the same program?\n", paint(on, yellow, "warning:"))
	}
	fmt.Fprintln(w)
	for _, t := range c.Trips {
		mark := paint(on, green, sg.ok)
		if !t.Seen {
			mark = paint(on, red, sg.fail)
		}
		fmt.Fprintf(w, "  %s %s\n      %s\n", mark, t.Need, printable(t.Got))
	}
	a.printDetectable(w, st)
}

// printDetectable says of each hypothesis whether what it expects can be seen.
func (a *app) printDetectable(w io.Writer, st engine.State) {
	c := st.Plan.Calibration
	if c == nil {
		if len(st.Plan.Experiments) > 0 {
			fmt.Fprintf(w, "\nNot calibrated: bench calibrate says how small a change can be seen here.\n")
		}
		return
	}
	fmt.Fprintf(w, "\nDetectable in four of five cases %s%s\n", c.Line(), stale(c))
	for i := range st.Plan.Experiments {
		x := &st.Plan.Experiments[i]
		if x.Hypothesis == nil || x.Verdict != nil {
			continue
		}
		fmt.Fprintf(w, "  %s %s\n", pad(x.Variant.ID(), 32), printable(plan.Visible(st.Study, c.Calibration, x.Hypothesis)))
	}
}

func stale(c *plan.Calibration) string {
	if c.Stale == "" {
		return "."
	}
	return "; stale, run bench calibrate again: " + printable(c.Stale)
}

func calibrationJSON(c *plan.Calibration) any {
	return struct {
		At time.Time `json:"at"`
		*judge.Calibration
	}{c.At, c.Calibration}
}

// calibrationOf is null while nothing was calibrated.
func calibrationOf(p *plan.Plan) any {
	if p.Calibration == nil {
		return nil
	}
	return calibrationJSON(p.Calibration)
}
