package judge

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/stats"
)

// power is how often an effect that is called detectable is seen: Cohen's four of five.
const power = 0.8

// Calibration says how well the machine, with this program and these inputs, can be measured at all: what the procedure
// makes of a comparison of the baseline with itself.
type Calibration struct {
	Rounds     int               `json:"rounds"`      // on each input
	Effect     *pipeline.Effect  `json:"effect"`      // of nothing: over all inputs, 95 %
	Inputs     []pipeline.Effect `json:"inputs"`      // on each of them
	Floor      float64           `json:"noise_floor"` // half the width of the interval over all inputs, a fraction
	Zero       bool              `json:"contains_zero"`
	Detectable []Detectable      `json:"detectable"` // by rounds
	Trips      []Trip            `json:"trip_wires"`
	Stale      string            `json:"stale,omitempty"` // what changed since, else ""
}

// Detectable is the smallest improvement that so many rounds see in four of five cases, a fraction.
type Detectable struct {
	Rounds int     `json:"rounds"`
	Change float64 `json:"change"`
}

// Trip is a candidate that is known to be bad, and whether the procedure saw it.
type Trip struct {
	Name string `json:"name"`
	Need string `json:"need"`
	Got  string `json:"got"`
	Seen bool   `json:"seen"`
	Done bool   `json:"done"` // it was tried; else Got says why not
}

// Calibrate reads a measurement of the baseline against itself. Criteria, primary metric, inputs and batches of the
// evidence are used, and its looks for the confidence that a decision needs. Nil where nothing can be compared.
func Calibrate(e Evidence) *Calibration {
	alone := e
	alone.Looks, alone.Final = []int{noisyRounds}, true // one look, planned beforehand
	r := read(alone)
	iv := r.primary.interval
	if !iv.Defined() || r.primary.whole == nil {
		return nil
	}
	c := &Calibration{Rounds: r.primary.rounds(), Effect: r.primary.whole, Inputs: r.primary.each, Floor: bounded(math.Expm1(iv.Half())), Zero: iv.Lo <= 0 && iv.Hi >= 0}
	level := Confidence(e.Criteria.Alpha, e.Looks)
	for _, n := range steps(e.Looks) {
		c.Detectable = append(c.Detectable, Detectable{n, -math.Expm1(-stats.Detectable(iv, c.Rounds, n, level, power))})
	}
	return c
}

// steps are the numbers of rounds that people plan with, and the study's own looks.
func steps(looks []int) []int {
	out := []int{10, 20, 40}
	for _, n := range looks {
		if n >= stats.MinValues {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Sees is the smallest improvement that n rounds see, a fraction; 1 where it is not known.
func (c *Calibration) Sees(n int) float64 {
	for _, d := range c.Detectable {
		if d.Rounds == n {
			return d.Change
		}
	}
	return 1
}

// Line lists what can be detected: "at 10/20/40 rounds: 2.1/1.3/0.9 %".
func (c *Calibration) Line() string {
	var rounds, changes []string
	for _, d := range c.Detectable {
		rounds, changes = append(rounds, fmt.Sprint(d.Rounds)), append(changes, strings.TrimSuffix(Share(d.Change), " %"))
	}
	return fmt.Sprintf("at %s rounds: %s %%", strings.Join(rounds, "/"), strings.Join(changes, "/"))
}

// Expected says whether an improvement that is expected to lie between two fractions can be seen within so many rounds.
func (c *Calibration) Expected(lo, hi float64, first, last int) string {
	most := c.Sees(last)
	switch {
	case lo <= 0 && hi <= 0:
		return "no gain is expected"
	case hi < most:
		return fmt.Sprintf("cannot be seen: %d rounds see %s, about %d would do", last, Share(most), needed(last, most, hi))
	case lo >= c.Sees(first):
		return "fine"
	case lo >= most:
		return fmt.Sprintf("fine with more than %d rounds", first)
	}
	return fmt.Sprintf("seen from %s on", Share(most))
}

// Below says when a threshold is finer than what the study's last look can tell, and what would be needed; "" else.
func (c *Calibration) Below(name string, threshold float64, last int) (text, help string) {
	most := c.Sees(last)
	if threshold <= 0 || threshold >= most {
		return "", ""
	}
	return fmt.Sprintf("%s = %s cannot be told apart from nothing here: %d rounds see changes from %s on, in four of five cases", name, Share(threshold), last, Share(most)),
		fmt.Sprintf("about %d rounds (max_runs) would do, or a quieter machine; with this threshold verdicts near it will be INCONCLUSIVE", needed(last, most, threshold))
}

// needed is how many rounds see a change, when so many see another: widths shrink with the root of the rounds.
func needed(rounds int, seen, want float64) int {
	n := math.Ceil(float64(rounds) * math.Pow(math.Log1p(-seen)/math.Log1p(-want), 2))
	if !(n < math.MaxInt32) {
		return math.MaxInt32
	}
	return int(n)
}

// Trips are named after what is wrong with the candidate.
const (
	TripSlow  = "slow"
	TripWrong = "wrong"
)

// slowSeen is how much slower a candidate must look that costs twice as much: half of the truth, so that a regression by
// chance does not pass for having seen it.
const slowSeen = 0.5

// SlowTrip reads the verdict on a candidate that does everything twice; nil: not tried yet.
func SlowTrip(v *pipeline.Verdict) Trip {
	t := Trip{Name: TripSlow, Need: "the same command, run twice: seen to be slower (KILL, or DISCARD for a regression)"}
	if v == nil {
		t.Got = "not tried yet"
		return t
	}
	t.Done, t.Got = true, string(v.Kind)+": "+v.Reason
	t.Seen = v.Kind == pipeline.Kill ||
		v.Kind == pipeline.Discard && v.Rule == "regression" && v.Effect != nil && -v.Effect.Improvement() >= slowSeen
	return t
}

// WrongTrip reads the verdict on a candidate that does nothing and says that all went well.
func WrongTrip(v *pipeline.Verdict) Trip {
	t := Trip{Name: TripWrong, Need: "a program that does nothing and exits with 0: rejected by the check (REJECT)"}
	if v == nil {
		t.Got = "not tried yet"
		return t
	}
	t.Done, t.Seen, t.Got = true, v.Kind == pipeline.Reject, string(v.Kind)+": "+v.Reason
	if !t.Seen {
		t.Got = "the check lets it pass: no wrong output can be seen"
		if v.Kind == pipeline.Failed {
			t.Got = "not rejected, but the check could not be made: " + v.Reason
		}
	}
	return t
}
