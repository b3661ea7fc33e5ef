// Package reporttest makes studies with results for the tests of whatever shows reports: one with every verdict there
// is, an empty one, one with a baseline only, one that is running and one that was stopped. The numbers are made up and
// the same each time. It runs nothing and judges nothing: plans and verdicts are written down as they are to be shown.
package reporttest

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"math/rand/v2"
	"time"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/plan"
	"github.com/benchfile/bench/pipeline/report"
)

// Start is when the first step began.
var Start = time.Date(2026, 1, 16, 9, 2, 0, 0, time.UTC)

// world is a study in the making.
type world struct {
	in    report.Input
	rng   *rand.Rand
	clock time.Time
	blobs map[string][]byte
}

// means of the inputs, in seconds.
var means = []struct {
	name        string
	mean, cv, w float64
	about       string
}{
	{"light_block", 61.1, .020, 1, "few transactions, no precompiles"},
	{"heavy_keccak", 402.4, .008, 1, "many storage operations"},
	{"precompile_heavy", 318.2, .011, 1, "many signature verifications"},
	{"large_state", 270.1, .013, 1, "many unique accounts"},
	{"typical", 260.8, .007, 3, "average mainnet block"},
}

const patch = `diff --git a/crates/trie/node.rs b/crates/trie/node.rs
index 90ac1f2..77d0b3a 100644
--- a/crates/trie/node.rs
+++ b/crates/trie/node.rs
@@ -41,14 +41,17 @@ impl Node {
     /// Computes the node's hash
-    pub fn compute_hash(&self) -> NodeHash {
-        let encoded = self.encode();
-        NodeHash::from_encoded(&encoded)
+    pub fn compute_hash(&self) -> &NodeHash {
+        // computed once; any mutation replaces the node, so the cell can't go stale
+        self.hash.get_or_init(|| {
+            let mut buf = Vec::with_capacity(self.encoded_len());
+            self.encode_into(&mut buf);
+            NodeHash::from_encoded(&buf)
+        })
     }
 
     pub fn memoize_hashes(&mut self) {
         for child in self.children() {
             child.memoize_hashes();
         }
-        self.cached = Some(self.compute_hash());
+        self.compute_hash();
     }
 }
`

const arena = `diff --git a/crates/trie/node.rs b/crates/trie/node.rs
--- a/crates/trie/node.rs
+++ b/crates/trie/node.rs
@@ -52,3 +52,3 @@ impl Node {
         for child in self.children() {
-            child.memoize_hashes();
+            child.memoize_hashes_in(arena);
         }
diff --git a/crates/trie/arena.rs b/crates/trie/arena.rs
new file mode 100644
--- /dev/null
+++ b/crates/trie/arena.rs
@@ -0,0 +1,2 @@
+pub struct Arena;
+impl Arena {}
`

func study() *pipeline.Study {
	s := &pipeline.Study{
		Name: "ethrex prover", Objective: "Prove a typical block in under 200 s.",
		Sources: []string{"docs/prover.md", "https://example.org/papers/mpt"}, File: "benchfile.hcl", Approval: "required", Confirm: true, Patience: 3, Budget: 8 * time.Hour,
		Environment: pipeline.EnvironmentSpec{Cooldown: time.Minute, Gate: pipeline.Gate{GPUTemperatureMax: 50}},
		Baseline:    pipeline.BaselineSpec{Runs: 10},
		Measure:     pipeline.Measure{Executor: "process", Warmup: 3, Runs: 10, MaxRuns: 20},
		Check:       pipeline.Check{SameOutput: []string{"stdout"}, PerInput: true},
		Profile:     &pipeline.Profile{Format: "folded"},
		Metrics: []pipeline.Metric{
			{Name: "time", Unit: "s", Better: pipeline.Lower, Primary: true},
			{Name: "memory_peak", Unit: "B", Better: pipeline.Lower, Limit: .05},
			{Name: "steps", Better: pipeline.Lower, Exact: true, From: &pipeline.Extract{Kind: "regex", Source: "stdout", Expr: `steps=(\d+)`}},
		},
		Criteria:  pipeline.Criteria{Keep: .05, Maybe: .02, Alpha: .05, MaxCV: .10, InputRegression: .05, Timeout: 1.10},
		Notify:    []pipeline.Notify{{Kind: "slack", On: []string{"done"}}},
		Learnings: []pipeline.Note{{Text: "MPT hashing dominates the cost (59 %), confirmed by profiling"}},
		Ideas:     []pipeline.Note{{Text: "Try an arena allocator for storage tries"}, {Text: "Zero-copy deserialisation", Done: true}},
	}
	for _, m := range means {
		s.Inputs = append(s.Inputs, pipeline.Input{Name: m.name, Path: "inputs/" + m.name + ".bin", Weight: m.w, Description: m.about, Params: map[string]string{"blocks": "1000", "fork": "prague"}})
		c := pipeline.Command{Argv: []string{"target/release/prove", "--input", "inputs/" + m.name + ".bin"}}
		s.Measure.Commands = append(s.Measure.Commands, c)
		s.Check.Commands = append(s.Check.Commands, pipeline.Command{Argv: []string{"./run_correctness_tests.sh", "inputs/" + m.name + ".bin"}})
		s.Profile.Commands = append(s.Profile.Commands, c)
	}
	return s
}

