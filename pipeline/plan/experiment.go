package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/judge"
)

// baseline plans the steps that everything else needs: build, inputs, checks, its own measurement, profiles.
func (m *maker) baseline() {
	e := &m.plan.Baseline
	e.Variant, e.State = baseline(m.study), Ready
	fact, ok := m.facts.Variants[BaselineName]
	if !ok {
		m.plan.Unresolved = append(m.plan.Unresolved, e.Variant)
		e.State, e.Why = Waiting, "its code has not been looked at yet"
		return
	}
	e.Fact = fact
	if fact.Error != "" {
		m.stop("the baseline can't be had: %s", fact.Error)
		return
	}
	v := &variant{Variant: e.Variant, tree: fact.Tree}
	m.base = v
	blocked := ""
	if s := m.build(e, v, blocked); s != nil && s.State != Done {
		blocked = m.halt(s, "the baseline does not build")
	}
	blocked = m.inputs(e, v, blocked)
	for _, s := range m.checks(e, v, blocked, func(s *Step) bool { return s.State == Failed }) {
		if s.State != Done {
			blocked = m.halt(&s, "the baseline's own check fails, so nothing can be compared with it")
			continue
		}
		m.keepOutputs(&s)
	}
	s := m.measure(e, v, 1, m.study.Baseline.Runs, 1, earlier{}, blocked)
	if s.State != Done {
		m.halt(s, "the baseline can't be measured")
		blocked = "waits for the baseline's measurement"
	} else {
		m.remember(s.Record)
		m.ready = m.steady(s.Record)
		m.repeated(e, v)
		m.validate()
	}
	if !m.options.Calibrate {
		m.profiles(e, v, blocked)
	}
	if blocked == "" && m.ready {
		e.State = Done
	}
}

// validate says what people should know of the baseline's measurement that stands (workflow 3.5).
func (m *maker) validate() {
	var inputs []judge.Input
	for _, in := range m.study.Inputs {
		inputs = append(inputs, judge.Input{Name: in.Name, Weight: in.Weight})
	}
	for _, text := range judge.Validate(&m.standings[len(m.standings)-1].record.Outcome, inputs, m.study.Metrics, m.study.Criteria) {
		m.warn(pipeline.Place{}, text, "")
	}
}

// halt stops everything when a step of the baseline failed; else it says what later steps wait for.
func (m *maker) halt(s *Step, what string) string {
	if s.State == Failed {
		m.stop("%s: %s", what, s.Record.Outcome.Reason)
	}
	return "waits for " + s.Address
}

// inputs plans the generators. A path that can't be read stops everything: no measurement would mean anything.
func (m *maker) inputs(e *Experiment, v *variant, blocked string) string {
	for i := range m.study.Inputs {
		in := &m.study.Inputs[i]
		if in.Generate == nil {
			if f, ok := m.facts.Inputs[in.Name]; in.Path != "" && (!ok || f.Error != "") {
				m.stop("input %q can't be read: %s", in.Name, f.Error)
			}
			continue
		}
		man := m.head(pipeline.StepGenerate)
		m.code(&man, "code", v)
		m.command(&man, "generate", *in.Generate)
		s := m.add(e, Step{Address: "inputs/" + in.Name, Kind: pipeline.StepGenerate, Input: in.Name, Manifest: m.known(v, man)}, blocked)
		m.run(func() pipeline.Job { return m.once(v, "generate", *in.Generate, in.Name, firstLimit) }, v.work())
		if s.State == Done {
			m.generated[in.Name] = s.Record.Outcome.Artifacts[in.Path].Sum
		} else if blocked == "" {
			blocked = m.halt(s, "an input can't be generated")
		}
	}
	return blocked
}

// known is the manifest when everything that it names is known, else nil.
func (m *maker) known(v *variant, man pipeline.Manifest) pipeline.Manifest {
	if v.broken {
		return nil
	}
	return man
}

// keepOutputs remembers what the baseline put out, to compare candidates with.
func (m *maker) keepOutputs(s *Step) {
	for _, run := range s.Record.Outcome.Runs {
		if run.Arm == outputArm {
			m.outputs[run.Input] = outputsOf(m.study.Check, run)
		}
	}
}

