package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/judge"
	"github.com/benchfile/bench/pipeline/plan"
)

// The statuses of experiments that are not decided; decided ones carry their verdict's name.
const (
	StatusRunning = "RUNNING"
	StatusPending = "PENDING"
	StatusSkipped = "SKIPPED"
)

// Experiment is a hypothesis or a compound held against the baseline.
type Experiment struct {
	ID          string   `json:"id"`   // "001"
	Slug        string   `json:"slug"` // "001-mpt-hash-cache", safe as a file name
	Name        string   `json:"name"`
	Title       string   `json:"title"`
	Number      int      `json:"number"`
	Compound    bool     `json:"compound,omitempty"`
	Members     []string `json:"members,omitempty"` // numbers, of a compound
	Priority    string   `json:"priority,omitempty"`
	Expect      string   `json:"expect,omitempty"`
	ExpectLo    Number   `json:"expect_low"` // improvement, a fraction
	ExpectHi    Number   `json:"expect_high"`
	Visible     string   `json:"detectable,omitempty"` // whether what it expects can be seen here
	Risk        string   `json:"risk,omitempty"`
	Description string   `json:"description,omitempty"` // Markdown
	Conflicts   []string `json:"conflicts,omitempty"`   // numbers, as declared
	At          string   `json:"at,omitempty"`

	Status   string   `json:"status"`            // a verdict, or RUNNING, PENDING, SKIPPED
	Verdict  string   `json:"verdict,omitempty"` // "" while undecided
	Slower   bool     `json:"regression,omitempty"`
	Rule     string   `json:"rule,omitempty"`
	Reason   string   `json:"reason"`
	Detail   string   `json:"detail,omitempty"`
	Rules    []Rule   `json:"rules"`
	Working  *Working `json:"working,omitempty"` // how the effect was computed, to be done again by hand
	Warnings []string `json:"warnings,omitempty"`
	// Sentinel says how the baseline beside it stands to the baseline's own measurement.
	Sentinel *judge.Shift `json:"sentinel,omitempty"`
	Q        Number       `json:"q"`                  // p of "gains no more than the MAYBE threshold", adjusted for all measured experiments
	QOf      int          `json:"q_of,omitempty"`     // of how many
	Confirms string       `json:"confirms,omitempty"` // the experiment that it measures once more
	Rounds   int          `json:"rounds"`
	NeedRuns int          `json:"need_rounds,omitempty"`

	Effect    *Effect  `json:"effect"` // primary metric over all inputs; so far, when undecided
	Interim   bool     `json:"interim,omitempty"`
	Inputs    []Effect `json:"effects"`
	Secondary []Effect `json:"secondary,omitempty"`
	Expected  Number   `json:"expected"` // of a compound: product of its members' ratios − 1
	Samples   []Sample `json:"samples,omitempty"`
	Order     []Run    `json:"-"` // every run in the order it happened; in results.json
	Heat      []Heat   `json:"-"` // of its measurements
	Checks    []Check  `json:"correctness,omitempty"`
	Identical bool     `json:"identical,omitempty"` // built the same bytes as the baseline
	Change    Change   `json:"patch"`
	Profile   *Profile `json:"profile"`
	Steps     []Step   `json:"steps"`
	SpentS    Number   `json:"elapsed_s"`
	Commands  []string `json:"commands"` // for each input, how it was measured
	Env       []string `json:"env,omitempty"`
	Log       string   `json:"log,omitempty"` // the last lines of a failed step
	LogOf     string   `json:"log_of,omitempty"`
}

// Rule is one line of the decision table as it was applied.
type Rule struct {
	Name    string `json:"name"`
	Need    string `json:"need"`
	Got     string `json:"got"`
	Pass    bool   `json:"pass"`
	Decided bool   `json:"decided"`
}

// Working is how the primary effect was computed: a table and the sentences that go with it.
type Working struct {
	Head []string   `json:"head"`
	Rows [][]string `json:"rows"`
	Text []string   `json:"text"`
}

// Effect compares candidate and baseline in one metric. Changes are fractions of the baseline.
type Effect struct {
	Metric     string `json:"metric"`
	Unit       string `json:"unit"`
	Better     string `json:"better"`
	Input      string `json:"input"` // "" = weighted over all inputs
	Baseline   Number `json:"baseline"`
	Candidate  Number `json:"candidate"`
	Change     Number `json:"delta"`
	Lo         Number `json:"ci_low"`
	Hi         Number `json:"ci_high"`
	P          Number `json:"p"`
	Confidence Number `json:"confidence"`
	Rounds     int    `json:"n"`
	Exact      bool   `json:"exact,omitempty"`
	CV         Number `json:"cv"`
	Note       string `json:"note,omitempty"`
}

