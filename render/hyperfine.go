package render

import (
	"github.com/benchfile/bench/pipeline/report"
)

// hyperfineFile is the JSON that hyperfine --export-json writes, so that its plotting scripts read ours, with our keys
// beside its own.
type hyperfineFile struct {
	Generator string            `json:"generator"`
	Results   []hyperfineResult `json:"results"`
	Bench     any               `json:"bench"`
}

// hyperfineResult is one entry: an input, or an input with one arm.
type hyperfineResult struct {
	Command    string            `json:"command"`
	Mean       report.Number     `json:"mean"`
	SD         report.Number     `json:"stddev"`
	Median     report.Number     `json:"median"`
	User       report.Number     `json:"user"`
	System     report.Number     `json:"system"`
	Min        report.Number     `json:"min"`
	Max        report.Number     `json:"max"`
	Times      []report.Number   `json:"times"`
	Memory     []report.Number   `json:"memory_usage_byte,omitempty"`
	Exits      []int             `json:"exit_codes"`
	Parameters map[string]string `json:"parameters"`
}

// hyperfineOf turns the samples of one arm into one entry for each input. Inputs without a measured time have none.
func hyperfineOf(samples []report.Sample, runs []report.Run, inputs []string, commands map[string]string, arm string, armed bool) []hyperfineResult {
	out := []hyperfineResult{}
	for _, in := range inputs {
		find := func(metric string) *report.Sample {
			for i := range samples {
				if s := &samples[i]; s.Metric == metric && s.Input == in && s.Arm == arm {
					return s
				}
			}
			return nil
		}
		t := find("time")
		if t == nil {
			continue
		}
		h := hyperfineResult{
			Command: commands[in], Mean: t.Mean, SD: t.SD, Median: t.Median, Min: t.Min, Max: t.Max, Times: t.Values,
			User: meanOf(find("user")), System: meanOf(find("system")), Exits: []int{}, Parameters: map[string]string{"input": in},
		}
		if m := find("memory_peak"); m != nil {
			h.Memory = m.Values
		}
		for _, r := range runs {
			if r.Arm == arm && r.Input == in && r.OK && r.Discarded == "" {
				h.Exits = append(h.Exits, r.Exit)
			}
		}
		if armed {
			h.Parameters["arm"] = arm
		}
		out = append(out, h)
	}
	return out
}

// meanOf is 0 where there is no sample, which is what hyperfine writes.
func meanOf(s *report.Sample) report.Number {
	if s == nil {
		return 0
	}
	return s.Mean
}

func names(inputs []report.StudyInput) []string {
	out := make([]string, len(inputs))
	for i := range inputs {
		out[i] = inputs[i].Name
	}
	return out
}

// baselineJSON is baseline/<input>.json.
func baselineJSON(r *report.Report, in *report.StudyInput) []byte {
	var samples []report.Sample
	for _, s := range r.Baseline.Samples {
		if s.Input == in.Name {
			samples = append(samples, s)
		}
	}
	runs := []report.Run{}
	for _, run := range r.Baseline.Order {
		if run.Input == in.Name {
			runs = append(runs, run)
		}
	}
	return encode(hyperfineFile{
		Generator: r.Generator,
		Results:   hyperfineOf(samples, r.Baseline.Order, []string{in.Name}, r.Baseline.Commands, "baseline", false),
		Bench: struct {
			Commit  string          `json:"commit"`
			SHA256  string          `json:"sha256"`
			Samples []report.Sample `json:"samples"`
			Runs    []report.Run    `json:"runs_made"`
		}{r.Session.Commit, in.SHA256, samples, runs},
	})
}

// resultsJSON is experiments/NNN-name/results.json: the candidate's entries first, so that results[0] is what one looks
// for, then the interleaved baseline's.
func resultsJSON(r *report.Report, x *report.Experiment) []byte {
	in := names(r.Inputs)
	commands := map[string]string{}
	for i, c := range x.Commands {
		if i < len(in) {
			commands[in[i]] = c
		}
	}
	results := hyperfineOf(x.Samples, x.Order, in, commands, "candidate", true)
	results = append(results, hyperfineOf(x.Samples, x.Order, in, r.Baseline.Commands, "baseline", true)...)
	return encode(hyperfineFile{
		Generator: r.Generator, Results: results,
		Bench: struct {
			ID      string          `json:"id"`
			Name    string          `json:"name"`
			Status  string          `json:"status"`
			Rule    string          `json:"rule,omitempty"`
			Reason  string          `json:"reason"`
			Effect  *report.Effect  `json:"effect"`
			Inputs  []report.Effect `json:"effects"`
			Others  []report.Effect `json:"secondary"`
			Samples []report.Sample `json:"samples"`
			Runs    []report.Run    `json:"runs_made"`
			Steps   []report.Step   `json:"steps"`
		}{x.ID, x.Name, x.Status, x.Rule, x.Reason, x.Effect, x.Inputs, x.Secondary, x.Samples, x.Order, x.Steps},
	})
}

// encode is report.Encode of what can always be encoded.
func encode(v any) []byte {
	b, err := report.Encode(v)
	if err != nil {
		panic(err) // numbers that JSON has no word for are null already
	}
	return b
}
