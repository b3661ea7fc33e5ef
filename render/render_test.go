package render

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/benchfile/bench/pipeline/report"
	"github.com/benchfile/bench/pipeline/report/reporttest"
)

var update = flag.Bool("update", false, "write golden files anew")

// studies are the worlds that every artifact is rendered for.
func studies() map[string]func() report.Input {
	return map[string]func() report.Input{
		"empty": reporttest.Empty, "baseline": reporttest.BaselineOnly, "full": reporttest.Full,
		"running": reporttest.Running, "stopped": reporttest.Stopped,
	}
}

// keep writes the artifacts of a study to a folder for people to look at, when BENCH_KEEP names one.
func keep(t *testing.T, name string, files []File) {
	dir := os.Getenv("BENCH_KEEP")
	if dir == "" {
		return
	}
	for _, f := range files {
		path := filepath.Join(dir, name, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Bytes, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestEveryArtifactOfEveryStudy(t *testing.T) {
	for name, study := range studies() {
		t.Run(name, func(t *testing.T) {
			files := All(report.Build(study()), nil)
			keep(t, name, files)
			checkFiles(t, files)
			again := All(report.Build(study()), nil)
			if len(again) != len(files) {
				t.Fatalf("%d files, then %d", len(files), len(again))
			}
			for i := range files {
				if files[i].Name != again[i].Name || !bytes.Equal(files[i].Bytes, again[i].Bytes) {
					t.Errorf("%s: other bytes from the same facts", files[i].Name)
				}
			}
		})
	}
}

// checkFiles holds each file to its format.
func checkFiles(t *testing.T, files []File) {
	t.Helper()
	seen := map[string]bool{}
	for _, f := range files {
		if low := strings.ToLower(f.Name); seen[low] {
			t.Errorf("%s is there twice", f.Name)
		} else {
			seen[low] = true
		}
		if strings.Contains(f.Name, "..") || strings.HasPrefix(f.Name, "/") || strings.ContainsAny(f.Name, "\\:*?\"<>|\x00\n ") {
			t.Errorf("%q is no safe name", f.Name)
		}
		if head := f.Bytes[:min(512, len(f.Bytes))]; !bytes.Contains(head, []byte(Generated)) {
			t.Errorf("%s does not say that it is generated", f.Name)
		}
		switch filepath.Ext(f.Name) {
		case ".json":
			if !json.Valid(f.Bytes) {
				t.Errorf("%s is no JSON", f.Name)
			}
		case ".svg":
			wellFormed(t, f.Name, f.Bytes)
		}
	}
}

func wellFormed(t *testing.T, name string, b []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(b))
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
	}
}

func TestWhichArtifactsThereAre(t *testing.T) {
	got := func(study func() report.Input) []string {
		var names []string
		for _, f := range All(report.Build(study()), nil) {
			names = append(names, f.Name)
		}
		return names
	}
	always := []string{"PLAN.md", "TRACKER.md", "HISTORY.yaml", "environment.yaml", "inputs.yaml", "report/index.html", "report/style.css", "report/app.js", "report/data.json"}
	for name, study := range studies() {
		names := got(study)
		for _, n := range always {
			if !slices.Contains(names, n) {
				t.Errorf("%s: no %s", name, n)
			}
		}
		if has, want := slices.Contains(names, "FINAL_REPORT.md"), name == "stopped"; has != want {
			t.Errorf("%s: FINAL_REPORT.md %v, want %v", name, has, want)
		}
	}
	full := got(reporttest.Full)
	for _, n := range []string{
		"baseline/metrics.yaml", "baseline/typical.json", "sessions/2026-01-16-1.json", "sessions/2026-01-10-1.json",
		"experiments/001-mpt-hash-cache/hypothesis.md", "experiments/001-mpt-hash-cache/changes.patch", "experiments/001-mpt-hash-cache/results.json",
		"experiments/001-mpt-hash-cache/profile.txt", "experiments/001-mpt-hash-cache/verdict.md", "experiments/010-pool/hypothesis.md",
		"report/experiments/001-mpt-hash-cache.html", "report/charts/trend.svg", "report/charts/baseline.svg",
	} {
		if !slices.Contains(full, n) {
			t.Errorf("full: no %s", n)
		}
	}
	if slices.Contains(full, "experiments/010-pool/verdict.md") {
		t.Error("a verdict of what is not decided")
	}
}
