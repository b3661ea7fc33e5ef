package pipeline

import (
	"fmt"
	"time"
)

// Place is where something was declared, for messages: "benchfile.hcl:14".
type Place struct {
	File         string `json:"file,omitempty"`
	Line, Column int    `json:",omitempty"`
}

// String is the place as editors understand it, or "" when there is none.
func (p Place) String() string {
	if p.File == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}

// Study is a decoded Benchfile: every expression evaluated, every reference resolved, every rule of the language held.
type Study struct {
	Name      string
	Objective string
	Sources   []string      // documents, papers, issues: read by reviewers, shown in PLAN.md
	Approval  string        // "" or "required"
	Confirm   bool          // measure all that was kept once more, together, before a final figure is claimed
	Patience  int           // finished experiments in a row with next to no gain after which the rest is not tried; 0: never stop
	Budget    time.Duration // 0: none. Measuring time after which the rest goes to the backlog
	File      string        // the Benchfile, relative to the folder it governs

	Environment EnvironmentSpec
	Baseline    BaselineSpec
	Build       *Build // nil: nothing to build
	Measure     Measure
	Check       Check
	Profile     *Profile // nil: none
	Metrics     []Metric // exactly one is Primary; built-in "time" is there even if not declared
	Inputs      []Input
	Hypotheses  []Hypothesis
	Compounds   []Compound
	Criteria    Criteria
	Notify      []Notify
	Learnings   []Note
	Ideas       []Note

	SingleInput string    // the stated reason for fewer than two inputs, else ""
	EnvReads    []EnvRead // env("NAME") in any expression
	Warnings    []Warning // what the decoder wants people to know
}

// Input finds an input by name.
func (s *Study) Input(name string) (int, bool) {
	for i := range s.Inputs {
		if s.Inputs[i].Name == name {
			return i, true
		}
	}
	return 0, false
}

// Hypothesis finds a hypothesis by name.
func (s *Study) Hypothesis(name string) (*Hypothesis, bool) {
	for i := range s.Hypotheses {
		if s.Hypotheses[i].Name == name {
			return &s.Hypotheses[i], true
		}
	}
	return nil, false
}

// Primary is the metric that verdicts are reached on.
func (s *Study) Primary() Metric {
	for _, m := range s.Metrics {
		if m.Primary {
			return m
		}
	}
	return Metric{Name: "time", Unit: "s", Better: Lower, Primary: true}
}

// Warning travels with results and ends up in the report.
type Warning struct {
	At   Place  `json:"at,omitzero"`
	Text string `json:"text"`
	Help string `json:"help,omitempty"`
}

// EnvRead is an environment variable that the Benchfile read. The value itself is never kept.
type EnvRead struct {
	Name string
	Set  bool
	Sum  string // SHA-256 of the value, hex; "" when not set
}

// EnvironmentSpec is what the Benchfile adds to the environment that is captured by itself.
type EnvironmentSpec struct {
	Tools    []Tool
	Pass     []string          // further environment variables handed to commands; part of the key
	Set      map[string]string // variables set for every command
	Cooldown time.Duration     // between pairs of runs and between steps
	Gate     Gate
}

// Tool is a program whose version is part of the key of whatever is built or measured.
type Tool struct {
	Name    string
	Command []string
	At      Place
}

// Gate is what must hold before a measurement starts, and while it runs. Zero values ask for nothing.
type Gate struct {
	// ForeignMax is the share of the machine's CPU time that others may take during a pair of runs. Zero: a twentieth more
	// than they took during the baseline's own runs. One: all of it, no pair is measured again for any reason.
	ForeignMax        float64
	GPUTemperatureMax float64       // degrees Celsius
	LoadMax           float64       // one-minute load average
	MemoryFreeMin     int64         // bytes
	CPUPressureMax    float64       // fraction of time, "some avg10" of /proc/pressure/cpu
	Wait              time.Duration // how long to wait for it before giving up
}

// BaselineSpec is the state of the code that everything is held against.
type BaselineSpec struct {
	Commit     string // "" = HEAD plus a recorded snapshot of uncommitted work
	Runs       int    // runs of the baseline's own measurement for each input
	RunsReason string // why Runs is below ten, else ""
	Ignore     []string
	At         Place
}

// Command is a program with its arguments. Dir is relative to the study's folder in the variant's worktree.
type Command struct {
	Argv  []string          `json:"argv"`
	Shell bool              `json:"shell,omitempty"` // Argv[0] is a line for sh -c; only when the Benchfile says shell = true
	Dir   string            `json:"dir,omitempty"`
	Env   map[string]string `json:"env,omitempty"`
}

// Build makes the program from a variant's tree.
type Build struct {
	Command Command
	Outputs []string      // files or folders, relative: kept in the store, compared for early cut-off
	Timeout time.Duration // 0: one hour
	At      Place
}

