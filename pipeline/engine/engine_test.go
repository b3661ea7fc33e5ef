package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/store"
)

// ring is an engine over a world in which every run costs nothing: files and store are real.
type ring struct {
	*Engine
	t        *testing.T
	study    *pipeline.Study
	ran      []string
	asked    int                                          // surveys of the code
	during   map[string]func()                            // what happens while a step runs, by address
	ends     map[string]pipeline.Status                   // how a step ends
	says     func(pipeline.Job, int) string               // what a visit writes; nil: "the same"
	checkout func(ctx context.Context, tree string) error // what comes in between; nil: nothing
	edited   string                                       // what people did to the baseline's code
	load     float64
	busy     func() float64 // what the machine says when it is asked; nil: idle
	slept    time.Duration
	events   []Event
}

func newRing(t *testing.T) *ring {
	t.Helper()
	root := t.TempDir()
	st, err := store.Open(filepath.Join(root, ".bench"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	for _, in := range []string{"a.bin", "b.bin"} {
		write(t, filepath.Join(root, in), in)
	}
	r := &ring{t: t, during: map[string]func(){}, ends: map[string]pipeline.Status{}}
	r.study = &pipeline.Study{
		Name: "test", File: "benchfile.hcl",
		Build:      &pipeline.Build{Command: pipeline.Command{Argv: []string{"make"}}, Outputs: []string{"prog"}},
		Measure:    pipeline.Measure{Executor: "process", Commands: []pipeline.Command{{Argv: []string{"./prog"}}, {Argv: []string{"./prog"}}}, Runs: 10, MaxRuns: 10},
		Baseline:   pipeline.BaselineSpec{Runs: 10},
		Check:      pipeline.Check{SameOutput: []string{"stdout"}},
		Metrics:    []pipeline.Metric{{Name: "time", Unit: "s", Better: pipeline.Lower, Primary: true}},
		Inputs:     []pipeline.Input{{Name: "a", Path: "a.bin", Weight: 1}, {Name: "b", Path: "b.bin", Weight: 1}},
		Hypotheses: []pipeline.Hypothesis{{Name: "fast", Number: 1, Patch: "fast.patch"}},
		Criteria:   pipeline.Criteria{Keep: .05, Maybe: .02, Alpha: .05, MaxCV: .1, InputRegression: .05, Timeout: 1.1},
	}
	write(t, filepath.Join(root, "fast.patch"), "a patch")
	r.Engine = &Engine{
		World: World{Load: func() (*pipeline.Study, error) { return r.study, nil }, Code: r, Machine: r, Executor: r},
		Store: st, Root: root, Host: "test", Now: time.Now,
		Sleep: func(_ context.Context, d time.Duration) error { r.slept += d; return nil },
		Tell:  func(e Event) { r.events = append(r.events, e) },
	}
	return r
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Version control: trees are names.
func (r *ring) Baseline(context.Context, pipeline.BaselineSpec, []string) (pipeline.VariantFact, pipeline.CodeFact, error) {
	r.asked++
	return pipeline.VariantFact{Tree: "tree-of-baseline" + r.edited}, pipeline.CodeFact{Commit: "c0ffee"}, nil
}

func (r *ring) Apply(_ context.Context, c []pipeline.Change) (pipeline.VariantFact, error) {
	return pipeline.VariantFact{Tree: "tree-of-" + c[0].Hypothesis}, nil
}

func (r *ring) Checkout(ctx context.Context, tree, dir string, fresh bool) (Checkout, error) {
	if r.checkout != nil {
		if err := r.checkout(ctx, tree); err != nil {
			return Checkout{}, err
		}
	}
	if fresh {
		os.RemoveAll(dir)
	}
	source := filepath.Join(dir, "main.c")
	if _, err := os.Stat(source); err != nil {
		write(r.t, source, tree)
	}
	return Checkout{Dir: dir, Tracked: []string{source}}, nil
}

// The machine.
func (r *ring) Survey(context.Context, *pipeline.Study) (Machinery, error) {
	return Machinery{Environment: pipeline.Environment{CPU: "test", Cores: 2}, Env: []string{"PATH=/bin"}}, nil
}

func (r *ring) Program(name string, _ []string) (string, error) { return "", errors.New("none") }

func (r *ring) Environment(context.Context) (pipeline.Environment, error) {
	return pipeline.Environment{}, nil
}

func (r *ring) Readings(context.Context) (pipeline.Readings, error) {
	out := pipeline.Readings{Load: r.load, MemoryFree: -1}
	if r.busy != nil {
		out.Busy = r.busy()
	}
	return out, nil
}

// Run makes up what a job yields: the candidate is a fifth faster.
func (r *ring) Run(_ context.Context, j pipeline.Job, _ pipeline.Sink) (pipeline.Outcome, error) {
	r.ran = append(r.ran, j.Step)
	o := pipeline.Outcome{Status: pipeline.StatusOK, Elapsed: time.Millisecond}
	if f := r.during[j.Step]; f != nil {
		f()
	}
	if s := r.ends[j.Step]; s != "" {
		o.Status, o.Reason = s, "made to"
		if s == pipeline.StatusEnvironment {
			o.Runs = []pipeline.Run{{Arm: "candidate", Stdout: "gone", Discarded: "others"}}
			o.Others = []pipeline.Process{{PID: 42, Name: "cc1plus", CPU: .61}, {PID: 7, Name: "cp", CPU: .1}}
		}
		return o, nil
	}
	if j.Kind == pipeline.StepBuild {
		source, err := os.ReadFile(filepath.Join(j.Arms[0].Dir, "main.c"))
		if err != nil {
			return o, err
		}
		write(r.t, filepath.Join(j.Arms[0].Dir, "prog"), "built of "+string(source))
	}
	for n, v := range j.Visits {
		t := 1 + 0.002*math.Sin(float64(n*n))
		if j.Arms[v.Arm].Name == "candidate" {
			t *= .8
		}
		out := filepath.Join(j.Scratch, fmt.Sprint(n))
		text := "the same\n"
		if r.says != nil {
			text = r.says(j, n)
		}
		write(r.t, out, text)
		o.Runs = append(o.Runs, pipeline.Run{
			Seq: n, Arm: j.Arms[v.Arm].Name, Input: j.Inputs[v.Input], Round: v.Round, Warmup: v.Warmup, Stdout: out,
			Metrics: map[string]float64{"time": t},
		})
	}
	return o, nil
}

func (r *ring) apply() (Result, error) {
	r.t.Helper()
	return r.Apply0(Options{Limit: -1})
}

// Apply0 is Engine.Apply; the name keeps it apart from the version control's Apply.
func (r *ring) Apply0(o Options) (Result, error) { return r.Engine.Apply(context.Background(), o) }

func TestApplyRunsEachStepOnceAndThenNothing(t *testing.T) {
	r := newRing(t)
	res, err := r.apply()
	if err != nil {
		t.Fatal(err)
	}
	if v := res.Plan.Experiments[0].Verdict; v == nil || v.Kind != pipeline.Keep {
		t.Fatalf("verdict %+v", v)
	}
	want := "baseline/build baseline/check/a baseline/check/b baseline/measure/1 001-fast/build 001-fast/check/a 001-fast/check/b 001-fast/measure/1"
	if got := strings.Join(r.ran, " "); got != want {
		t.Errorf("ran %s\nwant %s", got, want)
	}
	r.ran = nil
	if res, err = r.apply(); err != nil || res.Ran != 0 || len(r.ran) != 0 {
		t.Errorf("a second apply ran %v, %v", r.ran, err)
	}
	// Another process, another memory: the disk knows.
	again := &Engine{World: r.World, Store: r.Store, Root: r.Root, Now: time.Now, Sleep: r.Sleep}
	if res, err := again.Apply(context.Background(), Options{Limit: -1}); err != nil || res.Ran != 0 {
		t.Errorf("another process ran %d steps, %v", res.Ran, err)
	}
}

// Whatever changes underneath makes the run void: it is thrown away, told, and run again.
func TestARunUnderWhichSomethingChangedIsVoid(t *testing.T) {
	tests := []struct {
		name, step string
		change     func(r *ring)
		says       string
	}{
		{"an input", "001-fast/measure/1", func(r *ring) { write(r.t, filepath.Join(r.Root, "a.bin"), "other") }, "an input changed"},
		{"an input, same size and time", "001-fast/measure/1", func(r *ring) {
			p := filepath.Join(r.Root, "a.bin")
			st, _ := os.Stat(p)
			write(r.t, p, "A.BIN")
			os.Chtimes(p, st.ModTime(), st.ModTime())
		}, "an input changed"},
		{"the Benchfile's command", "001-fast/measure/1", func(r *ring) { r.study.Measure.Commands[0].Argv = []string{"./prog", "-x"} }, "called differently"},
		{"the patch", "001-fast/measure/1", func(r *ring) {
			write(r.t, filepath.Join(r.Root, "fast.patch"), "another patch")
			r.study.Hypotheses[0].Env = map[string]string{"X": "1"}
		}, "X is new: 1"},
		{"a file of the worktree", "001-fast/measure/1", func(r *ring) {
			found, _ := filepath.Glob(filepath.Join(r.Store.Dir(), "work", "*", "main.c"))
			write(r.t, found[0], "edited")
		}, "main.c changed during the run"},
		{"what was built", "001-fast/measure/1", func(r *ring) {
			found, _ := filepath.Glob(filepath.Join(r.Store.Dir(), "work", "*", "prog"))
			write(r.t, found[0], "edited")
		}, "prog changed during the run"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRing(t)
			once := false
			r.during[tt.step] = func() {
				if !once {
					once = true
					tt.change(r)
				}
			}
			if _, err := r.apply(); err != nil {
				t.Fatal(err)
			}
			var void []string
			for _, e := range r.events {
				if e.Kind == EventVoid {
					void = append(void, e.Text)
				}
			}
			if len(void) != 1 || !strings.Contains(void[0], tt.says) {
				t.Errorf("void: %q, want one that says %q", void, tt.says)
			}
			n := 0
			for _, s := range r.ran {
				if s == tt.step {
					n++
				}
			}
			if n < 2 {
				t.Errorf("%s ran %d times", tt.step, n)
			}
		})
	}
}

// What judging needs is no part of what was measured: an edit of a threshold or a description voids nothing.
func TestAnEditOfWordsVoidsNothing(t *testing.T) {
	r := newRing(t)
	r.during["001-fast/measure/1"] = func() {
		r.study.Criteria.Keep, r.study.Hypotheses[0].Description, r.study.Inputs[0].Weight = .1, "more words", 3
	}
	if _, err := r.apply(); err != nil {
		t.Fatal(err)
	}
	for _, e := range r.events {
		if e.Kind == EventVoid {
			t.Errorf("void: %s", e.Text)
		}
	}
}

func TestAStepThatIsVoidTwiceEndsTheSession(t *testing.T) {
	r := newRing(t)
	n := 0
	r.during["baseline/check/a"] = func() {
		n++
		write(r.t, filepath.Join(r.Root, "a.bin"), fmt.Sprint("edit", n))
	}
	_, err := r.apply()
	var void *VoidError
	if !errors.As(err, &void) || n != 2 {
		t.Errorf("after %d runs: %v", n, err)
	}
}

// An interrupted step leaves nothing; what was recorded before it stays.
func TestInterruptedStepsRunFromScratch(t *testing.T) {
	r := newRing(t)
	r.ends["001-fast/measure/1"] = pipeline.StatusInterrupted
	res, err := r.apply()
	if err != nil || !res.Interrupted {
		t.Fatalf("interrupted %v, %v", res.Interrupted, err)
	}
	r.ends, r.ran = map[string]pipeline.Status{}, nil
	if _, err := r.apply(); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(r.ran, " "); got != "001-fast/measure/1" {
		t.Errorf("then ran %s", got)
	}
}

func TestAskedToStopItFinishesTheStep(t *testing.T) {
	r := newRing(t)
	r.Stop = func() bool { return len(r.ran) >= 3 }
	res, err := r.apply()
	if err != nil || !res.Interrupted || len(r.ran) != 3 || res.Ran != 3 {
		t.Errorf("ran %v, recorded %d, %v", r.ran, res.Ran, err)
	}
}

// A failure is an outcome: it is recorded and not tried again.
func TestFailuresAreRecorded(t *testing.T) {
	r := newRing(t)
	r.ends["001-fast/build"] = pipeline.StatusFailed
	res, err := r.apply()
	if err != nil || res.Plan.Experiments[0].Verdict.Kind != pipeline.Failed {
		t.Fatalf("%+v, %v", res.Plan.Experiments[0].Verdict, err)
	}
	n := len(r.ran)
	if _, err := r.apply(); err != nil || len(r.ran) != n {
		t.Errorf("the failed build ran again: %v, %v", r.ran[n:], err)
	}
}

// Recorded before decided: with a store that takes no action, there is no verdict.
func TestNoVerdictWithoutARecord(t *testing.T) {
	r := newRing(t)
	r.during["001-fast/measure/1"] = func() { os.Chmod(filepath.Join(r.Store.Dir(), "actions"), 0) }
	defer os.Chmod(filepath.Join(r.Store.Dir(), "actions"), 0o755)
	broken := errors.New("no disk")
	r.Locked = func(step string) error {
		if step == "001-fast/measure/1" {
			return broken
		}
		return nil
	}
	_, err := r.apply()
	if !errors.Is(err, broken) {
		t.Fatalf("%v", err)
	}
	for _, e := range r.events {
		if e.Kind == EventVerdict {
			t.Errorf("a verdict was told: %+v", e.Experiment.Verdict)
		}
	}
}

func TestTheGateWaitsAndGivesUp(t *testing.T) {
	r := newRing(t)
	r.study.Environment.Gate = pipeline.Gate{LoadMax: 1, Wait: 10 * time.Second}
	r.load = 5
	_, err := r.apply()
	var unfit *UnfitError
	if !errors.As(err, &unfit) || r.slept != 10*time.Second {
		t.Errorf("slept %v, %v", r.slept, err)
	}
	if !strings.Contains(err.Error(), "load 5.00") {
		t.Errorf("%v does not say why", err)
	}
	for _, s := range r.ran {
		if strings.Contains(s, "measure") {
			t.Errorf("%s ran behind a closed gate", s)
		}
	}
}

func TestCooldownComesBetweenMeasurements(t *testing.T) {
	r := newRing(t)
	r.study.Environment.Cooldown = time.Minute
	if _, err := r.apply(); err != nil {
		t.Fatal(err)
	}
	if r.slept != 2*time.Minute { // before the baseline's measurement and before the candidate's
		t.Errorf("slept %v", r.slept)
	}
}

// A lost worktree costs a restore, not a measurement; a lost record costs the step.
func TestWhatIsLostIsMadeAgain(t *testing.T) {
	r := newRing(t)
	if _, err := r.apply(); err != nil {
		t.Fatal(err)
	}
	os.RemoveAll(filepath.Join(r.Store.Dir(), "work"))
	r.ran = nil
	r.study.Measure.Warmup = 1 // another measurement, of what was built before
	if _, err := r.apply(); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(r.ran, " "); got != "baseline/measure/1 001-fast/measure/1" {
		t.Errorf("ran %s", got)
	}
}

func TestADamagedRecordIsAMiss(t *testing.T) {
	r := newRing(t)
	res, err := r.apply()
	if err != nil {
		t.Fatal(err)
	}
	last := res.Plan.Steps[len(res.Plan.Steps)-1]
	p := filepath.Join(r.Store.Dir(), "actions", string(last.Key[:2]), string(last.Key)+".json")
	b, err := os.ReadFile(p)
	if err != nil {
		t.Fatal(err)
	}
	os.Chmod(p, 0o644)
	write(t, p, strings.Replace(string(b), "0.8", "0.1", 1))
	other := *r.Engine
	other.memory, r.ran = nil, nil
	st, err := other.Apply(context.Background(), Options{Limit: -1})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(r.ran, " "); got != last.Address {
		t.Errorf("ran %q, want %q (warnings %v)", got, last.Address, st.Plan.Warnings)
	}
}

func TestAChangeToAnInputIsRefused(t *testing.T) {
	s := &pipeline.Study{Inputs: []pipeline.Input{{Name: "a", Path: "in/a.bin"}}}
	f := guarded(s, pipeline.Variant{}, pipeline.VariantFact{Files: []pipeline.FileChange{{Path: "in/a.bin"}}})
	if !strings.Contains(f.Error, `the input "a"`) {
		t.Errorf("got %q", f.Error)
	}
	f = guarded(s, pipeline.Variant{}, pipeline.VariantFact{Files: []pipeline.FileChange{{Path: "in/a.bin.go"}}})
	if f.Error != "" {
		t.Errorf("a neighbour is refused: %q", f.Error)
	}
}

// A measurement that was disturbed too much is no result: it is told, kept beside the journal, and made anew when the machine
// is quiet.
func TestADisturbedMeasurementIsMadeAnew(t *testing.T) {
	r := newRing(t)
	const step = "001-fast/measure/1"
	r.ends[step] = pipeline.StatusEnvironment
	r.during[step] = func() {
		if strings.Count(strings.Join(r.ran, " "), step) > 1 {
			delete(r.ends, step)
		}
	}
	readings := []float64{.9, .9, .3, .04} // the first is of the time in which bench itself was at work
	r.busy = func() float64 {
		if len(readings) > 1 && r.ends[step] != "" && strings.Contains(strings.Join(r.ran, " "), step) {
			now := readings[0]
			readings = readings[1:]
			return now
		}
		return .04
	}
	res, err := r.apply()
	if err != nil || res.Plan.Experiments[0].Verdict == nil || res.Plan.Experiments[0].Verdict.Kind != pipeline.Keep {
		t.Fatalf("%+v, %v", res.Plan.Experiments[0].Verdict, err)
	}
	if n := strings.Count(strings.Join(r.ran, " "), step); n != 2 || r.slept != 6*time.Second {
		t.Errorf("%s ran %d times after waiting %v", step, n, r.slept)
	}
	var kinds []string
	for _, e := range r.events {
		if e.Step == step || e.Kind == EventWaiting {
			kinds = append(kinds, string(e.Kind))
		}
	}
	if got := strings.Join(kinds, " "); got != "started environment waiting waiting started recorded" {
		t.Errorf("told %s", got)
	}
	lines, _, err := r.Store.Events()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		var x entry
		if json.Unmarshal(line, &x) != nil || x.Event != "environment" {
			continue
		}
		b, err := r.Store.Blob(x.Attempt)
		if err != nil || x.Why != "made to; in the background: cc1plus (pid 42, 61 % of a CPU), cp (pid 7, 10 % of a CPU)" || x.Runs != 1 || !strings.Contains(string(b), `"discarded":"others"`) || strings.Contains(string(b), "gone") {
			t.Errorf("%s keeps %s, %v", line, b, err)
		}
		return
	}
	t.Error("the journal does not tell of it")
}

// Twice in a row ends the session: the machine is not fit. A later apply goes on from there, and finds no verdict.
func TestAMachineThatIsDisturbedTwiceIsUnfit(t *testing.T) {
	for name, then := range map[string]string{
		"quiet in between": "baseline/measure/2 001-fast/measure/1", // given up twice: this is another machine than the baseline's
		"never quiet":      "001-fast/measure/1",
	} {
		busy := 0.0
		if name == "never quiet" {
			busy = 1
		}
		r := newRing(t)
		const step = "001-fast/measure/1"
		r.ends[step] = pipeline.StatusEnvironment
		r.study.Environment.Gate.Wait = 10 * time.Second
		published := ""
		r.Publish = func(st State) error { published = st.Note; return nil }
		r.busy = func() float64 {
			if strings.Contains(strings.Join(r.ran, " "), step) {
				return busy
			}
			return 0
		}
		res, err := r.apply()
		var unfit *UnfitError
		if !errors.As(err, &unfit) || published != "unfit" {
			t.Fatalf("%s: %v, published %q", name, err, published)
		}
		if n := strings.Count(strings.Join(r.ran, " "), step); n != 2-int(busy) {
			t.Errorf("%s: %s ran %d times", name, step, n)
		}
		if x := res.Plan.Experiments[0]; x.Verdict != nil || !strings.Contains(x.Why, "given up the last time: made to") {
			t.Errorf("%s: verdict %v, %s", name, x.Verdict, x.Why)
		}
		again := &Engine{World: r.World, Store: r.Store, Root: r.Root, Now: time.Now, Sleep: r.Sleep}
		if st, err := again.Survey(context.Background(), Options{}); err != nil || !strings.HasPrefix(then, st.Plan.Steps[st.Plan.Next].Address) ||
			!strings.Contains(st.Plan.Experiments[0].Why, "made to") {
			t.Errorf("%s: another process: %+v, %v", name, st.Plan.Experiments[0].Why, err)
		}
		r.ends, r.ran, r.busy = map[string]pipeline.Status{}, nil, nil
		if res, err := again.Apply(context.Background(), Options{Limit: -1}); err != nil || res.Plan.Experiments[0].Verdict.Kind != pipeline.Keep || strings.Join(r.ran, " ") != then {
			t.Errorf("%s: then ran %v, %v", name, r.ran, err)
		}
	}
}

// flip damages one byte of a blob in place.
func flip(t *testing.T, r *ring, sum string) {
	t.Helper()
	p := filepath.Join(r.Store.Dir(), "blobs", sum[:2], sum)
	b, err := os.ReadFile(p)
	if err != nil {
		t.Fatal(err)
	}
	b[0] ^= 1
	if err := errors.Join(os.Chmod(p, 0o644), os.WriteFile(p, b, 0o444)); err != nil {
		t.Fatal(err)
	}
}

// A damaged blob of a finished study is a miss with a reason: in one call the step that made it runs again, nothing else
// does, and the verdict is there as before.
func TestADamagedBlobHealsInOneCall(t *testing.T) {
	built := func(o *pipeline.Outcome) string { return o.Artifacts["prog"].Sum }
	stdout := func(o *pipeline.Outcome) string { return o.Runs[0].Stdout }
	tests := []struct {
		name, step string
		ran        string // "": the step
		sum        func(*pipeline.Outcome) string
	}{
		{"what the baseline's build left", "baseline/build", "", built},
		{"what a candidate's build left", "001-fast/build", "", built},
		{"an output that was compared, which is one with the baseline's", "001-fast/check/b", "baseline/check/b", stdout},
		{"a profile", "001-fast/profile/a", "", func(o *pipeline.Outcome) string { return o.Artifacts["profile"].Sum }},
		{"a generated input", "inputs/a", "", func(o *pipeline.Outcome) string { return o.Artifacts["a.bin"].Sum }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRing(t)
			r.study.Profile = &pipeline.Profile{Commands: r.study.Measure.Commands, Format: "text"}
			r.study.Inputs[0].Generate = &pipeline.Command{Argv: []string{"gen"}}
			r.says = func(j pipeline.Job, n int) string {
				if j.Kind == pipeline.StepCheck || j.Kind == pipeline.StepMeasure {
					return fmt.Sprint("the same on ", j.Visits[n].Input)
				}
				return fmt.Sprint(j.Step)
			}
			before, err := r.apply()
			if err != nil {
				t.Fatal(err)
			}
			flip(t, r, tt.sum(&record(t, &before, tt.step).Outcome))
			other := *r.Engine
			other.memory, r.ran = nil, nil
			res, err := other.Apply(context.Background(), Options{Limit: -1})
			if err != nil {
				t.Fatal(err)
			}
			if tt.ran == "" {
				tt.ran = tt.step
			}
			if got := strings.Join(r.ran, " "); got != tt.ran {
				t.Errorf("ran %q, want %q", got, tt.ran)
			}
			if a, b := before.Plan.Experiments[0].Verdict, res.Plan.Experiments[0].Verdict; a == nil || b == nil || a.Reason != b.Reason {
				t.Errorf("the verdict was %+v and is %+v", a, b)
			}
			if res, err := r.apply(); err != nil || res.Ran != 0 {
				t.Errorf("then %d steps ran, %v", res.Ran, err)
			}
		})
	}
}

