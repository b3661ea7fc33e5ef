package judge

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/benchfile/bench/pipeline"
)

// verdictCase is one edge of the decision table. Kind, rule and more are asserted here; what the deciding rule needed
// and got, and the reason, are in testdata/cases.golden, to be read as text.
type verdictCase struct {
	name string
	e    Evidence
	kind pipeline.VerdictKind
	rule string
	more bool
}

func run(arm, input string, round int) pipeline.Run {
	return pipeline.Run{Arm: arm, Input: input, Round: round}
}

// failing is an outcome of one run.
func failing(s pipeline.Status, r pipeline.Run) *pipeline.Outcome {
	return &pipeline.Outcome{Status: s, Tail: "thread 'main' panicked\nat node.rs:41", Runs: []pipeline.Run{r}}
}

func but(e Evidence, change func(*Evidence)) Evidence {
	change(&e)
	return e
}

func breakCases() []verdictCase {
	crash := run(candidateArm, "heavy", 3)
	crash.Signal, crash.Exit = "SIGABRT", -1
	shell := run(candidateArm, "heavy", 3)
	shell.Exit = 139
	odd := run(candidateArm, "light", 1)
	odd.Signal, odd.Exit = "SIGRTMIN", -1
	exit := run(candidateArm, "light", 2)
	exit.Exit = 3
	warm := crash
	warm.Warmup, warm.Round = true, 0
	lost := run(candidateArm, "light", 1)
	lost.Error = "executable file not found"
	control := run(baselineArm, "heavy", 4)
	control.Signal, control.Exit = "SIGSEGV", -1
	hung := run(baselineArm, "heavy", 4)
	hung.TimedOut = true
	builder := run(candidateArm, "", 0)
	builder.Exit = 101
	checker := run("check", "heavy", 0)
	checker.Exit = 1
	late := run("check", "light", 0)
	late.TimedOut = true
	noCheck := run("check", "light", 0)
	noCheck.Error = "executable file not found"
	output := run(outputArm, "light", 0)
	output.Signal, output.Exit = "SIGSEGV", -1
	endless := run(outputArm, "light", 0)
	endless.TimedOut = true
	batch := func(o *pipeline.Outcome) Evidence {
		return but(evidence(), func(e *Evidence) { e.Batches = []*pipeline.Outcome{o} })
	}
	check := func(c ...Check) Evidence { return but(measured(calm(-.2), 10), func(e *Evidence) { e.Checks = c }) }
	differs := []Difference{{What: "out.json", Base: "aa", Cand: "bb", Detail: "line 7"}, {What: "stdout", Base: "cc"}}
	F, R, I := pipeline.Failed, pipeline.Reject, pipeline.Inconclusive
	return []verdictCase{
		{"a change that does not apply", but(evidence(), func(e *Evidence) { e.ApplyError, e.ApplyDetail = "patch failed: src/node.rs:41", "error: patch failed" }), F, "applies", false},
		{"a change that does not apply beats good numbers", but(measured(calm(-.2), 10), func(e *Evidence) { e.ApplyError = "conflict" }), F, "applies", false},
		{"a failed build with its exit code", but(evidence(), func(e *Evidence) { e.Build = failing(pipeline.StatusFailed, builder) }), F, "builds", false},
		{"a failed build without runs", but(evidence(), func(e *Evidence) {
			e.Build = &pipeline.Outcome{Status: pipeline.StatusFailed, Reason: "output target/prove is missing"}
		}), F, "builds", false},
		{"a build that ran out of time", but(evidence(), func(e *Evidence) {
			e.Build = &pipeline.Outcome{Status: pipeline.StatusTimeout, Reason: "ended after 1 h"}
		}), F, "builds", false},
		{"a crash with a signal", batch(failing(pipeline.StatusFailed, crash)), F, "runs", false},
		{"a crash that a shell reports", batch(failing(pipeline.StatusFailed, shell)), F, "runs", false},
		{"a signal without a number", batch(failing(pipeline.StatusFailed, odd)), F, "runs", false},
		{"an exit code", batch(failing(pipeline.StatusFailed, exit)), F, "runs", false},
		{"a crash while warming up", batch(failing(pipeline.StatusFailed, warm)), F, "runs", false},
		{"a program that cannot start", batch(failing(pipeline.StatusFailed, lost)), F, "runs", false},
		{"a crash in the second batch", but(measured(calm(-.2), 10), func(e *Evidence) { e.Batches = append(e.Batches, failing(pipeline.StatusFailed, crash)) }), F, "runs", false},
		{"a failed batch without a failed run", batch(&pipeline.Outcome{Status: pipeline.StatusFailed, Reason: "the runner was lost"}), F, "runs", false},
		{"a crash while its output was kept", check(Check{Input: "light", Outcome: failing(pipeline.StatusFailed, output)}), F, "runs", false},
		{"a crash goes before a failed check", but(batch(failing(pipeline.StatusFailed, crash)), func(e *Evidence) { e.Checks[1].Outcome = failing(pipeline.StatusFailed, checker) }), F, "runs", false},
		{"a failed check", check(Check{Input: "light", Outcome: ok()}, Check{Input: "heavy", Outcome: failing(pipeline.StatusFailed, checker)}), R, "correct", false},
		{"a failed check for all inputs", check(Check{Outcome: &pipeline.Outcome{Status: pipeline.StatusFailed, Reason: "exit 1"}}), R, "correct", false},
		{"a check that ran out of time", check(Check{Input: "light", Outcome: failing(pipeline.StatusTimeout, late)}), R, "correct", false},
		{"an output that never comes", check(Check{Input: "light", Outcome: failing(pipeline.StatusTimeout, endless)}), pipeline.Kill, "time_limit", false},
		{"a check that cannot start", check(Check{Input: "light", Outcome: failing(pipeline.StatusFailed, noCheck)}), F, "correct", false},
		{"a failed check goes before a crash of the baseline", but(batch(failing(pipeline.StatusFailed, control)), func(e *Evidence) { e.Checks[1].Outcome = failing(pipeline.StatusFailed, checker) }), R, "correct", false},
		{"one check for all inputs", check(Check{Outcome: ok()}), pipeline.Keep, "keep", false},
		{"an input without a check", check(Check{Input: "light", Outcome: ok()}), I, "correct", false},
		{"a check that was skipped", check(Check{Input: "light", Outcome: ok()}, Check{Input: "heavy", Skipped: "budget spent"}), I, "correct", false},
		{"no check at all and no reason", check(), I, "correct", false},
		{"no check for a stated reason", but(check(), func(e *Evidence) { e.CheckNone = "the output is random" }), pipeline.Keep, "keep", false},
		{"checks not made yet", but(evidence(), func(e *Evidence) { e.Checks = e.Checks[:1] }), I, "correct", true},
		{"outputs that differ", check(Check{Input: "light", Outcome: ok()}, Check{Input: "heavy", Outcome: ok(), Differs: differs}), R, "same_output", false},
		{"outputs that differ although no check is asked for", but(check(Check{Input: "heavy", Outcome: ok(), Differs: differs[1:]}), func(e *Evidence) { e.CheckNone = "why not" }), R, "same_output", false},
		{"an identical artifact", but(evidence(), func(e *Evidence) { e.Identical, e.Checks = true, nil }), pipeline.Discard, "identical", false},
		{"an identical artifact whose check fails", but(evidence(), func(e *Evidence) { e.Identical, e.Checks[0].Outcome = true, failing(pipeline.StatusFailed, checker) }), R, "correct", false},
		{"a baseline that crashes", batch(failing(pipeline.StatusFailed, control)), I, "baseline", false},
		{"single runs ended at their limit are no data and kill nobody", but(measured(calm(-.2), 15), func(e *Evidence) {
			for _, arm := range []string{baselineArm, candidateArm} {
				ended := firstRun(e.Batches[0], func(r *pipeline.Run) bool { return r.Round == 7 }, arm)
				ended.TimedOut, ended.Exit, ended.Metrics = true, -1, nil
			}
		}), pipeline.Keep, "keep", false},
		{"a baseline that hangs", batch(failing(pipeline.StatusTimeout, hung)), I, "baseline", false},
	}
}

