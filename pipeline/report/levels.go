package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"slices"

	"github.com/benchfile/bench/pipeline/judge"
)

// levels finds where the baseline changed its level over all sessions, this one among them (workflow 5.3).
func levels(r *Report) []judge.Level {
	all := slices.Clone(r.Sessions)
	if r.Session.ID != "" && r.Baseline.Primary() != nil {
		all = append(all, r.Record())
	}
	slices.SortStableFunc(all, func(a, b Session) int { return CompareSessions(a.ID, b.ID) })
	past := make([]judge.Past, len(all))
	for i := range all {
		s := &all[i]
		past[i] = judge.Past{ID: s.ID, Date: s.Date, Series: series(s), Better: s.Metric.Better, Value: level(s)}
	}
	return judge.History(past)
}

// series names what has to be alike for two sessions to be compared: the study, the machine with its tools, the metric,
// and what it was measured on.
func series(s *Session) string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %q", s.Study, s.Metric.Name, s.Metric.Unit)
	for _, in := range s.Inputs {
		fmt.Fprintf(h, " %q %q %v", in.Name, in.SHA256, in.Weight)
	}
	return s.Environment.Hash + "-" + hex.EncodeToString(h.Sum(nil))[:8]
}

// level is the weighted geometric mean of the inputs' medians; not a number when one of them has none.
func level(s *Session) float64 {
	sum, weight := 0.0, 0.0
	for _, in := range s.Inputs {
		i := slices.IndexFunc(s.Samples, func(x Sample) bool { return x.Metric == s.Metric.Name && x.Input == in.Name })
		if i < 0 {
			return math.NaN()
		}
		sum += float64(in.Weight) * math.Log(float64(s.Samples[i].Median))
		weight += float64(in.Weight)
	}
	return math.Exp(sum / weight)
}

// LevelText says of a change of level: "time regressed since 2026-01-10: 262.0 s → 283.0 s, +8.0 %".
func LevelText(l *judge.Level, metric, unit string) string {
	word := "improved"
	if l.Worse {
		word = "regressed"
	}
	u := UnitFor(unit, Number(l.Before))
	return fmt.Sprintf("%s %s since %s: %s → %s, %s", metric, word, l.Since, u.Text(Number(l.Before)), u.Text(Number(l.After)), Percent(l.Change, 1))
}

// Level is the last change of level of what this session belongs to; nil when there is none.
func (r *Report) Level() *judge.Level {
	s := r.Record()
	for i := len(r.Levels) - 1; i >= 0; i-- {
		if r.Levels[i].Series == series(&s) {
			return &r.Levels[i]
		}
	}
	return nil
}

// joined joins what is not empty.
func joined(sep string, parts ...string) string {
	out := ""
	for _, p := range parts {
		if p != "" && out != "" {
			out += sep
		}
		out += p
	}
	return out
}
