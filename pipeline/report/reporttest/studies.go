package reporttest

import (
	"fmt"
	"time"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/judge"
	"github.com/benchfile/bench/pipeline/plan"
	"github.com/benchfile/bench/pipeline/report"
)

var lower = []string{"baseline", "candidate"}

// Empty is a Benchfile without hypotheses before anything was run.
func Empty() report.Input {
	w := begin()
	w.in.Plan.Baseline.State, w.in.Plan.Baseline.Why = plan.Waiting, "its code has not been looked at yet"
	w.in.Plan.Unresolved = []pipeline.Variant{{Name: "baseline"}}
	w.in.Notes = report.Notes{}
	return w.in
}

// BaselineOnly has a baseline and nothing to hold against it.
func BaselineOnly() report.Input {
	w := begin()
	w.baseline()
	return w.in
}

// Full has one experiment of every kind, decided but for the last two.
func Full() report.Input { return full().in }

func full() *world {
	w := begin()
	w.in.Past = []report.Session{past()}
	w.baseline()
	h := func(number int, name, title, priority, expect string, lo, hi float64) pipeline.Hypothesis {
		return pipeline.Hypothesis{Number: number, Name: name, Title: title, Priority: priority, Expect: pipeline.Expect{Text: expect, Lo: lo, Hi: hi}, Patch: "patches/00" + name + ".patch"}
	}
	first := h(1, "mpt-hash-cache", "MPT hash caching", "high", "20-40%", .2, .4)
	first.Risk, first.Description = "memory increase", "Caching **intermediate hashes** will reduce recomputation; hashing is 59 % of the profile."
	w.measured(first, node(9, 5), patch, pipeline.Keep, "−6.5 %, every input faster, outputs identical", -.065, .0045)
	w.measured(h(2, "zero-copy", "Zero-copy rkyv", "medium", "5-10%", .05, .1), node(40, 12), "", pipeline.Discard, "below the threshold of 2 %", -.008, .005)
	w.crash(h(3, "batch-signatures", "Batch signatures", "medium", "", 0, 0))
	fourth := h(4, "arena", "Arena allocator for trie nodes", "high", "5-10%", .05, .1)
	fourth.Conflicts = []string{"zero-copy"}
	w.measured(fourth, append(node(1, 1), pipeline.FileChange{Path: "crates/trie/arena.rs", Added: 2}), arena, pipeline.Keep, "−7.4 %, every input faster", -.074, .0045)
	w.measured(h(5, "memcpy-refs", "References instead of copies", "low", "3%", .03, .03), nil, "", pipeline.Maybe, "2 to 5 % is promising, not enough alone", -.029, .005)
	slower := w.measured(h(6, "u256-intrinsics", "u256 intrinsics", "low", "", 0, 0), nil, "", pipeline.Discard, "slower: the whole interval is above zero", .031, .005)
	slower.Verdict.Warnings = []string{"candidate drifts on typical: later runs are slower"}
	w.measured(h(7, "prefetch", "Prefetch child nodes", "medium", "", 0, 0), nil, "", pipeline.Inconclusive, "too noisy after 20 rounds; about 140 rounds would do", -.007, .026).Verdict.NeedRounds = 140
	w.reject(h(8, "unchecked", "Unchecked decode", "medium", "10%", .1, .1))
	w.kill(h(9, "segments", "Bigger proof segments", "low", "", 0, 0))
	pending := w.hypothesis(h(10, "pool", "Pool witness buffers", "low", "1-2%", .01, .02), nil, "")
	pending.State = plan.Ready
	w.step(pending, pipeline.StepBuild, "build", "", plan.Ready, nil)
	w.step(pending, pipeline.StepMeasure, "measure/1", "", plan.Waiting, nil)
	w.in.Plan.Next = pending.Steps[0]
	env := pipeline.Hypothesis{Number: 11, Name: "hugepages", Title: "Huge pages by GLIBC_TUNABLES", Priority: "low", Env: map[string]string{"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1", "A": "b"}}
	skipped := w.hypothesis(env, nil, "")
	skipped.State, skipped.Why = plan.Skipped, "not a target of this call"
	w.compound(12, "kept-001-004", []string{"mpt-hash-cache", "arena"}, -.134, .006)
	waiting := w.add(plan.Experiment{Variant: pipeline.Variant{Name: "all", Number: 13, Compound: "all"}, State: plan.Waiting, Why: "waits for the verdicts that its members depend on"})
	_ = waiting
	w.in.Plan.Warnings = []pipeline.Warning{{Text: "the CPU governor is powersave", Help: "sudo cpupower frequency-set -g performance", At: pipeline.Place{File: "benchfile.hcl", Line: 7}}}
	return w
}

// Running is Full while a step runs.
func Running() report.Input {
	w := full()
	w.in.Live = &report.Live{Step: "010-pool/build", Input: "precompile_heavy", Done: 6, Total: 100, Remain: 2 * time.Hour, Started: Start, Log: "[INFO] loading witness 18.2 MB\n[INFO] segment 6/11 done\n"}
	return w.in
}

