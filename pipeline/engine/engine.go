// Package engine is the ring: survey, plan, gate, run, record, and again from the survey, until nothing is left to do.
// It is the only place with a loop and it never starts a second step while one runs. It knows no language, no version
// control and no terminal: those come as the World it is given.
package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/plan"
	"github.com/benchfile/bench/pipeline/store"
)

// World is what the engine asks of the outside. cmd/bench wires it.
type World struct {
	Load     func() (*pipeline.Study, error) // decode the Benchfile as it is now
	Code     Code
	Machine  Machine
	Executor pipeline.Executor
	// Changed lists the files that differ between two trees, relative to the study's folder; nil: nobody knows.
	Changed func(ctx context.Context, from, to string) ([]string, error)
}

// Code is where variants of the code come from: version control.
type Code interface {
	// Baseline is the tree that everything is held against. excluded paths, relative to the study's folder, are in no tree.
	Baseline(ctx context.Context, spec pipeline.BaselineSpec, excluded []string) (pipeline.VariantFact, pipeline.CodeFact, error)
	// Apply puts changes on the baseline that was last asked for. A change that does not apply is told in the fact.
	Apply(ctx context.Context, changes []pipeline.Change) (pipeline.VariantFact, error)
	// Checkout makes dir hold exactly that tree, from scratch when fresh, and says where in it the study's folder is.
	Checkout(ctx context.Context, tree, dir string, fresh bool) (Checkout, error)
}

// Checkout is a folder that holds a tree.
type Checkout struct {
	Dir     string   // the study's folder in it
	Tracked []string // every file of the tree, absolute
}

// Machine is what is asked about the machine besides its executor's readings.
type Machine interface {
	// Survey says what machine this is and which environment commands are given.
	Survey(ctx context.Context, s *pipeline.Study) (Machinery, error)
	// Program finds a program as a command with this environment would.
	Program(name string, env []string) (string, error)
}

// Machinery is a machine's identity and the environment it gives to commands.
type Machinery struct {
	Environment pipeline.Environment
	Env         []string         // "NAME=value", sorted
	Identity    []pipeline.Field // the part of Env that belongs into keys
	Warnings    []pipeline.Warning
}

// Options of one going through the ring.
type Options struct {
	Target    []string
	Calibrate bool // run the comparisons of the baseline with itself, and no experiment
	Limit     int  // steps to run at most; 0: none, which is what plan and status do; −1: to the end
}

// Engine goes through the ring for one Benchfile.
type Engine struct {
	World World
	Store *store.Store
	Root  string // the study's folder, absolute
	Host  string // name of the machine, for records
	// ReadOnly: the store was opened for reading; only Survey may be called.
	ReadOnly bool
	// Skip are paths, relative to Root, that are never part of a tree besides those the study names: the artifacts.
	Skip []string

	Now     func() time.Time
	Sleep   func(context.Context, time.Duration) error
	Tell    func(Event)               // what happens, as it happens; never during a run
	Publish func(State) error         // write the artifacts for what is known now
	Stop    func() bool               // asked between steps: finish now
	Locked  func(step string) error   // says on the locks which step runs
	Sink    func(Event) pipeline.Sink // hears of the runs of a step

	memory   map[pipeline.Key]*pipeline.Record // records known to be whole
	lost     map[pipeline.Key]string           // why a record that was there is none
	checked  map[string]bool                   // blobs known to be whole
	newest   map[string]pipeline.Key
	variants map[string]pipeline.VariantFact
	attempts map[pipeline.Key][]pipeline.Attempt // at steps that are not recorded yet
	differ   map[[2]string]string
	changes  map[[2]string][]string
	told     map[string]pipeline.VerdictKind
	cool     bool                    // something ran in this process: cool down before the next measurement
	quiet    *pipeline.Contamination // a measurement was given up: by this rule the machine must be quiet before the next
}

// State is what is known at one moment.
type State struct {
	Study *pipeline.Study
	Facts *pipeline.Facts
	Plan  *plan.Plan
	Note  string // why this is the last state: "", "done", "interrupted", …
}

// Result is how going through the ring ended.
type Result struct {
	State
	Ran         int // steps that were run and recorded
	Interrupted bool
}

// UnfitError says that the machine is not fit for measuring: it did not become so in the time that the gate waits, or a
// measurement was given up twice in a row for what went on beside it.
type UnfitError struct {
	Step   string // the measurement that was given up twice; "" = the gate
	Why    string
	Waited time.Duration
}

func (e *UnfitError) Error() string {
	if e.Step != "" {
		return fmt.Sprintf("%s was given up twice: %s", e.Step, e.Why)
	}
	return fmt.Sprintf("the gate did not open in %v: %s", e.Waited, e.Why)
}

// disturbedError is a measurement that its executor gave up as StatusEnvironment.
type disturbedError struct {
	why  string
	rule *pipeline.Contamination
}

func (e *disturbedError) Error() string { return e.why }

// VoidError says that a step's run was thrown away, twice.
type VoidError struct{ Step, Why string }

func (e *VoidError) Error() string {
	return fmt.Sprintf("%s is void again: %s", e.Step, e.Why)
}

// Survey goes through the ring as far as planning: it runs nothing.
func (e *Engine) Survey(ctx context.Context, o Options) (State, error) {
	if err := e.open(); err != nil {
		return State{}, err
	}
	return e.survey(ctx, o)
}

