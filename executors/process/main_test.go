package process_test

import (
	"os"
	"testing"
	"time"

	"github.com/benchfile/bench/executors/executortest"
	"github.com/benchfile/bench/executors/process"
	"github.com/benchfile/bench/pipeline"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "__runner" {
		os.Exit(process.Main(os.Stdin, os.Stdout))
	}
	if len(os.Args) > 3 && os.Args[1] == "__coordinate" {
		coordinate(os.Args[2], os.Args[3])
		os.Exit(0)
	}
	executortest.Main()
	os.Setenv("GORACE", "atexit_sleep_ms=0") // else each runner sleeps for a second before it ends
	os.Exit(m.Run())
}

// self executes this test binary as the runner.
func self(t testing.TB) []string {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return []string{exe, "__runner"}
}

func options(t testing.TB) process.Options {
	return process.Options{Self: self(t), Grace: 100 * time.Millisecond}
}

func TestConformance(t *testing.T) {
	executortest.Suite(t, func(t *testing.T) pipeline.Executor { return process.New(options(t)) })
}
