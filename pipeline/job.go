package pipeline

import (
	"context"
	"fmt"
	"time"
)

// Executor is a place where jobs run. An error means "could not be tried"; a failing benchmark is an Outcome.
type Executor interface {
	// Environment says what machine this is: part of every key.
	Environment(context.Context) (Environment, error)
	// Readings says how the machine is now. Never part of a key.
	Readings(context.Context) (Readings, error)
	// Run executes one job, strictly in the order of its visits, and reports each run to the sink as it ends.
	Run(context.Context, Job, Sink) (Outcome, error)
}

// Sink hears of runs while they happen. Calls come between runs, never during one. An executor may tell of several
// short runs at once, a little later: then Started comes just before Finished, after the run.
type Sink interface {
	// Started is called for each visit, with its index in Job.Visits; again for one that is made again (Contamination).
	Started(visit int)
	// Finished is called with what the run yielded.
	Finished(Run)
}

// Job is one batch of runs.
type Job struct {
	Step    string   `json:"step"` // the step's address, for logs and locks
	Kind    StepKind `json:"kind"`
	Arms    []Arm    `json:"arms"`   // baseline first, then candidate; or only one
	Inputs  []string `json:"inputs"` // names, the indices that Visit.Input means
	Visits  []Visit  `json:"visits"`
	Seed    uint64   `json:"seed"`    // of the order and of the padding
	Padding bool     `json:"padding"` // give each run an environment of random size (0–4095 B)

	Limits   []time.Duration `json:"limits,omitempty"`   // for each input: a run beyond it is ended; 0 = none
	Overruns int             `json:"overruns,omitempty"` // runs in a row of one arm and input that have to be ended to end the batch; 0 = 1
	Strikes  *Strikes        `json:"strikes,omitempty"`  // nil: the batch always runs to its end
	Cooldown time.Duration   `json:"cooldown,omitempty"` // between pairs, never within one

	Contamination *Contamination `json:"contamination,omitempty"` // nil: every pair counts, whatever went on beside it

	Metrics []Metric `json:"metrics,omitempty"`
	Collect []string `json:"collect,omitempty"` // files, relative to the arm's Dir, kept after each run
	LogCap  int64    `json:"log_cap"`           // bytes kept of each stream: head and tail; 0 = 16 MiB
	Scratch string   `json:"scratch"`           // an empty folder of the job's own: raw output goes here
}

// Arm is one side of a comparison. Commands and Dir are absolute and complete: nothing is looked up any more.
type Arm struct {
	Name     string    `json:"name"`     // "baseline" or "candidate"
	Dir      string    `json:"dir"`      // the folder that Command.Dir is relative to, absolute
	Commands []Command `json:"commands"` // one for each of Job.Inputs
	Env      []string  `json:"env"`      // the whole environment, "NAME=value", sorted
}

// Visit is one run to make.
type Visit struct {
	Arm    int  `json:"arm"`
	Input  int  `json:"input"`
	Round  int  `json:"round"` // from 1; 0 in a warm-up
	Warmup bool `json:"warmup,omitempty"`
	Pair   bool `json:"pair,omitempty"` // this visit is the second of a pair: no cool-down before it
}

// Strikes is the rule by which a hopeless candidate is stopped early (workflow 4.5, KILL). A candidate run strikes when it
// takes longer than Factor × the slowest baseline run of its input so far, while the baseline run of the same pair took
// no longer than Factor × the median; Consecutive strikes in one input end the batch. A run within the cap forgives
// those before it; a pair whose baseline run was slow too says nothing.
type Strikes struct {
	Factor      float64     `json:"factor"`            // 1.10
	Consecutive int         `json:"consecutive"`       // 3
	Literal     bool        `json:"literal,omitempty"` // one run above Factor × the median baseline run ends the batch
	Reference   [][]float64 `json:"reference"`         // for each input: seconds of baseline runs known beforehand
}

// Run is one timed execution and everything that was seen around it.
type Run struct {
	Seq     int       `json:"seq"` // position in the batch, from 0
	Arm     string    `json:"arm"`
	Input   string    `json:"input"`
	Round   int       `json:"round"`
	Warmup  bool      `json:"warmup,omitempty"`
	Started time.Time `json:"started"`
	// Discarded says why the run's pair was measured again: it is kept, shown, and no datum. See Contamination.
	Discarded string `json:"discarded,omitempty"`

	// Metrics by name, in Metric.Unit (seconds, bytes, counts). What could not be measured is absent, never zero.
	Metrics map[string]float64 `json:"metrics"`
	// Missing says for a metric why it is absent.
	Missing map[string]string `json:"missing,omitempty"`

	Exit     int    `json:"exit"`             // exit code; −1 when ended by a signal
	Signal   string `json:"signal,omitempty"` // "SIGSEGV"
	TimedOut bool   `json:"timed_out,omitempty"`
	Error    string `json:"error,omitempty"` // why it could not even be started

	// Stdout, Stderr and Files are SHA-256 sums of what the run wrote once the outcome is recorded; before that, the
	// executor gives paths below Job.Scratch. Empty: nothing was written.
	Stdout    string            `json:"stdout,omitempty"`
	Stderr    string            `json:"stderr,omitempty"`
	Files     map[string]string `json:"files,omitempty"`
	Truncated int64             `json:"truncated,omitempty"` // bytes of output that were cut

	Padding     int    `json:"padding,omitempty"` // bytes added to the environment
	Around      Around `json:"around"`
	Survivors   int    `json:"survivors,omitempty"`   // processes of the run that had to be ended after it
	Containment string `json:"containment,omitempty"` // "cgroup", "subreaper", "group": what the tree was held by
	// Halted says what held the run up from outside, "" for nothing: its time is not the command's, and is missing.
	Halted string   `json:"halted,omitempty"`
	Notes  []string `json:"notes,omitempty"`
}