func begin() *world {
	w := &world{rng: rand.New(rand.NewPCG(1, 2)), clock: Start, blobs: map[string][]byte{}}
	s := study()
	inputs := map[string]pipeline.InputFact{}
	for i, in := range s.Inputs {
		inputs[in.Name] = pipeline.InputFact{Sum: sum(in.Name), Size: int64(18<<20 + i*7777)}
	}
	w.in = report.Input{
		Study: s,
		Facts: pipeline.Facts{
			Environment: pipeline.Environment{
				Hostname: "office-2", CPU: "AMD Ryzen 9 5950X", Cores: 32, Memory: 64 << 30, GPUs: []string{"NVIDIA RTX 3090"}, Driver: "570.133",
				OS: "Debian GNU/Linux 13", Kernel: "6.12.22-amd64", Arch: "amd64", Tools: map[string]string{"rust": "rustc 1.84.0", "cuda": "13.0", "zisk": "v0.15.0"},
			},
			Inputs:   inputs,
			Baseline: pipeline.CodeFact{Commit: "abc123def0123456789abc123def0123456789ab", Subject: "prover: batch witnesses", Branch: "main"},
			Difference: func(base, candidate string) string {
				return "byte 132"
			},
		},
		Plan:    &plan.Plan{Next: -1, Baseline: plan.Experiment{Variant: pipeline.Variant{Name: "baseline"}, State: plan.Ready}},
		Session: report.SessionInfo{ID: "2026-01-16-1", Date: "2026-01-16", Started: Start, Tool: "0.1.0", Command: "bench apply"},
		Notes: report.Notes{
			Learnings: "1. rkyv is already well optimised; minimal gains possible\n2. `light_block` is bound by start-up, not hashing\n",
			Ideas:     "- [ ] Investigate parallel hashing of sibling leaves\n- [x] Pin the prover to one NUMA node\n",
		},
		Blob: func(sum string) ([]byte, bool) { b, ok := w.blobs[sum]; return b, ok },
	}
	return w
}

func sum(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])
}

// step adds a step to a variant.
func (w *world) step(e *plan.Experiment, kind pipeline.StepKind, suffix, input string, state plan.State, o *pipeline.Outcome) *plan.Step {
	s := plan.Step{
		Address: e.Variant.ID() + "/" + suffix, Kind: kind, Variant: e.Variant.Name, ID: e.Variant.ID(), Input: input, State: state, Why: "recorded",
		Key: pipeline.Key(sum(e.Variant.ID() + suffix)), Estimate: 47 * time.Minute,
	}
	if o != nil {
		start := w.clock
		w.clock = w.clock.Add(o.Elapsed)
		s.Record = &pipeline.Record{Address: s.Address, Key: s.Key, Started: start, Finished: w.clock, Outcome: *o}
		w.in.Plan.Spent += o.Elapsed
	} else {
		s.Why = "new"
		w.in.Plan.Remaining.Least += s.Estimate
	}
	e.Steps = append(e.Steps, len(w.in.Plan.Steps))
	w.in.Plan.Steps = append(w.in.Plan.Steps, s)
	return &w.in.Plan.Steps[len(w.in.Plan.Steps)-1]
}

// measure makes up a batch: each input's baseline runs are around its mean, the candidate's lower by the change.
func (w *world) measure(e *plan.Experiment, arms []string, change, extra float64, rounds int) {
	o := &pipeline.Outcome{Status: pipeline.StatusOK, Elapsed: 47 * time.Minute, Before: w.readings(45), After: w.readings(57)}
	at := w.clock
	for round := 1; round <= rounds; round++ {
		for i, m := range means {
			for _, arm := range arms {
				v := m.mean * (1 + w.rng.NormFloat64()*(m.cv+extra))
				if arm == "candidate" {
					v *= 1 + change + float64(i-2)*.004
				}
				v = math.Round(v*1e6) / 1e6
				o.Runs = append(o.Runs, pipeline.Run{
					Seq: len(o.Runs), Arm: arm, Input: m.name, Round: round, Started: at,
					Metrics: map[string]float64{"time": v, "user": v * .97, "system": v * .01, "memory_peak": float64(8500<<20 + i<<20), "steps": float64(41203118 + i)},
					Stdout:  sum("out" + m.name), Around: pipeline.Around{Load: .3, CPUPressure: .01, Foreign: foreign(len(o.Runs)), MemPressure: -1, Steal: 0},
				})
				at = at.Add(time.Duration(v * float64(time.Second)))
			}
		}
	}
	w.step(e, pipeline.StepMeasure, "measure/1", "", plan.Done, o).Rounds = rounds
}

