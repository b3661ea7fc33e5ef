package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/benchfile/bench/hcl/benchfile"
	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/engine"
	"github.com/benchfile/bench/pipeline/judge"
	"github.com/benchfile/bench/pipeline/plan"
	"github.com/benchfile/bench/pipeline/store"
)

func (a *app) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "Say where the session stands", Args: most(0),
		RunE: func(c *cobra.Command, _ []string) error {
			st, s, err := a.look(c, engine.Options{})
			if err != nil {
				return err
			}
			defer s.close()
			busy, _ := store.RepoHolder(s.store.Dir())
			if a.json {
				a.emit("status", struct {
					Running *store.Holder `json:"running"`
					Stopped string        `json:"stopped,omitempty"`
					remainingJSON
					Experiments []experimentJSON `json:"experiments"`
				}{busy, st.Plan.Stopped, remainingOf(st.Plan), experimentsJSON(st.Plan)})
				return nil
			}
			a.printStatus(a.out, st, busy)
			return nil
		},
	}
}

// printStatus is the session in a few lines.
func (a *app) printStatus(w io.Writer, st engine.State, busy *store.Holder) {
	p := st.Plan
	decided := 0
	for _, x := range p.Experiments {
		if x.Verdict != nil {
			decided++
		}
	}
	fmt.Fprintf(w, "%s · baseline %s · %d/%d experiments decided\n", st.Study.Name, baselineText(st.Facts), decided, len(p.Experiments))
	if busy != nil {
		fmt.Fprintf(w, "running: %s\n", busy)
	}
	fmt.Fprintln(w)
	a.verdictTable(w, st.Study, p)
	run, cached, waiting, _ := tally(p)
	switch {
	case p.Stopped != "":
		a.printStopped(w, p)
	case run+waiting == 0:
		fmt.Fprintf(w, "  Nothing left to run: %s recorded.\n", count(cached, "step"))
	default:
		fmt.Fprintf(w, "  %s recorded, at least %d left, %s: bench apply\n", count(cached, "step"), run+waiting, span(p.Remaining))
	}
}

func (a *app) showCommand() *cobra.Command {
	return &cobra.Command{
		Use: "show [EXPERIMENT | STEP]", Short: "Show an experiment's verdict and numbers, or a step's record", Args: most(1),
		ValidArgsFunction: a.completeExperiments,
		RunE: func(c *cobra.Command, args []string) error {
			st, s, err := a.look(c, engine.Options{})
			if err != nil {
				return err
			}
			defer s.close()
			if len(args) == 0 {
				if a.json {
					a.emit("experiments", experimentsJSON(st.Plan))
					return nil
				}
				a.verdictTable(a.out, st.Study, st.Plan)
				return nil
			}
			if x := findExperiment(st.Plan, args[0]); x != nil {
				if a.json {
					a.emit("experiment", experimentsJSON(&plan.Plan{Experiments: []plan.Experiment{*x}})[0])
					return nil
				}
				a.printExperiment(a.out, st, x)
				return nil
			}
			step, err := findStep(st.Plan, args[0])
			if err != nil {
				return err
			}
			if a.json {
				a.emit("record", step.Record)
				return nil
			}
			a.printStep(a.out, step)
			return nil
		},
	}
}

