package process_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/benchfile/bench/executors/executortest"
	"github.com/benchfile/bench/executors/process"
	"github.com/benchfile/bench/pipeline"
)

// Whoever is stopped while a run is on, the run is not silently good.
func TestStoppedRunsHaveNoTime(t *testing.T) {
	for _, c := range []struct {
		name   string
		line   string // writes the pid of the process to stop
		parent bool   // it is its parent that is stopped
		stop   time.Duration
		want   string
	}{
		{"the command", "echo $$ > pid; exec sleep 0.5", false, 300 * time.Millisecond, "the command was stopped for 0.3"},
		{"the spawner", "echo $PPID > pid; exec sleep 0.5", false, 900 * time.Millisecond, "the process that times the commands was stopped"},
		{"the runner", "echo $PPID > pid; exec sleep 0.5", true, 1500 * time.Millisecond, "bench's runner was stopped"},
		{"nobody", "exec sleep 0.5", false, 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			job := executortest.Job(t, 1, c.line)
			job.Arms[0].Dir, job.Arms[0].Commands[0].Shell = t.TempDir(), true
			job.Metrics = []pipeline.Metric{{Name: "said", From: &pipeline.Extract{}}, {Name: "counted", From: &pipeline.Extract{}, Exact: true}}
			opt := options(t)
			opt.Extract = func(pipeline.Metric, pipeline.Run) (float64, error) { return 1, nil }
			done := make(chan struct{})
			go func() {
				defer close(done)
				if c.stop > 0 {
					halt(t, filepath.Join(job.Arms[0].Dir, "pid"), c.parent, c.stop)
				}
			}()
			out, err := process.New(opt).Run(context.Background(), job, &executortest.Recorder{T: t})
			<-done
			if err != nil || out.Status != pipeline.StatusOK || len(out.Runs) != 1 {
				t.Fatalf("%v: %s (%s) after %d runs", err, out.Status, out.Reason, len(out.Runs))
			}
			r := out.Runs[0]
			_, timed := r.Metrics["time"]
			_, said := r.Metrics["said"]
			_, counted := r.Metrics["counted"]
			if why := r.Missing["time"]; timed != (c.want == "") || said != timed || !counted || !strings.HasPrefix(why, c.want) {
				t.Errorf("time %v, missing: %q; want %q", r.Metrics, why, c.want)
			}
		})
	}
}

// halt stops the process whose pid is in a file, or its parent, for a while.
func halt(t *testing.T, path string, parent bool, d time.Duration) {
	pid := 0
	for deadline := time.Now().Add(10 * time.Second); pid == 0 && time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		text, _ := os.ReadFile(path)
		pid, _ = strconv.Atoi(strings.TrimSpace(string(text)))
	}
	if parent {
		stat, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		pid, _ = strconv.Atoi(fields[1])
	}
	if pid <= 1 || syscall.Kill(pid, syscall.SIGSTOP) != nil {
		t.Errorf("process %d cannot be stopped", pid)
		return
	}
	time.Sleep(d)
	if err := syscall.Kill(pid, syscall.SIGCONT); err != nil {
		t.Error(err)
	}
}

// In a burst as well, and only of the run that was stopped.
func TestStopInABurst(t *testing.T) {
	job := counting(t, 60, "40) (sleep 0.1; kill -CONT $$) & kill -STOP $$; wait;;")
	out, err := process.New(options(t)).Run(context.Background(), job, &executortest.Recorder{T: t})
	if err != nil || out.Status != pipeline.StatusOK || len(out.Runs) != 60 {
		t.Fatalf("%v: %s (%s) after %d runs", err, out.Status, out.Reason, len(out.Runs))
	}
	for i, r := range out.Runs {
		if _, timed := r.Metrics["time"]; timed == (i == 39) || i == 39 && !strings.HasPrefix(r.Missing["time"], "the command was stopped") {
			t.Errorf("run %d: time %v, missing %q", i+1, r.Metrics["time"], r.Missing["time"])
		}
	}
}

// What the spawner cannot hear of is seen by looking, in a run of some length.
func TestAStoppedDescendantIsNoted(t *testing.T) {
	job := executortest.Job(t, 1, "sleep 0.1 & kill -STOP $!; sleep 0.5; kill -CONT $!; wait")
	job.Arms[0].Commands[0].Shell = true
	out, err := process.New(options(t)).Run(context.Background(), job, &executortest.Recorder{T: t})
	if err != nil || out.Status != pipeline.StatusOK {
		t.Fatal(err, out.Status, out.Reason)
	}
	r := out.Runs[0]
	if r.Containment != "cgroup" {
		t.Skipf("runs are held by a %s here", r.Containment)
	}
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "stopped") || r.Metrics["time"] <= 0 {
		t.Errorf("%+v", r)
	}
}
