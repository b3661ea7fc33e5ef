package main

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/engine"
	"github.com/benchfile/bench/pipeline/plan"
)

func (a *app) planCommand() *cobra.Command {
	var targets []string
	var detailed, all bool
	c := &cobra.Command{
		Use:   "plan",
		Short: "Say what apply would run, and why",
		Long:  "Say what apply would run, and why. Nothing is run, nothing is written.",
		Args:  most(0),
		RunE: func(c *cobra.Command, _ []string) error {
			st, s, err := a.look(c, engine.Options{Target: targets})
			if err != nil {
				return err
			}
			defer s.close()
			if a.json {
				a.emit("plan", planJSON(st))
			} else {
				a.printPlan(a.out, st, all)
			}
			if detailed && st.Plan.Next >= 0 {
				return &codeError{code: exitUsage}
			}
			return nil
		},
	}
	c.Flags().StringArrayVar(&targets, "target", nil, "only this experiment: its name, number or compound (repeatable)")
	c.Flags().BoolVar(&detailed, "detailed-exitcode", false, "exit with 2 when there is something to run")
	c.Flags().BoolVar(&all, "steps", false, "list every step")
	return c
}

// look opens a session for reading and surveys. The caller closes it.
func (a *app) look(c *cobra.Command, o engine.Options) (engine.State, *session, error) {
	s, err := a.open(c.Context(), false)
	if err != nil {
		return engine.State{}, nil, err
	}
	st, err := s.engine.Survey(c.Context(), o)
	if err == nil {
		err = s.knownTargets(st, o.Target)
	}
	if err != nil {
		s.close()
		return st, nil, err
	}
	a.warnings(st)
	return st, s, nil
}

// warnings go to stderr before anything else is said.
func (a *app) warnings(st engine.State) {
	if a.json {
		return
	}
	for _, w := range append(append([]pipeline.Warning{}, st.Study.Warnings...), st.Plan.Warnings...) {
		where := ""
		if w.At.String() != "" {
			where = w.At.String() + ": "
		}
		fmt.Fprintf(a.err, "%s %s%s\n", paint(a.colour(a.err), yellow, "warning:"), where, printable(w.Text))
		if w.Help != "" {
			fmt.Fprintf(a.err, "  help: %s\n", printable(w.Help))
		}
	}
}

// knownTargets refuses a target that is no experiment.
func (s *session) knownTargets(st engine.State, targets []string) error {
	for _, t := range targets {
		if findExperiment(st.Plan, t) == nil {
			return usage("experiments are: "+strings.Join(experimentNames(st.Plan), ", "), "no experiment %q to target", t)
		}
	}
	return nil
}

func experimentNames(p *plan.Plan) []string {
	var out []string
	for _, x := range p.Experiments {
		out = append(out, x.Variant.ID())
	}
	return out
}

// findExperiment by name, ID, number or compound.
func findExperiment(p *plan.Plan, word string) *plan.Experiment {
	for i := range p.Experiments {
		v := p.Experiments[i].Variant
		if word == v.Name || word == v.ID() || word == v.Compound || word == fmt.Sprintf("%03d", v.Number) || word == fmt.Sprint(v.Number) {
			return &p.Experiments[i]
		}
	}
	return nil
}

// printPlan is the plan for people.
func (a *app) printPlan(w io.Writer, st engine.State, all bool) {
	s, p, on := st.Study, st.Plan, a.colour(w)
	fmt.Fprintf(w, "%s ok: %s, %s, %s. Baseline %s.\n\n", s.File,
		count(len(s.Inputs), "input"), count(len(s.Metrics), "metric"), count(len(s.Hypotheses), "hypothesis"), baselineText(st.Facts))
	a.planTable(w, p, tableWidth(w), all, on)
	a.printDetectable(w, st)
	run, cached, waiting, skipped := tally(p)
	fmt.Fprintln(w)
	switch {
	case p.Stopped != "":
		fmt.Fprintf(w, "Stopped: %s.\n", printable(p.Stopped))
	case run+waiting == 0:
		fmt.Fprintf(w, "Nothing to run: %s recorded.\n", count(cached, "step"))
	default:
		fmt.Fprintf(w, "At least %d to run (%d of them wait for earlier ones), %d cached, %d skipped. Time: %s.",
			run+waiting, waiting, cached, skipped, span(p.Remaining))
		if s.Budget > 0 && !p.Remaining.Unknown {
			fmt.Fprintf(w, " Budget %s: %s.", duration(s.Budget), fits(s.Budget-p.Spent, p.Remaining))
		}
		fmt.Fprintf(w, "\nRun it with: bench apply        Why: bench explain STEP\n")
	}
}

