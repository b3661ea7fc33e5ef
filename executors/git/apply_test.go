package git

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestApplyPutsExactlyTheChangeOnTheBase(t *testing.T) {
	binary := string([]byte{0, 1, 2, 0xff, '\n', 0})
	for _, c := range []struct {
		name string
		edit func(w *world)
		want string
		file FileChange
	}{
		{"an edit", func(w *world) { w.write("a", numbered(30, map[int]string{5: "five", 25: "x"})) },
			"a=" + numbered(30, map[int]string{5: "five", 25: "x"}) + "; b=b\n", FileChange{Path: "a", Status: "M", Added: 2, Removed: 2, Mode: "100644"}},
		{"a new file in a folder", func(w *world) { w.write("n m/é", "1\n2\n") }, "a=" + numbered(30, nil) + "; b=b\n; n m/é=1\n2\n",
			FileChange{Path: "n m/é", Status: "A", Added: 2, Mode: "100644"}},
		{"a name that needs quotes", func(w *world) { w.write("q\"\t\\", "1\n") }, "a=" + numbered(30, nil) + "; b=b\n; q\"\t\\=1\n",
			FileChange{Path: "q\"\t\\", Status: "A", Added: 1, Mode: "100644"}},
		{"a deleted file", func(w *world) { w.remove("b") }, "a=" + numbered(30, nil), FileChange{Path: "b", Status: "D", Removed: 1, Mode: "000000"}},
		{"a renamed file", func(w *world) { os.Rename(w.path("a"), w.path("z")) }, "b=b\n; z=" + numbered(30, nil),
			FileChange{Path: "z", From: "a", Status: "R", Mode: "100644"}},
		{"an exec bit", func(w *world) { os.Chmod(w.path("b"), 0o755) }, "a=" + numbered(30, nil) + "; b*=b\n",
			FileChange{Path: "b", Status: "M", Mode: "100755"}},
		{"a symlink for a file", func(w *world) { w.remove("b"); os.Symlink("a", w.path("b")) }, "a=" + numbered(30, nil) + "; b -> a",
			FileChange{Path: "b", Status: "T", Added: 1, Removed: 1, Mode: "120000"}},
		{"a binary file", func(w *world) { w.write("b", binary) }, "a=" + numbered(30, nil) + "; b=" + binary,
			FileChange{Path: "b", Status: "M", Binary: true, Mode: "100644"}},
		{"lines that look like headers", func(w *world) { w.write("b", "-- a/x\n++ b/x\n@@ -1 +1 @@\n") }, "a=" + numbered(30, nil) + "; b=-- a/x\n++ b/x\n@@ -1 +1 @@\n",
			FileChange{Path: "b", Status: "M", Added: 3, Removed: 1, Mode: "100644"}},
		{"no newline at the end", func(w *world) { w.write("b", "c") }, "a=" + numbered(30, nil) + "; b=c",
			FileChange{Path: "b", Status: "M", Added: 1, Removed: 1, Mode: "100644"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, "a", numbered(30, nil), "b", "b\n")
			patch := w.patchOf(func() { c.edit(w) })
			trees := w.trees()
			b := w.baseline(trees, "")
			before := w.untouchable()
			a := w.apply(trees, b, Change{Name: c.name, Patch: patch})
			if len(a.Files) != 1 || a.Files[0] != c.file {
				t.Errorf("files %+v, want %+v", a.Files, c.file)
			}
			// What it says the change is makes the same tree again.
			again := w.apply(trees, b, Change{Name: "again", Patch: a.Patch})
			if again.Tree != a.Tree || !bytes.Equal(again.Patch, a.Patch) {
				t.Errorf("the patch of the change makes another tree:\n%s", a.Patch)
			}
			if w.untouchable() != before {
				t.Error("the repository changed")
			}
			wt := w.materialise(Baseline{Tree: a.Tree, Commit: b.Commit}, "x", false)
			if got := checkout(t, wt.Dir); got != c.want {
				t.Errorf("checked out %q, want %q", got, c.want)
			}
		})
	}
}

