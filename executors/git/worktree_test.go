package git

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestMaterialiseIsARepositoryOfItsOwn(t *testing.T) {
	w := newWorld(t, "a", "1\n", "dir/b", "2\n", ".gitignore", ".bench\n*.o\n", "benchmarks/x", "artifact")
	w.write("a", "dirty\n", "new", "3\n")
	os.Chmod(w.path("dir/b"), 0o755)
	os.Symlink("a", w.path("link"))
	b := w.baseline(w.trees("benchmarks"), "")
	before := w.untouchable()
	wt := w.materialise(b, "base", false)
	if got := checkout(t, wt.Dir); got != ".gitignore=.bench\n*.o\n; a=dirty\n; dir/b*=2\n; link -> a; new=3\n" {
		t.Errorf("checked out %q", got)
	}
	in := &world{t: t, dir: wt.Dir}
	if top, tree, status := in.git("rev-parse", "--show-toplevel"), in.git("rev-parse", "HEAD^{tree}"), in.git("status", "--porcelain"); top != wt.Dir || tree != b.Tree || status != "" {
		t.Errorf("top %s, tree %s, status %q", top, tree, status)
	}
	if parent := in.git("rev-parse", "HEAD^"); parent != b.Commit {
		t.Errorf("parent %s, want %s", parent, b.Commit)
	}
	if ref := w.git("rev-parse", "refs/bench/keep/"+b.Tree); ref != wt.Commit {
		t.Errorf("kept %s, want %s", ref, wt.Commit)
	}
	if w.untouchable() != before {
		t.Error("the repository changed")
	}
	// Deleting the folder is enough for git to forget it.
	os.RemoveAll(w.path(".bench"))
	w.git("worktree", "prune")
	if list := w.git("worktree", "list"); strings.Count(list, "\n") != 0 {
		t.Errorf("still listed: %s", list)
	}
	if again := w.materialise(b, "base", false); again.Commit != wt.Commit {
		t.Errorf("another commit for the same tree: %s, %s", again.Commit, wt.Commit)
	}
}

func TestMeasuredCommitDependsOnTreeAndParentOnly(t *testing.T) {
	var ids [2]string
	for i := range ids {
		w := newWorldIn(t, real(t, t.TempDir()), nil, "a", "1\n")
		t.Setenv("GIT_AUTHOR_NAME", strings.Repeat("x", i+1))
		w.git("config", "user.name", strings.Repeat("x", i+1))
		w.git("config", "i18n.commitEncoding", []string{"utf-8", "latin1"}[i])
		w.git("config", "commit.gpgSign", []string{"false", "true"}[i])
		root := w.fixedCommit()
		var err error
		if ids[i], err = w.repo.Keep(t.Context(), w.git("rev-parse", root+"^{tree}"), root); err != nil {
			t.Fatal(err)
		}
	}
	if ids[0] != ids[1] {
		t.Errorf("ids differ: %v", ids)
	}
}