func limitCases() []verdictCase {
	over := run(candidateArm, "heavy", 3)
	over.TimedOut, over.Metrics = true, map[string]float64{timeMetric: 443}
	silent := over
	silent.Metrics = nil
	hasty := over
	hasty.Metrics = map[string]float64{timeMetric: 5}
	ref := map[string][]float64{"heavy": {268.1, 262, 263}, "light": {60, 61, 60}}
	batch := func(s pipeline.Status, rs ...pipeline.Run) Evidence {
		return but(evidence(), func(e *Evidence) {
			e.Baseline, e.Batches = ref, []*pipeline.Outcome{{Status: s, Reason: "three strikes", Runs: rs}}
		})
	}
	pairs := func(s pipeline.Status, base float64, cand ...float64) Evidence {
		var rs []pipeline.Run
		for i, c := range cand {
			b, k := run(baselineArm, "heavy", i+1), run(candidateArm, "heavy", i+1)
			b.Metrics, k.Metrics = map[string]float64{timeMetric: base}, map[string]float64{timeMetric: c}
			b.Seq, k.Seq = 2*i, 2*i+1
			rs = append(rs, b, k)
		}
		return batch(s, rs...)
	}
	slow := measured(calm(.5), 10)
	K, I := pipeline.Kill, pipeline.Inconclusive
	return []verdictCase{
		{"a run ended at its limit", batch(pipeline.StatusTimeout, over), K, "time_limit", false},
		{"a run ended at a limit of its own", batch(pipeline.StatusTimeout, hasty), K, "time_limit", false},
		{"a run ended whose time is not known", batch(pipeline.StatusTimeout, silent), K, "time_limit", false},
		{"a timeout without a run", batch(pipeline.StatusTimeout), K, "time_limit", false},
		{"a batch given up, with three strikes recorded", pairs(pipeline.StatusKilled, 262, 443, 440, 441), K, "time_limit", false},
		{"a batch given up, with the last control not run", batch(pipeline.StatusKilled, but3(over)), K, "time_limit", false},
		{"a batch given up for a reason of its own", batch(pipeline.StatusKilled), K, "time_limit", false},
		{"three strikes that the executor did not stop for", pairs(pipeline.StatusOK, 262, 443, 440, 441), K, "time_limit", false},
		{"two strikes are none", pairs(pipeline.StatusOK, 262, 443, 440, 250), I, "values", false},
		{"three strikes with slow controls are the machine's", pairs(pipeline.StatusOK, 390, 443, 440, 441), I, "values", false},
		{"half as slow again in all runs", slow, K, "time_limit", false},
		{"half as slow again without a limit", but(slow, func(e *Evidence) { e.Criteria.Timeout = 0 }), pipeline.Discard, "regression", false},
	}
}

