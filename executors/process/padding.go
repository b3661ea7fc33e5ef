package process

import (
	"math/rand/v2"
	"strings"
)

// padding draws the sizes by which environments are padded. The size of the environment moves the stack, and with it how
// data falls into cache lines and pages: worth several percent to some programs. Drawn anew for each run, that is noise
// which averages out; left alone, it would be an effect that belongs to nobody.
type padding struct {
	rng   *rand.Rand
	drawn []int
}

// padStream keeps these draws apart from those that ordered the visits by the same seed.
const padStream = 0x70616464696e67 // "padding"

func newPadding(seed uint64) *padding { return &padding{rng: rand.New(rand.NewPCG(seed, padStream))} }

// of is the size for a run, by its position in the batch: from 0 to 4095 bytes, a page.
func (p *padding) of(seq int) int {
	for len(p.drawn) <= seq {
		p.drawn = append(p.drawn, p.rng.IntN(4096))
	}
	return p.drawn[seq]
}

// padVariable is there in every padded run, also with nothing in it: the number of variables stays the same.
func padVariable(n int) string { return "BENCH_PAD=" + strings.Repeat("x", n) }