func TestChangesApplyOverUncommittedWork(t *testing.T) {
	w := newWorld(t, "a", numbered(30, nil), "b", "b\n")
	w.git("checkout", "-q", "-b", "perf/arena")
	w.write("a", numbered(30, map[int]string{20: "arena"}), "benchmarks/x", "artifact")
	w.commit("arena 1")
	w.write("b", "arena\n")
	arena := w.commit("arena 2")
	w.git("checkout", "-q", "main")
	w.write("a", numbered(30, map[int]string{10: "main"}))
	w.commit("main moves on")
	w.write("a", numbered(30, map[int]string{2: "dirty", 10: "main"}), "untracked", "u\n")

	trees := w.trees("benchmarks")
	b := w.baseline(trees, "")
	want := "644 a=" + numbered(30, map[int]string{2: "dirty", 10: "main", 20: "arena"}) + "; 644 b=arena\n; 644 untracked=u\n"
	before := w.untouchable()
	for _, change := range []Change{{Name: "branch", Branch: "perf/arena"}, {Name: "commit", Commit: arena}, {Name: "short", Commit: arena[:10]}} {
		a := w.apply(trees, b, change)
		if got := w.listing(a.Tree); got != want {
			t.Errorf("%s: %q, want %q", change.Name, got, want)
		}
		if len(a.Files) != 2 || a.Files[0].Path != "a" || a.Files[1].Path != "b" {
			t.Errorf("%s: files %+v", change.Name, a.Files)
		}
	}
	if w.untouchable() != before {
		t.Error("the repository changed")
	}
	// Nothing new on the branch: the tree is the base's and there is no patch.
	if a := w.apply(trees, b, Change{Name: "old", Branch: "main"}); a.Tree != b.Tree || a.Patch != nil || a.Files != nil {
		t.Errorf("main over main: %+v", a)
	}
	if a := w.apply(trees, b); a.Tree != b.Tree || a.Patch != nil {
		t.Errorf("no change: %+v", a)
	}
	w.git("checkout", "-q", "--orphan", "alien")
	w.git("rm", "-rqf", "--cached", ".")
	w.git("commit", "-q", "--allow-empty", "-m", "alien")
	if _, err := trees.Apply(t.Context(), b, []Change{{Name: "x", Branch: "alien"}}); err == nil || !strings.Contains(err.Error(), "no history in common") {
		t.Errorf("alien branch: %v", err)
	}
}

func TestRemoteBranch(t *testing.T) {
	w := newWorld(t, "a", "1\n")
	w.git("checkout", "-q", "-b", "perf")
	w.write("a", "2\n")
	w.commit("perf")
	w.git("checkout", "-q", "main")
	w.git("update-ref", "refs/remotes/origin/perf", "refs/heads/perf")
	w.git("branch", "-q", "-D", "perf")
	trees := w.trees()
	if got := w.listing(w.apply(trees, w.baseline(trees, ""), Change{Name: "p", Branch: "origin/perf"}).Tree); got != "644 a=2\n" {
		t.Errorf("got %q", got)
	}
}

func TestCompounds(t *testing.T) {
	w := newWorld(t, "a", numbered(60, nil))
	at := func(name string, line int, text string) Change {
		return Change{Name: name, Patch: w.patchOf(func() { w.write("a", numbered(60, map[int]string{line: text})) })}
	}
	cache, arena, rival := at("cache", 10, "cache"), at("arena", 40, "arena"), at("rival", 41, "rival")
	trees := w.trees()
	b := w.baseline(trees, "")
	one := w.apply(trees, b, cache, arena)
	other := w.apply(trees, b, arena, cache)
	if got := w.listing(one.Tree); got != "644 a="+numbered(60, map[int]string{10: "cache", 40: "arena"}) || one.Tree != other.Tree {
		t.Errorf("%q", got)
	}
	// A member that another already contains merges.
	if again := w.apply(trees, b, cache, cache, arena); again.Tree != one.Tree {
		t.Errorf("the same change twice: %q", w.listing(again.Tree))
	}
	before := w.untouchable()
	_, err := trees.Apply(t.Context(), b, []Change{cache, arena, rival})
	var no *ApplyError
	if !errors.As(err, &no) {
		t.Fatalf("rivals: %v", err)
	}
	if no.Change != "rival" || no.File != "a" || no.Line != 38 || !strings.Contains(no.Hunk, "-41\n+rival\n") || !strings.HasPrefix(no.Hunk, "@@ -38,7 ") {
		t.Errorf("%+v", no)
	}
	// "cache" touches the same file too: git does not tell which of the two it is.
	if fmt.Sprint(no.With) != "[cache arena]" {
		t.Errorf("conflicts with %v", no.With)
	}
	if w.untouchable() != before {
		t.Error("the repository changed")
	}
}

