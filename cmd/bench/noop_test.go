package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/benchfile/bench/executors/process"
	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/engine"
	"github.com/benchfile/bench/pipeline/plan"
)

// BenchmarkNoop times an apply that has nothing to do, in turn with ninja that has nothing to do at the same number of
// steps, and gives the median of each:
//
//	go test ./cmd/bench -run '^$' -bench Noop -benchtime 50x
//
// The steps are those of a study with five inputs; ninja's are chains of two files a step.
func BenchmarkNoop(b *testing.B) {
	ninja, err := exec.LookPath("ninja")
	if err != nil {
		b.Log("ninja is not installed (Debian package ninja-build): bench is timed alone")
	}
	bin := buildBench(b)
	for _, want := range []int{100, 1000, 10000} {
		dir := filepath.Join(b.TempDir(), "study")
		steps := settledStudy(b, bin, dir, want)
		sides := []side{{"bench", dir, []string{bin, "apply", "--auto-approve"}, "Nothing to run", nil}}
		if ninja != "" {
			sides = append(sides, side{"ninja", ninjaProject(b, ninja, steps), []string{ninja}, "no work to do", nil})
		}
		b.Run(fmt.Sprintf("steps=%d", steps), func(b *testing.B) {
			inTurn(b, sides)
			b.ReportMetric(peakMemory(b, dir, sides[0].argv...)/1e6, "MB")
		})
	}
}

// BenchmarkVersion times the shortest call, which is everything that start-up costs, in turn with a Go program that does
// nothing.
func BenchmarkVersion(b *testing.B) {
	dir := b.TempDir()
	write(b, filepath.Join(dir, "empty.go"), "package main\n\nfunc main() {}\n")
	empty := filepath.Join(dir, "empty")
	if out, err := exec.Command("go", "build", "-o", empty, filepath.Join(dir, "empty.go")).CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, out)
	}
	inTurn(b, []side{
		{"bench", dir, []string{buildBench(b), "version"}, "bench ", nil},
		{"empty", dir, []string{empty}, "", nil},
	})
}

// side is one of several commands that are timed in turn.
type side struct {
	name, dir string
	argv      []string
	says      string
	took      []float64 // ms
}

// inTurn runs the sides one after another, b.N times, and reports the median of each: what disturbs the machine disturbs
// all of them.
func inTurn(b *testing.B, sides []side) {
	for i := range sides {
		sides[i].took = nil
	}
	for b.Loop() {
		for i := range sides {
			s := &sides[i]
			cmd := exec.Command(s.argv[0], s.argv[1:]...)
			cmd.Dir = s.dir
			began := time.Now()
			out, err := cmd.CombinedOutput()
			s.took = append(s.took, time.Since(began).Seconds()*1e3)
			if err != nil || !strings.Contains(string(out), s.says) {
				b.Fatalf("%s: %v: %s", s.name, err, out)
			}
		}
	}
	b.ReportMetric(0, "ns/op") // the sum of all sides: nobody's time
	for _, s := range sides {
		slices.Sort(s.took)
		b.ReportMetric(s.took[len(s.took)/2], s.name+"-ms")
	}
}

// peakMemory of a command in bytes, measured by bench's own executor: a child of this process would read as large as
// this process is.
func peakMemory(tb testing.TB, dir string, argv ...string) float64 {
	self, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	o, err := process.New(process.Options{Self: []string{self, runnerArg}}).Run(context.Background(), pipeline.Job{
		Step: "peak", Kind: pipeline.StepMeasure, Inputs: []string{""}, Visits: []pipeline.Visit{{}}, Scratch: tb.TempDir(),
		Arms: []pipeline.Arm{{Name: "baseline", Dir: dir, Commands: []pipeline.Command{{Argv: argv}}, Env: os.Environ()}},
	}, quietSink{})
	if err != nil || o.Status != pipeline.StatusOK {
		tb.Fatalf("%s: %s, %v", argv, o.Reason, err)
	}
	return o.Runs[0].Metrics["memory_peak"]
}

type quietSink struct{}

func (quietSink) Started(int)           {}
func (quietSink) Finished(pipeline.Run) {}

func buildBench(tb testing.TB) string {
	bin := filepath.Join(tb.TempDir(), "bench")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		tb.Fatalf("go build: %v\n%s", err, out)
	}
	return bin
}

