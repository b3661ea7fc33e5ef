package process

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/benchfile/bench/pipeline"
)

// scripted makes visits of which it is known what goes on beside them, by their position.
type scripted struct {
	job       pipeline.Job
	made      []int
	most      int // visits that are made at once
	disturbed []int
	seconds   func(v pipeline.Visit, n int) float64
}

func (s *scripted) visit(from, until int) (runs []pipeline.Run, err error) {
	for i := from; i < until && len(runs) < s.most; i++ {
		n, v := len(s.made), s.job.Visits[i]
		s.made = append(s.made, i)
		r := pipeline.Run{Seq: n, Arm: s.job.Arms[v.Arm].Name, Round: v.Round, Around: pipeline.Unknown(), Metrics: map[string]float64{"time": 1}}
		if s.seconds != nil {
			r.Metrics["time"] = s.seconds(v, n)
		}
		r.Around.Span, r.Around.Runs, r.Around.Foreign = 1, 1, 0
		if slices.Contains(s.disturbed, n) {
			r.Around.Foreign = 1
		}
		runs = append(runs, r)
	}
	return runs, nil
}

type heard struct{ starts, ends int }

func (h *heard) Started(int)           { h.starts++ }
func (h *heard) Finished(pipeline.Run) { h.ends++ }

// tenPairs is a job of ten pairs of which two may be made again.
func tenPairs() pipeline.Job {
	j := pipeline.Job{Kind: pipeline.StepMeasure, Inputs: []string{"typical"}, Arms: []pipeline.Arm{{Name: "baseline"}, {Name: "candidate"}},
		Strikes:       &pipeline.Strikes{Factor: 1.1, Consecutive: 3, Reference: [][]float64{{1, 1, 1}}},
		Contamination: &pipeline.Contamination{Cores: 2, Taken: .05, Pressure: 1, Share: .2}}
	for r := range 10 {
		j.Visits = append(j.Visits, pipeline.Visit{Round: r + 1}, pipeline.Visit{Round: r + 1, Arm: 1, Pair: true})
	}
	return j
}

func TestDisturbedPairsAreMadeAgain(t *testing.T) {
	slow := func(v pipeline.Visit, n int) float64 { return 1 + float64(v.Arm) }
	for _, c := range []struct {
		name      string
		disturbed []int
		seconds   func(pipeline.Visit, int) float64
		runs      int
		status    pipeline.Status
		reason    string
	}{
		{"none", nil, nil, 20, pipeline.StatusOK, ""},
		{"two pairs", []int{3, 8}, nil, 24, pipeline.StatusOK, ""},
		{"one pair twice", []int{3, 20}, nil, 24, pipeline.StatusOK, ""},
		{"three pairs", []int{3, 8, 13}, nil, 14, pipeline.StatusEnvironment, "environment: 3 of 10 pairs"},
		{"a hopeless candidate is struck out by pairs that count", []int{0, 3}, slow, 10, pipeline.StatusKilled, "3 runs in a row"},
	} {
		for _, most := range []int{1, 2, 3, 100} {
			job := tenPairs()
			s, out, sink := &scripted{job: job, most: most, disturbed: c.disturbed, seconds: c.seconds}, pipeline.Outcome{}, &heard{}
			if err := New(Options{}).visits(context.Background(), s, job, sink, &out); err != nil {
				t.Fatal(err)
			}
			if len(out.Runs) != c.runs || out.Status != c.status || !strings.Contains(out.Reason, c.reason) || sink.starts != sink.ends || sink.ends != c.runs {
				t.Errorf("%s, %d at once: %s (%s) after %d runs, %d told; want %s (%s), %d", c.name, most, out.Status, out.Reason, len(out.Runs), sink.ends,
					c.status, c.reason, c.runs)
			}
			whole := map[int]int{}
			for _, r := range out.Runs {
				if r.Discarded == "" {
					whole[r.Round]++
				}
			}
			for round := range 10 {
				if c.status == pipeline.StatusOK && whole[round+1] != 2 {
					t.Errorf("%s, %d at once: round %d has %d runs that count", c.name, most, round+1, whole[round+1])
				}
			}
		}
	}
}

// A cool-down comes before every pair but the first, also before one that is made again, and never within one.
func TestCooldownComesBetweenPairs(t *testing.T) {
	job := tenPairs()
	job.Cooldown = 3 * time.Millisecond
	s, out := &scripted{job: job, most: 100, disturbed: []int{3, 8}}, pipeline.Outcome{}
	orders := &counted{made: s}
	begun := time.Now()
	if err := New(Options{}).visits(context.Background(), orders, job, &heard{}, &out); err != nil {
		t.Fatal(err)
	}
	for _, o := range orders.orders {
		if o[1]-o[0] != 2 || job.Visits[o[0]].Pair {
			t.Errorf("visits %d to %d were made without a pause between pairs", o[0], o[1])
		}
	}
	if took := time.Since(begun); len(orders.orders) != 12 || took < 11*job.Cooldown {
		t.Errorf("%d pairs in %v", len(orders.orders), took)
	}
}

// counted remembers what is made without a pause.
type counted struct {
	made
	orders [][2]int
}

func (c *counted) visit(from, until int) ([]pipeline.Run, error) {
	c.orders = append(c.orders, [2]int{from, until})
	return c.made.visit(from, until)
}
