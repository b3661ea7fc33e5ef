package plan

import (
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"

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
// cancel, and not aliasing with periodic noise. first is the number of the batch's first round.
func schedule(seed uint64, arms, inputs, warmup, first, rounds int) []pipeline.Visit {
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
	flipped := make([]bool, inputs)
	for r := range rounds {
		for _, i := range rng.Perm(inputs) {
			if r%2 == 0 {
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
