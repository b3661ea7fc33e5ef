package plan

import (
	"strings"
	"testing"

	"github.com/benchfile/bench/pipeline"
)

// calibrate carries out what bench calibrate asks for.
func (w *world) calibrate() *Plan {
	for range 1000 {
		p := w.plan(Options{Calibrate: true})
		if p.Next < 0 {
			return p
		}
		w.run(p)
	}
	w.t.Fatal("calibrating never ends")
	return nil
}

// sound is a world in which the bad candidates are what they are.
func sound(t *testing.T, s *pipeline.Study) *world {
	w := newWorld(t, s)
	w.cost["calibrate/slow"] = 2
	w.output["calibrate/wrong"] = ""
	return w
}

func TestCalibrationIsASelfTestAndNoExperiment(t *testing.T) {
	w := sound(t, study("a"))
	p := w.calibrate()
	want := "baseline/build baseline/check/a baseline/check/b baseline/measure/1 calibrate/same/measure/1 calibrate/wrong/check/a calibrate/slow/measure/1"
	if got := strings.Join(w.ran, " "); got != want {
		t.Errorf("ran %s\nwant %s", got, want)
	}
	c := p.Calibration
	if c == nil || c.Rounds != 20 || !c.Zero || !(c.Floor > 0 && c.Floor < .005) || len(c.Inputs) != 2 || c.Stale != "" {
		t.Fatalf("calibration %+v", c)
	}
	for _, trip := range c.Trips {
		if !trip.Done || !trip.Seen {
			t.Errorf("%s: %+v", trip.Name, trip)
		}
	}
	if a, b := c.Sees(10), c.Sees(40); !(a > b && b > 0 && a < .02) {
		t.Errorf("ten rounds see %v, forty %v", a, b)
	}
	// Any other plan shows it, and nothing of it is among its steps.
	other := w.plan(Options{})
	if other.Calibration == nil || strings.Contains(addresses(other.Steps), "calibrate/") || len(other.Experiments) != 1 {
		t.Errorf("another plan: %+v, %s", other.Calibration, addresses(other.Steps))
	}
	w.ran = nil
	if w.calibrate(); len(w.ran) != 0 {
		t.Errorf("a second calibration ran %v", w.ran)
	}
}

// Both arms of the comparison have the same program, in folders of their own with names of one length.
func TestTheBaselineIsComparedInASecondFolder(t *testing.T) {
	w := sound(t, study("a"))
	for range 100 {
		p := w.plan(Options{Calibrate: true})
		if p.Steps[p.Next].Address != "calibrate/same/measure/1" {
			w.run(p)
			continue
		}
		a, b := p.Work[0], p.Work[1]
		if a.ID == b.ID || len(a.ID) != len(b.ID) || a.Tree != b.Tree || a.Build != b.Build {
			t.Errorf("folders %+v and %+v", a, b)
		}
		return
	}
	t.Fatal("never compared")
}

func TestACalibrationGoesStale(t *testing.T) {
	w := sound(t, study("a"))
	w.calibrate()
	w.facts.Environment.CPU = "another"
	if c := w.plan(Options{}).Calibration; c == nil || !strings.HasPrefix(c.Stale, "the baseline is not built yet") {
		t.Errorf("before the build: %+v", c)
	}
	w.run(w.plan(Options{}))
	if c := w.plan(Options{}).Calibration; c == nil || !strings.HasPrefix(c.Stale, "another machine: machine.cpu test → another") {
		t.Errorf("after it: %+v", c)
	}
}

func TestTripWiresThatNothingTrips(t *testing.T) {
	tests := []struct {
		name   string
		change func(w *world)
		trip   int // 0 slow, 1 wrong
		done   bool
		got    string
	}{
		{"a check that passes everything", func(w *world) { delete(w.output, "calibrate/wrong") }, 1, true, "lets it pass"},
		{"no check", func(w *world) { w.study.Check = pipeline.Check{None: "no output"} }, 1, false, "there is no check"},
		{"a check of something else", func(w *world) {
			w.study.Build = nil
			w.study.Check = pipeline.Check{Commands: []pipeline.Command{{Argv: []string{"test.sh"}}, {Argv: []string{"test.sh"}}}}
		}, 1, false, "a program that bench does not build"},
		{"a check that was built itself", func(w *world) {
			w.study.Check = pipeline.Check{Commands: []pipeline.Command{{Argv: []string{"./prog"}}, {Argv: []string{"./prog"}}}}
		}, 1, false, "a program that bench does not build"},
		{"twice is not slower", func(w *world) { w.cost["calibrate/slow"] = 1 }, 0, true, "DISCARD"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := sound(t, study("a"))
			tt.change(w)
			trip := w.calibrate().Calibration.Trips[tt.trip]
			if trip.Seen || trip.Done != tt.done || !strings.Contains(trip.Got, tt.got) {
				t.Errorf("got %+v, want %q", trip, tt.got)
			}
		})
	}
}

func TestTheImpostorTakesThePlaceOfWhatWasBuilt(t *testing.T) {
	w := sound(t, study("a"))
	for range 100 {
		p := w.plan(Options{Calibrate: true})
		if p.Steps[p.Next].Address != "calibrate/wrong/check/a" {
			w.run(p)
			continue
		}
		if sum := p.Work[0].Artifacts["prog"].Sum; sum != ImpostorSum() || p.Job.Arms[0].Commands[0].Argv[0] != "true" {
			t.Errorf("%s in place of the program, %v in place of the command", sum, p.Job.Arms[0].Commands[0].Argv)
		}
		return
	}
	t.Fatal("never tried")
}

func TestThresholdsBelowTheFloorAreWarnedOf(t *testing.T) {
	w := sound(t, study("a"))
	w.calibrate()
	if p := w.plan(Options{}); len(p.Warnings) != 0 {
		t.Errorf("warnings %+v", p.Warnings)
	}
	w.study.Criteria.Maybe = .001
	p := w.plan(Options{})
	if len(p.Warnings) != 1 || !strings.HasPrefix(p.Warnings[0].Text, "maybe = 0.1 % cannot be told apart") || !strings.Contains(p.Warnings[0].Help, "rounds (max_runs) would do") {
		t.Errorf("warnings %+v", p.Warnings)
	}
	h := &w.study.Hypotheses[0]
	for _, tt := range []struct {
		lo, hi float64
		text   string
		want   string
	}{
		{0, 0, "", "no expectation is stated"},
		{.2, .4, "20-40%", "expects 20-40%: fine"},
		{.0005, .001, "0.1%", "expects 0.1%: cannot be seen: 20 rounds see "},
	} {
		h.Expect = pipeline.Expect{Text: tt.text, Lo: tt.lo, Hi: tt.hi}
		if got := Visible(w.study, p.Calibration.Calibration, h); !strings.HasPrefix(got, tt.want) {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}
