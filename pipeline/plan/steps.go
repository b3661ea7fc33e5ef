package plan

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/benchfile/bench/pipeline"
)

// The arms of jobs.
const (
	baselineArm  = "baseline"
	candidateArm = "candidate"
	checkArm     = "check"  // the check command
	outputArm    = "output" // the measured command, run once to keep what it puts out
)

// build plans making the program; nil when there is nothing to build.
func (m *maker) build(e *Experiment, v *variant, blocked string) *Step {
	b := m.study.Build
	if b == nil {
		return nil
	}
	man := m.head(pipeline.StepBuild)
	man.Add("code.tree", v.tree)
	for _, name := range slices.Sorted(maps.Keys(v.Env)) {
		man.Add("code.env."+name, v.Env[name])
	}
	m.command(&man, "build", b.Command)
	man.Add("build.outputs", words(b.Outputs))
	limit := m.stepLimit(v, pipeline.StepBuild, "", b.Timeout, leastStep)
	s := m.add(e, Step{Address: e.Variant.ID() + "/build", Kind: pipeline.StepBuild, Manifest: man, limit: limit}, blocked)
	v.build = s.Key
	w := v.work()
	w.Rebuild = true
	m.run(func() pipeline.Job { return m.once(v, "build", b.Command, "", limit) }, w)
	if s.State == Done {
		v.artifacts = s.Record.Outcome.Artifacts
	} else {
		v.broken = true
	}
	return s
}

// checks plans the checks of a variant, one for each input, or one in all when neither the check command nor a compared
// output depends on the input. A command that does not mention the input runs once, with the first. enough says of a recorded one that no more are needed.
func (m *maker) checks(e *Experiment, v *variant, blocked string, enough func(*Step) bool) []Step {
	c := m.study.Check
	if c.Commands == nil && c.SameOutput == nil {
		return nil
	}
	var out []Step
	for i, in := range m.study.Inputs {
		perInput := c.PerInput || len(c.SameOutput) > 0
		man := m.head(pipeline.StepCheck)
		m.code(&man, "code", v)
		if perInput {
			m.input(&man, i)
		}
		if m.checkRuns(i) {
			m.command(&man, "check", c.Commands[i])
		}
		if len(c.SameOutput) > 0 {
			man.Add("check.same", words(c.SameOutput))
			m.command(&man, "code", v.Commands[i])
		}
		s := Step{Address: e.Variant.ID() + "/check", Kind: pipeline.StepCheck, Manifest: m.inputsKnown(m.known(v, man))}
		if perInput {
			s.Address += "/" + in.Name
			s.Input = in.Name
		}
		s.limit = m.checkLimit(v, i, s.Input)
		step := m.add(e, s, blocked)
		m.run(func() pipeline.Job { return m.checkJob(v, i, s.limit) }, v.work(), v.work())
		out = append(out, *step)
		if step.Record != nil && enough(step) {
			break
		}
		if step.State != Done && blocked == "" {
			blocked = "waits for " + step.Address
		}
		if !perInput {
			break
		}
	}
	return out
}

// inputsKnown is nil while a generated input is not there yet.
func (m *maker) inputsKnown(man pipeline.Manifest) pipeline.Manifest {
	for i := range m.study.Inputs {
		if m.study.Inputs[i].Generate != nil && m.generated[m.study.Inputs[i].Name] == "" {
			return nil
		}
	}
	return man
}

// checkJob runs the measured command where outputs are compared, then the check command.
func (m *maker) checkJob(v *variant, i int, limit time.Duration) pipeline.Job {
	c := m.study.Check
	j := pipeline.Job{Inputs: m.inputNames(), LogCap: logCap}
	j.Limits = slices.Repeat([]time.Duration{limit}, len(j.Inputs))
	j.Arms = []pipeline.Arm{m.arm(outputArm, v, v.Commands), m.arm(checkArm, v, c.Commands)}
	if len(c.SameOutput) > 0 {
		j.Visits = append(j.Visits, pipeline.Visit{Arm: 0, Input: i})
		for _, what := range c.SameOutput {
			if what != "stdout" && what != "stderr" {
				j.Collect = append(j.Collect, what)
			}
		}
	}
	if c.Commands == nil {
		j.Arms[1].Commands = v.Commands // never visited; an arm has a command for each input
	} else if m.checkRuns(i) {
		j.Visits = append(j.Visits, pipeline.Visit{Arm: 1, Input: i})
	}
	return j
}

// checkLimit is when a run of a check is ended. Where only the measured command runs, it may take no longer than when it
// is measured.
func (m *maker) checkLimit(v *variant, i int, input string) time.Duration {
	c := m.study.Check
	switch t := m.study.Measure.Timeout; {
	case m.checkRuns(i):
		return m.stepLimit(v, pipeline.StepCheck, input, c.Timeout, leastStep)
	case t > 0 && c.Timeout == 0:
		return t
	}
	return m.stepLimit(v, pipeline.StepCheck, input, c.Timeout, leastOutput)
}

