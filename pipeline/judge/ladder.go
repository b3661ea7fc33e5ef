package judge

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/benchfile/bench/pipeline"
)

// restless says whether the raw CV of a baseline arm is beyond its limit (workflow 3.5). It decides nothing by itself: pairs
// run side by side may agree to a hundredth where the runs differ by a fifth.
func (r *reading) restless() bool { return r.Criteria.MaxCV > 0 && r.cv > r.Criteria.MaxCV }

// looked goes through the remedies of the workflow for restless runs in its order (3.5, 4.6), and says of each what was
// found or done.
func looked(batches []*pipeline.Outcome) string {
	return strings.Join([]string{throttling(batches), background(batches), cooldown(batches)}, "; ")
}

// throttling is the first remedy: is the processor too hot?
func throttling(batches []*pipeline.Outcome) string {
	hot, known := 0, 0
	var celsius float64
	for _, b := range batches {
		for _, run := range b.Runs {
			if a := run.Around; !run.Warmup && a.Span > 0 && a.Throttled >= 0 {
				known++
				if a.Throttled > 0 {
					hot++
				}
			}
		}
		for _, now := range []pipeline.Readings{b.Before, b.After} {
			celsius = max(celsius, now.CPUTemperature)
			for _, t := range now.GPUTemperature {
				celsius = max(celsius, t)
			}
		}
	}
	at := ""
	if celsius > 0 {
		at = fmt.Sprintf(" (hottest reading: %.0f °C)", celsius)
	}
	switch {
	case hot > 0:
		return fmt.Sprintf("the processor was throttled for its heat during %d of %s%s", hot, plural(known, "run"), at)
	case known > 0:
		return "no thermal throttling" + at
	}
	return "thermal throttling cannot be read here" + at
}

// background is the second: who else is there?
func background(batches []*pipeline.Outcome) string {
	sought, byName := false, map[string]pipeline.Process{}
	for _, b := range batches {
		sought = sought || b.Others != nil
		for _, p := range b.Others {
			if p.CPU > byName[p.Name].CPU {
				byName[p.Name] = p
			}
		}
	}
	if !sought {
		return "background processes were not looked for"
	}
	var names []string
	for _, p := range slices.SortedFunc(maps.Values(byName), func(a, b pipeline.Process) int { return cmp.Compare(b.CPU, a.CPU) }) {
		names = append(names, p.String())
	}
	if len(names) == 0 {
		return "no background process that lasted took 5 % of a CPU"
	}
	return "in the background: " + strings.Join(names[:min(3, len(names))], ", ")
}

// cooldown is the third.
func cooldown(bs []*pipeline.Outcome) string {
	switch first, last := bs[0].Cooldown, bs[len(bs)-1].Cooldown; {
	case last == 0:
		return "no cool-down is set (environment.cooldown)"
	case last > first:
		return fmt.Sprintf("cool-down raised from %v to %v", first.Round(time.Millisecond), last.Round(time.Millisecond))
	default:
		return fmt.Sprintf("cool-down %v", last.Round(time.Millisecond))
	}
}

// moreRounds is the last remedy, and what is left after it: the interval's width, which is what decides.
func (r *reading) moreRounds() string {
	n := r.primary.rounds()
	text := plural(n, "round")
	if len(r.Looks) > 0 && n < r.Looks[len(r.Looks)-1] {
		text = fmt.Sprintf("%d of at most %s", n, plural(r.Looks[len(r.Looks)-1], "round"))
	}
	if iv := r.primary.interval; iv.Defined() {
		text += fmt.Sprintf("; the interval, ±%s, is the error bar", Share(iv.Half()))
	}
	return text
}

func (r *reading) batches() (out []*pipeline.Outcome) {
	for _, b := range r.Batches {
		if b != nil {
			out = append(out, b)
		}
	}
	return out
}
