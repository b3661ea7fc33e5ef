// Command self asks bench's change-point detection what it would have said all along a history: after the first few run
// times, then after a few more, up to the last. It is what the repository's own Benchfile measures; it knows nothing of
// Benchfiles, and prints the same for the same file.
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"

	"github.com/benchfile/bench/pipeline/stats"
)

const (
	every     = 5     // run times between two looks at the history
	alpha     = 0.001 // what ChangePoints documents
	minChange = 0.02
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: self HISTORY (a file with one run time in seconds a line)")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "self:", err)
		os.Exit(1)
	}
}

func run(path string, out io.Writer) error {
	logs, err := read(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(out)
	replay(w, logs)
	return w.Flush()
}

// read returns the logarithms of a history's run times.
func read(path string) ([]float64, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var logs []float64
	for i, line := range bytes.Fields(data) {
		seconds, err := strconv.ParseFloat(string(line), 64)
		if err != nil || !(seconds > 0) || math.IsInf(seconds, 1) {
			return nil, fmt.Errorf("%s: run %d: %q is not a time in seconds", path, i+1, line)
		}
		logs = append(logs, math.Log(seconds))
	}
	return logs, nil
}

// replay says where the history changes level, as it was seen after every few runs; a line when the answer changes.
func replay(w io.Writer, logs []float64) {
	looks := 0
	var seen []int
	for n := every; n <= len(logs); n += every {
		looks++
		points := stats.ChangePoints(logs[:n], alpha, minChange)
		if !slices.Equal(points, seen) {
			fmt.Fprintf(w, "after %d runs: %v\n", n, points)
			seen = points
		}
	}
	fmt.Fprintf(w, "runs=%d looks=%d changes=%d\n", len(logs), looks, len(seen))
}