// readings are a machine whose GPU is about so warm.
func (w *world) readings(celsius float64) pipeline.Readings {
	return pipeline.Readings{Governor: "powersave", Turbo: "on", Load: .3, CPUTemperature: -1, GPUTemperature: []float64{celsius + float64(len(w.in.Plan.Steps)%5)}}
}

// foreign is what others took of the machine during a run: little, but for a nightly job now and then.
func foreign(run int) float64 {
	if run%41 == 17 {
		return 2.4
	}
	return .02
}

func (w *world) check(e *plan.Experiment, wrong string) {
	for _, m := range means {
		o := &pipeline.Outcome{Status: pipeline.StatusOK, Elapsed: 20 * time.Second}
		out := sum("out" + m.name)
		if m.name == wrong {
			out = sum("wrong")
		}
		o.Runs = []pipeline.Run{{Arm: "output", Input: m.name, Stdout: out}, {Arm: "check", Input: m.name}}
		w.step(e, pipeline.StepCheck, "check/"+m.name, m.name, plan.Done, o)
	}
}

func (w *world) build(e *plan.Experiment) {
	w.step(e, pipeline.StepBuild, "build", "", plan.Done, &pipeline.Outcome{Status: pipeline.StatusOK, Elapsed: 131 * time.Second})
}

func (w *world) profile(e *plan.Experiment, text string) {
	w.blobs[sum(text)] = []byte(text)
	o := &pipeline.Outcome{Status: pipeline.StatusOK, Elapsed: time.Minute, Runs: []pipeline.Run{{Arm: "profile", Input: "typical", Stdout: sum(text)}}}
	w.step(e, pipeline.StepProfile, "profile/typical", "typical", plan.Done, o)
}

func (w *world) baseline() {
	b := &w.in.Plan.Baseline
	b.Variant.Commands = w.in.Study.Measure.Commands
	b.Fact.Tree = sum("tree")[:40]
	w.build(b)
	w.check(b, "")
	w.measure(b, []string{"baseline"}, 0, 0, 10)
	w.profile(b, folded(0))
	b.State = plan.Done
}

// hypothesis declares one and plans its experiment.
func (w *world) hypothesis(h pipeline.Hypothesis, files []pipeline.FileChange, text string) *plan.Experiment {
	h.At = pipeline.Place{File: "benchfile.hcl", Line: 40 + 10*h.Number}
	w.in.Study.Hypotheses = append(w.in.Study.Hypotheses, h)
	v := pipeline.Variant{Name: h.Name, Number: h.Number, Title: h.Title, Members: []string{h.Name}, Commands: w.in.Study.Measure.Commands, Env: h.Env, At: h.At}
	if h.Patch != "" || h.Branch != "" {
		v.Changes = []pipeline.Change{{Hypothesis: h.Name, Patch: h.Patch, Branch: h.Branch}}
	}
	return w.add(plan.Experiment{Variant: v, Hypothesis: &h, Fact: pipeline.VariantFact{Tree: sum(h.Name)[:40], Files: files, Patch: text}})
}

func (w *world) add(e plan.Experiment) *plan.Experiment {
	w.in.Plan.Experiments = append(w.in.Plan.Experiments, e)
	return &w.in.Plan.Experiments[len(w.in.Plan.Experiments)-1]
}

