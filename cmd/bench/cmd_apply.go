package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/engine"
)

// applyFlags are those of apply.
type applyFlags struct {
	approve bool
	targets []string
	failOn  []string
	wait    time.Duration
	waits   context.Context // what ends waiting, when it is not the same as what ends running; nil: it is
}

func (a *app) applyCommand() *cobra.Command {
	var f applyFlags
	c := &cobra.Command{
		Use:   "apply",
		Short: "Run what is not recorded yet, one step at a time, and write the artifacts",
		Args:  most(0),
		RunE:  func(c *cobra.Command, _ []string) error { return a.apply(c.Context(), f) },
	}
	c.Flags().BoolVar(&f.approve, "auto-approve", false, "do not ask before running")
	c.Flags().StringArrayVar(&f.targets, "target", nil, "only this experiment: its name, number or compound (repeatable)")
	c.Flags().StringSliceVar(&f.failOn, "fail-on", nil, "exit with 3 when one of these verdicts is there: keep, maybe, discard, regression, kill, reject, failed, inconclusive")
	wait, _ := time.ParseDuration(os.Getenv("BENCH_LOCK_TIMEOUT"))
	c.Flags().DurationVar(&f.wait, "lock-timeout", wait, "how long to wait for another bench that measures on this machine (default: $BENCH_LOCK_TIMEOUT, or not at all)")
	return c
}

// apply goes through the ring and says what came of it.
func (a *app) apply(ctx context.Context, f applyFlags) (err error) {
	if err := knownVerdicts(f.failOn); err != nil {
		return err
	}
	s, err := a.open(ctx, true)
	if err != nil {
		return err
	}
	defer func() {
		if e := s.close(); err == nil {
			err = e
		}
	}()
	st, err := s.engine.Survey(ctx, engine.Options{Target: f.targets})
	if err != nil {
		return err
	}
	if err := s.knownTargets(st, f.targets); err != nil {
		return err
	}
	a.warnings(st)
	if st.Plan.Next >= 0 {
		if err := s.ownWords(); err != nil {
			return err
		}
		if err := a.approve(st, f); err != nil {
			return err
		}
		waits := ctx
		if f.waits != nil {
			waits = f.waits
		}
		if err := s.lockMachine(waits, f.wait); err != nil {
			return err
		}
	}
	return a.run(ctx, s, st, f)
}

// ownWords refuses to write what bench says into the tree that is measured: every line would change it.
func (s *session) ownWords() error {
	for _, fd := range []string{"1", "2"} {
		file, err := os.Readlink("/proc/self/fd/" + fd)
		if err == nil && s.code.uncommitted(file) {
			return usage("write it elsewhere, or let git ignore it (.gitignore)",
				"what bench says here goes to %s, which is part of the tree that is measured: every line would change it", file)
		}
	}
	return nil
}

// run is apply after all has been agreed on.
func (a *app) run(ctx context.Context, s *session, st engine.State, f applyFlags) error {
	ctx, asked, end := a.interrupts(ctx, s)
	defer end()
	began := time.Now()
	live, people, keep := newLive(a, began), newNotifier(a, st), newKeeper(s, st)
	s.engine.Tell = func(e engine.Event) { live.event(e); people.event(e); keep.event(e) }
	s.engine.Sink = func(engine.Event) pipeline.Sink { return sinks{live, keep} }
	s.engine.Stop = func() bool { return asked.Load() > 0 }
	s.engine.Publish = func(st engine.State) error {
		err := s.publish(ctx, st, people)
		keep.overview(s.overview)
		return err
	}
	res, err := s.engine.Apply(ctx, engine.Options{Target: f.targets, Limit: -1})
	live.clear()
	keep.end(ending(res, err))
	if err != nil {
		people.failed(ctx, st.Study.Name, err)
		return err
	}
	a.conclude(s, res, time.Since(began))
	switch {
	case res.Interrupted:
		return &codeError{code: exitInterrupted}
	case res.Plan.Stopped != "" && failedBaseline(res.State):
		return &codeError{code: exitFailed}
	case hit(res.State, f.failOn) != "":
		return &codeError{code: exitVerdict, err: fmt.Errorf("--fail-on: %s", hit(res.State, f.failOn))}
	case res.Ran == 0 && len(f.targets) == 0:
		return s.settle(res.State)
	}
	return nil
}

// ending is how going through the ring ended, in words.
func ending(res engine.Result, err error) string {
	switch {
	case err != nil:
		return err.Error()
	case res.Interrupted:
		return "interrupted"
	}
	return "done"
}

