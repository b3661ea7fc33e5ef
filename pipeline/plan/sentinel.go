package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/judge"
)

// inARow is how many experiments in a row must have seen another baseline before it is measured again (workflow C.2).
const inARow = 3

// standing is the baseline's own measurement and what later steps take from it. There is one to begin with, and another
// each time the sentinel saw that the machine is not what it was.
type standing struct {
	record    *pipeline.Record
	slowest   []float64            // seconds of the slowest run, for each input
	reference map[string][]float64 // seconds of its runs, by input
}

// remember takes a measurement of the baseline as what stands from now on.
func (m *maker) remember(r *pipeline.Record) {
	s := standing{record: r, slowest: make([]float64, len(m.study.Inputs)), reference: map[string][]float64{}}
	for _, run := range r.Outcome.Runs {
		t, ok := run.Metrics["time"]
		i, known := m.study.Input(run.Input)
		if !ok || !known || run.Discarded != "" {
			continue
		}
		s.slowest[i] = max(s.slowest[i], t)
		s.reference[run.Input] = append(s.reference[run.Input], t)
	}
	m.standings = append(m.standings, s)
	m.slowest, m.reference, m.usual = s.slowest, s.reference, most(r.Outcome.Runs)
}

// repeated takes over the measurements that were made again and are recorded. Which there are is read off the records:
// each has the manifest of the first but for its number.
func (m *maker) repeated(e *Experiment, v *variant) {
	for look := 2; ; look++ {
		if r, _ := m.facts.Recorded(m.measured(v, look, m.study.Baseline.Runs).Key()); r == nil || r.Outcome.Status != pipeline.StatusOK {
			return
		}
		m.remember(m.measure(e, v, look, m.study.Baseline.Runs, 1, earlier{}, "").Record)
	}
}

// when is the measurement of the baseline that stood when an experiment's first batch began. A verdict and its reasons
// rest on that one, whatever was measured since.
func (m *maker) when(first *pipeline.Record) int {
	for i := len(m.standings) - 1; i > 0; i-- {
		if !first.Started.Before(m.standings[i].record.Finished) {
			return i
		}
	}
	return 0
}

// watch holds the baseline's runs beside a decided candidate against the baseline's own.
func (m *maker) watch(x *Experiment) {
	records := m.plan.Records(x, pipeline.StepMeasure)
	if len(records) == 0 || len(m.standings) == 0 {
		return
	}
	stored := m.standings[m.when(records[0])].record.Outcome.Runs
	x.Sentinel = judge.Sentinel(m.study.Primary(), m.evidence(x).Inputs, stored, m.plan.Runs(x))
	if x.Sentinel != nil && x.Sentinel.Moved {
		x.Verdict.Warnings = append(x.Verdict.Warnings, x.Sentinel.Reason+"; the verdict compares runs made side by side and is not touched")
	}
}

// sentinel plans to measure the baseline again when the last experiments in a row saw another one (workflow C.2), before
// anything else is measured. It also says which verdicts are older than the measurement that stands.
func (m *maker) sentinel() {
	if len(m.standings) == 0 {
		return
	}
	last := len(m.standings) - 1
	var since []*Experiment // decided beside the baseline that stands, in the order in which they were measured
	began := map[*Experiment]time.Time{}
	before := make([][]string, last)
	for i := range m.plan.Experiments {
		x := &m.plan.Experiments[i]
		records := m.plan.Records(x, pipeline.StepMeasure)
		if x.Verdict == nil || len(records) == 0 {
			continue
		}
		at := m.when(records[0])
		if at < last {
			before[at] = append(before[at], fmt.Sprintf("%03d", x.Variant.Number))
		} else if x.Sentinel != nil {
			since = append(since, x)
			began[x] = records[0].Started
		}
	}
	for at, ids := range before {
		again := m.standings[at+1].record.Finished
		m.warn(pipeline.Place{}, fmt.Sprintf("the baseline was measured again at %s, because the machine was not what it was any more; decided before: %s",
			again.UTC().Format("2006-01-02 15:04 UTC"), list(ids)), "their verdicts stand: each was measured beside a baseline of its own")
	}
	slices.SortStableFunc(since, func(a, b *Experiment) int { return began[a].Compare(began[b]) })
	if len(since) < inARow {
		return
	}
	var ids []string
	for _, x := range since[len(since)-inARow:] {
		if !x.Sentinel.Moved {
			return
		}
		ids = append(ids, fmt.Sprintf("%03d", x.Variant.Number))
	}
	m.measureAgain(last+2, fmt.Sprintf("the baseline is not what it was beside %s in a row", strings.Join(ids, ", ")))
}

// measureAgain puts another measurement of the baseline before whatever else was to run.
func (m *maker) measureAgain(look int, why string) {
	e := &m.plan.Baseline
	next := m.plan.Next
	m.plan.Next = -1
	s := m.measure(e, m.base, look, m.study.Baseline.Runs, 1, earlier{}, "")
	switch s.State {
	case Ready:
		s.Why = why
		e.State, e.Why = Ready, why
	case Failed:
		m.stop("the baseline can't be measured: %s", s.Record.Outcome.Reason)
	default:
		m.plan.Next = next
	}
}
