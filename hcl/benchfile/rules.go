package benchfile

import (
	"fmt"
)

// minRuns is the number of runs below which a reason has to be stated (workflow, "Establish baseline": 10+ runs).
const minRuns = 10

// rules holds the study to what a sound measurement needs, as far as the file can tell.
func (d *decoder) rules() {
	d.inputRule()
	d.runsRule()
	d.checkRule()
}

// inputRule: at least two inputs, or a reason.
func (d *decoder) inputRule() {
	blocks := d.top.blocks("input")
	n := len(d.study.Inputs)
	if d.study.SingleInput != "" || d.top.has("inputs") || n >= 2 {
		return
	}
	const help = `declare a second input, or say why not: inputs = "single: WHY"`
	if len(blocks) == 0 {
		d.top.err(codeInputs, d.top.rng, "there are no inputs", "a change that helps one may hurt the next, so a study has at least two",
			`declare two: input "typical" { path = "…" }, or say why not: inputs = "single: WHY"`)
		return
	}
	if n == 1 && !(len(blocks) > 1 && d.failed()) { // the other one may be there, and wrong
		blocks[0].name = blocks[0].label
		blocks[0].err(codeInputs, blocks[0].rng, "there is only one input", "a change that helps it may hurt the next", help)
	}
}

// runsRule: at least ten runs of a change and of the baseline, or a reason. Either reason serves both: whoever says why
// eight runs are enough for the measurement has said it for its baseline.
func (d *decoder) runsRule() {
	m, b := &d.study.Measure, &d.study.Baseline
	written := b.Runs != 0
	if !written {
		b.Runs = max(minRuns, m.Runs)
		if m.Runs < minRuns && m.RunsReason != "" {
			b.Runs = m.Runs
		}
	}
	reason := m.RunsReason
	if reason == "" {
		reason = b.RunsReason
	}
	if b.Runs < minRuns && b.RunsReason == "" {
		b.RunsReason = reason
	}
	if m.Runs < minRuns && m.RunsReason == "" {
		m.RunsReason = reason
	}
	const help = `let it be at least 10, or say why not: runs_reason = "WHY"`
	if block := d.top.one("measure"); block != nil && m.Runs < minRuns && reason == "" {
		block.err(codeRuns, block.valueRange("runs"), fmt.Sprintf("%s of a change are too few to decide on", plural(m.Runs, "run")), "the least is 10", help)
	}
	if block := d.top.one("baseline"); block != nil && b.Runs < minRuns && reason == "" {
		block.err(codeRuns, block.valueRange("runs"), fmt.Sprintf("%s of the baseline are too few to decide on", plural(b.Runs, "run")), "the least is 10", help)
	}
}

// checkRule: the output is checked, or there is a reason.
func (d *decoder) checkRule() {
	c := &d.study.Check
	block := d.top.one("check")
	stated := d.top.has("check") || d.top.one("study") != nil && d.top.one("study").has("check")
	switch {
	case block != nil && stated:
		block.err(codeDuplicate, block.rng, "there is a check, and a reason for having none", "", "remove one of the two")
	case block == nil && !stated:
		d.top.err(codeCheck, d.top.rng, "there is no check", "a change that is faster and wrong must not pass",
			`add it: check { command = ["./check", input.path] }, or check { same_output = ["stdout"] }, or check = "none: WHY"`)
	case block != nil && !block.has("command") && !block.has("same_output"):
		block.err(codeCheck, block.rng, "this check checks nothing", "", `add a line: same_output = ["stdout"], or command = ["./check", input.path]`)
	case block != nil && c.Commands == nil && !block.has("command") && len(c.SameOutput) == 0 && block.has("same_output") && !d.hasErrors():
		block.err(codeCheck, block.valueRange("same_output"), "same_output is empty, so this check checks nothing", "", `name what must be the same: same_output = ["stdout"]`)
	}
}

// unused warns of variables and locals that nothing refers to, unless there are errors, which may be the reason.
func (d *decoder) unused() {
	if d.hasErrors() {
		return
	}
	for _, kind := range []struct {
		root, what string
		names      *names
	}{{"var", "variable", &d.vars}, {"local", "local", &d.locals}} {
		for _, n := range kind.names.list {
			if !d.used[kind.root+"."+n] && !d.used[kind.root] {
				d.top.warn(codeWarnUnused, kind.names.at[n], fmt.Sprintf("the %s %q is never used", kind.what, n), "", "use it, or remove it")
			}
		}
	}
}
