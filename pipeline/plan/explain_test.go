package plan

import (
	"testing"

	"github.com/benchfile/bench/pipeline"
)

// The weightiest difference is named, and where that is a tree, the files rather than its digest.
func TestBecause(t *testing.T) {
	tree := pipeline.Difference{Name: "code.tree", Old: "1", New: "2"}
	tests := []struct {
		name  string
		files []string
		diff  []pipeline.Difference
		want  string
	}{
		{"nothing", nil, nil, "its record is gone"},
		{"a tree that nobody knows any more", nil, []pipeline.Difference{tree}, "its code changed: code.tree 1 → 2"},
		{"a file", []string{"a.c"}, []pipeline.Difference{tree}, "its code changed: a.c"},
		{"a file with an odd name", []string{"new\nline"}, []pipeline.Difference{tree}, `its code changed: "new\nline"`},
		{"many files", []string{"a.c", "b.c", "c.c", "d.c", "e.c"}, []pipeline.Difference{tree}, "its code changed: a.c, b.c, c.c and 2 more"},
		{"an input", []string{"in/long"}, []pipeline.Difference{tree, {Name: "input.long.sha256", Old: "3", New: "4"}}, `input "long" changed (it is part of the tree)`},
		{"a folder of inputs", []string{"set/1", "set/2"}, []pipeline.Difference{tree}, `input "set" changed (it is part of the tree)`},
		{"two inputs", []string{"in/long", "set/1"}, []pipeline.Difference{tree}, `inputs "long", "set" changed (they are part of the tree)`},
		{"an input and code", []string{"in/long", "main.c"}, []pipeline.Difference{tree}, "its code changed: in/long, main.c"},
		{"a file whose name begins like an input", []string{"in/longer"}, []pipeline.Difference{tree}, "its code changed: in/longer"},
		{"the baseline's code", []string{"a.c"}, []pipeline.Difference{{Name: "baseline.tree", Old: "1", New: "2"}}, "the baseline's code changed: a.c"},
		{"an input outside of the tree", nil, []pipeline.Difference{{Name: "input.long.sha256", Old: "3", New: "4"}}, "an input changed: input.long.sha256 3 → 4"},
		{"something else, and more of it", nil, []pipeline.Difference{{Name: "warmup", Old: "1", New: "2"}, {Name: "rounds", Old: "5", New: "6"}}, "another number of rounds: rounds 5 → 6 (+1 more)"},
	}
	s := &pipeline.Study{Inputs: []pipeline.Input{{Name: "long", Path: "in/long"}, {Name: "set", Path: "set"}, {Name: "none"}}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &pipeline.Facts{Changed: func(from, to string) []string { return tt.files }}
			if got := Because(s, f, tt.diff); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}
