package markdown

import (
	"fmt"
	"slices"
	"strings"

	"github.com/benchfile/bench/pipeline/report"
)

// Hypothesis is experiments/NNN-name/hypothesis.md: what is tested and why (workflow 4.2).
func Hypothesis(r *report.Report, x *report.Experiment) []byte {
	d := head(r, "")
	d.line("# %s: %s\n", x.ID, Text(x.Title))
	if x.Compound {
		d.line("- Combination of: %s", or(numbers(x.Members), "not known yet"))
		if x.Expected.Known() {
			d.line("- Expected when the parts add up: %s", report.Percent(float64(x.Expected), 1))
		}
	} else {
		d.line("- Priority: %s", or(Text(x.Priority), "medium"))
		d.line("- Expected impact: %s", or(Text(x.Expect), "not stated"))
		d.line("- Risk: %s", or(Text(x.Risk), "not stated"))
		d.line("- Conflicts with: %s", or(numbers(x.Conflicts), "none"))
	}
	d.line("- Change: %s", or(Text(x.Change.Source), "none to the code"))
	for _, f := range x.Change.Files {
		d.line("  - %s +%d %s%d", Code(f.Path), f.Added, "−", f.Removed)
	}
	for _, e := range x.Env {
		d.line("- Environment: %s", Code(e))
	}
	if x.At != "" {
		d.line("- Declared at: %s", Code(x.At))
	}
	if x.Description != "" {
		// Markdown by its author, and the last thing in this file: nothing after it can be broken by it.
		d.line("\n## Description\n\n%s", x.Description)
	}
	return d.bytes()
}

// Verdict is experiments/NNN-name/verdict.md: the decision, what it rests on, and how to see it again.
func Verdict(r *report.Report, x *report.Experiment) []byte {
	d := head(r, "")
	d.line("# %s: %s\n", x.ID, Text(x.Title))
	d.line("## Verdict: %s\n", Sign(x))
	if x.Reason != "" {
		d.line("%s\n", Line(x.Reason))
	}
	effects(d, r, x)
	rules(d, x)
	working(d, x)
	correctness(d, x)
	failure(d, x)
	for _, w := range x.Warnings {
		d.line("> **Note:** %s\n", Text(w))
	}
	reproduce(d, r, x)
	return d.bytes()
}

func effects(d *doc, r *report.Report, x *report.Experiment) {
	if x.Effect == nil && len(x.Inputs) == 0 && len(x.Secondary) == 0 {
		return
	}
	d.line("## Effect\n")
	if x.Interim {
		d.line("So far, not decided.\n")
	}
	var rows [][]string
	add := func(e *report.Effect) {
		input := "**all, weighted**"
		if e.Input != "" {
			input = Cell(e.Input)
		}
		u := report.UnitFor(e.Unit, e.Baseline)
		interval := e.IntervalText()
		if e.Exact {
			interval = "exact"
		}
		rows = append(rows, []string{
			Cell(e.Metric), input, Text(u.Text(e.Baseline)), Text(u.Text(e.Result())), e.ChangeText(r.Criteria.Maybe), interval, e.PText(), fmt.Sprint(e.Rounds),
		})
	}
	if x.Effect != nil {
		add(x.Effect)
	}
	for i := range x.Inputs {
		add(&x.Inputs[i])
	}
	for i := range x.Secondary {
		add(&x.Secondary[i])
	}
	d.table([]string{"Metric", "Input", "Baseline", "Candidate", "Change", confidence(x), "p", "Rounds"}, rows)
	d.line("")
	if x.Compound && x.Expected.Known() {
		d.line("Expected when the parts add up: %s.\n", report.Percent(float64(x.Expected), 1))
		for _, c := range r.Compounds {
			if c.ID == x.ID && c.Extra.Known() {
				d.line("Actual over expected: %s (95 %% interval): %s.\n", Text(c.ExtraText()), Text(c.Words))
			}
		}
	} else if x.Expect != "" {
		d.line("Expected improvement: %s.\n", Text(x.Expect))
	}
	if x.Confirms != "" {
		d.line("This run measures %s once more, on fresh samples, to confirm it.\n", Code(x.Confirms))
	}
	if x.Q.Known() {
		d.line("q = %s for \"gains no more than %s\", adjusted for %d measured experiments (Benjamini and Hochberg); it decides nothing.\n",
			Text(report.PText(x.Q)), report.Threshold(r.Criteria.Maybe), x.QOf)
	}
	for _, e := range append(slices.Clone(x.Inputs), x.Secondary...) {
		if e.Note != "" {
			d.line("- %s: %s", Text(e.Input+" "+e.Metric), Text(e.Note))
		}
	}
}

