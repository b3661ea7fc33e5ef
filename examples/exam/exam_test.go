package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/benchfile/bench/pipeline"
)

var (
	full = flag.Bool("exam.full", false, "the whole exam: every scenario with real processes, thousands of simulated sessions")
	reps = flag.Int("exam.reps", 3, "how often the whole exam goes through each scenario")
	only = flag.String("exam.only", "", "the whole exam goes only through scenarios whose name contains this")
)

// bench is the path of the binary, built once.
var bench string

func TestMain(m *testing.M) {
	os.Exit(withBench(m))
}

func withBench(m *testing.M) int {
	dir, err := os.MkdirTemp("", "bench-exam-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	bench = filepath.Join(dir, "bench")
	if out, err := exec.Command("go", "build", "-o", bench, "../../cmd/bench").CombinedOutput(); err != nil {
		os.Stderr.Write(out)
		return 1
	}
	return m.Run()
}

// TestExam puts the real bench, from Benchfile to verdict, through sessions whose truth is known. By default it goes
// through scenarios that no machine is too busy for; -exam.full goes through all of them, several times, and holds the
// share of wrong verdicts to what bench promises.
func TestExam(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds and measures programs for half a minute")
	}
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	if !*full {
		var m marks
		for _, s := range certain() {
			m.note(t, s, sit(t, s, 1, 1))
		}
		t.Logf("\n%s", m.matrix())
		for _, x := range m.results {
			if x.mark() != "right" {
				t.Errorf("%s is %s (%s), want %s", x.scenario.name, x.Kind, x.Reason, words(x.scenario.right))
			}
		}
		return
	}
	var m marks
	for _, s := range scenarios() {
		for rep := range *reps {
			if strings.Contains(s.name, *only) {
				m.note(t, s, sit(t, s, uint64(rep+1), 5))
			}
		}
	}
	fmt.Printf("\n%s", m.matrix())
	m.hold(t)
}

// truth is what is the matter with the candidate.
type truth struct {
	name    string
	effects []float64 // of light, hash, heavy and typical; a single one is that of all
	weights []float64 // nil: all alike
	fault   string
	right   []pipeline.VerdictKind // verdicts that are right
	wrong   []pipeline.VerdictKind // verdicts that are errors. What is in neither is a miss, which noise excuses
}

// scenario is a truth under a noise.
type scenario struct {
	truth
	noise string
	cv    float64
}

const (
	keep, maybe, discard = pipeline.Keep, pipeline.Maybe, pipeline.Discard
	kill, reject, failed = pipeline.Kill, pipeline.Reject, pipeline.Failed
	inconclusive         = pipeline.Inconclusive
)

type kinds = []pipeline.VerdictKind

func same() truth {
	return truth{name: "same", effects: []float64{0}, right: kinds{discard}, wrong: kinds{keep, kill, reject, failed}}
}

func all(name string, effect float64, right, wrong kinds) truth {
	return truth{name: name, effects: []float64{effect}, right: right, wrong: wrong}
}

// faulty candidates would be a fifth faster, so that numbers alone would keep them.
func faulty(fault string, right ...pipeline.VerdictKind) scenario {
	return scenario{truth{name: fault, effects: []float64{-.2}, fault: fault, right: right, wrong: kinds{keep, maybe, discard}}, "normal", .03}
}

// certain are the scenarios whose verdict even a busy machine does not change.
func certain() []scenario {
	return []scenario{
		{truth{name: "same", effects: []float64{0}, right: kinds{discard, inconclusive, maybe}, wrong: kinds{keep}}, "normal", .03},
		{all("half", -.5, kinds{keep}, nil), "stolen", .03},
		{all("slower60", .6, kinds{kill, discard}, nil), "normal", .03},
		faulty("wrong", reject),
		faulty("crash", failed),
		faulty("hang", kill),
	}
}

// scenarios are all of the exam.
func scenarios() []scenario {
	var out []scenario
	for _, noise := range modelNames() {
		out = append(out, scenario{same(), noise, .03}, scenario{all("faster8", -.08, kinds{keep}, kinds{discard, reject, kill}), noise, .03})
	}
	for _, noise := range []string{"drift", "step", "stolen", "two-speeds"} {
		out = append(out,
			scenario{all("faster1", -.01, kinds{discard}, kinds{keep}), noise, .03},
			scenario{all("faster35", -.035, kinds{maybe}, kinds{discard, kill}), noise, .03},
			scenario{all("slower3", .03, kinds{discard}, kinds{keep, maybe}), noise, .03})
	}
	honest := kinds{keep, maybe, inconclusive} // nobody can tell 8 % from 2 % with twenty such pairs every time
	for _, noise := range []string{"mixed", "normal", "stolen"} {
		quiet := same()
		quiet.right = kinds{discard, inconclusive}
		out = append(out, scenario{quiet, noise, .1}, scenario{all("faster8", -.08, honest, kinds{discard, kill}), noise, .1},
			scenario{all("faster20", -.2, kinds{keep}, kinds{discard, kill}), noise, .1})
	}
	return append(out,
		scenario{all("slower8", .08, kinds{discard}, kinds{keep, maybe, inconclusive}), "mixed", .03},
		scenario{all("slower30", .3, kinds{kill, discard}, kinds{keep, maybe}), "normal", .03},
		scenario{all("edge5", -.05, kinds{keep, maybe}, kinds{discard, inconclusive}), "normal", .01},
		scenario{all("garbage", 0, kinds{inconclusive, discard}, kinds{keep, maybe}), "normal", .3},
		scenario{truth{name: "one-input-worse", effects: []float64{-.12, -.12, -.12, .08}, right: kinds{discard}, wrong: kinds{keep}}, "normal", .03},
		scenario{truth{name: "one-input-as-before", effects: []float64{-.12, -.12, -.12, .01}, right: kinds{keep}, wrong: kinds{discard}}, "normal", .01},
		scenario{truth{name: "weights", effects: []float64{-.12, .02, .02, .02}, weights: []float64{9, .33, .33, .34}, right: kinds{keep}, wrong: kinds{discard}}, "normal", .01},
		faulty("wrong", reject), faulty("flaky", reject), faulty("crash", failed), faulty("hang", kill))
}

