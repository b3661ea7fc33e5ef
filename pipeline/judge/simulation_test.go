package judge

import (
	"testing"

	"github.com/benchfile/bench/pipeline"
)

// session runs an experiment look by look, as the planner does.
func session(w world, e Evidence) Decision {
	all := w.batch(e.Inputs, e.Looks[len(e.Looks)-1])
	perRound := 2 * len(e.Inputs)
	done := 0
	for i, n := range e.Looks {
		e.Batches = append(e.Batches, &pipeline.Outcome{Status: pipeline.StatusOK, Runs: all.Runs[done*perRound : n*perRound]})
		e.Final = i == len(e.Looks)-1
		if d := Experiment(e); !d.Continue {
			return d
		}
		done = n
	}
	panic("the last look did not decide")
}

func fourInputs(seed uint64, cv, drift, change float64) (world, Evidence) {
	e := evidence()
	e.Inputs = []Input{{"a", 1}, {"b", 2}, {"c", 3}, {"d", 1}}
	e.Checks = []Check{{Outcome: ok()}}
	return world{base: map[string]float64{"a": 1, "b": 30, "c": 200, "d": .05}, change: map[string]float64{"": change}, cv: cv, drift: drift, seed: seed}, e
}

func TestNoFalseKeepOfTheSameProgram(t *testing.T) {
	kinds := map[pipeline.VerdictKind]int{}
	for seed := range uint64(500) {
		d := session(fourInputs(seed, .03, .10, 0))
		kinds[d.Verdict.Kind]++
	}
	t.Log(kinds)
	if kinds[pipeline.Keep] != 0 || kinds[pipeline.Kill] != 0 {
		t.Errorf("500 experiments without a change: %v; want no KEEP and no KILL", kinds)
	}
	if kinds[pipeline.Discard] < 450 {
		t.Errorf("500 experiments without a change: %v; want nearly all DISCARD", kinds)
	}
}

func TestGainsAreKept(t *testing.T) {
	kept, rounds := 0, 0
	const n = 500
	for seed := range uint64(n) {
		d := session(fourInputs(seed, .03, .05, -.08))
		rounds += d.Verdict.Rounds
		if d.Verdict.Kind == pipeline.Keep {
			kept++
		}
	}
	t.Logf("kept %d of %d, %.1f rounds on average", kept, n, float64(rounds)/n)
	if kept < n*95/100 {
		t.Errorf("−8 %% at a CV of 3 %%: kept %d of %d, want 95 %%", kept, n)
	}
}

func BenchmarkExperiment(b *testing.B) {
	w, e := fourInputs(1, .03, .05, -.03)
	e.Batches = []*pipeline.Outcome{w.batch(e.Inputs, 20)}
	e.Final = true
	b.ReportAllocs()
	for b.Loop() {
		Experiment(e)
	}
}
