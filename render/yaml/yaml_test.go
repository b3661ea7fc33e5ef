package yaml

import (
	"bytes"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/benchfile/bench/pipeline/report"
	"github.com/benchfile/bench/pipeline/report/reporttest"
)

// load reads an artifact as any tool would.
func load(t *testing.T, b []byte) map[string]any {
	t.Helper()
	var v map[string]any
	if err := yaml.Load(b, &v); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	return v
}

func TestTextsStayTexts(t *testing.T) {
	in := reporttest.Full()
	// Commits, dates, ids and versions that YAML would take for numbers, times or truth values.
	in.Facts.Baseline.Commit = "1234567"
	in.Facts.Environment.Tools = map[string]string{"no": "1.10", "y": "2026-01-16", "007": "on"}
	in.Facts.Environment.Hostname = "null"
	in.Facts.Environment.CPU = "~"
	in.Study.Inputs[0].Params = map[string]string{"blocks": "0x10", "1e3": "yes"}
	r := report.Build(in)

	env := load(t, Environment(&r))
	for key, want := range map[string]string{"commit": "1234567", "date": "2026-01-16"} {
		if env[key] != want {
			t.Errorf("%s is %#v", key, env[key])
		}
	}
	tools := env["toolchain"].(map[string]any)
	for key, want := range in.Facts.Environment.Tools {
		if tools[key] != want {
			t.Errorf("tool %s is %#v, want %q", key, tools[key], want)
		}
	}
	if m := env["machine"].(map[string]any); m["hostname"] != "null" || m["cpu"] != "~" || m["cores"] != 32 {
		t.Errorf("machine is %#v", m)
	}
	first := load(t, Inputs(&r))["inputs"].([]any)[0].(map[string]any)
	if p := first["params"].(map[string]any); p["blocks"] != "0x10" || p["1e3"] != "yes" {
		t.Errorf("params are %#v", p)
	}
	newest := load(t, History(&r))["sessions"].([]any)[0].(map[string]any)
	if newest["improvement"] != "-13.4%" || newest["commit"] != "1234567" {
		t.Errorf("session is %#v", newest)
	}
	if kept := newest["optimizations_kept"].([]any); len(kept) != 2 || kept[0] != "001" {
		t.Errorf("kept is %#v", kept)
	}
}

func TestMetrics(t *testing.T) {
	r := report.Build(reporttest.Full())
	m := load(t, Metrics(&r))
	primary, secondary := m["primary"].(map[string]any), m["secondary"].(map[string]any)
	if v, ok := primary["time_seconds"].(float64); !ok || v < 250 || v > 280 {
		t.Errorf("primary is %#v", primary)
	}
	if _, ok := secondary["time_seconds"]; ok || secondary["memory_peak_bytes"] == nil || secondary["steps"] == nil {
		t.Errorf("secondary is %#v", secondary)
	}
	top := m["profile"].(map[string]any)["top_functions"].([]any)[0].(map[string]any)
	if top["name"] != "keccak256" || top["cost_percent"] != 23.43 {
		t.Errorf("profile begins with %#v", top)
	}
	if len(m["inputs"].(map[string]any)) != 5 {
		t.Error("not every input is there")
	}
}

func TestAbsentNumbersAreNull(t *testing.T) {
	in := reporttest.BaselineOnly()
	for i := range in.Plan.Steps {
		if r := in.Plan.Steps[i].Record; r != nil && len(r.Outcome.Runs) > 5 {
			r.Outcome.Runs = r.Outcome.Runs[:5] // one run of each input: no interval
		}
	}
	r := report.Build(in)
	b := Metrics(&r)
	load(t, b)
	if !bytes.Contains(b, []byte("ci95: [null, null]")) || bytes.Contains(b, []byte("NaN")) || bytes.Contains(b, []byte(".nan")) {
		t.Errorf("got %s", b)
	}
}
