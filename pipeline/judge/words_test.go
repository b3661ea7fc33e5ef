package judge

import (
	"math"
	"testing"
)

func TestPercent(t *testing.T) {
	for f, want := range map[float64]string{
		-.065: "−6.5 %", .013: "+1.3 %", 0: "0.0 %", -.0001: "0.0 %", .0004: "0.0 %", .0006: "+0.1 %", 1.5: "+150.0 %",
		math.Inf(1): "–", math.Copysign(0, -1): "0.0 %",
	} {
		if got := Percent(f); got != want {
			t.Errorf("Percent(%v) = %q, want %q", f, got, want)
		}
	}
}

func TestChange(t *testing.T) {
	for _, c := range []struct {
		f, lo, hi float64
		want      string
	}{
		{-.065, -.086, -.043, "−6.5 % [−8.6, −4.3]"},
		{-.007, -.033, .019, "−0.7 % [−3.3, +1.9]"},
		{-.2, -.2009, -.1991, "−20.00 % [−20.09, −19.91]"},
		{-.12, -.30, .10, "−12 % [−30, +10]"},
		{.004, -.15, .16, "0 % [−15, +16]"},
		{-.00012, -.00012, -.00012, "−0.012 %"},
		{0, 0, 0, "0.0 %"},
		{-.1, -.1, -.1, "−10.0 %"},
		{1e-9, 1e-9, 1e-9, "0.0000 %"},
		{-.05, math.Inf(-1), math.Inf(1), "−5 % [–, –]"},
	} {
		if got := Change(c.f, c.lo, c.hi); got != c.want {
			t.Errorf("Change(%v, %v, %v) = %q, want %q", c.f, c.lo, c.hi, got, c.want)
		}
	}
	if got := Interval(-.086, -.043); got != "[−8.6, −4.3]" {
		t.Errorf("Interval = %q", got)
	}
}

func TestShareAndPValue(t *testing.T) {
	for f, want := range map[float64]string{.05: "5 %", .025: "2.5 %", .1234: "12.3 %", 1: "100 %", 0: "0 %", -.02: "−2 %"} {
		if got := Share(f); got != want {
			t.Errorf("Share(%v) = %q, want %q", f, got, want)
		}
	}
	for p, want := range map[float64]string{0: "<0.001", .0009: "<0.001", .002: "0.002", .5594: "0.559", 1: "1.000"} {
		if got := PValue(p); got != want {
			t.Errorf("PValue(%v) = %q, want %q", p, got, want)
		}
	}
}

func TestQuantity(t *testing.T) {
	for _, c := range []struct {
		v    float64
		unit string
		want string
	}{
		{443, "s", "443.0 s"}, {5, "s", "5.00 s"}, {.0123, "s", "12.3 ms"}, {.0019, "s", "1.90 ms"}, {4.2e-6, "s", "4.20 µs"},
		{3e-9, "s", "3.00 ns"}, {3e-10, "s", "0.30 ns"}, {0, "s", "0 s"}, {-2, "s", "−2.00 s"},
		{64 << 20, "B", "64.0 MiB"}, {1536, "B", "1.50 KiB"}, {1000, "B", "1000 B"}, {0, "B", "0 B"}, {3 << 40, "B", "3.00 TiB"},
		{3400112, "", "3400112"}, {12.34567, "", "12.35"}, {-7, "", "−7"}, {1e21, "", "1e+21"},
		{120, "op/s", "120 op/s"}, {math.NaN(), "s", "–"}, {math.Inf(-1), "", "–"},
	} {
		if got := Quantity(c.v, c.unit); got != c.want {
			t.Errorf("Quantity(%v, %q) = %q, want %q", c.v, c.unit, got, c.want)
		}
	}
}
