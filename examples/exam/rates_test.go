package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/benchfile/bench/executors/process"
	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/plan"
)

// simulation is a session without processes: what the planner asks for happens in memory, under the disturbances of a
// model. Planner, schedule, looks, the rules that stop a batch, judge and statistics are the ones that bench has.
type simulation struct {
	study   *pipeline.Study
	facts   *pipeline.Facts
	records map[pipeline.Key]*pipeline.Record
	disturb disturbance
	pads    *rand.Rand
	effect  float64
	runs    int
}

func simulate(m model, seed uint64, cv, effect float64) *simulation {
	commands := func(arm string) (out []pipeline.Command) {
		for range works() {
			out = append(out, pipeline.Command{Argv: []string{"./exam", arm, fmt.Sprint(seed)}}) // the order of runs depends on it
		}
		return out
	}
	s := &simulation{
		study: &pipeline.Study{
			Name: "rates", File: "benchfile.hcl",
			Measure:    pipeline.Measure{Executor: "process", Commands: commands("baseline"), Warmup: 3, Runs: 10, MaxRuns: 20},
			Baseline:   pipeline.BaselineSpec{Runs: 10},
			Check:      pipeline.Check{SameOutput: []string{"stdout"}},
			Metrics:    []pipeline.Metric{{Name: "time", Unit: "s", Better: pipeline.Lower, Primary: true}},
			Hypotheses: []pipeline.Hypothesis{{Name: "candidate", Number: 1, Commands: commands("candidate")}},
			Criteria:   pipeline.Criteria{Keep: .05, Maybe: .02, Alpha: .05, MaxCV: .1, InputRegression: .05, Timeout: 1.1},
		},
		records: map[pipeline.Key]*pipeline.Record{},
		disturb: m(rand.New(rand.NewPCG(seed, 1)), cv),
		pads:    rand.New(rand.NewPCG(seed, 2)),
		effect:  effect,
	}
	for i := range works() {
		s.study.Inputs = append(s.study.Inputs, pipeline.Input{Name: string(rune('a' + i)), Weight: 1})
	}
	s.facts = &pipeline.Facts{
		Variants: map[string]pipeline.VariantFact{plan.BaselineName: {Tree: strings.Repeat("0", 40)}},
		Recorded: func(k pipeline.Key) (*pipeline.Record, string) { return s.records[k], "" },
	}
	return s
}

// works are the seconds that the inputs take.
func works() []float64 { return []float64{12, 20, 28, 16} }

// verdict goes round until the candidate is decided.
func (s *simulation) verdict() *pipeline.Verdict {
	for {
		p := plan.Make(s.study, s.facts, plan.Options{})
		if v := p.Experiments[0].Verdict; v != nil {
			return v
		}
		step := p.Steps[p.Next]
		s.records[step.Key] = &pipeline.Record{Address: step.Address, Key: step.Key, Outcome: s.execute(p.Job)}
	}
}

// execute makes the runs of a job until its end or until a rule ends it.
func (s *simulation) execute(job pipeline.Job) pipeline.Outcome {
	out := pipeline.Outcome{Status: pipeline.StatusOK, Runs: make([]pipeline.Run, 0, len(job.Visits))}
	if job.Strikes != nil {
		out.Factor = job.Strikes.Factor
	}
	after := process.Rules(job)
	for n, v := range job.Visits {
		run := s.visit(n, v, job)
		out.Runs = append(out.Runs, run)
		if out.Status, out.Reason = after(v, run); out.Status != pipeline.StatusOK {
			break
		}
	}
	return out
}

func (s *simulation) visit(n int, v pipeline.Visit, job pipeline.Job) pipeline.Run {
	run := pipeline.Run{Seq: n, Arm: job.Arms[v.Arm].Name, Input: job.Inputs[v.Input], Round: v.Round, Warmup: v.Warmup,
		Stdout: "right", Around: pipeline.Unknown()}
	candidate := slices.Contains(job.Arms[v.Arm].Commands[v.Input].Argv, "candidate")
	at := moment{run: s.runs, arm: fmt.Sprint(candidate)}
	if job.Padding {
		at.environment = s.pads.IntN(4096)
	}
	s.runs++
	took := works()[v.Input] * math.Exp(s.disturb(at))
	if candidate {
		took *= 1 + s.effect
	}
	if limit := job.Limits[v.Input]; limit > 0 && took > limit.Seconds() {
		run.TimedOut, run.Exit = true, -1
		return run
	}
	run.Metrics = map[string]float64{"time": took}
	return run
}

