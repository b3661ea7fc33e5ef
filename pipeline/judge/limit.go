package judge

import (
	"fmt"
	"slices"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/stats"
)

// consecutive is how many strikes in a row end a candidate. One alone would kill 38 % of the identical candidates at a
// CV of 3 %, three in a row 0.02 %.
const consecutive = 3

// timeLimit is the workflow's KILL (4.5): a check or batch that runs ended at their limit have ended, a batch that the executor gave up, or three
// runs in a row beyond Timeout × the slowest baseline run of their input while their own controls were not slow.
func timeLimit(r *reading) row {
	out := row{need: "no time limit", got: "none set", pass: true}
	if f := r.Criteria.Timeout; f > 0 {
		out.need = fmt.Sprintf("no check or batch ended at a time limit, no %d runs in a row above %s × the slowest baseline run", consecutive, factor(f))
		if r.Criteria.LiteralKill {
			out.need = fmt.Sprintf("no check or batch ended at a time limit, no run above %s × the median baseline run", factor(f))
		}
	}
	kill := func(o *pipeline.Outcome, got string) row {
		out.pass, out.got = false, got
		out.call = &call{kind: pipeline.Kill, reason: got}
		if o != nil {
			out.call.detail = o.Tail
		}
		return out
	}
	for _, c := range r.Checks {
		if run := overran(c.Outcome, outputArm); run != nil {
			return kill(c.Outcome, r.overrun(run))
		}
	}
	for _, o := range r.Batches {
		if run := overran(o, candidateArm); run != nil {
			return kill(o, r.overrun(run))
		}
	}
	if o := r.unexplained(pipeline.StatusTimeout); o != nil {
		return kill(o, or(o.Reason, "a run was ended at its time limit"))
	}
	if got := r.struck(); got != "" {
		return kill(nil, got)
	}
	if o := r.unexplained(pipeline.StatusKilled); o != nil {
		return kill(o, r.gaveUp(o))
	}
	if len(r.runs) == 0 {
		return notReached(out.need)
	}
	if r.Criteria.Timeout > 0 {
		out.got = r.slowest()
	}
	return out
}

// references are all known times of the baseline by input, warm-ups included: the slowest of them is the cap.
func references(known map[string][]float64, runs []*pipeline.Run) map[string][]float64 {
	out := map[string][]float64{}
	for input, times := range known {
		out[input] = append(make([]float64, 0, len(times)+usualRounds), times...)
	}
	for _, run := range runs {
		if run.Arm != baselineArm || !run.OK() || run.Discarded != "" {
			continue
		}
		if t, ok := run.Metrics[timeMetric]; ok {
			times := out[run.Input]
			if times == nil {
				times = make([]float64, 0, usualRounds)
			}
			out[run.Input] = append(times, t)
		}
	}
	return out
}

// struck finds the first input on which the candidate was too slow three times in a row.
func (r *reading) struck() string {
	if r.Criteria.Timeout <= 1 {
		return ""
	}
	for _, in := range r.Inputs {
		s := r.times(in.Name)
		ref := r.reference[in.Name]
		if r.Criteria.LiteralKill {
			if at := stats.Literal(s.cand, ref, r.Criteria.Timeout-1); at > 0 {
				return fmt.Sprintf("%s: %s, the median baseline run", in.Name, r.beyond(s.cand[at-1], stats.Median(ref)))
			}
			continue
		}
		at := stats.Strikes(s.cand, s.base, ref, r.Criteria.Timeout-1, consecutive)
		if at == 0 {
			continue
		}
		return fmt.Sprintf("%s: %s, %d runs in a row", in.Name, r.beyond(s.cand[at-1], slices.Max(ref)), consecutive)
	}
	return ""
}

// times are the seconds of an input's pairs.
func (r *reading) times(input string) sample {
	if r.primary.metric.Name == timeMetric {
		for _, p := range r.primary.parts {
			if p.input.Name == input {
				return p.sample // read already
			}
		}
	}
	return take(r.pairs[input], input, timeMetric)
}

// beyond writes "443.0 s > 1.10 × 268.1 s".
func (r *reading) beyond(elapsed, slowest float64) string {
	return fmt.Sprintf("%s > %s × %s", Quantity(elapsed, "s"), factor(r.Criteria.Timeout), Quantity(slowest, "s"))
}

// overrun says how a run came to be ended, with its time against the baseline's where both are known.
func (r *reading) overrun(run *pipeline.Run) string {
	t, ok := run.Metrics[timeMetric]
	if !ok {
		return "ended at its time limit on " + which(run)
	}
	ref := r.reference[run.Input]
	if r.Criteria.Timeout > 0 && len(ref) > 0 && t > r.Criteria.Timeout*slices.Max(ref) {
		return which(run) + ": ended, " + r.beyond(t, slices.Max(ref))
	}
	return fmt.Sprintf("%s: ended at its time limit after %s", which(run), Quantity(t, "s"))
}

// gaveUp says why the executor stopped a batch when the recorded runs alone do not show it.
func (r *reading) gaveUp(o *pipeline.Outcome) string {
	for i := len(o.Runs) - 1; i >= 0; i-- {
		run := &o.Runs[i]
		ref := r.reference[run.Input]
		if t, ok := run.Metrics[timeMetric]; ok && run.Arm == candidateArm && run.Discarded == "" && len(ref) > 0 && t > r.Criteria.Timeout*slices.Max(ref) {
			return which(run) + ": " + r.beyond(t, slices.Max(ref))
		}
	}
	return or(o.Reason, "the batch was stopped: the candidate is far too slow")
}

// slowest names the candidate run that came nearest to the cap.
func (r *reading) slowest() string {
	top := map[string]float64{}
	for _, in := range r.Inputs {
		if ref := r.reference[in.Name]; len(ref) > 0 {
			top[in.Name] = slices.Max(ref)
		}
	}
	var near *pipeline.Run
	var most float64
	for _, run := range r.runs {
		if run.Arm != candidateArm || run.Discarded != "" {
			continue
		}
		t, ok := run.Metrics[timeMetric]
		if cap := top[run.Input]; ok && cap > 0 && t/cap > most {
			near, most = run, t/cap
		}
	}
	if near == nil {
		return "no times known"
	}
	return fmt.Sprintf("slowest: %s, %.2f × %s", which(near), most, Quantity(top[near.Input], "s"))
}

func factor(f float64) string { return fmt.Sprintf("%.2f", f) }
