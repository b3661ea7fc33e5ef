package process_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/benchfile/bench/executors/executortest"
	"github.com/benchfile/bench/executors/process"
	"github.com/benchfile/bench/pipeline"
)

// A process's ru_maxrss begins at the size of whoever spawned it. Here bench has 200 MB; what is measured must not.
func TestMemoryPeakIsTheCommandsAndNotBenchs(t *testing.T) {
	ballast := make([]byte, 200<<20)
	for i := range ballast {
		ballast[i] = byte(i)
	}
	defer runtime.KeepAlive(ballast)
	if own := resident(t); own < 200<<20 {
		t.Fatalf("this test has only %d bytes resident", own)
	}
	e := process.New(options(t))
	peak := func(argv ...string) float64 {
		job := executortest.Job(t, 3, argv...)
		out, err := e.Run(context.Background(), job, &executortest.Recorder{T: t})
		if err != nil || out.Status != pipeline.StatusOK {
			t.Fatal(err, out.Status, out.Reason)
		}
		least := out.Runs[0].Metrics["memory_peak"]
		for _, r := range out.Runs {
			least = min(least, r.Metrics["memory_peak"])
		}
		return least
	}
	// true(1) has about 1 MB, nearly all of it the C library's; the runner alone would have ten.
	if got := peak("true"); got < 100<<10 || got > 3<<20 {
		t.Errorf("true: %.0f bytes", got)
	}
	dd := func(block string) []string {
		return []string{"dd", "if=/dev/zero", "of=/dev/null", "bs=" + block, "count=1", "status=none"}
	}
	small, large := peak(dd("4M")...), peak(dd("64M")...)
	if small < 4<<20 || small > 8<<20 {
		t.Errorf("dd with a block of 4 MiB: %.0f bytes, want 5 to 6 MB", small)
	}
	if grown := (large - small) / (1 << 20); grown < 58 || grown > 62 {
		t.Errorf("60 MiB more are measured as %.1f MiB", grown)
	}
	// Also through a shell that waits for it: the largest process of the tree.
	if got := peak("sh", "-c", strings.Join(dd("64M"), " ")+"; :"); got < 64<<20 || got > 70<<20 {
		t.Errorf("64 MiB in a grandchild: %.0f bytes", got)
	}
	if got := peak(executortest.Role("eat", "64")...); got < 64<<20 {
		t.Errorf("a Go program that eats 64 MiB: %.0f bytes", got)
	}
}

func resident(t *testing.T) (bytes int) {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	var size, pages int
	if _, err := fmt.Sscan(string(text), &size, &pages); err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}
