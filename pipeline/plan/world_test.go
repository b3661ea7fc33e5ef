package plan

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/benchfile/bench/pipeline"
)

// world carries a plan out in memory: no disk, no clock, no processes. cost says how long a candidate's runs take,
// relative to the baseline.
type world struct {
	t       *testing.T
	study   *pipeline.Study
	facts   *pipeline.Facts
	records map[pipeline.Key]*pipeline.Record
	newest  map[string]*pipeline.Record
	cost    map[string]float64                                       // variant name → ratio
	broken  map[string]string                                        // step address → why it fails
	output  map[string]string                                        // variant name → digest of its stdout, where it differs
	cut     map[string]bool                                          // step addresses that never end: they are ended at their limit
	takes   func(*Plan, *Step) (began time.Time, took time.Duration) // nil: a second each
	elapsed map[string]time.Duration                                 // step address → how long it takes; else a second
	ran     []string
	speed   func(address string) float64 // what the machine does to every run of a step; nil: nothing
	clock   time.Time
}

func newWorld(t *testing.T, s *pipeline.Study) *world {
	w := &world{
		t: t, study: s, records: map[pipeline.Key]*pipeline.Record{}, newest: map[string]*pipeline.Record{},
		cost: map[string]float64{}, broken: map[string]string{}, output: map[string]string{},
		cut: map[string]bool{}, elapsed: map[string]time.Duration{},
	}
	w.clock = time.Date(2026, 1, 16, 9, 0, 0, 0, time.UTC)
	w.facts = &pipeline.Facts{
		Now:         w.clock,
		Environment: pipeline.Environment{CPU: "test", Cores: 2, Memory: 8 << 30, OS: "test", Kernel: "1", Arch: "amd64"},
		Inputs:      map[string]pipeline.InputFact{},
		Variants:    map[string]pipeline.VariantFact{BaselineName: {Tree: tree(BaselineName)}},
		Programs:    map[string]string{},
		Env:         []string{"PATH=/bin"},
		Recorded:    func(k pipeline.Key) (*pipeline.Record, string) { return w.records[k], "" },
		Previous:    func(a string) *pipeline.Record { return w.newest[a] },
	}
	for _, in := range s.Inputs {
		w.facts.Inputs[in.Name] = pipeline.InputFact{Sum: tree(in.Name)}
	}
	return w
}

// tree is a made-up digest.
func tree(name string) string {
	h := fnv.New128a()
	h.Write([]byte(name))
	return fmt.Sprintf("%040x", h.Sum(nil))
}

// plan makes the plan, resolving what it asks for.
func (w *world) plan(o Options) *Plan {
	for range 20 {
		p := Make(w.study, w.facts, o)
		if len(p.Unresolved) == 0 {
			return p
		}
		for _, v := range p.Unresolved {
			patches := ""
			for _, c := range v.Changes {
				patches += c.Patch + " "
			}
			w.facts.Variants[v.Name] = pipeline.VariantFact{Tree: tree(patches)}
		}
	}
	w.t.Fatal("the plan never stops asking for variants")
	return nil
}

// apply runs everything that the plan asks for.
func (w *world) apply() *Plan {
	for range 10000 {
		p := w.plan(Options{})
		if p.Next < 0 {
			return p
		}
		w.run(p)
	}
	w.t.Fatal("the plan never ends")
	return nil
}

// run carries out one step.
func (w *world) run(p *Plan) {
	s := p.Steps[p.Next]
	w.ran = append(w.ran, s.Address)
	r := &pipeline.Record{Address: s.Address, Key: s.Key, Manifest: s.Manifest.String(), Started: w.clock, Outcome: w.outcome(p, &s)}
	w.clock = w.clock.Add(time.Minute)
	r.Finished = w.clock
	if w.takes != nil {
		r.Started, r.Outcome.Elapsed = w.takes(p, &s)
		r.Finished = r.Started.Add(r.Outcome.Elapsed)
	}
	w.records[s.Key], w.newest[s.Address] = r, r
}