// record is that of a step of a finished study.
func record(t *testing.T, res *Result, address string) *pipeline.Record {
	t.Helper()
	for _, s := range res.Plan.Steps {
		if s.Address == address && s.Record != nil {
			return s.Record
		}
	}
	t.Fatalf("%s is not recorded", address)
	return nil
}

// What is damaged after this process has read it is found when it is needed: the same call builds it again and goes on.
func TestABlobThatIsDamagedMeanwhileHealsInTheSameCall(t *testing.T) {
	for _, how := range []string{"damaged", "gone"} {
		t.Run(how, func(t *testing.T) {
			r := newRing(t)
			r.during["001-fast/check/b"] = func() {
				delete(r.during, "001-fast/check/b")
				base := filepath.Join(r.Store.Dir(), "work", r.base())
				b, _ := os.ReadFile(base + ".built")
				rec, _ := r.recorded(pipeline.Key(b))
				flip(t, r, rec.Outcome.Artifacts["prog"].Sum)
				os.RemoveAll(base)
				os.Remove(base + ".built")
				if how == "gone" {
					os.RemoveAll(filepath.Join(r.Store.Dir(), "blobs", rec.Outcome.Artifacts["prog"].Sum[:2]))
				}
			}
			res, err := r.apply()
			if err != nil {
				t.Fatal(err)
			}
			if v := res.Plan.Experiments[0].Verdict; v == nil || v.Kind != pipeline.Keep {
				t.Errorf("verdict %+v", v)
			}
			want := "baseline/build baseline/check/a baseline/check/b baseline/measure/1 001-fast/build 001-fast/check/a 001-fast/check/b baseline/build 001-fast/measure/1"
			if got := strings.Join(r.ran, " "); got != want {
				t.Errorf("ran  %s\nwant %s", got, want)
			}
		})
	}
}

