package judge

import (
	"math"
	"strconv"
	"strings"
)

// minus is U+2212: as wide as a plus, and never broken from its number at the end of a line.
const minus = "−"

// Percent writes a fraction as a change people read: "−6.5 %", "+1.3 %", "0.0 %". What is not a number is "–".
func Percent(f float64) string {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return "–"
	}
	return signed(100*f, 1) + " %"
}

// Interval writes both ends of an interval of fractions in percent: "[−8.6, −4.3]". Ends that are not known are "–".
func Interval(lo, hi float64) string {
	digits := digitsFor(lo, hi)
	return "[" + signed(100*lo, digits) + ", " + signed(100*hi, digits) + "]"
}

// Change writes a fraction with its interval, both with the digits the interval allows: "−6.5 % [−8.6, −4.3]". Without
// any width it is exact and stands alone, with as many digits as it takes to be seen: "−0.012 %".
func Change(f, lo, hi float64) string {
	if lo == hi {
		return signed(100*f, digitsToSee(100*f)) + " %"
	}
	return signed(100*f, digitsFor(lo, hi)) + " % " + Interval(lo, hi)
}

// Share writes a fraction without a sign and without digits that say nothing: "5 %", "2.5 %".
func Share(f float64) string {
	return strings.Replace(strconv.FormatFloat(math.Round(1000*f)/10, 'f', -1, 64), "-", minus, 1) + " %"
}

// PValue writes a p: "0.559", "<0.001".
func PValue(p float64) string {
	if p < .001 {
		return "<0.001"
	}
	return strconv.FormatFloat(p, 'f', 3, 64)
}

// Quantity writes a value with its unit: seconds as "443.0 s", "12.3 ms", bytes as "64.0 MiB", counts as they are.
func Quantity(value float64, unit string) string {
	switch {
	case math.IsNaN(value) || math.IsInf(value, 0):
		return "–"
	case unit == "s":
		return scaled(value, []scale{{1, "s"}, {1e-3, "ms"}, {1e-6, "µs"}, {1e-9, "ns"}})
	case unit == "B" && math.Abs(value) >= 1024:
		return scaled(value, []scale{{1 << 40, "TiB"}, {1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}})
	case unit == "":
		return count(value)
	}
	return count(value) + " " + unit
}

type scale struct {
	size float64
	name string
}

// scaled writes a value in the largest unit of which it has at least one; in the smallest when it has none of any.
func scaled(value float64, scales []scale) string {
	if value == 0 {
		return "0 " + scales[0].name
	}
	in := scales[len(scales)-1]
	for _, s := range scales {
		if math.Abs(value) >= s.size {
			in = s
			break
		}
	}
	v := value / in.size
	digits := 1
	if math.Abs(v) < 10 {
		digits = 2
	}
	return unsigned(v, digits) + " " + in.name
}

// count writes a whole number whole and any other with four significant digits.
func count(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return unsigned(v, 0)
	}
	return strings.Replace(strconv.FormatFloat(v, 'g', 4, 64), "-", minus, 1)
}

// signed writes a number with its sign and a fixed number of digits. What rounds to zero has no sign.
func signed(v float64, digits int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "–"
	}
	text := unsigned(v, digits)
	if v > 0 && strings.ContainsAny(text, "123456789") {
		return "+" + text
	}
	return text
}

func unsigned(v float64, digits int) string {
	text := strconv.FormatFloat(math.Abs(v), 'f', digits, 64)
	if v < 0 && strings.ContainsAny(text, "123456789") {
		return minus + text
	}
	return text
}

// digitsFor is how many digits of a percentage an interval of fractions supports: one as a rule; none where it is
// wider than twenty points, two where it is narrower than a fifth of one.
func digitsFor(lo, hi float64) int {
	half := 100 * (hi - lo) / 2
	switch {
	case half >= 10:
		return 0
	case half > 0 && half < .1:
		return 2
	}
	return 1
}

// digitsToSee is how many digits show two significant ones of v, at least one and at most four.
func digitsToSee(v float64) int {
	v = math.Abs(v)
	if v == 0 || v >= 1 {
		return 1
	}
	return max(1, min(4, 1-int(math.Floor(math.Log10(v)))))
}

// plural writes a number with its noun: "1 input", "5 inputs".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
