package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/benchfile/bench/pipeline/engine"
	"github.com/benchfile/bench/pipeline/plan"
	"github.com/benchfile/bench/pipeline/store"
)

func (a *app) cleanCommand() *cobra.Command {
	var dry, all bool
	var age time.Duration
	var forget []string
	c := &cobra.Command{
		Use:   "clean",
		Short: "Remove worktrees and leftovers from .bench; recorded results stay unless asked",
		Args:  most(0),
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := a.open(c.Context(), true)
			if err != nil {
				return err
			}
			defer s.close()
			st, err := s.engine.Survey(c.Context(), engine.Options{})
			if err != nil {
				return err
			}
			o := store.CleanOptions{DryRun: dry, OlderThan: -1}
			if all {
				o.OlderThan, o.Keep = age, roots(st)
			}
			for _, name := range forget {
				x := findExperiment(st.Plan, name)
				if x == nil {
					return usage("", "no experiment %q to forget", name)
				}
				if err := s.forget(st, x, dry); err != nil {
					return err
				}
			}
			done, err := s.store.Clean(o)
			if err != nil {
				return err
			}
			if err := s.code.prune(s.store.Dir()); err != nil {
				return err
			}
			if a.json {
				a.emit("clean", done)
				return nil
			}
			verb := "removed"
			if dry {
				verb = "would remove"
			}
			fmt.Fprintf(a.out, "%s %d MiB\n", verb, done.Bytes>>20)
			return nil
		},
	}
	c.Flags().BoolVar(&dry, "dry-run", false, "say what would be removed, remove nothing")
	c.Flags().BoolVar(&all, "results", false, "also recorded results that the present plan does not use")
	c.Flags().DurationVar(&age, "older-than", 30*24*time.Hour, "with --results: only those older than this")
	c.Flags().StringArrayVar(&forget, "forget", nil, "also the results of this experiment, so that apply measures it again (repeatable)")
	return c
}

// forget removes the records of an experiment that are its own: a build that it shares with another stays.
func (s *session) forget(st engine.State, x *plan.Experiment, dry bool) error {
	for _, i := range x.Steps {
		step := &st.Plan.Steps[i]
		if step.Record == nil || shared(st.Plan, step) {
			continue
		}
		fmt.Fprintf(s.app.err, "forgetting %s\n", step.Address)
		if dry {
			continue
		}
		if err := s.store.RemoveAction(string(step.Key)); err != nil {
			return err
		}
	}
	return nil
}

// shared says whether another variant rests on the same record.
func shared(p *plan.Plan, step *plan.Step) bool {
	return slices.ContainsFunc(p.Steps, func(o plan.Step) bool { return o.Key == step.Key && o.Variant != step.Variant })
}

// roots are the records and blobs that the present plan rests on.
func roots(st engine.State) map[string]bool {
	keep := map[string]bool{}
	for _, s := range st.Plan.Steps {
		if s.Record == nil {
			continue
		}
		keep[string(s.Key)] = true
		for _, r := range s.Record.Outcome.Runs {
			keep[r.Stdout], keep[r.Stderr] = true, true
			for _, f := range r.Files {
				keep[f] = true
			}
		}
		for _, f := range s.Record.Outcome.Artifacts {
			keep[f.Sum] = true
		}
	}
	return keep
}