// base is the name of the baseline's folder.
func (r *ring) base() string {
	found, _ := filepath.Glob(filepath.Join(r.Store.Dir(), "work", "*", "main.c"))
	for _, f := range found {
		if b, _ := os.ReadFile(f); string(b) == "tree-of-baseline" {
			return filepath.Base(filepath.Dir(f))
		}
	}
	r.t.Fatal("no folder of the baseline")
	return ""
}

// A disk that loses what was just written, or a step that deletes it, ends the session instead of turning it in a circle.
func TestAStoreThatLosesEverythingEndsTheSession(t *testing.T) {
	r := newRing(t)
	r.during["baseline/check/a"] = func() {
		os.RemoveAll(filepath.Join(r.Store.Dir(), "blobs"))
		os.RemoveAll(filepath.Join(r.Store.Dir(), "work"))
	}
	if _, err := r.apply(); !errors.Is(err, store.ErrMissing) {
		t.Errorf("got %v after %v", err, r.ran)
	}
}

// A file that changes with every step ends the session and is named; one that is edited now and then does not.
func TestACodeThatChangesWithEveryStepEndsTheSession(t *testing.T) {
	for edits, ends := range map[int]bool{2: false, 100: true} {
		r := newRing(t)
		r.World.Changed = func(context.Context, string, string) ([]string, error) { return []string{"log.txt"}, nil }
		tell := r.Tell
		r.Tell = func(e Event) {
			if tell(e); e.Kind == EventRecorded && len(r.edited) < edits {
				r.edited += "x"
			}
		}
		_, err := r.apply()
		if got := err != nil; got != ends || ends && (!strings.Contains(err.Error(), "log.txt changed after each of the last 3 steps") || len(r.ran) != 3) {
			t.Errorf("%d edits: %v after %v", edits, err, r.ran)
		}
	}
}

// A second Ctrl-C that ends git, and not a run, is an interruption all the same.
func TestACancelledCheckoutIsAnInterruption(t *testing.T) {
	r := newRing(t)
	ctx, cancel := context.WithCancel(context.Background())
	r.checkout = func(ctx context.Context, tree string) error {
		if tree == "tree-of-fast" {
			cancel()
			return fmt.Errorf("git worktree: %w", ctx.Err())
		}
		return nil
	}
	res, err := r.Engine.Apply(ctx, Options{Limit: -1})
	if err != nil || !res.Interrupted || res.Ran != 4 {
		t.Errorf("ran %d, interrupted %v, %v", res.Ran, res.Interrupted, err)
	}
}
