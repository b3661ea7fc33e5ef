package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/benchfile/bench/pipeline"
)

// What the whole exam may show at most, and at least, as fractions.
const (
	falseKeeps  = .02 // of the sessions in which nothing was changed
	wrongShare  = .01 // of all sessions
	rightShare  = .97 // of those with a noise of 3 % and less
	lowestNoise = .03
)

// marks are what came of all sessions.
type marks struct{ results []result }

// note adds a result and tells of it. How a session was measured is always an error when it is one.
func (m *marks) note(t *testing.T, s scenario, x result) {
	t.Helper()
	m.results = append(m.results, x)
	fmt.Printf("%-20s %-10s %4.0f %%  %-12s %-6s %s\n", s.name, s.noise, 100*s.cv, x.Kind, x.mark(), x.Reason)
	for _, a := range x.audit {
		t.Errorf("%s under %s: %s", s.name, s.noise, a)
	}
}

// matrix is how often which truth got which verdict.
func (m *marks) matrix() string {
	count := map[string]map[pipeline.VerdictKind]int{}
	var rows []string
	for _, x := range m.results {
		if count[x.scenario.name] == nil {
			count[x.scenario.name] = map[pipeline.VerdictKind]int{}
			rows = append(rows, x.scenario.name)
		}
		count[x.scenario.name][x.Kind]++
	}
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "truth\t")
	for _, k := range pipeline.VerdictKinds() {
		fmt.Fprintf(w, "%s\t", k)
	}
	for _, row := range rows {
		fmt.Fprintf(w, "\n%s\t", row)
		for _, k := range pipeline.VerdictKinds() {
			if n := count[row][k]; n > 0 {
				fmt.Fprintf(w, "%d\t", n)
			} else {
				fmt.Fprint(w, ".\t")
			}
		}
	}
	fmt.Fprintln(w)
	w.Flush()
	return out.String()
}

// share is how many of those results that count have a property, as a fraction; 0 of none.
func (m *marks) share(counts, has func(result) bool) (share float64, of int) {
	n := 0
	for _, x := range m.results {
		if counts(x) {
			of++
			if has(x) {
				n++
			}
		}
	}
	return float64(n) / float64(max(1, of)), of
}

// hold prints the shares that matter and holds them to what they may be.
func (m *marks) hold(t *testing.T) {
	t.Helper()
	any := func(result) bool { return true }
	unchanged := func(x result) bool { return x.scenario.name == "same" }
	calm := func(x result) bool { return x.scenario.cv <= lowestNoise }
	shown := func(x result) bool { return x.Effect != nil && x.Kind != pipeline.Kill }
	kept := func(x result) bool { return x.Kind == pipeline.Keep }
	marked := func(mark string) func(result) bool { return func(x result) bool { return x.mark() == mark } }
	covers := func(x result) bool { c := x.scenario.change(); return x.Effect.Lo <= c && c <= x.Effect.Hi }

	keeps, n := m.share(unchanged, kept)
	fmt.Printf("kept although nothing was changed  %.1f %% of %d (at most %.0f %%)\n", 100*keeps, n, 100*falseKeeps)
	wrong, n := m.share(any, marked("wrong"))
	fmt.Printf("wrong                              %.1f %% of %d (at most %.0f %%)\n", 100*wrong, n, 100*wrongShare)
	right, n := m.share(calm, marked("right"))
	fmt.Printf("right where noise is 3 %% or less   %.1f %% of %d (at least %.0f %%)\n", 100*right, n, 100*rightShare)
	covered, n := m.share(shown, covers)
	fmt.Printf("intervals that hold the truth      %.1f %% of %d\n", 100*covered, n)
	if keeps > falseKeeps || wrong > wrongShare || right < rightShare && n > 0 {
		t.Error("the exam is failed")
	}
}

// audit says what is wrong with the way in which a session was measured. rounds are those that its verdict rests on.
func audit(runs []line, rounds int) []string {
	var bad []string
	for k, r := range runs {
		if r.Run != k {
			return []string{fmt.Sprintf("line %d of the log is run %d", k+1, r.Run)}
		}
		if r.Overlap {
			bad = append(bad, fmt.Sprintf("run %d began while another one was on", k))
		}
	}
	alone, pairs := apart(runs)
	for k := 0; k+1 < len(pairs); k += 2 {
		if a, b := pairs[k], pairs[k+1]; a.Input != b.Input || a.Arm == b.Arm {
			return append(bad, fmt.Sprintf("runs %d and %d are no pair: %s on %s, %s on %s", a.Run, b.Run, a.Arm, a.Input, b.Arm, b.Input))
		}
	}
	const warmups, baselineRuns = 3, 10
	for _, input := range distinct(runs, func(r line) string { return r.Input }) {
		of := func(arm string, runs []line) (n int) {
			for _, r := range runs {
				if r.Input == input && r.Arm == arm {
					n++
				}
			}
			return n
		}
		if n := of("baseline", alone); n < 1+warmups+baselineRuns {
			bad = append(bad, fmt.Sprintf("%d runs of the baseline alone on %s", n, input))
		}
		if b, c := of("baseline", pairs), of("candidate", pairs); rounds > 0 && (b < warmups+rounds || c < warmups+rounds) {
			bad = append(bad, fmt.Sprintf("%d runs of the baseline and %d of the candidate on %s, for %d rounds", b, c, input, rounds))
		}
		bad = append(bad, auditOrder(pairs, input)...)
	}
	if sizes := distinct(pairs, func(r line) int { return r.Environment }); rounds > 0 && len(sizes) < len(pairs)/2 {
		bad = append(bad, fmt.Sprintf("only %d sizes of the environment in %d runs", len(sizes), len(pairs)))
	}
	return bad
}

// apart takes apart what is run alone, the baseline by itself and then each output of the candidate once, and what is
// measured in pairs after that.
func apart(runs []line) (alone, pairs []line) {
	first := slices.IndexFunc(runs, func(r line) bool { return r.Arm == "candidate" })
	if first < 0 {
		return runs, nil
	}
	n := min(len(runs), first+len(inputs()))
	return runs[:n], runs[n:]
}

// auditOrder asks that neither arm comes first much more often.
func auditOrder(pairs []line, input string) []string {
	first, n := 0, 0
	for k := 0; k < len(pairs); k += 2 {
		if pairs[k].Input == input {
			n++
			if pairs[k].Arm == "candidate" {
				first++
			}
		}
	}
	if n >= 10 && (4*first < n || 4*first > 3*n) {
		return []string{fmt.Sprintf("the candidate was first in %d of %d pairs on %s", first, n, input)}
	}
	return nil
}

func distinct[T comparable](runs []line, of func(line) T) []T {
	var out []T
	for _, r := range runs {
		if v := of(r); !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// readLog reads what all runs of a session left.
func readLog(path string) ([]line, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var out []line
	for row := range bytes.Lines(text) {
		var x line
		if _, err := fmt.Sscanf(string(row), lineFormat, &x.Run, &x.Arm, &x.Input, &x.Environment, &x.Overlap, &x.Took); err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", path, len(out)+1, err)
		}
		out = append(out, x)
	}
	return out, nil
}
