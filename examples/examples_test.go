// Package examples_test runs the studies of this folder as a reader would: in a repository of their own, with the bench
// that this module builds. It asserts what is certain on any machine and under any load, and no verdict that noise can
// change.
package examples_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// bench is the path of the binary, built once; "" when it could not be.
var bench string

func TestMain(m *testing.M) {
	os.Exit(withBench(m))
}

func withBench(m *testing.M) int {
	dir, err := os.MkdirTemp("", "bench-examples-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	bench = filepath.Join(dir, "bench")
	cmd := exec.Command("go", "build", "-o", bench, "../cmd/bench")
	if out, err := cmd.CombinedOutput(); err != nil {
		os.Stderr.Write(out)
		return 1
	}
	return m.Run()
}

// experiment is one of those that apply --json ends with.
type experiment struct {
	ID      string   `json:"id"`
	Members []string `json:"members"`
	State   string   `json:"state"`
	Verdict *struct {
		Kind   string  `json:"kind"`
		Rule   string  `json:"rule"`
		Reason string  `json:"reason"`
		Effect *effect `json:"effect"`
	} `json:"verdict"`
}

type effect struct {
	Metric string  `json:"metric"`
	Change float64 `json:"change"`
	Exact  bool    `json:"exact"`
}

// summary is the last line of apply --json.
type summary struct {
	Ran         int          `json:"ran"`
	Experiments []experiment `json:"experiments"`
}

// at finds an experiment by its ID.
func (s summary) at(t *testing.T, id string) experiment {
	t.Helper()
	i := slices.IndexFunc(s.Experiments, func(x experiment) bool { return x.ID == id })
	if i < 0 || s.Experiments[i].Verdict == nil {
		t.Fatalf("%s has no verdict: %+v", id, s.Experiments)
	}
	return s.Experiments[i]
}

// is asserts a verdict, and the rule that decided unless that is "".
func (s summary) is(t *testing.T, id, kind, rule string) {
	t.Helper()
	v := s.at(t, id).Verdict
	if v.Kind != kind || rule != "" && v.Rule != rule {
		t.Errorf("%s is %s by %s (%s), want %s by %s", id, v.Kind, v.Rule, v.Reason, kind, rule)
	}
}

// isNot asserts that an experiment has a verdict and none of these.
func (s summary) isNot(t *testing.T, id string, kinds ...string) {
	t.Helper()
	if v := s.at(t, id).Verdict; slices.Contains(kinds, v.Kind) {
		t.Errorf("%s is %s: %s", id, v.Kind, v.Reason)
	}
}

func TestGoWordcount(t *testing.T) {
	s := study(t, "go-wordcount", "runs=3", "words=5000")
	s.isNot(t, "001-one-pass", "REJECT", "FAILED")
	s.isNot(t, "002-list-with-room", "REJECT", "FAILED")
	s.is(t, "003-ascii-only", "REJECT", "same_output")
	s.isNot(t, "004-regexp", "KEEP", "MAYBE", "REJECT", "FAILED") // twenty times as slow
	s.isNot(t, "005-lazy-collector", "REJECT", "FAILED")
}

func TestCFlags(t *testing.T) {
	if _, err := exec.LookPath("cc"); err != nil {
		t.Skip("there is no C compiler: cc is not on the PATH")
	}
	s := study(t, "c-flags", "runs=3", "values=50000")
	s.isNot(t, "001-o2", "REJECT", "FAILED")
	s.is(t, "003-ofast", "REJECT", "same_output")
	s.is(t, "004-named-reach", "DISCARD", "identical")
	s.isNot(t, "005-o0", "REJECT", "FAILED")
}

func TestPipelines(t *testing.T) {
	for _, tool := range []string{"awk", "cut", "sort", "uniq", "head"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	s := study(t, "pipelines", "runs=3", "lines=2000")
	s.isNot(t, "001-count-first", "REJECT", "FAILED")
	s.isNot(t, "002-c-locale", "REJECT", "FAILED")
	s.is(t, "003-unsorted", "REJECT", "same_output")
	s.isNot(t, "004-shell-loop", "KEEP", "MAYBE", "REJECT", "FAILED") // thirty times as slow
}

// The verdicts and changes that its README shows.
func TestExactSteps(t *testing.T) {
	s := study(t, "exact-steps", "runs=1")
	for _, want := range []struct {
		id, kind string
		change   float64
	}{
		{"001-fuse-constants", "KEEP", -0.2092},
		{"002-rotate-loops", "KEEP", -0.0793},
		{"003-reuse-constants", "MAYBE", -0.0243},
		{"004-shift-instead", "DISCARD", 0},
		{"006-checked-memory", "DISCARD", 0.2682},
		{"007-kept", "KEEP", -0.2892},
	} {
		x := s.at(t, want.id)
		e := x.Verdict.Effect
		if x.Verdict.Kind != want.kind || e == nil || e.Metric != "steps" || !e.Exact || math.Abs(e.Change-want.change) > 0.00006 {
			t.Errorf("%s is %s (%s) with %+v, want %s and %v", want.id, x.Verdict.Kind, x.Verdict.Reason, e, want.kind, want.change)
		}
	}
	s.is(t, "005-trust-loads", "REJECT", "same_output")
	if m := s.at(t, "007-kept").Members; !slices.Equal(m, []string{"fuse-constants", "rotate-loops"}) {
		t.Errorf("the compound is made of %q", m)
	}
}

// The repository's own study takes a minute or two; here it is only read. Its patches have a test of their own.
func TestOwnBenchfileIsValid(t *testing.T) {
	run(t, "..", bench, "validate")
}

// README.md tells of each example, and each has its own README.md and Benchfile (self has the repository's).
func TestEveryExampleIsTold(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		if !bytes.Contains(text, []byte("]("+e.Name()+"/")) {
			t.Errorf("README.md does not tell of %s", e.Name())
		}
		for _, name := range []string{"README.md", "benchfile.hcl"} {
			if _, err := os.Stat(filepath.Join(e.Name(), name)); err != nil && (e.Name() != "self" || name == "README.md") {
				t.Error(err)
			}
		}
	}
}

// study puts an example into a repository of its own, applies it twice, and looks at what that left: everything that
// bench promises under benchmarks/, nothing else, and nothing to do the second time.
func study(t *testing.T, name string, vars ...string) summary {
	t.Helper()
	if testing.Short() {
		t.Skip("it builds and runs programs for seconds")
	}
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	// In the same folder as here, since patches name files from the top of the repository.
	top, folder := t.TempDir(), "examples/"+name
	dir := filepath.Join(top, folder)
	copyExample(t, name, dir)
	run(t, top, "git", "init", "-q")
	run(t, top, "git", "add", "-A")
	run(t, top, "git", "-c", "user.name=reader", "-c", "user.email=reader@example.com", "commit", "-q", "-m", "the example")

	// Whoever else measures on this machine may take a while.
	args := []string{"-C", folder, "apply", "--auto-approve", "--lock-timeout=10m"}
	for _, v := range vars {
		args = append(args, "--var", v)
	}
	first := last(t, run(t, top, bench, append(args, "--json")...))
	if first.Ran == 0 {
		t.Error("the first apply ran nothing")
	}
	artifacts(t, dir, first)
	if out := run(t, top, "git", "status", "--porcelain"); out != "?? "+folder+"/benchmarks/\n" {
		t.Errorf("apply left more than benchmarks/ behind:\n%s", out)
	}

	before := files(t, filepath.Join(dir, "benchmarks"))
	if again := last(t, run(t, top, bench, append(args, "--json")...)); again.Ran != 0 {
		t.Errorf("the second apply ran %d steps", again.Ran)
	}
	if out := run(t, top, bench, args...); !strings.Contains(out, "Nothing to run") {
		t.Errorf("the third apply does not say that there is nothing to run:\n%s", out)
	}
	for path, text := range files(t, filepath.Join(dir, "benchmarks")) {
		if before[path] != text {
			t.Errorf("an apply that ran nothing changed benchmarks/%s", path)
		}
	}
	return first
}

// last decodes the summary of apply --json.
func last(t *testing.T, out string) summary {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(out), "\n")
	var line struct {
		Schema int     `json:"schema"`
		Type   string  `json:"type"`
		Data   summary `json:"data"`
	}
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &line); err != nil || line.Type != "summary" {
		t.Fatalf("the last line is no summary: %v\n%s", err, out)
	}
	return line.Data
}