func TestWhatDoesNotApplySaysWhere(t *testing.T) {
	w := newWorld(t, "a", numbered(30, nil), "é x", "1\n")
	good := w.patchOf(func() { w.write("a", numbered(30, map[int]string{5: "five", 25: "x"})) })
	stale := bytes.Replace(good, []byte("\n 24\n-25\n"), []byte("\n 24\n-twenty-five\n"), 1)
	stale = bytes.Replace(stale, good[bytes.Index(good, []byte("index ")):][:len("index 0000000")], []byte("index 1234567"), 1)
	for _, c := range []struct {
		name, patch, file string
		line              int
		hunk, says        string
	}{
		{"wrong context", string(stale), "a", 22, "@@ -22,7 +22,7 @@", "patch does not apply"},
		{"no such file", "--- a/none\n+++ b/none\n@@ -1 +1 @@\n-a\n+b\n", "none", 0, "@@ -1 +1 @@\n-a\n+b\n", "does not exist"},
		{"file exists", "--- /dev/null\n+++ b/a\n@@ -0,0 +1 @@\n+b\n", "a", 0, "@@ -0,0 +1 @@\n+b\n", "already exists"},
		{"odd name", "--- a/é x\n+++ b/é x\n@@ -1 +1 @@\n-a\n+b\n", "é x", 1, "@@ -1 +1 @@\n-a\n+b\n", "patch failed"},
		{"broken off", "--- a/a\n+++ b/a\n@@ -1,3 +1,3 @@\n 1\n-2\n", "", 6, "@@ -1,3 +1,3 @@\n 1\n-2\n", "corrupt patch"},
		{"no patch", "hello\n", "", 0, "", "No valid patches"},
		{"out of the tree", "--- a/../../x\n+++ b/../../x\n@@ -0,0 +1 @@\n+b\n", "", 0, "", "invalid path"},
		{"into .git", "diff --git a/.git/hooks/x b/.git/hooks/x\nnew file mode 100755\n--- /dev/null\n+++ b/.git/hooks/x\n@@ -0,0 +1 @@\n+b\n", "", 0, "", "invalid path"},
	} {
		trees := w.trees()
		_, err := trees.Apply(t.Context(), w.baseline(trees, ""), []Change{{Name: "h", Patch: []byte(c.patch)}})
		var no *ApplyError
		if !errors.As(err, &no) {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if no.File != c.file || no.Line != c.line || !strings.HasPrefix(no.Hunk, c.hunk) || (c.hunk == "") != (no.Hunk == "") || !strings.Contains(no.Stderr, c.says) {
			t.Errorf("%s: file %q line %d hunk %q stderr %q", c.name, no.File, no.Line, no.Hunk, no.Stderr)
		}
		if text := no.Error(); !strings.Contains(text, `change "h" does not apply`) || !strings.Contains(text, c.says) || !strings.Contains(text, strings.TrimSpace(no.Hunk)) {
			t.Errorf("%s: %s", c.name, text)
		}
		if !bytes.Contains([]byte(c.patch), []byte(no.Hunk)) {
			t.Errorf("%s: the hunk is not as it stands in the patch: %q", c.name, no.Hunk)
		}
	}
}

func TestPatchesInOtherShapes(t *testing.T) {
	w := newWorld(t, "a", numbered(30, nil), "sub/b", "b\n")
	edit := func() { w.write("a", numbered(30, map[int]string{5: "five"}), "sub/b", "c\n") }
	plain := w.patchOf(edit)
	trees := w.trees()
	b := w.baseline(trees, "")
	want := w.apply(trees, b, Change{Name: "plain", Patch: plain})
	w.git("config", "diff.noprefix", "true")
	bare := w.patchOf(edit)
	w.git("config", "diff.noprefix", "false")
	w.git("config", "diff.mnemonicPrefix", "true")
	mnemonic := w.patchOf(edit)
	if !bytes.Contains(bare, []byte("diff --git a a\n")) || !bytes.Contains(mnemonic, []byte("diff --git c/a w/a\n")) {
		t.Fatalf("%s%s", bare, mnemonic)
	}
	for name, patch := range map[string][]byte{
		"no prefix": bare, "mnemonic prefix": mnemonic,
		"CRLF":            bytes.ReplaceAll(plain, []byte("\n"), []byte("\r\n")),
		"mail":            append([]byte("From 123 Mon Sep 17 00:00:00 2001\nFrom: a\nSubject: [PATCH] x\n\n---\n a | 2 +-\n"), plain...),
		"plain diff -u":   []byte("--- a/a\t2020-01-01\n+++ b/a\t2020-01-01\n@@ -4,3 +4,3 @@\n 4\n-5\n+five\n 6\n--- a/sub/b\n+++ b/sub/b\n@@ -1 +1 @@\n-b\n+c\n"),
		"moved by a line": bytes.Replace(plain, []byte("@@ -2,7 +2,7 @@"), []byte("@@ -3,7 +3,7 @@"), 1),
	} {
		if a := w.apply(trees, b, Change{Name: name, Patch: patch}); a.Tree != want.Tree || !bytes.Equal(a.Patch, want.Patch) {
			t.Errorf("%s: %s", name, a.Patch)
		}
	}
	crlf := newWorld(t, "a", "1\r\n2\r\n3\r\n")
	patch := crlf.patchOf(func() { crlf.write("a", "1\r\nx\r\n3\r\n") })
	trees = crlf.trees()
	if got := crlf.listing(crlf.apply(trees, crlf.baseline(trees, ""), Change{Name: "x", Patch: patch}).Tree); got != "644 a=1\r\nx\r\n3\r\n" {
		t.Errorf("a file with CRLF: %q", got)
	}
}

func TestPatchNeverReachesExcludedPaths(t *testing.T) {
	w := newWorld(t, "a", "1\n", "benchfile.hcl", "x\n", "b[1]/c", "y\n")
	patch := w.patchOf(func() { w.write("a", "2\n", "benchfile.hcl", "z\n", "b[1]/c", "z\n", "b[1]/new", "n\n") })
	trees := w.trees("benchfile.hcl", "b[1]")
	if got := w.listing(w.apply(trees, w.baseline(trees, ""), Change{Name: "x", Patch: patch}).Tree); got != "644 a=2\n" {
		t.Errorf("got %q", got)
	}
}

func TestPatchTextDoesNotDependOnTaste(t *testing.T) {
	w := newWorld(t, "a.go", "package a\n\nfunc x() {\n"+numbered(20, nil)+"}\n", "b", "1\n")
	patch := w.patchOf(func() {
		w.write("é", "1\n", "a.go", "package a\n\nfunc x() {\n"+numbered(20, map[int]string{15: "x"})+"}\n")
		os.Rename(w.path("b"), w.path("c"))
	})
	trees := w.trees()
	b := w.baseline(trees, "")
	want := w.apply(trees, b, Change{Name: "x", Patch: patch})
	if !bytes.Contains(want.Patch, []byte("+++ b/é\n")) {
		t.Errorf("a name is not as people write it:\n%s", want.Patch)
	}
	for _, setting := range [][2]string{{"diff.noprefix", "true"}, {"diff.mnemonicPrefix", "true"}, {"diff.context", "0"}, {"diff.algorithm", "patience"},
		{"diff.renames", "false"}, {"color.ui", "always"}, {"diff.external", "false"}, {"core.abbrev", "4"}, {"core.quotePath", "true"},
		{"diff.interHunkContext", "9"}, {"diff.orderFile", "/nowhere"}, {"diff.relative", "true"}, {"apply.whitespace", "error"}, {"diff.submodule", "log"},
		{"core.whitespace", "tab-in-indent"}, {"diff.suppressBlankEmpty", "true"}} {
		w.git("config", setting[0], setting[1])
	}
	w.write(".gitattributes", "*.go diff=golang -text\nb -diff\n")
	got := w.apply(trees, b, Change{Name: "x", Patch: patch})
	if !bytes.Equal(got.Patch, want.Patch) || got.Tree != want.Tree {
		t.Errorf("with other settings:\n%s\nwant:\n%s", got.Patch, want.Patch)
	}
}

func TestChangeMustBeOneThing(t *testing.T) {
	w := newWorld(t, "a", "1\n")
	trees := w.trees()
	b := w.baseline(trees, "")
	for _, c := range []Change{{Name: "x"}, {Name: "x", Patch: []byte("p"), Branch: "main"}, {Name: "x", Patch: []byte{}}, {Name: "x", Patch: []byte(" \n")},
		{Name: "x", Branch: "none"}, {Name: "x", Commit: "0000000"}, {Name: "x", Branch: "--all"}, {Name: "x", Commit: "main..main"}} {
		if _, err := trees.Apply(t.Context(), b, []Change{c}); err == nil || !strings.HasPrefix(err.Error(), `change "x": `) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
