package benchfile

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/benchfile/bench/pipeline"
)

func lexAll(src []byte, token func(hclsyntax.Token)) {
	tokens, _ := hclsyntax.LexConfig(src, "x", hcl.InitialPos)
	for _, t := range tokens {
		token(t)
	}
}

// seeds are all Benchfiles there are.
func seeds(f *testing.F) {
	f.Helper()
	for _, pattern := range []string{"testdata/bad/*.hcl", "testdata/good/*.hcl"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, path := range paths {
			src, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(src)
		}
	}
}

// FuzzDecode: whatever the bytes are, Decode ends, does not panic, and says what is wrong exactly when there is no study.
func FuzzDecode(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		study, ds := Decode(Source{"fuzz.hcl", src}, testOptions())
		if (study == nil) != ds.HasErrors() {
			t.Fatalf("study %v, diagnostics %v", study != nil, ds)
		}
		for _, d := range ds {
			if d.Code == "" || d.Summary == "" || d.Help == "" {
				t.Errorf("half a diagnostic: %+v", d)
			}
			if r := d.Range; r != nil && (r.Start.Byte < 0 || r.Start.Byte > r.End.Byte || r.End.Byte > len(src) || r.Start.Line < 1) {
				t.Errorf("a range outside of the file: %+v", r)
			}
			if s := d.Snippet; s != nil && (s.HighlightStartOffset < 0 || s.HighlightStartOffset > s.HighlightEndOffset || s.HighlightEndOffset > len(s.Code)) {
				t.Errorf("a highlight outside of its snippet: %+v", s)
			}
		}
		var b bytes.Buffer
		if err := ds.Text(&b, 80, false); err != nil || bytes.ContainsAny(b.Bytes(), "\x00\x1b\r") {
			t.Errorf("unfit for a terminal: %q", b.String())
		}
		if err := ds.Text(io.Discard, 0, true); err != nil {
			t.Error(err)
		}
		if study != nil {
			try(t, study)
		}
	})
}

// try holds a study to what planning relies on.
func try(t *testing.T, s *pipeline.Study) {
	t.Helper()
	numbers := map[int]bool{}
	for _, h := range s.Hypotheses {
		if numbers[h.Number] || h.Number < 1 {
			t.Errorf("%s has the number %d", h.Name, h.Number)
		}
		numbers[h.Number] = true
		if h.Commands != nil && len(h.Commands) != len(s.Inputs) || h.Args != nil && len(h.Args) != len(s.Inputs) {
			t.Errorf("%s has %d commands and %d args for %d inputs", h.Name, len(h.Commands), len(h.Args), len(s.Inputs))
		}
	}
	primary := 0
	for _, m := range s.Metrics {
		if m.Primary {
			primary++
		}
	}
	if primary != 1 || len(s.Inputs) == 0 || len(s.Measure.Commands) != len(s.Inputs) || s.Measure.MaxRuns < s.Measure.Runs || s.Measure.Runs < 1 {
		t.Errorf("%d primary metrics, %d inputs, measure %+v", primary, len(s.Inputs), s.Measure)
	}
	for _, c := range s.Compounds {
		_, _, _ = c.Of(nil)
		_, _, _ = c.Of(map[string]pipeline.VerdictKind{"cache": pipeline.Keep})
	}
}

// FuzzFormat: formatting ends, does not panic, changes nothing the second time, and makes
// no study of what was none, nor the other way round.
func FuzzFormat(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		once, ds := Format(src)
		if ds.HasErrors() {
			if !bytes.Equal(once, src) {
				t.Error("changed what it could not read")
			}
			return
		}
		twice, _ := Format(once)
		if !bytes.Equal(once, twice) {
			t.Errorf("not stable:\n%q\n%q", once, twice)
		}
		before, _ := Decode(Source{"fuzz.hcl", src}, testOptions())
		after, ds := Decode(Source{"fuzz.hcl", once}, testOptions())
		if (before == nil) != (after == nil) {
			t.Errorf("means something else:\n%q\n%q\n%v", src, once, ds)
		}
	})
}

// FuzzGuard: the fast count never sees less than the lexer.
func FuzzGuard(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, src []byte) { agree(t, src) })
}
