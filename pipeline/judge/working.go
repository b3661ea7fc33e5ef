package judge

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/stats"
)

// Working is how a verdict's primary effect was computed, for a reviewer who wants to do it again by hand: a table with a
// line for each input and one for all, and the sentences that go with it.
type Working struct {
	Head []string
	Rows [][]string
	Text []string
}

// Work writes the working of a verdict that rests on numbers; ok is false where there are none. looks are the rounds at
// which measuring might have stopped.
func Work(v *pipeline.Verdict, looks []int) (w Working, ok bool) {
	if v.Effect == nil {
		return w, false
	}
	e := *v.Effect
	if e.Exact {
		w.Text = []string{"Every run of an arm said the same, so nothing is estimated: the change of an input is candidate / baseline − 1, " +
			"and over all inputs exp(Σ weight · ln(candidate / baseline)) − 1."}
		w.Head = []string{"input", "weight", "baseline", "candidate", "ln(candidate / baseline)"}
		for _, in := range v.Inputs {
			w.Rows = append(w.Rows, []string{in.Input, decimal(in.Weight, 4), Quantity(in.Baseline, in.Unit), Quantity(in.Candidate, in.Unit), decimal(in.Log, 6)})
		}
		w.Rows = append(w.Rows, []string{"all", "1", "", "", decimal(e.Log, 6)})
		return w, true
	}
	w.Head = []string{"input", "weight", "pairs", "kept", "mean", "std. error", "df"}
	for _, in := range v.Inputs {
		w.Rows = append(w.Rows, []string{in.Input, decimal(in.Weight, 4), strconv.Itoa(in.Rounds), strconv.Itoa(in.Rounds - 2*stats.TrimCount(in.Rounds)),
			decimal(in.Log, 6), decimal(in.SE, 6), decimal(in.DF, 1)})
	}
	w.Rows = append(w.Rows, []string{"all", "1", "", "", decimal(e.Log, 6), decimal(e.SE, 6), decimal(e.DF, 1)})
	w.Text = []string{
		"Of each pair of runs: d = ln(candidate / baseline). Of each input: the mean of the d that are kept when the fifth at either end is trimmed, " +
			"with the standard error of Tukey and McLaughlin and kept − 1 degrees of freedom.",
		"Over all inputs: mean = Σ weight · mean; standard error = √Σ (weight · standard error)²; df after Welch and Satterthwaite.",
		interval(e, looks),
	}
	return w, true
}

// interval writes how the ends come about: the t is what connects them with the standard error.
func interval(e pipeline.Effect, looks []int) string {
	level := fmt.Sprintf("%s %%", decimal(100*e.Confidence, 1))
	if !(e.SE > 0) {
		return "No spread at all: the interval is the point."
	}
	half := (math.Log1p(e.Hi) - math.Log1p(e.Lo)) / 2
	why := ""
	if len(looks) > 1 {
		why = fmt.Sprintf(", the level at which an interval still holds with the asked-for confidence after looking at %s rounds", numbers(looks))
	}
	return fmt.Sprintf("Interval: t(%s; %s) = %s%s; mean ± t · standard error = %s … %s, which as a change exp(…) − 1 is %s.",
		level, decimal(e.DF, 1), decimal(half/e.SE, 4), why, decimal(math.Log1p(e.Lo), 6), decimal(math.Log1p(e.Hi), 6), Change(e.Change, e.Lo, e.Hi))
}

func numbers(list []int) string {
	var out []string
	for _, n := range list {
		out = append(out, strconv.Itoa(n))
	}
	return strings.Join(out, ", ")
}

// decimal writes a number with at most so many digits after the point and the minus that people read.
func decimal(f float64, digits int) string {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return "–"
	}
	s := strconv.FormatFloat(f, 'f', digits, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if s == "-0" {
		s = "0"
	}
	return strings.Replace(s, "-", minus, 1)
}