func (w *world) outcome(p *Plan, s *Step) pipeline.Outcome {
	o := pipeline.Outcome{Status: pipeline.StatusOK, Elapsed: time.Second}
	if why := w.broken[s.Address]; why != "" {
		o.Status, o.Reason = pipeline.StatusFailed, why
		return o
	}
	if d, ok := w.elapsed[s.Address]; ok {
		o.Elapsed = d
	}
	if w.cut[s.Address] {
		o.Status, o.Reason, o.Limit = pipeline.StatusTimeout, "not done", p.Job.Limits[p.Job.Visits[0].Input]
		return o
	}
	if s.Kind == pipeline.StepBuild {
		o.Artifacts = map[string]pipeline.Artifact{}
		for _, out := range w.study.Build.Outputs {
			o.Artifacts[out] = pipeline.Artifact{Sum: p.Work[0].Tree}
		}
	}
	if s.Kind == pipeline.StepGenerate {
		i, _ := w.study.Input(s.Input)
		o.Artifacts = map[string]pipeline.Artifact{w.study.Inputs[i].Path: {Sum: tree(s.Input)}}
	}
	rng := rand.New(rand.NewPCG(p.Job.Seed, 1))
	speed := 1.0
	if w.speed != nil {
		speed = w.speed(s.Address)
	}
	for n, v := range p.Job.Visits {
		ratio := 1.0
		variant := s.Variant
		if p.Job.Arms[v.Arm].Name == baselineArm {
			variant = BaselineName
		}
		if c, ok := w.cost[variant]; ok {
			ratio = c
		}
		out := "same"
		if d, ok := w.output[variant]; ok {
			out = d
		}
		o.Runs = append(o.Runs, pipeline.Run{
			Seq: n, Arm: p.Job.Arms[v.Arm].Name, Input: p.Job.Inputs[v.Input], Round: v.Round, Warmup: v.Warmup, Stdout: out,
			Metrics: map[string]float64{"time": speed * ratio * math.Exp(0.005*rng.NormFloat64()) * float64(v.Input+1)},
		})
	}
	return o
}

// study is two inputs, a build, a check, and the hypotheses named.
func study(names ...string) *pipeline.Study {
	commands := []pipeline.Command{{Argv: []string{"./prog", "a"}}, {Argv: []string{"./prog", "b"}}}
	s := &pipeline.Study{
		Name: "test", File: "benchfile.hcl",
		Build:    &pipeline.Build{Command: pipeline.Command{Argv: []string{"make"}}, Outputs: []string{"prog"}},
		Measure:  pipeline.Measure{Executor: "process", Commands: commands, Warmup: 1, Runs: 10, MaxRuns: 20},
		Baseline: pipeline.BaselineSpec{Runs: 10},
		Check:    pipeline.Check{SameOutput: []string{"stdout"}},
		Metrics:  []pipeline.Metric{{Name: "time", Unit: "s", Better: pipeline.Lower, Primary: true}},
		Inputs:   []pipeline.Input{{Name: "a", Path: "a.bin", Weight: 1}, {Name: "b", Path: "b.bin", Weight: 1}},
		Criteria: pipeline.Criteria{Keep: .05, Maybe: .02, Alpha: .05, MaxCV: .1, InputRegression: .05, Timeout: 1.1},
	}
	for i, n := range names {
		s.Hypotheses = append(s.Hypotheses, pipeline.Hypothesis{Name: n, Number: i + 1, Title: n, Patch: n + ".patch"})
	}
	return s
}

// kept is the compound of everything that was kept.
func kept(search string) pipeline.Compound {
	return pipeline.Compound{Name: "kept", Search: search, Of: func(v map[string]pipeline.VerdictKind) ([]string, bool, error) {
		var out []string
		for _, n := range []string{"a", "b", "c", "d"} {
			if v[n] == pipeline.Keep {
				out = append(out, n)
			}
		}
		return out, len(v) == 4, nil
	}}
}

func verdict(p *Plan, name string) string {
	for _, x := range p.Experiments {
		if x.Variant.Name == name {
			if x.Verdict == nil {
				return "-"
			}
			return string(x.Verdict.Kind)
		}
	}
	return "absent"
}

func addresses(steps []Step) string {
	var out []string
	for _, s := range steps {
		out = append(out, s.Address)
	}
	return strings.Join(out, " ")
}
