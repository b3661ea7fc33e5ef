package git

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// hooks is every hook that any git we run could start.
var hooks = []string{"applypatch-msg", "pre-applypatch", "post-applypatch", "pre-commit", "post-commit", "post-checkout", "post-merge",
	"post-index-change", "reference-transaction", "post-rewrite", "pre-auto-gc", "fsmonitor-watchman", "sendemail-validate"}

// Nothing a hostile repository brings along is run, whatever is done with it.
func TestHostileRepositoryRunsNothing(t *testing.T) {
	w := newWorld(t, "a", numbered(20, nil), "b", "1\n", "c", "1\n", ".gitignore", ".bench\n")
	w.git("checkout", "-q", "-b", "perf")
	w.write("a", numbered(20, map[int]string{10: "perf"}))
	w.commit("perf")
	w.git("checkout", "-q", "main")
	canary := filepath.Join(t.TempDir(), "canary")
	script := filepath.Join(t.TempDir(), "evil")
	if err := os.WriteFile(script, []byte("#!/bin/sh\necho \"$0 $*\" >> '"+canary+"'\ncat\n"), 0o777); err != nil {
		t.Fatal(err)
	}
	for _, hook := range hooks {
		if err := os.Symlink(script, w.path(".git/hooks/"+hook)); err != nil {
			t.Fatal(err)
		}
	}
	w.write(".gitattributes", "* filter=evil diff=evil merge=evil\n")
	included := filepath.Join(t.TempDir(), "included")
	if err := os.WriteFile(included, []byte("[FILTER \"more.evil\"]\n\tClean = "+script+"\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "diff.evil.textconv", "diff.evil.command", "diff.external",
		"merge.evil.driver", "core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.askPass", "gpg.program", "credential.helper", "core.alternateRefsCommand"} {
		w.git("config", key, script)
	}
	for _, kv := range [][2]string{{"filter.evil.required", "true"}, {"commit.gpgSign", "true"}, {"log.showSignature", "true"}, {"rerere.enabled", "true"},
		{"include.path", included}, {"submodule.recurse", "true"}, {"core.hooksPath", w.path(".git/hooks")}} {
		w.git("config", kv[0], kv[1])
	}
	os.Remove(canary)

	w.open()
	if got := strings.Join(w.repo.Disarmed, " "); got != "filter.evil filter.more.evil merge.evil" {
		t.Errorf("disarmed %q", got)
	}
	w.write("b", "2\n", "n", "new\n")
	before := w.untouchable()
	ctx := t.Context()
	trees := w.trees()
	b := w.baseline(trees, "")
	a := w.apply(trees, b, Change{Name: "p", Branch: "perf"})
	clash := []byte("diff --git a/a b/a\nindex " + w.git("rev-parse", "main:a") + ".." + w.git("rev-parse", "perf:a") + " 100644\n--- a/a\n+++ b/a\n@@ -7,7 +7,7 @@\n 7\n 8\n 9\n-10\n+clash\n 11\n 12\n 13\n")
	var no *ApplyError
	if _, err := trees.Apply(ctx, b, []Change{{Name: "p", Branch: "perf"}, {Name: "clash", Patch: clash}}); !errors.As(err, &no) {
		t.Errorf("clash: %v", err)
	}
	wt := w.materialise(Baseline{Tree: a.Tree, Commit: b.Commit}, "v", false)
	os.WriteFile(filepath.Join(wt.Dir, "b"), []byte("edited"), 0o666)
	wt = w.materialise(Baseline{Tree: a.Tree, Commit: b.Commit}, "v", false)
	w.materialise(b, "v", true)
	_, err1 := w.repo.Describe(ctx, nil)
	_, err2 := w.repo.LogOneline(ctx, "", "HEAD", 5)
	_, err3 := w.repo.DiffTrees(ctx, b.Tree, a.Tree)
	err4 := w.repo.MoveBranch(ctx, "bench/001", b.Commit, "")
	err5 := w.repo.Remove(wt.Dir)
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		t.Error(err)
	}
	if text, err := os.ReadFile(canary); err == nil {
		t.Errorf("these ran:\n%s", text)
	}
	w.git("-c", "core.hooksPath=/dev/null", "update-ref", "-d", "refs/heads/bench/001")
	os.RemoveAll(w.path(".git/logs/refs/heads/bench"))
	os.RemoveAll(w.path(".git/refs/heads/bench"))
	os.Remove(canary)
	if after := w.untouchable(); after != before {
		t.Errorf("the repository changed:\n%s\n%s", before, after)
	}
	// The trap does bite those who step into it.
	w.try("status")
	if _, err := os.Stat(canary); err != nil {
		t.Error("the canary is not armed: the test shows nothing")
	}
}

func TestWellKnownFiltersMayRun(t *testing.T) {
	w := newWorld(t, "a", "1\n")
	w.git("config", "filter.lfs.smudge", "git-lfs smudge -- %f")
	w.git("config", "filter.lfs.process", "git-lfs filter-process")
	w.git("config", "filter.mine.clean", "git-lfs clean -- %f; touch /tmp/x")
	w.open()
	if strings.Join(w.repo.Disarmed, " ") != "filter.mine" {
		t.Errorf("disarmed %q", w.repo.Disarmed)
	}
	w.git("config", "filter.a=b.clean", "touch /tmp/x")
	if _, err := Open(t.Context(), w.dir); err == nil || !strings.Contains(err.Error(), "cannot be switched off") {
		t.Errorf("a name that cannot be overridden: %v", err)
	}
}

// A wrapper counts the processes.
func TestCosts(t *testing.T) {
	real, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, "a", numbered(20, nil), "benchmarks/x", "1", ".gitignore", ".bench\n")
	patch := w.patchOf(func() { w.write("a", numbered(20, map[int]string{10: "x"})) })
	bin, log := t.TempDir(), filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(filepath.Join(bin, "git"), []byte("#!/bin/sh\necho x >> '"+log+"'\nexec '"+real+"' \"$@\"\n"), 0o777); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	count := func(what string, want int, do func()) {
		t.Helper()
		os.Remove(log)
		do()
		text, _ := os.ReadFile(log)
		if got := strings.Count(string(text), "x"); got != want {
			t.Errorf("%s: %d git processes, want %d", what, got, want)
		}
	}
	var trees *Trees
	var b Baseline
	var a Applied
	count("open", 1, w.open)
	count("status", 1, func() { w.repo.Status(t.Context()) })
	count("a clean baseline", 4, func() { trees = w.trees("benchmarks"); b = w.baseline(trees, "") })
	count("the first patch", 4, func() { w.apply(trees, b, Change{Name: "x", Patch: patch}) })
	count("every other", 3, func() { a = w.apply(trees, b, Change{Name: "x", Patch: patch}) })
	count("a compound of three", 5, func() {
		w.apply(trees, b, Change{Name: "x", Patch: patch}, Change{Name: "y", Patch: patch}, Change{Name: "z", Patch: patch})
	})
	count("a branch", 6, func() { w.apply(trees, b, Change{Name: "x", Branch: "main"}, Change{Name: "y", Patch: patch}) })
	v := Baseline{Tree: a.Tree, Commit: b.Commit}
	w.materialise(v, "v", false)
	count("a worktree again", 2, func() { w.materialise(v, "v", false) })
	w.write("a", "dirty", "new", "x")
	count("a dirty baseline", 4, func() { w.baseline(trees, "") })
}
