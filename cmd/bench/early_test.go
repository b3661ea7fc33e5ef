package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The quick answers are given before these libraries are initialised. Each takes a tenth of a millisecond or more, and all
// of them together longer than the answers.
func TestQuickAnswersComeBeforeTheLibraries(t *testing.T) {
	bin := buildBench(t)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "benchfile.hcl"), "")
	const cmp, yaml = "github.com/google/go-cmp/cmp", "go.yaml.in/yaml/v4/internal/libyaml"
	late := []string{"github.com/itchyny/gojq", "github.com/yuin/goldmark/extension", "github.com/yuin/goldmark/util", "html/template", "net/http"}
	for _, test := range []struct {
		answer string   // which package gives it
		args   []string // of a call that the package looks at and leaves to main, so that every package is initialised
		before []string
	}{
		{"cmd/bench/early", []string{"apply"}, append(late, cmp, yaml, "regexp")},
		{"cmd/bench/version", []string{"version", "--json"}, late},
	} {
		order := initialised(t, bin, dir, test.args...)
		turn, ok := order[module+test.answer]
		if !ok {
			t.Errorf("%s is not initialised at all", test.answer)
		}
		for _, pkg := range test.before {
			if at, ok := order[pkg]; !ok {
				t.Errorf("%s is not initialised any more: take it off the list", pkg)
			} else if at < turn {
				t.Errorf("%s is initialised before %s: what does the latter import that it did not?", pkg, test.answer)
			}
		}
	}
	if _, ok := initialised(t, bin, dir, "version")["net/http"]; ok {
		t.Error("version is answered by main")
	}
}

// initialised is the order in which packages were, as the Go runtime tells it.
func initialised(t *testing.T, bin, dir string, args ...string) map[string]int {
	cmd := exec.Command(bin, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	var out strings.Builder
	cmd.Stderr = &out
	_ = cmd.Run() // an empty Benchfile is wrong, which is told after everything is initialised
	order := map[string]int{}
	for line := range strings.Lines(out.String()) {
		if words := strings.Fields(line); len(words) > 2 && words[0] == "init" && strings.HasPrefix(words[2], "@") {
			order[words[1]] = len(order)
		}
	}
	if len(order) < 20 {
		t.Fatalf("%v traced only %d packages: %s", args, len(order), out.String())
	}
	return order
}
