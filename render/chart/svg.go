// Package chart draws the report's charts as SVG. Geometry carries classes and no colour, so that the same drawing is
// used inline, where the page's style sheet colours it, and as a file of its own, which brings its style along and
// follows the reader's light or dark scheme. Coordinates have one decimal, nothing depends on the order of a map or on the
// time: the same report gives the same bytes. It knows nothing of pages.
package chart

import (
	_ "embed"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/report"
)

//go:embed chart.css
var css string

//go:embed light.css
var light string

//go:embed dark.css
var dark string

// CSS is the style of the marks; Light and Dark are the colours they use.
func CSS() string   { return css }
func Light() string { return light }
func Dark() string  { return dark }

// svg is a drawing in the making.
type svg struct {
	strings.Builder
	w, h float64
}

// open begins a drawing with a title and a description for those who don't see it. A drawing with links is a group to
// assistive technology; one without is a single image.
func open(id, title, desc string, w, h float64, links bool) *svg {
	s := &svg{w: w, h: h}
	role := "img"
	if links {
		role = "group"
	}
	s.p(`<svg xmlns="http://www.w3.org/2000/svg" class="bc" viewBox="0 0 %s %s" role="%s" aria-labelledby="%s-t %s-d">`, xy(w), xy(h), role, id, id)
	s.p(`<title id="%s-t">%s</title><desc id="%s-d">%s</desc>`, id, esc(title), id, esc(desc))
	return s
}

func (s *svg) end() string {
	s.p(`</svg>`)
	return s.String()
}

// p writes a line of markup; arguments that are texts have to be escaped by the caller.
func (s *svg) p(format string, args ...any) {
	fmt.Fprintf(s, format, args...)
	s.WriteByte('\n')
}

// The four marks that a chart has thousands of are put together without fmt: they are most of a report's bytes.

func (s *svg) line(class string, x1, y1, x2, y2 float64) {
	s.mark(`<line class="`, class)
	s.attribute(`" x1="`, x1)
	s.attribute(`" y1="`, y1)
	s.attribute(`" x2="`, x2)
	s.attribute(`" y2="`, y2)
	s.WriteString("\"/>\n")
}

// rect draws a rectangle between two corners given in any order.
func (s *svg) rect(class string, x1, y1, x2, y2 float64) {
	s.mark(`<rect class="`, class)
	s.attribute(`" x="`, min(x1, x2))
	s.attribute(`" y="`, min(y1, y2))
	s.attribute(`" width="`, math.Abs(x2-x1))
	s.attribute(`" height="`, math.Abs(y2-y1))
	s.WriteString("\"/>\n")
}

func (s *svg) text(class, anchor string, x, y float64, text string) {
	s.mark(`<text class="`, class)
	s.mark(`" text-anchor="`, anchor)
	s.attribute(`" x="`, x)
	s.attribute(`" y="`, y)
	s.mark(`">`, esc(text))
	s.WriteString("</text>\n")
}

func (s *svg) dot(class string, x, y, r float64, tip string) {
	s.mark(`<circle class="`, class)
	s.attribute(`" cx="`, x)
	s.attribute(`" cy="`, y)
	s.attribute(`" r="`, r)
	s.mark(`"><title>`, esc(tip))
	s.WriteString("</title></circle>\n")
}

func (s *svg) mark(before, text string) {
	s.WriteString(before)
	s.WriteString(text)
}

func (s *svg) attribute(before string, v float64) {
	s.WriteString(before)
	var b [24]byte
	s.Write(appendDecimals(b[:0], v, 1))
}

// whisker draws an interval with its ends.
func (s *svg) whisker(class string, x1, y1, x2, y2 float64) {
	if x1 == x2 && y1 != y2 {
		s.p(`<path class="%s" d="M%s %sh8m-4 0V%sm-4 0h8"/>`, class, xy(x1-4), xy(y1), xy(y2))
		return
	}
	s.p(`<path class="%s" d="M%s %sv8m0 -4H%sm0 -4v8"/>`, class, xy(x1), xy(y1-4), xy(x2))
}

// num writes a number with at most two decimals.
func num(v float64) string { return decimals(v, 2) }

// xy writes a coordinate. A tenth of a unit is less than can be seen, and every digit is there a thousand times.
func xy(v float64) string { return decimals(v, 1) }

func decimals(v float64, n int) string { return string(appendDecimals(nil, v, n)) }

// appendDecimals writes no more digits than there are: 2.50 is 2.5, and −0.00 is 0.
func appendDecimals(b []byte, v float64, n int) []byte {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return append(b, '0')
	}
	start := len(b)
	b = strconv.AppendFloat(b, v, 'f', n, 64)
	for b[len(b)-1] == '0' {
		b = b[:len(b)-1]
	}
	if b[len(b)-1] == '.' {
		b = b[:len(b)-1]
	}
	if string(b[start:]) == "-0" {
		return append(b[:start], '0')
	}
	return b
}

// esc makes a text safe for XML: escaped, without the characters that XML 1.0 has no place for.
func esc(s string) string {
	return escaper.Replace(report.Clean(s))
}

// escaper does not change; it is made once because making it is slow.
var escaper = strings.NewReplacer("\n", " ", "&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;", "\t", " ")