// checkRuns says whether the check command is part of the check of an input.
func (m *maker) checkRuns(input int) bool {
	return m.study.Check.Commands != nil && (m.study.Check.PerInput || input == 0)
}

// measure plans one batch of rounds over all inputs. The baseline's own measurement has one arm; a candidate's has both.
func (m *maker) measure(e *Experiment, v *variant, look, rounds, first int, before earlier, blocked string) *Step {
	arms := m.arms(v)
	s := m.add(e, Step{
		Address: fmt.Sprintf("%s/measure/%d", e.Variant.ID(), look), Kind: pipeline.StepMeasure,
		Look: look, Rounds: rounds, Manifest: m.outlived(m.measured(v, look, rounds)),
	}, blocked)
	works := make([]Work, len(arms))
	for i, a := range arms {
		works[i] = a.v.work()
	}
	m.run(func() pipeline.Job { return m.measureJob(arms, s.Key, first, rounds, before) }, works...)
	return s
}

// measured is the manifest of a batch; nil while something that it names is not known.
func (m *maker) measured(v *variant, look, rounds int) pipeline.Manifest {
	ms := m.study.Measure
	man := m.head(pipeline.StepMeasure)
	for _, a := range m.arms(v) {
		m.code(&man, a.name, a.v)
		for i, in := range m.study.Inputs {
			m.command(&man, a.name+"."+in.Name, a.v.Commands[i])
		}
	}
	for i := range m.study.Inputs {
		m.input(&man, i)
	}
	man.Add("executor", ms.Executor)
	man.Add("warmup", strconv.Itoa(ms.Warmup))
	man.Add("rounds", strconv.Itoa(rounds))
	man.Add("look", strconv.Itoa(look))
	if v.fresh {
		man.Add("sample", "confirmation")
	}
	man.Add("cooldown", m.study.Environment.Cooldown.String())
	if ms.Timeout > 0 {
		man.Add("timeout", ms.Timeout.String())
	}
	m.metrics(&man)
	return m.inputsKnown(m.known(m.base, m.known(v, man)))
}

// arms are the sides of a measurement: the baseline alone, or the baseline and a candidate.
func (m *maker) arms(v *variant) []armOf {
	arms := []armOf{{baselineArm, m.base}}
	if v != m.base {
		arms = append(arms, armOf{candidateArm, v})
	}
	return arms
}

// earlier are an experiment's batches before the one that is planned.
type earlier struct {
	batches  []*pipeline.Outcome
	restless bool // their runs differ more than criteria.max_cv
}

type armOf struct {
	name string
	v    *variant
}

// outlived replaces the key of a batch that was cut short by a KILL factor which is no longer the one asked for:
// thresholds are in no key, but a batch that a threshold ended says nothing under another threshold.
func (m *maker) outlived(man pipeline.Manifest) pipeline.Manifest {
	if man == nil {
		return nil
	}
	r, _ := m.facts.Recorded(man.Key())
	if r == nil || r.Outcome.Status != pipeline.StatusKilled {
		return man
	}
	c := m.study.Criteria
	if r.Outcome.Factor == c.Timeout && r.Outcome.Literal == c.LiteralKill {
		return man
	}
	kill := strconv.FormatFloat(c.Timeout, 'g', -1, 64)
	if c.LiteralKill {
		kill += " literal"
	}
	return append(slices.Clone(man), pipeline.Field{Name: "kill", Value: kill})
}

// metrics adds what is read from each run. How a metric is judged (primary, limit, direction) is not in the key.
func (m *maker) metrics(man *pipeline.Manifest) {
	for _, x := range m.study.Metrics {
		if x.From == nil {
			if counter(x.Name) {
				man.Add("metric."+x.Name, "counter")
			}
			continue
		}
		man.Add("metric."+x.Name, words([]string{x.From.Kind, x.From.Source, x.From.Expr, x.From.Unit}))
	}
}

// counter says whether a built-in metric has to be asked for: hardware counters cost something.
func counter(name string) bool {
	return slices.Contains([]string{"instructions", "cycles", "cache_misses", "branch_misses"}, name)
}

// logCap bounds what is kept of each stream of a run, in bytes.
const logCap = 16 << 20