// printExperiment is the verdict with all that it rests on.
func (a *app) printExperiment(w io.Writer, st engine.State, x *plan.Experiment) {
	on := a.colour(w)
	fmt.Fprintf(w, "%s  %s\n", paint(on, bold, x.Variant.ID()), label(x))
	if x.Hypothesis != nil && x.Hypothesis.Expect.Text != "" {
		fmt.Fprintf(w, "expected %s\n", printable(x.Hypothesis.Expect.Text))
	}
	if x.Verdict == nil {
		fmt.Fprintf(w, "\nnot decided: %s\n", printable(x.Why))
		return
	}
	v := x.Verdict
	fmt.Fprintf(w, "\n%s  %s\n\n", paint(on, verdictColour(v.Kind), string(v.Kind)), printable(v.Reason))
	a.printRules(w, v, on)
	if v.Detail != "" {
		fmt.Fprintf(w, "\n%s\n", printableLines(v.Detail))
	}
	if s := culprit(st.Plan, x); s != nil {
		fmt.Fprintf(w, "\nAll that it wrote: bench log %s\n", s.Address)
	}
	printEffects(w, "per input", v.Inputs)
	if v.Q != nil {
		fmt.Fprintf(w, "\nq %s for \"gains no more than %s\", adjusted for %s (Benjamini and Hochberg); it decides nothing\n",
			judge.PValue(*v.Q), judge.Share(st.Study.Criteria.Maybe), count(v.QOf, "measured experiment"))
	}
	if i := x.Interaction; i != nil && i.Known {
		fmt.Fprintf(w, "\nactual over expected %s (95 %% interval): %s\n", judge.Change(i.Extra, i.Lo, i.Hi), printable(i.Reason))
	}
	if x.Confirms != "" {
		fmt.Fprintf(w, "\nmeasures %s once more, on fresh samples, to confirm it\n", x.Confirms)
	}
	printEffects(w, "other metrics", v.Secondary)
	for _, text := range v.Warnings {
		fmt.Fprintf(w, "%s %s\n", paint(on, yellow, "warning:"), printable(text))
	}
}

// printRules is the decision table as it was applied.
func (a *app) printRules(w io.Writer, v *pipeline.Verdict, on bool) {
	sg := a.signs()
	for _, r := range v.Rules {
		mark, colour := sg.ok, green
		if !r.Pass {
			mark, colour = sg.fail, red
		}
		name := pad(r.Name, 22)
		if r.Decided {
			name = paint(on, bold, name)
			mark += " "
		} else {
			mark += " "
		}
		fmt.Fprintf(w, "  %s%s need %s; got %s", paint(on, colour, mark), name, printable(r.Need), printable(r.Got))
		if r.Decided {
			fmt.Fprint(w, paint(on, bold, "   ← decides"))
		}
		fmt.Fprintln(w)
	}
}

// printWorking writes how the effect was computed.
func printWorking(w io.Writer, v *pipeline.Verdict, looks []int) {
	work, ok := judge.Work(v, looks)
	if !ok {
		return
	}
	fmt.Fprintln(w, "\nhow it was computed")
	rows := append([][]string{work.Head}, work.Rows...)
	widths := make([]int, len(work.Head))
	for _, r := range rows {
		for i, c := range r {
			widths[i] = max(widths[i], utf8.RuneCountInString(printable(c)))
		}
	}
	for _, r := range rows {
		line := ""
		for i, c := range r {
			if i == 0 {
				line += "  " + pad(printable(c), widths[i])
			} else {
				line += "  " + left(printable(c), widths[i])
			}
		}
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
	for _, s := range work.Text {
		fmt.Fprintf(w, "  %s\n", printable(s))
	}
}

func (a *app) printStep(w io.Writer, s *plan.Step) {
	fmt.Fprintf(w, "%s  %s  %s\n\n%s", s.Address, s.State, s.Key, s.Manifest)
	if s.Record == nil {
		fmt.Fprintf(w, "\nnot recorded: %s\n", printable(s.Why))
		return
	}
	o := s.Record.Outcome
	fmt.Fprintf(w, "\n%s on %s at %s, %s in %s. %s\n", o.Status, s.Record.Host, s.Record.Finished.Format(time.RFC3339),
		count(len(o.Runs), "run"), duration(o.Elapsed), printable(o.Reason))
}

// findStep by address.
func findStep(p *plan.Plan, address string) (*plan.Step, error) {
	for i := range p.Steps {
		if p.Steps[i].Address == address || (len(address) >= 6 && strings.HasPrefix(string(p.Steps[i].Key), address)) {
			return &p.Steps[i], nil
		}
	}
	return nil, usage("bench plan --steps lists the steps; experiments are: "+strings.Join(experimentNames(p), ", "),
		"no experiment and no step %q", address)
}

func (a *app) explainCommand() *cobra.Command {
	return &cobra.Command{
		Use: "explain STEP | EXPERIMENT | CODE", Short: "Say why: why a step runs or not, why a verdict, what an error code means",
		Args: cobra.MaximumNArgs(1), ValidArgsFunction: a.completeExperiments,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("bench explain 001, bench explain 001-name/measure/1 or bench explain E012", "explain what?")
			}
			if text, ok := benchfile.Explain(args[0]); ok {
				if a.json {
					a.emit("code", map[string]string{"code": args[0], "text": text})
				} else {
					fmt.Fprintln(a.out, text)
				}
				return nil
			}
			if err := noSuchCode(args[0]); err != nil {
				return err
			}
			st, s, err := a.look(c, engine.Options{})
			if err != nil {
				return err
			}
			defer s.close()
			if x := findExperiment(st.Plan, args[0]); x != nil {
				return a.explainExperiment(st, x)
			}
			step, err := findStep(st.Plan, args[0])
			if err != nil {
				return err
			}
			return a.explainStep(st, step)
		},
	}
}

