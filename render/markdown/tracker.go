package markdown

import (
	"fmt"
	"strings"

	"github.com/benchfile/bench/pipeline/report"
)

// Tracker is TRACKER.md (workflow 5.1). existing is what is on disk: the regions in it that belong to people are kept
// byte for byte; where there is no file yet, the report's notes are used.
func Tracker(r *report.Report, existing []byte) []byte {
	notes := r.Notes
	if existing != nil {
		notes = Regions(existing)
	}
	d := head(r, "; what stands between bench:keep and bench:end is yours and is kept")
	d.line("# Tracker: %s\n", Text(r.Project))
	session(d, r)
	baselineSection(d, r)
	d.line("### Experiments Tested\n")
	experiments(d, r)
	if r.HasTrend() {
		d.line("\n![Every experiment against the baseline](report/charts/trend.svg)\n")
	}
	if len(r.Compounds) > 0 {
		d.line("### Compound Experiments\n")
		compounds(d, r)
	}
	d.line("%s\n", headLearnings)
	for _, n := range r.Learnings {
		if n.Source == "benchfile" {
			d.line("- %s", Line(n.Text))
		}
	}
	d.keep(keepLearnings, notes.Learnings)
	d.line("\n%s\n", headIdeas)
	backlog(d, r)
	d.keep(keepIdeas, notes.Ideas)
	d.line("\n%s\n", headConflicts)
	conflicts(d, r)
	return d.bytes()
}

func session(d *doc, r *report.Report) {
	switch {
	case r.Session.Date == "":
		d.line("## Session\n")
	case r.Session.ID != "" && r.Session.ID != r.Session.Date:
		d.line("## Session: %s (%s)\n", Text(r.Session.Date), Text(r.Session.ID))
	default:
		d.line("## Session: %s\n", Text(r.Session.Date))
	}
	d.line("%s\n", Progress(r))
	for _, w := range r.Warnings {
		switch {
		case w.Grave:
			d.line("> **Warning:** %s\n", Text(w.Text))
		case w.Rule:
			d.line("> **Note:** %s\n", Text(w.Text))
		}
	}
}

// Progress says in a line where the study stands.
func Progress(r *report.Report) string {
	o := &r.Overview
	s := fmt.Sprintf("%d of %d experiments decided", o.Done, o.Total)
	switch o.Status {
	case report.Running:
		s += ", running"
		if r.Live != nil {
			s += ": " + Code(r.Live.Step)
		}
	case report.Complete:
		s += ", complete"
	case report.Stopped:
		s += ", stopped: " + Text(o.Why)
	default:
		s += fmt.Sprintf(", %d steps left", o.StepsLeft)
	}
	return s + "."
}

func baselineSection(d *doc, r *report.Report) {
	d.line("### Baseline\n")
	if p := r.Baseline.Primary(); p != nil {
		u := report.UnitFor(p.Unit, p.Centre)
		d.line("- Metric: %s %s, 95 %% interval %s, weighted over %d inputs", Text(p.Metric), Text(u.Text(p.Centre)), Text(span(u, p)), len(r.Inputs))
		d.line("- Runs: %d of each input, CV at most %s", r.Baseline.Runs, report.Share(r.Baseline.MaxCV, 1))
	} else {
		d.line("- Metric: not measured yet%s", because(r.Baseline.Why))
	}
	history(d, r)
	d.line("- Commit: %s\n", commit(r))
}

// history says since when the baseline has been at another level than in earlier sessions.
func history(d *doc, r *report.Report) {
	if l := r.Level(); l != nil {
		m := r.PrimaryMetric()
		d.line("- History: %s", Text(report.LevelText(l, m.Name, m.Unit)))
	}
}

func because(why string) string {
	if why == "" {
		return ""
	}
	return ": " + Text(why)
}

func span(u report.Unit, s *report.Sample) string {
	if !s.Lo.Known() || !s.Hi.Known() {
		return "none (too few runs)"
	}
	return u.Plain(s.Lo) + " … " + u.Text(s.Hi)
}

func commit(r *report.Report) string {
	s := Code(report.ShortCommit(r.Session.Commit))
	if s == "" {
		return "not known"
	}
	if r.Session.Dirty {
		s += " with uncommitted work"
	}
	if r.Session.Subject != "" {
		s += " (" + Text(r.Session.Subject) + ")"
	}
	return s
}

