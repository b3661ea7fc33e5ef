package judge

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/stats"
)

func timed(seq int, arm string, round int, seconds float64) pipeline.Run {
	return pipeline.Run{Seq: seq, Arm: arm, Input: "light", Round: round, Metrics: map[string]float64{timeMetric: seconds}}
}

func TestPairs(t *testing.T) {
	crash := timed(4, baselineArm, 3, 9)
	crash.Exit = 1
	blind := timed(7, candidateArm, 4, 0)
	blind.Metrics, blind.Missing = nil, map[string]string{timeMetric: "no clock"}
	warm := timed(0, baselineArm, 1, 99)
	warm.Warmup = true
	other := timed(0, baselineArm, 1, 77)
	other.Input = "heavy"
	base, cand, notes := Pairs([]pipeline.Run{
		warm, other,
		timed(3, candidateArm, 2, 2.2), timed(2, baselineArm, 2, 2.1),
		timed(0, baselineArm, 1, 1.1), timed(1, candidateArm, 1, 1.2),
		crash, timed(5, candidateArm, 3, 3.2),
		timed(6, baselineArm, 4, 4.1), blind,
		timed(8, baselineArm, 5, 5.1),
		timed(9, baselineArm, 1, 100), // again
		timed(10, baselineArm, 6, 6.1), timed(11, candidateArm, 6, 6.2),
	}, "light", timeMetric)
	if want := []float64{1.1, 2.1, 6.1}; !slices.Equal(base, want) {
		t.Errorf("baseline %v, want %v", base, want)
	}
	if want := []float64{1.2, 2.2, 6.2}; !slices.Equal(cand, want) {
		t.Errorf("candidate %v, want %v", cand, want)
	}
	want := []string{
		"baseline ran twice on light in round 1: the first run counts",
		"light, round 3: the baseline's run has no time (exit 1)",
		"light, round 4: the candidate's run has no time (no clock)",
		"light, round 5: the candidate's run has no time (not run)",
	}
	if !slices.Equal(notes, want) {
		t.Errorf("notes\n%s\nwant\n%s", strings.Join(notes, "\n"), strings.Join(want, "\n"))
	}
}

func TestWarnings(t *testing.T) {
	memory := pipeline.Metric{Name: "faults", Better: pipeline.Lower, Exact: true}
	stray := func(r *pipeline.Run) {
		if r.Round == 4 && r.Input == "light" {
			r.Metrics[timeMetric] *= 1.5
		}
	}
	ruled := calm(0)
	ruled.base = map[string]float64{"light": 1, "heavy": 1000}
	ruled.change = map[string]float64{"light": -.20, "heavy": -.0005}
	even := but(measured(ruled, 10), func(e *Evidence) { e.Inputs = []Input{{"light", 1}, {"heavy", 1}} })
	for _, c := range []struct {
		name string
		e    Evidence
		want string // "" none at all
	}{
		{"a calm experiment has none", measured(calm(-.08), 10), ""},
		{"an outlier is labelled and kept", measured(calm(-.08), 10).each(candidateArm, stray),
			"1 of 20 pairs labelled as outliers and kept; the verdict without the labelled outliers: the same"},
		{"an outlier that decides is said", measured(calm(-.0518), 10).each(candidateArm, stray), "the verdict without the labelled outliers: "},
		{"a slow input rules the total", even, "which is in the DISCARD row of the table: a slow input rules the total"},
		{"a metric declared exact that is not", measured(calm(-.08), 10).with(memory, func(r pipeline.Run) float64 { return float64(r.Seq) }),
			"faults is declared exact but is not deterministic on light: compared with statistics instead"},
		{"runs far apart", measured(calm(-.08), 10).each(baselineArm, func(r *pipeline.Run) { r.Seq += 100 }),
			"20 of 20 pairs were not run side by side: drift between their runs is taken for an effect"},
		{"other programs", measured(calm(-.08), 10).each(candidateArm, func(r *pipeline.Run) { r.Around.Foreign = .5 }),
			"other programs or the hypervisor took more than 5 % of a CPU during 20 of 40 runs"},
		{"a few disturbed runs are usual", measured(calm(-.08), 10).each("", func(r *pipeline.Run) {
			if r.Round == 1 {
				r.Around.Steal = .5
			}
		}), ""},
		{"unknown readings are none", measured(calm(-.08), 10).each("", func(r *pipeline.Run) { r.Around = pipeline.Around{Foreign: -1, Steal: -1} }), ""},
		{"what the executor noted of runs", measured(calm(-.08), 10).each(candidateArm, func(r *pipeline.Run) { r.Notes = []string{"the clock was set"} }),
			"20 of 40 runs: the clock was set"},
		{"a run that was held up", measured(calm(-.08), 10).each(candidateArm, func(r *pipeline.Run) {
			if r.Round == 4 && r.Input == "light" {
				delete(r.Metrics, timeMetric)
				r.Halted = "the command was stopped"
				r.Missing = map[string]string{timeMetric: r.Halted}
			}
		}), "1 of 10 pairs on light do not count; light, round 4: the candidate's run has no time (the command was stopped)"},
		{"what the executor said", but(measured(calm(-.08), 10), func(e *Evidence) { e.Batches[0].Warnings = []string{"no cgroup"} }), "no cgroup"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Experiment(c.e).Verdict.Warnings
			if c.want == "" {
				if len(got) > 0 {
					t.Errorf("got %q, want none", got)
				}
				return
			}
			if !strings.Contains(strings.Join(got, "\n"), c.want) {
				t.Errorf("got %q, want %q among them", got, c.want)
			}
		})
	}
}

