package chart

import (
	"fmt"

	"github.com/benchfile/bench/pipeline/report"
)

// The size of a flame graph. What is narrower than a pixel and a half can't be seen or pressed and is left out.
const (
	flameWidth = 1120.0
	flameRow   = 21.0
	flameLeast = 1.5
	flameDeep  = 48
	flameMost  = 1500 // frames
)

// Flame is a differential flame graph, from the caller at the top down: a frame is as wide as its share of the
// baseline, and its colour says whether the function itself, without what it calls, takes less or more now. Colouring by
// all below it would paint everything the colour of one hot leaf. Frames that only the candidate has are drawn narrow.
func Flame(root *report.Frame) string {
	if root == nil || !(root.Base > 0) {
		return ""
	}
	f := &flame{root: root}
	f.svg = &svg{}
	f.frame(root, 0, flameWidth, 0)
	body := f.String()
	f.svg = open("flame", "Differential flame graph, baseline to candidate", "Width: share of the baseline. Blue: less time by itself in the candidate. Orange: more.", flameWidth, flameRow*float64(f.deepest+1)+4, true)
	f.WriteString(body)
	return f.end()
}

type flame struct {
	*svg
	root    *report.Frame
	deepest int
	n       int
}

func (f *flame) frame(x *report.Frame, at, width float64, depth int) {
	if f.n++; f.n > flameMost {
		return
	}
	f.deepest = max(f.deepest, depth)
	total := f.root.Base
	base, candidate := x.Self()
	points := (candidate - base) / total * 100
	tip := fmt.Sprintf("%s: %s → %s of the baseline's whole (%s points, by itself %s)", x.Name,
		share(x.Base/total), share(x.Candidate/total), signed((x.Candidate-x.Base)/total), signed(points/100))
	y := flameRow * float64(depth)
	class := change(points)
	f.p(`<g class="fr" tabindex="-1" data-d="%d"><title>%s</title><rect class="fl %s" x="%s" y="%s" width="%s" height="%s" rx="2"/>`,
		depth, esc(tip), class, xy(at+.5), xy(y+2), xy(max(1, width-1)), xy(flameRow-2))
	if width > 32 {
		f.text("flt "+class, "start", at+5, y+16, cut(x.Name, width-8))
	}
	f.p(`</g>`)
	if depth >= flameDeep {
		return
	}
	left := width
	for _, c := range x.Children {
		w := c.Base / total * flameWidth
		if c.Base == 0 {
			w = min(3, left)
		}
		if w < flameLeast || w > left+1e-6 {
			continue
		}
		f.frame(c, at, w, depth+1)
		at, left = at+w, left-w
	}
}

func share(v float64) string { return report.Share(report.Number(v), 1) }

func signed(v float64) string { return trimPercent(percent(v, 1)) }

// change is the class of a change of a function's own time, in points of the baseline's whole.
func change(points float64) string {
	switch {
	case points < -3:
		return "fm3"
	case points < -1:
		return "fm2"
	case points < -.3:
		return "fm1"
	case points > 3:
		return "fp3"
	case points > 1:
		return "fp2"
	case points > .3:
		return "fp1"
	}
	return "f0"
}

// Bar shows how many points a function's own share moved, against the largest of its table.
func Bar(moved, most report.Number) string {
	g := &svg{}
	g.p(`<svg class="bc bar" viewBox="0 0 120 12" aria-hidden="true">`)
	if moved.Known() && most > 0 {
		class := "fm3"
		if moved > 0 {
			class = "fp3"
		}
		g.rect("fl "+class, 60, 1, 60+58*float64(moved/most), 11)
	}
	g.line("rule", 60, 0, 60, 12)
	return g.end()
}