// Every state a crash or a person can leave a worktree in ends in the same folder.
func TestMaterialiseRepairs(t *testing.T) {
	admin := func(w *world, wt Worktree) string { return adminOf(w.repo.Common, wt.Dir) }
	for _, c := range []struct {
		name   string
		damage func(w *world, wt Worktree)
		reused bool
		built  bool // build output survives
	}{
		{"nothing happened", func(w *world, wt Worktree) {}, true, true},
		{"a tracked file edited", func(w *world, wt Worktree) { os.WriteFile(wt.Dir+"/a", []byte("X\n"), 0o666) }, false, true},
		{"a tracked file deleted", func(w *world, wt Worktree) { os.Remove(wt.Dir + "/a") }, false, true},
		{"a folder in place of a file", func(w *world, wt Worktree) { os.Remove(wt.Dir + "/a"); os.MkdirAll(wt.Dir+"/a/b/c", 0o777) }, false, true},
		{"index.lock left", func(w *world, wt Worktree) {
			os.WriteFile(admin(w, wt)+"/index.lock", nil, 0o666)
			os.Remove(wt.Dir + "/a")
		}, false, true},
		{"HEAD moved", func(w *world, wt Worktree) { (&world{t: w.t, dir: wt.Dir}).commit("by hand") }, false, true},
		{"a branch checked out", func(w *world, wt Worktree) { (&world{t: w.t, dir: wt.Dir}).git("checkout", "-q", "-b", "mine") }, false, true},
		{"HEAD torn", func(w *world, wt Worktree) { os.WriteFile(admin(w, wt)+"/HEAD", nil, 0o666) }, false, false},
		{"index gone", func(w *world, wt Worktree) { os.Remove(admin(w, wt) + "/index") }, false, true},
		{"index damaged", func(w *world, wt Worktree) { os.WriteFile(admin(w, wt)+"/index", []byte("DIRC"), 0o666) }, false, false},
		{"locked: git was killed while adding it", func(w *world, wt Worktree) { os.WriteFile(admin(w, wt)+"/locked", []byte("initializing"), 0o666) }, false, false},
		{"no .git link", func(w *world, wt Worktree) { os.Remove(wt.Dir + "/.git"); os.Remove(wt.Dir + "/a") }, false, false},
		{"a .git link to the user's repository", func(w *world, wt Worktree) {
			os.WriteFile(wt.Dir+"/.git", []byte("gitdir: "+w.path(".git")+"\n"), 0o666)
		}, false, false},
		{"administration gone", func(w *world, wt Worktree) { os.RemoveAll(admin(w, wt)) }, false, false},
		{"folder gone", func(w *world, wt Worktree) { os.RemoveAll(wt.Dir) }, false, false},
		{"folder empty", func(w *world, wt Worktree) { os.RemoveAll(wt.Dir); os.Mkdir(wt.Dir, 0o777) }, false, false},
		{"killed while bench changed it", func(w *world, wt Worktree) {
			m, _ := readMarker(wt.Dir)
			m.Tree = ""
			m.write(wt.Dir)
			os.WriteFile(wt.Dir+"/a", []byte("half"), 0o666)
		}, false, true},
		{"a read-only folder inside", func(w *world, wt Worktree) {
			os.Remove(wt.Dir + "/.git")
			os.MkdirAll(wt.Dir+"/mod/x", 0o777)
			os.WriteFile(wt.Dir+"/mod/x/y", nil, 0o444)
			os.Chmod(wt.Dir+"/mod/x", 0o555)
		}, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, "a", "1\n", "dir/b", "2\n", ".gitignore", ".bench\n*.o\n")
			b := w.baseline(w.trees(), "")
			first := w.materialise(b, "v", false)
			os.WriteFile(first.Dir+"/built.o", []byte("o"), 0o666)
			before := w.untouchable()
			c.damage(w, first)
			if strings.HasPrefix(c.name, "a branch") || strings.HasPrefix(c.name, "HEAD moved") {
				before = w.untouchable() // the test's own doing
			}
			again := w.materialise(b, "v", false)
			want := ".gitignore=.bench\n*.o\n; a=1\n; "
			if c.built {
				want += "built.o=o; "
			}
			if got := checkout(t, again.Dir); got != want+"dir/b=2\n" || again.Reused != c.reused {
				t.Errorf("reused %v, checked out %q", again.Reused, got)
			}
			if got := (&world{t: t, dir: again.Dir}).git("rev-parse", "HEAD", "--show-toplevel"); got != again.Commit+"\n"+again.Dir {
				t.Errorf("HEAD and top %q", got)
			}
			if w.untouchable() != before {
				t.Error("the repository changed")
			}
			if third := w.materialise(b, "v", false); !third.Reused {
				t.Error("repaired, but not used again")
			}
		})
	}
}

func TestMaterialiseAnotherTreeKeepsBuildOutput(t *testing.T) {
	w := newWorld(t, "a", numbered(20, nil), ".gitignore", ".bench\n*.o\n")
	patch := w.patchOf(func() { w.write("a", "x\n", "new/n", "n\n") })
	trees := w.trees()
	b := w.baseline(trees, "")
	a := w.apply(trees, b, Change{Name: "x", Patch: patch})
	wt := w.materialise(b, "v", false)
	os.WriteFile(wt.Dir+"/built.o", []byte("o"), 0o666)
	other := Baseline{Tree: a.Tree, Commit: b.Commit}
	if wt = w.materialise(other, "v", false); wt.Reused || checkout(t, wt.Dir) != ".gitignore=.bench\n*.o\n; a=x\n; built.o=o; new/n=n\n" {
		t.Errorf("%v %q", wt.Reused, checkout(t, wt.Dir))
	}
	if wt = w.materialise(b, "v", true); checkout(t, wt.Dir) != ".gitignore=.bench\n*.o\n; a="+numbered(20, nil) {
		t.Errorf("after cleaning: %q", checkout(t, wt.Dir))
	}
}

