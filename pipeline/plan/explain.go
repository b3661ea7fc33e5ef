package plan

import (
	"fmt"
	"strings"

	"github.com/benchfile/bench/pipeline"
)

// causes says in people's words what a manifest line is, by the beginning of its name. First match wins.
var causes = []struct{ prefix, words string }{
	{"format", "bench's manifests changed their meaning"},
	{"machine.", "another machine"},
	{"tool.", "another tool version"},
	{"env.", "another environment variable"},
	{"read.", "another environment variable"},
	{"baseline.tree", "the baseline's code changed"},
	{"baseline.built", "the baseline was built differently"},
	{"baseline.", "the baseline is called differently"},
	{"candidate.tree", "its code changed"},
	{"candidate.built", "it was built differently"},
	{"candidate.", "it is called differently"},
	{"code.tree", "its code changed"},
	{"code.built", "it was built differently"},
	{"code.", "it is called differently"},
	{"build.", "another build command"},
	{"check.", "another check"},
	{"profile.", "another profiler command"},
	{"generate.", "another generator command"},
	{"input.", "an input changed"},
	{"metric.", "another metric"},
	{"rounds", "another number of rounds"},
	{"warmup", "another number of warm-ups"},
}

// Because turns the difference of two manifests into one line: the weightiest cause with its values, and how many more.
func Because(d []pipeline.Difference) string {
	if len(d) == 0 {
		return "its record is gone"
	}
	for _, c := range causes {
		for _, x := range d {
			if strings.HasPrefix(x.Name, c.prefix) {
				return c.words + ": " + Line(x) + more(len(d)-1)
			}
		}
	}
	return Line(d[0]) + more(len(d)-1)
}

func more(n int) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprintf(" (+%d more)", n)
}

// Line is one difference for people: digests are shortened.
func Line(x pipeline.Difference) string {
	switch {
	case x.Old == "":
		return fmt.Sprintf("%s is new: %s", x.Name, short(x.New))
	case x.New == "":
		return fmt.Sprintf("%s is gone: was %s", x.Name, short(x.Old))
	}
	return fmt.Sprintf("%s %s → %s", x.Name, short(x.Old), short(x.New))
}

// short cuts what looks like a digest to eight characters.
func short(v string) string {
	if len(v) >= 40 && strings.Trim(v, "0123456789abcdef") == "" {
		return v[:8]
	}
	return v
}
