package git

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestBaselineIsWhatIsInTheFolder(t *testing.T) {
	start := []string{"a", "1\n", "dir/b", "2\n", "gone", "3\n", ".gitignore", "*.o\n"}
	ignore := "644 .gitignore=*.o\n; "
	for _, c := range []struct {
		name string
		edit func(w *world)
		want string
		n    int // uncommitted entries
	}{
		{"a clean repository", func(w *world) {}, "644 a=1\n; 644 dir/b=2\n; 644 gone=3\n", 0},
		{"an unstaged edit", func(w *world) { w.write("a", "x") }, "644 a=x; 644 dir/b=2\n; 644 gone=3\n", 1},
		{"a staged edit", func(w *world) { w.write("a", "x"); w.git("add", "a") }, "644 a=x; 644 dir/b=2\n; 644 gone=3\n", 1},
		{"staged, then edited again", func(w *world) { w.write("a", "x"); w.git("add", "a"); w.write("a", "y") }, "644 a=y; 644 dir/b=2\n; 644 gone=3\n", 1},
		{"an untracked file", func(w *world) { w.write("new/n", "4") }, "644 a=1\n; 644 dir/b=2\n; 644 gone=3\n; 644 new/n=4", 1},
		{"intent to add", func(w *world) { w.write("n", "4"); w.git("add", "-N", "n") }, "644 a=1\n; 644 dir/b=2\n; 644 gone=3\n; 644 n=4", 1},
		{"added, then deleted", func(w *world) { w.write("n", "4"); w.git("add", "n"); w.remove("n") }, "644 a=1\n; 644 dir/b=2\n; 644 gone=3\n", 1},
		{"an ignored file", func(w *world) { w.write("x.o", "4") }, "644 a=1\n; 644 dir/b=2\n; 644 gone=3\n", 0},
		{"a deleted file", func(w *world) { w.remove("gone") }, "644 a=1\n; 644 dir/b=2\n", 1},
		{"deletion staged, file kept", func(w *world) { w.git("rm", "-q", "--cached", "gone") }, "644 a=1\n; 644 dir/b=2\n; 644 gone=3\n", 2},
		{"a renamed file", func(w *world) { w.git("mv", "a", "z") }, "644 dir/b=2\n; 644 gone=3\n; 644 z=1\n", 2},
		{"an exec bit", func(w *world) { os.Chmod(w.path("a"), 0o755) }, "755 a=1\n; 644 dir/b=2\n; 644 gone=3\n", 1},
		{"a file that became a symlink", func(w *world) { w.remove("a"); os.Symlink("dir/b", w.path("a")) }, "000 a=dir/b; 644 dir/b=2\n; 644 gone=3\n", 1},
		{"a folder that became a file", func(w *world) { w.remove("dir"); w.write("dir", "4") }, "644 a=1\n; 644 dir=4; 644 gone=3\n", 2},
		{"a folder that became a symlink", func(w *world) { w.remove("dir"); os.Symlink("a", w.path("dir")) }, "644 a=1\n; 000 dir=a; 644 gone=3\n", 2},
		{"a file that became a folder", func(w *world) { w.remove("gone"); w.write("gone/f", "4") }, "644 a=1\n; 644 dir/b=2\n; 644 gone/f=4", 2},
		{"names with spaces and more", func(w *world) { w.write("b c/é\"\t\n-.x", "4") }, "644 a=1\n; 644 b c/é\"\t\n-.x=4; 644 dir/b=2\n; 644 gone=3\n", 1},
		{"a name like an option", func(w *world) { w.write("--all", "4") }, "644 --all=4; 644 a=1\n; 644 dir/b=2\n; 644 gone=3\n", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, start...)
			c.edit(w)
			before := w.untouchable()
			b := w.baseline(w.trees(), "")
			if got := strings.Replace(w.listing(b.Tree), ignore, "", 1); got != c.want || len(b.Uncommitted) != c.n {
				t.Errorf("tree %q with %d uncommitted, want %q with %d", got, len(b.Uncommitted), c.want, c.n)
			}
			if b.Commit != w.git("rev-parse", "HEAD") {
				t.Errorf("commit %s is not HEAD", b.Commit)
			}
			if after := w.untouchable(); after != before {
				t.Errorf("the repository changed:\n%s\n%s", before, after)
			}
		})
	}
}

// An edit that keeps the size and falls into the same instant as the index is
// what a copy with a younger time would miss.
func TestSnapshotSeesRacyEdits(t *testing.T) {
	w := newWorld(t, "a", "1111", "benchfile.hcl", "x")
	trees := w.trees("benchfile.hcl")
	for i := range 20 {
		w.write("a", "aaaa")
		w.git("add", "a")
		st, err := os.Stat(w.path("a"))
		if err != nil {
			t.Fatal(err)
		}
		// The same time for all three: file as staged, index, file as edited.
		when := st.ModTime().Truncate(time.Second)
		os.Chtimes(w.path("a"), when, when)
		w.git("-c", "core.trustctime=false", "update-index", "--refresh")
		w.write("a", "bbbb")
		os.Chtimes(w.path("a"), when, when)
		os.Chtimes(w.path(".git/index"), when, when)
		w.git("config", "core.trustctime", "false")
		if got := w.listing(w.baseline(trees, "").Tree); got != "644 a=bbbb" {
			t.Fatalf("round %d: snapshot is %q", i, got)
		}
	}
}

