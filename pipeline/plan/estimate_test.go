package plan

import (
	"testing"
	"time"

	"github.com/benchfile/bench/pipeline"
)

// An estimate is what the baseline took, times what is to be done. In this world a visit costs a second, a gap half of
// one, and every other step ten; two inputs, one warm-up, looks at 10, 15 and 20 rounds.
func TestEstimates(t *testing.T) {
	const visit, gap, other = time.Second, time.Second / 2, 10 * time.Second
	round := 2 * 2 * visit // both arms on both inputs
	first := 11*round + gap
	later := 2 * (6*round + gap) // each look warms up again
	prepare := 3 * (other + gap) // a build, two checks
	timed := func(w *world) {
		at := w.facts.Now
		w.takes = func(p *Plan, s *Step) (time.Time, time.Duration) {
			d := other
			if s.Kind == pipeline.StepMeasure {
				n := time.Duration(len(p.Job.Visits))
				d = n*visit + (n-1)*w.study.Environment.Cooldown
			}
			began := at
			at = at.Add(d + gap)
			return began, d
		}
	}
	tests := []struct {
		name string
		set  func(*world)
		upTo string // run until this step is next
		want Estimate
	}{
		{"nothing is known before the baseline is measured", nil, "baseline/build", Estimate{Unknown: true}},
		{"nor while it is", nil, "baseline/measure/1", Estimate{Unknown: true}},
		{"one experiment", nil, "001-a/build", Estimate{Least: prepare + first, Most: prepare + first + later}},
		{"its measurement only", nil, "001-a/measure/1", Estimate{Least: first, Most: first + later}},
		{"its second look", func(w *world) { w.cost["a"] = .975 }, "001-a/measure/2", Estimate{Least: later / 2, Most: later}},
		{"cool-downs between pairs", func(w *world) { w.study.Environment.Cooldown = visit }, "001-a/measure/1", Estimate{
			Least: 22*(2*visit+visit) + gap, Most: 22*(2*visit+visit) + gap + 2*(12*(2*visit+visit)+gap),
		}},
		{"a compound that may come", func(w *world) {
			w.study.Hypotheses = append(w.study.Hypotheses, pipeline.Hypothesis{Name: "b", Number: 2, Patch: "b.patch"})
			w.study.Compounds = []pipeline.Compound{kept("")}
		}, "001-a/build", Estimate{Least: 2 * (prepare + first), Most: 3 * (prepare + first + later)}},
		{"a profile of what is decided", func(w *world) {
			w.study.Profile = &pipeline.Profile{Commands: w.study.Measure.Commands, Format: "text"}
		}, "001-a/build", Estimate{Least: prepare + first + 2*(other+gap), Most: prepare + first + later + 2*(other+gap)}},
		{"what the budget cuts off is not left", func(w *world) { w.study.Budget = 30 * time.Second }, "", Estimate{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, study("a"))
			timed(w)
			if tt.set != nil {
				tt.set(w)
			}
			p := w.plan(Options{})
			for p.Next >= 0 && p.Job.Step != tt.upTo {
				w.run(p)
				p = w.plan(Options{})
			}
			if tt.upTo != "" && p.Next < 0 {
				t.Fatalf("%s never came: %v", tt.upTo, w.ran)
			}
			got := p.Remaining
			if tt.want.Unknown {
				got.Least, got.Most = 0, 0
			}
			if got != tt.want {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

// After a change of the code the measurement of the old one is still the best guess.
func TestAnOldMeasurementIsAGuess(t *testing.T) {
	w := newWorld(t, study("a"))
	w.apply()
	w.facts.Variants = map[string]pipeline.VariantFact{BaselineName: {Tree: tree("other")}}
	if e := w.plan(Options{}).Remaining; e.Unknown || e.Least == 0 || e.Most <= e.Least {
		t.Errorf("got %+v", e)
	}
	w.newest["baseline/build"].Outcome.Status = pipeline.StatusFailed // says nothing of how long one takes that succeeds
	if e := w.plan(Options{}).Remaining; e.Unknown {
		t.Errorf("after a failed build: %+v", e)
	}
}
