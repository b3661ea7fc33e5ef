package judge

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/benchfile/bench/pipeline"
)

// baselines are runs of the baseline with a CV of 1 %, each input's by its own factor.
func baselines(seed uint64, n int, factors ...float64) []pipeline.Run {
	rng := rand.New(rand.NewPCG(seed, 2))
	var out []pipeline.Run
	for i, f := range factors {
		for range n {
			out = append(out, pipeline.Run{Arm: baselineArm, Input: twoInputs()[i].Name,
				Metrics: map[string]float64{timeMetric: f * float64(i+1) * math.Exp(.01*rng.NormFloat64())}})
		}
	}
	return out
}

func TestSentinel(t *testing.T) {
	stored := baselines(1, 10, 1, 1)
	tests := []struct {
		name    string
		present []pipeline.Run
		want    float64
		moved   bool
	}{
		{"the same machine", baselines(2, 10, 1, 1), 0, false},
		{"six per cent slower", baselines(3, 10, 1.06, 1.06), .06, true},
		{"six per cent faster", baselines(4, 10, .94, .94), -.06, true},
		{"two per cent are let pass", baselines(5, 20, 1.02, 1.02), .02, false},
		{"the inputs' changes cancel", baselines(6, 10, 1.06, 1/1.06), 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := twoInputs()
			for i := range in {
				in[i].Weight = 1
			}
			s := Sentinel(seconds(), in, stored, tt.present)
			if s == nil || math.Abs(s.Change-tt.want) > .015 || s.Moved != tt.moved || s.Lo > s.Change || s.Hi < s.Change {
				t.Errorf("got %+v, want about %v, moved %v", s, tt.want, tt.moved)
			}
		})
	}
}

func TestSentinelHasNothingToSay(t *testing.T) {
	warm := baselines(1, 10, 1, 1)
	for i := range warm {
		warm[i].Warmup = true
	}
	zero := baselines(1, 10, 1, 1)
	zero[3].Metrics[timeMetric] = 0
	for name, present := range map[string][]pipeline.Run{
		"warm-ups only": warm, "one run": baselines(1, 1, 1, 1), "an input is missing": baselines(1, 10, 1), "a value without a logarithm": zero,
	} {
		if s := Sentinel(seconds(), twoInputs(), baselines(2, 10, 1, 1), present); s != nil {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

// On a machine that stays what it was, the sentinel warns in about one experiment of a hundred at most (STATISTICS 2h).
func TestSentinelRarelyCriesWolf(t *testing.T) {
	wrong, found := 0, 0
	const sessions = 1000
	for i := range uint64(sessions) {
		stored := noisy(3*i, 1, .03)
		if s := Sentinel(seconds(), twoInputs(), stored, noisy(3*i+1, 1, .03)); s.Moved {
			wrong++
		}
		if s := Sentinel(seconds(), twoInputs(), stored, noisy(3*i+2, 1.05, .03)); s.Moved {
			found++
		}
	}
	if wrong > sessions/50 || found < sessions*6/10 {
		t.Errorf("%d of %d warned without a shift, %d of a shift of 5 %%", wrong, sessions, found)
	}
}

// noisy are ten runs of each input with a given CV.
func noisy(seed uint64, factor, cv float64) []pipeline.Run {
	rng := rand.New(rand.NewPCG(seed, 3))
	var out []pipeline.Run
	for _, in := range twoInputs() {
		for range 10 {
			out = append(out, pipeline.Run{Arm: baselineArm, Input: in.Name, Metrics: map[string]float64{timeMetric: factor * math.Exp(cv*rng.NormFloat64())}})
		}
	}
	return out
}
