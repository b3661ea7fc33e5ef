package main

import (
	"math"
	"time"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/engine"
)

// progress is how far the running step is.
type progress struct {
	start  engine.Event
	began  time.Time
	ratios map[string]map[int][2]float64 // input → round → primary metric of baseline and candidate
	done   int
}

func newProgress(start engine.Event) *progress {
	return &progress{start: start, began: time.Now(), ratios: map[string]map[int][2]float64{}}
}

// finished notes a run that ended.
func (p *progress) finished(r pipeline.Run) {
	p.done = min(p.done+1, len(p.start.Job.Visits)) // a disturbed pair is made twice
	value, ok := r.Metrics[p.start.Study.Primary().Name]
	if !ok || r.Warmup {
		return
	}
	byRound := p.ratios[r.Input]
	if byRound == nil {
		byRound = map[int][2]float64{}
		p.ratios[r.Input] = byRound
	}
	if r.Discarded != "" { // both runs of the pair: this was the second of them
		delete(byRound, r.Round)
		return
	}
	pair := byRound[r.Round]
	if r.Arm == "candidate" {
		pair[1] = value
	} else {
		pair[0] = value
	}
	byRound[r.Round] = pair
}

// change so far of the primary metric: the mean of the log-ratios of this batch's complete pairs, without an interval,
// because nothing is decided yet. A metric that is read from what a run wrote is known only when the batch has ended.
func (p *progress) change() (change float64, pairs int) {
	sum := 0.0
	for _, rounds := range p.ratios {
		for _, pair := range rounds {
			if pair[0] > 0 && pair[1] > 0 {
				sum += math.Log(pair[1] / pair[0])
				pairs++
			}
		}
	}
	if pairs == 0 {
		return 0, 0
	}
	return math.Expm1(sum / float64(pairs)), pairs
}

// left is how long the step still takes if it goes on as it did; 0 when that is not known yet.
func (p *progress) left() time.Duration {
	if p.done == 0 {
		return 0
	}
	return time.Since(p.began) * time.Duration(len(p.start.Job.Visits)-p.done) / time.Duration(p.done)
}
