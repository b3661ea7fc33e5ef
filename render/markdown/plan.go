package markdown

import (
	"fmt"
	"strings"

	"github.com/benchfile/bench/pipeline/judge"
	"github.com/benchfile/bench/pipeline/report"
)

// Plan is PLAN.md (workflow 2.1).
func Plan(r *report.Report) []byte {
	d := head(r, "")
	d.line("# Plan: %s\n", Text(r.Project))
	d.line("## Objective\n")
	if r.Objective != "" {
		d.line("%s\n", Line(r.Objective))
	} else {
		d.line("No objective is stated in %s.\n", Code(r.Benchfile))
	}
	d.line("## Sources\n")
	for _, s := range r.Sources {
		d.line("- %s", Code(s))
	}
	if len(r.Sources) == 0 {
		d.line("None are listed.")
	}
	d.line("\n## Baseline Metrics\n")
	baselineTable(d, r)
	d.line("## Hypotheses\n")
	hypotheses(d, r)
	d.line("## Attack Plan\n")
	attack(d, r)
	d.line("## Success Criteria\n")
	criteria(d, r)
	return d.bytes()
}

func baselineTable(d *doc, r *report.Report) {
	d.line("Commit: %s\n", commit(r))
	if r.Baseline.Primary() == nil {
		d.line("Not measured yet%s.\n", because(r.Baseline.Why))
		return
	}
	var rows [][]string
	for _, s := range r.Baseline.Overall {
		u := report.UnitFor(s.Unit, s.Centre)
		rows = append(rows, []string{Cell(s.Metric), "all, weighted", Text(u.Text(s.Centre)), Text(span(u, &s)), "", fmt.Sprint(s.N)})
		if s.Metric != r.PrimaryMetric().Name {
			continue
		}
		for _, x := range r.Baseline.Samples {
			if x.Metric == s.Metric {
				u := report.UnitFor(x.Unit, x.Centre)
				rows = append(rows, []string{Cell(x.Metric), Cell(x.Input), Text(u.Text(x.Centre)), Text(span(u, &x)), report.Share(x.CV, 1), fmt.Sprint(x.N)})
			}
		}
	}
	d.table([]string{"Metric", "Input", "Value", "95 % interval", "CV", "Runs"}, rows)
	d.line("\nValues are 20 %% trimmed means.\n")
}

func hypotheses(d *doc, r *report.Report) {
	if len(r.Plan.Ranked) == 0 {
		d.line("None yet: add a `hypothesis` block to %s.\n", Code(r.Benchfile))
		return
	}
	d.line("Ranked by priority, then by expected impact.\n")
	for i, id := range r.Plan.Ranked {
		x := r.Experiment(id)
		priority := strings.ToUpper(x.Priority)
		if priority == "" {
			priority = "MEDIUM"
		}
		d.line("%d. **[%s] %s: %s**", i+1, Text(priority), x.ID, Text(x.Title))
		in := strings.Repeat(" ", len(fmt.Sprint(i+1))+2) // below the item's text, or it would be another list
		d.line("%s- Expected impact: %s", in, or(Text(x.Expect), "not stated"))
		if x.Visible != "" {
			d.line("%s- Detectable: %s", in, Text(x.Visible))
		}
		d.line("%s- Risk: %s", in, or(Text(x.Risk), "not stated"))
		d.line("%s- Conflicts with: %s", in, or(numbers(x.Conflicts), "none"))
		d.line("%s- Change: %s", in, or(Text(x.Change.Source), "none"))
		d.line("%s- Status: %s", in, Sign(x))
	}
	d.line("")
}

