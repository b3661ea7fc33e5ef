// Package early answers an apply whose memo still holds before the rest of bench exists, because that answer needs nothing
// of what bench is made of. It knows no language, no plan and no executor.
//
// It does so in an init function, which bench otherwise has none of, because of what comes before main: the libraries that
// bench links build tables and compile expressions when they are initialised, wanted or not, and that takes as long as the
// rest of the answer. Go initialises packages in the order of their import paths, each as soon as everything that it imports
// is (https://go.dev/ref/spec#Program_initialization). This one imports little and its path is low, so its turn comes
// before theirs. What it imports has to have a turn before theirs, too: fmt has, runtime/debug has not. A test in cmd/bench
// fails when the turn is lost; an apply then takes longer and says the same.
//
// Where this package has no answer, main goes the long way.
package early

import (
	"io"
	"os"
)

// Version of bench; the linker sets it in releases (-X github.com/benchfile/bench/cmd/bench/early.Version=…).
var Version = "0.1.0-dev"

func init() {
	if len(os.Args) < 2 || os.Args[1] != "apply" {
		return
	}
	if message, ok := settled(os.Args[2:]); ok {
		io.WriteString(os.Stdout, message)
		os.Exit(0)
	}
}
