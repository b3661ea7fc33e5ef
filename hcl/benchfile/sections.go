package benchfile

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/benchfile/bench/pipeline"
)

// defaultPatience is the workflow's "last 3 experiments all showed <1% improvement" (8.3).
const defaultPatience = 3

// readStudy reads what the study is called and wants.
func (d *decoder) readStudy() {
	d.study.SingleInput = d.stated("inputs", "single", "the service has one fixed workload")
	d.study.Check.None = d.stated("check", "none", "the program has no output")
	d.study.Confirm, d.study.Patience = true, defaultPatience
	b := d.top.one("study")
	if b == nil {
		return
	}
	b.name = b.label
	if b.label != "" && b.identify(&names{}) {
		d.study.Name = b.name
	}
	d.study.Objective = b.text("objective", "")
	d.study.Sources = b.texts("sources", `["docs/design.md"]`)
	d.study.Budget = b.duration("budget")
	d.study.Confirm = b.flag("confirm", true)
	d.study.Patience = int(b.whole("patience", defaultPatience, 0, 10_000))
	if x, ok := b.eval("approval"); ok {
		d.study.Approval, _ = x.word("required")
	}
}

// readEnvironment reads what is added to the environment that is captured by itself.
func (d *decoder) readEnvironment() {
	b := d.top.one("environment")
	if b == nil {
		return
	}
	env := &d.study.Environment
	var tools names
	for _, t := range b.blocks("tool") {
		cmd, ok := t.command("command", t.context(), shellUse{})
		if t.label != "" && t.identify(&tools) && ok {
			env.Tools = append(env.Tools, pipeline.Tool{Name: t.name, Command: cmd.Argv, At: at(t.rng)})
		}
	}
	if x, ok := b.eval("pass"); ok {
		env.Pass, _ = x.texts(`["HOME"]`)
		for _, name := range env.Pass {
			if !envName(name) {
				x.wrong(codeEnvName, fmt.Sprintf("%s cannot be the name of an environment variable", x.quote(name)), "", "use letters, digits and _, and no digit first")
			}
		}
	}
	if x, ok := b.eval("set"); ok {
		env.Set, _ = x.environment()
	}
	env.Cooldown = b.duration("cooldown")
	if g := b.one("gate"); g != nil {
		d.readGate(g)
	}
}

// readGate reads what must hold before a measurement starts, and while it runs.
func (d *decoder) readGate(g *block) {
	gate := &d.study.Environment.Gate
	if x, ok := g.eval("gpu_temperature_max"); ok {
		if f, ok := x.number(); ok && x.within(f > 0 && f <= 150, "a temperature from 1 to 150 °C", "write degrees Celsius, such as 50") {
			gate.GPUTemperatureMax = f
		}
	}
	if x, ok := g.eval("load_max"); ok {
		if f, ok := x.number(); ok && x.within(f > 0, "a load average above 0", "write the one-minute load that is still quiet, such as 1.0") {
			gate.LoadMax = f
		}
	}
	if x, ok := g.eval("memory_free_min"); ok {
		gate.MemoryFreeMin, _ = x.size()
	}
	gate.CPUPressureMax = g.percent("cpu_pressure_max", 0)
	if x, ok := g.eval("foreign_max"); ok {
		if gate.ForeignMax, ok = x.percent(); ok && gate.ForeignMax == 0 {
			x.within(false, "a share above 0%", `nothing keeps every other program off a machine: write what is tolerable, such as "5%"`)
		}
	}
	gate.Wait = g.duration("wait")
}

// readBaseline reads what everything is held against. Its runs follow those of measure, which is read later.
func (d *decoder) readBaseline() {
	b := d.top.one("baseline")
	if b == nil {
		return
	}
	d.study.Baseline.At = at(b.rng)
	if x, ok := b.eval("commit"); ok {
		d.study.Baseline.Commit, _ = x.gitName()
	}
	d.study.Baseline.Runs = int(b.whole("runs", 0, 1, maxRuns))
	d.study.Baseline.RunsReason = b.text("runs_reason", "")
	if x, ok := b.eval("ignore"); ok {
		d.study.Baseline.Ignore, _ = x.insides()
	}
}