func inputs() []string { return []string{"light", "hash", "heavy", "typical"} }

// milliseconds that the inputs take.
func milliseconds() []float64 { return []float64{12, 20, 28, 16} }

func (s scenario) effect(input int) float64 {
	if len(s.effects) == 1 {
		return s.effects[0]
	}
	return s.effects[input]
}

func (s scenario) weight(input int) float64 {
	if s.weights == nil {
		return 1
	}
	return s.weights[input]
}

// change is the true effect over all inputs: the weighted mean of logarithms.
func (s scenario) change() float64 {
	var sum, weights float64
	for i := range inputs() {
		sum += s.weight(i) * math.Log1p(s.effect(i))
		weights += s.weight(i)
	}
	return math.Expm1(sum / weights)
}

// vars are the variables of the Benchfile.
func (s scenario) vars(log string, seed uint64, scale float64) []string {
	table := func(of func(int) float64) string {
		var rows []string
		for i, name := range inputs() {
			rows = append(rows, fmt.Sprintf("%s = %v", name, of(i)))
		}
		return "{" + strings.Join(rows, ", ") + "}"
	}
	values := []string{"log=" + log, "noise=" + s.noise, "cv=" + fmt.Sprint(s.cv), "seed=" + strconv.FormatUint(seed, 10),
		"effects=" + table(s.effect), "weights=" + table(s.weight),
		"work=" + table(func(i int) float64 { return scale * milliseconds()[i] })}
	if s.fault != "" {
		values = append(values, "fault="+s.fault)
	}
	var out []string
	for _, v := range values {
		out = append(out, "--var", v)
	}
	return out
}

// result is what came of a session.
type result struct {
	scenario scenario
	Kind     pipeline.VerdictKind
	Rule     string
	Reason   string
	Rounds   int
	Effect   *pipeline.Effect
	audit    []string // what was wrong with the way in which it was measured
}

// mark is "right", "wrong", or "missed".
func (x result) mark() string {
	switch {
	case slices.Contains(x.scenario.right, x.Kind):
		return "right"
	case slices.Contains(x.scenario.wrong, x.Kind):
		return "wrong"
	}
	return "missed"
}

// sit puts bench through one session, in a repository of its own.
func sit(t *testing.T, s scenario, seed uint64, scale float64) result {
	t.Helper()
	dir := t.TempDir()
	log := filepath.Join(dir, "runs.log")
	repo := filepath.Join(dir, "study")
	if err := os.Mkdir(repo, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"benchfile.hcl", "main.go", "noise.go"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(repo, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	command(t, repo, "git", "init", "-q")
	command(t, repo, "git", "add", "-A")
	command(t, repo, "git", "-c", "user.name=exam", "-c", "user.email=exam@example.com", "commit", "-q", "-m", "the exam")
	// Whoever else measures on this machine may take a while.
	args := append([]string{"apply", "--auto-approve", "--json", "--lock-timeout=10m"}, s.vars(log, seed, scale)...)
	x := verdictOf(t, command(t, repo, bench, args...))
	x.scenario = s
	runs, err := readLog(log)
	if err != nil {
		t.Fatal(err)
	}
	x.audit = audit(runs, x.Rounds)
	return x
}

// verdictOf reads the candidate's verdict from apply --json. A KEEP is measured once more after it, on fresh samples, and
// that verdict is another experiment's.
func verdictOf(t *testing.T, out string) result {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(out), "\n")
	var last struct {
		Data struct {
			Experiments []struct{ Verdict *result }
		}
	}
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil {
		t.Fatalf("the last line is no summary: %v\n%s", err, out)
	}
	if len(last.Data.Experiments) == 0 || last.Data.Experiments[0].Verdict == nil {
		t.Fatalf("there is no verdict:\n%s", out)
	}
	return *last.Data.Experiments[0].Verdict
}

// command runs a command that has to succeed and returns its stdout. The user's own git settings and bench variables stay
// out of it.
func command(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "BENCH_") && !strings.HasPrefix(kv, "GIT_") {
			cmd.Env = append(cmd.Env, kv)
		}
	}
	cmd.Env = append(cmd.Env, "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s%s", filepath.Base(name), strings.Join(args, " "), err, stdout.String(), stderr.String())
	}
	return stdout.String()
}

func words(ks kinds) string {
	var out []string
	for _, k := range ks {
		out = append(out, string(k))
	}
	return strings.Join(out, " or ")
}
