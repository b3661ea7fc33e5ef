package judge

import (
	"flag"
	"fmt"
	"strings"
	"testing"

	"github.com/benchfile/bench/pipeline"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestTraceOfRules shows the whole decision as people read it.
func TestTraceOfRules(t *testing.T) {
	wrong := measured(calm(-.097), 10)
	wrong.Checks = append(wrong.Checks, Check{Input: "heavy", Outcome: wrong.Batches[0],
		Differs: []Difference{{What: "stdout", Base: "5feceb66ffc8", Cand: "6b86b273ff34", Detail: "byte 132"}}})
	memory := pipeline.Metric{Name: "memory_peak", Unit: "B", Better: pipeline.Lower, Limit: .10}
	for name, e := range map[string]Evidence{
		"keep":         measured(calm(-.075), 10).with(memory, func(r pipeline.Run) float64 { return 64<<20 + float64(r.Seq%3)*1e5 }),
		"reject":       wrong,
		"inconclusive": measured(world{base: calm(0).base, change: map[string]float64{"": -.03}, cv: .12, seed: 5}, 20),
		"failed":       {Criteria: criteria(), Primary: seconds(), Inputs: twoInputs(), ApplyError: "patch does not apply: src/node.rs:41", ApplyDetail: "@@ -41,3 +41,4 @@"},
	} {
		t.Run(name, func(t *testing.T) {
			golden(t, name, trace(Experiment(e)))
		})
	}
}

func trace(d Decision) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s by %s: %s\n", d.Verdict.Kind, d.Verdict.Rule, d.Verdict.Reason)
	if d.Verdict.Detail != "" {
		fmt.Fprintf(&b, "    %s\n", strings.ReplaceAll(d.Verdict.Detail, "\n", "\n    "))
	}
	for _, r := range d.Verdict.Rules {
		mark := "✗"
		if r.Pass {
			mark = "✓"
		}
		if r.Decided {
			mark += "*"
		}
		fmt.Fprintf(&b, "%-2s %-17s need  %s\n%-20s got   %s\n", mark, r.Name, r.Need, "", r.Got)
	}
	for _, w := range d.Verdict.Warnings {
		fmt.Fprintf(&b, "!  %s\n", w)
	}
	return b.String()
}
