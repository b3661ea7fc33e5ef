package render

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/benchfile/bench/pipeline/report"
)

// golden are the artifacts that are compared byte for byte, one of each kind. JSON is not among them: its fifteenth
// digit may differ between processors that fuse multiplication and addition and those that don't.
var golden = map[string][]string{
	"full": {
		"PLAN.md", "TRACKER.md", "HISTORY.yaml", "environment.yaml", "inputs.yaml", "baseline/metrics.yaml",
		"experiments/001-mpt-hash-cache/hypothesis.md", "experiments/001-mpt-hash-cache/verdict.md", "experiments/001-mpt-hash-cache/changes.patch",
		"experiments/001-mpt-hash-cache/profile.txt", "experiments/003-batch-signatures/verdict.md", "experiments/008-unchecked/verdict.md",
		"experiments/012-kept-001-004/verdict.md", "report/index.html", "report/experiments/001-mpt-hash-cache.html",
		"report/charts/trend.svg", "report/charts/ladder.svg", "report/charts/conflicts.svg",
	},
	"stopped":  {"FINAL_REPORT.md"},
	"running":  {"TRACKER.md"},
	"empty":    {"PLAN.md", "TRACKER.md", "HISTORY.yaml", "report/index.html"},
	"baseline": {"PLAN.md"},
}

func TestGolden(t *testing.T) {
	for name, study := range studies() {
		files := All(report.Build(study()), nil)
		for _, f := range files {
			if !slices.Contains(golden[name], f.Name) {
				continue
			}
			path := filepath.Join("testdata", name, filepath.FromSlash(f.Name))
			if *update {
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, f.Bytes, 0o644); err != nil {
					t.Fatal(err)
				}
				continue
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Error(err)
				continue
			}
			if !bytes.Equal(f.Bytes, want) {
				t.Errorf("%s of %s differs at byte %d (write it anew with -update, and read the diff):\n%s", f.Name, name, firstDifference(f.Bytes, want), around(f.Bytes, firstDifference(f.Bytes, want)))
			}
		}
		for _, n := range golden[name] {
			if find(files, n) == nil {
				t.Errorf("%s: %s is not rendered", name, n)
			}
		}
	}
}

func firstDifference(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

func around(b []byte, i int) []byte { return b[max(0, i-80):min(len(b), i+80)] }
