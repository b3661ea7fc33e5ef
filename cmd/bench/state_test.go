package main

import (
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/engine"
	"github.com/benchfile/bench/pipeline/plan"
	"github.com/benchfile/bench/pipeline/report"
	"github.com/benchfile/bench/pipeline/store"
)

// writings are the states that a keeper wrote, and when.
type writings struct {
	at     []time.Time
	states []state
	fail   error
}

func (w *writings) put(b []byte) error {
	var s state
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	w.at, w.states = append(w.at, time.Now()), append(w.states, s)
	return w.fail
}

// measured is the beginning of a step of so many pairs.
func measured(pairs int) engine.Event {
	p := &plan.Plan{
		Steps:       []plan.Step{{Address: "001-a/measure/1", ID: "001-a", Kind: pipeline.StepMeasure}},
		Experiments: []plan.Experiment{{Variant: pipeline.Variant{Name: "a", Number: 1, Title: "An idea"}}}, Remaining: plan.Estimate{Least: time.Hour},
	}
	j := &pipeline.Job{Scratch: "/s/.bench/tmp/job-1", Arms: []pipeline.Arm{{Name: "baseline"}, {Name: "candidate"}}, Inputs: []string{"in"}}
	for r := range pairs {
		j.Visits = append(j.Visits, pipeline.Visit{Round: r + 1}, pipeline.Visit{Arm: 1, Round: r + 1})
	}
	study := &pipeline.Study{Metrics: []pipeline.Metric{{Name: "time", Unit: "s", Better: pipeline.Lower, Primary: true}}}
	return engine.Event{Kind: engine.EventStarted, Step: "001-a/measure/1", Plan: p, Job: j, Study: study, At: time.Now()}
}

// drive sends a keeper through a step whose runs take so long.
func drive(k *keeper, e engine.Event, each time.Duration) {
	k.event(e)
	for i, v := range e.Job.Visits {
		k.Started(i)
		time.Sleep(each)
		k.Finished(pipeline.Run{
			Seq: i, Arm: e.Job.Arms[v.Arm].Name, Input: "in", Round: v.Round,
			Metrics: map[string]float64{"time": []float64{1, .9}[v.Arm]},
		})
	}
	k.event(engine.Event{Kind: engine.EventRecorded, Step: e.Step})
}

func TestStateIsWrittenOnceASecondAndBetweenRuns(t *testing.T) {
	for _, each := range []time.Duration{time.Millisecond, 40 * time.Millisecond, 700 * time.Millisecond, 3 * time.Second} {
		t.Run(each.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &writings{}
				k := &keeper{dir: "/s/.bench", put: w.put, state: state{Schema: schemaVersion}}
				began := time.Now()
				for range 5 {
					drive(k, measured(100), each)
				}
				for i, at := range w.at[1:] {
					if at.Sub(w.at[i]) < stateEvery {
						t.Errorf("written %v after the last time", at.Sub(w.at[i]))
					}
				}
				// Between runs: at a multiple of their length. A step that begins soon after a writing may be told
				// while its first run is on, if that takes so long.
				during := 0
				for _, at := range w.at {
					if at.Sub(began)%each != 0 {
						during++
					}
				}
				if during > 0 && each < stateEvery || during > 5 {
					t.Errorf("written %d times while a run was on", during)
				}
				last := w.states[len(w.states)-1]
				if l := last.Live; l.Title != "An idea" || l.Total != 200 || l.Kind != "measure" || last.Logs != "tmp/job-1" {
					t.Errorf("the last state is %+v of %+v", l, last)
				}
				if l := last.Live; each > time.Second && (l.Done < 190 || l.Interim == nil || l.Interim.Change > -.09 || l.Interim.Rounds < 95) {
					t.Errorf("the last state is %+v", l)
				}
				k.end("done")
				if last = w.states[len(w.states)-1]; last.Ended != "done" || last.Live != nil || last.Logs != "" {
					t.Errorf("ended as %+v", last)
				}
			})
		})
	}
}

// A step that begins right after a writing and then says nothing for an hour is seen all the same.
func TestALongStepIsSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &writings{}
		k := &keeper{dir: "/s/.bench", put: w.put}
		k.event(measured(1))
		e := measured(1)
		e.Text = "building again"
		k.event(e)
		time.Sleep(2 * time.Second)
		synctest.Wait() // for the timer's own goroutine to have written
		if n := len(w.states); n != 2 || w.states[1].Live.Why != "building again" {
			t.Errorf("%d states", n)
		}
		k.end("interrupted")
		time.Sleep(time.Hour)
		synctest.Wait()
		if n := len(w.states); n != 3 {
			t.Errorf("%d states after the end", n)
		}
	})
}

func TestAStateThatCanNotBeWrittenStopsNothing(t *testing.T) {
	said := 0
	w := &writings{fail: errors.New("disk full")}
	k := &keeper{put: w.put, warn: func(error) { said++ }}
	drive(k, measured(3), 0)
	k.end("done")
	if said != 1 {
		t.Errorf("complained %d times", said)
	}
}

func TestNothingDoneNothingSaid(t *testing.T) {
	w := &writings{}
	k := &keeper{put: w.put}
	k.overview(report.Overview{})
	k.end("done")
	if len(w.states) > 0 {
		t.Errorf("wrote %+v", w.states)
	}
}

// Whether somebody is at work is asked of the kernel, not of the text.
func TestAStateWithoutAHolderIsInterrupted(t *testing.T) {
	dir := t.TempDir() + "/.bench"
	if st, err := readState(dir); st != nil || err != nil {
		t.Fatalf("before anything: %+v, %v", st, err)
	}
	l, err := store.LockRepo(dir, holder())
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(dir, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	k := &keeper{dir: dir, put: s.WriteState, state: state{Schema: schemaVersion}}
	k.event(measured(1))
	if st, err := readState(dir); err != nil || st.Ended != "" || st.Live.Phase != report.PhaseRun {
		t.Errorf("at work: %+v, %v", st, err)
	}
	l.Close()
	if st, err := readState(dir); err != nil || st.Ended != "interrupted" || st.Live.Phase != report.PhaseInterrupted {
		t.Errorf("gone: %+v, %v", st, err)
	}
	if err := forgetState(s); err != nil {
		t.Fatal(err)
	}
	if st, err := readState(dir); st != nil || err != nil {
		t.Errorf("forgotten: %+v, %v", st, err)
	}
	for _, text := range []string{"", "{", "null", `{"schema":99}`, `[]`, "\x00"} {
		if err := s.WriteState([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if st, err := readState(dir); st != nil || err != nil {
			t.Errorf("%q reads as %+v, %v", text, st, err)
		}
	}
	if err := s.WriteState([]byte(`{"schema":1,"live":{"step":"a\u001b[31m/b","log":"x\u202ey"},"ended":"done"}`)); err != nil {
		t.Fatal(err)
	}
	if st, err := readState(dir); err != nil || st.Live.Step != "a/b" || st.Live.Log != "xy" {
		t.Errorf("hostile texts read as %+v, %v", st.Live, err)
	}
}
