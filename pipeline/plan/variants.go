package plan

import (
	"maps"
	"slices"
	"strings"

	"github.com/benchfile/bench/pipeline"
)

// BaselineName is the variant that everything is held against.
const BaselineName = "baseline"

// baseline is the variant without a change.
func baseline(s *pipeline.Study) pipeline.Variant {
	return pipeline.Variant{Name: BaselineName, Title: "baseline", Commands: s.Measure.Commands, At: s.Baseline.At}
}

// single is the variant of one hypothesis.
func single(s *pipeline.Study, h *pipeline.Hypothesis) pipeline.Variant {
	v, _ := combine(s, []*pipeline.Hypothesis{h})
	v.Name, v.Number, v.Title, v.At = h.Name, h.Number, h.Title, h.At
	return v
}

// combine puts hypotheses on top of each other in the order given. The text says why they can't be, else it is "".
func combine(s *pipeline.Study, members []*pipeline.Hypothesis) (pipeline.Variant, string) {
	v := pipeline.Variant{Env: map[string]string{}}
	var replaced string
	owner := map[string]string{}
	commands := s.Measure.Commands
	for _, h := range members {
		v.Members = append(v.Members, h.Name)
		if h.Patch != "" || h.Branch != "" || h.Commit != "" {
			v.Changes = append(v.Changes, pipeline.Change{Hypothesis: h.Name, Patch: h.Patch, Branch: h.Branch, Commit: h.Commit})
		}
		for _, name := range slices.Sorted(maps.Keys(h.Env)) {
			if was, ok := v.Env[name]; ok && was != h.Env[name] {
				return v, "both " + owner[name] + " and " + h.Name + " set " + name
			}
			v.Env[name], owner[name] = h.Env[name], h.Name
		}
		if h.Commands != nil {
			if replaced != "" {
				return v, "both " + replaced + " and " + h.Name + " replace the command"
			}
			replaced, commands = h.Name, h.Commands
		}
	}
	v.Commands = slices.Clone(commands)
	for i := range v.Commands {
		v.Commands[i].Argv = slices.Clone(v.Commands[i].Argv)
		for _, h := range members {
			if h.Args != nil {
				v.Commands[i].Argv = append(v.Commands[i].Argv, h.Args[i]...)
			}
		}
	}
	return v, ""
}

// order is how hypotheses are tried: by priority, then by number.
func order(s *pipeline.Study) []*pipeline.Hypothesis {
	out := make([]*pipeline.Hypothesis, len(s.Hypotheses))
	for i := range s.Hypotheses {
		out[i] = &s.Hypotheses[i]
	}
	slices.SortStableFunc(out, func(a, b *pipeline.Hypothesis) int {
		if d := rank(a.Priority) - rank(b.Priority); d != 0 {
			return d
		}
		return a.Number - b.Number
	})
	return out
}

// rank of a priority: high first; no priority counts as medium.
func rank(priority string) int {
	switch strings.ToLower(priority) {
	case "high":
		return 0
	case "low":
		return 2
	}
	return 1
}

// firstFree is the number from which compounds without one of their own are numbered.
func firstFree(s *pipeline.Study) int {
	n := 0
	for _, h := range s.Hypotheses {
		n = max(n, h.Number)
	}
	for _, c := range s.Compounds {
		n = max(n, c.Number)
	}
	return n + 1
}