// failedBaseline says whether nothing could be compared at all.
func failedBaseline(st engine.State) bool {
	for _, i := range st.Plan.Baseline.Steps {
		if r := st.Plan.Steps[i].Record; r != nil && r.Outcome.Status != pipeline.StatusOK {
			return true
		}
	}
	return st.Plan.Baseline.State != "done" && !strings.HasPrefix(st.Plan.Stopped, "the budget")
}

// approve asks. A plan for which the Benchfile requires approval is not run unasked.
func (a *app) approve(st engine.State, f applyFlags) error {
	if f.approve && st.Study.Approval != "required" {
		return nil
	}
	if f.approve {
		return usage("run bench apply at a terminal and answer yes", "this study says approval = \"required\": --auto-approve can't stand in for a person")
	}
	if !terminal(os.Stdin) {
		return usage("add --auto-approve, or run it at a terminal", "apply asks before it runs, and there is nobody to ask here")
	}
	a.printPlan(a.err, st, false)
	fmt.Fprint(a.err, "\nRun this? Only \"yes\" is a yes: ")
	line, _ := bufio.NewReader(os.Stdin).ReadString('\n')
	if strings.TrimSpace(line) != "yes" {
		return &codeError{code: exitInterrupted, err: fmt.Errorf("not approved; nothing was run")}
	}
	return nil
}

// interrupts turns the first Ctrl-C into "finish this step, then stop" and the second into "stop now".
func (a *app) interrupts(ctx context.Context, s *session) (context.Context, *atomic.Int32, func()) {
	ctx, cancel := context.WithCancel(ctx)
	var asked atomic.Int32
	ch := make(chan os.Signal, 4)
	signal.Notify(ch, os.Interrupt, syscall.SIGTERM)
	go func() {
		for range ch {
			if asked.Add(1) == 1 {
				fmt.Fprintln(a.err, "\nbench: finishing this step, then stopping; interrupt again to stop now and throw it away")
				continue
			}
			fmt.Fprintln(a.err, "\nbench: stopping now; the unfinished step runs again from scratch next time")
			cancel()
		}
	}()
	return ctx, &asked, func() {
		signal.Stop(ch)
		close(ch)
		cancel()
	}
}

// conclude says what was reached.
func (a *app) conclude(s *session, res engine.Result, took time.Duration) {
	if a.json {
		a.emit("summary", struct {
			Ran         int              `json:"ran"`
			Interrupted bool             `json:"interrupted"`
			Stopped     string           `json:"stopped,omitempty"`
			ElapsedS    float64          `json:"elapsed_s"`
			Experiments []experimentJSON `json:"experiments"`
		}{res.Ran, res.Interrupted, res.Plan.Stopped, took.Seconds(), experimentsJSON(res.Plan)})
		return
	}
	fmt.Fprintln(a.out)
	a.verdictTable(a.out, res.Study, res.Plan)
	if res.Plan.Stopped != "" {
		a.printStopped(a.out, res.Plan)
	}
	fmt.Fprintf(a.out, "  %s\n", a.closing(res, took))
	fmt.Fprintf(a.out, "  Report: %s    bench explain 001\n", s.reportPath())
}

// closing is the last line: how much was run.
func (a *app) closing(res engine.Result, took time.Duration) string {
	_, cached, _, _ := tally(res.Plan)
	switch {
	case res.Interrupted:
		return fmt.Sprintf("Interrupted after %s; apply goes on from here.", count(res.Ran, "step"))
	case res.Ran == 0:
		return fmt.Sprintf("Nothing to run: %s recorded.", count(cached, "step"))
	}
	return fmt.Sprintf("%s run, %d recorded before or shared, in %s.", count(res.Ran, "step"), cached-res.Ran, duration(took))
}

// knownVerdicts refuses a --fail-on that can never apply.
func knownVerdicts(names []string) error {
	known := []string{"regression"}
	for _, k := range pipeline.VerdictKinds() {
		known = append(known, strings.ToLower(string(k)))
	}
	for _, n := range names {
		if !slices.Contains(known, strings.ToLower(n)) {
			return usage("it takes "+strings.Join(known, ", "), "--fail-on: no verdict is called %q", n)
		}
	}
	return nil
}

// hit is the first experiment with a verdict that --fail-on names.
func hit(st engine.State, failOn []string) string {
	for _, x := range st.Plan.Experiments {
		if x.Verdict == nil {
			continue
		}
		for _, n := range failOn {
			n = strings.ToUpper(n)
			if n == string(x.Verdict.Kind) || n == "REGRESSION" && strings.Contains(x.Verdict.Rule, "regression") {
				return fmt.Sprintf("%s is %s: %s", x.Variant.ID(), x.Verdict.Kind, x.Verdict.Reason)
			}
		}
	}
	return ""
}
