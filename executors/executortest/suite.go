package executortest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/benchfile/bench/pipeline"
)

// Skip takes one test out of the suite, for an executor that cannot have what it asks for.
type Skip struct{ Test, Why string }

// Suite is what every executor must do. factory makes a fresh executor, whose commands get a short grace after SIGTERM.
// TestMain must call Main.
func Suite(t *testing.T, factory func(*testing.T) pipeline.Executor, skips ...Skip) {
	for _, c := range []struct {
		name string
		test func(*testing.T, pipeline.Executor)
	}{
		{"visits are made in the job's order and reported as they end", order},
		{"runs never overlap", overlap},
		{"output is kept, and nothing when there was none", outputKept},
		{"output beyond the cap loses its middle", outputCapped},
		{"the environment is exactly what the job says", environment},
		{"a command runs in its folder", folder},
		{"files are collected, and never an earlier run's", collected},
		{"what cannot be measured is absent and not zero", absent},
		{"an exit status ends the batch", exitStatus},
		{"a signal ends the batch", signalled},
		{"a command that cannot be started says why", cannotStart},
		{"a time limit ends the whole tree", timeLimit},
		{"nothing survives a run", survivors},
		{"strikes end the batch", strikes},
		{"what others do to the machine ends the batch when it is too much", disturbed},
		{"whatever goes on, pairs stay whole", repeated},
		{"cancelling ends the tree and drops the run", cancelled},
		{"a job cancelled beforehand runs nothing", cancelledBefore},
	} {
		t.Run(c.name, func(t *testing.T) {
			if i := slices.IndexFunc(skips, func(s Skip) bool { return s.Test == c.name }); i >= 0 {
				t.Skip(skips[i].Why)
			}
			c.test(t, factory(t))
		})
	}
}

// Recorder is a sink that remembers, and complains of calls that come at the wrong time.
type Recorder struct {
	T       *testing.T
	Starts  []int
	Runs    []pipeline.Run
	OnStart func(visit int) // may be nil
}

// Started remembers the visit.
func (r *Recorder) Started(visit int) {
	if len(r.Starts) != len(r.Runs) {
		r.T.Errorf("visit %d was started while another one was on", visit)
	}
	r.Starts = append(r.Starts, visit)
	if r.OnStart != nil {
		r.OnStart(visit)
	}
}

// Finished remembers the run.
func (r *Recorder) Finished(run pipeline.Run) {
	r.Runs = append(r.Runs, run)
	if len(r.Starts) != len(r.Runs) {
		r.T.Errorf("run %d ended without having been started", run.Seq)
	}
}

// Job is one arm and one input that run the same command n times; tests change what they need.
func Job(t *testing.T, n int, argv ...string) pipeline.Job {
	t.Helper()
	job := pipeline.Job{Step: "measure test", Kind: pipeline.StepMeasure, Inputs: []string{"typical"}, Seed: 1, Scratch: t.TempDir(),
		Arms: []pipeline.Arm{{Name: "baseline", Dir: t.TempDir(), Commands: []pipeline.Command{{Argv: argv}}, Env: Env()}}}
	for i := range n {
		job.Visits = append(job.Visits, pipeline.Visit{Round: i + 1})
	}
	return job
}

// Env is an environment in which the roles work.
func Env() []string { return []string{"LC_ALL=C", "PATH=/usr/local/bin:/usr/bin:/bin"} }

func run(t *testing.T, e pipeline.Executor, job pipeline.Job) (pipeline.Outcome, *Recorder) {
	t.Helper()
	rec := &Recorder{T: t}
	out, err := e.Run(context.Background(), job, rec)
	if err != nil {
		t.Fatalf("Run: %v", err)
	}
	if len(out.Runs) != len(rec.Runs) {
		t.Errorf("the outcome has %d runs, the sink heard of %d", len(out.Runs), len(rec.Runs))
	}
	return out, rec
}

func want(t *testing.T, out pipeline.Outcome, status pipeline.Status, runs int, reason ...string) {
	t.Helper()
	if out.Status != status || len(out.Runs) != runs {
		t.Fatalf("status %q (%s), %d runs; want %q, %d", out.Status, out.Reason, len(out.Runs), status, runs)
	}
	for _, r := range reason {
		if !strings.Contains(out.Reason, r) {
			t.Errorf("reason %q does not say %q", out.Reason, r)
		}
	}
}