// settledStudy makes a study of about so many steps, with every one of them recorded, and settles it: results are made
// up, everything else (repository, store, artifacts) is real.
func settledStudy(tb testing.TB, bin, dir string, steps int) int {
	const inputs, each = 5, 12 // a hypothesis: build, 5 checks, 1 measurement, 5 profiles
	var hcl strings.Builder
	hcl.WriteString("study \"many\" { objective = \"many steps\" }\nbuild { command = [\"sh\", \"build.sh\"] }\n" +
		"measure {\n command = [\"sh\", \"prog.sh\", input.path]\n warmup = 0\n max_runs = 10\n}\n" +
		"check { command = [\"sh\", \"check.sh\", input.path] }\nprofile { command = [\"sh\", \"prog.sh\", input.path] }\n")
	for i := range inputs {
		name := fmt.Sprintf("in%d", i)
		fmt.Fprintf(&hcl, "input %q { path = \"in/%s\" }\n", name, name)
		write(tb, filepath.Join(dir, "in", name), name)
	}
	for i := range max(1, steps/each) {
		fmt.Fprintf(&hcl, "hypothesis \"h%d\" { env = { LEVEL = \"%d\" } }\n", i, i)
	}
	write(tb, filepath.Join(dir, "benchfile.hcl"), hcl.String())
	for _, f := range []string{"prog.sh", "build.sh", "check.sh"} {
		write(tb, filepath.Join(dir, f), "exit 0\n")
	}
	for _, args := range [][]string{{"init", "-q"}, {"add", "-A"}, {"-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-q", "-m", "x"}} {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			tb.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	n := recordAll(tb, dir)
	time.Sleep(2100 * time.Millisecond) // until no file is too young for its stat record to be trusted
	for range 2 {
		cmd := exec.Command(bin, "apply", "--auto-approve")
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			tb.Fatalf("apply: %v\n%s", err, out)
		}
		time.Sleep(2100 * time.Millisecond)
	}
	return n
}

func write(tb testing.TB, path, text string) {
	tb.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		tb.Fatal(err)
	}
}

// recordAll records made-up outcomes until the plan has nothing left.
func recordAll(tb testing.TB, dir string) int {
	a := &app{out: os.Stdout, err: os.Stderr, file: filepath.Join(dir, "benchfile.hcl")}
	s, err := a.open(context.Background(), true)
	if err != nil {
		tb.Fatal(err)
	}
	defer s.close()
	for {
		st, err := s.engine.Survey(context.Background(), engine.Options{})
		if err != nil {
			tb.Fatal(err)
		}
		if st.Plan.Next < 0 {
			if st.Plan.Stopped != "" {
				tb.Fatal(st.Plan.Stopped)
			}
			return len(st.Plan.Steps)
		}
		for i := range st.Plan.Steps {
			step := &st.Plan.Steps[i]
			if step.State != plan.Ready {
				continue
			}
			r := pipeline.Record{
				Version: 1, Address: step.Address, Key: step.Key, Manifest: step.Manifest.String(),
				Started: time.Now(), Finished: time.Now(), Outcome: madeUp(st.Study, step, tb, s),
			}
			b, err := json.Marshal(r)
			if err != nil {
				tb.Fatal(err)
			}
			if err := s.store.PutAction(string(step.Key), b); err != nil {
				tb.Fatal(err)
			}
		}
	}
}

func madeUp(study *pipeline.Study, step *plan.Step, tb testing.TB, s *session) pipeline.Outcome {
	o := pipeline.Outcome{Status: pipeline.StatusOK, Elapsed: time.Second}
	if step.Kind == pipeline.StepProfile {
		sum, size, err := s.store.PutBlob(strings.NewReader("profile\n"))
		if err != nil {
			tb.Fatal(err)
		}
		o.Artifacts = map[string]pipeline.Artifact{"profile": {Sum: sum, Size: size, Mode: 0o644}}
	}
	if step.Kind != pipeline.StepMeasure {
		return o
	}
	rng := rand.New(rand.NewPCG(1, 2))
	arms := []string{"baseline", "candidate"}
	if step.Variant == plan.BaselineName {
		arms = arms[:1]
	}
	for round := range step.Rounds {
		for _, in := range study.Inputs {
			for _, arm := range arms {
				o.Runs = append(o.Runs, pipeline.Run{
					Seq: len(o.Runs), Arm: arm, Input: in.Name, Round: round + 1,
					Metrics: map[string]float64{"time": math.Exp(0.001 * rng.NormFloat64())},
				})
			}
		}
	}
	return o
}

// ninjaProject is a ninja file with so many steps, built.
func ninjaProject(tb testing.TB, ninja string, steps int) string {
	dir := filepath.Join(tb.TempDir(), "ninja")
	var text strings.Builder
	text.WriteString("rule cp\n  command = cp $in $out\n")
	for i := range steps {
		fmt.Fprintf(&text, "build out/%d: cp in/%d\n", i, i)
		write(tb, filepath.Join(dir, "in", fmt.Sprint(i)), fmt.Sprint(i))
	}
	write(tb, filepath.Join(dir, "build.ninja"), text.String())
	cmd := exec.Command(ninja)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("ninja: %v\n%s", err, out)
	}
	return dir
}
