package report_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/plan"
	"github.com/benchfile/bench/pipeline/report"
	"github.com/benchfile/bench/pipeline/report/reporttest"
)

func data(t *testing.T, in report.Input) []byte {
	t.Helper()
	r := report.Build(in)
	b, err := r.Data()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSameFactsSameBytes(t *testing.T) {
	first := data(t, reporttest.Full())
	for range 5 {
		if !bytes.Equal(data(t, reporttest.Full()), first) { // maps are filled anew and walked in another order
			t.Fatal("other bytes from the same facts")
		}
	}
	later := reporttest.Full()
	later.Facts.Now = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	if !bytes.Equal(data(t, later), first) {
		t.Error("the time is in the report")
	}
}

func TestBuildLeavesItsInputAlone(t *testing.T) {
	in := reporttest.Running()
	in.Facts.Environment.GPUs[0] = "GPU \x1b[31m"
	in.Facts.Environment.Tools["rust"] = "rustc \x1b[31m"
	in.Plan.Experiments[0].Verdict.Warnings = []string{"\x1b[31m"}
	in.Live.Interim = &pipeline.Effect{Note: "\x1b[31m"}
	in.Past[0].Learnings[0] = "\x1b[31m"
	before := everything(t, in)
	report.Build(in)
	if after := everything(t, in); before != after {
		t.Error("Build changed what it was given")
	}
}

func everything(t *testing.T, in report.Input) string {
	t.Helper()
	b, err := json.Marshal([]any{in.Plan, in.Facts.Environment, in.Facts.Inputs, in.Study.Inputs, in.Study.Hypotheses, in.Study.Metrics, in.Past, in.Live})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestOverview(t *testing.T) {
	for _, c := range []struct {
		name   string
		in     report.Input
		status string
		done   int
		total  int
		best   string
	}{
		{"nothing is known", reporttest.Empty(), report.Paused, 0, 0, ""},
		{"only a baseline", reporttest.BaselineOnly(), report.Complete, 0, 0, ""},
		{"something is left", reporttest.Full(), report.Paused, 10, 13, "012"},
		{"a step runs", reporttest.Running(), report.Running, 10, 13, "012"},
		{"the budget is spent", reporttest.Stopped(), report.Stopped, 10, 13, "012"},
	} {
		o := report.Build(c.in).Overview
		best := ""
		if o.Best != nil {
			best = o.Best.ID
		}
		if o.Status != c.status || o.Done != c.done || o.Total != c.total || best != c.best {
			t.Errorf("%s: %s %d/%d best %q, want %s %d/%d %q", c.name, o.Status, o.Done, o.Total, best, c.status, c.done, c.total, c.best)
		}
	}
	o := report.Build(reporttest.Full()).Overview
	if got := strings.Join(o.Kept, " "); got != "001 004" {
		t.Errorf("kept %q", got)
	}
	if o.Single.ID != "004" {
		t.Errorf("best single is %s", o.Single.ID)
	}
	if want := o.Best.Baseline * (1 + o.Best.Change); o.Best.Final != want {
		t.Errorf("final %v, want %v", o.Best.Final, want)
	}
}

func TestExperimentsByNumberWhateverTheirOrder(t *testing.T) {
	want := data(t, reporttest.Full())
	in := reporttest.Full()
	x := in.Plan.Experiments
	x[0], x[4], x[7], x[2] = x[4], x[0], x[2], x[7]
	got := report.Build(in)
	for i := range got.Experiments {
		if got.Experiments[i].Number != i+1 {
			t.Fatalf("%s at %d", got.Experiments[i].ID, i)
		}
	}
	if b, err := got.Data(); err != nil || !bytes.Equal(b, want) {
		t.Error("the report depends on the order of the plan's list")
	}
}

func TestStatuses(t *testing.T) {
	want := map[string]string{
		"001": "KEEP", "002": "DISCARD", "003": "FAILED", "004": "KEEP", "005": "MAYBE", "006": "DISCARD", "007": "INCONCLUSIVE",
		"008": "REJECT", "009": "KILL", "010": "RUNNING", "011": "SKIPPED", "012": "KEEP", "013": "PENDING",
	}
	r := report.Build(reporttest.Running())
	for _, x := range r.Experiments {
		if x.Status != want[x.ID] {
			t.Errorf("%s is %s, want %s", x.ID, x.Status, want[x.ID])
		}
		if x.Slower != (x.ID == "006") {
			t.Errorf("%s: a regression: %v", x.ID, x.Slower)
		}
	}
	if r.Live.Title != "Pool witness buffers" {
		t.Errorf("what runs is called %q", r.Live.Title)
	}
}

func TestChecksAreEvidence(t *testing.T) {
	r := report.Build(reporttest.Full())
	if got := r.Experiment("001").Correct(); got != "5/5" {
		t.Errorf("001: %s", got)
	}
	x := r.Experiment("008")
	if got := x.Correct(); got != "4/5" {
		t.Errorf("008: %s", got)
	}
	for _, c := range x.Checks {
		if wrong := c.Input == "large_state" && c.Name == "same stdout"; wrong == c.Passed {
			t.Errorf("%s on %s: passed %v, %s", c.Name, c.Input, c.Passed, c.Result)
		} else if wrong && c.Result != "differs at byte 132" {
			t.Errorf("got %q", c.Result)
		}
	}
}

func TestOutputsOfMeasuredRunsAreCompared(t *testing.T) {
	in := reporttest.Full()
	for i := range in.Plan.Steps {
		if s := &in.Plan.Steps[i]; s.Address == "001-mpt-hash-cache/measure/1" {
			for k := range s.Record.Outcome.Runs {
				if r := &s.Record.Outcome.Runs[k]; r.Arm == "candidate" && r.Round == 7 && r.Input == "typical" {
					r.Stdout = "other"
				}
			}
		}
	}
	r := report.Build(in)
	if got := r.Experiment("001").Correct(); got != "4/5" {
		t.Errorf("got %s", got)
	}
	if r.Overview.Distrust == "" {
		t.Error("a kept experiment whose measured output is wrong is trusted")
	}
}

func TestConflicts(t *testing.T) {
	r := report.Build(reporttest.Full())
	kinds := map[string]string{}
	for _, p := range r.Conflicts {
		kinds[p.A+" "+p.B] = p.Kind
		if p.A == "001" && p.B == "004" && strings.Join(p.Lines, " ") != "" {
			t.Errorf("001 and 004 change different lines, got %v", p.Lines)
		}
	}
	for pair, want := range map[string]string{"001 004": report.AddsUp, "002 004": report.Declared, "001 005": report.Untested, "001 002": ""} {
		if kinds[pair] != want {
			t.Errorf("%s: %q, want %q", pair, kinds[pair], want)
		}
	}

	for _, c := range []struct {
		change float64
		want   string
	}{{-.20, report.AddsUp}, {-.13, report.AddsUp}, {-.10, report.Partial}, {-.07, report.Conflict}, {.10, report.Conflict}} {
		in := reporttest.Full()
		e := &in.Plan.Experiments[11]
		e.Verdict.Effect.Change, e.Verdict.Effect.Lo, e.Verdict.Effect.Hi = c.change, c.change-.006, c.change+.006
		for _, p := range report.Build(in).Conflicts {
			if p.Together == "012" && p.Kind != c.want {
				t.Errorf("together %v: %s, want %s", c.change, p.Kind, c.want)
			}
		}
	}
}

func TestTrust(t *testing.T) {
	state := func(in report.Input, name string) string {
		for _, x := range report.Build(in).Trust {
			if x.Name == name {
				return map[bool]string{true: "ok ", false: "! "}[x.OK] + x.Value
			}
		}
		return "not shown"
	}
	for _, c := range []struct {
		name, want string
		change     func(*report.Input)
	}{
		{"outputs", "ok right for all kept", func(*report.Input) {}},
		{"outputs", "! not checked", func(in *report.Input) { in.Study.Check.None = "there is no reference" }},
		{"outputs", "! 004 is kept and was not checked", func(in *report.Input) { in.Plan.Experiments[3].Steps = in.Plan.Experiments[3].Steps[:1] }},
		{"governor", "! powersave", func(*report.Input) {}},
		{"inputs", "ok 5", func(*report.Input) {}},
		{"undisturbed", "ok 758/781 runs", func(*report.Input) {}},
		{"measured again", "not shown", func(*report.Input) {}},
		{"measured again", "ok 2/366 pairs", func(in *report.Input) { discard(in, 0, 2) }},
		{"measured again", "! 40/366 pairs", func(in *report.Input) { discard(in, 0, 40) }},
		{"undisturbed", "ok 754/777 runs", func(in *report.Input) { discard(in, 0, 2) }},
		{"starts at or below 50 °C", "ok 9/9", func(*report.Input) {}},
		{"starts at or below 40 °C", "! 0/9", func(in *report.Input) { in.Study.Environment.Gate.GPUTemperatureMax = 40 }},
	} {
		in := reporttest.Full()
		c.change(&in)
		if got := state(in, c.name); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	in := reporttest.Full()
	in.Study.Check.None = "there is no reference"
	r := report.Build(in)
	if r.Overview.Distrust == "" || len(r.Warnings) == 0 || !r.Warnings[0].Grave {
		t.Error("a study without a check is shown as if it had one")
	}
}

func TestRulesSetAsideAreShown(t *testing.T) {
	in := reporttest.Full()
	in.Study.SingleInput, in.Study.Baseline.RunsReason = "there is only one", "exact"
	var got []string
	for _, w := range report.Build(in).Warnings {
		if w.Rule {
			got = append(got, w.Text)
		}
	}
	if want := "fewer than two inputs: there is only one|the baseline has only 10 runs: exact"; strings.Join(got, "|") != want {
		t.Errorf("got %q", got)
	}
}

func TestResultAddsUp(t *testing.T) {
	e := report.Effect{Baseline: 100, Candidate: 70, Change: -.2}
	if e.Result() != 80 {
		t.Errorf("over all inputs %v", e.Result())
	}
	if e.Input = "a"; e.Result() != 70 {
		t.Errorf("on one input %v", e.Result())
	}
}

func TestBacklog(t *testing.T) {
	var got []string
	for _, n := range report.Build(reporttest.Stopped()).Backlog {
		got = append(got, n.Source+" "+n.ID)
	}
	want := "benchfile |benchfile |tracker |tracker |FAILED 003|MAYBE 005|INCONCLUSIVE 007|SKIPPED 010|SKIPPED 011|SKIPPED 013"
	if s := strings.Join(got, "|"); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
}

func TestNamesOfFilesAreSafeAndDistinct(t *testing.T) {
	in := reporttest.BaselineOnly()
	names := []string{"a", "A", "../../etc/passwd", "a/b", "a_b", "con:1", "", ".hidden", "-rf", strings.Repeat("x", 300), strings.Repeat("x", 301), "é", "è", "a\x00b"}
	in.Study.Inputs = nil
	for _, n := range names {
		in.Study.Inputs = append(in.Study.Inputs, pipeline.Input{Name: n, Weight: 1})
	}
	seen := map[string]string{}
	for i, x := range report.Build(in).Inputs {
		low := strings.ToLower(x.File)
		if other, ok := seen[low]; ok {
			t.Errorf("%q and %q are both %q", other, names[i], x.File)
		}
		seen[low] = names[i]
		if x.File == "" || len(x.File) > 100 || strings.ContainsAny(x.File, "/\\:\x00") || x.File[0] == '.' || x.File[0] == '-' {
			t.Errorf("%q becomes %q", names[i], x.File)
		}
	}
}

// discard labels pairs, from one on, of all that were measured, as made again.
func discard(in *report.Input, from, pairs int) {
	n := -1
	for i := range in.Plan.Steps {
		s := &in.Plan.Steps[i]
		if s.Kind != pipeline.StepMeasure || s.Record == nil || len(s.Record.Outcome.Runs) < 2 || s.Record.Outcome.Runs[1].Arm != "candidate" {
			continue
		}
		for k := 0; k+1 < len(s.Record.Outcome.Runs); k += 2 {
			if n++; n >= from && n < from+pairs {
				s.Record.Outcome.Runs[k].Discarded, s.Record.Outcome.Runs[k+1].Discarded = "others were busy", "others were busy"
			}
		}
	}
}

// A pair that was made again is shown with the reason, and in no sample.
func TestDiscardedRunsAreShownAndInNoSample(t *testing.T) {
	in := reporttest.Full()
	before := report.Build(in).Experiments[0]
	discard(&in, 0, 1)
	after := report.Build(in).Experiments[0]
	if len(after.Order) != len(before.Order) || after.Order[0].Discarded != "others were busy" || after.Order[1].Discarded == "" || after.Order[2].Discarded != "" {
		t.Errorf("%d runs, first %+v", len(after.Order), after.Order[0])
	}
	for i, s := range after.Samples {
		want := before.Samples[i].N
		if s.Input == after.Order[0].Input {
			want--
		}
		if s.N != want || len(s.Values) != want {
			t.Errorf("%s of %s on %s has %d values, want %d", s.Metric, s.Arm, s.Input, s.N, want)
		}
	}
}

func TestRunsThatFailedAreInNoSample(t *testing.T) {
	in := reporttest.BaselineOnly()
	for i := range in.Plan.Steps {
		s := &in.Plan.Steps[i]
		if s.Kind != pipeline.StepMeasure {
			continue
		}
		s.Record.Outcome.Runs[0].Exit = 1
		s.Record.Outcome.Runs[0].Metrics["time"] = 1e9
	}
	b := report.Build(in).Baseline
	if b.Runs != 9 {
		t.Errorf("the least number of runs is %d, want 9", b.Runs)
	}
	if v := b.Primary().Centre; v > 1000 {
		t.Errorf("a failed run is in the mean: %v", v)
	}
}

func TestCompleteNeedsEverythingDecided(t *testing.T) {
	in := reporttest.Full()
	in.Plan.Next = -1
	for i := range in.Plan.Steps {
		if s := &in.Plan.Steps[i]; s.Record == nil {
			s.State = plan.Skipped
		}
	}
	if s := report.Build(in).Overview.Status; s != report.Paused {
		t.Errorf("%s while 010 and 013 are pending", s)
	}
	for i := range in.Plan.Experiments {
		if e := &in.Plan.Experiments[i]; e.Verdict == nil {
			e.State = plan.Skipped
		}
	}
	if s := report.Build(in).Overview.Status; s != report.Complete {
		t.Errorf("%s when nothing is left", s)
	}
}
