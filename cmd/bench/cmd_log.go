package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/engine"
	"github.com/benchfile/bench/pipeline/plan"
)

func (a *app) logCommand() *cobra.Command {
	var run int
	var stderr, raw bool
	c := &cobra.Command{
		Use:   "log [STEP]",
		Short: "Show what happened, or what a step's runs wrote",
		Args:  most(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				s, err := a.open(c.Context(), false)
				if err != nil {
					return err
				}
				defer s.close()
				return a.printJournal(s)
			}
			st, s, err := a.look(c, engine.Options{})
			if err != nil {
				return err
			}
			defer s.close()
			step, err := findStep(st.Plan, args[0])
			if err != nil {
				return err
			}
			return a.printOutput(s, step, run, stderr, raw)
		},
	}
	c.Flags().IntVar(&run, "run", 0, "only this run of the step, from 1 (default: all)")
	c.Flags().BoolVar(&stderr, "stderr", false, "stderr only")
	c.Flags().BoolVar(&raw, "raw", false, "the bytes as they were written, escapes and all")
	return c
}

func runsOf(n int) string {
	if n == 0 {
		return ""
	}
	return count(n, "run")
}

// printJournal is everything that happened, oldest first.
func (a *app) printJournal(s *session) error {
	lines, warnings, err := s.store.Events()
	if err != nil {
		return err
	}
	for _, w := range warnings {
		fmt.Fprintf(a.err, "warning: %s\n", printable(w))
	}
	for _, line := range lines {
		if a.json {
			a.emit("event", line)
			continue
		}
		var e struct {
			Event, Address, Why, Status string
			At                          time.Time
			Runs                        int
		}
		if err := json.Unmarshal(line, &e); err != nil {
			continue // a line of another version of bench
		}
		var parts []string
		for _, part := range []string{e.Status, runsOf(e.Runs), printable(e.Why)} {
			if part != "" {
				parts = append(parts, part)
			}
		}
		fmt.Fprintf(a.out, "%s  %s %s %s\n", e.At.Local().Format("2006-01-02 15:04:05"), pad(e.Event, 11), pad(e.Address, 44), strings.Join(parts, ", "))
	}
	return nil
}

// printOutput is what the runs of a step wrote.
func (a *app) printOutput(s *session, step *plan.Step, only int, stderr, raw bool) error {
	if step.Record == nil {
		return usage("bench status says what is recorded", "%s is not recorded: %s", step.Address, step.Why)
	}
	runs := step.Record.Outcome.Runs
	if only < 0 || only > len(runs) {
		return usage("", "%s has %s, not a run %d", step.Address, count(len(runs), "run"), only)
	}
	for i, r := range runs {
		if only > 0 && i+1 != only {
			continue
		}
		if a.json {
			a.emit("run", r)
			continue
		}
		if len(runs) > 1 && only == 0 {
			fmt.Fprintf(a.out, "== run %d: %s on %s, %s\n", i+1, r.Arm, r.Input, runEnd(r))
		}
		if !stderr {
			if err := a.printBlob(s, r.Stdout, raw); err != nil {
				return err
			}
		}
		if err := a.printBlob(s, r.Stderr, raw); err != nil {
			return err
		}
	}
	return nil
}

func runEnd(r pipeline.Run) string {
	switch {
	case r.OK() && r.Halted != "":
		return r.Halted
	case r.OK():
		return fmt.Sprintf("%.6g s", r.Metrics["time"])
	case r.TimedOut:
		return "ended at its time limit"
	case r.Signal != "":
		return r.Signal
	case r.Error != "":
		return r.Error
	}
	return fmt.Sprintf("exit %d", r.Exit)
}

func (a *app) printBlob(s *session, sum string, raw bool) error {
	if sum == "" {
		return nil
	}
	b, err := s.store.Blob(sum)
	if err != nil {
		return err
	}
	text := string(b)
	if !raw {
		text = printableLines(text)
	}
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	_, err = fmt.Fprint(a.out, text)
	return err
}
