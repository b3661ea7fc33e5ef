package plan

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/benchfile/bench/pipeline"
)

// The limits of a batch are fixed before it begins: by the Benchfile, or by what went on beside the baseline's own runs.
func TestTheRuleOfContamination(t *testing.T) {
	usual := func(foreign, steal, pressure, throttled float64) *pipeline.Around {
		return &pipeline.Around{Foreign: foreign, Steal: steal, MemPressure: pressure, Throttled: throttled}
	}
	rule := func(taken, pressure float64, throttle bool) *pipeline.Contamination {
		return &pipeline.Contamination{Cores: 4, Taken: taken, Pressure: pressure, Throttle: throttle, Share: .2}
	}
	for _, c := range []struct {
		name  string
		max   float64
		usual *pipeline.Around
		arms  int
		want  *pipeline.Contamination
	}{
		{"a quiet machine", 0, usual(0, 0, 0, 0), 2, rule(.05, .05, true)},
		{"one that is always half busy", 0, usual(2, .01, 0, 0), 2, rule(.56, .05, true)},
		{"one that is always short of memory and hot", 0, usual(0, 0, .5, 3), 2, rule(.05, .55, false)},
		{"a stated limit", .2, usual(2, 0, 0, 0), 2, rule(.2, .05, true)},
		{"everything is tolerated", 1, usual(0, 0, 0, 0), 2, nil},
		{"the baseline's own runs say what is usual", 0, nil, 1, nil},
		{"they too are held to a stated limit", .2, nil, 1, rule(.2, 1, false)},
	} {
		m := &maker{study: &pipeline.Study{}, facts: &pipeline.Facts{Environment: pipeline.Environment{Cores: 4}}, usual: c.usual}
		m.study.Environment.Gate.ForeignMax = c.max
		got := m.contamination(c.arms)
		if (got == nil) != (c.want == nil) {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
			continue
		}
		if got == nil {
			continue
		}
		got.Taken, got.Pressure = math.Round(got.Taken*1e6)/1e6, math.Round(got.Pressure*1e6)/1e6
		if *got != *c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

// What is usual is the most that was seen beside a run that counts; what could not be read is nothing.
func TestWhatIsUsual(t *testing.T) {
	at := func(set func(*pipeline.Run)) pipeline.Run {
		r := pipeline.Run{Around: pipeline.Unknown()}
		set(&r)
		return r
	}
	got := most([]pipeline.Run{
		at(func(r *pipeline.Run) {}),
		at(func(r *pipeline.Run) { r.Around.Foreign = .3 }),
		at(func(r *pipeline.Run) { r.Around.Steal, r.Around.MemPressure = .1, .2 }),
		at(func(r *pipeline.Run) { r.Around.Foreign, r.Warmup = 9, true }),
		at(func(r *pipeline.Run) { r.Around.Foreign, r.Discarded = 9, "others" }),
	})
	if *got != (pipeline.Around{Foreign: .3, Steal: .1, MemPressure: .2}) {
		t.Errorf("%+v", got)
	}
}

// A batch of a study carries the rule, whose limit is in no key.
func TestTheRuleIsInTheJobAndInNoKey(t *testing.T) {
	w := newWorld(t, study("a"))
	w.cost["a"] = .8
	w.apply()
	w.ran = nil
	for _, share := range []float64{.01, .5, 1} {
		w.study.Environment.Gate.ForeignMax = share
		if w.apply(); len(w.ran) != 0 {
			t.Fatalf("with foreign_max %v ran %v", share, w.ran)
		}
	}
	w = newWorld(t, study("a"))
	for p := w.plan(Options{}); p.Next >= 0; p = w.plan(Options{}) {
		if s := p.Steps[p.Next]; (p.Job.Contamination != nil) != (s.Kind == pipeline.StepMeasure && s.Variant == "a") {
			t.Errorf("%s: rule %+v", s.Address, p.Job.Contamination)
		}
		w.run(p)
	}
}

// Runs of pairs that were measured again are nowhere data.
func TestDiscardedRunsAreNoData(t *testing.T) {
	quiet, noisy := newWorld(t, study("a")), newWorld(t, study("a"))
	for _, w := range []*world{quiet, noisy} {
		w.cost["a"] = .8
		for p := w.plan(Options{}); p.Next >= 0; p = w.plan(Options{}) {
			w.run(p)
			if s := p.Steps[p.Next]; w == noisy && s.Kind == pipeline.StepMeasure {
				o := &w.records[s.Key].Outcome
				wild := o.Runs[len(o.Runs)-2:]
				for i := range wild {
					r := wild[i]
					r.Discarded, r.Metrics = "others", map[string]float64{"time": 1000 * float64(1+i)}
					o.Runs = append(o.Runs, r)
				}
			}
		}
	}
	a, b := quiet.plan(Options{}), noisy.plan(Options{})
	if *a.Experiments[0].Verdict.Effect != *b.Experiments[0].Verdict.Effect {
		t.Errorf("%+v\n%+v", a.Experiments[0].Verdict.Effect, b.Experiments[0].Verdict.Effect)
	}
	if len(a.Runs(&a.Experiments[0])) != len(b.Runs(&b.Experiments[0])) {
		t.Error("Plan.Runs gives discarded runs")
	}
	warned := strings.Join(b.Experiments[0].Verdict.Warnings, "\n")
	if !strings.Contains(warned, "1 of 21 pairs were disturbed and measured again, both runs of each; b, round 10: others") {
		t.Errorf("warnings: %s", warned)
	}
}

// What was given up is no verdict: it is ready to run, and says why it was given up.
func TestAnAttemptIsNoVerdict(t *testing.T) {
	w := newWorld(t, study("a"))
	w.facts.Attempts = func(pipeline.Key) []pipeline.Attempt { return []pipeline.Attempt{{Why: "environment: too busy"}} }
	for p := w.plan(Options{}); p.Next >= 0; p = w.plan(Options{}) {
		if s := p.Steps[p.Next]; s.Address == "001-a/measure/1" {
			if x := p.Experiments[0]; s.State != Ready || x.State != Ready || x.Verdict != nil || !strings.Contains(x.Why, "environment: too busy") {
				t.Errorf("step %s (%s), experiment %s (%s), verdict %v", s.State, s.Why, x.State, x.Why, x.Verdict)
			}
			return
		}
		w.run(p)
	}
	t.Fatal("the candidate was never to be measured")
}

// Restless runs get a longer cool-down in further rounds, which is in no key (workflow 3.5).
func TestRestlessRunsGetALongerCooldown(t *testing.T) {
	for _, c := range []struct {
		name           string
		maxCV          float64
		stated         time.Duration
		first, further time.Duration
	}{
		{"restless", .001, time.Second, time.Second, 2 * time.Second},
		{"steady", .10, time.Second, time.Second, time.Second},
		{"restless, none is set", .001, 0, 0, 0},
	} {
		s := study("a")
		s.Criteria.MaxCV, s.Environment.Cooldown = c.maxCV, c.stated
		w := newWorld(t, s)
		w.cost["a"] = .965 // in between: more looks are needed
		var got []time.Duration
		for p := w.plan(Options{}); p.Next >= 0; p = w.plan(Options{}) {
			if step := p.Steps[p.Next]; step.Kind == pipeline.StepMeasure && step.Variant == "a" {
				got = append(got, p.Job.Cooldown)
				if !strings.Contains(step.Manifest.String(), "cooldown "+c.stated.String()+"\n") {
					t.Errorf("%s: the manifest does not say what the Benchfile does:\n%s", c.name, step.Manifest)
				}
			}
			w.run(p)
		}
		if len(got) < 2 || got[0] != c.first || got[1] != c.further {
			t.Errorf("%s: cool-downs %v, want %v, then %v", c.name, got, c.first, c.further)
		}
	}
}

func TestDisturbed(t *testing.T) {
	rule := &pipeline.Contamination{Taken: .1}
	for _, c := range []struct {
		rule *pipeline.Contamination
		busy float64
		want string
	}{{nil, 1, ""}, {rule, .1, ""}, {rule, -1, ""}, {rule, .43, "43 % of the machine is in use (go on at or below 10.0 %)"}} {
		if got := Disturbed(c.rule, pipeline.Readings{Busy: c.busy}); got != c.want {
			t.Errorf("%v busy: %q, want %q", c.busy, got, c.want)
		}
	}
}

// What was given up twice since the baseline was measured has the baseline measured again first: once for two.
func TestTheBaselineIsMeasuredAgainWhenTheMachineIsNotWhatItWas(t *testing.T) {
	for _, c := range []struct {
		name     string
		foreign  float64
		attempts []time.Duration // after the baseline's first measurement
		want     string          // the step that is next
	}{
		{"given up once", 0, []time.Duration{1}, "001-a/measure/1"},
		{"given up twice", 0, []time.Duration{1, 2}, "baseline/measure/2"},
		{"given up twice, but once before it was measured", 0, []time.Duration{-1, 1}, "001-a/measure/1"},
		{"given up twice by a stated limit", .1, []time.Duration{1, 2}, "001-a/measure/1"},
	} {
		w := newWorld(t, study("a"))
		p := w.plan(Options{})
		for p.Steps[p.Next].Address != "001-a/measure/1" {
			w.run(p)
			p = w.plan(Options{})
		}
		w.study.Environment.Gate.ForeignMax = c.foreign
		key, measured := p.Steps[p.Next].Key, p.BaselineRecord().Finished
		w.facts.Attempts = func(k pipeline.Key) (out []pipeline.Attempt) {
			for _, d := range c.attempts {
				if k == key {
					out = append(out, pipeline.Attempt{At: measured.Add(d), Why: "environment: too busy"})
				}
			}
			return out
		}
		p = w.plan(Options{})
		if got := p.Steps[p.Next].Address; got != c.want {
			t.Errorf("%s: next is %s (%s), want %s", c.name, got, p.Steps[p.Next].Why, c.want)
		}
		if c.want == "baseline/measure/2" {
			w.run(p)
			w.records[p.Steps[p.Next].Key].Finished = measured.Add(time.Hour)
			if p = w.plan(Options{}); p.Steps[p.Next].Address != "001-a/measure/1" {
				t.Errorf("%s: after it comes %s", c.name, p.Steps[p.Next].Address)
			}
		}
	}
}
