package main

import (
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/benchfile/bench/"

// laws of the house: which part may never import what, and why. A pattern ends in "/..." for all below it.
var laws = []struct {
	part  string
	never []string
	why   string
}{
	{"pipeline/...", []string{"hcl/...", "executors/...", "render/...", "cmd/...", "os/exec", "net", "net/...", "C"}, "it knows no language, no hands and no face"},
	{"pipeline", []string{"pipeline/...", "cmd/..."}, "nouns depend on nothing"},
	{"pipeline/plan", []string{"os", "pipeline/store", "pipeline/engine"}, "planning is a function"},
	{"pipeline/judge", []string{"os", "pipeline/store", "pipeline/engine", "pipeline/plan"}, "a verdict is a function of recorded results"},
	{"pipeline/report", []string{"os", "pipeline/store", "pipeline/engine"}, "a report is a function of facts"},
	{"pipeline/stats", []string{"os", "pipeline", "pipeline/..."}, "numbers in, numbers out"},
	{"pipeline/store", []string{"pipeline/plan", "pipeline/engine", "pipeline/judge", "pipeline/report"}, "the disk does not know what it holds"},
	{"hcl/...", []string{"os", "executors/...", "render/...", "cmd/..."}, "it sees the bytes it is given"},
	{"render/...", []string{"os", "net", "net/...", "executors/...", "pipeline/store", "pipeline/engine", "cmd/..."}, "a rendering is a function of the report"},
	{"executors/...", []string{"hcl/...", "render/...", "pipeline/plan", "pipeline/store", "pipeline/engine", "cmd/..."}, "hands do not plan"},
	{"examples/...", []string{"cmd/..."}, "the wiring is nobody's library"},
	{"cmd/bench/early", []string{"hcl/...", "executors/...", "render/...", "pipeline/engine", "pipeline/plan", "pipeline/report"}, "it answers before they are initialised"},
}

// only are packages that few parts may import, and why.
var only = []struct {
	imports string
	parts   []string
	why     string
}{
	{"github.com/fsnotify/fsnotify", []string{"pipeline/watch"}, "how changes are seen is one package's business"},
	{"net/http", []string{"cmd/bench", "executors/notify"}, "the one serves people, the other tells them; nothing else is on the net"},
}

// drivers may not import each other.
var drivers = []string{"executors/process"}

func TestHouseLaws(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	seen := 0
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		pkg := strings.TrimPrefix(words[0], module)
		seen++
		for _, law := range laws {
			if !matches(law.part, pkg) {
				continue
			}
			for _, imp := range words[1:] {
				imp = strings.TrimPrefix(imp, module)
				for _, never := range law.never {
					if matches(never, imp) {
						t.Errorf("%s imports %s: %s", pkg, imp, law.why)
					}
				}
			}
		}
		for _, o := range only {
			if slices.Contains(words[1:], o.imports) && !slices.Contains(o.parts, pkg) {
				t.Errorf("%s imports %s: %s", pkg, o.imports, o.why)
			}
		}
		for _, d := range drivers {
			for _, imp := range words[1:] {
				if path.Dir(pkg) == "executors" && pkg != d && imp == module+d {
					t.Errorf("%s imports the driver %s", pkg, d)
				}
			}
		}
	}
	if seen < 15 {
		t.Errorf("only %d packages seen; does this test still look at the whole house?", seen)
	}
}

// matches a package path against a law's pattern.
func matches(pattern, pkg string) bool {
	if rest, ok := strings.CutSuffix(pattern, "/..."); ok {
		return strings.HasPrefix(pkg, rest+"/") || rest == pkg && rest != "pipeline"
	}
	return pattern == pkg
}
