package html

import (
	"bytes"
	"encoding/json"

	"github.com/benchfile/bench/pipeline/report"
)

// comparable is data.js: what the compare page needs of data.json. A page that is read from a folder may load a script
// but not fetch a file; and the samples, which are most of data.json, are not compared there.
func comparable(r *report.Report) []byte {
	type effect struct {
		Input string        `json:"input,omitempty"`
		D     report.Number `json:"d"`
		Lo    report.Number `json:"lo"`
		Hi    report.Number `json:"hi"`
		C     report.Number `json:"c"` // confidence
	}
	type experiment struct {
		ID      string              `json:"id"`
		Title   string              `json:"title"`
		Slug    string              `json:"slug"`
		Status  string              `json:"status"`
		Reason  string              `json:"reason"`
		Source  string              `json:"source"`
		Env     []string            `json:"env,omitempty"`
		Files   []string            `json:"files,omitempty"`
		Effects map[string][]effect `json:"effects"` // by metric
	}
	out := struct {
		Schema      int             `json:"schema"`
		Metrics     []report.Metric `json:"metrics"`
		Maybe       report.Number   `json:"maybe"`
		Experiments []experiment    `json:"experiments"`
		Pairs       []report.Pair   `json:"pairs"`
	}{r.Schema, r.Metrics, r.Criteria.Maybe, []experiment{}, r.Conflicts}
	for i := range r.Experiments {
		x := &r.Experiments[i]
		e := experiment{ID: x.ID, Title: x.Title, Slug: x.Slug, Status: x.Status, Reason: x.Reason, Source: x.Change.Source, Env: x.Env, Effects: map[string][]effect{}}
		for _, f := range x.Change.Files {
			e.Files = append(e.Files, f.Path)
		}
		all := append([]report.Effect{}, x.Inputs...)
		if x.Effect != nil {
			all = append([]report.Effect{*x.Effect}, all...)
		}
		for _, f := range append(all, x.Secondary...) {
			e.Effects[f.Metric] = append(e.Effects[f.Metric], effect{f.Input, f.Change, f.Lo, f.Hi, f.Confidence})
		}
		out.Experiments = append(out.Experiments, e)
	}
	// json.Marshal escapes <, > and &, so that the text is harmless in a script; a report's numbers are all representable.
	data, err := json.Marshal(out)
	if err != nil {
		panic(err)
	}
	var b bytes.Buffer
	b.WriteString("// " + r.Generator + "\nglobalThis.BENCH_DATA=")
	b.Write(data)
	b.WriteString(";\n")
	return b.Bytes()
}
