package judge

import (
	"fmt"
	"math"
	"slices"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/stats"
)

// warnings say what the numbers cannot. They never change a verdict.
func (r *reading) warnings() []string {
	out := slices.Clone(r.notes)
	for _, w := range []func() []string{r.warnBatches, r.warnCheck, r.warnFew, r.warnPairs, r.warnExact, r.warnNoise, r.warnRepeats, r.warnNotes, r.warnOthers, r.warnOutliers, r.warnTotal} {
		for _, text := range w() {
			if text != "" && !slices.Contains(out, text) {
				out = append(out, text)
			}
		}
	}
	return out
}

func (r *reading) warnBatches() []string {
	var out []string
	for _, b := range r.Batches {
		if b != nil {
			out = append(out, b.Warnings...)
		}
	}
	return out
}

func (r *reading) warnCheck() []string {
	if r.CheckNone == "" {
		return nil
	}
	return []string{"the output was not checked: " + r.CheckNone}
}

func (r *reading) warnFew() []string {
	n := r.primary.rounds()
	if n == 0 || n >= minRounds || r.primary.declared() {
		return nil
	}
	return []string{fmt.Sprintf("only %s: the workflow asks for %d", plural(n, "round"), minRounds)}
}

// warnPairs names the pairs of the primary metric that do not count, and says when pairs were no pairs.
func (r *reading) warnPairs() []string {
	var out []string
	apart, n := 0, 0
	for _, p := range r.primary.parts {
		if lost := len(p.notes); lost > 0 && p.problem == "" && !r.stopped() {
			out = append(out, fmt.Sprintf("%d of %s on %s do not count; %s", lost, plural(lost+len(p.base), "pair"), p.input.Name, p.notes[0]))
		}
		apart += p.apart
		n += len(p.base)
	}
	if apart > 0 {
		out = append(out, fmt.Sprintf("%d of %s were not run side by side: drift between their runs is taken for an effect", apart, plural(n, "pair")))
	}
	return out
}

// stopped says whether a batch broke off: its last pair is torn and the verdict says why.
func (r *reading) stopped() bool {
	return slices.ContainsFunc(r.Batches, func(o *pipeline.Outcome) bool { return o != nil && o.Status != pipeline.StatusOK })
}

func (r *reading) warnExact() []string {
	var out []string
	for _, c := range append([]comparison{r.primary}, r.secondary...) {
		for _, p := range c.parts {
			if p.unsteady {
				out = append(out, fmt.Sprintf("%s is declared exact but is not deterministic on %s: compared with statistics instead", c.metric.Name, p.input.Name))
			}
		}
	}
	return out
}

func (r *reading) warnNoise() []string {
	if !r.restless() {
		return nil
	}
	return []string{fmt.Sprintf("CV %s on %s (limit %s): %s", Share(r.cv), r.cvInput, Share(r.Criteria.MaxCV), looked(r.batches())+"; "+r.moreRounds())}
}

// warnRepeats says which pairs were measured again for what went on beside them. Both runs are kept, as no data.
func (r *reading) warnRepeats() []string {
	n, pairs, why := 0, 0, ""
	for _, run := range r.runs {
		if run.Warmup || run.Arm != candidateArm {
			continue
		}
		pairs++
		if run.Discarded != "" {
			n++
			why = or(why, fmt.Sprintf("%s, round %d: %s", run.Input, run.Round, run.Discarded))
		}
	}
	if n == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%d of %s were disturbed and measured again, both runs of each; %s", n, plural(pairs, "pair"), why)}
}

// warnNotes says what the executor noted of runs: the first note, and how many runs have any.
func (r *reading) warnNotes() []string {
	n, noted, first := 0, 0, ""
	for _, run := range r.runs {
		if run.Warmup {
			continue
		}
		if n++; len(run.Notes) > 0 {
			noted++
			first = or(first, run.Notes[0])
		}
	}
	if noted == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%d of %s: %s", noted, plural(n, "run"), first)}
}