// verdict writes down what the judge would say.
func (w *world) verdict(e *plan.Experiment, kind pipeline.VerdictKind, reason string, change, half float64) *pipeline.Verdict {
	v := &pipeline.Verdict{Kind: kind, Rule: "effect", Reason: reason, Rounds: 10}
	effect := func(input string, base, c, h float64) pipeline.Effect {
		p := 0.0004
		if math.Abs(c) < h {
			p = .559
		}
		return pipeline.Effect{
			Metric: "time", Unit: "s", Better: pipeline.Lower, Input: input, Baseline: base, Candidate: base * (1 + c),
			Change: c, Lo: c - h, Hi: c + h, P: p, Confidence: .976, Rounds: 10, CV: .011,
			Log: math.Log1p(c), SE: h / 2.8, DF: 5, Weight: 1 / float64(len(means)),
		}
	}
	all := effect("", 269.2, change, half)
	v.Effect = &all
	for i, m := range means {
		v.Inputs = append(v.Inputs, effect(m.name, m.mean, change+float64(i-2)*.004, half*1.8))
	}
	v.Secondary = []pipeline.Effect{
		{Metric: "memory_peak", Unit: "B", Better: pipeline.Lower, Baseline: 8500 << 20, Candidate: 8602 << 20, Change: .012, Lo: .010, Hi: .014, P: .001, Confidence: .95, Rounds: 10},
		{Metric: "steps", Better: pipeline.Lower, Baseline: 41203118, Candidate: 41203118, Exact: true, P: 1, Confidence: .95, Rounds: 10},
	}
	v.Rules = []pipeline.Rule{
		{Name: "applies", Need: "the change applies and builds", Got: "it does", Pass: true},
		{Name: "correct", Need: "every check passes on every input", Got: "5 of 5 inputs", Pass: true},
		{Name: "ended", Need: "every run ends with exit code 0", Got: "100 of 100", Pass: true},
		{Name: "noise", Need: "CV at most 10 %, or 20 rounds", Got: "2.0 % on light_block", Pass: true},
		{Name: "inputs", Need: "no input more than 5 % slower", Got: "worst " + report.Percent(change+.008, 1) + " on typical", Pass: true},
		{Name: "limit memory_peak", Need: "at most 5 % more", Got: "+1.2 %", Pass: true},
		{Name: "effect", Need: "at least 5 % better, p < 0.05", Got: report.Percent(change, 1), Pass: kind == pipeline.Keep, Decided: true},
		{Name: "improvement", Need: "at least 2 % better", Got: "decided above"},
	}
	e.Verdict, e.State, e.Why = v, plan.Done, reason
	return v
}

// without drops the numbers: a verdict that was reached before or without measuring.
func without(v *pipeline.Verdict, rule, need, got string) {
	v.Effect, v.Inputs, v.Secondary, v.Rule, v.Rounds = nil, nil, nil, rule, 0
	v.Rules = []pipeline.Rule{{Name: rule, Need: need, Got: got, Decided: true}}
}

func node(added, removed int) []pipeline.FileChange {
	return []pipeline.FileChange{{Path: "crates/trie/node.rs", Added: added, Removed: removed}}
}

// earlier is an effect of a session long ago.
func earlier(change report.Number) *report.Effect {
	return &report.Effect{Metric: "time", Unit: "s", Better: pipeline.Lower, Baseline: 310, Candidate: 310 * (1 + change), Change: change, Lo: change - .006, Hi: change + .006, P: .0004, Confidence: .95, Rounds: 10, CV: .01}
}

func past() report.Session {
	base := report.Sample{Metric: "time", Unit: "s", Arm: "baseline", N: 10, Mean: 310, Centre: 310, Lo: 308, Hi: 312, SD: 3, Median: 310, Min: 305, Max: 316, Q25: 308, Q75: 312, CV: .01}
	return report.Session{
		Schema: 1, Generator: "generated by bench from benchfile.hcl, do not edit", ID: "2026-01-10-1", Date: "2026-01-10", Started: Start.AddDate(0, 0, -6), Tool: "0.0.9",
		Study: "ethrex prover", Benchfile: "benchfile.hcl", Commit: "def4567890def4567890def4567890def4567890", Status: report.Complete,
		Environment: report.Environment{Environment: pipeline.Environment{Hostname: "office-2"}, Hash: "0123456789ab"},
		Metric:      report.Metric{Name: "time", Unit: "s", Better: pipeline.Lower, Primary: true, Limit: report.None()}, Baseline: &base,
		Best: &report.Best{ID: "002", Members: []string{"001", "002"}, Change: -.1548, Lo: -.16, Hi: -.15, Confidence: .95, Baseline: 310, Final: 262, Expected: report.None()},
		Kept: []string{"001", "002"}, Learnings: []string{"Deserialization was 20% of cost"},
		Verdicts: []report.SessionTest{
			{ID: "001", Name: "a", Title: "Batch witness decoding", Status: "KEEP", Reason: "−9.1 %, every input faster", Effect: earlier(-.091), Inputs: []report.Effect{}, Samples: []report.Sample{}},
			{ID: "002", Name: "b", Title: "Smaller witnesses", Status: "KEEP", Reason: "−7.0 %, every input faster", Effect: earlier(-.070), Inputs: []report.Effect{}, Samples: []report.Sample{}},
			{ID: "003", Name: "c", Title: "Jump tables in the interpreter", Status: "DISCARD", Reason: "below the threshold of 2 %", Effect: earlier(-.008), Inputs: []report.Effect{}, Samples: []report.Sample{}},
			{ID: "004", Name: "d", Title: "Unaligned loads", Status: "REJECT", Reason: "output differs on typical at byte 9", Inputs: []report.Effect{}, Samples: []report.Sample{}},
		},
		Samples: []report.Sample{}, Inputs: []report.StudyInput{},
	}
}
