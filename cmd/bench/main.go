// Command bench runs performance experiments from a Benchfile. It is the one place where all parts of bench meet, and
// the only one that talks to people: flags, exit codes, the terminal.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"

	"github.com/benchfile/bench/executors/process"
)

// runnerArg makes this binary the runner of one job: it then spawns, times and reaps, and does nothing else.
const runnerArg = "__runner"

// main begins where package early, which has run before it, did not have the answer already.
func main() {
	if len(os.Args) > 1 && os.Args[1] == runnerArg {
		os.Exit(process.Main(os.Stdin, os.Stdout))
	}
	os.Exit(run(os.Args[1:]))
}

// run is main with an exit code.
func run(args []string) int {
	args = dashes(args)
	debug.SetGCPercent(400) // a call is short and small: decoding and planning 400 hypotheses takes a quarter less time
	app := &app{out: os.Stdout, err: os.Stderr, json: asksJSON(args)}
	root := app.command()
	root.SetArgs(args)
	err := root.ExecuteContext(context.Background())
	app.complain(err)
	return codeOf(err)
}

// complain says what went wrong, once.
func (a *app) complain(err error) {
	if err == nil {
		return
	}
	var bad *badBenchfile
	if errors.As(err, &bad) {
		a.diagnostics(bad.diags)
		return
	}
	text := err.Error()
	if text == "" {
		return
	}
	hint := hintOf(err)
	if a.json {
		a.emit("error", struct {
			Message string `json:"message"`
			Hint    string `json:"hint,omitempty"`
			Exit    int    `json:"exit"`
		}{text, hint, codeOf(err)})
		return
	}
	fmt.Fprintf(a.err, "bench: error: %s\n", text)
	if hint != "" {
		fmt.Fprintf(a.err, "bench: hint: %s\n", hint)
	}
}
