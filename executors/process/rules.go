package process

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/benchfile/bench/pipeline"
)

// rules decides after each run whether the batch goes on. Pure: it sees runs and nothing else.
type rules struct {
	job    pipeline.Job
	inputs []inputStrikes
	ended  map[[2]int]int // by arm and input: runs in a row that were ended at their limit
}

// inputStrikes is what the strikes rule knows of one input.
type inputStrikes struct {
	baseline []float64               // seconds of all baseline runs so far, reference first
	pairs    map[int]map[int]float64 // round → arm → seconds, until both are there
	running  int                     // strikes in a row
}

// Rules gives the rules of a job alone: what it returns says after each run, in the job's order, whether the batch goes on.
// It is for whoever makes runs without processes.
func Rules(job pipeline.Job) func(pipeline.Visit, pipeline.Run) (pipeline.Status, string) {
	return newRules(job).after
}

func newRules(job pipeline.Job) *rules {
	r := &rules{job: job, inputs: make([]inputStrikes, len(job.Inputs)), ended: map[[2]int]int{}}
	for i := range r.inputs {
		r.inputs[i].pairs = map[int]map[int]float64{}
		if job.Strikes != nil && i < len(job.Strikes.Reference) {
			r.inputs[i].baseline = slices.Clone(job.Strikes.Reference[i])
		}
	}
	return r
}

// after says how the batch stands after a run: StatusOK means that it goes on.
func (r *rules) after(v pipeline.Visit, run pipeline.Run) (pipeline.Status, string) {
	at := [2]int{v.Arm, v.Input}
	if !run.TimedOut {
		r.ended[at] = 0
	}
	switch {
	case run.TimedOut:
		if r.ended[at]++; r.ended[at] < r.job.Overruns {
			return pipeline.StatusOK, ""
		}
		return pipeline.StatusTimeout, r.where(v) + ": not done after " + r.limit(v).String()
	case !run.OK():
		return pipeline.StatusFailed, r.where(v) + ": " + how(run)
	}
	if why := r.strike(v, run); why != "" {
		return pipeline.StatusKilled, why
	}
	return pipeline.StatusOK, ""
}

func (r *rules) limit(v pipeline.Visit) time.Duration {
	if v.Input < len(r.job.Limits) {
		return r.job.Limits[v.Input]
	}
	return 0
}

// where names a run as people do: "measure candidate on typical, run 3".
func (r *rules) where(v pipeline.Visit) string {
	var b strings.Builder
	b.WriteString(string(r.job.Kind))
	if arm := r.job.Arms[v.Arm].Name; arm != string(r.job.Kind) {
		b.WriteString(" " + arm)
	}
	if in := r.job.Inputs[v.Input]; in != "" {
		b.WriteString(" on " + in)
	}
	switch {
	case v.Warmup:
		b.WriteString(", warm-up")
	case len(r.job.Visits) > 1:
		fmt.Fprintf(&b, ", run %d", v.Round)
	}
	return b.String()
}

// how says how a run ended that did not end well. A shell reports a child's signal as exit 128+n: the signal is named too.
func how(run pipeline.Run) string {
	switch {
	case run.Error != "":
		return run.Error
	case run.Signal != "":
		return "ended by " + run.Signal
	}
	if name := signalName(run.Exit - 128); run.Exit > 128 && name != "" {
		return fmt.Sprintf("exit %d (%s)", run.Exit, name)
	}
	return fmt.Sprintf("exit %d", run.Exit)
}

// strike applies Job.Strikes once both runs of a pair are there. Warm-ups do not strike; the
// baseline's serve as reference, so that its own bad moments stop nobody. A pair that is made again does neither.
func (r *rules) strike(v pipeline.Visit, run pipeline.Run) string {
	s, seconds := r.job.Strikes, run.Metrics["time"]
	if s == nil || seconds <= 0 {
		return ""
	}
	in := &r.inputs[v.Input]
	if v.Warmup {
		if v.Arm == 0 {
			in.baseline = append(in.baseline, seconds)
		}
		return ""
	}
	if run.Discarded != "" {
		delete(in.pairs, v.Round)
		return ""
	}
	pair := in.pairs[v.Round]
	if pair == nil {
		pair = map[int]float64{}
		in.pairs[v.Round] = pair
	}
	pair[v.Arm] = seconds
	base, candidate := pair[0], pair[1]
	if base == 0 || candidate == 0 {
		return ""
	}
	delete(in.pairs, v.Round)
	in.baseline = append(in.baseline, base)
	slowest, median := slices.Max(in.baseline), middle(in.baseline)
	v.Arm = 1 // the candidate's run may have been the first of the pair
	switch {
	case s.Literal && len(in.baseline) < 3:
		return "" // no median to speak of
	case s.Literal:
		if candidate <= s.Factor*median {
			return ""
		}
		return fmt.Sprintf("%s took longer than %.2f × the median baseline run: %.4g s against %.4g s", r.where(v), s.Factor, candidate, median)
	case candidate <= s.Factor*slowest:
		in.running = 0
		return ""
	case base > s.Factor*median:
		return "" // the machine was slow for both: the pair says nothing
	}
	if in.running++; in.running < s.Consecutive {
		return ""
	}
	return fmt.Sprintf("%s: %d runs in a row took longer than %.2f × the slowest baseline run: %.4g s against %.4g s",
		r.where(v), in.running, s.Factor, candidate, slowest)
}

// middle is the median of a list that has at least one value.
func middle(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	if n := len(v); n%2 == 0 {
		return (v[n/2-1] + v[n/2]) / 2
	}
	return v[len(v)/2]
}
