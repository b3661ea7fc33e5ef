package chart

import (
	"fmt"
	"math"
	"strings"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/report"
)

// Trend shows every experiment on the primary metric: the baseline as a line with its interval, the zones, a mark with
// its interval for each experiment, and the best kept so far as steps. Experiments are independent, so no line joins
// them. "" while there is no baseline or no experiment. links is the way to the experiments' pages.
func Trend(r *report.Report, links string) string {
	if !r.HasTrend() {
		return ""
	}
	p := r.Baseline.Primary()
	t := newTrend(r, float64(p.Centre))
	g := open("trend", "Trend: "+r.PrimaryMetric().Name+" by experiment",
		"The dashed line is the baseline; each mark is one experiment with its interval; the green steps are the best kept so far.", t.w, t.h, true)
	t.svg = g
	t.zones(p)
	t.steps()
	for i := range r.Experiments {
		t.mark(i, links)
	}
	g.text("axis", "middle", (t.left+t.w-t.right)/2, t.h-6, "experiment")
	return g.end()
}

type trend struct {
	*svg
	r           *report.Report
	w, h        float64
	left, right float64
	x, y        scale
	base        float64
	unit        report.Unit
	lower       bool // lower is better
	lane        float64
}

func newTrend(r *report.Report, base float64) *trend {
	t := &trend{r: r, w: 1120, h: 372, left: 64, right: 140, base: base, lower: r.PrimaryMetric().Better != pipeline.Higher}
	t.unit = report.UnitFor(r.PrimaryMetric().Unit, report.Number(base))
	lo, hi := t.domain()
	t.lane = t.h - 58
	t.y = scale{lo, hi, t.h - 82, 30}
	t.x = scale{0, float64(len(r.Experiments) + 1), t.left + 10, t.w - t.right - 10}
	return t
}

// domain holds everything of interest; a change beyond a quarter for the worse or 90 % for the better is drawn at the
// edge, so that one hopeless experiment does not flatten all others.
func (t *trend) domain() (lo, hi float64) {
	keep := t.target(threshold(t.r.Criteria.Keep) * 1.4)
	lo, hi = math.Min(t.base, keep), math.Max(t.base, keep)
	for i := range t.r.Experiments {
		if e := t.r.Experiments[i].Effect; e != nil && e.Change.Known() {
			for _, n := range []report.Number{e.Change, e.Lo, e.Hi} {
				if n.Known() {
					v := t.base * (1 + math.Max(-.9, math.Min(.25, float64(n))))
					if !t.lower {
						v = t.base * (1 + math.Max(-.25, math.Min(9, float64(n))))
					}
					lo, hi = math.Min(lo, v), math.Max(hi, v)
				}
			}
		}
	}
	if threshold(t.r.Criteria.Timeout) > 1 && t.lower {
		for i := range t.r.Experiments {
			if t.r.Experiments[i].Status == string(pipeline.Kill) {
				hi = math.Max(hi, t.base*math.Min(1.25, threshold(t.r.Criteria.Timeout)))
			}
		}
	}
	pad := (hi - lo) * .08
	return lo - pad, hi + pad
}

// target is the value at an improvement.
func (t *trend) target(improvement float64) float64 {
	if t.lower {
		return t.base * (1 - improvement)
	}
	return t.base * (1 + improvement)
}

