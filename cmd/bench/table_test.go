package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/plan"
)

// tablePlan is a plan with a row of each kind.
func tablePlan() *plan.Plan {
	effect := &pipeline.Effect{Metric: "time", Better: pipeline.Lower, Change: -.703, Lo: -.714, Hi: -.693, P: 1e-9}
	verdict := func(k pipeline.VerdictKind, reason string) *pipeline.Verdict {
		return &pipeline.Verdict{Kind: k, Reason: reason, Effect: effect, Inputs: []pipeline.Effect{{Input: "a-rather-long-input", Change: -.69}}}
	}
	p := &plan.Plan{Next: -1}
	p.Baseline.Variant = pipeline.Variant{Name: "baseline"}
	for i, v := range []*pipeline.Verdict{
		verdict(pipeline.Keep, ""), verdict(pipeline.Inconclusive, ""), nil,
		verdict(pipeline.Failed, "crashed on heavy_keccak, run 3: SIGABRT (exit 134), which is a long reason"),
	} {
		x := plan.Experiment{Verdict: v, State: plan.Waiting, Why: "waits for the verdicts that its members depend on, of which there are many",
			Variant: pipeline.Variant{Name: fmt.Sprintf("a-name-that-is-somewhat-long-%d", i), Number: i + 1, Title: "A title that nobody would call short"}}
		if v != nil {
			x.State = plan.Done
		}
		for _, kind := range []pipeline.StepKind{pipeline.StepBuild, pipeline.StepCheck} {
			x.Steps = append(x.Steps, len(p.Steps))
			p.Steps = append(p.Steps, plan.Step{Address: x.Variant.ID() + "/" + string(kind) + "/a-rather-long-input", Kind: kind,
				State: plan.Done, Key: "0123456789abcdef", Why: "recorded", Record: &pipeline.Record{Outcome: pipeline.Outcome{Status: pipeline.StatusOK}}})
		}
		p.Experiments = append(p.Experiments, x)
	}
	failed := &p.Steps[7]
	failed.State, failed.Why = plan.Failed, strings.Repeat("what went wrong ", 10)
	failed.Record.Outcome = pipeline.Outcome{Status: pipeline.StatusFailed, Tail: "first line\nsecond line\nthird line\n" + strings.Repeat("panic: ", 30) + "\nexit status 2\n"}
	return p
}

// Tables stay within the terminal, whatever its width, and say the verdicts; files get the whole of them.
func TestTablesFitTheirWidth(t *testing.T) {
	t.Setenv("LC_ALL", "C.UTF-8")
	for _, width := range []int{60, 80, 100, 120, 1000} {
		a := &app{color: "never"}
		var verdicts, steps bytes.Buffer
		a.verdictTableOf(&verdicts, tablePlan(), width)
		a.planTable(&steps, tablePlan(), width, true, false)
		for _, line := range strings.Split(verdicts.String()+steps.String(), "\n") {
			if n := utf8.RuneCountInString(strings.TrimRight(line, " ")); n > width && !strings.Contains(line, "bench log") {
				t.Errorf("%d columns of %d: %s", n, width, line)
			}
		}
		for _, want := range []string{"● KEEP", "□ INCONCLUSIVE", "✗ FAILED", "−70.3 %", "| exit status 2", "bench log 004-a-name-that-is-somewhat-long-3/check/a-rather-long-input"} {
			if !strings.Contains(verdicts.String(), want) {
				t.Errorf("at %d there is no %q:\n%s", width, want, verdicts.String())
			}
		}
		if strings.Contains(verdicts.String(), "first line") {
			t.Errorf("at %d more than the last lines:\n%s", width, verdicts.String())
		}
		for want, from := range map[string]int{"[−71.4, −69.3]": 80, "<0.001": 100, "−69.0 % a-rather-": 100} {
			if got := strings.Contains(verdicts.String(), want); got != (width >= from) {
				t.Errorf("at %d %q is there: %v\n%s", width, want, got, verdicts.String())
			}
		}
	}
}