func TestValidate(t *testing.T) {
	o := &pipeline.Outcome{Others: []pipeline.Process{}}
	add := func(input string, values ...float64) {
		for i, v := range values {
			o.Runs = append(o.Runs, pipeline.Run{Arm: baselineArm, Input: input, Round: i + 1, Metrics: map[string]float64{timeMetric: v, "steps": 7}})
		}
	}
	add("light", 10, 11, 10, 12, 11, 10, 11, 12, 10, 11)
	add("heavy", 100, 150, 90, 160, 100, 140, 95, 100)
	o.Runs[0].Metrics["steps"] = 8
	delete(o.Runs[3].Metrics, "steps")
	wild := map[string]float64{timeMetric: 1e6}
	o.Runs = append(o.Runs, pipeline.Run{Arm: baselineArm, Input: "light", Warmup: true, Metrics: wild},
		pipeline.Run{Arm: baselineArm, Input: "light", Discarded: "others", Metrics: wild})
	metrics := []pipeline.Metric{seconds(), {Name: "steps", Exact: true}, {Name: "gpu"}}
	want := []string{
		"1 of 10 runs of the baseline on light have no steps: not measured",
		"steps is declared exact and is not the same in all runs of the baseline on light",
		"10 of 10 runs of the baseline on light have no gpu: not measured",
		"the baseline's runs on heavy have a CV of 24.1 % (limit 10 %): thermal throttling cannot be read here; no background process that lasted took 5 % of a CPU; " +
			"no cool-down is set (environment.cooldown); measuring goes on, with wider intervals where pairs differ as much",
		"8 of 8 runs of the baseline on heavy have no gpu: not measured",
	}
	if diff := cmp.Diff(want, Validate(o, twoInputs(), metrics, criteria())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	free := criteria()
	free.MaxCV = 0
	if got := Validate(o, twoInputs(), metrics[:1], free); len(got) > 0 {
		t.Errorf("without a limit: %q", got)
	}
}

func TestCompound(t *testing.T) {
	at := func(change float64) stats.Interval {
		return stats.Interval{Theta: math.Log1p(change), SE: .003, DF: 20, Lo: math.Log1p(change) - .006, Hi: math.Log1p(change) + .006}
	}
	members := []Member{{"001", at(-.065)}, {"004", at(-.08)}}
	product := (1-.065)*(1-.08) - 1
	for _, c := range []struct {
		name   string
		m      pipeline.Metric
		actual float64
		class  string
		reason string
	}{
		{"as promised", seconds(), product, stats.Additive, "they add up: −14.0 % expected, −14.0 % measured"},
		{"less than promised", seconds(), -.11, stats.SubAdditive, "they overlap: −14.0 % expected, −11.0 % measured"},
		{"more than promised", seconds(), -.20, stats.Synergy, "they help each other: −14.0 % expected, −20.0 % measured"},
		{"slower than the better one", seconds(), -.05, stats.Conflict, "they conflict: together slower than 004 alone (−14.0 % expected, −5.0 % measured)"},
		{"a rate says it in its own direction", pipeline.Metric{Name: "rate", Better: pipeline.Higher}, -.05, stats.Conflict,
			"they conflict: together worse than 004 alone (+16.3 % expected, +5.3 % measured)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Compound(c.m, members, Member{"012", at(c.actual)})
			if !got.Known || got.Class != c.class || got.Reason != c.reason {
				t.Errorf("got %+v, want %s: %s", got, c.class, c.reason)
			}
			if !(got.Lo <= got.Extra && got.Extra <= got.Hi) {
				t.Errorf("extra %v outside [%v, %v]", got.Extra, got.Lo, got.Hi)
			}
			mustJSON(t, got)
		})
	}
	none := Compound(seconds(), []Member{members[0], {ID: "004", Effect: stats.Combine(nil, nil, .95)}}, Member{"012", at(-.1)})
	if none.Known || none.Reason != "cannot be told: 004 without a measured effect" {
		t.Errorf("got %+v", none)
	}
	mustJSON(t, none)
	if r := Compound(seconds(), nil, Member{"012", at(-.1)}).Reason; r != "cannot be told: it has no members" {
		t.Errorf("no members: %q", r)
	}
}

