package chart

import (
	"math"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/report"
)

// Forest is the scale that all rows of the experiments table share.
type Forest struct {
	lo, hi      float64 // changes
	keep, maybe float64
	lower       bool
}

// The size of a cell.
const (
	cellWidth  = 230
	cellHeight = 24
)

// NewForest finds a scale for all effects of a report. What is more than 60 % better, or worse by more than a sixth or
// three times what is asked for, is drawn at the edge: a hopeless experiment must not flatten all others.
func NewForest(r *report.Report) Forest {
	f := Forest{keep: threshold(r.Criteria.Keep), maybe: threshold(r.Criteria.Maybe), lower: r.PrimaryMetric().Better != pipeline.Higher}
	f.lo, f.hi = -2*f.keep, f.keep
	if !f.lower {
		f.lo, f.hi = -f.keep, 2*f.keep
	}
	worst := math.Max(1./6, 3*f.keep)
	least, most := -.6, worst
	if !f.lower {
		least, most = -worst, .6
	}
	for i := range r.Experiments {
		e := r.Experiments[i].Effect
		if e == nil {
			continue
		}
		for _, n := range []report.Number{e.Change, e.Lo, e.Hi} {
			if n.Known() {
				f.lo, f.hi = math.Min(f.lo, math.Max(least, float64(n))), math.Max(f.hi, math.Min(most, float64(n)))
			}
		}
	}
	if f.lo == f.hi {
		f.lo, f.hi = -.1, .1
	}
	pad := (f.hi - f.lo) * .04
	f.lo, f.hi = f.lo-pad, f.hi+pad
	return f
}

func (f Forest) scale() scale { return scale{f.lo, f.hi, 2, cellWidth - 2} }

func (f Forest) zones(g *svg, y0, y1 float64) {
	x := f.scale()
	s := 1.0
	good, bad := f.lo, f.hi
	if !f.lower {
		s, good, bad = -1, f.hi, f.lo
	}
	g.rect("z-keep", x.at(good), y0, x.at(-s*f.keep), y1)
	g.rect("z-maybe", x.at(-s*f.keep), y0, x.at(-s*f.maybe), y1)
	g.rect("z-bad", x.at(s*f.maybe), y0, x.at(bad), y1)
}

// Head is the axis above the column of cells.
func (f Forest) Head() string {
	g := &svg{}
	g.p(`<svg class="bc cell" viewBox="0 0 %d 16" width="%d" height="16" aria-hidden="true">`, cellWidth, cellWidth)
	x := f.scale()
	for _, v := range ticks(f.lo, f.hi, 4) {
		anchor := "middle"
		switch px := x.at(v); {
		case px < 18:
			anchor = "start"
		case px > cellWidth-18:
			anchor = "end"
		}
		g.text("tick num", anchor, x.at(v), 12, round(v))
	}
	return g.end()
}

// Cell is the interval of one experiment against the thresholds, to be read down the column.
func (f Forest) Cell(x *report.Experiment) string {
	g := &svg{}
	g.p(`<svg class="bc cell" viewBox="0 0 %d %d" width="%d" height="%d" aria-hidden="true">`, cellWidth, cellHeight, cellWidth, cellHeight)
	f.zones(g, 0, cellHeight)
	s := f.scale()
	g.line("zero", s.at(0), 0, s.at(0), cellHeight)
	if e := x.Effect; e != nil && e.Change.Known() {
		if e.Lo.Known() && e.Hi.Known() && !e.Exact {
			g.whisker("err "+Class(x), s.at(float64(e.Lo)), cellHeight/2, s.at(float64(e.Hi)), cellHeight/2)
		}
		g.p("%s", glyph(x, s.at(float64(e.Change)), cellHeight/2, 5))
	}
	return g.end()
}

// Sign is a status's mark alone, for a badge or a legend.
func Sign(x *report.Experiment) string {
	g := &svg{}
	g.p(`<svg class="bc sign %s" viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">%s`, Class(x), glyph(x, 8, 8, 5.5))
	return g.end()
}
