package git

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// withSubmodules is a repository with a submodule lib, which has a submodule deep.
func withSubmodules(t *testing.T) (w *world, origin *world) {
	t.Helper()
	deep := newWorld(t, "d", "deep\n")
	origin = newWorld(t, "l", "lib\n")
	origin.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", deep.dir, "deep")
	origin.commit("with deep")
	w = newWorld(t, "a", "1\n", ".gitignore", ".bench\n")
	w.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "--name", "the lib", origin.dir, "vendor/lib")
	w.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "update", "--init", "--recursive")
	w.commit("with lib")
	w.git("config", "submodule.recurse", "true")
	w.open()
	// From here on the disk must do.
	for _, gone := range []string{deep.dir, origin.dir} {
		if err := os.Rename(gone, gone+".away"); err != nil {
			t.Fatal(err)
		}
	}
	return w, origin
}

func TestSubmodulesAreCheckedOutFromTheDisk(t *testing.T) {
	w, _ := withSubmodules(t)
	b := w.baseline(w.trees(), "")
	if len(b.Uncommitted)+len(b.Skipped) != 0 {
		t.Fatalf("%+v", b)
	}
	lib := &world{t: t, dir: w.path("vendor/lib")}
	before := lib.git("rev-parse", "HEAD") + lib.git("status", "--porcelain")
	wt := w.materialise(b, "v", false)
	for _, file := range []string{"a", "vendor/lib/l", "vendor/lib/deep/d"} {
		if text, err := os.ReadFile(filepath.Join(wt.Dir, file)); err != nil || len(text) == 0 {
			t.Errorf("%s: %v", file, err)
		}
	}
	in := &world{t: t, dir: wt.Dir}
	if status := in.git("status", "--porcelain", "--ignore-submodules=none"); status != "" {
		t.Errorf("status %q", status)
	}
	inner := &world{t: t, dir: filepath.Join(wt.Dir, "vendor/lib/deep")}
	if top := inner.git("rev-parse", "--show-toplevel"); top != inner.dir {
		t.Errorf("the inner submodule's top is %s", top)
	}
	if again := w.materialise(b, "v", false); !again.Reused {
		t.Error("not used again")
	}
	os.Remove(filepath.Join(wt.Dir, "vendor/lib/deep/d"))
	if again := w.materialise(b, "v", false); again.Reused || inner.git("status", "--porcelain") != "" {
		t.Error("a deleted file of a submodule went unnoticed")
	}
	if lib.git("rev-parse", "HEAD")+lib.git("status", "--porcelain") != before {
		t.Error("the user's submodule changed")
	}
	if err := w.repo.Remove(wt.Dir); err != nil {
		t.Fatal(err)
	}
	for _, common := range []string{"modules/the lib/worktrees", "modules/the lib/modules/deep/worktrees", "worktrees"} {
		if left, _ := os.ReadDir(filepath.Join(w.repo.Common, common)); len(left) != 0 {
			t.Errorf("%s still holds %v", common, left)
		}
	}
}

func TestSubmoduleFromItsGitDir(t *testing.T) {
	w, _ := withSubmodules(t)
	w.git("submodule", "--quiet", "deinit", "--all", "-f")
	wt := w.materialise(w.baseline(w.trees(), "HEAD"), "v", false)
	if _, err := os.Stat(filepath.Join(wt.Dir, "vendor/lib/deep/d")); err != nil {
		t.Error(err)
	}
}

func TestSubmoduleStatesThatCannotBeMeasured(t *testing.T) {
	w, _ := withSubmodules(t)
	trees := w.trees()
	w.write("vendor/lib/l", "edited")
	if _, err := trees.Baseline(t.Context(), ""); err == nil || !strings.Contains(err.Error(), "submodule vendor/lib: it has uncommitted changes") {
		t.Errorf("dirty: %v", err)
	}
	lib := &world{t: t, dir: w.path("vendor/lib")}
	lib.git("checkout", "-q", "--", "l")
	w.write("vendor/lib/untracked", "x")
	clean := w.baseline(trees, "HEAD")
	if b := w.baseline(trees, ""); b.Tree != clean.Tree || len(b.Skipped) != 1 || b.Skipped[0] != "vendor/lib" {
		t.Errorf("untracked file inside: %+v", b)
	}
	moved := lib.commit("moved on")
	b := w.baseline(trees, "")
	if b.Tree == clean.Tree {
		t.Error("another commit of the submodule is not in the snapshot")
	}
	wt := w.materialise(b, "v", false)
	if got := (&world{t: t, dir: filepath.Join(wt.Dir, "vendor/lib")}).git("rev-parse", "HEAD"); got != moved {
		t.Errorf("submodule at %s, want %s", got, moved)
	}

	w.git("submodule", "--quiet", "deinit", "--all", "-f")
	os.RemoveAll(w.path(".git/modules"))
	_, err := w.repo.Materialise(t.Context(), Checkout{Tree: clean.Tree, Parent: clean.Commit, Dir: w.path(".bench/work/w")})
	var missing *SubmoduleError
	if !errors.As(err, &missing) || missing.Path != "vendor/lib" || !strings.Contains(err.Error(), "git submodule update --init") {
		t.Errorf("missing: %v", err)
	}
}

func TestSubmoduleThatTheNextTreeHasNot(t *testing.T) {
	w, _ := withSubmodules(t)
	trees := w.trees()
	b := w.baseline(trees, "")
	w.git("rm", "-qf", "vendor/lib")
	w.write("vendor/lib/file", "now a folder")
	w.git("add", "-A")
	plain := w.baseline(trees, "")
	w.materialise(b, "v", false)
	wt := w.materialise(plain, "v", false)
	if got := checkout(t, filepath.Join(wt.Dir, "vendor")); got != "lib/file=now a folder" {
		t.Errorf("left: %q", got)
	}
	if left, _ := os.ReadDir(filepath.Join(w.repo.Common, "modules/the lib/worktrees")); len(left) != 0 {
		t.Errorf("administration left: %v", left)
	}
	if again := w.materialise(b, "v", false); checkout(t, filepath.Join(again.Dir, "vendor/lib/deep")) != "d=deep\n" {
		t.Error("and back")
	}
}

func TestSubmoduleMissingItsCommit(t *testing.T) {
	w, _ := withSubmodules(t)
	w.git("update-index", "--cacheinfo", "160000,"+strings.Repeat("1", 40)+",vendor/lib")
	w.git("commit", "-q", "-m", "a commit nobody has")
	b := w.baseline(w.trees(), "HEAD")
	_, err := w.repo.Materialise(t.Context(), Checkout{Tree: b.Tree, Parent: b.Commit, Dir: w.path(".bench/work/w")})
	var missing *SubmoduleError
	if !errors.As(err, &missing) || !strings.Contains(err.Error(), "git -C vendor/lib fetch") {
		t.Errorf("got %v", err)
	}
}