// readBuild reads how the program is made.
func (d *decoder) readBuild() {
	b := d.top.one("build")
	if b == nil {
		return
	}
	out := &pipeline.Build{At: at(b.rng), Timeout: b.duration("timeout")}
	cmd, ok := b.command("command", b.context(), b.shell(false))
	cmd.Dir, cmd.Env = b.surroundings(b.context())
	out.Command = cmd
	if x, has := b.eval("outputs"); has {
		out.Outputs, _ = x.insides()
	}
	if ok {
		d.study.Build = out
	}
}

// maxRuns bounds rounds: what asks for more is a mistake in a unit.
const maxRuns = 100_000

// readMeasure reads how a variant is run.
func (d *decoder) readMeasure() {
	m := &d.study.Measure
	m.Executor, m.Warmup, m.Runs = "process", 3, 10
	b := d.top.one("measure")
	if b == nil {
		d.top.err(codeMissing, d.top.rng, "there is no measure block", "nothing says how the program is run",
			"add it: measure { command = [\"./prog\", input.path] }")
		return
	}
	m.At = at(b.rng)
	if x, ok := b.eval("executor"); ok {
		if len(d.opt.Executors) > 0 {
			m.Executor, _ = x.word(d.opt.Executors...)
		} else if s, ok := x.text(); ok && x.within(badName(s) == "", "the name of an executor", `leave it out for "process"`) {
			m.Executor = s
		}
	}
	m.Commands = b.commands("command", b.shell(false))
	m.Warmup = int(b.whole("warmup", 3, 0, maxRuns))
	m.Runs = int(b.whole("runs", 10, 1, maxRuns))
	m.MaxRuns = int(b.whole("max_runs", int64(2*m.Runs), 1, 2*maxRuns))
	if b.has("looks") {
		d.readLooks(b)
	} else if m.MaxRuns < m.Runs {
		b.err(codeBounds, b.valueRange("max_runs"), fmt.Sprintf("max_runs is %d, below runs, which is %d", m.MaxRuns, m.Runs), "",
			"let it be at least as large; leave it out for twice as many")
	}
	m.RunsReason = b.text("runs_reason", "")
	m.Timeout = b.duration("timeout")
}

// commands evaluates a command once for each input; nil when one of them is wrong.
func (b *block) commands(name string, shell shellUse) []pipeline.Command {
	return b.commandsIn(name, shell, true)
}

func (b *block) commandsIn(name string, shell shellUse, around bool) []pipeline.Command {
	var out []pipeline.Command
	b.perInput(func(_ int, ctx *hcl.EvalContext) {
		cmd, ok := b.command(name, ctx, shell)
		if around {
			cmd.Dir, cmd.Env = b.surroundings(ctx)
		}
		if ok {
			out = append(out, cmd)
		}
	})
	if len(out) != len(b.d.current) {
		return nil
	}
	return out
}

// readLooks reads the rounds at each look, which stand in place of runs and max_runs.
func (d *decoder) readLooks(b *block) {
	for _, other := range []string{"runs", "max_runs"} {
		if b.has(other) {
			b.err(codeDuplicate, b.nameRange(other), other+" and looks say the same thing", "", "keep looks, or runs with max_runs")
			return
		}
	}
	x, ok := b.eval("looks")
	if !ok {
		return
	}
	looks, ok := x.wholes("a look", 1, 2*maxRuns, maxLooks, "[10, 20, 40]")
	if !ok {
		return
	}
	m := &d.study.Measure
	for i, n := range looks {
		if i > 0 && n <= looks[i-1] {
			x.wrong(codeBounds, fmt.Sprintf("the looks do not rise: %d comes after %d", n, looks[i-1]), "", "write the rounds made in all at each look: looks = [10, 20, 40]")
			return
		}
		m.Looks = append(m.Looks, int(n))
	}
	m.Runs, m.MaxRuns = m.Looks[0], m.Looks[len(m.Looks)-1]
}

// maxLooks bounds looks: each one widens every interval.
const maxLooks = 10

// readCheck reads how the output is held to be right.
func (d *decoder) readCheck() {
	b := d.top.one("check")
	if b == nil {
		return
	}
	c := &d.study.Check
	c.At = at(b.rng)
	c.Timeout = b.duration("timeout")
	c.PerInput = b.mentions("command", "input") || b.mentions("dir", "input") || b.mentions("env", "input")
	if b.has("command") {
		c.Commands = b.commands("command", b.shell(false))
	} else {
		for _, n := range []string{"dir", "env", "shell"} {
			if a := b.body.Attributes[n]; a != nil {
				b.err(codeMissing, a.NameRange, n+" is for a command", "this check has none", "remove it, or add a line: command = [\"./check\", input.path]")
			}
		}
	}
	if x, ok := b.eval("same_output"); ok {
		c.SameOutput, _ = x.insides("stdout", "stderr")
		if len(c.SameOutput) == 0 {
			c.SameOutput = nil
		}
	}
}