// cut shortens a text to about width units at the labels' size (6.6 a character, estimated).
func cut(s string, width float64) string {
	runes := []rune(s)
	if n := int(width / 6.6); len(runes) > n && n > 1 {
		return string(runes[:n-1]) + "…"
	}
	return s
}

// scale maps a domain to a range, linearly, and keeps what lies outside at the edge.
type scale struct{ d0, d1, r0, r1 float64 }

func (c scale) at(v float64) float64 {
	if c.d1 == c.d0 {
		return (c.r0 + c.r1) / 2
	}
	t := (v - c.d0) / (c.d1 - c.d0)
	return c.r0 + math.Max(0, math.Min(1, t))*(c.r1-c.r0)
}

// threshold is a criterion as a fraction that can be drawn: 0 when it is none.
func threshold(n report.Number) float64 {
	if !n.Known() || n < 0 || n > 10 {
		return 0
	}
	return float64(n)
}

// ticks are round numbers within a domain, about n of them.
func ticks(lo, hi float64, n int) []float64 {
	span := hi - lo
	if !(span > 1e-300) || math.IsInf(span, 0) {
		return []float64{lo}
	}
	step := math.Pow(10, math.Floor(math.Log10(span/float64(n))))
	for _, m := range []float64{1, 2, 5, 10} {
		if span/(step*m) <= float64(n) {
			step *= m
			break
		}
	}
	var out []float64
	for k := math.Ceil(lo/step - 1e-9); k*step <= hi+step*1e-9 && len(out) < 50; k++ {
		out = append(out, k*step)
	}
	return out
}

// Class is the class of a status: it gives the colour.
func Class(x *report.Experiment) string {
	if x.Slower {
		return "v-bad"
	}
	switch x.Status {
	case string(pipeline.Keep):
		return "v-keep"
	case string(pipeline.Maybe):
		return "v-maybe"
	case string(pipeline.Discard):
		return "v-discard"
	case string(pipeline.Reject), string(pipeline.Failed):
		return "v-reject"
	case string(pipeline.Kill):
		return "v-kill"
	case string(pipeline.Inconclusive):
		return "v-unsure"
	case report.StatusRunning:
		return "v-run"
	}
	return "v-pend"
}

// shape tells a status by shape as well as by colour; the colour comes from the class of what it is drawn in.
func shape(x *report.Experiment, class string, cx, cy, r float64) string {
	circle := func(extra string, r float64) string {
		return fmt.Sprintf(`<circle class="%s%s" cx="%s" cy="%s" r="%s"/>`, class, extra, xy(cx), xy(cy), xy(r))
	}
	square := func(extra string, r float64) string {
		return fmt.Sprintf(`<rect class="%s%s" x="%s" y="%s" width="%s" height="%s"/>`, class, extra, xy(cx-r), xy(cy-r), xy(2*r), xy(2*r))
	}
	path := func(extra, format string, v ...float64) string {
		args := make([]any, len(v))
		for i := range v {
			args[i] = xy(v[i])
		}
		return fmt.Sprintf(`<path class="%s%s" d="%s"/>`, class, extra, fmt.Sprintf(format, args...))
	}
	if x.Slower {
		return path("", "M%s %sL%s %sL%s %sz", cx, cy-r*1.1, cx+r*1.15, cy+r*.9, cx-r*1.15, cy+r*.9)
	}
	switch x.Status {
	case string(pipeline.Keep):
		return circle("", r)
	case string(pipeline.Maybe):
		return path("", "M%s %sL%s %sL%s %sL%s %sz", cx, cy-r*1.2, cx+r*1.2, cy, cx, cy+r*1.2, cx-r*1.2, cy)
	case string(pipeline.Discard):
		return circle(" hollow", r*.9)
	case string(pipeline.Reject), string(pipeline.Failed):
		k := r * .95
		return path(" stroke", "M%s %sL%s %sM%s %sL%s %s", cx-k, cy-k, cx+k, cy+k, cx-k, cy+k, cx+k, cy-k)
	case string(pipeline.Kill):
		return square("", r*.9)
	case string(pipeline.Inconclusive):
		return square(" hollow", r*.8)
	}
	return circle(" hollow", r*.6)
}

// Standalone makes a drawing a file of its own: it brings its style along and says who made it.
func Standalone(drawing, generator string) []byte {
	style := "<style>.bc{" + flat(light) + "background:var(--bg)}@media(prefers-color-scheme:dark){.bc{" + flat(dark) + "}}" + flat(css) + "</style>"
	i := strings.Index(drawing, ">") + 1
	return []byte("<!-- " + generator + " -->\n" + drawing[:i] + style + drawing[i:])
}

func flat(s string) string { return strings.ReplaceAll(s, "\n", "") }

func percent(v float64, digits int) string { return report.Percent(v, digits) }

func trimPercent(s string) string { return strings.TrimSuffix(s, " %") }

// round is a change on an axis: "0", "−5 %".
func round(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "–"
	}
	if math.Abs(v) < 1e-9 {
		return "0"
	}
	t := strconv.FormatFloat(math.Round(math.Abs(v)*1e4)/100, 'f', -1, 64) + " %"
	if v < 0 {
		return "\u2212" + t
	}
	return "+" + t
}
