// Package report joins a study, the facts, the plan and what people noted into what people read. Build is pure: values
// in, values out. It knows neither disk nor clock nor what a page looks like; render turns a Report into files. Its
// JSON is data.json (schema 1): values in base units (seconds, bytes, fractions), null where there is no value, every
// list in a fixed order, and no time of its own, so that the same facts give the same bytes.
package report

import (
	"reflect"
	"time"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/judge"
)

// Schema is the version of data.json. It changes when the meaning of a field does, not when one is added.
const Schema = 1

// Report is everything that people read about a study.
type Report struct {
	Schema    int       `json:"schema"`
	Generator string    `json:"generator"` // what every generated file says of itself
	Tool      string    `json:"tool"`      // version of bench
	Written   time.Time `json:"generated_at,omitzero"`
	Project   string    `json:"project"`
	Objective string    `json:"objective"`
	Benchfile string    `json:"benchfile"`
	Sources   []string  `json:"sources"`

	Session     Head          `json:"session"`
	Overview    Overview      `json:"overview"`
	Trust       []Trust       `json:"trust"`
	Environment Environment   `json:"environment"`
	Inputs      []StudyInput  `json:"inputs"`
	Metrics     []Metric      `json:"metrics"`
	Criteria    Criteria      `json:"thresholds"`
	Calibration *Calibration  `json:"calibration"` // null while the baseline was not compared with itself
	Baseline    Baseline      `json:"baseline"`
	Experiments []Experiment  `json:"experiments"`
	Compounds   []Compound    `json:"compounds"`
	Conflicts   []Pair        `json:"conflicts"`
	Learnings   []Note        `json:"learnings"`
	Backlog     []Note        `json:"backlog"`
	Plan        Plan          `json:"plan"`
	History     []Past        `json:"history"`       // newest first
	Levels      []judge.Level `json:"level_changes"` // of the baseline over all sessions, oldest first
	Checklist   []Checks      `json:"checklist"`
	Warnings    []Warning     `json:"warnings"`
	Live        *Live         `json:"live"`

	Runs     []Run     `json:"-"`           // of the baseline's code, over the whole study
	Heat     []Heat    `json:"-"`           // beside them
	Warmest  Number    `json:"-"`           // °C at which a measurement may begin; absent: any
	Notes    Notes     `json:"-" clean:"-"` // the regions of TRACKER.md that belong to people, as Markdown
	Sessions []Session `json:"-" clean:"-"` // earlier sessions, as they were recorded
}

// Notes are the regions of TRACKER.md that belong to people, as Markdown.
type Notes struct{ Learnings, Ideas string }

// SessionInfo says which stretch of work this is.
type SessionInfo struct {
	ID      string // "2026-01-16-1": the date and a number
	Date    string // "2026-01-16"
	Started time.Time
	Tool    string // version of bench
	Command string // the command line, for people
}

// Head is the session and the code that it looked at.
type Head struct {
	ID      string    `json:"id"`
	Date    string    `json:"date"`
	Started time.Time `json:"started_at,omitzero"`
	Command string    `json:"command,omitempty"`
	Commit  string    `json:"commit"`
	Subject string    `json:"subject,omitempty"`
	Branch  string    `json:"branch,omitempty"`
	Dirty   bool      `json:"dirty"`
}

// The states of a study as a whole.
const (
	Running  = "running"  // a step runs now
	Complete = "complete" // everything is decided
	Stopped  = "stopped"  // something is left and will not be run: see Overview.Why
	Paused   = "paused"   // something is left, and nothing runs now: not begun, or interrupted
)

// Overview is the first thing to read.
type Overview struct {
	Status string         `json:"status"`
	Why    string         `json:"why,omitempty"`
	Done   int            `json:"done"` // experiments decided
	Total  int            `json:"total"`
	Counts map[string]int `json:"counts"` // by status
	Kept   []string       `json:"kept"`   // numbers of kept hypotheses
	Best   *Best          `json:"best"`   // the kept state of the code that is best
	Single *Best          `json:"best_single"`
	// Confirmed is what may be claimed: the run of all that was kept on fresh samples, when that is kept as well.
	Confirmed   *Best  `json:"confirmed"`
	Unconfirmed string `json:"unconfirmed,omitempty"` // why there is none (yet)
	SpentS      Number `json:"elapsed_s"`
	RemainS     Number `json:"eta_s"`
	StepsLeft   int    `json:"steps_left"`
	Distrust    string `json:"distrust,omitempty"` // why the best number must not be believed
}

