package plan

import (
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"slices"

	"github.com/benchfile/bench/pipeline"
)

// seed derives the order of a batch from what is measured, so that it is random with respect to the machine and the
// same whenever the same batch is planned again.
func seed(k pipeline.Key) uint64 {
	b, err := hex.DecodeString(string(k))
	if err != nil || len(b) < 8 {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}

// schedule lays out a batch. Warm-ups of every arm and input come first. Then each round visits all inputs in random
// order; each visit is an adjacent pair of both arms. The order within the pair is a fair coin in the first round of
// every two and its opposite in the second: exactly balanced, so that linear drift and the effect of coming second
// cancel, and not aliasing with periodic noise. first is the number of the batch's first round. Where an odd number of
// rounds was made before, open says for each input whether the last of them had the candidate first: this batch begins with its
// opposite, so that the balance is kept over batches. nil: nothing is open.
func schedule(seed uint64, arms, inputs, warmup, first, rounds int, open []bool) []pipeline.Visit {
	rng := rand.New(rand.NewPCG(seed, 0x62656e6368)) // the second word is "bench": any constant does
	visits := make([]pipeline.Visit, 0, arms*inputs*(warmup+rounds))
	for w := range warmup {
		for i := range inputs {
			for a := range arms {
				arm := a
				if w%2 == 1 {
					arm = arms - 1 - a
				}
				visits = append(visits, pipeline.Visit{Arm: arm, Input: i, Warmup: true, Pair: a > 0})
			}
		}
	}
	flipped, second := make([]bool, inputs), 0
	if open != nil {
		copy(flipped, open)
		second = 1
	}
	for r := range rounds {
		for _, i := range rng.Perm(inputs) {
			if (r+second)%2 == 0 {
				flipped[i] = rng.IntN(2) == 1
			} else {
				flipped[i] = !flipped[i]
			}
			for a := range arms {
				arm := a
				if flipped[i] {
					arm = arms - 1 - a
				}
				visits = append(visits, pipeline.Visit{Arm: arm, Input: i, Round: first + r, Pair: a > 0})
			}
		}
	}
	return visits
}

// open says for each input whether the candidate came first in the last round of earlier batches, when that round has no
// opposite yet; else nil.
func (e earlier) open(inputs []string, first int) []bool {
	if first%2 == 1 || len(e.batches) == 0 {
		return nil
	}
	out, runs := make([]bool, len(inputs)), e.batches[len(e.batches)-1].Runs
	for n, run := range runs {
		if run.Round != first-1 || run.Warmup || run.Discarded != "" || run.Arm != candidateArm {
			continue
		}
		if i := slices.Index(inputs, run.Input); i >= 0 {
			out[i] = n+1 < len(runs) && runs[n+1].Arm == baselineArm && runs[n+1].Round == run.Round && runs[n+1].Input == run.Input
		}
	}
	return out
}

// Looks are the numbers of rounds after which the judge may decide: those asked for, else the first, the last, and one
// between: half of the last where that is well beyond the first (10, 20, 40), else the mean of both (10, 15, 20). These
// are the plans whose constants are known.
func Looks(m pipeline.Measure) []int {
	switch {
	case len(m.Looks) > 0:
		return m.Looks
	case m.MaxRuns <= m.Runs:
		return []int{m.Runs}
	}
	mid := (m.MaxRuns + 1) / 2
	if 4*mid < 5*m.Runs {
		mid = (m.Runs + m.MaxRuns) / 2
	}
	if mid == m.Runs || mid == m.MaxRuns {
		return []int{m.Runs, m.MaxRuns}
	}
	return []int{m.Runs, mid, m.MaxRuns}
}
