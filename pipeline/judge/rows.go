package judge

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/stats"
)

// values asks for numbers that can be compared. What a candidate yields that is no number is its failure; what cannot
// be put into a ratio is nobody's, and more rounds will not mend it.
func values(r *reading) row {
	out := row{need: "comparable values of " + r.Primary.Name + " from both arms on every input", pass: true}
	if len(r.runs) == 0 {
		return notReached(out.need)
	}
	out.got = plural(r.primary.rounds(), "pair") + " on every input"
	for _, p := range r.primary.parts {
		if p.problem == "" {
			continue
		}
		out.pass, out.got = false, p.problem
		if len(p.base) == 0 {
			out.got = joined(": ", out.got, p.why)
		}
		out.call = &call{kind: pipeline.Inconclusive, reason: out.got}
		if p.bad != nil && !p.bad.zero && p.bad.arm == candidateArm {
			out.call.kind = pipeline.Failed
		}
		return out
	}
	return out
}

// rounds asks for enough of them: ten, fewer only if the Benchfile asked for fewer, one for an exact metric.
func rounds(r *reading) row {
	n, least := r.primary.rounds(), r.leastRounds()
	out := row{need: "at least " + plural(least, "round"), got: plural(n, "round"), pass: n >= least}
	if r.primary.declared() {
		out.got += ", exact"
	}
	if n == 0 && len(r.runs) == 0 {
		out = notReached(out.need)
		out.call = &call{kind: pipeline.Inconclusive, reason: "not measured yet", need: least, more: true}
	} else if n < stats.MinValues && !r.primary.declared() {
		out.pass = false
		out.call = &call{kind: pipeline.Inconclusive, reason: out.got + ": too few to compare", need: least, more: true}
	}
	return out
}

// leastRounds is how many rounds a KEEP rests on.
func (r *reading) leastRounds() int {
	if r.primary.declared() {
		return 1
	}
	if r.few() {
		return max(stats.MinValues, r.Looks[len(r.Looks)-1])
	}
	return minRounds
}

// few says whether the Benchfile asked for fewer rounds than the workflow does.
func (r *reading) few() bool { return len(r.Looks) > 0 && r.Looks[len(r.Looks)-1] < minRounds }

// noise holds a verdict back while the machine is too restless to stop early. It never makes one: whether noise matters
// shows in the interval.
func noise(r *reading) row {
	limit := r.Criteria.MaxCV
	if limit <= 0 {
		return row{need: "no limit on the noise", got: "CV " + Share(r.cv), pass: true}
	}
	out := row{need: fmt.Sprintf("CV at most %s on every input, else %d rounds", Share(limit), noisyRounds)}
	if r.primary.rounds() < stats.MinValues {
		out.got = "not reached"
		return out
	}
	out.got = "CV at most " + Share(r.cv)
	if r.cvInput != "" {
		out.got = "CV " + Share(r.cv) + " on " + r.cvInput
	}
	n := r.primary.rounds()
	out.pass = r.cv <= limit || n >= noisyRounds
	if !out.pass && !r.final {
		out.call = &call{kind: pipeline.Inconclusive, reason: fmt.Sprintf("%s so far, %s: too noisy to stop after %s",
			r.summary(), out.got, plural(n, "round")), need: noisyRounds, more: true}
	}
	return out
}

// gained says whether the numbers alone would keep the change in any way.
func (r *reading) gained() bool { return r.zone == stats.Keep || r.zone == stats.Maybe }

// inputRegression is the workflow's "if any input regresses > 5 %" (4.6). It is asked only of what is otherwise a gain:
// the rest is discarded anyway, for a better reason.
func inputRegression(r *reading) row {
	out := row{need: "no input more than " + Share(r.Criteria.InputRegression) + " worse"}
	effects := r.primary.each
	if len(effects) == 0 {
		return notReached(out.need)
	}
	worst := slices.MinFunc(effects, func(a, b pipeline.Effect) int { return sign(a.Improvement() - b.Improvement()) })
	out.got = "worst: " + worst.Input + " " + changeOf(worst)
	out.pass = true
	var open []string
	for i, g := range r.guards {
		out.pass = out.pass && g == stats.Clear
		if g == stats.Unclear {
			open = append(open, r.primary.parts[i].input.Name)
		}
	}
	if len(open) > 0 {
		out.got += "; not shown of " + strings.Join(open, ", ")
	}
	if at := r.vetoed(effects); at >= 0 && r.gained() {
		out.got = effects[at].Input + " " + changeOf(effects[at])
		out.call = &call{kind: pipeline.Discard, reason: fmt.Sprintf("%s in all, but %s is %s: more than %s worse; make the change depend on the input, or drop it",
			r.summary(), effects[at].Input, changeOf(effects[at]), Share(r.Criteria.InputRegression))}
	}
	return out
}

