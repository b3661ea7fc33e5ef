// Package render turns a report into files: every artifact below benchmarks/. It is pure: a report (and the bytes of
// files in which people write) in, names and bytes out; who writes them to disk, and when, it does not know. The table
// below is the list of artifacts; adding one is one function and one line.
package render

import (
	"bytes"
	"fmt"

	"github.com/benchfile/bench/pipeline/report"
	"github.com/benchfile/bench/render/html"
	"github.com/benchfile/bench/render/markdown"
	"github.com/benchfile/bench/render/yaml"
)

// Generated stands in the first line of every generated text file (in JSON, under "generator").
const Generated = report.Generated

// TrackerName is the file in which people write.
const TrackerName = "TRACKER.md"

// File is an artifact. Its name is relative to benchmarks/, with slashes.
type File struct {
	Name  string
	Bytes []byte
}

// world is what the artifacts are made of.
type world struct {
	*report.Report
	existing func(name string) []byte
}

// artifact is a line of the table: when its files exist is said by what it yields.
type artifact struct {
	name  string // as in the layout of benchmarks/
	files func(w *world) []File
}

// artifacts is the layout of benchmarks/, in its order.
func artifacts() []artifact {
	return []artifact{
		{"PLAN.md", one("PLAN.md", func(w *world) []byte { return markdown.Plan(w.Report) })},
		{TrackerName, one(TrackerName, func(w *world) []byte { return markdown.Tracker(w.Report, w.existing(TrackerName)) })},
		{"HISTORY.yaml", one("HISTORY.yaml", func(w *world) []byte { return yaml.History(w.Report) })},
		{"FINAL_REPORT.md", finalReport},
		{"environment.yaml", one("environment.yaml", func(w *world) []byte { return yaml.Environment(w.Report) })},
		{"inputs.yaml", one("inputs.yaml", func(w *world) []byte { return yaml.Inputs(w.Report) })},
		{"baseline/metrics.yaml", baselineMetrics},
		{"baseline/<input>.json", baselineInputs},
		{"experiments/NNN-name/hypothesis.md", each("hypothesis.md", markdown.Hypothesis)},
		{"experiments/NNN-name/changes.patch", each("changes.patch", changes)},
		{"experiments/NNN-name/results.json", each("results.json", results)},
		{"experiments/NNN-name/profile.txt", each("profile.txt", profile)},
		{"experiments/NNN-name/verdict.md", each("verdict.md", verdict)},
		{"sessions/<id>.json", sessions},
		{"report/", site},
	}
}

// All renders every artifact that exists now. existing gives the bytes of a file that is on disk, nil when there is none.
func All(r report.Report, existing func(name string) []byte) []File {
	if existing == nil {
		existing = func(string) []byte { return nil }
	}
	w := &world{&r, existing}
	var out []File
	for _, a := range artifacts() {
		out = append(out, a.files(w)...)
	}
	return out
}

// HumanRegions reads what people wrote in TRACKER.md.
func HumanRegions(tracker []byte) report.Notes { return markdown.Regions(tracker) }

// GeneratedPart is TRACKER.md without people's words: what must be unchanged for the file not to count as edited.
func GeneratedPart(tracker []byte) []byte { return markdown.GeneratedPart(tracker) }

func one(name string, make func(*world) []byte) func(*world) []File {
	return func(w *world) []File { return []File{{name, make(w)}} }
}

// each makes a file in every experiment's folder for which there is something to write.
func each(name string, make func(*report.Report, *report.Experiment) []byte) func(*world) []File {
	return func(w *world) []File {
		var out []File
		for i := range w.Experiments {
			x := &w.Experiments[i]
			if b := make(w.Report, x); b != nil {
				out = append(out, File{"experiments/" + x.Slug + "/" + name, b})
			}
		}
		return out
	}
}

// finalReport exists once nothing more will be run.
func finalReport(w *world) []File {
	if !w.Overview.Decided() || w.Overview.Total == 0 {
		return nil
	}
	return []File{{"FINAL_REPORT.md", markdown.Final(w.Report)}}
}

func baselineMetrics(w *world) []File {
	if w.Baseline.Primary() == nil {
		return nil
	}
	return []File{{"baseline/metrics.yaml", yaml.Metrics(w.Report)}}
}

func baselineInputs(w *world) []File {
	var out []File
	for i := range w.Inputs {
		in := &w.Inputs[i]
		for _, s := range w.Baseline.Samples {
			if s.Input == in.Name {
				out = append(out, File{"baseline/" + in.File + ".json", baselineJSON(w.Report, in)})
				break
			}
		}
	}
	return out
}

// changes is the patch, byte for byte, below a line that git passes over.
func changes(r *report.Report, x *report.Experiment) []byte {
	if x.Change.Text == "" {
		return nil
	}
	return fmt.Appendf(nil, "# %s\n%s", r.Generator, x.Change.Text)
}

func results(r *report.Report, x *report.Experiment) []byte {
	if len(x.Samples) == 0 {
		return nil
	}
	return resultsJSON(r, x)
}

func verdict(r *report.Report, x *report.Experiment) []byte {
	if x.Verdict == "" {
		return nil
	}
	return markdown.Verdict(r, x)
}

func profile(r *report.Report, x *report.Experiment) []byte {
	if x.Profile == nil {
		return nil
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s\n", r.Generator)
	for _, p := range x.Profile.Inputs {
		fmt.Fprintf(&b, "\n# input %s, sha256 %s\n%s\n", p.Input, p.SHA256, p.Text)
	}
	return b.Bytes()
}

// sessions are this session's file, and earlier ones as they are on disk: they are never written anew.
func sessions(w *world) []File {
	var out []File
	if w.Session.ID != "" && w.Baseline.Primary() != nil {
		s := w.Record()
		out = append(out, File{"sessions/" + s.ID + ".json", encode(&s)})
	}
	for i := range w.Sessions {
		name := "sessions/" + w.Sessions[i].ID + ".json"
		b := w.existing(name)
		if b == nil {
			b = encode(&w.Sessions[i])
		}
		out = append(out, File{name, b})
	}
	return out
}

// site is the static report.
func site(w *world) []File {
	var out []File
	for _, f := range html.Site(w.Report) {
		out = append(out, File{"report/" + f.Name, f.Bytes})
	}
	return append(out, File{"report/data.json", encode(w.Report)})
}
