package render

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"github.com/benchfile/bench/pipeline/report"
	"github.com/benchfile/bench/pipeline/report/reporttest"
)

// exported is what hyperfine's own scripts read of its JSON (scripts/plot_*.py in its repository).
type exported struct {
	Results []struct {
		Command    *string           `json:"command"`
		Mean       *float64          `json:"mean"`
		SD         *float64          `json:"stddev"`
		Median     *float64          `json:"median"`
		User       *float64          `json:"user"`
		System     *float64          `json:"system"`
		Min        *float64          `json:"min"`
		Max        *float64          `json:"max"`
		Times      []float64         `json:"times"`
		Exits      []*int            `json:"exit_codes"`
		Memory     []int64           `json:"memory_usage_byte"`
		Parameters map[string]string `json:"parameters"`
	} `json:"results"`
}

func TestResultsReadLikeHyperfines(t *testing.T) {
	files := All(report.Build(reporttest.Full()), nil)
	for name, want := range map[string]int{"baseline/typical.json": 1, "experiments/001-mpt-hash-cache/results.json": 10} {
		var got exported
		if err := json.Unmarshal(find(files, name).Bytes, &got); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(got.Results) != want {
			t.Errorf("%s has %d results, want %d", name, len(got.Results), want)
		}
		for _, r := range got.Results {
			if r.Command == nil || r.Mean == nil || r.SD == nil || r.Median == nil || r.User == nil || r.System == nil || r.Min == nil || r.Max == nil {
				t.Fatalf("%s: a key is missing: %+v", name, r)
			}
			if len(r.Times) != 10 || len(r.Exits) != 10 || len(r.Memory) != 10 || r.Parameters["input"] == "" {
				t.Errorf("%s: %d times, %d exits, %d memory, parameters %v", name, len(r.Times), len(r.Exits), len(r.Memory), r.Parameters)
			}
			if *r.Min != slices.Min(r.Times) || *r.Max != slices.Max(r.Times) {
				t.Errorf("%s: min and max are not those of the times", name)
			}
		}
	}
}

// Runs of a pair that was made again are in runs_made with the reason, and nowhere else.
func TestDiscardedRunsAreInTheFileAndInNoList(t *testing.T) {
	in := reporttest.Full()
	for i := range in.Plan.Steps {
		if s := &in.Plan.Steps[i]; s.Address == "001-mpt-hash-cache/measure/1" {
			s.Record.Outcome.Runs[0].Discarded, s.Record.Outcome.Runs[1].Discarded = "others were busy", "others were busy"
		}
	}
	name := "experiments/001-mpt-hash-cache/results.json"
	var got exported
	text := find(All(report.Build(in), nil), name).Bytes
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	short := 0
	for _, r := range got.Results {
		if len(r.Times) != len(r.Exits) {
			t.Errorf("%d times and %d exits", len(r.Times), len(r.Exits))
		}
		if len(r.Times) == 9 {
			short++
		}
	}
	if n := bytes.Count(text, []byte(`"discarded": "others were busy"`)); n != 2 || short != 2 {
		t.Errorf("%d runs labelled, %d lists without one of them", n, short)
	}
}

func TestSessionsOfThePastAreNotTouched(t *testing.T) {
	old := []byte("{\"schema\": 1, \"as\": \"it was written\"}\n")
	files := All(report.Build(reporttest.Full()), func(name string) []byte {
		if name == "sessions/2026-01-10-1.json" {
			return old
		}
		return nil
	})
	if got := find(files, "sessions/2026-01-10-1.json").Bytes; string(got) != string(old) {
		t.Errorf("got %.200s", got)
	}
}
