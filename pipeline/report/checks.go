package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/plan"
)

// Check is one piece of evidence that an output is right, or is not.
type Check struct {
	Name    string `json:"name"` // "check command", or the output that is compared
	Input   string `json:"input,omitempty"`
	Command string `json:"command,omitempty"`
	Passed  bool   `json:"passed"`
	Result  string `json:"result"`
	SHA256  string `json:"sha256,omitempty"`          // of the candidate's output
	Want    string `json:"sha256_baseline,omitempty"` // of the baseline's
	Log     string `json:"log,omitempty"`
}

// checks lists the evidence of a variant's check steps.
func (b *builder) checks(e *plan.Experiment) []Check {
	var out []Check
	for _, s := range b.stepsOf(e) {
		if s.Record != nil && s.Kind == pipeline.StepMeasure {
			out = append(out, b.measuredOutput(s)...)
		}
		if s.Kind != pipeline.StepCheck || s.Record == nil {
			continue
		}
		if c, ok := b.checkCommand(s); ok {
			out = append(out, c)
		}
		out = append(out, b.sameOutput(e, s)...)
	}
	return out
}

// checkCommand is what the check command said.
func (b *builder) checkCommand(s *plan.Step) (Check, bool) {
	study := b.in.Study
	if study.Check.Commands == nil {
		if s.State == plan.Failed {
			o := s.Record.Outcome
			return Check{Name: "measured command", Input: s.Input, Result: o.Reason, Log: tail(o.Tail, detailLines)}, true
		}
		return Check{}, false
	}
	i, ok := study.Input(s.Input)
	if !ok {
		i = 0
	}
	c := Check{Name: "check command", Input: s.Input, Passed: s.State == plan.Done}
	if i < len(study.Check.Commands) {
		c.Command = Line(study.Check.Commands[i])
	}
	c.Result = "exit 0"
	if !c.Passed {
		c.Result = s.Record.Outcome.Reason
		if c.Result == "" {
			c.Result = string(s.Record.Outcome.Status)
		}
		c.Log = tail(s.Record.Outcome.Tail, detailLines)
	}
	return c, true
}

// sameOutput compares what the variant put out with what the baseline did.
func (b *builder) sameOutput(e *plan.Experiment, s *plan.Step) []Check {
	names := b.in.Study.Check.SameOutput
	if len(names) == 0 || e == &b.in.Plan.Baseline {
		return nil
	}
	got, ok := outputs(s.Record, names)
	if !ok {
		return nil
	}
	want := b.baselineOutputs(s.Input, names)
	var out []Check
	for _, n := range names {
		c := Check{Name: "same " + n, Input: s.Input, SHA256: got[n], Want: want[n]}
		switch {
		case want == nil:
			c.Result = "the baseline's is not there"
		case got[n] == want[n]:
			c.Passed, c.Result = true, "byte for byte the same"
		default:
			c.Result = b.differs(want[n], got[n])
		}
		out = append(out, c)
	}
	return out
}

// measuredOutput finds the first measured run that put out something else than the baseline: a program that is right
// when checked and wrong when timed is wrong.
func (b *builder) measuredOutput(s *plan.Step) []Check {
	if !slices.Contains(b.in.Study.Check.SameOutput, "stdout") {
		return nil
	}
	for _, run := range s.Record.Outcome.Runs {
		want := b.baselineOutputs(run.Input, []string{"stdout"})["stdout"]
		if run.Arm != candidateArm || !run.OK() || want == "" || run.Stdout == want {
			continue
		}
		c := Check{Name: "same stdout when measured", Input: run.Input, SHA256: run.Stdout, Want: want, Result: b.differs(want, run.Stdout)}
		c.Result += fmt.Sprintf(" (run %d)", run.Seq+1)
		return []Check{c}
	}
	return nil
}

// differs says where two outputs do.
func (b *builder) differs(want, got string) string {
	if b.in.Facts.Difference != nil {
		if at := b.in.Facts.Difference(want, got); at != "" {
			return "differs at " + at
		}
	}
	return "differs"
}

func (b *builder) baselineOutputs(input string, names []string) map[string]string {
	for _, s := range b.stepsOf(&b.in.Plan.Baseline) {
		if s.Kind == pipeline.StepCheck && s.Input == input && s.Record != nil {
			got, _ := outputs(s.Record, names)
			return got
		}
	}
	return nil
}

// outputs are the sums of the compared outputs of the run that produced them.
func outputs(r *pipeline.Record, names []string) (map[string]string, bool) {
	i := slices.IndexFunc(r.Outcome.Runs, func(x pipeline.Run) bool { return x.Arm != "check" && x.OK() })
	if i < 0 {
		return nil, false
	}
	run := r.Outcome.Runs[i]
	out := map[string]string{}
	for _, n := range names {
		switch n {
		case "stdout":
			out[n] = run.Stdout
		case "stderr":
			out[n] = run.Stderr
		default:
			out[n] = run.Files[n]
		}
	}
	return out, true
}

// Correct counts the inputs on which every check passed: "5/5", "" when nothing was checked.
func (x *Experiment) Correct() string { return correct(x.Checks) }

func correct(checks []Check) string {
	var inputs []string
	bad := map[string]bool{}
	for _, c := range checks {
		if !slices.Contains(inputs, c.Input) {
			inputs = append(inputs, c.Input)
		}
		bad[c.Input] = bad[c.Input] || !c.Passed
	}
	if len(inputs) == 0 {
		return ""
	}
	good := 0
	for _, in := range inputs {
		if !bad[in] {
			good++
		}
	}
	return fmt.Sprintf("%d/%d", good, len(inputs))
}

// Line is a command as a person would type it into a shell.
func Line(c pipeline.Command) string {
	words := make([]string, len(c.Argv))
	for i, w := range c.Argv {
		words[i] = quote(w)
	}
	if c.Shell && len(c.Argv) > 0 {
		return c.Argv[0]
	}
	return strings.Join(words, " ")
}

// quote writes a word so that a POSIX shell reads it back.
func quote(w string) string {
	if w != "" && strings.Trim(w, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%^") == "" {
		return w
	}
	return "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
}
