package judge

import (
	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/stats"
)

// minRounds is how many rounds a KEEP rests on (workflow 3.2), unless the Benchfile gave a reason for fewer.
const minRounds = 10

// noisyRounds is how many rounds a noisy measurement is given before anything is read from it (workflow 4.6).
const noisyRounds = 20

// reading is the evidence with everything computed that more than one rule looks at. It does not change once it is made.
type reading struct {
	Evidence
	runs      []*pipeline.Run      // of all batches
	pairs     map[string][]pair    // of them, by input
	reference map[string][]float64 // all known times of the baseline by input, warm-ups included
	primary   comparison
	secondary []comparison

	zone   string         // of the primary interval, before any guard: a word of stats
	stat   stats.Decision // with the guards of inputs and of limited metrics
	guards []stats.GuardState
	limits []limited
	final  bool // what is there is all there will be

	cv      float64 // worst classic coefficient of variation of a baseline arm
	cvInput string
	notes   []string // of the pairing
}

// limited is a secondary metric that may not get worse by more than its limit.
type limited struct {
	comparison
	state stats.GuardState
}

// Experiment judges one experiment by everything that is known of it.
func Experiment(e Evidence) Decision {
	r := read(e)
	v, more := r.walk()
	v.Effect, v.Inputs = r.primary.whole, r.primary.each
	for _, c := range r.secondary {
		v.Secondary = append(v.Secondary, c.shown()...)
	}
	v.Rounds = r.primary.rounds()
	v.Warnings = r.warnings()
	return Decision{
		Verdict: v, Continue: more,
		Effect:   r.primary.interval,
		GainP:    r.primary.interval.PAbove(lnGain(e.Criteria.Maybe)),
		Restless: r.restless(),
	}
}

// walk applies every rule in order. The first that decides makes the verdict; the others still say need and got.
func (r *reading) walk() (v pipeline.Verdict, more bool) {
	decided := false
	for _, rule := range rules() {
		row := rule.apply(r)
		if row.rest && decided {
			row.got, row.pass = "decided above", false
		}
		line := pipeline.Rule{Name: rule.name, Need: row.need, Got: row.got, Pass: row.pass}
		if row.call != nil && !decided {
			decided, line.Decided = true, true
			v.Kind, v.Rule, v.Reason, v.Detail = row.call.kind, rule.name, row.call.reason, row.call.detail
			v.NeedRounds, more = row.call.need, row.call.more && !r.Final
		}
		v.Rules = append(v.Rules, line)
	}
	return v, more
}

func read(e Evidence) *reading {
	r := &reading{Evidence: e}
	for _, b := range e.Batches {
		if b != nil {
			for i := range b.Runs {
				r.runs = append(r.runs, &b.Runs[i])
			}
		}
	}
	r.pairs, r.notes = pairUp(r.runs)
	r.reference = references(e.Baseline, r.runs)
	level := Confidence(e.Criteria.Alpha, e.Looks)
	r.primary = compare(e.Primary, e.Inputs, r.pairs, level)
	for _, m := range e.Metrics {
		if m.Name != e.Primary.Name {
			r.secondary = append(r.secondary, compare(m, e.Inputs, r.pairs, level))
		}
	}
	r.final = e.Final || r.primary.declared()
	r.guard()
	iv := r.primary.interval
	r.zone = stats.Zone(iv.Theta, iv.Lo, iv.Hi, e.Criteria.Keep, e.Criteria.Maybe)
	r.stat = stats.Verdict(iv.Theta, iv.Lo, iv.Hi, r.allGuards(), e.Criteria.Keep, e.Criteria.Maybe, r.final)
	for _, p := range r.primary.parts {
		if p.cv.CV > r.cv {
			r.cv, r.cvInput = p.cv.CV, p.input.Name
		}
	}
	return r
}

// guard holds every input to the worst tolerated slowdown, and every limited metric to its limit.
func (r *reading) guard() {
	alpha := alphaOf(r.Criteria)
	r.guards = stats.Guard(r.primary.estimates(), r.Criteria.InputRegression, alpha)
	for _, c := range r.secondary {
		if c.metric.Limit > 0 {
			r.limits = append(r.limits, limited{c, c.within(alpha)})
		}
	}
}

// within says whether a metric over all inputs stays inside its limit: clear when its one-sided bound does; veto when
// the estimate is beyond it and shown to be worse at all.
func (c comparison) within(alpha float64) stats.GuardState {
	if state, ok := c.fromZero(); ok {
		return state
	}
	return stats.Guard([]stats.Estimate{c.interval.Estimate()}, c.metric.Limit, alpha)[0]
}

// fromZero judges an exact metric of which some arm says zero, so that there is no ratio: any number is infinitely more
// than none. It says nothing (ok is false) where ratios can be taken.
func (c comparison) fromZero() (state stats.GuardState, ok bool) {
	state = stats.Clear
	for _, p := range c.parts {
		var s stats.GuardState
		switch {
		case p.problem == "":
			s = stats.Guard([]stats.Estimate{p.est}, c.metric.Limit, defaultAlpha)[0]
		case !p.exact || p.base[0] < 0 || p.cand[0] < 0:
			return stats.Unclear, false
		case (p.cand[0] > p.base[0]) == (c.metric.Better != pipeline.Higher):
			s, ok = stats.Veto, true
		default:
			s, ok = stats.Clear, true
		}
		state = worse(state, s)
	}
	return state, ok
}

// worse is the graver of two guards.
func worse(a, b stats.GuardState) stats.GuardState {
	if a == stats.Veto || b == stats.Clear {
		return a
	}
	return b
}

func (r *reading) allGuards() []stats.GuardState {
	all := append([]stats.GuardState{}, r.guards...)
	for _, l := range r.limits {
		all = append(all, l.state)
	}
	return all
}

// shown are the effects of a secondary metric: over all inputs, or a note why there is none.
func (c comparison) shown() []pipeline.Effect {
	if c.whole != nil {
		return []pipeline.Effect{*c.whole}
	}
	why := c.problem()
	if c.rounds() == 0 && !c.anywhere() {
		return nil // not measured at all
	}
	if why == "" {
		why = "too few rounds for an interval"
	}
	e := pipeline.Effect{Metric: c.metric.Name, Unit: c.metric.Unit, Better: c.metric.Better, Confidence: c.level, P: 1,
		Rounds: c.rounds(), Exact: c.exact(), Note: why}
	for _, p := range c.parts {
		if p.bad == nil || p.bad.zero {
			e.Baseline += centre(p.base) / float64(len(c.parts))
			e.Candidate += centre(p.cand) / float64(len(c.parts))
		}
	}
	return []pipeline.Effect{e}
}

// anywhere says whether any input has a pair with the metric.
func (c comparison) anywhere() bool {
	for _, p := range c.parts {
		if len(p.base) > 0 {
			return true
		}
	}
	return false
}