// Improvement is the change with the sign turned so that positive is better.
func (e Effect) Improvement() float64 {
	if e.Better == pipeline.Higher {
		return float64(e.Change)
	}
	return -float64(e.Change)
}

// Result is the candidate's value that belongs to the change. Over all inputs that is the baseline × (1 + change): the
// change is a weighted geometric mean of the inputs' changes, which the ratio of two weighted arithmetic means is not,
// and two numbers that do not add up help nobody.
func (e Effect) Result() Number {
	if e.Input == "" && e.Change.Known() {
		return e.Baseline * (1 + e.Change)
	}
	return e.Candidate
}

// PText is the p-value of what was estimated; what is exact has none.
func (e Effect) PText() string {
	if e.Exact {
		return "–"
	}
	return PText(e.P)
}

// Change is what a variant does to the code.
type Change struct {
	Source  string       `json:"source"` // "patch patches/001.patch", "branch perf/arena", "environment", …
	Tree    string       `json:"tree,omitempty"`
	Files   []FileChange `json:"files"`
	Added   int          `json:"added"`
	Removed int          `json:"removed"`
	Text    string       `json:"-" clean:"-"` // the patch itself, byte for byte
}

// FileChange is a file that a change touches.
type FileChange struct {
	Path    string `json:"path"`
	Added   int    `json:"added"`
	Removed int    `json:"removed"`
}

// Step is a unit of work as it stands.
type Step struct {
	Address string `json:"address"`
	Kind    string `json:"kind"`
	Input   string `json:"input,omitempty"`
	State   string `json:"state"`
	Why     string `json:"why,omitempty"`
	Key     string `json:"key,omitempty"`
	Rounds  int    `json:"rounds,omitempty"`
	SpentS  Number `json:"elapsed_s"`
	LeftS   Number `json:"estimate_s"`
	Started string `json:"started_at,omitempty"`
	Tail    string `json:"-"` // the last lines of what it wrote
	Runs    int    `json:"-"`
}

func (b *builder) experiment(e *plan.Experiment) Experiment {
	v := &e.Variant
	x := Experiment{
		ID: id(v.Number), Slug: b.slug(v), Name: v.Name, Title: v.Title, Number: v.Number,
		Compound: e.Hypothesis == nil, At: v.At.String(), Reason: e.Why,
		ExpectLo: None(), ExpectHi: None(), Expected: None(), Q: None(), Confirms: e.Confirms,
		Identical: e.Identical, Change: change(e), Rules: []Rule{}, Inputs: []Effect{},
	}
	if x.Title == "" {
		x.Title = v.Name
	}
	if h := e.Hypothesis; h != nil {
		x.Priority, x.Expect, x.Risk, x.Description = h.Priority, h.Expect.Text, h.Risk, h.Description
		if h.Expect.Lo != 0 || h.Expect.Hi != 0 {
			x.ExpectLo, x.ExpectHi = Number(h.Expect.Lo), Number(h.Expect.Hi)
		}
		x.Conflicts = b.numbers(h.Conflicts)
		x.Visible = b.visible(e)
	} else {
		x.Members = b.numbers(v.Members)
		for i := range b.in.Study.Compounds {
			if c := &b.in.Study.Compounds[i]; c.Name == v.Compound {
				x.Description = c.Description
			}
		}
	}
	if e.Expected != nil {
		x.Expected = Number(*e.Expected)
	}
	x.Status = b.status(e)
	b.judged(&x, e)
	x.Order, x.Heat = b.runs(e), b.heat(e)
	x.Samples = b.samples(x.Order)
	x.Checks = b.checks(e)
	x.Profile = b.profile(e)
	x.Steps, x.SpentS = b.steps(e)
	x.Commands, x.Env = commands(v)
	b.log(&x, e)
	return x
}

// judged takes over what the judge found.
func (b *builder) judged(x *Experiment, e *plan.Experiment) {
	if e.Interim != nil {
		x.Effect, x.Interim = effect(e.Interim), true
	}
	v := e.Verdict
	if v == nil {
		return
	}
	x.Verdict, x.Rule, x.Reason, x.Detail = string(v.Kind), v.Rule, v.Reason, tail(v.Detail, detailLines)
	x.Warnings, x.Rounds, x.NeedRuns, x.Interim = slices.Clone(v.Warnings), v.Rounds, v.NeedRounds, false
	for _, r := range v.Rules {
		x.Rules = append(x.Rules, Rule(r))
	}
	if w, ok := judge.Work(v, plan.Looks(b.in.Study.Measure)); ok {
		x.Working = (*Working)(&w)
	}
	x.Effect = nil
	if v.Effect != nil {
		x.Effect = effect(v.Effect)
		x.Slower = v.Kind == pipeline.Discard && worse(v.Effect)
	}
	if v.Q != nil {
		x.Q, x.QOf = Number(*v.Q), v.QOf
	}
	if e.Sentinel != nil {
		shift := *e.Sentinel
		x.Sentinel = &shift
	}
	for i := range v.Inputs {
		x.Inputs = append(x.Inputs, *effect(&v.Inputs[i]))
	}
	for i := range v.Secondary {
		x.Secondary = append(x.Secondary, *effect(&v.Secondary[i]))
	}
}