// vetoed is the worst effect whose input has a veto; −1 when there is none.
func (r *reading) vetoed(effects []pipeline.Effect) int {
	worst := -1
	for i, g := range r.guards {
		if g != stats.Veto {
			continue
		}
		at := slices.IndexFunc(effects, func(e pipeline.Effect) bool { return e.Input == r.primary.parts[i].input.Name })
		if at >= 0 && (worst < 0 || effects[at].Improvement() < effects[worst].Improvement()) {
			worst = at
		}
	}
	return worst
}

// metricLimit holds secondary metrics to their limits, as inputRegression does inputs.
func metricLimit(r *reading) row {
	out := row{need: "no metric beyond its limit", got: "no metric has a limit", pass: true}
	if len(r.limits) == 0 {
		return out
	}
	if len(r.runs) == 0 {
		return notReached(out.need)
	}
	out.got = ""
	for _, l := range r.limits {
		line := l.line()
		if l.state != stats.Clear {
			line += " (limit " + Share(l.metric.Limit) + ")"
			out.pass = false
		}
		out.got = joined("; ", out.got, line)
		if l.state == stats.Veto && out.call == nil && r.gained() {
			out.call = &call{kind: pipeline.Discard, reason: fmt.Sprintf("%s, but %s: beyond its limit of %s",
				r.summary(), l.line(), Share(l.metric.Limit))}
		}
	}
	return out
}

// line writes a limited metric: "memory_peak +12.1 % [+11.0, +13.2]".
func (l limited) line() string {
	if e := l.whole; e != nil {
		return l.metric.Name + " " + changeOf(*e)
	}
	if _, ok := l.fromZero(); ok {
		for _, p := range l.parts {
			if p.problem != "" {
				return fmt.Sprintf("%s %s → %s on %s", l.metric.Name, Quantity(p.base[0], l.metric.Unit), Quantity(p.cand[0], l.metric.Unit), p.input.Name)
			}
		}
	}
	return l.metric.Name + " cannot be compared: " + or(l.problem(), "too few rounds")
}

func keep(r *reading) row {
	out := row{need: fmt.Sprintf("%s or better, and the interval beyond %s", r.gain(r.Criteria.Keep), r.gain(r.Criteria.Maybe))}
	if !r.measured(&out) {
		return out
	}
	out.pass = r.zone == stats.Keep && r.unclear() == nil && !r.anyVeto() && rounds(r).pass
	if out.pass {
		out.call = &call{kind: pipeline.Keep, reason: r.summary() + r.worstInput()}
	}
	return out
}

// worstInput adds the input that gained least to a reason, where there is more than one.
func (r *reading) worstInput() string {
	effects := r.primary.each
	if len(effects) < 2 {
		return ""
	}
	worst := slices.MinFunc(effects, func(a, b pipeline.Effect) int { return sign(a.Improvement() - b.Improvement()) })
	return fmt.Sprintf("; worst input %s %s", worst.Input, Percent(worst.Change))
}

// maybe takes a gain below the KEEP threshold, and one above it that the rounds or the interval do not carry.
func maybe(r *reading) row {
	out := row{need: fmt.Sprintf("%s or better, and the interval beyond 0", r.gain(r.Criteria.Maybe))}
	if !r.measured(&out) {
		return out
	}
	short := r.zone == stats.Keep && r.unclear() == nil && !rounds(r).pass
	out.pass = (r.zone == stats.Maybe || short) && !r.anyVeto()
	if !out.pass || !r.final {
		return out
	}
	why := "short of " + r.gain(r.Criteria.Keep)
	switch iv := r.primary.interval; {
	case short:
		why = fmt.Sprintf("KEEP needs %d rounds and there are %d", r.leastRounds(), r.primary.rounds())
	case iv.Theta <= lnGain(r.Criteria.Keep):
		why = "the interval reaches above " + r.gain(r.Criteria.Maybe)
	}
	out.call = &call{kind: pipeline.Maybe, reason: r.summary() + ": " + why + ", stays in the backlog"}
	return out
}

func regression(r *reading) row {
	return r.discard(stats.Regression, "the whole interval is worse than the baseline", "worse than the baseline")
}

func equivalent(r *reading) row {
	m := Share(r.Criteria.Maybe)
	return r.discard(stats.Equivalent, "the whole interval is within ±"+m, "no different from the baseline, within ±"+m)
}

func belowThreshold(r *reading) row {
	return r.discard(stats.BelowThreshold, fmt.Sprintf("short of %s, and the interval excludes %s", r.gain(r.Criteria.Maybe), r.gain(r.Criteria.Keep)),
		"short of "+r.gain(r.Criteria.Maybe))
}