// planTable is one line for the baseline and each experiment, and with all for each of their steps.
func (a *app) planTable(w io.Writer, p *plan.Plan, width int, all, on bool) {
	c := planColumns(p, width)
	fmt.Fprintf(w, "  %s %s %s\n", pad("step", c.id+2), pad("why", c.why), "est.")
	a.planLine(w, p, &p.Baseline, c, all, on)
	for i := range p.Experiments {
		a.planLine(w, p, &p.Experiments[i], c, all, on)
	}
}

// fits says whether what is left fits into what the budget leaves.
func fits(budget time.Duration, e plan.Estimate) string {
	switch {
	case e.Most <= budget:
		return "fits"
	case e.Least <= budget:
		return "may not fit; then the last ones are left out"
	}
	return "does not fit, the last ones will be left out"
}

// span is an estimate as people say it.
func span(e plan.Estimate) string {
	lo, hi := roughly(e.Least), roughly(e.Most)
	switch {
	case e.Unknown:
		return "unknown until the baseline is measured"
	case lo == hi:
		return "about " + lo
	}
	from, unit, _ := strings.Cut(lo, " ")
	if _, other, _ := strings.Cut(hi, " "); unit != other {
		from = lo
	}
	return "about " + from + "–" + hi
}

// roughly is a duration with as few digits as an estimate deserves.
func roughly(d time.Duration) string {
	switch {
	case d < 5*time.Second:
		return "5 s"
	case d < 100*time.Second:
		return fmt.Sprintf("%d s", d.Round(5*time.Second)/time.Second)
	case d < 100*time.Minute:
		return fmt.Sprintf("%d min", d.Round(time.Minute)/time.Minute)
	case d < 10*time.Hour:
		return fmt.Sprintf("%.1f h", d.Hours())
	}
	return fmt.Sprintf("%d h", d.Round(time.Hour)/time.Hour)
}

// remainingJSON is an estimate for programs; null: unknown until the baseline is measured.
type remainingJSON struct {
	RemainingS     *float64 `json:"remaining_s"`
	RemainingMostS *float64 `json:"remaining_most_s"`
}

func remainingOf(p *plan.Plan) remainingJSON {
	if p.Remaining.Unknown {
		return remainingJSON{}
	}
	least, most := p.Remaining.Least.Seconds(), p.Remaining.Most.Seconds()
	return remainingJSON{&least, &most}
}