// cell is many sessions that differ by their seed only.
type cell struct {
	model      string
	cv, effect float64

	sessions  int
	verdicts  map[pipeline.VerdictKind]int
	intervals int // sessions that were measured to a look
	covered   int // of them, those whose interval holds the truth
	rounds    int // of them
}

func (c *cell) run(sessions int) {
	c.verdicts = map[pipeline.VerdictKind]int{}
	for seed := range uint64(sessions) {
		v := simulate(models()[c.model], seed, c.cv, c.effect).verdict()
		c.sessions++
		c.verdicts[v.Kind]++
		if e := v.Effect; e != nil && v.Kind != pipeline.Kill {
			c.intervals++
			c.rounds += v.Rounds
			if e.Lo <= c.effect && c.effect <= e.Hi {
				c.covered++
			}
		}
	}
}

func (c *cell) share(kinds ...pipeline.VerdictKind) float64 {
	n := 0
	for _, k := range kinds {
		n += c.verdicts[k]
	}
	return float64(n) / float64(max(1, c.sessions))
}

func (c *cell) coverage() float64 { return float64(c.covered) / float64(max(1, c.intervals)) }

// truths are the changes that a candidate may be. What they deserve is in deserved.
func truths() []float64 {
	return []float64{0, -.08, -.3, -.2, -.12, -.05, -.035, -.02, -.01, .03, .08, .3}
}

// deserved are the verdicts that are right for a true change. At a threshold itself both sides are.
func deserved(change float64) []pipeline.VerdictKind {
	switch {
	case change >= .1:
		return kinds{discard, kill}
	case change > -.02:
		return kinds{discard}
	case change == -.02:
		return kinds{discard, maybe}
	case change > -.05:
		return kinds{maybe}
	case change == -.05:
		return kinds{maybe, keep}
	}
	return kinds{keep}
}

// rates are all cells of one noise.
type rates struct {
	model string
	cv    float64
	cells []*cell // as truths
}

// sessionsOf is how many sessions each truth gets: those of no change and of −8 % are looked at by themselves.
func sessionsOf(change float64) int {
	switch {
	case *full && change == 0:
		return 2000
	case *full && change == -.08:
		return 1000
	case *full:
		return 200
	case change == 0:
		return 20
	case change == -.08:
		return 6
	}
	return 1
}

func (r *rates) run() {
	for _, change := range truths() {
		c := &cell{model: r.model, cv: r.cv, effect: change}
		c.run(sessionsOf(change))
		r.cells = append(r.cells, c)
	}
}

// accuracy is the share of right verdicts, each truth counting alike.
func (r *rates) accuracy() float64 {
	sum := 0.
	for _, c := range r.cells {
		sum += c.share(deserved(c.effect)...)
	}
	return sum / float64(len(r.cells))
}

// promised is what bench promises of all noises with one coefficient of variation, as fractions. Power and accuracy are
// those of the study that the procedure comes from, less one point.
type promised struct {
	cv                  float64
	worstPower, power   float64 // share of candidates with −8 % that are kept: with the worst noise, and with all on average
	accuracy            float64
	falseKeep, coverage float64 // of each noise
	falseKill           float64
}

func promises() []promised {
	return []promised{
		{.03, .99, .99, .988, .005, .95, .01},
		{.05, .987, .99, .97, .005, .95, .01},
		{.10, .79, .91, .86, .005, .95, .01},
	}
}