// but3 is a run that was slow and not ended.
func but3(r pipeline.Run) pipeline.Run {
	r.TimedOut = false
	return r
}

func numberCases() []verdictCase {
	K, M, D, I := pipeline.Keep, pipeline.Maybe, pipeline.Discard, pipeline.Inconclusive
	interim := func(w world, n int) Evidence { return but(measured(w, n), func(e *Evidence) { e.Final = false }) }
	noisy := restlessWorld
	only := func(change map[string]float64) world { w := calm(0); w.change = change; return w }
	few := func(w world, n int) Evidence { return but(measured(w, n), func(e *Evidence) { e.Looks = []int{n} }) }
	steps := pipeline.Metric{Name: "steps", Better: pipeline.Lower, Exact: true, Primary: true}
	rate := pipeline.Metric{Name: "rate", Unit: "op/s", Better: pipeline.Higher, Primary: true}
	rated := func(change float64) Evidence {
		return measured(calm(0), 10).with(rate, func(r pipeline.Run) float64 {
			return 1000 / r.Metrics[timeMetric] * armed(1, 1+change)(r)
		}).primary(rate)
	}
	exact := func(base, cand float64) Evidence {
		return measured(calm(0), 1).with(steps, armed(base, cand)).primary(steps)
	}
	memory := pipeline.Metric{Name: "memory_peak", Unit: "B", Better: pipeline.Lower, Limit: .10}
	limited := func(change, spread float64) Evidence {
		return measured(calm(-.08), 10).with(memory, func(r pipeline.Run) float64 {
			return 64 << 20 * armed(1, 1+change)(r) * (1 + spread*math.Sin(float64(r.Seq*r.Seq)))
		})
	}
	proofs := pipeline.Metric{Name: "proofs", Better: pipeline.Lower, Exact: true, Limit: .05}
	return []verdictCase{
		{"a clear gain", measured(calm(-.08), 10), K, "keep", false},
		{"a clear gain at the first look stops", interim(calm(-.08), 10), K, "keep", false},
		{"a gain between the thresholds", measured(calm(-.035), 20), M, "maybe", false},
		{"a gain between the thresholds goes on at the first look", interim(calm(-.035), 10), I, "inconclusive", true},
		{"a point beyond KEEP with an interval that is not", measured(noisy(-.055, .035), 10), M, "maybe", false},
		{"a large gain with an interval that reaches too far", measured(world{base: calm(0).base, change: map[string]float64{"": -.07}, cv: .04, seed: 3}, 10), M, "maybe", false},
		{"a small gain with an input that got worse", measured(only(map[string]float64{"light": .08, "": -.07}), 20), D, "input_regression", false},
		{"no effect", measured(calm(0), 20), D, "equivalent", false},
		{"no effect at the first look stops", interim(calm(0), 10), D, "equivalent", false},
		{"a small gain", measured(noisy(-.012, .015), 10), D, "below_threshold", false},
		{"a small gain at the first look goes on", interim(noisy(-.012, .015), 10), I, "inconclusive", true},
		{"a regression", measured(calm(.04), 20), D, "regression", false},
		{"a regression at the first look stops", interim(calm(.04), 10), D, "regression", false},
		{"noise without a way out", measured(noisy(-.03, .13), 20), I, "inconclusive", false},
		{"noise at the first look", interim(noisy(-.3, .13), 10), I, "noise", true},
		{"noise with enough rounds may stop", interim(noisy(-.3, .13), 20), K, "keep", false},
		{"noise at the last look may stop", measured(noisy(-.3, .13), 10), K, "keep", false},
		{"not measured yet", evidence(), I, "rounds", true},
		{"one round", interim(calm(-.5), 1), I, "rounds", true},
		{"one round and no more", measured(calm(-.5), 1), I, "rounds", false},
		{"five rounds are no KEEP", measured(calm(-.08), 5), M, "maybe", false},
		{"five rounds so far", interim(calm(-.08), 5), I, "inconclusive", true},
		{"five rounds that the Benchfile asked for", few(calm(-.08), 5), K, "keep", false},
		{"two rounds that the Benchfile asked for", few(noisy(-.2, .0001), 2), K, "keep", false},
		{"an input that got worse", measured(only(map[string]float64{"light": .08, "": -.12}), 10), D, "input_regression", false},
		{"an input that got worse stops at the first look", interim(only(map[string]float64{"light": .08, "": -.12}), 10), D, "input_regression", false},
		{"an input that is not shown to be unharmed", measured(world{base: calm(0).base, change: map[string]float64{"light": .045, "": -.12}, cv: .02, seed: 1}, 10), I, "inconclusive", false},
		{"an input that got a little worse", measured(only(map[string]float64{"light": .02, "": -.12}), 10), K, "keep", false},
		{"a limited metric in its limit", limited(.05, .001), K, "keep", false},
		{"a limited metric beyond its limit", limited(.20, .001), D, "metric_limit", false},
		{"a limited metric that may be beyond", limited(.095, .05), I, "inconclusive", false},
		{"a limited metric that was not measured", but(measured(calm(-.08), 10), func(e *Evidence) { e.Metrics = append(e.Metrics, memory) }), I, "inconclusive", false},
		{"an exact limited metric that rose from zero", measured(calm(-.08), 10).with(proofs, armed(0, 2)), D, "metric_limit", false},
		{"an exact limited metric that fell to zero", measured(calm(-.08), 10).with(proofs, armed(2, 0)), K, "keep", false},
		{"an exact limited metric that stayed zero", measured(calm(-.08), 10).with(proofs, armed(0, 0)), K, "keep", false},
		{"an exact gain in one round", exact(1000000, 900000), K, "keep", false},
		{"an exact gain between the thresholds needs no more rounds", but(exact(1000000, 970000), func(e *Evidence) { e.Final = false }), M, "maybe", false},
		{"an exact metric that did not change", exact(3400112, 3400112), D, "equivalent", false},
		{"an exact metric that changed by a hair", exact(3400112, 3399700), D, "equivalent", false},
		{"an exact metric that got worse by a hair", exact(3399700, 3400112), D, "regression", false},
		{"an exact metric of zero", exact(0, 0), D, "equivalent", false},
		{"an exact metric from zero", exact(0, 5), I, "values", false},
		{"an exact metric that is not deterministic", measured(calm(-.08), 10).with(steps, func(r pipeline.Run) float64 { return math.Round(1e6 * armed(1, .9)(r) * (1 + float64(r.Seq%4)*1e-3)) }).primary(steps), K, "keep", false},
		{"values without any spread", measured(noisy(-.08, 0), 10), K, "keep", false},
		{"a rate that rose", rated(.10), K, "keep", false},
		{"a rate that rose a little", rated(.035), M, "maybe", false},
		{"a rate that fell", rated(-.10), D, "regression", false},
		{"a value that is no number", measured(calm(-.08), 10).each(candidateArm, func(r *pipeline.Run) { r.Metrics[timeMetric] = nanAt(*r, 3) }), pipeline.Failed, "values", false},
		{"a value of the baseline that is no number", measured(calm(-.08), 10).each(baselineArm, func(r *pipeline.Run) { r.Metrics[timeMetric] = nanAt(*r, 3) }), I, "values", false},
		{"a value of zero", measured(calm(-.08), 10).each(candidateArm, func(r *pipeline.Run) { r.Metrics[timeMetric] *= min(1, float64((r.Round-4)*(r.Round-4))) }), I, "values", false},
		{"a primary metric that was never found", measured(calm(-.08), 10).each(candidateArm, func(r *pipeline.Run) {
			r.Metrics, r.Missing = nil, map[string]string{timeMetric: "no match for steps=(\\d+)"}
		}), I, "values", false},
		{"pairs without a value on one side", measured(calm(-.08), 12).each(candidateArm, func(r *pipeline.Run) {
			if r.Round < 3 && r.Input == "light" {
				r.Metrics = nil
			}
		}), K, "keep", false},
		{"too many pairs without a value", measured(calm(-.08), 10).each(candidateArm, func(r *pipeline.Run) {
			if r.Round < 3 && r.Input == "light" {
				r.Metrics = nil
			}
		}), M, "maybe", false},
		{"stricter thresholds decide anew", but(measured(calm(-.08), 10), func(e *Evidence) { e.Criteria.Keep = .15 }), M, "maybe", false},
		{"thresholds for optimized code", but(measured(calm(-.035), 10), func(e *Evidence) { e.Criteria.Keep, e.Criteria.Maybe = .02, .01 }), K, "keep", false},
	}
}

