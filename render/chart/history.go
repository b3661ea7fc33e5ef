package chart

import (
	"fmt"
	"math"

	"github.com/benchfile/bench/pipeline/report"
)

// historyMost is how many sessions the chart shows, the newest.
const historyMost = 40

// History goes through the sessions from the oldest to the newest: each from its baseline to the best that it kept,
// joined over time where they can be compared. Another machine or metric breaks the line. "" with fewer than two.
func History(r *report.Report) string {
	var past []report.Past
	unit := r.PrimaryMetric().Unit
	for i := min(len(r.History), historyMost) - 1; i >= 0; i-- {
		if p := r.History[i]; p.Metric == r.PrimaryMetric().Name && plausible(p.Baseline) && plausible(p.Final) {
			past = append(past, p)
		}
	}
	if len(past) < 2 {
		return ""
	}
	const width, h, left, right = 1120.0, 300.0, 72.0, 24.0
	g := open("history", "History: baseline and best kept result of every session", "Each step is one session. A line joins sessions of the same machine; where the machine changed it is broken.", width, h, false)
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, p := range past {
		for _, v := range []report.Number{p.Baseline, p.Final, p.Lo, p.Hi} {
			if plausible(v) {
				lo, hi = math.Min(lo, float64(v)), math.Max(hi, float64(v))
			}
		}
	}
	pad := max((hi-lo)*.12, hi*.01)
	y := scale{lo - pad, hi + pad, h - 56, 34}
	u := report.UnitFor(unit, report.Number(hi))
	for _, t := range ticks(y.d0/u.Factor, y.d1/u.Factor, 6) {
		g.line("grid", left, y.at(t*u.Factor), width-right, y.at(t*u.Factor))
		g.text("tick num", "end", left-8, y.at(t*u.Factor)+4, num(t))
	}
	g.text("axis", "start", 8, 14, cut(r.PrimaryMetric().Name+" "+u.Name, 400)+", weighted over the inputs")
	each := (width - left - right) / float64(len(past))
	for i, p := range past {
		g.session(past, i, p, left+each*(float64(i)+.5), each, y, u)
	}
	return g.end()
}

func plausible(n report.Number) bool { return n > 0 && n < 1e15 }

func (g *svg) session(past []report.Past, i int, p report.Past, x, each float64, y scale, u report.Unit) {
	half := min(each*.32, 60)
	switch {
	case i > 0 && (p.Apart || past[i-1].Machine != p.Machine):
		g.line("thr", x-each/2, 26, x-each/2, y.r0)
		g.text("tick", "start", x-each/2+6, 36, "another machine")
	case i > 0:
		class := "join"
		if p.Regressed {
			class = "join worse"
		}
		g.line(class, x-each+half, y.at(float64(past[i-1].Final)), x-half, y.at(float64(p.Baseline)))
	}
	class := "accum"
	if p.Final >= p.Baseline {
		class = "flat"
	}
	if plausible(p.Lo) && plausible(p.Hi) {
		g.whisker("err v-discard", x-half, y.at(float64(p.Lo)), x-half, y.at(float64(p.Hi)))
	}
	g.p(`<path class="%s" d="M%s %sH%sV%sH%s"/>`, class, xy(x-half), xy(y.at(float64(p.Baseline))), xy(x), xy(y.at(float64(p.Final))), xy(x+half))
	g.dot("dot base", x-half, y.at(float64(p.Baseline)), 3.5, "baseline "+u.Text(p.Baseline))
	note := fmt.Sprintf("%s: %s → %s", p.ID, u.Text(p.Baseline), u.Text(p.Final))
	g.dot("dot best", x+half, y.at(float64(p.Final)), 4, note)
	if each > 70 {
		g.text("lab num", "middle", x, y.at(max(float64(p.Baseline), float64(p.Final)))-10, percentOr(p.Change))
	}
	if every := int(math.Ceil(86 / each)); i%every == 0 {
		g.text("tick num", "middle", x, y.r0+18, p.ID)
		g.text("tick", "middle", x, y.r0+34, cut(p.Hostname, 86*float64(every)))
	}
}

func percentOr(n report.Number) string {
	if !n.Known() {
		return "nothing kept"
	}
	return percent(float64(n), 1)
}
