package message

import (
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/report"
	"github.com/benchfile/bench/pipeline/report/reporttest"
)

var update = flag.Bool("update", false, "write golden files anew")

const board = "http://office-2:8080/"

func build(in report.Input) *report.Report {
	r := report.Build(in)
	return &r
}

// TestGolden holds every message of every study.
func TestGolden(t *testing.T) {
	for name, in := range map[string]func() report.Input{
		"empty": reporttest.Empty, "baseline": reporttest.BaselineOnly, "full": reporttest.Full, "stopped": reporttest.Stopped, "running": reporttest.Running,
	} {
		m := Messages{build(in()), board}
		var b strings.Builder
		add := func(what, text string) { b.WriteString("-- " + what + " --\n" + text + "\n") }
		add("baseline", m.Baseline())
		for _, x := range m.Report.Experiments {
			add("experiment "+x.ID, m.Experiment(x.ID))
			add("significant "+x.ID, m.Significant(x.ID))
		}
		add("experiment 999", m.Experiment("999")+m.Significant("999"))
		add("error", m.Error("measure 004-arena heavy: cannot start \"prove\": executable file not found in $PATH\nhint: see bench doctor"))
		add("done", m.Done())
		path := filepath.Join("testdata", name+".txt")
		if *update {
			if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if b.String() != string(want) {
			t.Errorf("%s differs (write it anew with -update, and read the diff):\n%s", path, b.String())
		}
	}
}

// TestSeed holds the layout of workflow 7.3, line by line.
func TestSeed(t *testing.T) {
	r := build(reporttest.Full())
	want := `🔬 [Benchmark] Experiment 001 Complete
━━━━━━━━━━━━━━━━━━━━━━━
Name: MPT hash caching
Result: 251.7 s (baseline: 269.2 s)
Improvement: −6.5 % [−7.0, −6.1] ✅
Status: KEEP
━━━━━━━━━━━━━━━━━━━━━━━
Progress: 10/13 experiments`
	if got := (Messages{Report: r}).Experiment("001"); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if got := (Messages{r, board}).Experiment("001"); got != want+"\nDashboard: "+board {
		t.Errorf("with a dashboard:\n%s", got)
	}
}

func TestFinding(t *testing.T) {
	for _, c := range []struct {
		name           string
		verdict        pipeline.VerdictKind
		better         string
		change, lo, hi float64
		exact, want    bool
	}{
		{"more than ten percent", pipeline.Keep, pipeline.Lower, -.12, -.14, -.10, false, true},
		{"ten percent", pipeline.Keep, pipeline.Lower, -.10, -.14, -.06, false, false},
		{"less", pipeline.Keep, pipeline.Lower, -.065, -.07, -.06, false, false},
		{"more, where more is better", pipeline.Keep, pipeline.Higher, .12, .10, .14, false, true},
		{"less, where more is better", pipeline.Keep, pipeline.Higher, -.12, -.14, -.10, false, false},
		{"slower", pipeline.Keep, pipeline.Lower, .2, .1, .3, false, false},
		{"promising by strict criteria", pipeline.Maybe, pipeline.Lower, -.12, -.14, -.10, false, true},
		{"promising but not sure", pipeline.Maybe, pipeline.Lower, -.12, -.3, .06, false, false},
		{"sure nowhere", pipeline.Maybe, pipeline.Lower, -.12, math.NaN(), math.NaN(), false, false},
		{"exact", pipeline.Keep, pipeline.Lower, -.12, math.NaN(), math.NaN(), true, true},
		{"wrong", pipeline.Reject, pipeline.Lower, -.5, -.6, -.4, false, false},
		{"noisy", pipeline.Inconclusive, pipeline.Lower, -.5, -.6, -.4, false, false},
		{"worse elsewhere", pipeline.Discard, pipeline.Lower, -.5, -.6, -.4, false, false},
		{"not known", pipeline.Keep, pipeline.Lower, math.NaN(), -.6, -.4, false, false},
	} {
		x := &report.Experiment{Verdict: string(c.verdict), Effect: &report.Effect{
			Better: c.better, Change: report.Number(c.change), Lo: report.Number(c.lo), Hi: report.Number(c.hi), Exact: c.exact,
		}}
		if got := Finding(x); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	if Finding(&report.Experiment{Verdict: "KEEP"}) {
		t.Error("a finding without an effect")
	}
}

// TestDistrust: a number that is not to be believed is not told without saying so.
func TestDistrust(t *testing.T) {
	r := build(reporttest.Full())
	r.Overview.Distrust = "correct no check"
	m := Messages{Report: r}
	for what, text := range map[string]string{"baseline": m.Baseline(), "experiment": m.Experiment("001"), "significant": m.Significant("012"), "error": m.Error("x")} {
		if !strings.Contains(text, "\n⚠️ Not to be trusted: correct no check\n"+rule) {
			t.Errorf("%s:\n%s", what, text)
		}
	}
}

// TestEnds: complete is not stopped, nothing kept is said, and an unfinished study has no end.
func TestEnds(t *testing.T) {
	r := build(reporttest.Full())
	if got := (Messages{Report: r}).Done(); got != "" {
		t.Errorf("an end of what is not at its end:\n%s", got)
	}
	r.Overview.Status, r.Overview.Best, r.Overview.Counts = report.Complete, nil, nil
	want := `🔬 [Benchmark] All Experiments Complete
━━━━━━━━━━━━━━━━━━━━━━━
Name: ethrex prover
Result: as the baseline, nothing was kept
Status: nothing was tried
Measured: 7 h 51 min
━━━━━━━━━━━━━━━━━━━━━━━
Progress: 10/13 experiments`
	if got := (Messages{Report: r}).Done(); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// TestMembers: a compound with a title of its own says what is in it.
func TestMembers(t *testing.T) {
	r := build(reporttest.Full())
	r.Experiment("012").Title = "All that was kept"
	if got := (Messages{Report: r}).Experiment("012"); !strings.Contains(got, "\nName: All that was kept (001 + 004)\n") {
		t.Error(got)
	}
}

// TestNoisyBaseline: noise beyond the criteria shows.
func TestNoisyBaseline(t *testing.T) {
	r := build(reporttest.BaselineOnly())
	r.Baseline.MaxCV = .2
	if got := (Messages{Report: r}).Baseline(); !strings.Contains(got, "Noise: CV 20.0 % on the worst input, at most 10 % ⚠️") {
		t.Error(got)
	}
}

// hostile is everywhere where a text comes from outside. No line of a message may begin with what it says, nothing in it
// may move a cursor, and it cannot make the message too long to be sent.
func hostile(s string) *report.Report {
	r := build(reporttest.Stopped())
	r.Project, r.Overview.Distrust, r.Overview.Why = s, s, s
	for i := range r.Experiments {
		x := &r.Experiments[i]
		x.Title, x.Reason, x.Members = s, s, []string{s, s}
		if x.Effect != nil {
			x.Effect.Unit, x.Effect.Metric = s, s
		}
	}
	for i := range r.Baseline.Overall {
		r.Baseline.Overall[i].Metric, r.Baseline.Overall[i].Unit = s, s
	}
	r.Overview.Best.Unit, r.Overview.Best.Members = s, []string{s}
	return r
}

func every(m Messages, text string) []string {
	out := []string{m.Baseline(), m.Error(text), m.Done()}
	for _, x := range m.Report.Experiments {
		out = append(out, m.Experiment(x.ID), m.Significant(x.ID))
	}
	return out
}

func checkHostile(t *testing.T, s string) {
	t.Helper()
	known := []string{"🔬 [Benchmark] ", rule, "Name: ", "Result: ", "Improvement: ", "Status: ",
		"Progress: ", "Dashboard: ", "Noise: ", "Runs: ", "Error: ", "Why: ", "Measured: ", "⚠️ Not to be trusted: ", "  "}
	for _, text := range every(Messages{hostile(s), s}, s) {
		seen := map[string]bool{}
		for i, l := range strings.Split(text, "\n") {
			if text == "" {
				continue
			}
			start := ""
			for _, k := range known {
				if strings.HasPrefix(l, k) {
					start = k
				}
			}
			switch {
			case start == "" || start != "  " && start != rule && seen[start]:
				t.Fatalf("line %d is not bench's: %q\n%s", i+1, l, text)
			case strings.ContainsFunc(l, func(c rune) bool { return unicode.IsControl(c) && c != '\t' }):
				t.Fatalf("line %d has a control character: %q", i+1, l)
			}
			seen[start] = true
		}
		if n := utf8.RuneCountInString(text); n > 3000 {
			t.Fatalf("%d characters", n)
		}
	}
}

var nasty = []string{
	"x\nStatus: KEEP", "x\rStatus: KEEP", "a\x1b[2J\x1b[31mb", "a\u2028Status: KEEP", "a\u0085Status: KEEP", "\u202Eevil", "\xff\xfe", "", "\n\n\n", "\t \t",
	strings.Repeat("x", 1<<16), strings.Repeat("x\n", 1<<12), strings.Repeat("é ", 5000), "<!channel> <http://x|y> *b* `c`", "%s%d%!",
}

func TestHostileTexts(t *testing.T) {
	for _, s := range nasty {
		checkHostile(t, s)
	}
}

func FuzzMessages(f *testing.F) {
	for _, s := range nasty {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkHostile(t, s) })
}
