package chart

import (
	"fmt"
	"math"
	"slices"

	"github.com/benchfile/bench/pipeline/report"
)

// Order shows every run in the order in which it was made, as its distance from the mean of its input and arm: a slope
// or a step means that the machine drifted. "" with fewer than four runs.
func Order(r *report.Report, runs []report.Run, class string) string {
	type group struct{ arm, input string }
	sums, counts := map[group]float64{}, map[group]float64{}
	n := 0
	for _, x := range runs {
		if drawable(x) {
			sums[group{x.Arm, x.Input}] += float64(x.Primary)
			counts[group{x.Arm, x.Input}]++
			n++
		}
	}
	if n < 4 {
		return ""
	}
	residual := func(x report.Run) float64 {
		g := group{x.Arm, x.Input}
		return float64(x.Primary)/(sums[g]/counts[g]) - 1
	}
	const width, h, left = 1120.0, 208.0, 60.0
	band := max(threshold(r.Criteria.Maybe), .005)
	limit := orderLimit(runs, residual, band)
	g := open("order", "Run order: distance of every run from the mean of its input", "A slope or a step here means that the machine drifted.", width, h, false)
	x, y := scale{0, float64(n + 1), left, width - 16}, scale{-limit, limit, h - 40, 12}
	g.rect("ciband", left, y.at(band), width-16, y.at(-band))
	for _, t := range ticks(-limit, limit, 6) {
		g.line("grid", left, y.at(t), width-16, y.at(t))
		g.text("tick num", "end", left-8, y.at(t)+4, round(t))
	}
	g.line("zero", left, y.at(0), width-16, y.at(0))
	k := 0
	for _, run := range runs {
		if !drawable(run) {
			continue
		}
		k++
		kind := "dot base"
		if run.Arm == "candidate" {
			kind = "dot cand " + class
		}
		tip := fmt.Sprintf("%s %s, round %d: %s", run.Arm, run.Input, run.Round, report.Quantity(run.Primary, r.PrimaryMetric().Unit))
		if run.Load.Known() {
			tip += fmt.Sprintf(", load %.2f", float64(run.Load))
		}
		if run.Discarded != "" {
			tip += "; no datum, its pair was made again: " + run.Discarded
		}
		g.dot(kind, x.at(float64(k)), y.at(residual(run)), 2.6, tip)
	}
	g.text("axis", "middle", (left+width)/2, h-8, fmt.Sprintf("%d runs in the order in which they were made; band: ±%s", n, report.Threshold(report.Number(band))))
	return g.end()
}

// drawable leaves out what failed, and values that no clock gives.
func drawable(x report.Run) bool { return x.OK && x.Primary > 0 && x.Primary < 1e15 }

// orderLimit is how far the axis goes: to all runs but the wildest hundredth, which are drawn at the edge.
func orderLimit(runs []report.Run, residual func(report.Run) float64, band float64) float64 {
	var all []float64
	for _, x := range runs {
		if drawable(x) {
			all = append(all, math.Abs(residual(x)))
		}
	}
	slices.Sort(all)
	return max(all[len(all)-1-len(all)/100]*1.15, 1.5*band)
}