// steady holds the baseline to its own outputs: a program whose output differs from run to run can't be checked by
// comparing outputs.
func (m *maker) steady(r *pipeline.Record) bool {
	if !slices.Contains(m.study.Check.SameOutput, "stdout") {
		return true
	}
	for _, run := range r.Outcome.Runs {
		if want, ok := m.outputs[run.Input]; ok && run.Stdout != want["stdout"] {
			m.stop("the baseline's stdout on %s is not the same on every run, so same_output = [\"stdout\"] can't tell right from wrong: "+
				"write what must not change to a file, or use a check command", run.Input)
			return false
		}
	}
	return true
}

// experiment plans one variant to its verdict.
func (m *maker) experiment(e Experiment) *Experiment {
	m.index[e.Variant.Name] = len(m.plan.Experiments)
	m.plan.Experiments = append(m.plan.Experiments, e)
	x := &m.plan.Experiments[len(m.plan.Experiments)-1]
	x.State = Ready
	if m.base == nil {
		x.State, x.Why = Waiting, "waits for the baseline"
		return x
	}
	v := &variant{Variant: x.Variant, tree: m.base.tree, fresh: x.Confirms != ""}
	if len(x.Variant.Changes) > 0 {
		fact, ok := m.facts.Variants[x.Variant.Name]
		if !ok {
			m.plan.Unresolved = append(m.plan.Unresolved, x.Variant)
			x.State, x.Why = Waiting, "its code has not been looked at yet"
			return x
		}
		x.Fact, v.tree = fact, fact.Tree
	}
	if !m.targeted(&x.Variant) {
		x.State, x.Why = Skipped, notTarget
	} else if why := m.exhausted(x); why != "" {
		x.State, x.Why = Skipped, why
	}
	d := m.steps(x, v)
	x.Decision = d
	switch {
	case d != nil && !d.Continue:
		x.Verdict = &d.Verdict
		x.State, x.Why = Done, d.Verdict.Reason
		m.watch(x)
		m.profile(x, v)
	case d != nil:
		x.Interim = d.Verdict.Effect
		if x.Why == "" {
			x.Why = "not decided yet: " + d.Verdict.Reason
		}
	case x.Why == "":
		x.Why = "not measured yet"
	}
	return x
}

// steps plans build, checks and measurements, and asks the judge as soon as there is something to decide on. It returns
// nil while the judge has nothing to say.
func (m *maker) steps(x *Experiment, v *variant) *judge.Decision {
	ev := m.evidence(x)
	if x.Fact.Error != "" {
		return decide(ev)
	}
	blocked := ""
	if !m.ready {
		blocked = "waits for the baseline"
	}
	if s := m.build(x, v, blocked); s != nil {
		if s.State == Failed {
			ev.Build = &s.Record.Outcome
			return decide(ev)
		}
		if s.State != Done {
			blocked = "waits for " + s.Address
		} else {
			ev.Build = &s.Record.Outcome
		}
	}
	if ev.Identical = m.identical(v); ev.Identical && m.ready {
		x.Identical = true
		return decide(ev)
	}
	wrong := func(s *Step) bool { return s.State == Failed || len(m.checked(s).Differs) > 0 }
	for _, s := range m.checks(x, v, blocked, wrong) {
		if s.Record == nil {
			if blocked == "" {
				blocked = "waits for " + s.Address
			}
			continue
		}
		ev.Checks = append(ev.Checks, m.checked(&s))
		if wrong(&s) {
			return decide(ev)
		}
	}
	return m.batches(x, v, ev, blocked)
}

// batches plans measurements look by look until the judge has decided.
func (m *maker) batches(x *Experiment, v *variant, ev judge.Evidence, blocked string) *judge.Decision {
	var last *judge.Decision
	done := 0
	for i, n := range m.looks {
		s := m.measure(x, v, i+1, n-done, done+1, earlier{ev.Batches, last != nil && last.Restless}, blocked)
		if s.Record == nil {
			if s.State == Ready && len(m.attempts(s.Key)) > 0 {
				x.Why = "not decided: " + s.Why
			}
			return last
		}
		if i == 0 && len(m.standings) > 0 {
			ev.Baseline = m.standings[m.when(s.Record)].reference
		}
		ev.Batches = append(ev.Batches, &s.Record.Outcome)
		ev.Checks = append(ev.Checks, m.measuredOutputs(s.Record)...)
		ev.Final = i == len(m.looks)-1
		if last = decide(ev); !last.Continue {
			return last
		}
		done = n
	}
	return last
}

