package report

import (
	"fmt"
	"strings"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/plan"
)

// Checks is one part of the workflow's checklist, ticked by facts.
type Checks struct {
	Name  string `json:"name"`
	Items []Item `json:"items"`
}

// Item is one line of it. A tick always has its fact beside it.
type Item struct {
	Text string `json:"text"`
	Done bool   `json:"done"`
	Fact string `json:"fact"`
}

func (b *builder) checklist(r *Report) []Checks {
	return []Checks{
		{"Before starting", b.before(r)},
		{"During experiments", b.during(r)},
		{"After completion", b.after(r)},
	}
}

func (b *builder) before(r *Report) []Item {
	s := b.in.Study
	runs := r.Baseline.Runs
	established := Item{Text: fmt.Sprintf("Baseline established (10+ runs, CV < %s)", Threshold(r.Criteria.MaxCV)), Fact: "not measured yet"}
	if runs > 0 {
		established.Fact = fmt.Sprintf("%d runs on each of %d inputs, CV at most %s", runs, len(s.Inputs), Share(r.Baseline.MaxCV, 1))
		established.Done = runs >= 10 && r.Baseline.MaxCV <= r.Criteria.MaxCV
	}
	right := Item{Text: "Baseline's output checked", Fact: "not checked yet"}
	if n := correct(r.Baseline.Checks); n != "" {
		right.Done, right.Fact = allPassed(r.Baseline.Checks), "passed on "+n+" inputs"
		if r.Baseline.Checks[0].Input == "" {
			right.Fact = "one check for all inputs"
		}
	} else if s.Check.None != "" {
		right.Fact = "no check: " + s.Check.None
	} else if b.in.Plan.Baseline.State == plan.Done {
		right.Done, right.Fact = true, "outputs kept to compare with"
	}
	approved := Item{Text: "Plan created and approved", Done: true, Fact: "created; approval is not asked for"}
	if s.Approval == "required" {
		approved.Fact = "approval is required before anything runs"
		approved.Done = r.Baseline.Runs > 0
	}
	return []Item{
		{"Sources gathered", len(s.Sources) > 0, count(len(s.Sources), "source")},
		approved,
		{"Environment documented", b.in.Facts.Environment.CPU != "" || b.in.Facts.Environment.OS != "", "environment.yaml, captured by bench"},
		{"Inputs diverse", len(s.Inputs) >= 2, count(len(s.Inputs), "input")},
		established,
		right,
		{"Notifications configured", len(s.Notify) > 0, count(len(s.Notify), "receiver")},
	}
}

func (b *builder) during(r *Report) []Item {
	s := b.in.Study
	cool := Item{Text: "Cooldown between runs (60 s minimum)", Done: s.Environment.Cooldown.Seconds() >= 60, Fact: Span(r.Environment.Cooldown)}
	if s.Environment.Cooldown == 0 {
		cool.Fact = "none is set"
	}
	measured, warm := 0, 0
	for i := range b.in.Plan.Steps {
		if p := &b.in.Plan.Steps[i]; p.Kind == pipeline.StepMeasure && p.Record != nil {
			measured++
			for _, run := range p.Record.Outcome.Runs {
				if run.Warmup {
					warm++
				}
			}
		}
	}
	return []Item{
		cool,
		{"Runs strictly one after the other", measured > 0, count(measured, "measurement") + " so far; a lock keeps out a second bench"},
		{"Warmed up before measuring", warm > 0, count(warm, "warm-up run")},
		{"Results recorded before deciding", measured > 0, "verdicts are computed from recorded results only"},
		{"Report regenerated", measured > 0, "from the records, after every step"},
	}
}

func (b *builder) after(r *Report) []Item {
	done := settled(r) && len(r.Experiments) > 0 && b.live == nil && b.in.Plan.Next < 0
	report := Item{Text: "Final report generated", Done: done, Fact: "when every experiment is decided"}
	if done {
		report.Fact = "FINAL_REPORT.md"
		if b.in.Plan.Stopped != "" {
			report.Fact = "FINAL_REPORT.md, partial: " + b.in.Plan.Stopped
		}
	}
	patches := 0
	for i := range r.Experiments {
		if r.Experiments[i].Change.Text != "" {
			patches++
		}
	}
	return []Item{
		report,
		{"Changes kept with their verdicts", patches > 0, count(patches, "patch") + " in experiments/"},
		{"Learnings documented", len(r.Learnings) > 0, count(len(r.Learnings), "learning")},
		{"Skipped work in the backlog", len(r.Backlog) > 0, count(len(r.Backlog), "entry")},
	}
}

func allPassed(cs []Check) bool {
	for _, c := range cs {
		if !c.Passed {
			return false
		}
	}
	return true
}

// count is "no inputs", "1 input", "5 inputs".
func count(n int, what string) string {
	switch n {
	case 0:
		return "no " + plural(what)
	case 1:
		return "1 " + what
	}
	return fmt.Sprintf("%d %s", n, plural(what))
}

func plural(what string) string {
	switch {
	case strings.HasSuffix(what, "ch"):
		return what + "es"
	case strings.HasSuffix(what, "ry"):
		return strings.TrimSuffix(what, "y") + "ies"
	}
	return what + "s"
}
