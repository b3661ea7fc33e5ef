package git

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestMain gives every git, ours and the tests' own, the same empty configuration.
func TestMain(m *testing.M) {
	home, err := os.MkdirTemp("", "bench-git-home-")
	if err != nil {
		panic(err)
	}
	for name, value := range map[string]string{
		"HOME": home, "XDG_CONFIG_HOME": home, "GIT_CONFIG_GLOBAL": os.DevNull, "GIT_CONFIG_NOSYSTEM": "1",
		"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b",
	} {
		os.Setenv(name, value)
	}
	code := m.Run()
	os.RemoveAll(home)
	os.Exit(code)
}

// A world is a repository under test.
type world struct {
	t    *testing.T
	dir  string
	repo *Repo
}

// newWorld is a repository with one commit of files, given as name, content pairs.
func newWorld(t *testing.T, files ...string) *world {
	t.Helper()
	return newWorldIn(t, real(t, t.TempDir()), nil, files...)
}

func newWorldIn(t *testing.T, dir string, init []string, files ...string) *world {
	t.Helper()
	w := &world{t: t, dir: dir}
	w.git(append([]string{"init", "-q", "-b", "main"}, init...)...)
	w.write(files...)
	w.commit("start")
	w.open()
	return w
}

func real(t *testing.T, dir string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func (w *world) open() {
	w.t.Helper()
	var err error
	if w.repo, err = Open(w.t.Context(), w.dir); err != nil {
		w.t.Fatal(err)
	}
}

// git runs the user's git.
func (w *world) git(args ...string) string {
	w.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = w.dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		w.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSuffix(string(out), "\n")
}

func (w *world) path(name string) string { return filepath.Join(w.dir, filepath.FromSlash(name)) }

func (w *world) write(files ...string) {
	w.t.Helper()
	for i := 0; i < len(files); i += 2 {
		if err := os.MkdirAll(filepath.Dir(w.path(files[i])), 0o777); err != nil {
			w.t.Fatal(err)
		}
		if err := os.WriteFile(w.path(files[i]), []byte(files[i+1]), 0o666); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) read(name string) string {
	w.t.Helper()
	text, err := os.ReadFile(w.path(name))
	if err != nil {
		w.t.Fatal(err)
	}
	return string(text)
}

func (w *world) remove(name string) {
	w.t.Helper()
	if err := os.RemoveAll(w.path(name)); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) commit(message string) string {
	w.t.Helper()
	w.git("add", "-A")
	w.git("commit", "-q", "--allow-empty", "-m", message)
	return w.git("rev-parse", "HEAD")
}

func (w *world) trees(exclude ...string) *Trees {
	w.t.Helper()
	trees, err := w.repo.Trees(w.t.TempDir(), exclude)
	if err != nil {
		w.t.Fatal(err)
	}
	return trees
}

func (w *world) baseline(trees *Trees, commit string) Baseline {
	w.t.Helper()
	b, err := trees.Baseline(w.t.Context(), commit)
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

func (w *world) apply(trees *Trees, b Baseline, changes ...Change) Applied {
	w.t.Helper()
	a, err := trees.Apply(w.t.Context(), b, changes)
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

// listing shows a tree: one "mode path=content" a file; submodules without content.
func (w *world) listing(tree string) string {
	w.t.Helper()
	files, err := w.repo.Files(w.t.Context(), tree)
	if err != nil {
		w.t.Fatal(err)
	}
	var lines []string
	for _, f := range files {
		if f.Mode == "160000" {
			lines = append(lines, f.Mode+" "+f.Path)
			continue
		}
		content, err := w.repo.Blob(w.t.Context(), tree, f.Path)
		if err != nil {
			w.t.Fatal(err)
		}
		lines = append(lines, fmt.Sprintf("%s %s=%s", f.Mode[3:], f.Path, content))
	}
	return strings.Join(lines, "; ")
}

// untouchable is all that must never change in a user's repository: every file of
// the working tree and of .git, but objects, our refs, and our worktrees.
func (w *world) untouchable() string {
	w.t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(w.dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(w.dir, name)
		rel = filepath.ToSlash(rel)
		if d.IsDir() && slices.Contains([]string{".git/objects", ".git/refs/bench", ".git/worktrees", ".bench"}, rel) {
			return fs.SkipDir
		}
		st, err := d.Info()
		if err != nil || d.IsDir() {
			return err
		}
		text, _ := os.ReadFile(name)
		fmt.Fprintf(&b, "%s %v %v %x\n", rel, st.Mode(), st.ModTime().UnixNano(), sha256.Sum256(text))
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return b.String()
}

// checkout shows a folder on the disk, without .git.
func checkout(t *testing.T, dir string) string {
	t.Helper()
	var lines []string
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.Name() == ".git" {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.IsDir() {
			return nil
		}
		st, err := os.Lstat(name)
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, name)
		if st.Mode()&fs.ModeSymlink != 0 {
			target, _ := os.Readlink(name)
			lines = append(lines, rel+" -> "+target)
			return nil
		}
		text, err := os.ReadFile(name)
		x := ""
		if st.Mode()&0o100 != 0 {
			x = "*"
		}
		lines = append(lines, rel+x+"="+string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "; ")
}

// numbered is a file of n lines, "1\n2\n…", with some replaced.
func numbered(n int, change map[int]string) string {
	var b bytes.Buffer
	for i := 1; i <= n; i++ {
		if text, ok := change[i]; ok {
			fmt.Fprintln(&b, text)
		} else {
			fmt.Fprintln(&b, i)
		}
	}
	return b.String()
}

// patchOf is git diff of what edit does to the working tree, which is then undone.
func (w *world) patchOf(edit func()) []byte {
	w.t.Helper()
	edit()
	w.git("add", "-A", "-N")
	patch := w.git("diff", "--binary", "HEAD") + "\n"
	w.git("reset", "-q", "--hard")
	w.git("clean", "-qfd")
	return []byte(patch)
}

func TestOpenSaysWhatItFound(t *testing.T) {
	w := newWorld(t, "a", "1", "sub/deep/b", "2")
	for _, c := range []struct{ dir, prefix string }{{"", ""}, {"sub", "sub"}, {"sub/deep", "sub/deep"}} {
		r, err := Open(t.Context(), w.path(c.dir))
		if err != nil {
			t.Fatal(err)
		}
		want := Repo{Top: w.dir, Prefix: c.prefix, Dir: w.path(".git"), Common: w.path(".git"), Format: "sha1"}
		if r.Top != want.Top || r.Prefix != want.Prefix || r.Dir != want.Dir || r.Common != want.Common || r.Format != want.Format {
			t.Errorf("Open(%q) = %+v, want %+v", c.dir, r, want)
		}
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(w.path("sub/deep"), link); err != nil {
		t.Fatal(err)
	}
	if r, err := Open(t.Context(), link); err != nil || r.Common != w.path(".git") {
		t.Errorf("Open through a symlink = %+v, %v", r, err)
	}
}

func TestOpenRefusesWithTheMend(t *testing.T) {
	empty := &world{t: t, dir: t.TempDir()}
	empty.git("init", "-q")
	bare := &world{t: t, dir: t.TempDir()}
	bare.git("init", "-q", "--bare")
	whole := newWorld(t, "a", "1")
	for _, c := range []struct {
		name, dir string
		want      error
		mend      string
	}{
		{"no repository", t.TempDir(), ErrNotRepository, "git init && git add -A && git commit"},
		{"no commits", empty.dir, ErrNoCommits, "git commit"},
		{"bare", bare.dir, ErrBare, "git clone"},
		{"inside .git", whole.path(".git"), ErrNotRepository, "git dir"},
		{"missing folder", filepath.Join(t.TempDir(), "none"), fs.ErrNotExist, ""},
	} {
		_, err := Open(t.Context(), c.dir)
		if err == nil || !isErr(err, c.want) || !strings.Contains(err.Error(), c.mend) {
			t.Errorf("%s: %v; want %v with %q", c.name, err, c.want, c.mend)
		}
	}
}

func TestOpenWithoutOrWithOldGit(t *testing.T) {
	w := newWorld(t, "a", "1")
	bin := t.TempDir()
	t.Setenv("PATH", bin)
	if _, err := Open(t.Context(), w.dir); !isErr(err, ErrNoGit) {
		t.Errorf("without git: %v", err)
	}
	script := "#!/bin/sh\ncase \"$*\" in *version*) echo git version 2.25.1;; *) exit 129;; esac\n"
	if err := os.WriteFile(filepath.Join(bin, "git"), []byte(script), 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), w.dir); !isErr(err, ErrGitTooOld) || !strings.Contains(err.Error(), "2.25.1") {
		t.Errorf("with an old git: %v", err)
	}
}

func TestParseVersion(t *testing.T) {
	for text, want := range map[string][2]int{
		"git version 2.39.5\n":                 {2, 39},
		"git version 2.39.5 (Apple Git-154)\n": {2, 39},
		"git version 2.45.GIT":                 {2, 45},
		"git version 3.0.rc1.windows.1":        {3, 0},
		"nonsense":                             {0, 0},
	} {
		if major, minor := parseVersion(text); [2]int{major, minor} != want {
			t.Errorf("parseVersion(%q) = %d, %d", text, major, minor)
		}
	}
}

func TestCancelEndsGit(t *testing.T) {
	w := newWorld(t, "a", "1")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.repo.Status(ctx); !isErr(err, context.Canceled) {
		t.Errorf("Status under a cancelled context: %v", err)
	}
}

func TestUsersVariablesDoNotLeadAstray(t *testing.T) {
	w := newWorld(t, "a", "1")
	other := newWorld(t, "b", "2")
	t.Setenv("GIT_DIR", other.path(".git"))
	t.Setenv("GIT_WORK_TREE", other.dir)
	t.Setenv("GIT_INDEX_FILE", other.path("index"))
	t.Setenv("GIT_EXTERNAL_DIFF", "false")
	t.Setenv("GIT_TRACE", "1")
	r, err := Open(t.Context(), w.dir)
	if err != nil {
		t.Fatal(err)
	}
	s, err := r.Status(t.Context())
	if err != nil || r.Top != w.dir || len(s.Entries) != 0 {
		t.Errorf("top %s, status %+v, %v", r.Top, s, err)
	}
}

func isErr(err, want error) bool {
	return err != nil && (want == nil || errors.Is(err, want))
}

// try runs the user's git where it may fail.
func (w *world) try(args ...string) error {
	cmd := exec.Command("git", args...)
	cmd.Dir = w.dir
	return cmd.Run()
}

func (w *world) materialise(b Baseline, name string, clean bool) Worktree {
	w.t.Helper()
	wt, err := w.repo.Materialise(w.t.Context(), Checkout{Tree: b.Tree, Parent: b.Commit, Dir: w.path(".bench/work/" + name), Clean: clean})
	if err != nil {
		w.t.Fatal(err)
	}
	return wt
}

// fixedCommit is a commit whose id is the same in every repository with the same files.
func (w *world) fixedCommit() string {
	w.t.Helper()
	cmd := exec.Command("git", "-c", "i18n.commitEncoding=utf-8", "commit-tree", "-m", "root", "HEAD^{tree}")
	cmd.Dir = w.dir
	cmd.Env = append(os.Environ(), keepIdentity...)
	out, err := cmd.Output()
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