func (m *maker) measureJob(arms []armOf, key pipeline.Key, first, rounds int, before earlier) pipeline.Job {
	ms := m.study.Measure
	j := pipeline.Job{
		Inputs: m.inputNames(), Seed: seed(key), Padding: true, Cooldown: m.study.Environment.Cooldown,
		Metrics: m.study.Metrics, LogCap: logCap, Contamination: m.contamination(len(arms)),
	}
	if before.restless {
		j.Cooldown *= 2 // workflow 3.5: increase the cool-down. The key keeps what the Benchfile says: no threshold causes a run
	}
	for _, a := range arms {
		j.Arms = append(j.Arms, m.arm(a.name, a.v, a.v.Commands))
	}
	j.Visits = schedule(j.Seed, len(arms), len(j.Inputs), ms.Warmup, first, rounds, before.open(j.Inputs, first))
	j.Collect = m.collected()
	for i := range j.Inputs {
		j.Limits = append(j.Limits, m.limit(i, len(arms)))
	}
	if len(arms) == 2 && ms.Timeout == 0 {
		j.Overruns = overruns
	}
	if len(arms) == 2 && m.study.Criteria.Timeout > 0 {
		j.Strikes = &pipeline.Strikes{Factor: m.study.Criteria.Timeout, Consecutive: 3, Literal: m.study.Criteria.LiteralKill}
		for _, in := range j.Inputs {
			j.Strikes.Reference = append(j.Strikes.Reference, append(slices.Clone(m.reference[in]), baselineTimes(before.batches, in)...))
		}
	}
	return j
}

// baselineTimes are the seconds of the baseline's runs in batches, warm-ups included: the slowest of them is what a
// candidate is held against before it is stopped, so that the baseline's own bad moments stop nobody.
func baselineTimes(batches []*pipeline.Outcome, input string) []float64 {
	var out []float64
	for _, o := range batches {
		for _, run := range o.Runs {
			if t, ok := run.Metrics["time"]; ok && run.Arm == baselineArm && run.Input == input && run.Discarded == "" {
				out = append(out, t)
			}
		}
	}
	return out
}

// collected lists the files that metrics are read from, each once.
func (m *maker) collected() []string {
	var out []string
	for _, x := range m.study.Metrics {
		if x.From != nil && x.From.Source != "stdout" && x.From.Source != "stderr" && !slices.Contains(out, x.From.Source) {
			out = append(out, x.From.Source)
		}
	}
	return out
}

// profiles plans one profiling run for each input. It says whether any is left to run.
func (m *maker) profiles(e *Experiment, v *variant, blocked string) (left bool) {
	p := m.study.Profile
	if p == nil {
		return false
	}
	for i, in := range m.study.Inputs {
		man := m.head(pipeline.StepProfile)
		m.code(&man, "code", v)
		m.input(&man, i)
		m.command(&man, "profile", p.Commands[i])
		man.Add("profile.output", p.Output)
		limit := m.stepLimit(v, pipeline.StepProfile, in.Name, p.Timeout, leastStep)
		s := m.add(e, Step{
			Address: e.Variant.ID() + "/profile/" + in.Name, Kind: pipeline.StepProfile, Input: in.Name,
			Manifest: m.inputsKnown(m.known(v, man)), limit: limit,
		}, blocked)
		m.run(func() pipeline.Job {
			j := m.once(v, "profile", p.Commands[i], in.Name, limit)
			if p.Output != "" {
				j.Collect = []string{p.Output}
			}
			return j
		}, v.work())
		left = left || s.State == Ready
	}
	return left
}

// once is a job of a single run.
func (m *maker) once(v *variant, name string, c pipeline.Command, input string, limit time.Duration) pipeline.Job {
	return pipeline.Job{
		Arms: []pipeline.Arm{m.arm(name, v, []pipeline.Command{c})}, Inputs: []string{input},
		Visits: []pipeline.Visit{{}}, Limits: []time.Duration{limit}, LogCap: logCap,
	}
}

// arm is one side of a job; the engine adds the folder.
func (m *maker) arm(name string, v *variant, commands []pipeline.Command) pipeline.Arm {
	return pipeline.Arm{Name: name, Commands: commands, Env: environ(m.facts.Env, m.study.Environment.Set, v.Env)}
}

// environ lays variables over each other and sorts them; later ones win.
func environ(base []string, over ...map[string]string) []string {
	all := map[string]string{}
	for _, kv := range base {
		for i := range kv {
			if kv[i] == '=' {
				all[kv[:i]] = kv[i+1:]
				break
			}
		}
	}
	for _, o := range over {
		maps.Copy(all, o)
	}
	out := make([]string, 0, len(all))
	for _, name := range slices.Sorted(maps.Keys(all)) {
		out = append(out, name+"="+all[name])
	}
	return out
}

func (m *maker) inputNames() []string {
	out := make([]string, len(m.study.Inputs))
	for i := range m.study.Inputs {
		out[i] = m.study.Inputs[i].Name
	}
	return out
}
