package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/benchfile/bench/hcl/benchfile"
)

// fence finds the fenced blocks of a Markdown file: language, then text.
func fences(t *testing.T, file string) [][2]string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out [][2]string
	for _, m := range regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$").FindAllStringSubmatch(string(b), -1) {
		out = append(out, [2]string{m[1], m[2]})
	}
	return out
}

// Every Benchfile in the README is one, and every bench command in it is one, with its flags.
func TestReadmeSaysWhatIsTrue(t *testing.T) {
	commands, files := 0, 0
	for _, f := range fences(t, "../../README.md") {
		switch f[0] {
		case "hcl":
			files++
			_, diags := benchfile.Decode(benchfile.Source{Name: "README.md", Bytes: []byte(f[1])}, benchfile.Options{})
			if len(diags) > 0 {
				var text strings.Builder
				diags.Text(&text, 100, false)
				t.Errorf("a Benchfile of the README is wrong:\n%s", text.String())
			}
		case "sh":
			for line := range strings.Lines(f[1]) {
				words := strings.Fields(strings.Split(line, "#")[0])
				if len(words) < 2 || words[0] != "bench" {
					continue
				}
				commands++
				known(t, words[1:])
			}
		}
	}
	if commands < 6 || files < 2 {
		t.Errorf("only %d commands and %d Benchfiles found in the README; does this test still read it?", commands, files)
	}
}

// known fails when a command line would not be understood.
func known(t *testing.T, args []string) {
	t.Helper()
	c, rest, err := (&app{}).command().Find(args)
	if err == nil {
		err = c.ParseFlags(rest)
	}
	if err == nil && c.Parent() == nil {
		err = os.ErrNotExist
	}
	if err != nil {
		t.Errorf("the README says %q: %v", "bench "+strings.Join(args, " "), err)
	}
}

// The tutorial gives the verdicts that the README tells.
func TestReadmeTutorial(t *testing.T) {
	for _, tool := range []string{"sort", "awk", "git"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the tutorial needs %s", tool)
		}
	}
	var text string
	for _, f := range fences(t, "../../README.md") {
		if f[0] == "hcl" && text == "" {
			text = f[1]
		}
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "benchfile.hcl"), text)
	for _, args := range [][]string{{"init", "-q"}, {"add", "-A"}, {"-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-q", "-m", "a study"}} {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	bin := buildBench(t)
	bench := func(args ...string) string {
		cmd := exec.Command(bin, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "BENCH_LOCK_TIMEOUT=10m", "NO_COLOR=1", "BENCH_VAR_lines=10000", "LC_ALL=C.UTF-8")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("bench %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	first := bench("apply", "--auto-approve")
	for _, want := range []string{"KEEP", "REJECT", "outputs differ"} {
		if !strings.Contains(first, want) {
			t.Errorf("apply does not say %q:\n%s", want, first)
		}
	}
	if again := bench("apply", "--auto-approve"); !strings.Contains(again, "Nothing to run") {
		t.Errorf("a second apply says\n%s", again)
	}
	if got := bench("show", "unique"); !strings.Contains(got, "REJECT") {
		t.Errorf("show unique says\n%s", got)
	}
}
