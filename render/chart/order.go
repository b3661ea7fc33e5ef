package chart

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/benchfile/bench/pipeline/report"
)

// orderMost is how many dots the run order shows; of more runs, each dot is the mean of several neighbours.
const orderMost = 240

// quiet is how much CPU others may have during a run, in seconds per second, before it counts as disturbed: the same
// share of the machine as in the trust strip.
const quiet = 0.05

// Order shows runs in the order in which they were made, as their distance from the mean of their input and arm: a slope
// or a step means that the machine drifted. Below, in lanes of their own where they were read: how warm the machine
// was, and what others took of it. "" with fewer than four runs.
func Order(r *report.Report, runs []report.Run, heat []report.Heat, class string) string {
	o := order{r: r, runs: runs, heat: heat, class: class}
	o.residuals()
	if o.n < 4 {
		return ""
	}
	o.draw()
	return o.end()
}

type order struct {
	*svg
	r     *report.Report
	runs  []report.Run
	heat  []report.Heat
	class string

	residual []float64 // of each run; NaN where it can't be drawn
	n        int
	x        scale
	top      float64 // where the next lane begins
}

const (
	orderWidth = 1120.0
	orderLeft  = 72.0
	orderRight = 16.0
	laneHeight = 70.0
)

func (o *order) residuals() {
	type group struct{ arm, input string }
	sums, counts := map[group]float64{}, map[group]float64{}
	for _, x := range o.runs {
		if drawable(x) {
			sums[group{x.Arm, x.Input}] += float64(x.Primary)
			counts[group{x.Arm, x.Input}]++
		}
	}
	for _, x := range o.runs {
		v := math.NaN()
		if g := (group{x.Arm, x.Input}); drawable(x) {
			v = float64(x.Primary)/(sums[g]/counts[g]) - 1
			o.n++
		}
		o.residual = append(o.residual, v)
	}
}

// drawable leaves out what failed, and values that no clock gives.
func drawable(x report.Run) bool { return x.OK && x.Primary > 0 && x.Primary < 1e15 }

func (o *order) draw() {
	warm, busy := o.warm(), o.busy()
	h := 190.0 + 40
	lanes := 0.0
	for _, on := range []bool{warm, busy} {
		if on {
			lanes++
		}
	}
	o.svg = open("order", "Run order: distance of every run from the mean of its input",
		"A slope or a step here means that the machine drifted. Below: temperature, and CPU taken by others, where they were read.", orderWidth, h+lanes*laneHeight, false)
	o.x = scale{-.5, float64(len(o.runs)) - .5, orderLeft, orderWidth - orderRight}
	o.dots()
	o.top = 196
	if warm {
		o.temperature()
	}
	if busy {
		o.contention()
	}
	band := report.Threshold(report.Number(o.band()))
	text := fmt.Sprintf("%d runs in the order in which they were made; band: ±%s", o.n, band)
	if k := o.bucket(); k > 1 {
		text = fmt.Sprintf("%d runs in the order in which they were made, each dot the mean of %d; band: ±%s", o.n, k, band)
	}
	o.text("axis", "middle", (orderLeft+orderWidth)/2, o.h-8, text)
}

func (o *order) band() float64 { return max(threshold(o.r.Criteria.Maybe), .005) }

func (o *order) bucket() int { return (len(o.runs) + orderMost - 1) / orderMost }

// point is a run, or several neighbours of one arm.
type point struct {
	at, residual, foreign float64
	first                 report.Run
	n                     int
}

// points joins neighbours of the same arm, bucket by bucket.
func (o *order) points() []point {
	k := o.bucket()
	open := map[string]*point{}
	var out []*point
	for i, run := range o.runs {
		if math.IsNaN(o.residual[i]) {
			continue
		}
		p := open[run.Arm]
		if p == nil || i/k != int(p.at)/p.n/k {
			p = &point{first: run, foreign: -1}
			open[run.Arm] = p
			out = append(out, p)
		}
		p.at += float64(i)
		p.residual += o.residual[i]
		p.n++
		if run.Foreign.Known() {
			p.foreign = math.Max(p.foreign, float64(run.Foreign))
		}
	}
	means := make([]point, len(out))
	for i, p := range out {
		means[i] = *p
		means[i].at /= float64(p.n)
		means[i].residual /= float64(p.n)
	}
	return means
}

func (o *order) dots() {
	points := o.points()
	band, limit := o.band(), limit(points, o.band())
	y := scale{-limit, limit, 180, 10}
	o.rect("ciband", orderLeft, y.at(band), orderWidth-orderRight, y.at(-band))
	for _, t := range ticks(-limit, limit, 6) {
		o.line("grid", orderLeft, y.at(t), orderWidth-orderRight, y.at(t))
		o.text("tick num", "end", orderLeft-8, y.at(t)+4, round(t))
	}
	o.line("zero", orderLeft, y.at(0), orderWidth-orderRight, y.at(0))
	if o.bucket() > 1 {
		o.crowd(points, y)
		return
	}
	unit := o.r.PrimaryMetric().Unit
	for _, p := range points {
		kind := "dot base"
		if p.first.Arm == "candidate" {
			kind = "dot cand " + o.class
		}
		tip := fmt.Sprintf("%s %s: %s", p.first.Arm, p.first.Input, report.Quantity(p.first.Primary, unit))
		if p.first.Discarded != "" {
			tip += "; no datum, its pair was made again: " + p.first.Discarded
		}
		o.dot(kind, o.x.at(p.at), y.at(p.residual), 2.6, tip)
	}
}