func TestAdjust(t *testing.T) {
	got := Adjust(.01, .04, .03, 1)
	want := []float64{.04, .16 / 3, .16 / 3, 1}
	for i := range want {
		if math.Abs(got[i]-want[i]) > 1e-12 {
			t.Errorf("q %v, want %v", got, want)
			break
		}
	}
}

func TestEffectsAreInTheMetricsDirection(t *testing.T) {
	rate := pipeline.Metric{Name: "rate", Unit: "op/s", Better: pipeline.Higher}
	e := measured(calm(-.20), 10).with(rate, func(r pipeline.Run) float64 { return 1000 / r.Metrics[timeMetric] })
	v := Experiment(e).Verdict
	if v.Effect.Change > -.19 || v.Effect.Change < -.21 || v.Effect.Improvement() < .19 {
		t.Errorf("time changes by %v", v.Effect.Change)
	}
	if len(v.Secondary) != 1 {
		t.Fatalf("secondary effects: %+v", v.Secondary)
	}
	s := v.Secondary[0]
	if s.Change < .23 || s.Improvement() != s.Change || !(s.Lo < s.Change && s.Change < s.Hi) {
		t.Errorf("rate: %+v", s)
	}
	if want := v.Effect.Baseline * (1 + v.Effect.Change); math.Abs(v.Effect.Candidate/want-1) > .02 {
		t.Errorf("candidate %v, baseline %v and change %v do not fit", v.Effect.Candidate, v.Effect.Baseline, v.Effect.Change)
	}
	if len(v.Inputs) != 2 || v.Inputs[0].Input != "light" || v.Inputs[1].Input != "heavy" {
		t.Errorf("inputs: %+v", v.Inputs)
	}
}

func TestSecondaryWithoutRatioHasANote(t *testing.T) {
	zero := pipeline.Metric{Name: "switches", Better: pipeline.Lower}
	e := measured(calm(-.08), 10).with(zero, func(r pipeline.Run) float64 { return float64(r.Seq % 3) })
	v := Experiment(e).Verdict
	if v.Kind != pipeline.Keep || len(v.Secondary) != 1 || !strings.Contains(v.Secondary[0].Note, "it has no ratio") {
		t.Errorf("%s, %+v", v.Kind, v.Secondary)
	}
}

func TestConfidence(t *testing.T) {
	for _, c := range []struct {
		alpha float64
		looks []int
		want  float64
	}{
		{.05, []int{10, 15, 20}, .976}, {0, []int{10, 15, 20}, .976}, {.05, []int{10}, .95}, {.01, []int{10}, .99},
		{.01, []int{10, 20}, math.Sqrt(.99)}, {.05, nil, .95},
	} {
		if got := Confidence(c.alpha, c.looks); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("Confidence(%v, %v) = %v, want %v", c.alpha, c.looks, got, c.want)
		}
	}
}

func TestNeedRounds(t *testing.T) {
	noisy := calm(-.03)
	noisy.cv = .13
	v := Experiment(measured(noisy, 20)).Verdict
	if v.Kind != pipeline.Inconclusive || v.NeedRounds <= 20 {
		t.Fatalf("%s, need %d", v.Kind, v.NeedRounds)
	}
	if !strings.Contains(v.Reason, fmt.Sprintf("about %d rounds", v.NeedRounds)) {
		t.Errorf("the reason says another number than %d: %s", v.NeedRounds, v.Reason)
	}
	again := Experiment(measured(noisy, v.NeedRounds)).Verdict
	if again.Kind == pipeline.Inconclusive {
		t.Errorf("%d rounds were said to do and did not: %s", v.NeedRounds, again.Reason)
	}
}
