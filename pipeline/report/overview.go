package report

import (
	"fmt"
	"slices"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/plan"
)

func (b *builder) overview(r *Report) Overview {
	p := b.in.Plan
	o := Overview{
		Counts: map[string]int{}, Kept: []string{}, Total: len(r.Experiments),
		SpentS: Number(p.Spent.Seconds()), RemainS: left(p.Remaining),
	}
	for i := range r.Experiments {
		x := &r.Experiments[i]
		o.Counts[x.Status]++
		if x.Verdict != "" {
			o.Done++
		}
		if x.Verdict == string(pipeline.Keep) && !x.Compound {
			o.Kept = append(o.Kept, x.ID)
		}
	}
	for _, s := range p.Steps {
		if s.State == plan.Ready || s.State == plan.Waiting {
			o.StepsLeft++
		}
	}
	switch {
	case b.live != nil:
		o.Status = Running
	case p.Stopped != "":
		o.Status, o.Why = Stopped, p.Stopped
	case p.Next < 0 && o.StepsLeft == 0 && len(p.Unresolved) == 0 && settled(r):
		o.Status = Complete
	default:
		o.Status = Paused
	}
	o.Best = best(r, func(*Experiment) bool { return true })
	o.Single = best(r, func(x *Experiment) bool { return !x.Compound })
	o.Confirmed, o.Unconfirmed = b.confirmed(r), p.Unconfirmed
	if !b.in.Study.Confirm {
		o.Confirmed = o.Best
	}
	return o
}

// HasTrend says whether there is something to draw of experiments against the baseline: charts/trend.svg.
func (r *Report) HasTrend() bool {
	p := r.Baseline.Primary()
	return p != nil && p.Centre > 0 && p.Centre < 1e15 && len(r.Experiments) > 0
}

// KeptWords is how many hypotheses are kept; where only a combination is, it says so.
func (o *Overview) KeptWords() string {
	if together := o.Counts[string(pipeline.Keep)] - len(o.Kept); len(o.Kept) == 0 && together > 0 {
		return fmt.Sprintf("%d kept as a whole", together)
	}
	return fmt.Sprintf("%d kept", len(o.Kept))
}

// settled says whether nothing is left to decide: what is skipped will not be.
func settled(r *Report) bool {
	return !slices.ContainsFunc(r.Experiments, func(x Experiment) bool {
		return x.Status == StatusPending || x.Status == StatusRunning
	})
}

// confirmed is the run that confirms what was kept; nil while it is not there, or when it was not kept itself.
func (b *builder) confirmed(r *Report) *Best {
	if b.in.Plan.Confirmation == "" {
		return nil
	}
	return best(r, func(x *Experiment) bool { return x.Name == b.in.Plan.Confirmation })
}

// best is the kept experiment with the largest improvement; the first of equals.
func best(r *Report, which func(*Experiment) bool) *Best {
	var top *Experiment
	for i := range r.Experiments {
		x := &r.Experiments[i]
		if x.Verdict != string(pipeline.Keep) || x.Effect == nil || !x.Effect.Change.Known() || !which(x) {
			continue
		}
		if top == nil || x.Effect.Improvement() > top.Effect.Improvement() {
			top = x
		}
	}
	if top == nil {
		return nil
	}
	out := &Best{
		ID: top.ID, Title: top.Title, Metric: top.Effect.Metric, Unit: top.Effect.Unit, Members: []string{top.ID}, Change: top.Effect.Change, Lo: top.Effect.Lo, Hi: top.Effect.Hi,
		Confidence: top.Effect.Confidence, Baseline: None(), Final: None(), Expected: top.Expected,
	}
	if top.Compound {
		out.Members = list(top.Members)
	}
	base := top.Effect.Baseline
	if p := r.Baseline.Primary(); p != nil && p.Metric == top.Effect.Metric {
		base = p.Centre
	}
	out.Baseline, out.Final = base, base*(1+top.Effect.Change)
	return out
}

// Decided says whether nothing more will be run.
func (o *Overview) Decided() bool { return o.Status == Complete || o.Status == Stopped }

// Plan is the plan as PLAN.md shows it.
type Plan struct {
	Ranked    []string `json:"ranked"` // ids of hypotheses: by priority, then by expected impact, then by number
	Attack    []Attack `json:"attack"` // the order in which experiments run
	Approval  string   `json:"approval,omitempty"`
	Budget    Number   `json:"budget_s"`
	Stopped   string   `json:"stopped,omitempty"`
	Next      string   `json:"next,omitempty"` // address of the step to run now
	SpentS    Number   `json:"elapsed_s"`
	RemainS   Number   `json:"eta_s"`
	StepsLeft int      `json:"steps_left"`
	StepsDone int      `json:"steps_done"`
}

