package judge

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/benchfile/bench/pipeline"
)

// pair is the two runs of one round on one input. A side that was not run is nil.
type pair struct {
	round      int
	base, cand *pipeline.Run
}

// usualRounds is how many rounds are made room for at once.
const usualRounds = 40

// pairUp sorts measured runs into pairs by input and round. Warm-ups are no data, nor are pairs that were measured again
// because of what went on beside them: they were chosen blindly, the executor says by which rule. Any other round that was run twice keeps its
// first run of each arm: choosing by outcome would bend the result.
func pairUp(runs []*pipeline.Run) (pairs map[string][]pair, notes []string) {
	var inputs []inputPairs // few, and asked for with every run: a list is quicker than a map
	for _, r := range runs {
		if r.Warmup || r.Discarded != "" || r.Arm != baselineArm && r.Arm != candidateArm {
			continue
		}
		at := slices.IndexFunc(inputs, func(p inputPairs) bool { return p.input == r.Input })
		if at < 0 {
			at, inputs = len(inputs), append(inputs, inputPairs{r.Input, make([]pair, 0, usualRounds)})
		}
		in := &inputs[at]
		k := findRound(in.pairs, r.Round)
		if k < 0 {
			k, in.pairs = len(in.pairs), append(in.pairs, pair{round: r.Round})
		}
		side := &in.pairs[k].base
		if r.Arm == candidateArm {
			side = &in.pairs[k].cand
		}
		if *side != nil {
			notes = append(notes, fmt.Sprintf("%s ran twice on %s in round %d: the first run counts", r.Arm, r.Input, r.Round))
			continue
		}
		*side = r
	}
	pairs = make(map[string][]pair, len(inputs))
	for _, in := range inputs {
		slices.SortFunc(in.pairs, func(a, b pair) int { return cmp.Compare(a.round, b.round) })
		pairs[in.input] = in.pairs
	}
	return pairs, notes
}

type inputPairs struct {
	input string
	pairs []pair
}

// findRound is the place of a round, or −1. Rounds count from one and come in order, so the first guess is mostly right.
func findRound(ps []pair, round int) int {
	if k := round - 1; k >= 0 && k < len(ps) && ps[k].round == round {
		return k
	}
	return slices.IndexFunc(ps, func(p pair) bool { return p.round == round })
}

// sample is the values of one metric on one input, pair by pair.
type sample struct {
	rounds     []int
	base, cand []float64
	notes      []string
	why        string // why the first pair without a value has none
	apart      int    // pairs whose runs were not made one right after the other
}

// take reads a metric from pairs. A pair of which one side has no value is left out whole and said.
func take(pairs []pair, input, metric string) sample {
	s := sample{
		rounds: make([]int, 0, len(pairs)),
		base:   make([]float64, 0, len(pairs)),
		cand:   make([]float64, 0, len(pairs)),
	}
	for _, p := range pairs {
		b, whyBase := value(p.base, metric)
		c, whyCand := value(p.cand, metric)
		switch {
		case whyBase != "" && whyCand != "":
			s.note("neither run has", metric, input, p.round, whyCand)
		case whyBase != "":
			s.note("the baseline's run has no", metric, input, p.round, whyBase)
		case whyCand != "":
			s.note("the candidate's run has no", metric, input, p.round, whyCand)
		default:
			s.rounds = append(s.rounds, p.round)
			s.base, s.cand = append(s.base, b), append(s.cand, c)
			if d := p.base.Seq - p.cand.Seq; d != 1 && d != -1 {
				s.apart++
			}
		}
	}
	return s
}

func (s *sample) note(what, metric, input string, round int, why string) {
	s.why = or(s.why, why)
	s.notes = append(s.notes, fmt.Sprintf("%s, round %d: %s %s (%s)", input, round, what, metric, why))
}

// value is a run's value of a metric, or why there is none.
func value(r *pipeline.Run, metric string) (v float64, why string) {
	if r == nil {
		return 0, "not run"
	}
	if !r.OK() {
		return 0, ended(r)
	}
	v, ok := r.Metrics[metric]
	switch {
	case ok:
		return v, ""
	case r.Missing[metric] != "":
		return 0, r.Missing[metric]
	}
	return 0, "not measured"
}

// Pairs returns the values of a metric on one input, by round and in whole pairs: base[i] and cand[i] were run one after
// the other. A pair of which one side lacks the metric is left out, and notes say which and why.
func Pairs(runs []pipeline.Run, input, metric string) (base, cand []float64, notes []string) {
	all := make([]*pipeline.Run, len(runs))
	for i := range runs {
		all[i] = &runs[i]
	}
	pairs, twice := pairUp(all)
	s := take(pairs[input], input, metric)
	return s.base, s.cand, append(twice, s.notes...)
}