// Apply goes through the ring until nothing is left to do, the limit is reached, or it is asked to stop. One pass of
// the loop runs at most one step; nothing in here ever runs two at a time.
func (e *Engine) Apply(ctx context.Context, o Options) (Result, error) {
	if err := e.open(); err != nil {
		return Result{}, err
	}
	var res Result
	var disturbed *disturbedError
	var unfit *UnfitError
	voided, givenUp := "", ""
	losses := map[string]int{}
	var unrest unrest
	for {
		st, err := e.survey(ctx, o)
		if err != nil && ctx.Err() != nil && res.Plan != nil {
			return e.interrupted(&res) // git was ended by the same signal
		}
		if err != nil {
			return res, err
		}
		if err := unrest.look(st.Facts); err != nil {
			return res, err
		}
		res.State = st
		e.tellVerdicts(st.Plan, res.Ran == 0 && voided == "")
		if st.Plan.Next < 0 || (o.Limit >= 0 && res.Ran >= o.Limit) {
			return res, e.publish(&res, "done")
		}
		if e.Stop != nil && e.Stop() {
			return e.interrupted(&res)
		}
		if e.boundary(st.Plan) {
			if err := e.publish(&res, ""); err != nil {
				return res, err
			}
		}
		address := st.Plan.Steps[st.Plan.Next].Address
		why, err := e.step(ctx, st, o)
		switch {
		case errors.Is(err, errInterrupted), err != nil && ctx.Err() != nil:
			return e.interrupted(&res)
		case errors.As(err, &disturbed):
			if givenUp == address {
				return res, e.unfit(ctx, o, &res, &UnfitError{Step: address, Why: disturbed.why})
			}
			givenUp, e.quiet = address, disturbed.rule
		case errors.As(err, &unfit):
			return res, e.unfit(ctx, o, &res, unfit)
		case damaged(err) && losses[address] < mostLosses:
			// Something that was whole when it was recorded is not any more: its own step runs again first.
			losses[address]++
			e.mistrust()
			if err := e.void(address, err.Error(), false); err != nil {
				return res, err
			}
		case err != nil:
			return res, err
		case why == "":
			res.Ran++
			voided, givenUp = "", ""
		default:
			if err := e.void(address, why, voided == address); err != nil {
				return res, err
			}
			voided = address
		}
	}
}

// interrupted ends a session that was asked to stop.
func (e *Engine) interrupted(res *Result) (Result, error) {
	res.Interrupted = true
	return *res, e.publish(res, "interrupted")
}

// mostUnrest is after how many steps in a row the baseline may have become another one. People edit files while bench is at
// work, and then what stands is measured; but a file that changes with every step, such as a log of bench's own words,
// would have everything done anew for ever.
const mostUnrest = 3

// unrest watches whether the baseline's code changes from step to step.
type unrest struct {
	tree  string
	times int
}

func (u *unrest) look(f *pipeline.Facts) error {
	was, now := u.tree, f.Variants[plan.BaselineName].Tree
	u.tree = now
	if was == "" || was == now {
		u.times = 0
		return nil
	}
	if u.times++; u.times < mostUnrest {
		return nil
	}
	what := "the code"
	if files := f.Changed(was, now); len(files) > 0 {
		what = plan.Few(files, 3)
	}
	return fmt.Errorf("%s changed after each of the last %d steps, so that everything would be done anew for ever; is it what bench itself writes? Then write it elsewhere, or let git ignore it", what, mostUnrest)
}

// mostLosses bounds how often one step may find that the store has lost something: a disk that loses what was just
// written, or a step that deletes it, would keep a session turning for ever.
const mostLosses = 2

// damaged says whether a step could not begin because the store had lost something.
func damaged(err error) bool {
	return errors.Is(err, store.ErrDamaged) || errors.Is(err, store.ErrMissing)
}

// void tells of a run that was thrown away. The second one in a row of the same step ends the session: whatever changes
// the world under every run has to be stopped by a person.
func (e *Engine) void(address, why string, again bool) error {
	e.tell(Event{Kind: EventVoid, Step: address, Text: why})
	if err := e.Store.Append(entry{Event: "void", At: e.Now(), Address: address, Why: why}); err != nil {
		return err
	}
	if again {
		return &VoidError{Step: address, Why: why}
	}
	return nil
}

// unfit ends the session: nothing more is decided on a machine like this (workflow C.2). What is known is published.
func (e *Engine) unfit(ctx context.Context, o Options, res *Result, why *UnfitError) error {
	st, err := e.survey(ctx, o)
	if err != nil {
		return errors.Join(why, err)
	}
	res.State = st
	if err := e.publish(res, "unfit"); err != nil {
		return errors.Join(why, err)
	}
	return why
}

// boundary says whether people would see something new if the artifacts were written now: the next step belongs to
// another experiment than the last one that was published for.
func (e *Engine) boundary(p *plan.Plan) bool {
	s := &p.Steps[p.Next]
	return s.Kind == pipeline.StepBuild || s.Kind == pipeline.StepProfile || s.Kind == pipeline.StepMeasure && s.Look == 1
}

func (e *Engine) publish(res *Result, note string) error {
	res.Note = note
	if e.Publish == nil {
		return nil
	}
	return e.Publish(res.State)
}

// open reads what the journal remembers.
func (e *Engine) open() error {
	if e.memory != nil {
		return nil
	}
	e.memory = map[pipeline.Key]*pipeline.Record{}
	e.lost = map[pipeline.Key]string{}
	e.checked = map[string]bool{}
	e.variants = map[string]pipeline.VariantFact{}
	e.differ = map[[2]string]string{}
	e.changes = map[[2]string][]string{}
	e.told = map[string]pipeline.VerdictKind{}
	return e.readJournal()
}

func (e *Engine) tell(ev Event) {
	if e.Tell != nil {
		ev.At = e.Now()
		e.Tell(ev)
	}
}
