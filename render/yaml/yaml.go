// Package yaml writes the YAML artifacts in the shapes of the workflow: environment.yaml (1.3), inputs.yaml (3.2),
// baseline/metrics.yaml (3.4) and HISTORY.yaml (5.3). Texts that could be read as something else (ids like 001, dates,
// commits) are always quoted.
package yaml

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/benchfile/bench/pipeline/report"
)

// Environment is environment.yaml.
func Environment(r *report.Report) []byte {
	e := &r.Environment
	machine := object(
		"hostname", text(e.Hostname), "cpu", text(e.CPU), "cores", e.Cores, "gpu", text(strings.Join(e.GPUs, ", ")),
		"gpu_driver", text(e.Driver), "memory", text(memory(e.Memory)), "memory_bytes", e.Memory, "os", text(e.OS), "kernel", text(e.Kernel),
		"arch", text(e.Arch), "virtual", text(e.Virtual), "governor", text(e.Governor), "turbo", text(e.Turbo), "hash", id(e.Hash),
	)
	tools := object()
	for _, name := range slices.Sorted(maps.Keys(e.Tools)) {
		put(tools, name, text(e.Tools[name]))
	}
	root := object(
		"machine", machine, "toolchain", tools, "executor", text(e.Executor), "cooldown_seconds", e.Cooldown,
		"commit", id(r.Session.Commit), "branch", text(r.Session.Branch), "uncommitted_work", r.Session.Dirty,
		"date", id(r.Session.Date), "bench", id(r.Tool),
	)
	return write(r, root)
}

func memory(n int64) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprintf("%d GiB", (n+(1<<29))>>30)
}

// Inputs is inputs.yaml.
func Inputs(r *report.Report) []byte {
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for _, in := range r.Inputs {
		m := object("name", id(in.Name), "path", text(in.Path), "description", text(in.Description), "weight", in.Weight)
		if in.Generated {
			put(m, "generated_by", text(in.Command))
		}
		if in.Seed != nil {
			put(m, "seed", *in.Seed)
		}
		if len(in.Params) > 0 {
			params := object()
			for _, name := range slices.Sorted(maps.Keys(in.Params)) {
				put(params, name, id(in.Params[name]))
			}
			put(m, "params", params)
		}
		put(m, "sha256", id(in.SHA256))
		if in.SHA256 != "" {
			put(m, "size_bytes", in.Size)
		}
		put(m, "error", text(in.Error))
		list.Content = append(list.Content, m)
	}
	return write(r, object("inputs", list))
}

// Metrics is baseline/metrics.yaml: primary, secondary, profile, and each input's values.
func Metrics(r *report.Report) []byte {
	primary, secondary, inputs := object(), object(), object()
	main := r.PrimaryMetric().Name
	for _, s := range r.Baseline.Overall {
		if s.Metric != main {
			put(secondary, unitName(s.Metric, s.Unit), s.Centre)
			continue
		}
		put(primary, unitName(s.Metric, s.Unit), s.Centre)
		put(primary, s.Metric+"_mean", s.Mean)
		put(primary, s.Metric+"_stddev", s.SD)
		put(primary, s.Metric+"_ci95", pair(s.Lo, s.Hi))
		put(primary, "runs_per_input", r.Baseline.Runs)
		put(primary, "cv_max", r.Baseline.MaxCV)
	}
	for _, in := range r.Inputs {
		m := object()
		for _, s := range r.Baseline.Samples {
			if s.Input == in.Name {
				put(m, unitName(s.Metric, s.Unit), object("value", s.Centre, "mean", s.Mean, "stddev", s.SD, "ci95", pair(s.Lo, s.Hi), "cv", s.CV, "runs", s.N))
			}
		}
		put(inputs, in.Name, m)
	}
	root := object("primary", primary, "secondary", secondary, "inputs", inputs)
	if p := r.Baseline.Profile; p != nil {
		top := &yaml.Node{Kind: yaml.SequenceNode}
		for _, f := range p.Top {
			top.Content = append(top.Content, object("name", text(f.Name), "cost_percent", report.Number(math.Round(float64(f.Share)*1e4)/100)))
		}
		put(root, "profile", object("input", id(p.TopOf), "format", text(p.Format), "top_functions", top))
	}
	return write(r, root)
}

