package judge

import (
	"math"
	"slices"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/stats"
)

// A change of level is kept when its p is below historyAlpha and it is at least historyChange, in log units (Hunter's
// settings: a history is long, and each false mark costs somebody a day).
const (
	historyAlpha  = 0.001
	historyChange = 0.02
)

// Past is the baseline of one session.
type Past struct {
	ID     string
	Date   string
	Series string  // what has to be alike for two sessions to be compared: machine, metric, inputs
	Better string  // of the metric
	Value  float64 // of the metric over all inputs, above zero
}

// Level is a change of level in a series of sessions: from this session on the baseline is at another one.
type Level struct {
	ID       string  `json:"id"`
	Since    string  `json:"since"` // date of that session
	Series   string  `json:"series"`
	Before   float64 `json:"before"` // geometric means of the sessions on either side, up to the next change
	After    float64 `json:"after"`
	Change   float64 `json:"change"` // a fraction
	Worse    bool    `json:"worse"`
	Sessions int     `json:"sessions"` // at the new level
}

// History finds where the baseline changed its level over sessions, which come oldest first. Each series is looked at by
// itself, so that a machine or a compiler that was changed is no regression. It takes about four sessions on either side.
func History(past []Past) []Level {
	series := map[string][]Past{}
	var names []string
	for _, p := range past {
		if !(p.Value > 0) || math.IsInf(p.Value, 0) {
			continue
		}
		if series[p.Series] == nil {
			names = append(names, p.Series)
		}
		series[p.Series] = append(series[p.Series], p)
	}
	out := []Level{}
	for _, name := range names {
		out = append(out, levels(series[name])...)
	}
	return out
}

func levels(past []Past) []Level {
	logs := make([]float64, len(past))
	for i, p := range past {
		logs[i] = math.Log(p.Value)
	}
	ends := slices.Concat([]int{0}, stats.ChangePoints(logs, historyAlpha, historyChange), []int{len(logs)})
	var out []Level
	for i := 1; i+1 < len(ends); i++ {
		from := past[ends[i]]
		before, after := mean(logs[ends[i-1]:ends[i]]), mean(logs[ends[i]:ends[i+1]])
		out = append(out, Level{
			ID: from.ID, Since: from.Date, Series: from.Series, Before: math.Exp(before), After: math.Exp(after),
			Change: bounded(math.Expm1(after - before)), Worse: (after > before) != (from.Better == pipeline.Higher), Sessions: ends[i+1] - ends[i],
		})
	}
	return out
}

func mean(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}