// baselineText says what the baseline is.
func baselineText(f *pipeline.Facts) string {
	c := f.Baseline.Commit[:min(7, len(f.Baseline.Commit))]
	if f.Baseline.Dirty {
		return c + " with uncommitted work"
	}
	return c + " (clean)"
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	if strings.HasSuffix(what, "is") {
		return fmt.Sprintf("%d %ses", n, strings.TrimSuffix(what, "is"))
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func tally(p *plan.Plan) (run, cached, waiting, skipped int) {
	for i := range p.Steps {
		switch p.Steps[i].State {
		case plan.Ready:
			run++
		case plan.Waiting:
			waiting++
		case plan.Skipped:
			skipped++
		default:
			cached++
		}
	}
	return
}

// planWidths are the widths of the plan's columns.
type planWidths struct{ width, id, why, address int }

// planColumns shares a width out: names as long as they are, reasons what is left.
func planColumns(p *plan.Plan, width int) planWidths {
	c := planWidths{width: width, id: len(p.Baseline.Variant.ID())}
	for i := range p.Experiments {
		c.id = max(c.id, utf8.RuneCountInString(p.Experiments[i].Variant.ID()))
	}
	for i := range p.Steps {
		c.address = max(c.address, utf8.RuneCountInString(p.Steps[i].Address))
	}
	c.address = min(c.address, 44, max(20, width-34))
	width = min(width, 101) // a longer line is no easier to read
	const est = 11          // "12 min 34 s"
	c.id = min(c.id, 32, width/3)
	c.why = max(10, width-4-c.id-1-1-est)
	return c
}

// planLine is an experiment in the plan: what will happen to it, and because of what.
func (a *app) planLine(w io.Writer, p *plan.Plan, x *plan.Experiment, c planWidths, all, on bool) {
	mark, colour, why := "=", faint, "recorded"
	var est time.Duration
	for _, i := range x.Steps {
		s := &p.Steps[i]
		est += s.Estimate
		if s.State == plan.Ready && mark == "=" {
			mark, colour, why = "+", green, s.Why
			if s.Why != "new" {
				mark, colour = "~", yellow
			}
		}
		if s.State == plan.Waiting && mark == "=" {
			mark, colour, why = "+", green, s.Why
		}
	}
	switch {
	case x.State == plan.Skipped:
		mark, colour, why, est = "-", faint, "skipped: "+x.Why, 0
	case x.Verdict != nil && mark == "=":
		why = string(x.Verdict.Kind) + ": " + x.Verdict.Reason
	case x.State == plan.Waiting && len(x.Steps) == 0:
		mark, colour, why = "+", faint, x.Why
	}
	fmt.Fprintf(w, "  %s %s %s %s\n", paint(on, colour, mark), pad(x.Variant.ID(), c.id), pad(printable(why), c.why), duration(est))
	if !all {
		return
	}
	for _, i := range x.Steps {
		s := &p.Steps[i]
		line := fmt.Sprintf("      %s %s %s", pad(s.Address, c.address), pad(string(s.State), 8), pad(s.Key.Short(), 8))
		fmt.Fprintf(w, "%s %s\n", line, clip(printable(s.Why), max(1, c.width-utf8.RuneCountInString(line)-1)))
	}
}

// stepJSON is a step for programs.
type stepJSON struct {
	Address  string            `json:"address"`
	Kind     pipeline.StepKind `json:"kind"`
	Variant  string            `json:"variant"`
	Input    string            `json:"input,omitempty"`
	Look     int               `json:"look,omitempty"`
	Key      pipeline.Key      `json:"key,omitempty"`
	State    plan.State        `json:"state"`
	Why      string            `json:"why"`
	Estimate float64           `json:"estimate_s"`
}

func stepsJSON(p *plan.Plan) []stepJSON {
	out := make([]stepJSON, 0, len(p.Steps))
	for _, s := range p.Steps {
		out = append(out, stepJSON{s.Address, s.Kind, s.ID, s.Input, s.Look, s.Key, s.State, s.Why, s.Estimate.Seconds()})
	}
	return out
}

// experimentJSON is an experiment for programs.
type experimentJSON struct {
	ID      string            `json:"id"`
	Name    string            `json:"name"`
	Number  int               `json:"number"`
	Title   string            `json:"title,omitempty"`
	Members []string          `json:"members,omitempty"`
	State   plan.State        `json:"state"`
	Why     string            `json:"why,omitempty"`
	Verdict *pipeline.Verdict `json:"verdict"`
}

func experimentsJSON(p *plan.Plan) []experimentJSON {
	out := make([]experimentJSON, 0, len(p.Experiments))
	for _, x := range p.Experiments {
		v := x.Variant
		out = append(out, experimentJSON{v.ID(), v.Name, v.Number, v.Title, v.Members, x.State, x.Why, x.Verdict})
	}
	return out
}

func planJSON(st engine.State) any {
	run, cached, waiting, skipped := tally(st.Plan)
	return struct {
		Study    string `json:"study"`
		Baseline string `json:"baseline"`
		Dirty    bool   `json:"dirty"`
		Run      int    `json:"run"`
		Waiting  int    `json:"waiting"`
		Cached   int    `json:"cached"`
		Skipped  int    `json:"skipped"`
		Stopped  string `json:"stopped,omitempty"`
		remainingJSON
		Steps       []stepJSON       `json:"steps"`
		Experiments []experimentJSON `json:"experiments"`
		Calibration any              `json:"calibration"`
	}{
		st.Study.Name, st.Facts.Baseline.Commit, st.Facts.Baseline.Dirty, run, waiting, cached, skipped, st.Plan.Stopped,
		remainingOf(st.Plan), stepsJSON(st.Plan), experimentsJSON(st.Plan), calibrationOf(st.Plan),
	}
}
