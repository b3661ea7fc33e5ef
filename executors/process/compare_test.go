package process_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
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

// BenchmarkCompare holds this executor against hyperfine -N, side by side: a session of the one and a session of the other
// in turns, so that whatever else the machine does hits both. Each two neighbours are a series. See compare.sh.
func BenchmarkCompare(b *testing.B) {
	if _, err := exec.LookPath("hyperfine"); err != nil {
		b.Skip("hyperfine is not installed (apt-get install hyperfine)")
	}
	for _, c := range []struct {
		name         string
		argv         []string
		series, runs int
	}{
		{"true", []string{"true"}, 20, 1000},
		{"busy-5ms", []string{"awk", "BEGIN { for (i = 0; i < 160000; i++) x += i }"}, 20, 200},
	} {
		b.Run(c.name, func(b *testing.B) {
			var ours, theirs tally
			for range b.N {
				for i := range c.series {
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
			fmt.Printf("\n%-12s %10s %10s %8s %11s\n", c.name, "bench", "hyperfine", "ratio", "not worse")
			for _, f := range figures() {
				report(f, ours.each(f.of), theirs.each(f.of))
			}
		})
	}
}

// figure is a number that tells how a series went: the smaller, the better.
type figure struct {
	name string
	of   func(series) float64
}

func figures() []figure {
	at := func(v []float64, q float64) float64 { return v[int(q*float64(len(v)-1))] }
	return []figure{
		{"median-µs", func(s series) float64 { return at(s.runs, 0.5) }},
		{"iqr-µs", func(s series) float64 { return at(s.runs, 0.75) - at(s.runs, 0.25) }},
		{"sd-µs", func(s series) float64 { return deviation(s.runs) }},
		{"session-ms", func(s series) float64 { return s.session }},
	}
}

// report says what each of the two got in the median of the series, the median of the ratios bench / hyperfine of the
// series, and in how many of them bench was not the worse one.
func report(f figure, ours, theirs []float64) {
	ratios, won := make([]float64, len(ours)), 0
	for i := range ours {
		if ratios[i] = ours[i] / theirs[i]; ratios[i] <= 1 {
			won++
		}
	}
	fmt.Printf("%-12s %10.5g %10.5g %8.3f %6d of %d\n", f.name, middleOf(ours), middleOf(theirs), middleOf(ratios), won, len(ratios))
}

// series is one session of the one or of the other.
type series struct {
	runs    []float64 // microseconds, sorted
	session float64   // milliseconds, as a user waits for it
}

type tally []series

func (t *tally) add(runs []float64, session time.Duration) {
	slices.Sort(runs)
	*t = append(*t, series{runs, session.Seconds() * 1e3})
}

func (t tally) each(of func(series) float64) []float64 {
	out := make([]float64, len(t))
	for i, s := range t {
		out[i] = of(s)
	}
	return out
}

func middleOf(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

func deviation(v []float64) float64 {
	mean, squares := 0.0, 0.0
	for _, x := range v {
		mean += x / float64(len(v))
	}
	for _, x := range v {
		squares += (x - mean) * (x - mean)
	}
	return math.Sqrt(squares / float64(len(v)-1))
}

func oursOnce(b testing.TB, n int, argv []string) ([]float64, time.Duration) {
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
