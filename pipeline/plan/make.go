package plan

import (
	"fmt"
	"slices"
	"time"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/judge"
)

// Options narrow what is run, never what is true.
type Options struct {
	Calibrate bool     // run the comparisons of the baseline with itself, and no experiment
	Target    []string // names or IDs of the experiments to run; empty: all
}

// Make plans. It is pure: the same study and facts give the same plan.
func Make(s *pipeline.Study, f *pipeline.Facts, o Options) *Plan {
	if o.Calibrate {
		o.Target = []string{"calibrate/"} // no experiment is called so: names have no slash
	}
	m := &maker{
		study: s, facts: f, options: o,
		plan:      &Plan{Next: -1},
		common:    commonFields(s, f),
		verdicts:  map[string]pipeline.VerdictKind{},
		generated: map[string]string{},
		counted:   map[pipeline.Key]bool{},
		outputs:   map[string]map[string]string{},
		index:     map[string]int{},
		looks:     Looks(s.Measure),
	}
	// Experiments are held by pointer while planning; the slice must not move under them.
	m.plan.Experiments = make([]Experiment, 0, len(s.Hypotheses)+experimentRoom(s))
	m.baseline()
	m.calibration()
	for _, h := range order(s) {
		e := m.experiment(Experiment{Variant: single(s, h), Hypothesis: h})
		if e.Verdict != nil {
			m.verdicts[h.Name] = e.Verdict.Kind
		}
		m.yielded(e)
	}
	m.compounds()
	m.confirm()
	m.adjust()
	m.sentinel()
	m.unsettled()
	m.finish()
	return m.plan
}

// experimentRoom bounds how many experiments the compounds can add.
func experimentRoom(s *pipeline.Study) int {
	n := 2 // what confirms
	for _, c := range s.Compounds {
		switch c.Search {
		case "pairs":
			n += len(s.Hypotheses) * len(s.Hypotheses)
		case "all":
			n += 1 << maxAll
		default:
			n += 2 + len(s.Hypotheses)
		}
	}
	return n
}

// maker is one making of a plan.
type maker struct {
	study   *pipeline.Study
	facts   *pipeline.Facts
	options Options
	plan    *Plan

	common    pipeline.Manifest               // lines that all manifests share
	verdicts  map[string]pipeline.VerdictKind // of hypotheses, as far as known
	generated map[string]string               // digest of generated inputs, by name
	counted   map[pipeline.Key]bool           // records whose time is in Spent already
	outputs   map[string]map[string]string    // the baseline's outputs to compare with: input → what → digest
	index     map[string]int                  // experiments by variant name
	looks     []int                           // rounds at each look
	base      *variant                        // nil until the baseline's code is known and built
	ready     bool                            // the baseline is complete: experiments may run
	standings []standing                      // the baseline's own measurements, in order; the last one stands
	slowest   []float64                       // seconds of its slowest run, for each input
	reference map[string][]float64            // seconds of its runs, by input
	usual     *pipeline.Around                // the most that went on beside one of them
	rates     *rates                          // nil until an estimate is asked for
	returns   returns                         // what the hypotheses gained so far
	number    int                             // of the next combination that no block asks for
	pending   bool                            // the run that confirms is still to come
}

// variant is a pipeline.Variant while its steps are planned.
type variant struct {
	pipeline.Variant
	tree      string
	build     pipeline.Key
	artifacts map[string]pipeline.Artifact
	broken    bool   // its code or build is not there
	place     string // names the folder of its code, where that is not to be shared; else ""
	fresh     bool   // it was measured before, and is measured anew to confirm that
}

// work is where the variant's code lies.
func (v *variant) work() Work {
	id := v.place
	if id == "" {
		id = string(v.build)
	}
	if id == "" {
		id = v.tree
	}
	return Work{ID: id[:min(12, len(id))], Tree: v.tree, Build: v.build, Artifacts: v.artifacts}
}

func (m *maker) find(name string) *Experiment {
	if i, ok := m.index[name]; ok {
		return &m.plan.Experiments[i]
	}
	return nil
}

func (m *maker) warn(at pipeline.Place, text, help string) {
	m.plan.Warnings = append(m.plan.Warnings, pipeline.Warning{At: at, Text: text, Help: help})
}

// stop ends all running, with the first reason given.
func (m *maker) stop(format string, args ...any) {
	if m.plan.Stopped == "" {
		m.plan.Stopped = fmt.Sprintf(format, args...)
	}
}

// notTarget is why an experiment is left out that the call did not name.
const notTarget = "not a target of this call"

// targeted says whether an experiment may run.
func (m *maker) targeted(v *pipeline.Variant) bool {
	return len(m.options.Target) == 0 || slices.ContainsFunc(m.options.Target, func(t string) bool {
		return t == v.Name || t == v.ID() || t == v.Compound || t == fmt.Sprintf("%03d", v.Number)
	})
}