// noSuchCode is an error when a word looks like a diagnostic's code; those that there are have been explained by now.
func noSuchCode(word string) error {
	if len(word) < 2 || !strings.ContainsAny(word[:1], "eEwW") || strings.Trim(word[1:], "0123456789") != "" {
		return nil
	}
	ranges := map[byte][2]string{}
	for _, code := range benchfile.Codes() {
		r := ranges[code[0]]
		if r[0] == "" {
			r[0] = code
		}
		r[1] = code
		ranges[code[0]] = r
	}
	return usage("a diagnostic says which: more: bench explain E017", "there is no code %q: errors go from %s to %s, warnings from %s to %s, not all of them in use",
		word, ranges['E'][0], ranges['E'][1], ranges['W'][0], ranges['W'][1])
}

func (a *app) explainExperiment(st engine.State, x *plan.Experiment) error {
	if a.json {
		a.emit("experiment", experimentsJSON(&plan.Plan{Experiments: []plan.Experiment{*x}})[0])
		return nil
	}
	a.printExperiment(a.out, st, x)
	if x.Verdict != nil {
		printWorking(a.out, x.Verdict, plan.Looks(st.Study.Measure))
	}
	fmt.Fprintln(a.out)
	for _, i := range x.Steps {
		s := &st.Plan.Steps[i]
		fmt.Fprintf(a.out, "  %s %s %s\n", pad(s.Address, 44), pad(string(s.State), 8), printable(s.Why))
	}
	return nil
}

// explainStep is the difference of two manifests: what the step depends on now, and what it depended on when a step of
// that name was last recorded.
func (a *app) explainStep(st engine.State, s *plan.Step) error {
	var diff []pipeline.Difference
	var files []string
	var old *pipeline.Record
	if s.Manifest != nil {
		if old = st.Facts.Previous(s.Address); old != nil {
			was, err := pipeline.ParseManifest(old.Manifest)
			if err != nil {
				return fmt.Errorf("read the manifest of %s: %w", s.Address, err)
			}
			diff = s.Manifest.Diff(was)
		}
	}
	for _, d := range diff {
		files = append(files, plan.ChangedFiles(st.Facts, d)...)
	}
	slices.Sort(files)
	files = slices.Compact(files)
	if a.json {
		a.emit("explain", struct {
			Step        stepJSON              `json:"step"`
			Differences []pipeline.Difference `json:"differences"`
			Files       []string              `json:"files,omitempty"`
		}{stepsJSON(&plan.Plan{Steps: []plan.Step{*s}})[0], diff, files})
		return nil
	}
	fmt.Fprintf(a.out, "%s: %s. %s\n", s.Address, s.State, printable(s.Why))
	switch {
	case s.Manifest == nil:
		fmt.Fprintln(a.out, "What it depends on is not all known yet.")
		if before := ahead(st.Plan, s); before != nil {
			return a.explainStep(st, before)
		}
	case s.Record != nil:
		fmt.Fprintf(a.out, "Recorded %s on %s under %s.\n", s.Record.Finished.Format(time.RFC3339), s.Record.Host, s.Key.Short())
	case old == nil:
		fmt.Fprintln(a.out, "No step of this name was ever recorded here.")
	}
	for _, d := range diff {
		fmt.Fprintf(a.out, "  %s\n", printable(plan.Line(d)))
		if files := plan.ChangedFiles(st.Facts, d); len(files) > 0 {
			fmt.Fprintf(a.out, "    %s\n", printable(plan.Few(files, 20)))
		}
	}
	if s.Manifest != nil && len(diff) == 0 && s.Record == nil && old == nil {
		fmt.Fprintf(a.out, "\n%s", s.Manifest)
	}
	return nil
}