// crowd draws dots that stand for several runs each: one path for each arm, since none of them has a name.
func (o *order) crowd(points []point, y scale) {
	for _, kind := range []string{"baseline", "candidate"} {
		var d strings.Builder
		for _, p := range points {
			if p.first.Arm == kind {
				fmt.Fprintf(&d, "M%s %sh0", xy(o.x.at(p.at)), xy(y.at(p.residual)))
			}
		}
		class := "crowd base"
		if kind == "candidate" {
			class = "crowd cand " + o.class
		}
		if d.Len() > 0 {
			o.p(`<path class="%s" d="%s"/>`, class, d.String())
		}
	}
}

// limit is how far the axis goes: to all dots but the wildest hundredth, which are drawn at the edge.
func limit(points []point, band float64) float64 {
	var all []float64
	for _, p := range points {
		all = append(all, math.Abs(p.residual))
	}
	slices.Sort(all)
	return max(all[len(all)-1-len(all)/100]*1.15, 1.5*band)
}

func (o *order) warm() bool { return len(o.heat) > 0 }

func (o *order) busy() bool {
	return slices.ContainsFunc(o.runs, func(x report.Run) bool { return x.Foreign.Known() })
}

// lane draws the frame of a lane and gives its scale.
func (o *order) lane(name string, lo, hi float64, label func(float64) string) scale {
	y := scale{lo, hi, o.top + laneHeight - 8, o.top + 16}
	o.line("rule", orderLeft, o.top, orderWidth-orderRight, o.top)
	o.text("axis", "start", orderLeft+4, o.top+12, name)
	for _, t := range ticks(lo, hi, 3) {
		o.line("grid", orderLeft, y.at(t), orderWidth-orderRight, y.at(t))
		o.text("tick num", "end", orderLeft-8, y.at(t)+4, label(t))
	}
	o.top += laneHeight
	return y
}

// temperature goes from the reading before a measurement to the one after it.
func (o *order) temperature() {
	lo, hi := math.Inf(1), math.Inf(-1)
	limit := o.r.Warmest
	for _, n := range append(ends(o.heat), limit) {
		if n.Known() {
			lo, hi = math.Min(lo, float64(n)), math.Max(hi, float64(n))
		}
	}
	y := o.lane(o.heat[0].Of+" temperature, from the start of a measurement to its end", lo-3, hi+3, func(t float64) string { return num(t) + " °C" })
	if limit.Known() {
		o.line("thr", orderLeft, y.at(float64(limit)), orderWidth-orderRight, y.at(float64(limit)))
	}
	every := len(o.heat)/orderMost + 1
	for i := 0; i < len(o.heat); i += every {
		h := o.heat[i]
		x0, x1 := o.x.at(float64(h.First)-.4), o.x.at(float64(h.Last)+.4)
		tip := fmt.Sprintf("%s: %s → %s °C", h.Step, degrees(h.Before), degrees(h.After))
		switch {
		case h.Before.Known() && h.After.Known():
			o.p(`<path class="temp" d="M%s %sL%s %s"><title>%s</title></path>`, xy(x0), xy(y.at(float64(h.Before))), xy(x1), xy(y.at(float64(h.After))), esc(tip))
		case h.Before.Known():
			o.dot("warm", x0, y.at(float64(h.Before)), 2.6, tip)
		default:
			o.dot("warm", x1, y.at(float64(h.After)), 2.6, tip)
		}
	}
}

func ends(heat []report.Heat) []report.Number {
	var out []report.Number
	for _, h := range heat {
		out = append(out, h.Before, h.After)
	}
	return out
}

func degrees(n report.Number) string {
	if !n.Known() {
		return "–"
	}
	return num(math.Round(float64(n)))
}

// contention is what others took of the machine during each run; beyond the dotted line a run counts as disturbed.
func (o *order) contention() {
	most := quiet * float64(max(1, o.r.Environment.Cores))
	points := o.points()
	hi := most * 1.5
	for _, p := range points {
		hi = math.Max(hi, p.foreign)
	}
	y := o.lane("CPU taken by others; red: the run counts as disturbed", 0, math.Min(hi, 1e6)*1.05, func(t float64) string { return num(t) + " CPU" })
	o.line("thr", orderLeft, y.at(most), orderWidth-orderRight, y.at(most))
	var calm, busy strings.Builder
	for _, p := range points {
		if p.foreign < 0 || y.at(0)-y.at(p.foreign) < .5 {
			continue // too little to be seen
		}
		d := &calm
		if p.foreign > most {
			d = &busy
		}
		fmt.Fprintf(d, "M%s %sV%s", xy(o.x.at(p.at)), xy(y.at(0)), xy(y.at(p.foreign)))
	}
	if calm.Len() > 0 {
		o.p(`<path class="others" d="%s"/>`, calm.String())
	}
	if busy.Len() > 0 {
		o.p(`<path class="others busy" d="%s"/>`, busy.String())
	}
}
