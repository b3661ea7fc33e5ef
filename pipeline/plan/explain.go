package plan

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/benchfile/bench/pipeline"
)

// causes says in people's words what a manifest line is, by the beginning of its name. First match wins.
var causes = []struct{ prefix, words string }{
	{"format", "bench's manifests changed their meaning"},
	{"machine.", "another machine"},
	{"tool.", "another tool version"},
	{"env.PATH", "another PATH (\"go run\" puts its own Go first, where that is not the one on PATH)"},
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
	{"sample", "measured anew to confirm"},
	{"rounds", "another number of rounds"},
	{"warmup", "another number of warm-ups"},
}

// Because turns the difference of two manifests into one line: the weightiest cause with its values, and how many more.
// Where that is another tree, the files that changed say more than its digest.
func Because(s *pipeline.Study, f *pipeline.Facts, d []pipeline.Difference) string {
	if len(d) == 0 {
		return "its record is gone"
	}
	for _, c := range causes {
		for _, x := range d {
			if !strings.HasPrefix(x.Name, c.prefix) {
				continue
			}
			if files := ChangedFiles(f, x); len(files) > 0 {
				return because(s, c.words, files)
			}
			return c.words + ": " + Line(x) + more(len(d)-1)
		}
	}
	return Line(d[0]) + more(len(d)-1)
}

// ChangedFiles are the files that differ when a line of a manifest names another tree; none when it does not, or when
// the old tree is not known any more.
func ChangedFiles(f *pipeline.Facts, x pipeline.Difference) []string {
	if f.Changed == nil || x.Old == "" || x.New == "" || !strings.HasSuffix(x.Name, ".tree") {
		return nil
	}
	files := slices.Clone(f.Changed(x.Old, x.New))
	for i, name := range files {
		if strings.ContainsFunc(name, unicode.IsControl) {
			files[i] = strconv.Quote(name)
		}
	}
	return files
}

// because names what changed in a tree. An input that is committed is part of the tree, so that changing it is a change
// of the code as well: then the input is named.
func because(s *pipeline.Study, words string, files []string) string {
	var inputs []string
	for _, in := range s.Inputs {
		if in.Path != "" && slices.ContainsFunc(files, func(f string) bool { return within(in.Path, f) }) {
			inputs = append(inputs, fmt.Sprintf("%q", in.Name))
		}
	}
	outside := slices.ContainsFunc(files, func(f string) bool {
		return !slices.ContainsFunc(s.Inputs, func(in pipeline.Input) bool { return in.Path != "" && within(in.Path, f) })
	})
	switch {
	case outside:
		return words + ": " + Few(files, 3)
	case len(inputs) == 1:
		return fmt.Sprintf("input %s changed (it is part of the tree)", inputs[0])
	}
	return fmt.Sprintf("inputs %s changed (they are part of the tree)", Few(inputs, 3))
}

// within says whether a file is a path or lies below it.
func within(dir, file string) bool {
	dir = path.Clean(dir)
	return file == dir || dir == "." || strings.HasPrefix(file, dir+"/")
}

// Few lists the first names and counts the rest: "a, b, c and 12 more".
func Few(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
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