// unitName is "time_seconds", "memory_peak_bytes", "steps".
func unitName(metric, unit string) string {
	switch unit {
	case "s":
		return metric + "_seconds"
	case "B":
		return metric + "_bytes"
	case "":
		return metric
	}
	return metric + "_" + unit
}

// History is HISTORY.yaml: every session, newest first.
func History(r *report.Report) []byte {
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for _, p := range r.History {
		m := object("id", id(p.ID), "date", id(p.Date), "commit", id(p.Commit), "machine", id(p.Machine), "hostname", text(p.Hostname),
			"metric", text(p.Metric), "unit", text(p.Unit), "baseline", p.Baseline, "baseline_ci95", pair(p.Lo, p.Hi), "final", p.Final)
		if p.Change.Known() {
			put(m, "improvement", id(ascii(report.Percent(float64(p.Change), 1))))
			put(m, "change", p.Change)
			put(m, "change_ci", pair(p.ChangeLo, p.ChangeHi))
		} else {
			put(m, "improvement", id("none kept"))
		}
		put(m, "experiments_tested", p.Tested)
		put(m, "optimizations_kept", ids(p.Kept))
		put(m, "key_learnings", ids(p.Learnings))
		put(m, "note", text(p.Note))
		list.Content = append(list.Content, m)
	}
	return write(r, object("sessions", list))
}

// ascii writes a change as the workflow's history has it: "-24.4%".
func ascii(s string) string { return strings.NewReplacer("\u2212", "-", " %", "%").Replace(s) }

// object is a mapping in the order given; empty texts are left out.
func object(pairs ...any) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for i := 0; i+1 < len(pairs); i += 2 {
		put(n, pairs[i].(string), pairs[i+1])
	}
	return n
}

// text is a text that is left plain where it can't be mistaken; id is always quoted.
type text string
type id string

// put adds a key; an empty text adds nothing.
func put(n *yaml.Node, key string, value any) {
	var v *yaml.Node
	switch x := value.(type) {
	case *yaml.Node:
		v = x
	case text:
		if x == "" {
			return
		}
		v = quoted(string(x))
	case id:
		if x == "" {
			return
		}
		v = quoted(string(x))
	case int:
		v = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.Itoa(x)}
	case int64:
		v = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.FormatInt(x, 10)}
	case bool:
		v = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: strconv.FormatBool(x)}
	case report.Number:
		v = numberNode(x)
	default:
		panic(fmt.Sprintf("yaml: %T has no form", value)) // a field of a kind that nothing above writes
	}
	k := &yaml.Node{Kind: yaml.ScalarNode, Value: key, Tag: "!!str"}
	if !plainKey(key) {
		k.Style = yaml.DoubleQuotedStyle
	}
	n.Content = append(n.Content, k, v)
}

func quoted(s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s, Style: yaml.DoubleQuotedStyle}
}

func numberNode(n report.Number) *yaml.Node {
	if !n.Known() {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
	}
	// Nine significant digits: more than any clock is good for, and a diff stays readable.
	s := strconv.FormatFloat(float64(n), 'g', 9, 64)
	if v := math.Abs(float64(n)); v >= 1e9 && v < 1e15 {
		s = strconv.FormatFloat(math.Round(float64(n)), 'f', -1, 64)
	}
	tag := "!!float"
	if !strings.ContainsAny(s, ".en") {
		tag = "!!int"
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: s}
}

func pair(lo, hi report.Number) *yaml.Node {
	return &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle, Content: []*yaml.Node{numberNode(lo), numberNode(hi)}}
}

func ids(list []string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.SequenceNode}
	if len(list) == 0 {
		n.Style = yaml.FlowStyle
	}
	for _, s := range list {
		n.Content = append(n.Content, quoted(s))
	}
	return n
}

// plainKey says whether a key can stand unquoted: a name that no parser takes for a number or a truth value.
func plainKey(s string) bool {
	if s == "" || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz_0123456789-") != "" || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	switch s {
	case "y", "n", "yes", "no", "on", "off", "true", "false", "null":
		return false
	}
	return true
}

func write(r *report.Report, root *yaml.Node) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s\n", r.Generator)
	d, err := yaml.NewDumper(&b, yaml.WithIndent(2), yaml.WithLineWidth(-1))
	if err != nil {
		panic(err) // only wrong options are refused
	}
	if err := d.Dump(root); err != nil {
		panic(err) // nodes built above are always whole
	}
	if err := d.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}
