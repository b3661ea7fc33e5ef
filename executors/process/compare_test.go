package process_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/benchfile/bench/executors/executortest"
	"github.com/benchfile/bench/executors/process"
	"github.com/benchfile/bench/pipeline"
)

// BenchmarkCompare holds this executor against hyperfine -N, side by side: blocks of runs of the one and of the other in
// turns, so that whatever else the machine does hits both. See compare.sh.
func BenchmarkCompare(b *testing.B) {
	if _, err := exec.LookPath("hyperfine"); err != nil {
		b.Skip("hyperfine is not installed (apt-get install hyperfine)")
	}
	for _, c := range []struct {
		name         string
		argv         []string
		blocks, runs int
	}{
		{"true", []string{"true"}, 10, 1000},
		{"busy-5ms", []string{"awk", "BEGIN { for (i = 0; i < 160000; i++) x += i }"}, 10, 200},
	} {
		b.Run(c.name, func(b *testing.B) {
			var ours, theirs tally
			for range b.N {
				for i := range c.blocks {
					measure := []func(){
						func() { ours.add(oursOnce(b, c.runs, c.argv)) },
						func() { theirs.add(hyperfineOnce(b, c.runs, c.argv)) },
					}
					if i%2 == 1 {
						slices.Reverse(measure)
					}
					for _, m := range measure {
						m()
					}
				}
			}
			b.ReportMetric(0, "ns/op")
			ours.report(b, "bench")
			theirs.report(b, "hyperfine")
		})
	}
}

// tally is what one of the two said over all blocks.
type tally struct {
	runs     []float64 // microseconds
	sessions []float64 // milliseconds, of whole blocks as a user waits for them
}

func (t *tally) add(runs []float64, session time.Duration) {
	t.runs = append(t.runs, runs...)
	t.sessions = append(t.sessions, session.Seconds()*1e3)
}

func (t *tally) report(b *testing.B, who string) {
	slices.Sort(t.runs)
	slices.Sort(t.sessions)
	at := func(v []float64, q float64) float64 { return v[int(q*float64(len(v)-1))] }
	b.ReportMetric(at(t.runs, 0.5), who+"-median-µs")
	b.ReportMetric(at(t.runs, 0.75)-at(t.runs, 0.25), who+"-iqr-µs")
	b.ReportMetric(at(t.runs, 0.95)-at(t.runs, 0.05), who+"-p90range-µs")
	b.ReportMetric(at(t.sessions, 0.5), who+"-session-ms")
}

func oursOnce(b *testing.B, n int, argv []string) ([]float64, time.Duration) {
	job := pipeline.Job{Step: "compare", Kind: pipeline.StepMeasure, Inputs: []string{""}, Scratch: b.TempDir(), Seed: 1,
		Arms: []pipeline.Arm{{Name: "baseline", Dir: b.TempDir(), Commands: []pipeline.Command{{Argv: argv}}, Env: os.Environ()}}}
	job.Visits = slices.Repeat([]pipeline.Visit{{Round: 1}}, n)
	begun := time.Now()
	out, err := process.New(process.Options{Self: self(b)}).Run(context.Background(), job, quiet{})
	session := time.Since(begun)
	if err != nil || out.Status != pipeline.StatusOK {
		b.Fatal(err, out.Status, out.Reason)
	}
	runs := make([]float64, n)
	for i, r := range out.Runs {
		runs[i] = r.Metrics["time"] * 1e6
	}
	return runs, session
}

func hyperfineOnce(b *testing.B, n int, argv []string) ([]float64, time.Duration) {
	file := filepath.Join(b.TempDir(), "out.json")
	line := argv[0]
	for _, a := range argv[1:] {
		line += " '" + strings.ReplaceAll(a, "'", `'\''`) + "'"
	}
	begun := time.Now()
	said, err := exec.Command("hyperfine", "-N", "--runs", fmt.Sprint(n), "--style", "none", "--export-json", file, line).CombinedOutput()
	session := time.Since(begun)
	if err != nil {
		b.Fatalf("hyperfine: %v\n%s", err, said)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		b.Fatal(err)
	}
	var got struct{ Results []struct{ Times []float64 } }
	if err := json.Unmarshal(text, &got); err != nil {
		b.Fatal(err)
	}
	runs := got.Results[0].Times
	for i := range runs {
		runs[i] *= 1e6
	}
	return runs, session
}

type quiet struct{}

func (quiet) Started(int)           {}
func (quiet) Finished(pipeline.Run) {}

// A session of one run: what it costs to set everything up and to take it down again.
func BenchmarkSession(b *testing.B) {
	e := process.New(process.Options{Self: self(b)})
	for range b.N {
		job := pipeline.Job{Step: "session", Kind: pipeline.StepMeasure, Inputs: []string{""}, Scratch: b.TempDir(), Visits: []pipeline.Visit{{Round: 1}},
			Arms: []pipeline.Arm{{Name: "baseline", Dir: "/", Commands: []pipeline.Command{{Argv: []string{"true"}}}, Env: executortest.Env()}}}
		if out, err := e.Run(context.Background(), job, quiet{}); err != nil || out.Status != pipeline.StatusOK {
			b.Fatal(err, out.Reason)
		}
	}
}