func text(t *testing.T, path string) string {
	t.Helper()
	if path == "" {
		return ""
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// order: two arms, two inputs, warm-ups and rounds.
func order(t *testing.T, e pipeline.Executor) {
	job := Job(t, 0)
	job.Inputs = []string{"light", "heavy"}
	arm := func(name string) pipeline.Arm {
		return pipeline.Arm{Name: name, Dir: t.TempDir(), Env: Env(), Commands: []pipeline.Command{
			{Argv: Role("say", name+" light", "")}, {Argv: Role("say", name+" heavy", "")}}}
	}
	job.Arms = []pipeline.Arm{arm("baseline"), arm("candidate")}
	job.Visits = []pipeline.Visit{
		{Arm: 0, Input: 1, Warmup: true}, {Arm: 1, Input: 1, Warmup: true},
		{Arm: 1, Input: 0, Round: 1}, {Arm: 0, Input: 0, Round: 1, Pair: true},
		{Arm: 0, Input: 1, Round: 1}, {Arm: 1, Input: 1, Round: 1, Pair: true},
	}
	out, rec := run(t, e, job)
	want(t, out, pipeline.StatusOK, len(job.Visits))
	for i, v := range job.Visits {
		r := out.Runs[i]
		arm, input := job.Arms[v.Arm].Name, job.Inputs[v.Input]
		if rec.Starts[i] != i || r.Seq != i || r.Arm != arm || r.Input != input || r.Round != v.Round || r.Warmup != v.Warmup {
			t.Errorf("visit %d: %+v reported as %+v", i, v, r)
		}
		if got := text(t, r.Stdout); got != arm+" "+input {
			t.Errorf("visit %d ran %q", i, got)
		}
		if i > 0 && r.Started.Before(out.Runs[i-1].Started) {
			t.Errorf("visit %d began before the one before it", i)
		}
		if r.Metrics["time"] <= 0 || !r.OK() {
			t.Errorf("visit %d: %+v", i, r)
		}
	}
	if out.Elapsed <= 0 || out.Seed != job.Seed {
		t.Errorf("elapsed %v, seed %d", out.Elapsed, out.Seed)
	}
}

// overlap: by the commands' own stamps.
func overlap(t *testing.T, e pipeline.Executor) {
	file := filepath.Join(t.TempDir(), "stamps")
	out, _ := run(t, e, Job(t, 20, Role("stamp", file)...))
	want(t, out, pipeline.StatusOK, 20)
	lines := strings.Split(strings.TrimRight(text(t, file), "\n"), "\n")
	if len(lines) != 40 {
		t.Fatalf("%d stamps of 20 runs", len(lines))
	}
	for i := 0; i < len(lines); i += 2 {
		if rest, _ := strings.CutPrefix(lines[i], "begin"); lines[i+1] != "end"+rest {
			t.Errorf("%q is followed by %q", lines[i], lines[i+1])
		}
	}
}

func outputKept(t *testing.T, e pipeline.Executor) {
	job := Job(t, 3)
	job.Inputs = []string{"both", "none"}
	job.Arms[0].Commands = []pipeline.Command{{Argv: Role("say", "out\n", "err\n")}, {Argv: Role("say", "", "")}}
	job.Visits[1].Input = 1
	out, _ := run(t, e, job)
	want(t, out, pipeline.StatusOK, 3)
	for i, r := range out.Runs {
		if i == 1 {
			if r.Stdout != "" || r.Stderr != "" {
				t.Errorf("a run that wrote nothing has %q and %q", r.Stdout, r.Stderr)
			}
			continue
		}
		if !strings.HasPrefix(r.Stdout, job.Scratch+"/") || text(t, r.Stdout) != "out\n" || text(t, r.Stderr) != "err\n" {
			t.Errorf("run %d: %q %q", i, text(t, r.Stdout), text(t, r.Stderr))
		}
	}
	if out.Runs[0].Stdout == out.Runs[2].Stdout {
		t.Error("two runs share one file")
	}
}

func outputCapped(t *testing.T, e pipeline.Executor) {
	const size, limit = 1 << 20, 4096
	job := Job(t, 2, Role("print", "1048576")...)
	job.LogCap = limit
	out, _ := run(t, e, job)
	want(t, out, pipeline.StatusOK, 2)
	for _, r := range out.Runs {
		got := text(t, r.Stdout)
		if r.Truncated != size-limit || len(got) < limit || len(got) > limit+200 {
			t.Fatalf("%d bytes are left and %d cut, of %d with a cap of %d", len(got), r.Truncated, size, limit)
		}
		if !strings.HasPrefix(got, "000000000000000\n000000000000001\n") || !strings.HasSuffix(got, "000000000065534\n000000000065535\n") {
			t.Errorf("head or tail is lost: %.40q … %.40q", got, got[len(got)-40:])
		}
		if !strings.Contains(got, "1044480 bytes") {
			t.Error("the output does not say what was cut")
		}
	}
}

func environment(t *testing.T, e pipeline.Executor) {
	job := Job(t, 2, Role("env")...)
	job.Arms[0].Env = []string{"A=1", "B=two words", "EMPTY=", "PATH=/usr/bin:/bin"}
	job.Arms[0].Commands[0].Env = map[string]string{"B": "own", "C": "3"}
	out, _ := run(t, e, job)
	want(t, out, pipeline.StatusOK, 2)
	if got := text(t, out.Runs[0].Stdout); got != "A=1\nB=own\nC=3\nEMPTY=\nPATH=/usr/bin:/bin\n" {
		t.Errorf("environment:\n%s", got)
	}
	job = Job(t, 8, Role("env")...)
	job.Padding = true
	out, _ = run(t, e, job)
	want(t, out, pipeline.StatusOK, 8)
	sizes := map[int]bool{}
	for _, r := range out.Runs {
		sizes[r.Padding] = true
		if got := text(t, r.Stdout); !strings.Contains(got+"\n", "BENCH_PAD="+strings.Repeat("x", r.Padding)+"\n") {
			t.Errorf("a padding of %d is recorded, the run saw:\n%.200s", r.Padding, got)
		}
	}
	if len(sizes) < 4 {
		t.Errorf("8 runs had paddings of only %d sizes", len(sizes))
	}
}

func folder(t *testing.T, e pipeline.Executor) {
	job := Job(t, 1, Role("dir")...)
	dir, err := filepath.EvalSymlinks(job.Arms[0].Dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	job.Arms[0].Commands[0].Dir = "sub"
	out, _ := run(t, e, job)
	want(t, out, pipeline.StatusOK, 1)
	if got := strings.TrimSpace(text(t, out.Runs[0].Stdout)); got != filepath.Join(dir, "sub") {
		t.Errorf("ran in %s", got)
	}
}

func collected(t *testing.T, e pipeline.Executor) {
	job := Job(t, 2)
	job.Inputs = []string{"writes", "does not"}
	job.Arms[0].Commands = []pipeline.Command{{Argv: Role("write", "out.txt", "fresh")}, {Argv: Role("say", "", "")}}
	job.Visits[1].Input = 1
	job.Collect = []string{"out.txt"}
	if err := os.WriteFile(filepath.Join(job.Arms[0].Dir, "out.txt"), []byte("stale"), 0o644); err != nil {
		t.Fatal(err)
	}
	out, _ := run(t, e, job)
	want(t, out, pipeline.StatusOK, 2)
	if got := text(t, out.Runs[0].Files["out.txt"]); got != "fresh" {
		t.Errorf("collected %q", got)
	}
	if path, ok := out.Runs[1].Files["out.txt"]; ok {
		t.Errorf("a run that wrote nothing has %s", path)
	}
}

func absent(t *testing.T, e pipeline.Executor) {
	job := Job(t, 1, Role("say", "", "")...)
	job.Metrics = []pipeline.Metric{{Name: "time"}, {Name: "no_such_metric"}, {Name: "instructions"}, {Name: "declared", From: &pipeline.Extract{Kind: "key", Source: "stdout", Expr: "steps"}}}
	out, _ := run(t, e, job)
	want(t, out, pipeline.StatusOK, 1)
	r := out.Runs[0]
	for _, m := range job.Metrics {
		v, have := r.Metrics[m.Name]
		if _, why := r.Missing[m.Name]; have == why || have && v == 0 {
			t.Errorf("%s: value %v (%v), missing because %q", m.Name, v, have, r.Missing[m.Name])
		}
	}
}

func exitStatus(t *testing.T, e pipeline.Executor) {
	out, _ := run(t, e, Job(t, 3, Role("exit", "7", "what went wrong")...))
	want(t, out, pipeline.StatusFailed, 1, "measure baseline on typical, run 1", "exit 7")
	if out.Runs[0].Exit != 7 || out.Runs[0].OK() || !strings.Contains(out.Tail, "what went wrong") {
		t.Errorf("%+v, tail %q", out.Runs[0], out.Tail)
	}
	out, _ = run(t, e, Job(t, 1, Role("exit", "134", "")...))
	want(t, out, pipeline.StatusFailed, 1, "exit 134 (SIGABRT)")
}

func signalled(t *testing.T, e pipeline.Executor) {
	out, _ := run(t, e, Job(t, 3, Role("crash", "9")...))
	want(t, out, pipeline.StatusFailed, 1, "SIGKILL")
	if r := out.Runs[0]; r.Exit != -1 || r.Signal != "SIGKILL" {
		t.Errorf("%+v", r)
	}
}

func cannotStart(t *testing.T, e pipeline.Executor) {
	for _, c := range []struct {
		name, file string
		mode       os.FileMode
		argv, want string
	}{
		{"not on the path", "", 0, "no-such-program", "executable file not found in $PATH"},
		{"not there", "", 0, "./no-such-program", "./no-such-program"},
		{"not executable", "#!/bin/sh\n", 0o644, "./program", "not executable"},
		{"not a program", "just words\n", 0o755, "./program", "#!"},
		{"no interpreter", "#!/no/such/interpreter\n", 0o755, "./program", "interpreter"},
	} {
		job := Job(t, 2, c.argv)
		if c.file != "" {
			if err := os.WriteFile(filepath.Join(job.Arms[0].Dir, "program"), []byte(c.file), c.mode); err != nil {
				t.Fatal(err)
			}
		}
		out, _ := run(t, e, job)
		want(t, out, pipeline.StatusFailed, 1, c.want)
		if r := out.Runs[0]; r.Error == "" || r.OK() || len(r.Metrics) > 0 {
			t.Errorf("%s: %+v", c.name, r)
		}
	}
}

func timeLimit(t *testing.T, e pipeline.Executor) {
	// A loaded machine may need long until the tree stands: then the limit was too short for this test, not wrong.
	for limit := 500 * time.Millisecond; ; limit *= 2 {
		dir := t.TempDir()
		job := Job(t, 3, Role("stubborn", dir)...)
		job.Limits = []time.Duration{limit}
		out, _ := run(t, e, job)
		want(t, out, pipeline.StatusTimeout, 1, "run 1", limit.String())
		if r := out.Runs[0]; !r.TimedOut || r.OK() {
			t.Errorf("%+v", r)
		}
		pids := Noted(dir)
		allGone(t, pids)
		if len(pids) == 3 {
			return
		}
		if limit > 20*time.Second {
			t.Fatal("the tree never stood")
		}
	}
}

func survivors(t *testing.T, e pipeline.Executor) {
	dir := t.TempDir()
	out, _ := run(t, e, Job(t, 2, Role("escape", dir)...))
	want(t, out, pipeline.StatusOK, 2)
	for i, r := range out.Runs {
		if r.Survivors != 2 {
			t.Errorf("run %d: %d survivors were ended, want 2", i, r.Survivors)
		}
	}
	pids := Noted(dir)
	if len(pids) != 4 {
		t.Fatalf("%d orphans, want 4", len(pids))
	}
	allGone(t, pids)
}

func allGone(t *testing.T, pids []int) {
	t.Helper()
	for _, pid := range pids {
		if Alive(pid) {
			t.Errorf("process %d is still there", pid)
		}
	}
}

func strikes(t *testing.T, e pipeline.Executor) {
	job := Job(t, 0)
	job.Arms = []pipeline.Arm{job.Arms[0], job.Arms[0]}
	// Far apart, one strike enough, and twenty chances for it: also on a machine that is busy with other things.
	job.Arms[0].Commands, job.Arms[1].Commands = []pipeline.Command{{Argv: Role("say", "", "")}}, []pipeline.Command{{Argv: Role("slow", "250")}}
	job.Arms[1].Name = "candidate"
	job.Strikes = &pipeline.Strikes{Factor: 2, Consecutive: 1}
	for i := range 20 {
		job.Visits = append(job.Visits, pipeline.Visit{Arm: 0, Round: i + 1}, pipeline.Visit{Arm: 1, Round: i + 1, Pair: true})
	}
	out, _ := run(t, e, job)
	if out.Status != pipeline.StatusKilled || len(out.Runs) >= len(job.Visits) || !strings.Contains(out.Reason, "candidate") {
		t.Errorf("%s (%s) after %d runs", out.Status, out.Reason, len(out.Runs))
	}
}

// pairsOf is two arms that run the same command, in so many pairs.
func pairsOf(t *testing.T, n int, argv ...string) pipeline.Job {
	job := Job(t, 0, argv...)
	job.Arms = []pipeline.Arm{job.Arms[0], job.Arms[0]}
	job.Arms[1].Name = "candidate"
	for i := range n {
		job.Visits = append(job.Visits, pipeline.Visit{Arm: i % 2, Round: i + 1}, pipeline.Visit{Arm: 1 - i%2, Round: i + 1, Pair: true})
	}
	return job
}

// disturbed has another process use the machine beside every pair.
func disturbed(t *testing.T, e pipeline.Executor) {
	argv := Role("busy", "60000")
	other := exec.Command(argv[0], argv[1:]...)
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Process.Kill(); _ = other.Wait() }()
	job := pairsOf(t, 10, Role("slow", "150")...)
	job.Contamination = &pipeline.Contamination{Cores: 1, Taken: .05, Pressure: 1, Share: .2}
	out, _ := run(t, e, job)
	want(t, out, pipeline.StatusEnvironment, 6, "environment: 3 of 10 pairs were disturbed")
	for _, r := range out.Runs {
		if !strings.Contains(r.Discarded, "took") {
			t.Errorf("run %d was discarded for %q; others took %v CPUs in %v s", r.Seq, r.Discarded, r.Around.Foreign, r.Around.Span)
		}
	}
}

// repeated: this machine may be as restless as it likes. Either too much goes on, or every round has one run of each arm
// that counts, side by side.
func repeated(t *testing.T, e pipeline.Executor) {
	job := pairsOf(t, 5, Role("slow", "110")...)
	job.Contamination = &pipeline.Contamination{Cores: 1, Taken: .3, Pressure: 1, Share: .4}
	out, rec := run(t, e, job)
	counts := map[int]int{}
	for i, r := range out.Runs {
		if r.Seq != i || len(rec.Starts) != len(rec.Runs) {
			t.Errorf("run %d has the number %d; %d starts, %d ends", i, r.Seq, len(rec.Starts), len(rec.Runs))
		}
		if r.Discarded == "" {
			counts[r.Round]++
		}
	}
	if out.Status == pipeline.StatusEnvironment {
		return
	}
	want(t, out, pipeline.StatusOK, len(out.Runs))
	for round := range 5 {
		if counts[round+1] != 2 {
			t.Errorf("round %d has %d runs that count", round+1, counts[round+1])
		}
	}
}

func cancelled(t *testing.T, e pipeline.Executor) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	job := Job(t, 3)
	job.Inputs = []string{"quick", "long"}
	job.Arms[0].Commands = []pipeline.Command{{Argv: Role("say", "", "")}, {Argv: Role("stubborn", dir)}}
	job.Visits[1].Input = 1
	rec := &Recorder{T: t, OnStart: func(visit int) {
		if visit == 1 {
			go func() {
				for len(Noted(dir)) < 3 && ctx.Err() == nil {
					time.Sleep(time.Millisecond)
				}
				cancel()
			}()
		}
	}}
	out, err := e.Run(ctx, job, rec)
	if err != nil {
		t.Fatal(err)
	}
	want(t, out, pipeline.StatusInterrupted, 1)
	pids := Noted(dir)
	if len(pids) != 3 {
		t.Fatalf("%d processes, want 3", len(pids))
	}
	allGone(t, pids)
}

func cancelledBefore(t *testing.T, e pipeline.Executor) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	out, err := e.Run(ctx, Job(t, 3, Role("say", "", "")...), &Recorder{T: t})
	if err != nil {
		t.Fatal(err)
	}
	want(t, out, pipeline.StatusInterrupted, 0)
}