// discard is one of the three ways in which a change is shown not to be worth it.
func (r *reading) discard(reason, need, why string) row {
	out := row{need: need}
	if !r.measured(&out) {
		return out
	}
	iv := r.primary.interval
	final := stats.Verdict(iv.Theta, iv.Lo, iv.Hi, nil, r.Criteria.Keep, r.Criteria.Maybe, true)
	out.pass = final.Verdict == stats.Discard && final.Reason == reason
	if out.pass && (r.final || r.stat.Stop) {
		out.call = &call{kind: pipeline.Discard, reason: r.summary() + ": " + why}
	}
	return out
}

// inconclusive is what is left: more rounds, or the honest answer that there is none.
func inconclusive(r *reading) row {
	out := row{need: "nothing above decides", pass: true, rest: true}
	if !r.measured(&out) {
		out.got = "not measured yet"
		out.call = &call{kind: pipeline.Inconclusive, reason: "not measured yet", need: r.leastRounds(), more: true}
		return out
	}
	n := r.primary.rounds()
	iv := r.primary.interval
	need, why := stats.NeedPairs(n, iv.Lo, iv.Hi, r.targetHalf()), ": too noisy to tell"
	if u := r.unclear(); u != nil && r.zone == stats.Keep {
		need, why = u.need, ", but "+u.text
	}
	if !r.final {
		why = ": not decided yet"
	}
	c := &call{kind: pipeline.Inconclusive, more: true}
	c.reason = fmt.Sprintf("%s after %s%s", r.summary(), plural(n, "round"), why)
	if need > n {
		c.need = need
		if r.final {
			c.reason += fmt.Sprintf("; about %d rounds would do", need)
		}
	}
	out.call = c
	return out
}

// targetHalf is the half width at which every interval decides: a margin inside the narrowest zone of the table. With
// the workflow's 5 % and 2 % it is the 1.5 points of the study behind it.
func (r *reading) targetHalf() float64 {
	narrowest := min(r.Criteria.Keep-r.Criteria.Maybe, r.Criteria.Maybe)
	if !(narrowest > 0) {
		return stats.TargetHalf
	}
	return .75 * narrowest
}

// unclear is the guard that keeps a KEEP from being one, or nil.
type unclear struct {
	text string
	need int // rounds that would make it clear; 0 not known
}

func (r *reading) unclear() *unclear {
	for i, g := range r.guards {
		if p := r.primary.parts[i]; g == stats.Unclear {
			e := r.primary.describe(p.est.Interval(r.primary.level))
			return &unclear{fmt.Sprintf("%s %s is not shown to be less than %s worse", p.input.Name, changeOf(e), Share(r.Criteria.InputRegression)),
				needClear(p.est, r.Criteria.InputRegression, alphaOf(r.Criteria))}
		}
	}
	for _, l := range r.limits {
		if l.state == stats.Unclear {
			est := l.interval.Estimate()
			est.N = l.rounds()
			return &unclear{fmt.Sprintf("%s (limit %s)", l.line(), Share(l.metric.Limit)),
				needClear(est, l.metric.Limit, alphaOf(r.Criteria))}
		}
	}
	return nil
}

// needClear estimates how many rounds would bring the one-sided bound of an estimate below its limit: widths shrink
// with the root of the rounds. It is 0 where no number of them would.
func needClear(e stats.Estimate, limit, alpha float64) int {
	iv := e.Interval(1 - 2*alpha)
	room := math.Abs(math.Log1p(limit) - e.Est)
	if !iv.Defined() || room == 0 {
		return 0
	}
	need := math.Ceil(float64(e.N) * math.Pow(iv.Half()/room, 2))
	if math.IsNaN(need) || need > math.MaxInt32 {
		return 0
	}
	return int(need)
}

func (r *reading) anyVeto() bool { return slices.Contains(r.allGuards(), stats.Veto) }

// measured fills in the effect of a row, or says that there is none.
func (r *reading) measured(out *row) bool {
	if !r.primary.interval.Defined() {
		out.got = "not reached"
		return false
	}
	out.got = r.summary()
	return true
}

// summary writes the primary effect: "time −7.5 % [−7.9, −7.0]".
func (r *reading) summary() string {
	e := r.primary.whole
	if e == nil {
		return r.Primary.Name + " not measured"
	}
	return e.Metric + " " + changeOf(*e)
}

func changeOf(e pipeline.Effect) string { return Change(e.Change, e.Lo, e.Hi) }

// gain writes an improvement by a fraction in the metric's own direction: "−5.0 %" of a time; of a rate "+5.3 %", which
// does the same work in 5 % less time.
func (r *reading) gain(f float64) string {
	if r.Primary.Better == pipeline.Higher {
		return Percent(math.Expm1(-lnGain(f)))
	}
	return Percent(-f)
}

// lnGain is the log-ratio of an improvement by a fraction.
func lnGain(f float64) float64 { return math.Log1p(-f) }

func sign(f float64) int {
	switch {
	case f < 0:
		return -1
	case f > 0:
		return 1
	}
	return 0
}
