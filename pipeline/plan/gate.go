package plan

import (
	"fmt"
	"strings"

	"github.com/benchfile/bench/pipeline"
)

// Unfit says what keeps a measurement from starting now, or "" when the gate is open. What can't be read does not close
// the gate: a machine without a GPU has no GPU that is too hot.
func Unfit(g pipeline.Gate, r pipeline.Readings) string {
	var why []string
	for i, t := range r.GPUTemperature {
		if g.GPUTemperatureMax > 0 && t > g.GPUTemperatureMax {
			why = append(why, fmt.Sprintf("GPU %d at %.0f °C (start at or below %.0f)", i, t, g.GPUTemperatureMax))
		}
	}
	if g.LoadMax > 0 && r.Load > g.LoadMax {
		why = append(why, fmt.Sprintf("load %.2f (start at or below %.2f)", r.Load, g.LoadMax))
	}
	if g.CPUPressureMax > 0 && r.CPUPressure > g.CPUPressureMax {
		why = append(why, fmt.Sprintf("CPU pressure %.1f %% (start at or below %.1f %%)", 100*r.CPUPressure, 100*g.CPUPressureMax))
	}
	if g.MemoryFreeMin > 0 && r.MemoryFree >= 0 && r.MemoryFree < g.MemoryFreeMin {
		why = append(why, fmt.Sprintf("%d MiB of memory free (start with %d)", r.MemoryFree>>20, g.MemoryFreeMin>>20))
	}
	return strings.Join(why, ", ")
}

// Disturbed says that others still use more of the machine than the rule lets them: a batch that was given up for it would
// be given up again. "" when they do not, or when nobody can tell.
func Disturbed(c *pipeline.Contamination, r pipeline.Readings) string {
	if c == nil || r.Busy <= c.Taken {
		return ""
	}
	return fmt.Sprintf("%.0f %% of the machine is in use (go on at or below %.1f %%)", 100*r.Busy, 100*c.Taken)
}
