package judge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/benchfile/bench/pipeline"
)

// rule is one line of the decision table.
type rule struct {
	name  string // what Verdict.Rule and --fail-on call it
	apply func(*reading) row
}

// row is a rule applied: what it needs, what it got, and what it would make of that.
type row struct {
	need, got string
	pass      bool
	call      *call // nil: the rule does not decide
	rest      bool  // the rule is what is left when no other decides
}

// call is a decision.
type call struct {
	kind   pipeline.VerdictKind
	reason string
	detail string
	need   int  // rounds, in all, that would bring a verdict
	more   bool // another look would help
}

// rules is the decision table of the workflow (4.5, 4.6, C.3) in the order in which it is read. What makes numbers
// worthless comes before numbers, what is wrong before what is slow, and harm before gain.
func rules() []rule {
	return []rule{
		{"applies", applies},
		{"builds", builds},
		{"runs", runs},
		{"correct", correct},
		{"same_output", sameOutput},
		{"identical", identical},
		{"baseline", baselineRuns},
		{"time_limit", timeLimit},
		{"values", values},
		{"rounds", rounds},
		{"noise", noise},
		{"input_regression", inputRegression},
		{"metric_limit", metricLimit},
		{"keep", keep},
		{"maybe", maybe},
		{"regression", regression},
		{"equivalent", equivalent},
		{"below_threshold", belowThreshold},
		{"inconclusive", inconclusive},
	}
}

func applies(r *reading) row {
	out := row{need: "the change applies to the baseline", got: "it applies", pass: r.ApplyError == ""}
	if !out.pass {
		out.got = r.ApplyError
		out.call = &call{kind: pipeline.Failed, reason: "does not apply: " + r.ApplyError, detail: r.ApplyDetail}
	}
	return out
}

func builds(r *reading) row {
	out := row{need: "the build succeeds", got: "nothing to build", pass: true}
	switch {
	case r.ApplyError != "":
		return notReached(out.need)
	case r.Build == nil:
		return out
	case r.Build.Status == pipeline.StatusOK:
		out.got = "built"
		return out
	}
	out.pass, out.got = false, "the build failed"
	if run := firstRun(r.Build, bad, armsOf(r.Build)...); run != nil {
		out.got = "the build failed: " + ended(run) + limitOf(r.Build, run)
	} else if r.Build.Reason != "" {
		out.got = "the build failed: " + r.Build.Reason
	}
	out.call = &call{kind: pipeline.Failed, reason: out.got, detail: r.Build.Tail}
	return out
}

// bad is any run that did not end well.
func bad(r *pipeline.Run) bool { return !r.OK() }

func armsOf(o *pipeline.Outcome) []string {
	var out []string
	for _, r := range o.Runs {
		out = append(out, r.Arm)
	}
	return out
}

// runs asks that no run of the candidate failed, be it measured, a warm-up, or one that a check made.
func runs(r *reading) row {
	out := row{need: "every run ends well", pass: true}
	outcomes := append([]*pipeline.Outcome{}, r.Batches...)
	for _, c := range r.Checks {
		if !slices.Contains(outcomes, c.Outcome) {
			outcomes = append(outcomes, c.Outcome)
		}
	}
	n := 0
	for _, o := range outcomes {
		if run := firstRun(o, crashed, candidateArm, outputArm); run != nil {
			out.pass, out.got = false, crash(run)
			out.call = &call{kind: pipeline.Failed, reason: out.got, detail: o.Tail}
			return out
		}
		n += countRuns(o, candidateArm, outputArm)
	}
	if o := r.unexplained(pipeline.StatusFailed); o != nil {
		out.pass, out.got = false, or(o.Reason, "a run failed")
		out.call = &call{kind: pipeline.Failed, reason: out.got, detail: o.Tail}
		return out
	}
	if n == 0 {
		return notReached(out.need)
	}
	out.got = plural(n, "run") + ", none failed"
	return out
}

// unexplained is a batch with a status that none of its runs accounts for.
func (r *reading) unexplained(s pipeline.Status) *pipeline.Outcome {
	for _, o := range r.Batches {
		if o != nil && o.Status == s && firstRun(o, bad, baselineArm, candidateArm) == nil {
			return o
		}
	}
	return nil
}

func countRuns(o *pipeline.Outcome, arms ...string) int {
	n := 0
	firstRun(o, func(*pipeline.Run) bool { n++; return false }, arms...)
	return n
}

// correct asks for a passed check on every input. No number excuses a missing one.
func correct(r *reading) row {
	out := row{need: "the check passes on every input", pass: true}
	covered := map[string]bool{}
	for _, c := range r.Checks {
		if c.Outcome == nil || len(c.Differs) > 0 || overran(c.Outcome, outputArm) != nil {
			continue
		}
		if c.Outcome.Status != pipeline.StatusOK {
			return wrong(out, c)
		}
		covered[c.Input] = true
	}
	if missing := r.unchecked(covered); len(missing) > 0 {
		return r.notChecked(out, missing)
	}
	switch {
	case len(covered) == 0 && r.CheckNone != "":
		out.got = "no check: " + r.CheckNone
	case covered[""] || len(covered) == len(r.Inputs):
		out.got = "passed on " + plural(len(r.Inputs), "input")
	case r.Identical && len(covered) == 0:
		out.got = "the same program as the baseline"
	default:
		out.got = fmt.Sprintf("passed on %d of %s", len(covered), plural(len(r.Inputs), "input"))
	}
	return out
}

