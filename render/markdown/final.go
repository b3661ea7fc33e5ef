package markdown

import (
	"fmt"
	"strings"

	"github.com/benchfile/bench/pipeline/report"
)

// Final is FINAL_REPORT.md (workflow 8.4). It says so when it is partial.
func Final(r *report.Report) []byte {
	d := head(r, "")
	d.line("# Final report: %s\n", Text(r.Project))
	if r.Overview.Status == report.Stopped {
		d.line("**Partial:** %s. %d of %d experiments are decided; the rest is listed below.\n", Text(r.Overview.Why), r.Overview.Done, r.Overview.Total)
	}
	d.line("## Summary\n")
	summary(d, r)
	if r.HasTrend() {
		d.line("![Every experiment against the baseline](report/charts/trend.svg)\n")
	}
	applied(d, r)
	discarded(d, r)
	if len(r.Compounds) > 0 {
		d.line("## Compound Experiments\n")
		compounds(d, r)
	}
	recommendations(d, r)
	learnings(d, r)
	return d.bytes()
}

func summary(d *doc, r *report.Report) {
	p, b := r.Baseline.Primary(), r.Overview.Confirmed
	if r.Overview.Distrust != "" {
		d.line("- **Not to be trusted:** %s", Text(r.Overview.Distrust))
	}
	if p == nil {
		d.line("- Baseline: not measured%s", because(r.Baseline.Why))
	} else {
		d.line("- Baseline: %s (%s)", Text(report.Quantity(p.Centre, p.Unit)), Text(p.Metric))
	}
	history(d, r)
	switch {
	case b == nil && r.Overview.Best == nil:
		d.line("- Final: as the baseline, nothing was kept")
	case b == nil:
		d.line("- Final: no total is claimed, because what was kept is not confirmed on fresh samples: %s", Text(r.Overview.Unconfirmed))
	default:
		u := report.UnitFor(r.PrimaryMetric().Unit, b.Baseline)
		best := r.Experiment(b.ID)
		d.line("- Final: %s with %s, measured as %s", Text(u.Text(b.Final)), strings.Join(b.Members, " + "), b.ID)
		d.line("- Total change: %s", best.Effect.Text(0))
	}
	d.line("- Commit: %s", commit(r))
	d.line("- Experiments: %d of %d decided; %s", r.Overview.Done, r.Overview.Total, or(counts(r), "none"))
	d.line("- Measuring time: %s\n", report.Span(r.Overview.SpentS))
}

// counts is "3 KEEP, 1 MAYBE".
func counts(r *report.Report) string {
	var out []string
	for _, s := range []string{"KEEP", "MAYBE", "DISCARD", "KILL", "REJECT", "FAILED", "INCONCLUSIVE", report.StatusRunning, report.StatusPending, report.StatusSkipped} {
		if n := r.Overview.Counts[s]; n > 0 {
			out = append(out, fmt.Sprintf("%d %s", n, s))
		}
	}
	return strings.Join(out, ", ")
}

func applied(d *doc, r *report.Report) {
	d.line("## Optimizations Applied\n")
	n := 0
	for _, x := range r.Experiments {
		if x.Verdict == "KEEP" && !x.Compound {
			n++
			d.line("%d. %s: %s (%s)", n, x.ID, Text(x.Title), x.Effect.Text(0))
		}
	}
	if n == 0 {
		d.line("None.")
	}
	d.line("")
}

func discarded(d *doc, r *report.Report) {
	d.line("## Optimizations Discarded\n")
	n := 0
	for i := range r.Experiments {
		x := &r.Experiments[i]
		switch x.Verdict {
		case "DISCARD", "KILL", "REJECT", "FAILED":
			n++
			d.line("- %s: %s – %s: %s", x.ID, Text(x.Title), x.Verdict, Text(x.Reason))
		}
	}
	if n == 0 {
		d.line("None.")
	}
	d.line("")
}

func recommendations(d *doc, r *report.Report) {
	d.line("## Recommendations for Future Work\n")
	n := 0
	for _, x := range r.Backlog {
		if x.Done || x.Source == "FAILED" {
			continue
		}
		n++
		switch {
		case x.ID != "":
			d.line("- %s: %s (%s: %s)", x.ID, Text(x.Text), Text(x.Source), Text(x.Reason))
		default:
			d.line("- %s", Line(x.Text))
		}
	}
	if n == 0 {
		d.line("None are written down.")
	}
	d.line("")
}

func learnings(d *doc, r *report.Report) {
	if len(r.Learnings) == 0 {
		return
	}
	d.line("## Key Learnings\n")
	for _, n := range r.Learnings {
		if n.Source == "benchfile" {
			d.line("- %s", Line(n.Text))
		}
	}
	// What people wrote in the tracker is Markdown of their own, and the last thing in this file.
	d.WriteString("\n" + report.Clean(r.Notes.Learnings))
}
