package judge

import (
	"fmt"
	"math"
	"testing"

	"github.com/benchfile/bench/pipeline"
)

// past makes sessions of one series at given levels, with a ripple of half a per cent.
func past(series, better string, values ...float64) []Past {
	var out []Past
	for i, v := range values {
		out = append(out, Past{ID: fmt.Sprintf("s%d", i), Date: fmt.Sprintf("2026-01-%02d", i+1), Series: series, Better: better,
			Value: v * (1 + .005*math.Sin(float64(7*i)))})
	}
	return out
}

func TestHistory(t *testing.T) {
	steady, step := []float64{10, 10, 10, 10, 10, 10, 10, 10}, []float64{10, 10, 10, 10, 11, 11, 11, 11}
	tests := []struct {
		name string
		past []Past
		want string
	}{
		{"nothing", nil, ""},
		{"steady", past("m", pipeline.Lower, steady...), ""},
		{"slower since the fifth", past("m", pipeline.Lower, step...), "s4 2026-01-05 worse 10.0 → 11.0 (4); "},
		{"a rate that rose is better", past("m", pipeline.Higher, step...), "s4 2026-01-05 better 10.0 → 11.0 (4); "},
		{"another machine is another series", append(past("m", pipeline.Lower, step[:4]...), past("n", pipeline.Lower, step[4:]...)...), ""},
		{"values that are none are left out", append(past("m", pipeline.Lower, step...), Past{Series: "m", Value: math.NaN()}, Past{Series: "m"}),
			"s4 2026-01-05 worse 10.0 → 11.0 (4); "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			for _, l := range History(tt.past) {
				word := "better"
				if l.Worse {
					word = "worse"
				}
				got += fmt.Sprintf("%s %s %s %.1f → %.1f (%d); ", l.ID, l.Since, word, l.Before, l.After, l.Sessions)
				if math.Abs(l.Change-(l.After/l.Before-1)) > 1e-12 {
					t.Errorf("change %v is not %v → %v", l.Change, l.Before, l.After)
				}
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