// Best is the best kept result.
type Best struct {
	ID         string   `json:"id"`
	Title      string   `json:"title"`
	Metric     string   `json:"metric"`
	Unit       string   `json:"unit"`
	Members    []string `json:"members"` // numbers of the hypotheses in it
	Change     Number   `json:"change"`
	Lo         Number   `json:"ci_low"`
	Hi         Number   `json:"ci_high"`
	Confidence Number   `json:"confidence"`
	Baseline   Number   `json:"baseline"`
	Final      Number   `json:"final"`    // Baseline × (1 + Change)
	Expected   Number   `json:"expected"` // product of the parts − 1, when it is a compound
}

// Trust is one item of the strip that says whether the numbers can be believed.
type Trust struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	OK    bool   `json:"ok"`
	Grave bool   `json:"grave,omitempty"` // when not OK, no number of this report is to be believed
	Link  string `json:"link,omitempty"`  // the section with the evidence
}

// Environment is the machine that was measured on.
type Environment struct {
	pipeline.Environment
	Hash     string   `json:"hash"` // of what identifies the machine
	Governor string   `json:"governor,omitempty"`
	Turbo    string   `json:"turbo,omitempty"`
	Pass     []string `json:"pass,omitempty"`
	Cooldown Number   `json:"cooldown_s"`
	Foreign  Number   `json:"foreign_max"` // share of the machine that others may take during a pair; null: as during the baseline's runs
	Executor string   `json:"executor"`
}

// StudyInput is an input with what it contains.
type StudyInput struct {
	Name        string            `json:"name"`
	File        string            `json:"file"` // the name that artifacts about it have
	Path        string            `json:"path,omitempty"`
	Generated   bool              `json:"generated,omitempty"`
	Command     string            `json:"command,omitempty"` // of the generator
	Seed        *int64            `json:"seed,omitempty"`
	Weight      Number            `json:"weight"`
	Params      map[string]string `json:"params,omitempty"`
	Description string            `json:"description,omitempty"`
	SHA256      string            `json:"sha256,omitempty"`
	Size        int64             `json:"size,omitempty"` // bytes
	Error       string            `json:"error,omitempty"`
}

// Metric is something that runs yielded numbers for.
type Metric struct {
	Name    string `json:"name"`
	Unit    string `json:"unit"`
	Better  string `json:"better"`
	Exact   bool   `json:"exact,omitempty"`
	Primary bool   `json:"primary,omitempty"`
	Limit   Number `json:"limit"`
	From    string `json:"from,omitempty"`
}

// Criteria are the thresholds of the decision; fractions, Timeout a factor.
type Criteria struct {
	Keep            Number `json:"keep"`
	Maybe           Number `json:"maybe"`
	Alpha           Number `json:"alpha"`
	MaxCV           Number `json:"max_cv"`
	InputRegression Number `json:"input_regression"`
	Timeout         Number `json:"timeout"`
	Runs            int    `json:"runs"`
	MaxRuns         int    `json:"max_runs"`
	Looks           []int  `json:"looks"`               // rounds, cumulated, after which the judge is asked
	Confidence      Number `json:"confidence"`          // of the interval at each look
	LiteralKill     bool   `json:"kill_literal"`        // KILL at the first run beyond Timeout × the median baseline run
	Optimized       bool   `json:"optimized,omitempty"` // the mode for code that has been optimized before
	Warmup          int    `json:"warmup"`
	BaselineRuns    int    `json:"baseline_runs"`
}

// Baseline is the baseline's own measurement.
type Baseline struct {
	State    string            `json:"state"`
	Why      string            `json:"why,omitempty"`
	Runs     int               `json:"runs"`        // of every input, the least of them
	Overall  []Sample          `json:"overall"`     // per metric, weighted over inputs; primary first
	Samples  []Sample          `json:"samples"`     // per metric and input; primary first
	Order    []Run             `json:"-"`           // every run in the order it happened; in baseline/<input>.json
	Heat     []Heat            `json:"-"`           // of its measurements
	MaxCV    Number            `json:"max_cv"`      // of the primary metric, the worst input
	NoiseLo  Number            `json:"noise_floor"` // half of the interval of the weighted primary metric, as a fraction of it
	Profile  *Profile          `json:"profile"`
	Checks   []Check           `json:"correctness"`
	Steps    []Step            `json:"steps"`
	Commands map[string]string `json:"commands"` // how each input was measured
	Finished string            `json:"finished_at,omitempty"`
}