func TestForeignFoldersAreNeverTouched(t *testing.T) {
	w := newWorld(t, "a", "1\n")
	b := w.baseline(w.trees(), "")
	w.write(".bench/work/mine/notes", "precious")
	w.git("worktree", "add", "-q", "--detach", w.path(".bench/work/users"))
	w.write(".bench/work/damaged/x", "y", ".bench/work/damaged"+markerSuffix, "{")
	for _, name := range []string{"mine", "users", "damaged"} {
		dir := w.path(".bench/work/" + name)
		before := checkout(t, dir)
		_, err := w.repo.Materialise(t.Context(), Checkout{Tree: b.Tree, Parent: b.Commit, Dir: dir})
		if gone := w.repo.Remove(dir); !errors.Is(err, ErrForeign) || !errors.Is(gone, ErrForeign) || checkout(t, dir) != before {
			t.Errorf("%s: %v, %v", name, err, gone)
		}
	}
}

func TestRemoveListPrune(t *testing.T) {
	w := newWorld(t, "a", "1\n")
	b := w.baseline(w.trees(), "")
	root := w.path(".bench/work")
	for _, name := range []string{"one", "two", "three"} {
		w.materialise(b, name, false)
	}
	// A worktree of the user's on a disk that is not there just now.
	away := filepath.Join(real(t, t.TempDir()), "away")
	w.git("worktree", "add", "-q", "--detach", away)
	os.RemoveAll(away)
	names := func() (all []string) {
		list, err := w.repo.List(root)
		if err != nil {
			t.Fatal(err)
		}
		for _, wt := range list {
			all = append(all, filepath.Base(wt.Dir)+" "+wt.Tree)
		}
		return all
	}
	if got := strings.Join(names(), ","); got != "one "+b.Tree+",three "+b.Tree+",two "+b.Tree {
		t.Errorf("list %s", got)
	}
	if err := w.repo.Remove(filepath.Join(root, "one")); err != nil {
		t.Fatal(err)
	}
	if err := w.repo.Remove(filepath.Join(root, "one")); err != nil {
		t.Errorf("a second time: %v", err)
	}
	os.RemoveAll(filepath.Join(root, "two"))
	os.RemoveAll(filepath.Join(root, "three"))
	os.Remove(filepath.Join(root, "three"+markerSuffix))
	if err := w.repo.Prune(root); err != nil {
		t.Fatal(err)
	}
	entries, _ := os.ReadDir(root)
	if list := w.git("worktree", "list"); len(names()) != 0 || len(entries) != 0 || strings.Count(list, "\n") != 1 || !strings.Contains(list, away) {
		t.Errorf("left: %v, %v, %s", names(), entries, list)
	}
	if err := w.repo.Prune(filepath.Join(t.TempDir(), "never", "made")); err != nil {
		t.Error(err)
	}
}

func TestKeptTreesSurviveEverything(t *testing.T) {
	w := newWorld(t, "a", "1\n")
	w.git("checkout", "-q", "-b", "perf")
	w.write("a", "perf\n")
	w.commit("perf")
	w.git("checkout", "-q", "main")
	w.write("u", "uncommitted\n")
	trees := w.trees()
	b := w.baseline(trees, "")
	a := w.apply(trees, b, Change{Name: "p", Branch: "perf"})
	commit, err := w.repo.Keep(t.Context(), a.Tree, b.Commit)
	if err != nil {
		t.Fatal(err)
	}
	w.remove("u")
	w.git("branch", "-q", "-D", "perf")
	w.git("commit", "-q", "--amend", "-m", "rewritten")
	w.git("reflog", "expire", "--expire=now", "--all")
	w.git("gc", "-q", "--prune=now")
	if got := checkout(t, w.materialise(Baseline{Tree: a.Tree, Commit: b.Commit}, "p", false).Dir); got != "a=perf\n; u=uncommitted\n" {
		t.Errorf("after gc: %q", got)
	}
	// The same tree on another parent stays on the commit that was recorded.
	if again, err := w.repo.Keep(t.Context(), a.Tree, w.git("rev-parse", "HEAD")); again != commit || err != nil {
		t.Errorf("%s, %v; want %s", again, err, commit)
	}
	if kept, err := w.repo.Kept(t.Context()); len(kept) != 1 || kept[0] != a.Tree || err != nil {
		t.Errorf("kept %v, %v", kept, err)
	}
	if err := w.repo.Release(t.Context(), a.Tree, b.Tree); err != nil {
		t.Error(err)
	}
	if kept, err := w.repo.Kept(t.Context()); len(kept) != 0 || err != nil {
		t.Errorf("kept %v, %v", kept, err)
	}
}