// TestRates is the whole of bench without processes under eleven noises. By default it is a small sample, always the same
// one, that a broken rule fails; -exam.full makes the table of the README.
func TestRates(t *testing.T) {
	all := map[float64][]*rates{}
	promises := promises()
	if !*full {
		promises = slices.DeleteFunc(promises, func(p promised) bool { return p.cv == .05 })
	}
	t.Run("noise", func(t *testing.T) {
		for _, p := range promises {
			for _, name := range modelNames() {
				r := &rates{model: name, cv: p.cv}
				all[p.cv] = append(all[p.cv], r)
				t.Run(fmt.Sprintf("%s at %v", name, p.cv), func(t *testing.T) {
					t.Parallel()
					r.run()
				})
			}
		}
	})
	var out strings.Builder
	for _, p := range promises {
		table(&out, p, all[p.cv])
		if *full {
			p.hold(t, all[p.cv])
		} else {
			sampled(t, p.cv, all[p.cv])
		}
	}
	if *full {
		fmt.Printf("\n%s", out.String())
	} else {
		t.Logf("\n%s", out.String())
	}
}

// table writes the rates of one coefficient of variation, as Markdown.
func table(out *strings.Builder, p promised, rs []*rates) {
	fmt.Fprintf(out, "| noise of %.0f %% | false KEEP | false KILL | coverage | rounds | −8 %% kept | right |\n|---|---|---|---|---|---|---|\n", 100*p.cv)
	var power, accuracy, rounds float64
	for _, r := range rs {
		same, faster := r.cells[0], r.cells[1]
		each := float64(same.rounds) / float64(max(1, same.intervals))
		fmt.Fprintf(out, "| %s | %.2f %% | %.2f %% | %.1f %% | %.1f | %.1f %% | %.1f %% |\n", r.model, 100*same.share(keep), 100*same.share(kill),
			100*same.coverage(), each, 100*faster.share(keep), 100*r.accuracy())
		power += faster.share(keep) / float64(len(rs))
		accuracy += r.accuracy() / float64(len(rs))
		rounds += each / float64(len(rs))
	}
	fmt.Fprintf(out, "| all | | | | %.1f | %.1f %% | %.1f %% |\n\n", rounds, 100*power, 100*accuracy)
}

// hold holds the full table to what is promised.
func (p promised) hold(t *testing.T, rs []*rates) {
	t.Helper()
	var power, accuracy float64
	for _, r := range rs {
		same, faster := r.cells[0], r.cells[1]
		power += faster.share(keep) / float64(len(rs))
		accuracy += r.accuracy() / float64(len(rs))
		if same.share(keep) > p.falseKeep || same.share(kill) > p.falseKill || same.coverage() < p.coverage || faster.share(keep) < p.worstPower {
			t.Errorf("%s at %v: of no change %v (intervals cover %.4f), of −8 %% %v", r.model, r.cv, same.verdicts, same.coverage(), faster.verdicts)
		}
	}
	if power < p.power || accuracy < p.accuracy {
		t.Errorf("at %v: −8 %% is kept in %.4f, want %v; %.4f of the verdicts are right, want %v", p.cv, power, p.power, accuracy, p.accuracy)
	}
}

// sampled holds the small sample to bounds that a sound rule keeps whatever the order of runs is drawn to be: the sample
// is the same every time, but drawn anew when manifests are worded differently.
func sampled(t *testing.T, cv float64, rs []*rates) {
	t.Helper()
	least := struct{ kept, right, rightOfOne float64 }{1, .97, .8}
	if cv > .05 {
		least.kept, least.right, least.rightOfOne = .8, .78, .4
	}
	var kept, killed int
	var power, accuracy, coverage float64
	for _, r := range rs {
		same, faster := r.cells[0], r.cells[1]
		kept, killed = kept+same.verdicts[keep], killed+same.verdicts[kill]
		power += faster.share(keep) / float64(len(rs))
		accuracy += r.accuracy() / float64(len(rs))
		coverage += same.coverage() / float64(len(rs))
		if same.coverage() < .75 || r.accuracy() < least.rightOfOne {
			t.Errorf("%s at %v: of no change %v, intervals cover %.2f, %.2f of all verdicts are right", r.model, cv, same.verdicts, same.coverage(), r.accuracy())
		}
	}
	if kept > 1 || killed > 2 || coverage < .94 || power < least.kept || accuracy < least.right {
		t.Errorf("at %v: %d unchanged candidates kept and %d killed, intervals cover %.3f, −8 %% kept in %.3f, %.3f of all verdicts are right",
			cv, kept, killed, coverage, power, accuracy)
	}
}