// Sample is the values of one metric of one arm on one input, in the order in which they were measured.
type Sample struct {
	Metric string   `json:"metric"`
	Unit   string   `json:"unit"`
	Input  string   `json:"input,omitempty"` // "" = weighted over all inputs
	Arm    string   `json:"arm"`
	N      int      `json:"n"`
	Mean   Number   `json:"mean"`
	SD     Number   `json:"sd"`
	Median Number   `json:"median"`
	Min    Number   `json:"min"`
	Max    Number   `json:"max"`
	Q25    Number   `json:"q25"`
	Q75    Number   `json:"q75"`
	Centre Number   `json:"centre"` // 20 % trimmed mean: what Lo and Hi are the 95 % interval of
	Lo     Number   `json:"ci_low"`
	Hi     Number   `json:"ci_high"`
	CV     Number   `json:"cv"`
	Values []Number `json:"values,omitempty"`
}

// Run is one timed execution, without its metrics (those are in the samples).
type Run struct {
	Seq     int       `json:"seq"`
	Step    string    `json:"step"`
	Arm     string    `json:"arm"`
	Input   string    `json:"input"`
	Round   int       `json:"round"`
	Started time.Time `json:"started_at,omitzero"`
	Primary Number    `json:"value"`
	Load    Number    `json:"load"`
	Foreign Number    `json:"foreign_cpu"` // CPU seconds of others, per second
	Steal   Number    `json:"steal"`
	Exit    int       `json:"exit"`
	Signal  string    `json:"signal,omitempty"`
	Error   string    `json:"error,omitempty"`
	OK      bool      `json:"ok"`
	// Discarded says why the pair was measured again: the run is shown and in no sample.
	Discarded string `json:"discarded,omitempty"`

	Metrics map[string]float64 `json:"-"`
}

// Warning is something to know before believing a number.
type Warning struct {
	At    string `json:"at,omitempty"`
	Text  string `json:"text"`
	Help  string `json:"help,omitempty"`
	Grave bool   `json:"grave,omitempty"` // shown in red: one of the rules does not hold
	Rule  bool   `json:"rule,omitempty"`  // a rule was set aside for a stated reason: shown above everything else
}

// The phases of a step that is being worked on.
const (
	PhaseRun         = "run"         // runs are on
	PhaseCooling     = "cooling"     // the machine rests before it is measured
	PhaseWaiting     = "waiting"     // the machine is not fit: see Live.Why
	PhaseInterrupted = "interrupted" // who worked on it is gone
)

// Live is the step that is worked on now. bench apply keeps it in .bench/state.json, and the card about the current run
// is made of it and nothing else: so it can be shown anew while nothing else has changed. What is not known yet is zero.
type Live struct {
	Step    string           `json:"step"`             // its address
	Kind    string           `json:"kind,omitempty"`   // of the step: "build", "check", "measure", …
	Phase   string           `json:"phase,omitempty"`  // "" is PhaseRun
	Why     string           `json:"why,omitempty"`    // of the phase
	Arm     string           `json:"arm,omitempty"`    // of the run that is on or was last
	Input   string           `json:"input,omitempty"`  // its input
	Round   int              `json:"round,omitempty"`  // its round; 0 in a warm-up
	Done    int              `json:"done"`             // runs
	Total   int              `json:"total"`            // runs
	Left    time.Duration    `json:"left,omitempty"`   // of this step, nanoseconds
	Remain  time.Duration    `json:"remain,omitempty"` // of the whole plan, nanoseconds
	Log     string           `json:"log,omitempty"`    // the last lines
	Started time.Time        `json:"started_at,omitzero"`
	Interim *pipeline.Effect `json:"interim,omitempty"` // the effect so far: Change, and Rounds, the pairs that it is of
	ID      string           `json:"id"`                // filled by Build: the experiment's id
	Title   string           `json:"title"`
}

// LeftS is how many seconds the step still takes; absent when that is not known.
func (l *Live) LeftS() Number { return seconds(l.Left) }

// RemainS is how many seconds the whole plan still takes; absent when that is not known.
func (l *Live) RemainS() Number { return seconds(l.Remain) }

func seconds(d time.Duration) Number {
	if d <= 0 {
		return None()
	}
	return Number(d.Seconds())
}

// Cleaned is the state of a step as it can be shown: its texts come from a file that any program may have written.
func (l Live) Cleaned() Live {
	if l.Interim != nil {
		interim := *l.Interim
		l.Interim = &interim
	}
	l.Log = tail(l.Log, logLines)
	cleanValue(reflect.ValueOf(&l).Elem())
	return l
}