// busy is the share of a CPU that others may take during a run before it counts as disturbed.
const busy = 0.05

// warnOthers says when a fifth of the runs or more were disturbed by other programs or by the hypervisor (C.2).
func (r *reading) warnOthers() []string {
	n, disturbed := 0, 0
	for _, run := range r.runs {
		if run.Warmup || run.Discarded != "" {
			continue
		}
		n++
		if a := run.Around; a.Foreign > busy || a.Steal > busy {
			disturbed++
		}
	}
	if n == 0 || 5*disturbed < n {
		return nil
	}
	return []string{fmt.Sprintf("other programs or the hypervisor took more than %s of a CPU during %d of %s", Share(busy), disturbed, plural(n, "run"))}
}

// warnOutliers labels stray pairs and says whether they matter. They stay in: leaving out runs by their outcome makes
// noise look small and doubles the false alarms.
func (r *reading) warnOutliers() []string {
	n, total := 0, 0
	ests := make([]stats.Estimate, len(r.primary.parts))
	var weights []float64
	for i, p := range r.primary.parts {
		rest := p.d
		total += len(p.d)
		if at := labelled(p.d); len(at) > 0 {
			n += len(at)
			rest = without(p.d, at)
		}
		ests[i] = p.est
		if len(rest) != len(p.d) {
			ests[i] = stats.Trimmed(rest)
		}
		weights = append(weights, p.input.Weight)
	}
	if n == 0 || !r.primary.interval.Defined() {
		return nil
	}
	alike := "the same"
	others := stats.Guard(ests, r.Criteria.InputRegression, alphaOf(r.Criteria))
	if r.kindOf(stats.Combine(ests, weights, r.primary.level), others) != r.kindOf(r.primary.interval, r.guards) {
		alike = "different"
	}
	return []string{fmt.Sprintf("%d of %s labelled as outliers and kept; the verdict without the labelled outliers: %s", n, plural(total, "pair"), alike)}
}

// kindOf is what the numbers alone say.
func (r *reading) kindOf(iv stats.Interval, guards []stats.GuardState) string {
	return stats.Verdict(iv.Theta, iv.Lo, iv.Hi, guards, r.Criteria.Keep, r.Criteria.Maybe, true).Verdict
}

// labelled are the outliers among log-ratios. Where more than half of them are equal any other would be one, so that
// the label would say nothing.
func labelled(d []float64) []int {
	if len(d) < 5 {
		return nil
	}
	at := stats.Outliers(d)
	if len(at) > 0 && stats.RMAD(d) == 0 {
		return nil
	}
	return at
}

func without(d []float64, at []int) []float64 {
	var out []float64
	for i, v := range d {
		if !slices.Contains(at, i) {
			out = append(out, v)
		}
	}
	return out
}

// warnTotal says when the total time tells another story than the mean of the inputs: one slow input can rule it.
func (r *reading) warnTotal() []string {
	if r.Primary.Unit != "s" || r.Primary.Better == pipeline.Higher || !r.primary.interval.Defined() || len(r.primary.parts) < 2 {
		return nil
	}
	var theta, times, weights []float64
	for _, p := range r.primary.parts {
		theta, times, weights = append(theta, p.est.Est), append(times, p.baseMid), append(weights, p.input.Weight)
	}
	total := stats.TotalChange(theta, times, weights)
	if math.IsNaN(total) || r.zoneOf(math.Log1p(total)) == r.zoneOf(r.primary.interval.Theta) {
		return nil
	}
	return []string{fmt.Sprintf("the total time changes by %s, which is in the %s row of the table: a slow input rules the total, while the verdict weighs inputs, not seconds",
		Percent(total), r.zoneOf(math.Log1p(total)))}
}

// zoneOf is the row of the workflow's table that a point lies in.
func (r *reading) zoneOf(theta float64) string {
	return stats.Zone(theta, theta, theta, r.Criteria.Keep, r.Criteria.Maybe)
}