// readProfile reads how a variant is profiled.
func (d *decoder) readProfile() {
	b := d.top.one("profile")
	if b == nil {
		return
	}
	p := &pipeline.Profile{At: at(b.rng), Format: "text", Timeout: b.duration("timeout")}
	p.Commands = b.commands("command", b.shell(false))
	if x, ok := b.eval("format"); ok {
		p.Format, _ = x.word("text", "folded", "ziskemu")
	}
	if x, ok := b.eval("output"); ok {
		p.Output, _ = x.inside()
	}
	d.study.Profile = p
}

// readCriteria reads the thresholds of the decision.
func (d *decoder) readCriteria() {
	c := &d.study.Criteria
	*c = pipeline.Criteria{Keep: 0.05, Maybe: 0.02, Alpha: 0.05, MaxCV: 0.10, InputRegression: 0.05, Timeout: 1.10}
	b := d.top.one("criteria")
	if b == nil {
		return
	}
	if x, ok := b.eval("mode"); ok {
		if mode, _ := x.word("first-pass", "optimized"); mode == "optimized" {
			c.Keep, c.Maybe, c.Optimized = 0.02, 0.01, true
		}
	}
	c.Keep = b.percent("keep", c.Keep)
	c.Maybe = b.percent("maybe", c.Maybe)
	c.MaxCV = b.percent("max_cv", c.MaxCV)
	c.InputRegression = b.percent("input_regression", c.InputRegression)
	if x, ok := b.eval("alpha"); ok {
		if f, ok := x.number(); ok && x.within(f > 0 && f <= 0.5, "above 0 and at most 0.5", "write the share of wrong decisions that is accepted, such as 0.05") {
			c.Alpha = f
		}
	}
	if x, ok := b.eval("timeout"); ok {
		if f, ok := x.number(); ok && x.within(f > 1 && f <= 1000, "a factor above 1", "write the factor of the baseline from which a run is hopeless, such as 1.10") {
			c.Timeout = f
		}
	}
	if x, ok := b.eval("kill"); ok {
		rule, _ := x.word("strikes", "literal")
		c.LiteralKill = rule == "literal"
	}
	if c.Maybe >= c.Keep && (b.has("keep") || b.has("maybe")) {
		name := "maybe"
		if !b.has(name) {
			name = "keep"
		}
		b.err(codeCriteria, b.valueRange(name), fmt.Sprintf("maybe is %s, not below keep, which is %s", percentText(c.Maybe), percentText(c.Keep)), "",
			"let keep be the larger of the two")
	}
}

func percentText(f float64) string { return fmt.Sprintf("%.4g%%", f*100) }

// readNotes reads whom to tell, and what was learnt.
func (d *decoder) readNotes() {
	for _, b := range d.top.blocks("notify") {
		b.name = b.label
		n := pipeline.Notify{Kind: b.label, At: at(b.rng)}
		if b.label != "" && b.label != "slack" {
			b.err(codeWord, b.rng, fmt.Sprintf("there is no notification %q", b.label), "", didYouMean(b.label, []string{"slack"}, "there is"))
		}
		if x, ok := b.eval("on"); ok {
			events := []string{"baseline", "experiment", "significant", "error", "done"}
			n.On, _ = x.texts(`["done", "error"]`)
			for _, e := range n.On {
				if !slices.Contains(events, e) {
					x.wrong(codeWord, fmt.Sprintf("there is no event %s", x.quote(e)), "", didYouMean(e, events, "there are"))
				}
			}
		}
		d.study.Notify = append(d.study.Notify, n)
	}
	for _, b := range d.top.blocks("learning") {
		d.study.Learnings = append(d.study.Learnings, pipeline.Note{Text: b.text("text", ""), At: at(b.rng)})
	}
	for _, b := range d.top.blocks("idea") {
		d.study.Ideas = append(d.study.Ideas, pipeline.Note{Text: b.text("text", ""), Done: b.flag("done", false), At: at(b.rng)})
	}
}