// add plans a step: it looks for its record and says where it stands. blocked is why it can't run yet, else "".
func (m *maker) add(e *Experiment, s Step, blocked string) *Step {
	s.Variant, s.ID = e.Variant.Name, e.Variant.ID()
	again := ""
	if s.Manifest != nil {
		s.Key = s.Manifest.Key()
		var why string
		if s.Record, why = m.facts.Recorded(s.Key); s.Record == nil && why != "" {
			m.warn(pipeline.Place{}, s.Address+": "+why, "the step runs again")
		}
		if s.Record != nil && outgrown(s.Record, s.limit) {
			again = fmt.Sprintf("it was ended after %v and may take %v now", s.Record.Outcome.Limit, s.limit)
			s.Record = nil
		}
	}
	switch {
	case s.Record != nil && s.Record.Outcome.Status == pipeline.StatusOK:
		s.State, s.Why = Done, "recorded"
	case s.Record != nil:
		s.State, s.Why = Failed, s.Record.Outcome.Reason
	case e.State == Skipped:
		s.State, s.Why = Skipped, e.Why
	case blocked != "":
		s.State, s.Why = Waiting, blocked
	case again != "":
		s.State, s.Why = Ready, again
	default:
		s.State, s.Why = Ready, m.why(&s)
	}
	if s.Record != nil && !m.counted[s.Key] {
		m.counted[s.Key] = true
		m.plan.Spent += s.Record.Outcome.Elapsed
	}
	if s.Record == nil {
		s.Estimate = m.estimate(&s)
	}
	e.Steps = append(e.Steps, len(m.plan.Steps))
	m.plan.Steps = append(m.plan.Steps, s)
	return &m.plan.Steps[len(m.plan.Steps)-1]
}

// run makes a ready step the next one, unless there is one already.
func (m *maker) run(job func() pipeline.Job, work ...Work) {
	last := len(m.plan.Steps) - 1
	if m.plan.Steps[last].State == Ready && m.plan.Next < 0 {
		m.plan.Next, m.plan.Job, m.plan.Work = last, job(), work
		m.plan.Job.Step = m.plan.Steps[last].Address
		m.plan.Job.Kind = m.plan.Steps[last].Kind
	}
}

// why says in one line why a step has to run.
func (m *maker) why(s *Step) string {
	if as := m.attempts(s.Key); len(as) > 0 {
		return "given up the last time: " + as[len(as)-1].Why
	}
	if m.facts.Previous == nil {
		return "new"
	}
	old := m.facts.Previous(s.Address)
	if old == nil {
		return "new"
	}
	was, err := pipeline.ParseManifest(old.Manifest)
	if err != nil {
		return "new"
	}
	return Because(m.study, m.facts, s.Manifest.Diff(was))
}

// finish settles what can only be said when everything is known.
func (m *maker) finish() {
	p := m.plan
	if b := m.study.Budget; b > 0 && p.Spent >= b && p.Next >= 0 {
		m.stop("the budget of %v is spent (%v measured)", b, p.Spent.Round(time.Second))
	}
	if m.returns.why != "" && p.Next < 0 && m.left() {
		m.stop("%s", m.returns.why)
	}
	if p.Stopped != "" {
		p.Next = -1
		if m.pending {
			p.Unconfirmed = p.Stopped
		}
	}
	for i := range p.Steps {
		s := &p.Steps[i]
		if s.State != Ready && s.State != Waiting {
			continue
		}
		if p.Stopped != "" {
			s.State, s.Why = Skipped, p.Stopped
		}
	}
	for i := range p.Experiments {
		if e := &p.Experiments[i]; p.Stopped != "" && (e.State == Ready || e.State == Waiting) {
			e.State, e.Why = Skipped, p.Stopped
		}
	}
	p.Remaining = m.remaining()
}

// left says whether diminishing returns left a hypothesis untried.
func (m *maker) left() bool {
	return slices.ContainsFunc(m.plan.Experiments, func(x Experiment) bool { return x.State == Skipped && x.Why == m.returns.why })
}

// evidence is what the judge is given before anything of a variant is known.
func (m *maker) evidence(e *Experiment) judge.Evidence {
	ev := judge.Evidence{
		Criteria: m.study.Criteria, Primary: m.study.Primary(), Metrics: m.study.Metrics,
		Looks: m.looks, Baseline: m.reference, CheckNone: m.study.Check.None,
		ApplyError: e.Fact.Error, ApplyDetail: e.Fact.Detail,
	}
	for _, in := range m.study.Inputs {
		ev.Inputs = append(ev.Inputs, judge.Input{Name: in.Name, Weight: in.Weight})
	}
	return ev
}