func TestMoveBranchNeverOverwrites(t *testing.T) {
	w := newWorld(t, "a", "1\n")
	first := w.git("rev-parse", "HEAD")
	second := w.commit("second")
	ctx := t.Context()
	if err := w.repo.MoveBranch(ctx, "bench/001-x", first, ""); err != nil {
		t.Fatal(err)
	}
	if err := w.repo.MoveBranch(ctx, "bench/001-x", second, ""); err == nil {
		t.Error("an existing branch was overwritten")
	}
	if err := w.repo.MoveBranch(ctx, "bench/001-x", second, second); err == nil {
		t.Error("a branch was moved from where it is not")
	}
	if err := w.repo.MoveBranch(ctx, "bench/001-x", second, first); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"main", "benchmark", "bench/../main", "bench/-x", "-d", ""} {
		if err := w.repo.MoveBranch(ctx, name, first, second); err == nil {
			t.Errorf("branch %q was written", name)
		}
	}
}

func TestPrefixExistsInTheWorktree(t *testing.T) {
	w := newWorld(t, "a", "1\n", "sub/benchfile.hcl", "x")
	w.dir = w.path("sub")
	w.open()
	w.dir = w.repo.Top
	wt := w.materialise(w.baseline(w.trees("sub/benchfile.hcl", ".bench"), ""), "v", false)
	if st, err := os.Stat(filepath.Join(wt.Dir, w.repo.Prefix)); err != nil || w.repo.Prefix != "sub" || !st.IsDir() {
		t.Errorf("prefix %q: %v", w.repo.Prefix, err)
	}
	if again := w.materialise(w.baseline(w.trees("sub/benchfile.hcl", ".bench"), ""), "v", false); !again.Reused {
		t.Error("not used again")
	}
}

func TestWorktreeOfAWorktree(t *testing.T) {
	w := newWorld(t, "a", "1\n")
	dir := filepath.Join(real(t, t.TempDir()), "linked tree")
	w.git("worktree", "add", "-q", "-b", "side", dir)
	side := &world{t: t, dir: dir}
	side.open()
	side.write("a", "side\n", "n", "2\n")
	if side.repo.Common != w.path(".git") || side.repo.Dir == side.repo.Common {
		t.Fatalf("%+v", side.repo)
	}
	b := side.baseline(side.trees(), "")
	if got := checkout(t, side.materialise(b, "v", false).Dir); got != "a=side\n; n=2\n" {
		t.Errorf("checked out %q", got)
	}
	if got := w.git("status", "--porcelain"); got != "" {
		t.Errorf("main working tree: %q", got)
	}
}

// A git killed at any moment leaves something that the next call makes whole.
func TestMaterialiseKilled(t *testing.T) {
	files := []string{".gitignore", ".bench\n"}
	for i := range 400 {
		files = append(files, filepath.Join("d"+string(rune('a'+i%20)), "f"+string(rune('a'+i/20))), numbered(200, nil))
	}
	w := newWorld(t, files...)
	b := w.baseline(w.trees(), "")
	want := w.materialise(b, "whole", false)
	before := w.untouchable()
	c := Checkout{Tree: b.Tree, Parent: b.Commit, Dir: w.path(".bench/work/v")}
	killed := 0
	for i := range 12 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i*2)*time.Millisecond)
		if _, err := w.repo.Materialise(ctx, c); err != nil {
			killed++
		}
		cancel()
		if i%4 == 3 {
			wt, err := w.repo.Materialise(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			if checkout(t, wt.Dir) != checkout(t, want.Dir) {
				t.Fatalf("after kill %d the worktree differs", i)
			}
			if err := w.repo.Remove(wt.Dir); err != nil {
				t.Fatal(err)
			}
		}
	}
	if killed == 0 {
		t.Error("no call was cut short: the test shows nothing")
	}
	if w.untouchable() != before {
		t.Error("the repository changed")
	}
}
