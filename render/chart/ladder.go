package chart

import (
	"github.com/benchfile/bench/pipeline/report"
)

// Ladder goes from the baseline through each kept part to the final value. Parts are drawn with what they gave alone;
// what the whole gives beyond or short of their product is a step of its own. "" while nothing is kept.
func Ladder(r *report.Report) string {
	b := r.Overview.Best
	if b == nil || !(b.Baseline > 0) || !b.Final.Known() {
		return ""
	}
	type rung struct {
		name     string
		from, to float64
		total    bool
		note     string
	}
	u := report.UnitFor(r.PrimaryMetric().Unit, b.Baseline)
	at := float64(b.Baseline)
	rungs := []rung{{"baseline", 0, at, true, u.Text(b.Baseline)}}
	for _, id := range b.Members {
		x := r.Experiment(id)
		if x == nil || x.Effect == nil || len(b.Members) == 1 {
			continue
		}
		to := at * (1 + float64(x.Effect.Change))
		rungs = append(rungs, rung{id + " " + x.Title, at, to, false, percent(float64(x.Effect.Change), report.Digits(x.Effect.Lo, x.Effect.Hi))})
		at = to
	}
	if len(b.Members) == 1 {
		rungs = append(rungs, rung{b.ID + " " + b.Title, at, float64(b.Final), false, percent(float64(b.Change), report.Digits(b.Lo, b.Hi))})
	} else if diff := float64(b.Final)/at - 1; diff > .001 || diff < -.001 {
		rungs = append(rungs, rung{"together", at, float64(b.Final), false, percent(diff, 1)})
	}
	rungs = append(rungs, rung{"final", 0, float64(b.Final), true, u.Text(b.Final)})

	const width = 520.0
	h := 16 + 30*float64(len(rungs))
	g := open("ladder", "From baseline to final", "What each kept change contributed.", width, h, false)
	top := 0.0
	for _, s := range rungs {
		top = max(top, s.from, s.to)
	}
	x := scale{0, top, 150, width - 74}
	for i, s := range rungs {
		y := 8 + 30*float64(i)
		g.text("lab", "end", 142, y+16, cut(s.name, 138))
		class := "total"
		if !s.total {
			class = "gain"
		}
		if s.to > s.from && !s.total {
			class = "loss"
		}
		g.rect(class, x.at(s.from), y+2, x.at(s.to), y+22)
		g.text("lab num strong", "start", x.at(max(s.from, s.to))+6, y+16, s.note)
	}
	return g.end()
}