// wrong is a check that did not pass. One that could not even start says nothing about the candidate's output.
func wrong(out row, c Check) row {
	kind, why := pipeline.Reject, or(c.Outcome.Reason, "the check did not pass")
	if run := firstRun(c.Outcome, bad, armsOf(c.Outcome)...); run != nil {
		why = ended(run) + limitOf(c.Outcome, run)
		if run.Error != "" {
			kind = pipeline.Failed
		}
	}
	out.pass, out.got = false, "the check failed"+on(c.Input)+": "+why
	out.call = &call{kind: kind, reason: out.got, detail: c.Outcome.Tail}
	return out
}

// unchecked are the inputs without a passed check, where one is asked for.
func (r *reading) unchecked(covered map[string]bool) []string {
	if covered[""] || r.Identical || r.CheckNone != "" && len(covered) == 0 {
		return nil
	}
	differs := map[string]bool{}
	for _, c := range r.Checks {
		differs[c.Input] = differs[c.Input] || len(c.Differs) > 0 // the next rule's matter
	}
	var out []string
	for _, in := range r.Inputs {
		if !covered[in.Name] && !differs[in.Name] && !differs[""] {
			out = append(out, in.Name)
		}
	}
	return out
}

// notChecked is no verdict: without a passed check there may be none but REJECT and FAILED.
func (r *reading) notChecked(out row, missing []string) row {
	if r.broken() {
		return notReached(out.need)
	}
	out.pass, out.got = false, "not checked on "+strings.Join(missing, ", ")
	for _, c := range r.Checks {
		if c.Skipped != "" {
			out.got += " (" + c.Skipped + ")"
			break
		}
	}
	if !r.anyDiffers() && !r.anyOverran() {
		out.call = &call{kind: pipeline.Inconclusive, reason: out.got + ": no verdict without a passed check", more: true}
	}
	return out
}

// broken says whether an earlier rule has decided, so that what is missing later is not to be wondered at.
func (r *reading) broken() bool {
	return !applies(r).pass || !builds(r).pass || runs(r).call != nil
}

func (r *reading) anyDiffers() bool {
	for _, c := range r.Checks {
		if len(c.Differs) > 0 {
			return true
		}
	}
	return false
}

// anyOverran says whether a run for the sake of its output never ended: that is the time limit's matter.
func (r *reading) anyOverran() bool {
	return slices.ContainsFunc(r.Checks, func(c Check) bool { return overran(c.Outcome, outputArm) != nil })
}

func sameOutput(r *reading) row {
	out := row{need: "the same output as the baseline's", got: "no difference seen", pass: true}
	if len(r.Checks) == 0 && !r.Identical {
		if r.CheckNone != "" {
			out.got = "not compared: " + r.CheckNone
			return out
		}
		return notReached(out.need)
	}
	for _, c := range r.Checks {
		if len(c.Differs) == 0 {
			continue
		}
		d := c.Differs[0]
		out.pass = false
		out.got = "outputs differ: " + joined(", ", strings.TrimSpace(c.Input+" "+d.What), d.Detail)
		out.call = &call{kind: pipeline.Reject, reason: out.got, detail: listed(c.Differs)}
		return out
	}
	return out
}

// listed shows each differing output with both sums.
func listed(ds []Difference) string {
	var b strings.Builder
	for _, d := range ds {
		fmt.Fprintf(&b, "%s\n  baseline   %s\n  candidate  %s\n", joined(", ", d.What, d.Detail), or(d.Base, "nothing"), or(d.Cand, "nothing"))
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func identical(r *reading) row {
	out := row{need: "what was built, or how it is called, differs from the baseline", got: "it differs", pass: !r.Identical}
	switch {
	case r.Identical:
		out.got = "identical byte for byte"
		out.call = &call{kind: pipeline.Discard, reason: "identical to the baseline: nothing was run"}
	case !applies(r).pass || !builds(r).pass:
		return notReached(out.need)
	}
	return out
}

// baselineRuns asks the baseline to run. When it does not, the fault is not the candidate's and nothing is decided.
func baselineRuns(r *reading) row {
	out := row{need: "the baseline runs in every round", pass: true}
	n := 0
	for _, o := range r.Batches {
		run := firstRun(o, crashed, baselineArm)
		if run == nil {
			run = overran(o, baselineArm)
		}
		if run == nil {
			n += countRuns(o, baselineArm)
			continue
		}
		out.pass = false
		out.got = "the baseline did not run well on " + which(run) + ": " + ended(run)
		out.call = &call{kind: pipeline.Inconclusive, reason: out.got, detail: o.Tail}
		return out
	}
	if n == 0 {
		return notReached(out.need)
	}
	out.got = plural(n, "run") + ", none failed"
	return out
}

func notReached(need string) row { return row{need: need, got: "not reached"} }

func on(input string) string {
	if input == "" {
		return ""
	}
	return " on " + input
}

func or(s, fallback string) string {
	if s != "" {
		return s
	}
	return fallback
}

// joined joins what is not empty.
func joined(sep string, parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, sep)
}