// Measure is how a variant is run. Commands has one command for each of Study.Inputs, in their order.
type Measure struct {
	Executor   string // "process", …
	Commands   []Command
	Warmup     int   // runs of each arm and input that are thrown away
	Runs       int   // rounds at the first look
	MaxRuns    int   // rounds at the last look
	Looks      []int // rounds, cumulated, at each look, from Runs to MaxRuns; nil: one between the two
	RunsReason string
	Timeout    time.Duration // hard limit of one run; 0: from Criteria and the baseline
	At         Place
}

// Check is how the output of a variant is held to be right. At least one of Commands, SameOutput and None is there.
type Check struct {
	Commands   []Command // one for each input, or nil
	PerInput   bool      // the commands mention input; else one run serves all inputs
	SameOutput []string  // "stdout", "stderr" or files that must equal the baseline's, byte for byte
	None       string    // the stated reason for having no check
	Timeout    time.Duration
	At         Place
}

// Profile is how a variant is profiled. Profiling runs are never measured runs.
type Profile struct {
	Commands []Command // one for each input
	Format   string    // "text", "folded", "ziskemu"
	Output   string    // the file it writes; "" = stdout
	Timeout  time.Duration
	At       Place
}

// Directions in which a metric is better.
const (
	Lower  = "lower"
	Higher = "higher"
)

// Metric is something that a run yields a number for.
type Metric struct {
	Name    string   `json:"name"`
	Unit    string   `json:"unit"`   // of the values in Run.Metrics: a base unit, "s", "B", or any other word, or ""
	Better  string   `json:"better"` // Lower or Higher
	Exact   bool     `json:"exact"`  // the same on every run: compared without statistics
	Primary bool     `json:"primary"`
	From    *Extract `json:"from,omitempty"`  // nil: built in
	Limit   float64  `json:"limit,omitempty"` // worst tolerated change of a secondary metric, a fraction; 0: not gated
	At      Place    `json:"-"`
}

// Extract says where in a run's output a metric is.
type Extract struct {
	Kind   string `json:"kind"`             // "regex", "jq", "key", "file_size"
	Source string `json:"source,omitempty"` // "stdout", "stderr" or a file relative to the worktree
	Expr   string `json:"expr,omitempty"`   // the pattern (first group, or the whole match), the filter, or the key
	Unit   string `json:"unit,omitempty"`   // of the number as it is printed; Metric.Unit is the base unit it is turned into
}

// Input is something that the program is run on.
type Input struct {
	Name        string
	Path        string            // file or folder, relative to the study's folder, or absolute; "" = none
	Generate    *Command          // its standard output becomes the file at Path
	Seed        int64             // of the generator, when Seeded
	Seeded      bool              // Seed is meant
	Weight      float64           // share in the aggregate; > 0
	Params      map[string]string // input.params.NAME
	Description string
	At          Place
}

// Expect is the improvement that a hypothesis expects: fractions, positive is better. Text is as written.
type Expect struct {
	Text   string
	Lo, Hi float64
}

// Hypothesis is one optimization to try.
type Hypothesis struct {
	Name        string
	Number      int
	Title       string
	Priority    string // "high", "medium", "low"
	Expect      Expect
	Risk        string
	Description string // Markdown
	Conflicts   []string

	Patch  string // file, relative to the study's folder
	Branch string
	Commit string
	Env    map[string]string // on top of everything else
	Args   [][]string        // for each input: appended to the measured command; nil: none
	// Commands replaces the measured command, one for each input; nil: as in Measure.
	Commands []Command
	At       Place
}

// ID is the three-digit number with the name: "001-mpt-hash-cache".
func (h Hypothesis) ID() string { return ID(h.Number, h.Name) }

// ID joins a number and a name the way folders and branches do.
func ID(number int, name string) string { return fmt.Sprintf("%03d-%s", number, name) }

// Compound is a combination of hypotheses, chosen by their verdicts.
type Compound struct {
	Name        string
	Number      int // 0: numbered after the hypotheses
	Title       string
	Description string
	Search      string // "" = all members together; "pairs", "greedy", "all", "leave-one-out"
	// Of says which hypotheses are in it. verdicts holds those that are known. known is false when the answer may
	// still change with verdicts that are not there yet.
	Of func(verdicts map[string]VerdictKind) (members []string, known bool, err error)
	At Place
}

// Criteria are the thresholds of the decision. All are fractions but Timeout, a factor. None is in any key.
type Criteria struct {
	Keep            float64 // improvement from which a change is kept: 0.05
	Maybe           float64 // improvement from which it stays in the backlog: 0.02
	Alpha           float64 // 0.05
	MaxCV           float64 // 0.10
	InputRegression float64 // worst tolerated slowdown of one input: 0.05
	Timeout         float64 // 1.10: KILL beyond this factor of the slowest baseline run
	LiteralKill     bool    // KILL at the first run beyond Timeout × the median baseline run, as the workflow words it
	Optimized       bool    // the thresholds began as those for code that has been optimized before
}

// Notify says whom to tell of what.
type Notify struct {
	Kind string   // "slack"
	On   []string // "baseline", "experiment", "significant", "error", "done"
	At   Place
}

// Note is a learning or an idea written in the Benchfile.
type Note struct {
	Text string
	Done bool
	At   Place
}
