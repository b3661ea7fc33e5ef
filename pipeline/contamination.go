package pipeline

import "fmt"

// Contamination is the rule by which a pair of runs is measured again: because of what came from outside of both arms,
// never because of what a run took or yielded. Leaving runs out by their outcome makes noise look small and doubles the
// false alarms; leaving them out by what others did to the machine leaves the comparison as it is. Every number is fixed
// before the batch begins, holds for both arms alike, and a pair goes as a whole.
//
// The pressure on the CPUs is not among the reasons: a program with many threads makes its own, so that an arm would be
// judged by what it is. Nor is a control that was slow: the candidate's run of such a pair is slow as well, and to drop
// pairs with a slow candidate flatters it. Foreign processes on a GPU would be one, as soon as something reads the GPU during
// a run: a further reading in Around, and a line in Reason.
type Contamination struct {
	Cores    int     `json:"cores"`    // logical CPUs of the machine
	Taken    float64 `json:"taken"`    // share of the machine's CPU time that others and the hypervisor may take during a pair
	Pressure float64 `json:"pressure"` // fraction of time in which some task may wait for memory, in both runs of the pair
	Throttle bool    `json:"throttle"` // a processor that was throttled for its heat counts
	Share    float64 `json:"share"`    // of the batch's pairs that may be measured again
}

// leastSpan is the least time in seconds over which the kernel's counters say something of a pair: /proc/stat counts in
// ticks of 10 ms, so that in twenty of them one that fell to the wrong side is a twentieth.
const leastSpan = 0.2

// Reason says why a pair is contaminated, "" when it is not or when that can't be told: its runs were too short for the
// readings, or shared them with other runs, or left processes behind that would count as somebody else's.
func (c *Contamination) Reason(pair []Run) string {
	if c == nil {
		return ""
	}
	for _, r := range pair {
		if r.Halted != "" {
			return r.Halted
		}
	}
	if !told(pair) {
		return ""
	}
	taken, steal, span, pressed, throttled := 0.0, 0.0, 0.0, 1.0, 0.0
	for _, r := range pair {
		a := r.Around
		if a.Span == 0 {
			continue // the next run carries the readings of both
		}
		span += a.Span
		taken += a.Taken(c.Cores) * a.Span
		steal += max(0, a.Steal) * a.Span
		pressed = min(pressed, a.MemPressure)
		throttled += max(0, a.Throttled)
	}
	if span < leastSpan {
		return ""
	}
	switch taken, steal = taken/span, steal/span; {
	case taken > c.Taken && steal > taken/2:
		return fmt.Sprintf("the hypervisor took %.1f %% of the CPU time (limit %.1f %%)", 100*steal, 100*c.Taken)
	case taken > c.Taken:
		return fmt.Sprintf("other programs took %.1f %% of the machine's CPU time (limit %.1f %%)", 100*(taken-steal), 100*c.Taken)
	case c.Throttle && throttled > 0:
		return fmt.Sprintf("the processor was throttled for its heat (%.0f times)", throttled)
	case pressed > c.Pressure:
		return fmt.Sprintf("memory was short for %.1f %% of the time (limit %.1f %%)", 100*pressed, 100*c.Pressure)
	}
	return ""
}

// told says whether the readings of a pair's runs are of these runs and of nothing else.
func told(pair []Run) bool {
	runs := 0
	for i, r := range pair {
		if runs += r.Around.Runs; runs > i+1 || r.Survivors > 0 {
			return false
		}
	}
	return runs == len(pair) && len(pair) > 0
}

// Taken is the share of a machine's CPU time that other programs and the hypervisor took; 0 where neither is known.
func (a Around) Taken(cores int) float64 {
	return max(0, a.Foreign)/float64(max(1, cores)) + max(0, a.Steal)
}

// Repeats follows a batch and says which of its pairs are to be made again. An executor has one for each job.
type Repeats struct {
	job    *Job
	left   int // pairs that may still be made again
	pairs  int // that the batch has, warm-ups aside
	strays int // pairs that were contaminated
}

// Repeats begins to follow a batch of the job.
func (j *Job) Repeats() *Repeats {
	r := &Repeats{job: j}
	for _, v := range j.Visits {
		if !v.Warmup && !v.Pair {
			r.pairs++
		}
	}
	if c := j.Contamination; c != nil {
		r.left = max(1, int(c.Share*float64(r.pairs)))
	}
	return r
}

// Ended takes notice that a visit's run, the last of runs, has ended. When that completes a contaminated pair, its runs
// are labelled, and again are the visits to make once more, after all others: what disturbed this pair may be over by
// then. stop says why the batch must end instead, as StatusEnvironment: too many pairs were contaminated.
func (r *Repeats) Ended(visit int, runs []Run) (again []int, stop string) {
	v := r.job.Visits
	if r.job.Contamination == nil || v[visit].Warmup || visit+1 < len(v) && v[visit+1].Pair {
		return nil, ""
	}
	first := visit
	for v[first].Pair && first > 0 {
		first--
	}
	pair := runs[max(0, len(runs)-(visit-first+1)):]
	why := r.job.Contamination.Reason(pair)
	if why == "" {
		return nil, ""
	}
	r.strays++
	for i := range pair {
		pair[i].Discarded = why
	}
	if r.left--; r.left < 0 {
		return nil, fmt.Sprintf("environment: %d of %d pairs were disturbed, of which %.0f %% may be measured again; the last: %s",
			r.strays, r.pairs, 100*r.job.Contamination.Share, why)
	}
	for i := first; i <= visit; i++ {
		again = append(again, i)
	}
	return again, ""
}