// worse says whether the whole interval lies on the bad side.
func worse(e *pipeline.Effect) bool {
	if e.Better == pipeline.Higher {
		return e.Hi < 0
	}
	return e.Lo > 0
}

func (b *builder) status(e *plan.Experiment) string {
	switch {
	case e.Verdict != nil:
		return string(e.Verdict.Kind)
	case b.live != nil && b.live.ID == e.Variant.ID():
		return StatusRunning
	case e.State == plan.Skipped:
		return StatusSkipped
	}
	return StatusPending
}

func effect(e *pipeline.Effect) *Effect {
	return &Effect{
		Metric: e.Metric, Unit: e.Unit, Better: e.Better, Input: e.Input,
		Baseline: Number(e.Baseline), Candidate: Number(e.Candidate),
		Change: Number(e.Change), Lo: Number(e.Lo), Hi: Number(e.Hi), P: Number(e.P),
		Confidence: Number(e.Confidence), Rounds: e.Rounds, Exact: e.Exact, CV: Number(e.CV), Note: e.Note,
	}
}

func change(e *plan.Experiment) Change {
	c := Change{Tree: e.Fact.Tree, Text: e.Fact.Patch, Files: []FileChange{}}
	for _, f := range e.Fact.Files {
		c.Files = append(c.Files, FileChange(f))
		c.Added += f.Added
		c.Removed += f.Removed
	}
	var from []string
	for _, ch := range e.Variant.Changes {
		switch {
		case ch.Patch != "":
			from = append(from, "patch "+ch.Patch)
		case ch.Branch != "":
			from = append(from, "branch "+ch.Branch)
		case ch.Commit != "":
			from = append(from, "commit "+ch.Commit)
		}
	}
	if h := e.Hypothesis; h != nil {
		if len(h.Env) > 0 {
			from = append(from, "environment")
		}
		if h.Args != nil {
			from = append(from, "arguments")
		}
		if h.Commands != nil {
			from = append(from, "command")
		}
	}
	c.Source = strings.Join(from, ", ")
	return c
}

func (b *builder) steps(e *plan.Experiment) ([]Step, Number) {
	out, spent := []Step{}, 0.0
	for _, s := range b.stepsOf(e) {
		x := Step{
			Address: s.Address, Kind: string(s.Kind), Input: s.Input, State: string(s.State), Why: s.Why,
			Key: s.Key.Short(), Rounds: s.Rounds, SpentS: None(), LeftS: Number(s.Estimate.Seconds()),
		}
		if s.Record != nil {
			x.SpentS, x.LeftS = Number(s.Record.Outcome.Elapsed.Seconds()), None()
			x.Started = stamp(s.Record.Started)
			x.Tail, x.Runs = tail(s.Record.Outcome.Tail, detailLines), len(s.Record.Outcome.Runs)
			spent += s.Record.Outcome.Elapsed.Seconds()
		}
		out = append(out, x)
	}
	return out, Number(spent)
}

// log finds the last lines of the first step that failed.
func (b *builder) log(x *Experiment, e *plan.Experiment) {
	for _, s := range b.stepsOf(e) {
		if s.Record != nil && s.Record.Outcome.Status != pipeline.StatusOK && s.Record.Outcome.Tail != "" {
			x.Log, x.LogOf = tail(s.Record.Outcome.Tail, logLines), s.Address
			return
		}
	}
}

// commands are the measured commands as a person would type them, one for each input, and the variables set for them.
func commands(v *pipeline.Variant) (lines, env []string) {
	lines = []string{}
	for _, c := range v.Commands {
		lines = append(lines, Line(c))
	}
	for name, value := range v.Env {
		env = append(env, name+"="+value)
	}
	slices.Sort(env)
	return lines, env
}

// numbers turns names of hypotheses into their numbers, "001".
func (b *builder) numbers(names []string) []string {
	var out []string
	for _, n := range names {
		if h, ok := b.in.Study.Hypothesis(n); ok {
			out = append(out, id(h.Number))
		} else {
			out = append(out, n)
		}
	}
	return out
}

func id(number int) string { return fmt.Sprintf("%03d", number) }