func decide(ev judge.Evidence) *judge.Decision {
	d := judge.Experiment(ev)
	return &d
}

// identical says whether what was built, and how it is called, equals the baseline's: then nothing is to be measured.
func (m *maker) identical(v *variant) bool {
	b := m.base
	if len(v.artifacts) == 0 || len(v.artifacts) != len(b.artifacts) || len(v.Env) > 0 {
		return false
	}
	for name, a := range v.artifacts {
		if b.artifacts[name].Sum != a.Sum {
			return false
		}
	}
	for i, c := range v.Commands {
		if words(c.Argv) != words(m.study.Measure.Commands[i].Argv) || !built(c, v.artifacts) {
			return false
		}
	}
	return true
}

// built says whether a command's program is among what was built. Only then do equal artifacts mean an equal program.
func built(c pipeline.Command, artifacts map[string]pipeline.Artifact) bool {
	if c.Shell || len(c.Argv) == 0 {
		return false
	}
	_, ok := artifacts[strings.TrimPrefix(c.Argv[0], "./")]
	return ok
}

// checked turns a check's record into evidence.
func (m *maker) checked(s *Step) judge.Check {
	c := judge.Check{Input: s.Input, Outcome: &s.Record.Outcome}
	for _, run := range s.Record.Outcome.Runs {
		if run.Arm == outputArm && run.OK() {
			c.Differs = append(c.Differs, m.compare(run)...)
		}
	}
	return c
}

// compare holds a run's outputs against the baseline's.
func (m *maker) compare(run pipeline.Run) []judge.Difference {
	want, ok := m.outputs[run.Input]
	if !ok {
		return nil
	}
	got := outputsOf(m.study.Check, run)
	var out []judge.Difference
	for _, what := range m.study.Check.SameOutput {
		if got[what] == want[what] {
			continue
		}
		d := judge.Difference{What: what, Base: want[what], Cand: got[what]}
		if m.facts.Difference != nil {
			d.Detail = m.facts.Difference(d.Base, d.Cand)
		}
		out = append(out, d)
	}
	return out
}

// measuredOutputs holds the stdout of every measured candidate run against the baseline's: a program that is right when
// checked and wrong when timed is wrong.
func (m *maker) measuredOutputs(r *pipeline.Record) []judge.Check {
	if !slices.Contains(m.study.Check.SameOutput, "stdout") {
		return nil
	}
	for _, run := range r.Outcome.Runs {
		if run.Arm != candidateArm || !run.OK() {
			continue
		}
		want, ok := m.outputs[run.Input]
		if ok && run.Stdout != want["stdout"] {
			d := judge.Difference{What: fmt.Sprintf("stdout of run %d", run.Seq+1), Base: want["stdout"], Cand: run.Stdout}
			if m.facts.Difference != nil {
				d.Detail = m.facts.Difference(d.Base, d.Cand)
			}
			return []judge.Check{{Input: run.Input, Outcome: &r.Outcome, Differs: []judge.Difference{d}}}
		}
	}
	return nil
}

// outputsOf picks the digests that a check compares.
func outputsOf(c pipeline.Check, run pipeline.Run) map[string]string {
	out := map[string]string{}
	for _, what := range c.SameOutput {
		switch what {
		case "stdout":
			out[what] = run.Stdout
		case "stderr":
			out[what] = run.Stderr
		default:
			out[what] = run.Files[what]
		}
	}
	return out
}

// profile plans a decided experiment's profiles: none for what crashed or was wrong.
func (m *maker) profile(x *Experiment, v *variant) {
	if k := x.Verdict.Kind; k == pipeline.Failed || k == pipeline.Reject || x.Identical {
		return
	}
	if !m.targeted(&x.Variant) {
		return
	}
	if v.tree == m.base.tree && len(v.Env) == 0 {
		return // other arguments only: the profiler's command has none of them, its profile would be the baseline's
	}
	if m.profiles(x, v, "") {
		x.State, x.Why = Ready, "profiles are left to make"
	}
}
