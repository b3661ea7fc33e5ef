package chart

import (
	"fmt"
	"math"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/report"
)

// row is one input of a strip chart.
type row struct {
	name       string
	base, cand *report.Sample
	effect     *report.Effect
	limit      float64 // where a run counts towards a KILL; 0: not shown
}

// Baseline shows every run of the baseline, input by input. "" while there is none.
func Baseline(r *report.Report) string {
	rows := rowsOf(r, r.Baseline.Samples, nil)
	if len(rows) == 0 {
		return ""
	}
	return strip("baseline-runs", "Every baseline run of every input, as a percentage of the input's mean",
		"Dots: runs. Box: quartiles. Thick bar: 95 % interval of the trimmed mean.", "v-discard", r.PrimaryMetric().Better, rows)
}

// Inputs shows every run of an experiment, both arms, input by input. "" while there is none.
func Inputs(r *report.Report, x *report.Experiment) string {
	rows := rowsOf(r, x.Samples, x.Inputs)
	if len(rows) == 0 {
		return ""
	}
	desc := "Grey: baseline runs. Coloured: candidate runs. Box: quartiles. Thick bar: 95 % interval of the trimmed mean."
	if x.Status == string(pipeline.Kill) && threshold(r.Criteria.Timeout) > 1 {
		desc += " Upright line: the limit beyond which a candidate's run counts against it."
		for i := range rows {
			rows[i].limit = threshold(r.Criteria.Timeout) * float64(rows[i].base.Max)
		}
	}
	return strip("runs", "Every run of every input, as a percentage of that input's baseline mean", desc, Class(x), r.PrimaryMetric().Better, rows)
}

func rowsOf(r *report.Report, samples []report.Sample, effects []report.Effect) []row {
	metric := r.PrimaryMetric().Name
	var out []row
	for _, in := range r.Inputs {
		w := row{name: in.Name}
		for i := range samples {
			s := &samples[i]
			if s.Metric != metric || s.Input != in.Name {
				continue
			}
			if s.Arm == "candidate" {
				w.cand = s
			} else {
				w.base = s
			}
		}
		for i := range effects {
			if effects[i].Input == in.Name {
				w.effect = &effects[i]
			}
		}
		if w.base != nil && w.base.Mean > 0 {
			out = append(out, w)
		}
	}
	return out
}

func strip(id, title, desc, class, better string, rows []row) string {
	const width, left, right = 1120.0, 190.0, 190.0
	pair := false
	for _, w := range rows {
		pair = pair || w.cand != nil
	}
	rh := 44.0
	if pair {
		rh = 62
	}
	h := 50 + rh*float64(len(rows))
	g := open(id, title, desc, width, h, false)
	lo, hi := stripDomain(rows)
	x := scale{lo, hi, left, width - right}
	for _, t := range ticks(lo, hi, 10) {
		g.line("grid", x.at(t), 8, x.at(t), h-40)
		g.text("tick num", "middle", x.at(t), h-24, num(t)+" %")
	}
	g.line("zero", x.at(100), 8, x.at(100), h-40)
	for i, w := range rows {
		y := 8 + rh*(float64(i)+.5)
		g.text("lab strong", "end", left-14, y-2, cut(w.name, left-20))
		g.text("tick num", "end", left-14, y+14, report.Quantity(w.base.Mean, w.base.Unit))
		if !pair {
			g.arm(x, w.base, w.base, y, "base")
			note := ""
			if w.base.Lo.Known() && w.base.Centre > 0 {
				note = "± " + report.Share((w.base.Hi-w.base.Lo)/2/w.base.Centre, 2)
			}
			g.text("tick num", "start", width-right+10, y+4, note+"   CV "+report.Share(w.base.CV, 1))
		} else {
			g.arm(x, w.base, w.base, y-13, "base")
			if w.cand != nil {
				g.arm(x, w.cand, w.base, y+14, "cand "+class)
			}
			if e := w.effect; e != nil {
				g.text("lab num strong", "start", width-right+10, y, percent(float64(e.Change), report.Digits(e.Lo, e.Hi)))
				g.text("tick num", "start", width-right+10, y+16, e.IntervalText()+" p "+report.PText(e.P))
			}
		}
		if w.limit > 0 {
			at := x.at(w.limit / float64(w.base.Mean) * 100)
			g.line("limit", at, y-rh/2+5, at, y+rh/2-5)
			g.text("tick num", "start", at+5, y-rh/2+14, "limit "+report.Quantity(report.Number(w.limit), w.base.Unit))
		}
		if i < len(rows)-1 {
			g.line("grid", 20, y+rh/2, width-20, y+rh/2)
		}
	}
	g.text("axis", "middle", (x.r0+x.r1)/2, h-4, "% of the input's baseline mean"+side(rows[0].base.Metric, better))
	return g.end()
}

// side says which way is better: for times in words that need no thought.
func side(metric, better string) string {
	switch {
	case better == pipeline.Higher:
		return " (further right is better)"
	case metric == "time":
		return " (further left is faster)"
	}
	return " (further left is better)"
}

// stripDomain holds every run and every interval; what is beyond half or twice the baseline is drawn at the edge.
func stripDomain(rows []row) (lo, hi float64) {
	lo, hi = 98, 102
	for _, w := range rows {
		if w.limit > 0 && w.base.Mean > 0 {
			hi = math.Max(hi, math.Min(w.limit/float64(w.base.Mean)*100, 200))
		}
		for _, s := range []*report.Sample{w.base, w.cand} {
			if s == nil {
				continue
			}
			for _, v := range append([]report.Number{s.Lo, s.Hi}, s.Values...) {
				if !v.Known() {
					continue
				}
				p := float64(v/w.base.Mean) * 100
				lo, hi = math.Min(lo, math.Max(p, 50)), math.Max(hi, math.Min(p, 200))
			}
		}
	}
	pad := (hi - lo) * .03
	return lo - pad, hi + pad
}

// arm draws the runs of one arm: dots, box of quartiles, median, and the interval as a bar below.
func (g *svg) arm(x scale, s, base *report.Sample, y float64, class string) {
	at := func(v report.Number) float64 { return x.at(float64(v/base.Mean) * 100) }
	if s.N > 1 {
		g.rect("box "+class, at(s.Q25), y-9, at(s.Q75), y+9)
	}
	g.line("med "+class, at(s.Median), y-9, at(s.Median), y+9)
	for k, v := range s.Values {
		g.dot("dot "+class, at(v), y+float64((k*7)%5-2)*2.6, 3, fmt.Sprintf("run %d: %s", k+1, report.Quantity(v, s.Unit)))
	}
	if s.Lo.Known() && s.Hi.Known() {
		g.line("cibar "+class, at(s.Lo), y+13, at(s.Hi), y+13)
	}
}
