package metric

import "strings"

// Base says by what a value in unit is multiplied to be in the base unit, and which that is: "s" for times, "B" for
// sizes. Any other unit, "" included, is its own base. Percent stays percent: it is the program's own word for a number
// of its own, not a change that bench computed.
//
// Sizes follow IEC 80000-13: KiB is 1024 bytes, kB and KB are 1000.
func Base(unit string) (factor float64, base string) {
	for _, u := range units {
		if u.name == unit {
			return u.factor, u.base
		}
	}
	return 1, unit
}

// units is every unit that has a base other than itself, and the two bases. Case matters: "m" and "M" are neither.
var units = [...]struct {
	name   string
	factor float64
	base   string
}{
	{"s", 1, "s"}, {"sec", 1, "s"}, {"second", 1, "s"}, {"seconds", 1, "s"},
	{"ms", 1e-3, "s"}, {"us", 1e-6, "s"}, {"µs", 1e-6, "s"}, {"μs", 1e-6, "s"}, {"ns", 1e-9, "s"}, {"ps", 1e-12, "s"},
	{"min", 60, "s"}, {"h", 3600, "s"},
	{"B", 1, "B"}, {"byte", 1, "B"}, {"bytes", 1, "B"},
	{"kB", 1e3, "B"}, {"KB", 1e3, "B"}, {"MB", 1e6, "B"}, {"GB", 1e9, "B"}, {"TB", 1e12, "B"},
	{"KiB", 1 << 10, "B"}, {"MiB", 1 << 20, "B"}, {"GiB", 1 << 30, "B"}, {"TiB", 1 << 40, "B"},
}

// convert brings a value that the output gives in the unit "as" ("" = it gives none) to the base of the metric's unit.
// ok is false where they measure different things.
func convert(value float64, as, unit string) (v float64, ok bool) {
	if as == "" {
		as = unit
	}
	factor, base := Base(as)
	if _, want := Base(unit); base != want && !strings.EqualFold(as, unit) {
		return 0, false
	}
	return scale(value, factor), true
}

// scale multiplies by a factor. Where that is a negative power of ten, which no binary number is, it divides by the
// inverse, which is exact: 3 ms is then the same number as 0.003 s, which 3 × 0.001 need not be.
func scale(value, factor float64) float64 {
	if factor < 1 {
		return value / float64(int64(1/factor+0.5))
	}
	return value * factor
}
