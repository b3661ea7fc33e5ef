package process_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/benchfile/bench/executors/executortest"
	"github.com/benchfile/bench/executors/process"
	"github.com/benchfile/bench/pipeline"
)

func TestStopFinishesTheRun(t *testing.T) {
	e := process.New(options(t))
	job := executortest.Job(t, 5, executortest.Role("slow", "20")...)
	rec := &executortest.Recorder{T: t}
	rec.OnStart = func(visit int) {
		if visit == 2 {
			e.Stop()
		}
	}
	out, err := e.Run(context.Background(), job, rec)
	if err != nil || out.Status != pipeline.StatusInterrupted || len(out.Runs) != 3 || !out.Runs[2].OK() {
		t.Errorf("%v: %s after %d runs", err, out.Status, len(out.Runs))
	}
	out, err = e.Run(context.Background(), job, &executortest.Recorder{T: t})
	if err != nil || out.Status != pipeline.StatusInterrupted || len(out.Runs) != 0 {
		t.Errorf("after it was stopped: %v: %s after %d runs", err, out.Status, len(out.Runs))
	}
}

func TestStopEndsTheCoolDown(t *testing.T) {
	e := process.New(options(t))
	job := executortest.Job(t, 2, "true")
	job.Cooldown = time.Hour
	out, err := e.Run(context.Background(), job, stopper{e})
	if err != nil || out.Status != pipeline.StatusInterrupted || len(out.Runs) != 1 {
		t.Errorf("%v: %s after %d runs", err, out.Status, len(out.Runs))
	}
}

type stopper struct{ e *process.Executor }

func (stopper) Started(int)             {}
func (s stopper) Finished(pipeline.Run) { s.e.Stop() }

// A runner that somebody kills is bench's failure and not the benchmark's.
func TestKillingTheRunnerIsAnError(t *testing.T) {
	dir := t.TempDir()
	job := executortest.Job(t, 1, `echo $PPID > pid; exec sleep 3600`)
	job.Arms[0].Commands[0].Shell, job.Arms[0].Dir = true, dir
	rec := &executortest.Recorder{T: t, OnStart: func(int) {
		go func() {
			for {
				text, _ := os.ReadFile(filepath.Join(dir, "pid"))
				if spawner, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil {
					_ = syscall.Kill(parent(spawner), syscall.SIGKILL)
					return
				}
				time.Sleep(time.Millisecond)
			}
		}()
	}}
	out, err := process.New(options(t)).Run(context.Background(), job, rec)
	if err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("%v: %+v", err, out)
	}
}

func parent(pid int) int {
	text, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	f := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	ppid, _ := strconv.Atoi(f[1])
	return ppid
}

// Commands begin as they would from a shell: the soft limit of files that Go raises for itself, signals, descriptors.
func TestCommandsInheritNothingOfGo(t *testing.T) {
	job := executortest.Job(t, 1, `ulimit -Sn; grep -E '^Sig(Blk|Ign)' /proc/self/status; for f in /proc/$$/fd/*; do echo ${f##*/}; done`)
	job.Arms[0].Commands[0].Shell = true
	soft := "64"
	e := process.New(process.Options{Self: append([]string{"/bin/sh", "-c", "ulimit -Sn " + soft + `; exec "$0" "$@"`}, self(t)...)})
	out, err := e.Run(context.Background(), job, &executortest.Recorder{T: t})
	if err != nil || out.Status != pipeline.StatusOK {
		t.Fatal(err, out.Reason)
	}
	text, err := os.ReadFile(out.Runs[0].Stdout)
	if err != nil {
		t.Fatal(err)
	}
	none := strings.Repeat("0", 16)
	// 3 is the folder that the shell itself is reading.
	want := soft + "\nSigBlk:\t" + none + "\nSigIgn:\t" + none + "\n0\n1\n2\n3\n"
	if string(text) != want {
		t.Errorf("a command saw\n%swant\n%s", text, want)
	}
}

// A tree that keeps forking is ended too.
func TestAForkingTreeIsEnded(t *testing.T) {
	job := executortest.Job(t, 2, `(trap '' TERM; while :; do (sleep 3600 &); sleep 0.01; done) & sleep 0.1`)
	job.Arms[0].Commands[0].Shell = true
	out, err := process.New(options(t)).Run(context.Background(), job, &executortest.Recorder{T: t})
	if err != nil || out.Status != pipeline.StatusOK {
		t.Fatal(err, out.Reason)
	}
	for _, r := range out.Runs {
		if r.Survivors < 2 || len(r.Notes) > 0 {
			t.Errorf("%d survivors, %q", r.Survivors, r.Notes)
		}
	}
}

func TestDeclaredMetrics(t *testing.T) {
	opt := options(t)
	opt.Extract = func(m pipeline.Metric, r pipeline.Run) (float64, error) {
		text, err := os.ReadFile(r.Stdout)
		if err != nil || m.Name == "lost" {
			return 0, errors.New("not in the output")
		}
		return strconv.ParseFloat(string(text), 64)
	}
	job := executortest.Job(t, 2, executortest.Role("say", "42", "")...)
	job.Metrics = []pipeline.Metric{{Name: "steps", From: &pipeline.Extract{}}, {Name: "lost", From: &pipeline.Extract{}}}
	out, err := process.New(opt).Run(context.Background(), job, &executortest.Recorder{T: t})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range out.Runs {
		_, have := r.Metrics["lost"]
		if r.Metrics["steps"] != 42 || have || r.Missing["lost"] != "not in the output" {
			t.Errorf("%v, missing %v", r.Metrics, r.Missing)
		}
	}
}

func TestRunGivesTheCollectorBack(t *testing.T) {
	before := debug.SetGCPercent(73)
	defer debug.SetGCPercent(before)
	if _, err := process.New(options(t)).Run(context.Background(), executortest.Job(t, 1, "true"), &executortest.Recorder{T: t}); err != nil {
		t.Fatal(err)
	}
	if got := debug.SetGCPercent(73); got != 73 {
		t.Errorf("the collector is left at %d %%", got)
	}
}

func TestJobsThatDoNotFitTogetherAreRefused(t *testing.T) {
	for name, spoil := range map[string]func(*pipeline.Job){
		"no scratch":        func(j *pipeline.Job) { j.Scratch = "" },
		"no command":        func(j *pipeline.Job) { j.Arms[0].Commands = nil },
		"no such arm":       func(j *pipeline.Job) { j.Visits[0].Arm = 1 },
		"no such input":     func(j *pipeline.Job) { j.Visits[0].Input = -1 },
		"too few limits":    func(j *pipeline.Job) { j.Limits = make([]time.Duration, 2) },
		"wrong references":  func(j *pipeline.Job) { j.Strikes = &pipeline.Strikes{Reference: make([][]float64, 2)} },
		"self is not there": nil,
	} {
		job := executortest.Job(t, 1, "true")
		opt := options(t)
		if spoil == nil {
			opt.Self = []string{"/no/such/program"}
		} else {
			spoil(&job)
		}
		if out, err := process.New(opt).Run(context.Background(), job, &executortest.Recorder{T: t}); err == nil || len(out.Runs) > 0 {
			t.Errorf("%s: %v, %d runs", name, err, len(out.Runs))
		}
	}
}
