package benchfile

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite golden files")

// testOptions is a world in which there are all files but the missing ones, and an environment with two variables.
func testOptions() Options {
	return Options{
		Exists: func(path string) FileKind {
			switch {
			case strings.Contains(path, "missing"):
				return NoFile
			case strings.HasSuffix(path, ".dir"):
				return Folder
			}
			return File
		},
		Env: func(name string) (string, bool) {
			switch name {
			case "BENCH_TEST_SET":
				return "s3cr3t-value", true
			case "BENCH_VAR_from_env":
				return "7", true
			}
			return "", false
		},
		Executors: []string{"process", "hyperfine", "gotest"},
	}
}

// text is how diagnostics look on a terminal of 100 columns.
func text(t *testing.T, ds Diagnostics) string {
	t.Helper()
	var b strings.Builder
	if err := ds.Text(&b, 100, false); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// golden compares with a file, or writes it.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs\n--- got\n%s\n--- want\n%s", path, got, want)
	}
}

// TestBad decodes Benchfiles that are wrong in one way each, and compares all that is said with what was reviewed.
func TestBad(t *testing.T) {
	for _, path := range glob(t, "testdata/bad/*.hcl") {
		name := strings.TrimSuffix(filepath.Base(path), ".hcl")
		t.Run(name, func(t *testing.T) {
			study, ds := Decode(Source{filepath.Base(path), read(t, path)}, testOptions())
			if study != nil {
				t.Fatal("decoded without an error")
			}
			golden(t, strings.TrimSuffix(path, ".hcl")+".txt", text(t, ds))
		})
	}
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s: %d files, %v", pattern, len(paths), err)
	}
	return paths
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
