package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// minus is U+2212, as wide as a plus sign.
const minus = "\u2212"

// Percent is a change as people read it: "−6.5 %", "+1.3 %".
func Percent(v float64, digits int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "–"
	}
	s := strconv.FormatFloat(math.Abs(v)*100, 'f', digits, 64)
	switch {
	case strings.Trim(s, "0.") == "":
		return s + " %"
	case v < 0:
		return minus + s + " %"
	}
	return "+" + s + " %"
}

// Share is a fraction that has no direction: "59.1 %".
func Share(v Number, digits int) string {
	if !v.Known() {
		return "–"
	}
	return strings.Replace(strconv.FormatFloat(float64(v)*100, 'f', digits, 64), "-", minus, 1) + " %"
}

// Threshold is a fraction without digits that say nothing: "5 %", "2.5 %".
func Threshold(v Number) string {
	if !v.Known() {
		return "–"
	}
	return strconv.FormatFloat(math.Round(float64(v)*1e6)/1e4, 'f', -1, 64) + " %"
}

// Digits is how many digits a percentage deserves whose interval is this wide: two significant ones of the half-width.
func Digits(lo, hi Number) int {
	half := float64(hi-lo) / 2 * 100
	switch {
	case !(half > 0) || math.IsInf(half, 0):
		return 1
	case half >= 10:
		return 0
	case half >= 0.1:
		return 1
	}
	return 2
}

// ChangeText is the change alone: "−6.5 %", or "not distinguishable" when the interval holds zero and the change is
// smaller than what would be of interest.
func (e *Effect) ChangeText(maybe Number) string {
	if e == nil {
		return "–"
	}
	if e.Indistinct(maybe) {
		return "not distinguishable"
	}
	return Percent(float64(e.Change), e.digits())
}

// Indistinct says whether the change can't be told from none and is too small to be of interest.
func (e *Effect) Indistinct(maybe Number) bool {
	if e == nil || e.Exact || !e.Change.Known() {
		return false
	}
	return e.Lo <= 0 && e.Hi >= 0 && math.Abs(float64(e.Change)) < float64(maybe)
}

func (e *Effect) digits() int {
	if e.Exact && e.Change != 0 && math.Abs(float64(e.Change)) < 0.001 {
		return 3
	}
	return Digits(e.Lo, e.Hi)
}

// IntervalText is "[−7.9, −7.0]", or "exact".
func (e *Effect) IntervalText() string {
	switch {
	case e == nil:
		return "–"
	case e.Exact:
		return "exact"
	case !e.Lo.Known() || !e.Hi.Known():
		return "no interval"
	}
	d := e.digits()
	trim := func(n Number) string { return strings.TrimSuffix(Percent(float64(n), d), " %") }
	return "[" + trim(e.Lo) + ", " + trim(e.Hi) + "]"
}

// Bounds is "97.6 % interval [−7.9, −7.0]", or "exact".
func (e *Effect) Bounds() string {
	if e == nil || e.Exact || !e.Confidence.Known() || e.Confidence == 0 {
		return e.IntervalText()
	}
	return Threshold(e.Confidence) + " interval " + e.IntervalText()
}

// Text is the change with its interval: "−6.5 % [−8.6, −4.3]".
func (e *Effect) Text(maybe Number) string {
	if e == nil {
		return "–"
	}
	if e.Indistinct(maybe) {
		return Percent(float64(e.Change), e.digits()) + " " + e.IntervalText() + ", not distinguishable"
	}
	return Percent(float64(e.Change), e.digits()) + " " + e.IntervalText()
}

// PText is a p-value: "0.041", "<0.001".
func PText(p Number) string {
	switch {
	case !p.Known():
		return "–"
	case p < 0.001:
		return "<0.001"
	}
	return strconv.FormatFloat(float64(p), 'f', 3, 64)
}

// Unit is how values of one size are written.
type Unit struct {
	Name   string
	Factor float64 // base units in one of these
}

// UnitFor picks the unit in which a value of this size reads well; a column uses one unit for all its values.
func UnitFor(unit string, v Number) Unit {
	a := math.Abs(float64(v))
	switch unit {
	case "s":
		switch {
		case !v.Known() || a >= 1 || a == 0:
			return Unit{"s", 1}
		case a >= 1e-3:
			return Unit{"ms", 1e-3}
		case a >= 1e-6:
			return Unit{"µs", 1e-6}
		}
		return Unit{"ns", 1e-9}
	case "B":
		switch {
		case a >= 1<<30:
			return Unit{"GiB", 1 << 30}
		case a >= 1<<20:
			return Unit{"MiB", 1 << 20}
		case a >= 1<<10:
			return Unit{"KiB", 1 << 10}
		}
		return Unit{"B", 1}
	}
	return Unit{unit, 1}
}

// Plain writes a value without its unit, with four significant digits.
func (u Unit) Plain(v Number) string {
	if !v.Known() {
		return "–"
	}
	x := float64(v) / u.Factor
	a := math.Abs(x)
	digits := 3
	switch {
	case a >= 1e15:
		return strings.Replace(strconv.FormatFloat(x, 'g', 5, 64), "-", minus, 1)
	case a >= 1000 || a == math.Trunc(a) && u.Factor == 1 && u.Name != "s":
		digits = 0
	case a >= 100:
		digits = 1
	case a >= 10:
		digits = 2
	case a < 0.001 && a > 0:
		return strings.Replace(strconv.FormatFloat(x, 'g', 3, 64), "-", minus, 1)
	}
	return strings.Replace(group(strconv.FormatFloat(x, 'f', digits, 64)), "-", minus, 1)
}

// Text writes a value with its unit.
func (u Unit) Text(v Number) string {
	if !v.Known() {
		return "–"
	}
	if u.Name == "" {
		return u.Plain(v)
	}
	return u.Plain(v) + " " + u.Name
}

// Quantity writes a value in the unit that suits it.
func Quantity(v Number, unit string) string { return UnitFor(unit, v).Text(v) }

// group puts a thin space between groups of three digits, from five digits on.
func group(s string) string {
	whole, frac, dot := strings.Cut(s, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	if len(whole) > 4 {
		var b strings.Builder
		for i, c := range whole {
			if i > 0 && (len(whole)-i)%3 == 0 {
				b.WriteString("\u202f")
			}
			b.WriteRune(c)
		}
		whole = b.String()
	}
	if dot {
		return sign + whole + "." + frac
	}
	return sign + whole
}

// Span is a duration as people read it: "9 h 41 min", "18 min", "42 s".
func Span(seconds Number) string {
	if !seconds.Known() {
		return "–"
	}
	if seconds > 0 && seconds < 1 {
		return "<1 s"
	}
	d := time.Duration(float64(seconds) * float64(time.Second)).Round(time.Second)
	if d < 2*time.Minute {
		return fmt.Sprintf("%d s", int(d.Seconds()))
	}
	h, m, s := int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60
	switch {
	case h > 0:
		return fmt.Sprintf("%d h %02d min", h, m)
	case m >= 10:
		return fmt.Sprintf("%d min", m)
	}
	return fmt.Sprintf("%d min %02d s", m, s)
}

// ShortCommit is the first seven characters.
func ShortCommit(c string) string {
	if len(c) > 7 {
		return c[:7]
	}
	return c
}

// Size is a number of bytes as people read it.
func Size(n int64) string { return Quantity(Number(n), "B") }