// ahead is the step that has to run before s can be known: the first ready one of its variant, else of the baseline.
func ahead(p *plan.Plan, s *plan.Step) *plan.Step {
	for _, variant := range []string{s.Variant, plan.BaselineName} {
		for i := range p.Steps {
			if t := &p.Steps[i]; t.Variant == variant && t.State == plan.Ready && t != s {
				return t
			}
		}
	}
	return nil
}

func (a *app) graphCommand() *cobra.Command {
	var dot bool
	c := &cobra.Command{
		Use: "graph", Short: "Draw the steps and what they wait for", Args: most(0),
		RunE: func(c *cobra.Command, _ []string) error {
			st, s, err := a.look(c, engine.Options{})
			if err != nil {
				return err
			}
			defer s.close()
			switch {
			case a.json:
				a.emit("graph", graphJSON(st.Plan))
			case dot:
				printDOT(a.out, st.Plan)
			default:
				a.printGraph(a.out, st.Plan)
			}
			return nil
		},
	}
	c.Flags().BoolVar(&dot, "dot", false, "in Graphviz's language")
	return c
}

// edges are the dependencies between steps: each step needs the one before it of its variant, and the first of every
// other variant needs the baseline's measurement.
func edges(p *plan.Plan) [][2]string {
	var out [][2]string
	gate := chain(p, p.Baseline.Steps, "", &out)
	if n := slices.IndexFunc(p.Steps, func(s plan.Step) bool {
		return s.Variant == plan.BaselineName && s.Kind == pipeline.StepMeasure
	}); n >= 0 {
		gate = p.Steps[n].Address
	}
	for i := range p.Experiments {
		chain(p, p.Experiments[i].Steps, gate, &out)
	}
	return out
}

func chain(p *plan.Plan, steps []int, before string, out *[][2]string) string {
	for _, i := range steps {
		if before != "" {
			*out = append(*out, [2]string{before, p.Steps[i].Address})
		}
		before = p.Steps[i].Address
	}
	return before
}

func graphJSON(p *plan.Plan) any {
	return struct {
		Steps []stepJSON  `json:"steps"`
		Edges [][2]string `json:"edges"`
	}{stepsJSON(p), edges(p)}
}

func printDOT(w io.Writer, p *plan.Plan) {
	fmt.Fprintln(w, "digraph bench {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];")
	for _, s := range p.Steps {
		style := "solid"
		if s.State != plan.Done && s.State != plan.Failed {
			style = "dashed"
		}
		fmt.Fprintf(w, "  %q [style=%s, tooltip=%q];\n", s.Address, style, string(s.State)+": "+s.Why)
	}
	for _, e := range edges(p) {
		fmt.Fprintf(w, "  %q -> %q;\n", e[0], e[1])
	}
	fmt.Fprintln(w, "}")
}

func (a *app) printGraph(w io.Writer, p *plan.Plan) {
	sg := a.signs()
	show := func(x *plan.Experiment) {
		fmt.Fprintln(w, x.Variant.ID())
		for _, i := range x.Steps {
			s := &p.Steps[i]
			mark := sg.dot
			switch s.State {
			case plan.Done:
				mark = sg.ok
			case plan.Failed:
				mark = sg.fail
			case plan.Ready:
				mark = sg.now
			}
			fmt.Fprintf(w, "  %s %s %s\n", mark, pad(s.Address, 44), s.State)
		}
	}
	show(&p.Baseline)
	for i := range p.Experiments {
		show(&p.Experiments[i])
	}
}

// completeExperiments offers experiments and steps to the shell, within what the Benchfile and the store say.
func (a *app) completeExperiments(c *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	s, err := a.open(c.Context(), false)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	defer s.close()
	study, err := s.load()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var out []string
	for _, h := range study.Hypotheses {
		out = append(out, h.ID()+"\t"+h.Title)
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}