func TestExcludedPathsAreNeverMeasured(t *testing.T) {
	w := newWorld(t, "a", "1", "benchmarks/x", "old", "benchmarks2", "stays", "sub/benchfile.hcl", "b", "p/one.patch", "p", "*glob", "g", "xglob", "h")
	trees := w.trees("benchmarks", "./sub/benchfile.hcl", "p/one.patch", ".bench", "not-there", "*glob")
	want := "644 a=1; 644 benchmarks2=stays; 644 xglob=h"
	clean := w.baseline(trees, "")
	if got := w.listing(clean.Tree); got != want {
		t.Fatalf("clean: %q, want %q", got, want)
	}
	w.write("benchmarks/x", "new", "benchmarks/sub/y", "n", "sub/benchfile.hcl", "edited", "p/one.patch", "q", ".bench/work/z", "n", "*glob", "g2")
	dirty := w.baseline(trees, "")
	if dirty.Tree != clean.Tree || dirty.Uncommitted != nil {
		t.Errorf("edits of excluded paths count: %+v", dirty)
	}
	head := w.commit("artifacts")
	if b := w.baseline(trees, ""); b.Tree != clean.Tree || b.Commit != head {
		t.Errorf("a commit of excluded paths counts: %+v", b)
	}
	w.write("a", "2", "benchmarks/x", "newer")
	if got := w.listing(w.baseline(trees, "").Tree); got != strings.Replace(want, "a=1", "a=2", 1) {
		t.Errorf("dirty: %q", got)
	}
	if pinned := w.baseline(trees, head); pinned.Tree != clean.Tree || pinned.Uncommitted != nil {
		t.Errorf("pinned: %+v", pinned)
	}
	for _, bad := range []string{"", ".", "..", "../x", "/abs", "a/../..", "a\x00b"} {
		if _, err := w.repo.Trees(t.TempDir(), []string{bad}); err == nil {
			t.Errorf("excluded path %q was taken", bad)
		}
	}
}

func TestHugeUntrackedFileIsRefused(t *testing.T) {
	w := newWorld(t, "a", "1")
	w.write("data/huge.bin", "")
	if err := os.Truncate(w.path("data/huge.bin"), UntrackedMax+1); err != nil {
		t.Fatal(err)
	}
	_, err := w.trees().Baseline(t.Context(), "")
	var large *TooLargeError
	if !errors.As(err, &large) || large.Path != "data/huge.bin" || !strings.Contains(err.Error(), ".gitignore") {
		t.Errorf("got %v", err)
	}
	if _, err := w.trees("data").Baseline(t.Context(), ""); err != nil {
		t.Errorf("excluded: %v", err)
	}
	if _, err := w.trees().Baseline(t.Context(), "HEAD"); err != nil {
		t.Errorf("pinned: %v", err)
	}
}

func TestMergeInProgressIsRefused(t *testing.T) {
	w := newWorld(t, "a", "1\n")
	w.git("checkout", "-q", "-b", "other")
	w.write("a", "2\n")
	w.commit("two")
	w.git("checkout", "-q", "main")
	w.write("a", "3\n")
	w.commit("three")
	if err := w.try("merge", "other"); err == nil {
		t.Fatal("the merge went through")
	}
	_, err := w.trees().Baseline(t.Context(), "")
	if err == nil || !strings.Contains(err.Error(), "a: in the middle of a merge") {
		t.Errorf("got %v", err)
	}
}

func TestRepositoryInsideIsSkippedAndNamed(t *testing.T) {
	w := newWorld(t, "a", "1")
	w.git("init", "-q", "vendored")
	w.write("vendored/v", "1")
	inner := &world{t: t, dir: w.path("vendored")}
	inner.commit("one")
	b := w.baseline(w.trees(), "")
	if got := w.listing(b.Tree); got != "644 a=1" || len(b.Skipped) != 1 || b.Skipped[0] != "vendored/" {
		t.Errorf("tree %q, skipped %q", got, b.Skipped)
	}
}