func numbers(ids []string) string {
	var out []string
	for _, id := range ids {
		out = append(out, Text(id))
	}
	return strings.Join(out, ", ")
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func attack(d *doc, r *report.Report) {
	var rows [][]string
	for i, a := range r.Plan.Attack {
		rows = append(rows, []string{
			fmt.Sprint(i + 1), attackID(a.ID), Text(a.Title), Text(strings.Join(a.Kinds, " → ")), Text(a.State), duration(a.Spent), duration(a.LeftS),
		})
	}
	d.table([]string{"Order", "#", "Name", "Steps", "State", "Took", "Estimate"}, rows)
	p := &r.Plan
	d.line("\nMeasured so far: %s. Estimated for what is left: %s.", report.Span(p.SpentS), report.Span(p.RemainS))
	if p.Budget.Known() {
		d.line("Budget: %s.", report.Span(p.Budget))
	}
	if p.Approval == "required" {
		d.line("Nothing runs before the plan is approved (`bench approve`).")
	}
	if p.Stopped != "" {
		d.line("Stopped: %s.", Text(p.Stopped))
	}
	d.line("")
}

func attackID(id string) string {
	if id == "baseline" {
		return "–"
	}
	return id
}

func duration(n report.Number) string {
	if !n.Known() || n == 0 {
		return "–"
	}
	return report.Span(n)
}

func criteria(d *doc, r *report.Report) {
	c := &r.Criteria
	t := report.Threshold
	rows := [][]string{
		{"Improvement above " + t(c.Keep) + ", significant, output right", "**KEEP**"},
		{t(c.Maybe) + " to " + t(c.Keep) + " improvement, output right", "**MAYBE**: stays in the backlog, may compound"},
		{"Less than " + t(c.Maybe) + " improvement", "**DISCARD**"},
		{"Any regression; an input slower by more than " + t(c.InputRegression), "**DISCARD**"},
		{"Far slower than the baseline, run after run", "**KILL**"},
		{"Output not right", "**REJECT**"},
		{"Crash, or a change that does not apply or build", "**FAILED**"},
		{"Too noisy to tell after " + fmt.Sprint(c.MaxRuns) + " rounds", "**INCONCLUSIVE**"},
	}
	d.table([]string{"Result", "Action"}, rows)
	m := r.PrimaryMetric()
	d.line("")
	d.line("- Primary metric: %s, %s is better", Code(m.Name), m.Better)
	mode := "first-pass optimization"
	if c.Optimized {
		mode = "code that has been optimized before"
	}
	d.line("- Minimum improvement, for %s: %s to keep, %s to stay in the backlog", mode, t(c.Keep), t(c.Maybe))
	d.line("- KEEP: the estimate is at least %s better, and its whole interval is more than %s better", t(c.Keep), t(c.Maybe))
	d.line("- MAYBE: the estimate is at least %s better, and its whole interval is better than the baseline", t(c.Maybe))
	d.line("- DISCARD: the estimate is short of %s, and the interval excludes %s", t(c.Maybe), t(c.Keep))
	d.line("- Statistical significance: p < %s, which the interval of a KEEP or MAYBE implies; intervals of %s at each of the looks after %s rounds",
		number(c.Alpha), t(c.Confidence), ints(c.Looks))
	d.line("- No input more than %s slower: shown by a one-sided interval of each input at %s, or there is no KEEP", t(c.InputRegression), t(1-c.Alpha))
	d.line("- KILL: %s", kill(c))
	d.line("- Baseline: %d runs of each input, CV at most %s", c.BaselineRuns, t(c.MaxCV))
	d.line("- Each experiment: %d warm-up runs of both arms, then %d to %d rounds; each round runs baseline and candidate on every input, side by side", c.Warmup, c.Runs, c.MaxRuns)
	d.line("- %s", contamination(r.Environment.Foreign))
	calibration(d, r)
	var watched []string
	for _, m := range r.Metrics {
		switch {
		case m.Limit.Known():
			d.line("- No regression of %s beyond %s: shown by its interval, or there is no KEEP", Code(m.Name), t(m.Limit))
		case !m.Primary:
			watched = append(watched, Code(m.Name))
		}
	}
	if len(watched) > 0 {
		d.line("- Shown, and without a limit: %s", strings.Join(watched, ", "))
	}
}

func ints(list []int) string {
	var out []string
	for _, n := range list {
		out = append(out, fmt.Sprint(n))
	}
	return strings.Join(out, ", ")
}

// kill is the rule by which a hopeless candidate is stopped.
func kill(c *report.Criteria) string {
	if c.LiteralKill {
		return fmt.Sprintf("the first run above %.2f × the median baseline run of its input (kill = \"literal\": noise alone can do that)", float64(c.Timeout))
	}
	return fmt.Sprintf("three runs in a row above %.2f × the slowest baseline run of their input, each beside a baseline run that was not slow", float64(c.Timeout))
}

// contamination is the rule by which pairs of runs are made again.
func contamination(limit report.Number) string {
	const then = " is measured again, both runs of it; a batch with more than 20 % of such pairs is given up"
	switch {
	case !limit.Known():
		return "A pair of runs beside which others took 5 % more of the machine than beside any of the baseline's own runs" + then
	case limit < 1:
		return "A pair of runs beside which others took more than " + report.Threshold(limit) + " of the machine" + then
	}
	return "Every pair of runs counts, whatever went on beside it"
}

// calibration says what can be seen at all.
func calibration(d *doc, r *report.Report) {
	c := r.Calibration
	if c == nil {
		d.line("- Noise floor: not calibrated (`bench calibrate`)")
		return
	}
	d.line("- Noise floor: ±%s over %d pairs of the baseline with itself; detectable in four of five cases %s", Text(judge.Share(c.Floor)), c.Rounds, Text(c.Line()))
	for _, t := range c.Trips {
		mark := "not caught"
		if t.Seen {
			mark = "caught"
		}
		d.line("- Trip-wire, %s: %s (%s)", Text(t.Name), mark, Text(t.Got))
	}
	if c.Stale != "" {
		d.line("- The calibration is stale: %s", Text(c.Stale))
	}
}

func number(n report.Number) string {
	if !n.Known() {
		return "–"
	}
	return strings.TrimRight(strings.TrimRight(fmt.Sprintf("%.6f", float64(n)), "0"), ".")
}