// Stopped is Full with its budget spent: partial, and for good.
func Stopped() report.Input {
	w := full()
	w.in.Plan.Next, w.in.Plan.Stopped = -1, "the budget of 8h0m0s is spent (8h12m0s measured)"
	for i := range w.in.Plan.Steps {
		if s := &w.in.Plan.Steps[i]; s.State == plan.Ready || s.State == plan.Waiting {
			s.State, s.Why = plan.Skipped, w.in.Plan.Stopped
		}
	}
	for i := range w.in.Plan.Experiments {
		if e := &w.in.Plan.Experiments[i]; e.State == plan.Ready || e.State == plan.Waiting {
			e.State, e.Why = plan.Skipped, w.in.Plan.Stopped
		}
	}
	w.in.Plan.Remaining = plan.Estimate{}
	return w.in
}

func (w *world) measured(h pipeline.Hypothesis, files []pipeline.FileChange, text string, kind pipeline.VerdictKind, reason string, change, half float64) *plan.Experiment {
	e := w.hypothesis(h, files, text)
	w.build(e)
	w.check(e, "")
	extra := 0.0
	if kind == pipeline.Inconclusive {
		extra = .05
	}
	w.measure(e, lower, change, extra, 10)
	w.verdict(e, kind, reason, change, half)
	if kind == pipeline.Keep {
		w.profile(e, folded(1+h.Number/4%2))
	}
	return e
}

func (w *world) crash(h pipeline.Hypothesis) {
	e := w.hypothesis(h, nil, "")
	w.build(e)
	w.check(e, "")
	tail := "thread 'main' has overflowed its stack\nfatal runtime error: stack overflow\n"
	w.step(e, pipeline.StepMeasure, "measure/1", "", plan.Failed, &pipeline.Outcome{
		Status: pipeline.StatusFailed, Reason: "round 1 of precompile_heavy: SIGABRT", Tail: tail, Elapsed: 3 * time.Minute,
		Runs: []pipeline.Run{{Arm: "candidate", Input: "precompile_heavy", Round: 1, Exit: -1, Signal: "SIGABRT", Started: w.clock}},
	})
	v := w.verdict(e, pipeline.Failed, "crashed on precompile_heavy: SIGABRT", 0, 0)
	v.Detail = tail
	without(v, "crash", "every run ends with exit code 0", "SIGABRT on precompile_heavy")
}

func (w *world) reject(h pipeline.Hypothesis) {
	e := w.hypothesis(h, node(2, 8), "")
	w.build(e)
	w.check(e, "large_state")
	v := w.verdict(e, pipeline.Reject, "output differs on large_state at byte 132", 0, 0)
	without(v, "correct", "every check passes on every input", "stdout differs on large_state at byte 132")
}

func (w *world) kill(h pipeline.Hypothesis) {
	e := w.hypothesis(h, nil, "")
	w.build(e)
	w.check(e, "")
	w.measure(e, lower, .18, 0, 3)
	v := w.verdict(e, pipeline.Kill, "three runs of heavy_keccak beyond 1.10 × the slowest baseline run (411.2 s): 474.8 s", 0, 0)
	without(v, "kill", "no three runs beyond 1.10 × the slowest baseline run", "474.8 s on heavy_keccak")
}

func (w *world) compound(number int, name string, members []string, change, half float64) {
	expected := (1-.065)*(1-.074) - 1
	w.in.Study.Compounds = append(w.in.Study.Compounds, pipeline.Compound{Name: "kept", Description: "Everything that is kept, together."})
	v := pipeline.Variant{Name: name, Number: number, Title: "001 + 004", Members: members, Compound: "kept", Commands: w.in.Study.Measure.Commands}
	for _, m := range members {
		v.Changes = append(v.Changes, pipeline.Change{Hypothesis: m, Patch: "patches/" + m + ".patch"})
	}
	e := w.add(plan.Experiment{Variant: v, Expected: &expected, Fact: pipeline.VariantFact{Tree: sum(name)[:40], Patch: patch + arena, Files: node(10, 6)}})
	w.build(e)
	w.check(e, "")
	w.measure(e, lower, change, 0, 10)
	w.verdict(e, pipeline.Keep, "−13.4 %, every input faster, outputs identical", change, half)
	e.Interaction = &judge.Interaction{Known: true, Expected: expected, Actual: change, Extra: .0002, Lo: -.0071, Hi: .0076, PConflict: .001, Class: "additive", Reason: "they add up: −13.4 % expected, −13.4 % measured"}
	w.in.Plan.Confirmation = name
}

// Large has n measured hypotheses.
func Large(n int) report.Input {
	w := begin()
	w.baseline()
	for i := 1; i <= n; i++ {
		h := pipeline.Hypothesis{Number: i, Name: fmt.Sprintf("idea-%d", i), Title: fmt.Sprintf("Idea %d", i), Patch: "patches/x.patch"}
		kind, change := pipeline.Discard, -.01
		if i%10 == 0 {
			kind, change = pipeline.Keep, -.06
		}
		w.measured(h, node(9, 5), patch, kind, "as measured", change, .005)
	}
	return w.in
}