// OK says whether the run ended as a run should.
func (r Run) OK() bool { return r.Exit == 0 && r.Signal == "" && !r.TimedOut && r.Error == "" }

// Around is what else went on during a run. Absent readings are −1.
type Around struct {
	Load        float64 `json:"load"`         // one-minute load average at the start
	CPUPressure float64 `json:"cpu_pressure"` // fraction of the run in which some task waited for a CPU
	MemPressure float64 `json:"mem_pressure"`
	Steal       float64 `json:"steal"`     // fraction of all CPU time that the hypervisor took
	Foreign     float64 `json:"foreign"`   // CPU seconds of other processes during the run, per second
	Throttled   float64 `json:"throttled"` // how often a processor was throttled for its heat

	// Span is how long, in seconds, the readings but Load are over, and Runs of how many runs they are: short ones share
	// one stretch, of which the last carries the readings. Zero: it carries none.
	Span float64 `json:"span,omitempty"`
	Runs int     `json:"runs,omitempty"`
}

// Unknown is what is known of a run's surroundings when nobody looked.
func Unknown() Around {
	return Around{Load: -1, CPUPressure: -1, MemPressure: -1, Steal: -1, Foreign: -1, Throttled: -1}
}

// Status is how a job ended.
type Status string

// The ways a job ends.
const (
	StatusOK          Status = "ok"
	StatusFailed      Status = "failed"      // a run crashed, could not start, or exited with an error
	StatusTimeout     Status = "timeout"     // a run was ended at its limit
	StatusKilled      Status = "killed"      // Strikes
	StatusEnvironment Status = "environment" // Contamination: the machine was not fit for measuring; never recorded
	StatusInterrupted Status = "interrupted" // asked to stop: never recorded
)

// Outcome is what a job yielded.
type Outcome struct {
	Status   Status        `json:"status"`
	Reason   string        `json:"reason,omitempty"` // one line: which run, exit code or signal
	Tail     string        `json:"tail,omitempty"`   // the last lines of its stderr (or stdout), at most 50
	Runs     []Run         `json:"runs"`
	Elapsed  time.Duration `json:"elapsed"` // of the whole job, nanoseconds
	Seed     uint64        `json:"seed"`
	Factor   float64       `json:"factor,omitempty"`   // of the Strikes that were in force
	Literal  bool          `json:"literal,omitempty"`  // as the Strikes said
	Limit    time.Duration `json:"limit,omitempty"`    // at which its last run was ended, when Status is StatusTimeout; nanoseconds
	Cooldown time.Duration `json:"cooldown,omitempty"` // that was kept between pairs, nanoseconds
	Others   []Process     `json:"others"`             // who else used the processors most; nil: nobody looked
	Before   Readings      `json:"before"`
	After    Readings      `json:"after"`
	Warnings []string      `json:"warnings,omitempty"`

	// Artifacts are the files a build, a generator or a profile left, by their relative path. Filled by the engine.
	Artifacts map[string]Artifact `json:"artifacts,omitempty"`
}

// Process is a process that is not of the run.
type Process struct {
	PID  int     `json:"pid"`
	Name string  `json:"name"`
	CPU  float64 `json:"cpu"` // seconds per second
}

// String is the process as people look for it: "cc1plus (pid 42, 61 % of a CPU)".
func (p Process) String() string {
	return fmt.Sprintf("%s (pid %d, %.0f %% of a CPU)", p.Name, p.PID, 100*p.CPU)
}

// Artifact is a kept file.
type Artifact struct {
	Sum  string `json:"sha256"`
	Size int64  `json:"size"`
	Mode uint32 `json:"mode"` // permission bits
}

// Environment is what a machine is: identity only, so that the same machine always says the same.
type Environment struct {
	Hostname string            `json:"hostname"` // shown, not in the key
	CPU      string            `json:"cpu"`
	Cores    int               `json:"cores"`  // logical
	Memory   int64             `json:"memory"` // bytes
	GPUs     []string          `json:"gpus,omitempty"`
	Driver   string            `json:"driver,omitempty"` // of the GPU
	OS       string            `json:"os"`
	Kernel   string            `json:"kernel"`
	Arch     string            `json:"arch"`
	Virtual  string            `json:"virtual,omitempty"` // hypervisor or container, "" = none seen
	Tools    map[string]string `json:"tools,omitempty"`   // version lines by tool name
}

// Readings is how a machine is now. What is not available is nil or −1, never zero.
type Readings struct {
	At             time.Time `json:"at"`
	Load           float64   `json:"load"`         // one-minute load average
	CPUPressure    float64   `json:"cpu_pressure"` // fraction, some avg10
	MemPressure    float64   `json:"mem_pressure"`
	Busy           float64   `json:"busy"`        // share of all CPU time that was used since the reading before; −1 unknown
	MemoryFree     int64     `json:"memory_free"` // bytes available
	DiskFree       int64     `json:"disk_free"`   // bytes, where .bench is; −1 unknown
	GPUTemperature []float64 `json:"gpu_temperature,omitempty"`
	CPUTemperature float64   `json:"cpu_temperature"` // hottest zone, °C; −1 unknown
	Governor       string    `json:"governor,omitempty"`
	Turbo          string    `json:"turbo,omitempty"` // "on", "off", "" unknown
	Uptime         float64   `json:"uptime"`          // seconds since boot
	Notes          []string  `json:"notes,omitempty"`
}