func confidence(x *report.Experiment) string {
	if x.Effect == nil || !x.Effect.Confidence.Known() || x.Effect.Confidence == 0 {
		return "Interval"
	}
	return report.Threshold(x.Effect.Confidence) + " interval"
}

func rules(d *doc, x *report.Experiment) {
	if len(x.Rules) == 0 {
		return
	}
	d.line("## Why\n")
	var rows [][]string
	for _, rule := range x.Rules {
		mark, name := "✗", Text(rule.Name)
		if rule.Pass {
			mark = "✓"
		}
		if rule.Decided {
			name = "**" + name + "**"
		}
		rows = append(rows, []string{mark, name, Text(rule.Need), Text(rule.Got)})
	}
	d.table([]string{"", "Rule", "Need", "Got"}, rows)
	d.line("\nThe rule in bold decided.")
}

// working lets a reviewer do the arithmetic again.
func working(d *doc, x *report.Experiment) {
	if x.Working == nil {
		return
	}
	d.line("\n## How it was computed\n")
	var rows [][]string
	for _, r := range x.Working.Rows {
		var row []string
		for i, c := range r {
			if i == 0 {
				row = append(row, Cell(c))
			} else {
				row = append(row, Text(c))
			}
		}
		rows = append(rows, row)
	}
	d.table(x.Working.Head, rows)
	d.line("")
	for _, s := range x.Working.Text {
		d.line("- %s", Text(s))
	}
	d.line("")
}

func correctness(d *doc, x *report.Experiment) {
	d.line("## Correctness\n")
	switch {
	case x.Identical:
		d.line("What was built is the baseline's, byte for byte.\n")
		return
	case len(x.Checks) == 0:
		d.line("Nothing was checked yet.\n")
		return
	}
	var rows [][]string
	for _, c := range x.Checks {
		mark := "✗"
		if c.Passed {
			mark = "✓"
		}
		rows = append(rows, []string{mark, Text(c.Name), or(Cell(c.Input), "all"), Cell(c.Command), Text(c.Result), Cell(short(c.SHA256))})
	}
	d.table([]string{"", "Check", "Input", "Command", "Result", "SHA-256"}, rows)
	d.line("")
}

func short(sum string) string {
	if len(sum) > 12 {
		return sum[:12]
	}
	return sum
}

func failure(d *doc, x *report.Experiment) {
	if x.Detail != "" {
		d.line("## Detail\n")
		d.block("", x.Detail)
		d.line("")
	}
	if x.Log != "" && x.Log != x.Detail {
		d.line("## Log of %s, last lines\n", Code(x.LogOf))
		d.block("", x.Log)
		d.line("")
	}
	if x.LogOf != "" {
		d.line("All that it wrote: %s\n", Code("bench log "+x.LogOf))
	}
}

func reproduce(d *doc, r *report.Report, x *report.Experiment) {
	d.line("## Reproduce\n")
	d.block("sh", strings.Join(Reproduce(r, x), "\n"))
	if r.Session.Dirty {
		d.line("\nThe baseline held uncommitted work: the commit alone is not what was measured.")
	}
	if x.Change.Tree != "" {
		d.line("\nTree of the candidate: %s", Code(x.Change.Tree))
	}
}

// Reproduce are the commands that measure an experiment again.
func Reproduce(r *report.Report, x *report.Experiment) []string {
	var out []string
	if r.Session.Commit != "" {
		out = append(out, "git checkout "+r.Session.Commit)
	}
	out = append(out, "bench apply --target "+x.Slug)
	if x.Change.Text != "" {
		out = append(out, "", "# or by hand:", "git apply benchmarks/experiments/"+x.Slug+"/changes.patch")
	} else if len(x.Commands) > 0 {
		out = append(out, "", "# or by hand:")
	}
	env := ""
	for _, e := range x.Env {
		env += e + " "
	}
	for _, c := range x.Commands {
		out = append(out, env+c)
	}
	return out
}
