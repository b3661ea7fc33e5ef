package main

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

// The patches are changes to code that lives on. Each has to apply to the code as it is, and so have the two that the
// compound is made of, one after the other.
func TestPatchesApply(t *testing.T) {
	patches, err := filepath.Glob("patches/*.patch")
	if err != nil || len(patches) < 5 {
		t.Fatalf("found %q, %v", patches, err)
	}
	for _, p := range patches {
		t.Run(filepath.Base(p), func(t *testing.T) { apply(t, p) })
	}
	t.Run("001 and 002", func(t *testing.T) {
		apply(t, "patches/001-distances-once.patch", "patches/002-fixed-point.patch")
	})
}

// apply puts patches, in order, on a copy of the files they touch.
func apply(t *testing.T, patches ...string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	dir := t.TempDir()
	for _, p := range patches {
		text, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		copyTouched(t, dir, text)
		cmd := exec.Command("git", "apply", "--whitespace=nowarn", "-")
		cmd.Dir, cmd.Stdin = dir, bytes.NewReader(text)
		// Without this git takes the folder for part of a repository that it may lie in, and does nothing.
		cmd.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir), "GIT_DIR=")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s no longer applies: %v\n%s", p, err, out)
		}
	}
	for _, f := range touched(t, patches) {
		was, _ := os.ReadFile(filepath.Join(root, f))
		is, err := os.ReadFile(filepath.Join(dir, f))
		if err != nil || bytes.Equal(was, is) {
			t.Errorf("%s is as before: %v", f, err)
		}
	}
}

func copyTouched(t *testing.T, dir string, patch []byte) {
	t.Helper()
	for _, f := range files(patch) {
		to := filepath.Join(dir, f)
		if _, err := os.Stat(to); err == nil {
			continue // an earlier patch's
		}
		text, err := os.ReadFile(filepath.Join(root, f))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func touched(t *testing.T, patches []string) []string {
	t.Helper()
	var out []string
	for _, p := range patches {
		text, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, files(text)...)
	}
	return out
}

// files are the files that a patch changes.
func files(patch []byte) []string {
	var out []string
	for line := range strings.Lines(string(patch)) {
		if f, ok := strings.CutPrefix(line, "--- a/"); ok {
			out = append(out, strings.TrimSpace(f))
		}
	}
	return out
}

// What the Benchfile names is there, and what is there it names.
func TestBenchfileNamesAllFiles(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "benchfile.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	var named []string
	for _, m := range regexp.MustCompile(`"examples/self/((?:patches|traces)/[^"]+)"`).FindAllSubmatch(text, -1) {
		named = append(named, string(m[1]))
	}
	var there []string
	for _, pattern := range []string{"patches/*", "traces/*"} {
		found, _ := filepath.Glob(pattern)
		there = append(there, found...)
	}
	slices.Sort(named)
	slices.Sort(there)
	if !slices.Equal(named, there) {
		t.Errorf("the Benchfile names\n%q\nthere are\n%q", named, there)
	}
}

func TestReplayFindsAStep(t *testing.T) {
	var logs []float64
	for i := range 60 {
		v := 0.1 + 0.0001*float64(i%3)
		if i >= 30 {
			v *= 1.2
		}
		logs = append(logs, math.Log(v))
	}
	var out bytes.Buffer
	replay(&out, logs)
	if !strings.Contains(out.String(), "after 35 runs: [30]\n") || !strings.HasSuffix(out.String(), "runs=60 looks=12 changes=1\n") {
		t.Error(out.String())
	}
}

func TestReadRefusesWhatIsNoTime(t *testing.T) {
	for _, bad := range []string{"0.1\nx\n", "0.1\n0\n", "0.1\n-1\n", "0.1\nNaN\n", "0.1\nInf\n"} {
		path := filepath.Join(t.TempDir(), "history.txt")
		if err := os.WriteFile(path, []byte(bad), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := run(path, io.Discard); err == nil || !strings.Contains(err.Error(), "run 2:") {
			t.Error(fmt.Sprintf("%q: ", bad), err)
		}
	}
}