func (t *trend) zones(p *report.Sample) {
	x0, x1 := t.left, t.w-t.right
	keep, bad := t.target(threshold(t.r.Criteria.Keep)), t.target(-threshold(t.r.Criteria.Maybe))
	good, worst := t.y.d0, t.y.d1
	if !t.lower {
		good, worst = worst, good
	}
	t.rect("z-keep", x0, t.y.at(keep), x1, t.y.at(good))
	t.rect("z-bad", x0, t.y.at(bad), x1, t.y.at(worst))
	for _, v := range ticks(t.y.d0/t.unit.Factor, t.y.d1/t.unit.Factor, 7) {
		y := t.y.at(v * t.unit.Factor)
		t.line("grid", x0, y, x1, y)
		t.text("tick num", "end", x0-8, y+4, num(v))
	}
	better := "lower is better"
	if !t.lower {
		better = "higher is better"
	}
	m := t.r.PrimaryMetric()
	t.text("axis", "start", 8, 14, cut(strings.TrimSpace(m.Name+" "+t.unit.Name), 400)+fmt.Sprintf(", weighted over %d inputs (%s)", len(t.r.Inputs), better))
	if p.Lo.Known() && p.Hi.Known() {
		t.rect("ciband", x0, t.y.at(float64(p.Lo)), x1, t.y.at(float64(p.Hi)))
	}
	t.line("zero", x0, t.y.at(t.base), x1, t.y.at(t.base))
	labels := []label{{t.y.at(t.base), "baseline " + t.unit.Text(report.Number(t.base)), "lab strong"}, {t.y.at(keep), "keep from " + round(threshold(t.r.Criteria.Keep)*t.sign()), "lab"}}
	t.line("thr", x0, t.y.at(keep), x1, t.y.at(keep))
	if kill := t.base * threshold(t.r.Criteria.Timeout); t.lower && kill < t.y.d1 && kill > t.base {
		t.line("thr", x0, t.y.at(kill), x1, t.y.at(kill))
		labels = append(labels, label{t.y.at(kill), fmt.Sprintf("killed beyond %.2f ×", threshold(t.r.Criteria.Timeout)), "lab"})
	}
	if b := t.r.Overview.Best; b != nil {
		labels = append(labels, label{t.y.at(t.base * (1 + float64(b.Change))), "best " + b.ID + ", " + t.unit.Text(report.Number(t.base*(1+float64(b.Change)))), "lab"})
	}
	for _, l := range apart(labels, 15) {
		t.text(l.class, "start", x1+8, l.y+4, cut(l.text, t.right-8))
	}
	t.line("grid", x0, t.lane-14, x1, t.lane-14)
	t.text("tick", "end", x0-8, t.lane+4, "no value")
}

func (t *trend) sign() float64 {
	if t.lower {
		return -1
	}
	return 1
}

type label struct {
	y     float64
	text  string
	class string
}

// apart moves labels down until no two overlap; the order by height is kept.
func apart(ls []label, gap float64) []label {
	for i := range ls {
		for j := i; j > 0 && ls[j].y < ls[j-1].y; j-- {
			ls[j], ls[j-1] = ls[j-1], ls[j]
		}
	}
	for i := 1; i < len(ls); i++ {
		ls[i].y = math.Max(ls[i].y, ls[i-1].y+gap)
	}
	return ls
}

// steps draws the best kept so far.
func (t *trend) steps() {
	best := 0.0
	var d strings.Builder
	fmt.Fprintf(&d, "M%s %s", xy(t.x.at(0)), xy(t.y.at(t.base)))
	any := false
	for i := range t.r.Experiments {
		x := &t.r.Experiments[i]
		if x.Verdict == string(pipeline.Keep) && x.Effect != nil && x.Effect.Improvement() > best {
			best, any = x.Effect.Improvement(), true
			fmt.Fprintf(&d, "H%sV%s", xy(t.x.at(float64(i+1))), xy(t.y.at(t.target(best))))
		}
	}
	if any {
		fmt.Fprintf(&d, "H%s", xy(t.w-t.right))
		t.p(`<path class="accum" d="%s"/>`, d.String())
	}
}

func (t *trend) mark(i int, links string) {
	x := &t.r.Experiments[i]
	px, py := t.x.at(float64(i+1)), t.lane
	every := len(t.r.Experiments)/26 + 1
	if i%every == 0 {
		t.text("tick num", "middle", px, t.h-30, x.ID)
	}
	t.p(`<a class="%s" href="%s"><title>%s</title>`, Class(x), esc(links+"experiments/"+x.Slug+".html"), esc(tip(t.r, x)))
	if e := x.Effect; e != nil && e.Change.Known() {
		py = t.y.at(t.base * (1 + float64(e.Change)))
		if e.Lo.Known() && e.Hi.Known() && !e.Exact {
			t.whisker("err", px, t.y.at(t.base*(1+float64(e.Lo))), px, t.y.at(t.base*(1+float64(e.Hi))))
		}
	}
	apart := t.x.at(1) - t.x.at(0)
	r, hit := math.Max(2.5, math.Min(6, apart*.6)), math.Max(6, math.Min(28, apart))
	t.p(`%s<path class="hit" d="M%s %sh%sv28h-%sz"/></a>`, shape(x, "g", px, py, r), xy(px-hit/2), xy(py-14), xy(hit), xy(hit))
}
