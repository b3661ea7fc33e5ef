package chart

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/benchfile/bench/pipeline/report"
)

// distributionsFrom is how many runs a distribution needs to be worth drawing.
const distributionsFrom = 10

// Distributions shows the cumulative distribution of both arms, a small drawing for each input. "" with fewer than ten
// runs, or for more inputs than fit side by side.
func Distributions(r *report.Report, x *report.Experiment) string {
	rows := rowsOf(r, x.Samples, nil)
	rows = slices.DeleteFunc(rows, func(w row) bool {
		return w.cand == nil || w.base.N < distributionsFrom || w.cand.N < distributionsFrom
	})
	if len(rows) == 0 || len(rows) > 8 {
		return ""
	}
	const width, h = 1120.0, 180.0
	each := (width - 40) / float64(len(rows))
	g := open("ecdf", "Cumulative distribution per input", "Steps: grey baseline, coloured candidate.", width, h, false)
	for i, w := range rows {
		g.distribution(w, 40+each*float64(i), each, h, Class(x), i == 0)
	}
	return g.end()
}

func (g *svg) distribution(w row, x0, width, h float64, class string, first bool) {
	lo, hi := math.Min(float64(w.base.Min), float64(w.cand.Min)), math.Max(float64(w.base.Max), float64(w.cand.Max))
	pad := (hi - lo) * .06
	u := report.UnitFor(w.base.Unit, w.base.Mean)
	x, y := scale{lo - pad, hi + pad, x0 + 6, x0 + width - 16}, scale{0, 1, h - 26, 24}
	for _, t := range []float64{0, .5, 1} {
		g.line("grid", x.r0, y.at(t), x.r1, y.at(t))
		if first {
			g.text("tick num", "end", x0, y.at(t)+4, fmt.Sprintf("%.0f %%", t*100))
		}
	}
	for _, t := range ticks(x.d0/u.Factor, x.d1/u.Factor, 3) {
		g.text("tick num", "middle", x.at(t*u.Factor), h-8, num(t))
	}
	g.text("lab strong", "start", x.r0, 14, cut(w.name, width-60))
	g.text("axis", "end", x.r1, 14, u.Name)
	for k, s := range []*report.Sample{w.base, w.cand} {
		values := slices.Clone(s.Values)
		slices.Sort(values)
		var d strings.Builder
		fmt.Fprintf(&d, "M%s %s", xy(x.r0), xy(y.at(0)))
		for j, v := range values {
			fmt.Fprintf(&d, "H%sV%s", xy(x.at(float64(v))), xy(y.at(float64(j+1)/float64(len(values)))))
		}
		fmt.Fprintf(&d, "H%s", xy(x.r1))
		g.p(`<path class="%s" d="%s"/>`, [2]string{"step base", "step cand " + class}[k], d.String())
	}
}