func TestAutocrlfMeasuresTheSameTree(t *testing.T) {
	w := newWorld(t, "a.txt", "1\n2\n", ".gitattributes", "*.txt text=auto\n")
	clean := w.baseline(w.trees(), "").Tree
	w.git("config", "core.autocrlf", "true")
	w.git("config", "core.safecrlf", "true")
	w.remove("a.txt")
	w.git("checkout", "-q", "--", "a.txt")
	if w.read("a.txt") != "1\r\n2\r\n" {
		t.Fatalf("no CRLF in %q", w.read("a.txt"))
	}
	if got := w.baseline(w.trees(), "").Tree; got != clean {
		t.Errorf("line ends on disk changed the tree: %s", w.listing(got))
	}
	w.write("a.txt", "1\r\n3\n") // mixed: what core.safecrlf would refuse
	if got := w.listing(w.baseline(w.trees(), "").Tree); !strings.HasSuffix(got, "a.txt=1\n3\n") {
		t.Errorf("edited: %q", got)
	}
}

func TestSparseSplitAndShallow(t *testing.T) {
	for _, sparse := range [][]string{{"set", "dir"}, {"set", "--sparse-index", "dir"}} {
		w := newWorld(t, "a", "1", "dir/b", "2", "far/c", "3", "far/d", "4")
		full := w.baseline(w.trees(), "").Tree
		w.git(append([]string{"sparse-checkout"}, sparse...)...)
		if _, err := os.Stat(w.path("far")); err == nil {
			t.Fatal("not sparse")
		}
		if got := w.baseline(w.trees(), "").Tree; got != full {
			t.Errorf("%v: tree is %q", sparse, w.listing(got))
		}
		w.write("dir/b", "x")
		b := w.baseline(w.trees(), "")
		if got := w.listing(b.Tree); got != "644 a=1; 644 dir/b=x; 644 far/c=3; 644 far/d=4" {
			t.Errorf("%v, edited: tree is %q", sparse, got)
		}
		wt := w.materialise(b, "x", false)
		if got := checkout(t, wt.Dir); got != "a=1; dir/b=x; far/c=3; far/d=4" {
			t.Errorf("%v: checked out %q", sparse, got)
		}
	}

	w := newWorld(t, "a", "1", "b", "2")
	w.git("config", "core.splitIndex", "true")
	w.git("update-index", "--split-index")
	// Reading renews the time of git's shared part; git does so for every command.
	before, _ := filepath.Glob(w.path(".git/*index*"))
	index := w.read(".git/index")
	w.baseline(w.trees("b"), "")
	if after, _ := filepath.Glob(w.path(".git/*index*")); len(before) != 2 || !slices.Equal(before, after) || w.read(".git/index") != index {
		t.Errorf("split index: %v became %v", before, after)
	}
	w.write("a", "x", "c", "3")
	if got := w.listing(w.baseline(w.trees(), "").Tree); got != "644 a=x; 644 b=2; 644 c=3" {
		t.Errorf("split index: %q", got)
	}

	w.commit("second")
	shallow := &world{t: t, dir: filepath.Join(real(t, t.TempDir()), "clone")}
	w.git("clone", "-q", "--depth=1", "file://"+w.dir, shallow.dir)
	shallow.open()
	b := shallow.baseline(shallow.trees(), "")
	if got := checkout(t, shallow.materialise(b, "x", false).Dir); got != "a=x; b=2; c=3" {
		t.Errorf("shallow clone: %q", got)
	}
}

func TestSHA256(t *testing.T) {
	w := newWorldIn(t, real(t, t.TempDir()), []string{"--object-format=sha256"}, "a", numbered(20, nil))
	if w.repo.Format != "sha256" {
		t.Fatalf("format %s", w.repo.Format)
	}
	w.write("b", "new")
	trees := w.trees()
	b := w.baseline(trees, "")
	w.remove("b")
	a := w.apply(trees, b, Change{Name: "x", Patch: w.patchOf(func() { w.write("a", numbered(20, map[int]string{3: "x"})) })})
	b.Tree = a.Tree
	wt := w.materialise(b, "x", false)
	if len(a.Tree) != 64 || checkout(t, wt.Dir) != "a="+numbered(20, map[int]string{3: "x"})+"; b=new" {
		t.Errorf("%+v", a)
	}
	if again := w.materialise(b, "x", false); !again.Reused {
		t.Errorf("not used again: %+v", again)
	}
}

func TestChangedPathsNamesWhatDiffers(t *testing.T) {
	w := newWorld(t, "a", "1\n", "dir/b", "2\n", "gone", "3\n")
	before := w.baseline(w.trees(), "").Tree
	w.write("a", "x", "new é\n", "4")
	w.remove("gone")
	os.Chmod(w.path("dir/b"), 0o755)
	after := w.baseline(w.trees(), "").Tree
	got, err := w.repo.ChangedPaths(t.Context(), before, after)
	if want := []string{"a", "dir/b", "gone", "new é\n"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	if got, err := w.repo.ChangedPaths(t.Context(), after, after); err != nil || got != nil {
		t.Errorf("of one tree: %q, %v", got, err)
	}
	if _, err := w.repo.ChangedPaths(t.Context(), strings.Repeat("1", 40), after); err == nil {
		t.Error("a tree that is not there: no error")
	}
}
