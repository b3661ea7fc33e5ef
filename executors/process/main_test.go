package process_test

import (
	"os"
	"testing"

	"github.com/benchfile/bench/executors/process"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "__runner" {
		os.Exit(process.Main(os.Stdin, os.Stdout))
	}
	os.Exit(m.Run())
}