// Attack is one experiment (or the baseline) in the order of the plan.
type Attack struct {
	ID    string   `json:"id"`
	Title string   `json:"title"`
	State string   `json:"state"`
	Kinds []string `json:"kinds"`
	LeftS Number   `json:"estimate_s"`
	Spent Number   `json:"elapsed_s"`
	Why   string   `json:"why,omitempty"`
}

// plan needs the report's experiments in the plan's order.
func (b *builder) plan(r *Report) Plan {
	p := b.in.Plan
	out := Plan{
		Ranked: ranked(r), Attack: []Attack{}, Approval: b.in.Study.Approval, Budget: None(), Stopped: p.Stopped,
		SpentS: Number(p.Spent.Seconds()), RemainS: left(p.Remaining),
	}
	if b.in.Study.Budget > 0 {
		out.Budget = Number(b.in.Study.Budget.Seconds())
	}
	if p.Next >= 0 && p.Next < len(p.Steps) {
		out.Next = p.Steps[p.Next].Address
	}
	for _, s := range p.Steps {
		switch s.State {
		case plan.Ready, plan.Waiting:
			out.StepsLeft++
		case plan.Done, plan.Failed:
			out.StepsDone++
		}
	}
	out.Attack = append(out.Attack, b.attack("baseline", "Baseline", &p.Baseline, r.Baseline.Why))
	for i := range p.Experiments {
		x := &r.Experiments[i]
		out.Attack = append(out.Attack, b.attack(x.ID, x.Title, &p.Experiments[i], x.Reason))
	}
	// Experiments run in the order of their steps; those without steps come last.
	first := map[string]int{}
	for i := range p.Experiments {
		if at := p.Experiments[i].Steps; len(at) > 0 {
			first[r.Experiments[i].ID] = at[0] + 1
		} else {
			first[r.Experiments[i].ID] = len(p.Steps) + 1 + i
		}
	}
	slices.SortStableFunc(out.Attack, func(x, y Attack) int { return first[x.ID] - first[y.ID] })
	return out
}

// left is how long what is left takes at least; absent before the baseline was measured.
func left(e plan.Estimate) Number {
	if e.Unknown {
		return None()
	}
	return Number(e.Least.Seconds())
}

func (b *builder) attack(id, title string, e *plan.Experiment, why string) Attack {
	a := Attack{ID: id, Title: title, State: string(e.State), Kinds: []string{}, Why: why}
	for _, s := range b.stepsOf(e) {
		if k := string(s.Kind); !slices.Contains(a.Kinds, k) {
			a.Kinds = append(a.Kinds, k)
		}
		if s.Record != nil {
			a.Spent += Number(s.Record.Outcome.Elapsed.Seconds())
		} else {
			a.LeftS += Number(s.Estimate.Seconds())
		}
	}
	return a
}

// ranked orders hypotheses by priority, then by expected impact, then by number.
func ranked(r *Report) []string {
	var xs []*Experiment
	for i := range r.Experiments {
		if !r.Experiments[i].Compound {
			xs = append(xs, &r.Experiments[i])
		}
	}
	slices.SortStableFunc(xs, func(x, y *Experiment) int {
		if d := rank(x.Priority) - rank(y.Priority); d != 0 {
			return d
		}
		switch a, b := middle(x), middle(y); {
		case a > b:
			return -1
		case a < b:
			return 1
		}
		return x.Number - y.Number
	})
	out := []string{}
	for _, x := range xs {
		out = append(out, x.ID)
	}
	return out
}

func middle(x *Experiment) float64 {
	if !x.ExpectLo.Known() || !x.ExpectHi.Known() {
		return 0
	}
	return float64(x.ExpectLo+x.ExpectHi) / 2
}

// Experiment finds an experiment by its id; nil when there is none.
func (r *Report) Experiment(id string) *Experiment {
	for i := range r.Experiments {
		if r.Experiments[i].ID == id {
			return &r.Experiments[i]
		}
	}
	return nil
}

// PrimaryMetric is the metric that verdicts are reached on.
func (r *Report) PrimaryMetric() Metric {
	for _, m := range r.Metrics {
		if m.Primary {
			return m
		}
	}
	return r.Metrics[0] // Build puts the primary one there
}

func rank(priority string) int {
	switch priority {
	case "high", "HIGH":
		return 0
	case "low", "LOW":
		return 2
	}
	return 1
}