// artifacts asserts that everything that people read is there.
func artifacts(t *testing.T, dir string, s summary) {
	t.Helper()
	want := []string{
		"PLAN.md", "TRACKER.md", "HISTORY.yaml", "FINAL_REPORT.md", "environment.yaml", "inputs.yaml", "baseline/metrics.yaml",
		"baseline/*.json", "sessions/*.json", "report/index.html", "report/style.css", "report/data.json", "report/charts/*.svg",
	}
	for _, x := range s.Experiments {
		if x.Verdict == nil {
			continue
		}
		want = append(want, "experiments/"+x.ID+"/hypothesis.md", "experiments/"+x.ID+"/verdict.md", "report/experiments/"+x.ID+".html")
		if x.Verdict.Effect != nil {
			want = append(want, "experiments/"+x.ID+"/results.json")
		}
	}
	for _, pattern := range want {
		found, err := filepath.Glob(filepath.Join(dir, "benchmarks", filepath.FromSlash(pattern)))
		if err != nil || len(found) == 0 {
			t.Errorf("there is no benchmarks/%s", pattern)
		}
	}
}

// copyExample copies the folder of an example, without what bench or a build left in it.
func copyExample(t *testing.T, name, dir string) {
	t.Helper()
	err := filepath.WalkDir(name, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := filepath.Join(dir, strings.TrimPrefix(path, name))
		if e.IsDir() {
			if slices.Contains([]string{".bench", "benchmarks"}, e.Name()) {
				return filepath.SkipDir
			}
			return os.MkdirAll(to, 0o755)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(to, text, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// files are the texts of all files below dir.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		out[strings.TrimPrefix(path, dir+string(filepath.Separator))] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// run runs a command that has to succeed and returns its stdout. The user's own git settings and bench variables stay
// out of it.
func run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "BENCH_") && !strings.HasPrefix(kv, "GIT_") {
			cmd.Env = append(cmd.Env, kv)
		}
	}
	cmd.Env = append(cmd.Env, "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s%s", filepath.Base(name), strings.Join(args, " "), err, stdout.String(), stderr.String())
	}
	return stdout.String()
}
