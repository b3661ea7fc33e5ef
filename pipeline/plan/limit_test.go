package plan

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/benchfile/bench/pipeline"
)

// A candidate that never ends is stopped soon after the baseline would have been done, also where the Benchfile sets no
// timeout; the steps of the world take the baseline one second unless elapsed says otherwise.
func TestACandidatesStepIsLimitedByTheBaselinesOwn(t *testing.T) {
	profiled := func(w *world) {
		w.study.Profile = &pipeline.Profile{Commands: w.study.Measure.Commands, Format: "text"}
	}
	command := func(w *world) {
		w.study.Check.Commands, w.study.Check.PerInput = w.study.Measure.Commands, true
	}
	tests := []struct {
		name, step string
		set        func(*world)
		want       time.Duration
	}{
		{"the baseline's own build", "baseline/build", nil, time.Hour},
		{"the baseline's own check", "baseline/check/a", nil, time.Hour},
		{"a build", "001-a/build", nil, time.Minute},
		{"a check", "001-a/check/b", command, time.Minute},
		{"a check that only compares output", "001-a/check/b", nil, 16 * time.Second},
		{"a profile", "001-a/profile/a", profiled, time.Minute},
		{"ten times the baseline's, rounded up", "001-a/build", func(w *world) { w.elapsed["baseline/build"] = 13 * time.Second }, 4 * time.Minute},
		{"of the same input", "001-a/check/b", func(w *world) { w.elapsed["baseline/check/a"] = time.Hour }, 16 * time.Second},
		{"as the Benchfile says", "001-a/build", func(w *world) { w.study.Build.Timeout = 7 * time.Second }, 7 * time.Second},
		{"a check that only compares output, as a measured run", "001-a/check/a", func(w *world) { w.study.Measure.Timeout = 3 * time.Second }, 3 * time.Second},
		{"unless the check says otherwise", "001-a/check/a", func(w *world) {
			w.study.Measure.Timeout, w.study.Check.Timeout = 3*time.Second, 9*time.Second
		}, 9 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, study("a"))
			w.cost["a"] = .8
			if tt.set != nil {
				tt.set(w)
			}
			p := w.plan(Options{})
			for p.Next >= 0 && p.Job.Step != tt.step {
				w.run(p)
				p = w.plan(Options{})
			}
			if p.Next < 0 {
				t.Fatalf("%s never ran: %v", tt.step, w.ran)
			}
			v := p.Job.Visits[0]
			if got := p.Job.Limits[v.Input]; got != tt.want {
				t.Errorf("limit %v, want %v", got, tt.want)
			}
		})
	}
}

// A limit is in no key. What was cut off runs again only when it may take longer now.
func TestWhatWasCutOffRunsAgainWhenItMayTakeLonger(t *testing.T) {
	tests := []struct {
		name   string
		change func(*world)
		again  bool
	}{
		{"nothing", func(*world) {}, false},
		{"a shorter limit", func(w *world) { w.study.Build.Timeout = 30 * time.Second }, false},
		{"a longer limit", func(w *world) { w.study.Build.Timeout = 2 * time.Minute }, true},
		{"a slower baseline", func(w *world) {
			for _, r := range w.records {
				r.Outcome.Elapsed = 20 * time.Second
			}
		}, true},
		{"a hardly slower baseline", func(w *world) {
			for _, r := range w.records {
				r.Outcome.Elapsed = 5 * time.Second
			}
		}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, study("a"))
			w.cut["001-a/build"] = true
			if p := w.apply(); verdict(p, "a") != "FAILED" {
				t.Fatalf("a build that never ends is %s", verdict(p, "a"))
			}
			w.ran = nil
			tt.change(w)
			p := w.plan(Options{})
			if again := p.Next >= 0; again != tt.again {
				t.Fatalf("runs again: %v, want %v", again, tt.again)
			}
			if tt.again && !strings.HasPrefix(p.Steps[p.Next].Why, "it was ended after 1m0s and may take ") {
				t.Errorf("why: %s", p.Steps[p.Next].Why)
			}
			// It ends again at the new limit, or by itself; either way that is that.
			w.apply()
			n := len(w.ran)
			if w.apply(); len(w.ran) != n || tt.again != slices.Contains(w.ran, "001-a/build") {
				t.Errorf("ran %v", w.ran)
			}
		})
	}
}

// One slow run in some thousand is the machine's, so that it takes two; the Benchfile's own word is meant as it stands.
func TestOneOverrunEndsNoCandidateUnlessTheBenchfileSaysSo(t *testing.T) {
	for timeout, want := range map[time.Duration]int{0: overruns, time.Hour: 0} {
		w := newWorld(t, study("a"))
		w.study.Measure.Timeout = timeout
		p := w.plan(Options{})
		for ; p.Next >= 0 && p.Job.Step != "001-a/measure/1"; p = w.plan(Options{}) {
			if p.Job.Overruns != 0 {
				t.Errorf("%s may overrun", p.Job.Step)
			}
			w.run(p)
		}
		if p.Job.Overruns != want {
			t.Errorf("with a timeout of %v it takes %d overruns, want %d", timeout, p.Job.Overruns, want)
		}
	}
}