func experiments(d *doc, r *report.Report) {
	if len(r.Experiments) == 0 {
		d.line("None yet.\n")
		return
	}
	var rows [][]string
	for i := range r.Experiments {
		x := &r.Experiments[i]
		result, change := "N/A", "N/A"
		if x.Effect != nil {
			result, change = Result(r, x), x.Effect.Text(r.Criteria.Maybe)
		}
		if x.Interim {
			change += " so far"
		}
		rows = append(rows, []string{x.ID, link(x), result, change, Sign(x), Text(shorten(x.Reason, 160))})
	}
	d.table([]string{"#", "Name", "Result", "Δ% [interval]", "Status", "Notes"}, rows)
	d.line("")
}

func link(x *report.Experiment) string {
	return fmt.Sprintf("[%s](experiments/%s/verdict.md)", Text(shorten(x.Title, 80)), x.Slug)
}

// Result is the primary metric with the change, on the scale of the baseline's own measurement.
func Result(r *report.Report, x *report.Experiment) string {
	v := Value(r, x)
	unit := x.Effect.Unit
	ref := v
	if p := r.Baseline.Primary(); p != nil {
		ref = p.Centre
	}
	return Text(report.UnitFor(unit, ref).Text(v))
}

// Value is the baseline's weighted value × (1 + change).
func Value(r *report.Report, x *report.Experiment) report.Number {
	if x.Effect == nil {
		return report.None()
	}
	if p := r.Baseline.Primary(); p != nil && p.Metric == x.Effect.Metric {
		return p.Centre * (1 + x.Effect.Change)
	}
	return x.Effect.Candidate
}

func shorten(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	return string(runes[:n-1]) + "…"
}

func compounds(d *doc, r *report.Report) {
	var rows [][]string
	for _, c := range r.Compounds {
		expected, actual := "–", "–"
		if c.Expected.Known() {
			expected = report.Percent(float64(c.Expected), 1)
		}
		if c.Actual != nil {
			actual = c.Actual.Text(r.Criteria.Maybe)
			if c.Interim {
				actual += " so far"
			}
		}
		members := strings.Join(c.Members, " + ")
		if members == "" {
			members = c.ID + " (members not known yet)"
		}
		rows = append(rows, []string{Text(members), expected, actual, Text(c.ExtraText()), Sign(r.Experiment(c.ID))})
	}
	d.table([]string{"Combination", "Expected", "Actual", "Actual over expected", "Verdict"}, rows)
	d.line("")
}

func backlog(d *doc, r *report.Report) {
	n := 0
	for _, x := range r.Backlog {
		switch {
		case x.Source == "tracker":
			continue
		case x.Done:
			d.line("- [x] ~~%s~~", Text(x.Text))
		case x.ID != "":
			d.line("- [ ] %s: %s (%s: %s)", x.ID, Text(x.Text), Text(x.Source), Text(shorten(x.Reason, 200)))
		default:
			d.line("- [ ] %s", Text(x.Text))
		}
		n++
	}
	for i := range r.Experiments {
		x := &r.Experiments[i]
		if !x.Compound && (x.Verdict == "DISCARD" || x.Verdict == "KILL" || x.Verdict == "REJECT") {
			d.line("- [x] ~~%s: %s~~ (tested, %s)", x.ID, Text(x.Title), x.Verdict)
			n++
		}
	}
	if n > 0 {
		d.line("")
	}
}

func conflicts(d *doc, r *report.Report) {
	if len(r.Conflicts) == 0 {
		d.line("Nothing known yet.")
		return
	}
	var rows [][]string
	for _, p := range r.Conflicts {
		rows = append(rows, []string{p.A, p.B, ConflictText(&p)})
	}
	d.table([]string{"Opt A", "Opt B", "Conflict?"}, rows)
}

// ConflictText is what is known of a pair, in a few words.
func ConflictText(p *report.Pair) string {
	note := ""
	if p.Note != "" {
		note = " - " + Text(p.Note)
	}
	switch p.Kind {
	case report.AddsUp:
		return "No" + note
	case report.Partial:
		return "Partly" + note
	case report.Conflict:
		return "Yes" + note
	case report.Lines, report.Declared:
		return "Likely" + note
	case report.Files:
		return "Possible" + note
	}
	return "Not known - nothing shared, not tested together"
}
