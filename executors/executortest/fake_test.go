package executortest_test

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/benchfile/bench/executors/executortest"
	"github.com/benchfile/bench/pipeline"
)

func TestFake(t *testing.T) {
	broken := errors.New("no machine")
	f := &executortest.Fake{
		Script: []executortest.Reply{
			{Stdout: "out", Files: map[string]string{"a/b.txt": "text"}, Sample: func(i int, v pipeline.Visit) map[string]float64 {
				return map[string]float64{"time": float64(i + v.Round)}
			}},
			{Err: broken},
			{Status: pipeline.StatusFailed, Reason: "exit 3", Runs: 2},
		},
		Otherwise: func(pipeline.Job) executortest.Reply {
			return executortest.Reply{Edit: func(i int, r *pipeline.Run) { r.Survivors = i }}
		},
	}
	run := func(want pipeline.Status, runs int, fails error) pipeline.Outcome {
		t.Helper()
		rec := &executortest.Recorder{T: t}
		out, err := f.Run(context.Background(), executortest.Job(t, 3, "x"), rec)
		if !errors.Is(err, fails) || len(rec.Runs) != runs || len(out.Runs) != runs || fails == nil && out.Status != want {
			t.Errorf("%s with %d runs and %v; want %s, %d, %v", out.Status, len(out.Runs), err, want, runs, fails)
		}
		return out
	}
	out := run(pipeline.StatusOK, 3, nil)
	stdout, err := os.ReadFile(out.Runs[2].Stdout)
	file, errFile := os.ReadFile(out.Runs[2].Files["a/b.txt"])
	if err != nil || errFile != nil || string(stdout) != "out" || string(file) != "text" || out.Runs[2].Metrics["time"] != 5 {
		t.Errorf("%q %q %v %v %v", stdout, file, err, errFile, out.Runs[2])
	}
	run("", 0, broken)
	run(pipeline.StatusFailed, 2, nil)
	if out = run(pipeline.StatusOK, 3, nil); out.Runs[2].Survivors != 2 {
		t.Error("Otherwise was not asked")
	}
	if len(f.Asked()) != 4 || f.Overlapped() {
		t.Errorf("%d jobs, overlapped %v", len(f.Asked()), f.Overlapped())
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if out, err := f.Run(ctx, executortest.Job(t, 3, "x"), &executortest.Recorder{T: t}); err != nil || out.Status != pipeline.StatusInterrupted {
		t.Errorf("cancelled: %s %v", out.Status, err)
	}
}

// The fake holds the rule of contamination as every executor does.
func TestFakeMakesDisturbedPairsAgain(t *testing.T) {
	for _, c := range []struct {
		disturbed map[int]bool
		status    pipeline.Status
		runs      int
	}{
		{map[int]bool{1: true}, pipeline.StatusOK, 12},
		{map[int]bool{1: true, 10: true}, pipeline.StatusEnvironment, 12},
		{map[int]bool{1: true, 6: true}, pipeline.StatusEnvironment, 8},
	} {
		job := executortest.Job(t, 0, "x")
		job.Arms = append(job.Arms, job.Arms[0])
		job.Contamination = &pipeline.Contamination{Cores: 2, Taken: .05, Pressure: 1, Share: .2}
		for i := range 5 {
			job.Visits = append(job.Visits, pipeline.Visit{Round: i + 1}, pipeline.Visit{Round: i + 1, Arm: 1, Pair: true})
		}
		f := &executortest.Fake{Otherwise: func(pipeline.Job) executortest.Reply {
			return executortest.Reply{Edit: func(n int, r *pipeline.Run) {
				r.Around.Span, r.Around.Runs, r.Around.Foreign = 1, 1, 0
				if c.disturbed[n] {
					r.Around.Foreign = 1
				}
			}}
		}}
		out, err := f.Run(context.Background(), job, &executortest.Recorder{T: t})
		if err != nil || out.Status != c.status || len(out.Runs) != c.runs {
			t.Errorf("%v: %s (%s) after %d runs, %v; want %s, %d", c.disturbed, out.Status, out.Reason, len(out.Runs), err, c.status, c.runs)
		}
	}
}
