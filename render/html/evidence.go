package html

import (
	"fmt"
	"strings"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/report"
)

// difference is something that is not the same in both arms.
type difference struct{ What, Baseline, Candidate string }

// differences lists what was changed besides the code: the machine is the same, since both arms are measured in turns.
func differences(r *report.Report, x *report.Experiment) []difference {
	var out []difference
	if x.Change.Source != "" {
		out = append(out, difference{"change", "–", x.Change.Source})
	}
	for _, e := range x.Env {
		name, value, _ := strings.Cut(e, "=")
		out = append(out, difference{name, "not set for it", value})
	}
	for i, in := range r.Inputs {
		if i < len(x.Commands) && x.Commands[i] != r.Baseline.Commands[in.Name] && r.Baseline.Commands[in.Name] != "" {
			out = append(out, difference{"command on " + in.Name, r.Baseline.Commands[in.Name], x.Commands[i]})
		}
	}
	return out
}

// expectation is what was hoped for beside what came.
type expectation struct{ Expected, Actual string }

func expected(r *report.Report, x *report.Experiment) *expectation {
	e := &expectation{Expected: x.Expect}
	if x.Compound && x.Expected.Known() {
		e.Expected = report.Percent(float64(x.Expected), 1) + ", if the parts add up"
	}
	if e.Expected == "" {
		return nil
	}
	if x.Effect == nil || !x.Effect.Change.Known() {
		return e
	}
	e.Actual = x.Effect.Text(r.Criteria.Maybe)
	better := x.Effect.Improvement()
	switch {
	case x.Compound:
		for i := range r.Compounds {
			if c := &r.Compounds[i]; c.ID == x.ID && c.Words != "" {
				e.Actual += ": " + c.Words
			}
		}
	case !x.ExpectLo.Known() || !x.ExpectHi.Known():
	case better < float64(x.ExpectLo):
		e.Actual += ", less than expected"
	case better > float64(x.ExpectHi):
		e.Actual += ", more than expected"
	default:
		e.Actual += ", as expected"
	}
	return e
}

// lost says whether an experiment ended without a number that counts: then the page begins with what went wrong.
func lost(x *report.Experiment) bool {
	switch x.Status {
	case string(pipeline.Failed), string(pipeline.Reject), string(pipeline.Kill):
		return true
	}
	return false
}

// broken are the first checks that did not pass.
func broken(x *report.Experiment) []report.Check {
	var out []report.Check
	for _, c := range x.Checks {
		if !c.Passed && len(out) < 3 {
			out = append(out, c)
		}
	}
	return out
}

// crashed tells the first runs that did not end as runs should.
func crashed(x *report.Experiment) []string {
	var out []string
	for _, run := range x.Order {
		if run.OK || len(out) == 3 {
			continue
		}
		how := fmt.Sprintf("exit code %d", run.Exit)
		switch {
		case run.Error != "":
			how = run.Error
		case run.Signal != "":
			how = "ended by " + run.Signal
		}
		out = append(out, fmt.Sprintf("%s on %s, round %d: %s", run.Arm, run.Input, run.Round, how))
	}
	return out
}

// copyable is a text with a button that copies it.
type copyable struct{ ID, Text string }

// different is a pair of outputs that are not the same, and how to look at them.
type different struct {
	report.Check
	Copy copyable
}

// outputs are the pairs that differ. Raw output is kept in the store, which is not committed; its names are its sums.
func outputs(x *report.Experiment) []different {
	var out []different
	for _, c := range x.Checks {
		if c.Passed || len(c.SHA256) != 64 || len(c.Want) != 64 || len(out) == 3 {
			continue
		}
		blob := func(sum string) string { return ".bench/blobs/" + sum[:2] + "/" + sum }
		out = append(out, different{c, copyable{fmt.Sprintf("outputs-%d", len(out)+1), "diff " + blob(c.Want) + " \\\n     " + blob(c.SHA256)}})
	}
	return out
}
