package main

import (
	"errors"
	"fmt"

	"github.com/benchfile/bench/hcl/benchfile"
	"github.com/benchfile/bench/pipeline/engine"
	"github.com/benchfile/bench/pipeline/store"
)

// The exit codes, as the README lists them.
const (
	exitOK          = 0
	exitFailed      = 1   // a step or bench itself failed
	exitUsage       = 2   // the Benchfile or the command line is wrong; with -detailed-exitcode: there is something to run
	exitVerdict     = 3   // --fail-on: such a verdict is there
	exitUnfit       = 4   // the machine is not fit for measuring
	exitLocked      = 5   // another bench is at work
	exitInterrupted = 130 // asked to stop
)

// codeError is an error with an exit code of its own. A nil err means that everything has been said.
type codeError struct {
	code int
	err  error
	hint string
}

func (e *codeError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *codeError) Unwrap() error { return e.err }

// usage is an error of whoever typed the command.
func usage(hint, format string, args ...any) error {
	return &codeError{code: exitUsage, err: fmt.Errorf(format, args...), hint: hint}
}

// badBenchfile carries the diagnostics of a Benchfile that can't be used.
type badBenchfile struct{ diags benchfile.Diagnostics }

func (b *badBenchfile) Error() string { return "the Benchfile is wrong; nothing was run" }

// codeOf says with which code an error ends the program.
func codeOf(err error) int {
	var code *codeError
	var bad *badBenchfile
	var busy *store.Busy
	var unfit *engine.UnfitError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &code):
		return code.code
	case errors.As(err, &bad):
		return exitUsage
	case errors.As(err, &busy):
		return exitLocked
	case errors.As(err, &unfit):
		return exitUnfit
	}
	return exitFailed
}

// hintOf is what whoever sees an error can do about it; "" when the error says so itself.
func hintOf(err error) string {
	var code *codeError
	var unfit *engine.UnfitError
	switch {
	case errors.As(err, &code):
		return code.hint
	case errors.As(err, &unfit):
		return "stop what else runs on this machine, or say in the Benchfile what is tolerable (environment, gate); apply goes on from here"
	}
	return ""
}