func nanAt(r pipeline.Run, round int) float64 {
	if r.Round == round && r.Input == "heavy" {
		return math.NaN()
	}
	return r.Metrics[timeMetric]
}

func cases() []verdictCase {
	return append(append(breakCases(), limitCases()...), numberCases()...)
}

func TestEveryRuleAndEdge(t *testing.T) {
	var texts strings.Builder
	seen := map[string]bool{}
	for _, c := range cases() {
		t.Run(c.name, func(t *testing.T) {
			d := Experiment(c.e)
			v := d.Verdict
			if v.Kind != c.kind || v.Rule != c.rule || d.Continue != c.more {
				t.Errorf("got %s by %s, continue %v (%s); want %s by %s, continue %v", v.Kind, v.Rule, d.Continue, v.Reason, c.kind, c.rule, c.more)
			}
			decided := rule4(v, v.Rule)
			if !decided.Decided {
				t.Errorf("rule %q is not marked as the one that decided", v.Rule)
			}
			fmt.Fprintf(&texts, "# %s\n%s by %s: %s\nneed  %s\ngot   %s\n", c.name, v.Kind, v.Rule, v.Reason, decided.Need, decided.Got)
			for _, w := range v.Warnings {
				fmt.Fprintf(&texts, "warn  %s\n", w)
			}
			texts.WriteByte('\n')
		})
		seen[c.rule] = true
	}
	for _, r := range rules() {
		if !seen[r.name] {
			t.Errorf("no case is decided by rule %q", r.name)
		}
	}
	golden(t, "cases", texts.String())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("text differs from %s; got\n%s", file, got)
	}
}

// TestLiteralKill holds the workflow's rule as it is worded: one run above the factor of the median, and nothing else.
func TestLiteralKill(t *testing.T) {
	late := func(r *pipeline.Run) {
		if r.Round == 4 && r.Input == "heavy" {
			r.Metrics[timeMetric] *= 1.3
		}
	}
	for _, c := range []struct {
		name    string
		literal bool
		want    pipeline.VerdictKind
	}{{"strikes", false, pipeline.Discard}, {"literal", true, pipeline.Kill}} {
		e := measured(calm(0), 20).each(candidateArm, late)
		e.Criteria.LiteralKill = c.literal
		v := Experiment(e).Verdict
		if v.Kind != c.want {
			t.Errorf("%s: %s by %s (%s), want %s", c.name, v.Kind, v.Rule, v.Reason, c.want)
		}
		if c.literal && !strings.Contains(v.Reason, "median baseline run") {
			t.Errorf("the reason does not say what the run was held against: %q", v.Reason)
		}
	}
}
