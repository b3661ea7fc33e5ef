package judge

import (
	"fmt"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/stats"
)

// Validate holds the baseline's own measurement to the workflow's conditions (3.5) and says what people should know of it:
// runs that differ more than they should, with what was looked for and found; a metric that not every run has; one that is
// declared exact and is not. None of it stops anything: a verdict never compares with this measurement.
func Validate(o *pipeline.Outcome, inputs []Input, metrics []pipeline.Metric, c pipeline.Criteria) (warnings []string) {
	for _, in := range inputs {
		mine := ofBaseline(o.Runs, in.Name)
		for _, m := range metrics {
			x, missing := valuesOf(mine, m.Name)
			if len(x) < len(mine) {
				warnings = append(warnings, fmt.Sprintf("%d of %s of the baseline on %s have no %s: %s", len(mine)-len(x), plural(len(mine), "run"), in.Name, m.Name, missing))
			}
			if m.Exact && len(x) > 0 && !constant(x) {
				warnings = append(warnings, fmt.Sprintf("%s is declared exact and is not the same in all runs of the baseline on %s", m.Name, in.Name))
			}
			if cv := stats.Describe(x).CV; m.Primary && c.MaxCV > 0 && cv > c.MaxCV {
				warnings = append(warnings, fmt.Sprintf("the baseline's runs on %s have a CV of %s (limit %s): %s; measuring goes on, with wider intervals where pairs differ as much",
					in.Name, Share(cv), Share(c.MaxCV), looked([]*pipeline.Outcome{o})))
			}
		}
	}
	return warnings
}

// ofBaseline are the baseline's runs on an input that count.
func ofBaseline(runs []pipeline.Run, input string) (mine []*pipeline.Run) {
	for i := range runs {
		if r := &runs[i]; r.Arm == baselineArm && r.Input == input && !r.Warmup && r.Discarded == "" && r.OK() {
			mine = append(mine, r)
		}
	}
	return mine
}

// valuesOf are what runs say of a metric, and why one of them says nothing.
func valuesOf(runs []*pipeline.Run, metric string) (x []float64, missing string) {
	for _, r := range runs {
		v, why := value(r, metric)
		if why != "" {
			missing = why
			continue
		}
		x = append(x, v)
	}
	return x, missing
}
