package process_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/benchfile/bench/executors/executortest"
	"github.com/benchfile/bench/executors/process"
	"github.com/benchfile/bench/pipeline"
)

// counting is a job of short runs that know how many came before them, and so can be odd in the middle of a burst.
func counting(t *testing.T, runs int, cases string) pipeline.Job {
	job := executortest.Job(t, runs, `read n < n; n=$((n+1)); echo $n > n; echo ${#BENCH_PAD} > pad.$n; case $n in `+cases+` esac`)
	job.Arms[0].Dir, job.Arms[0].Commands[0].Shell, job.Padding = t.TempDir(), true, true
	if err := os.WriteFile(filepath.Join(job.Arms[0].Dir, "n"), []byte("0\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return job
}

// Runs of a burst are made while the runner sleeps. What one of them does must be told of that one, and nothing may be
// told of those that were loaded after one that ended the batch.
func TestBursts(t *testing.T) {
	for _, c := range []struct {
		name, cases string
		runs        int
		status      pipeline.Status
	}{
		{"all well", "", 60, pipeline.StatusOK},
		{"an exit code", "37) exit 3;;", 37, pipeline.StatusFailed},
		{"a signal", "38) kill -SEGV $$;;", 38, pipeline.StatusFailed},
		{"a time limit", "39) exec sleep 60;;", 39, pipeline.StatusTimeout},
		{"output", "41) echo here;; 42) echo there >&2;;", 60, pipeline.StatusOK},
		{"a survivor", "43) sleep 60 & ;;", 60, pipeline.StatusOK},
	} {
		t.Run(c.name, func(t *testing.T) {
			job := counting(t, 60, c.cases)
			job.Limits = []time.Duration{500 * time.Millisecond}
			out, err := process.New(options(t)).Run(context.Background(), job, &executortest.Recorder{T: t})
			if err != nil || out.Status != c.status || len(out.Runs) != c.runs {
				t.Fatalf("%v: %s (%s) after %d runs, want %s after %d", err, out.Status, out.Reason, len(out.Runs), c.status, c.runs)
			}
			for i, r := range out.Runs {
				n := i + 1
				odd := c.status != pipeline.StatusOK && n == c.runs
				if r.Seq != i || r.OK() == odd || !odd && r.Metrics["time"] <= 0 {
					t.Errorf("run %d: %+v", n, r)
				}
				if i > 0 && r.Started.Before(out.Runs[i-1].Started) {
					t.Errorf("run %d started before the one before it", n)
				}
				pad, err := os.ReadFile(filepath.Join(job.Arms[0].Dir, fmt.Sprintf("pad.%d", n)))
				if err != nil || strings.TrimSpace(string(pad)) != fmt.Sprint(r.Padding) {
					t.Errorf("run %d saw a padding of %s, told is %d (%v)", n, pad, r.Padding, err)
				}
				if got, want := content(t, r.Stdout)+content(t, r.Stderr), said(c.cases, n); got != want {
					t.Errorf("run %d wrote %q, want %q", n, got, want)
				}
				if (r.Survivors > 0) != strings.HasPrefix(c.cases, fmt.Sprintf("%d) sleep", n)) {
					t.Errorf("run %d has %d survivors", n, r.Survivors)
				}
			}
		})
	}
}

func content(t *testing.T, path string) string {
	if path == "" {
		return ""
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// said is what a run of the test above writes.
func said(cases string, n int) string {
	_, rest, ok := strings.Cut(" "+cases, fmt.Sprintf(" %d) echo ", n))
	if !ok {
		return ""
	}
	word, _, _ := strings.Cut(rest, ";;")
	return strings.TrimSuffix(word, " >&2") + "\n"
}

// The limit of one run may be less than what a burst is given.
func TestALimitThatIsLessThanABurst(t *testing.T) {
	job := counting(t, 60, "39) exec sleep 60;;")
	job.Limits = []time.Duration{40 * time.Millisecond}
	begun := time.Now()
	out, err := process.New(options(t)).Run(context.Background(), job, &executortest.Recorder{T: t})
	if err != nil || out.Status != pipeline.StatusTimeout || !out.Runs[len(out.Runs)-1].TimedOut || time.Since(begun) > 30*time.Second {
		t.Errorf("%v: %s (%s) after %d runs and %v", err, out.Status, out.Reason, len(out.Runs), time.Since(begun))
	}
}

// Bench hangs up in the middle of a burst: neither the run that is on nor those loaded after it go on.
func TestCancelEndsABurst(t *testing.T) {
	job := counting(t, 60, "40) exec sleep 60;;")
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(time.Second, cancel)
	out, err := process.New(options(t)).Run(ctx, job, &executortest.Recorder{T: t})
	if err != nil || out.Status != pipeline.StatusInterrupted || len(out.Runs) >= 40 {
		t.Fatalf("%v: %s after %d runs", err, out.Status, len(out.Runs))
	}
	if n := content(t, filepath.Join(job.Arms[0].Dir, "n")); n != "40\n" {
		t.Errorf("%s runs were begun", strings.TrimSpace(n))
	}
}
