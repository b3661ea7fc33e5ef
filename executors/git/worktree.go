package git

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A Checkout is what Materialise is asked for.
type Checkout struct {
	Tree   string // the tree
	Parent string // the commit it was made from (Baseline.Commit)
	Dir    string // the folder; its parent is made when missing
	// Clean also removes untracked and ignored files of an existing worktree, build
	// output that is: after a crash, or when a build must start from nothing.
	Clean bool
}

// A Worktree is a folder with a tree checked out.
type Worktree struct {
	Dir    string // absolute, without symlinks
	Tree   string // "" for one that was left half done
	Commit string // what HEAD is there
	Reused bool   // it was there, whole, and nothing was written
}

// whole are the settings with which a tree is checked out as a whole, also where
// the user's own working tree is sparse.
var whole = []string{"-c", "core.sparseCheckout=false", "-c", "core.sparseCheckoutCone=false", "-c", "index.sparse=false"}

// Materialise makes c.Dir a worktree with exactly c.Tree checked out at a detached
// commit of that tree. A worktree of ours that is there already is used again:
// as it is when it has the tree and no tracked file differs, else reset, else made
// anew. Folders that are not ours are refused with ErrForeign.
//
// Tracked files are exact afterwards; untracked ones (build output) stay unless
// c.Clean is set. Only one process may materialise a folder at a time.
func (r *Repo) Materialise(ctx context.Context, c Checkout) (Worktree, error) {
	if err := os.MkdirAll(filepath.Dir(c.Dir), 0o777); err != nil {
		return Worktree{}, err
	}
	dir, err := place(c.Dir)
	if err != nil {
		return Worktree{}, err
	}
	m, err := ours(dir)
	if err != nil {
		return Worktree{}, err
	}
	commit, err := r.Keep(ctx, c.Tree, c.Parent)
	if err != nil {
		return Worktree{}, err
	}
	w := Worktree{Dir: dir, Tree: c.Tree, Commit: commit}
	if !c.Clean && m.Tree == c.Tree && r.intact(ctx, dir, m) {
		w.Commit, w.Reused = m.Commit, true
		return w, r.enterable(dir)
	}
	links, err := r.links(ctx, c.Tree)
	if err != nil {
		return Worktree{}, err
	}
	if m.Submodules, err = dropStale(dir, m.Submodules, links); err != nil {
		return Worktree{}, err
	}
	// From here on the marker has no tree: if this process dies, the next one knows.
	m.Tree, m.Commit = "", commit
	if err := m.write(dir); err != nil {
		return Worktree{}, err
	}
	if err := r.checkout(ctx, dir, commit, c.Clean); err != nil {
		return Worktree{}, err
	}
	next := marker{Commit: commit}
	if err := r.checkoutLinks(ctx, c.Tree, links, dir, "", c.Clean, &next); err != nil {
		return Worktree{}, err
	}
	m = next
	m.Tree = c.Tree
	if err := m.write(dir); err != nil {
		return Worktree{}, err
	}
	return w, r.enterable(dir)
}

// place is dir absolute and without symlinks, as git will write it down.
func place(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	parent, err := filepath.EvalSymlinks(filepath.Dir(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return dir, nil
	}
	return filepath.Join(parent, filepath.Base(dir)), err
}

// enterable makes the folder that commands start in, which is not in the tree
// when it holds nothing but what is excluded.
func (r *Repo) enterable(dir string) error {
	return os.MkdirAll(filepath.Join(dir, filepath.FromSlash(r.Prefix)), 0o777)
}

// intact says whether a worktree is linked, at its commit, and clean.
func (r *Repo) intact(ctx context.Context, dir string, m marker) bool {
	admin := linked(r.Common, dir)
	if admin == "" || !atCommit(admin, m.Commit) || !r.clean(ctx, admin, dir) {
		return false
	}
	return !slices.ContainsFunc(m.Submodules, func(s submoduleMark) bool {
		sub := filepath.Join(dir, filepath.FromSlash(s.Path))
		return linked(filepath.Dir(filepath.Dir(s.Admin)), sub) != s.Admin || !atCommit(s.Admin, s.Commit) || !r.clean(ctx, s.Admin, sub)
	})
}

func atCommit(admin, commit string) bool {
	head, err := os.ReadFile(filepath.Join(admin, "HEAD"))
	return err == nil && strings.TrimSpace(string(head)) == commit
}

// clean says whether no tracked file differs from HEAD.
func (r *Repo) clean(ctx context.Context, admin, dir string) bool {
	out, err := r.git(ctx, command{dir: dir, admin: admin, args: []string{"status", "--porcelain=v2", "-z", "--untracked-files=no", "--ignore-submodules=none", "--no-renames"}})
	return err == nil && len(out) == 0
}

// checkout brings dir to commit: by a reset where a worktree is, else anew.
func (r *Repo) checkout(ctx context.Context, dir, commit string, clean bool) error {
	if admin := linked(r.Common, dir); admin != "" {
		err := r.reset(ctx, admin, dir, commit, clean)
		if err == nil || ctx.Err() != nil {
			return err
		}
	}
	if err := errors.Join(r.forget(dir), removeAll(dir)); err != nil {
		return err
	}
	return r.addWorktree(ctx, dir, commit)
}

// addWorktree makes a new one. It runs from the common git dir: where the command
// is given from does not matter to it, and the user's folder may be anything.
func (r *Repo) addWorktree(ctx context.Context, dir, commit string) error {
	args := []string{"worktree", "add", "--quiet", "--detach", "-f", "--", dir, commit}
	if _, err := r.git(ctx, command{dir: r.Common, before: append(slices.Clone(whole), "--git-dir="+r.Common, "--work-tree="+r.Common), args: args}); err != nil {
		return fmt.Errorf("check out %s: %w", dir, err)
	}
	return nil
}

// reset makes the tracked files of a worktree exact. Locks are leftovers of a git
// that was killed: nobody else works here.
func (r *Repo) reset(ctx context.Context, admin, dir, commit string, clean bool) error {
	for _, lock := range []string{"index.lock", "HEAD.lock"} {
		if err := os.Remove(filepath.Join(admin, lock)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if _, err := r.git(ctx, command{dir: dir, admin: admin, args: []string{"update-ref", "--no-deref", "HEAD", commit}}); err != nil {
		return err
	}
	if _, err := r.git(ctx, command{dir: dir, admin: admin, before: whole, args: []string{"reset", "--hard", "--quiet", commit}}); err != nil {
		return err
	}
	if !clean {
		return nil
	}
	_, err := r.git(ctx, command{dir: dir, admin: admin, args: []string{"clean", "-xdffq"}})
	return err
}

// forget removes the administration of the worktree at dir, whatever its state.
func (r *Repo) forget(dir string) error {
	if admin := adminOf(r.Common, dir); admin != "" {
		return removeAll(admin)
	}
	return nil
}

// Remove removes a worktree and what git remembers of it. What bench did not make
// is refused; what is not there is no error.
func (r *Repo) Remove(dir string) error {
	dir, err := place(dir)
	if err != nil {
		return err
	}
	m, err := ours(dir)
	if err != nil {
		return err
	}
	for _, s := range m.Submodules {
		if err := s.forget(dir); err != nil {
			return err
		}
	}
	if err := errors.Join(removeAll(dir), r.forget(dir)); err != nil {
		return err
	}
	if err := os.Remove(dir + markerSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// List is the worktrees of ours in a folder, by name.
func (r *Repo) List(root string) ([]Worktree, error) {
	found, err := filepath.Glob(filepath.Join(escapeGlob(root), "*"+markerSuffix))
	if err != nil {
		return nil, err
	}
	var all []Worktree
	for _, name := range found {
		dir, err := place(strings.TrimSuffix(name, markerSuffix))
		if err != nil {
			return nil, err
		}
		m, err := readMarker(dir)
		if err != nil {
			return nil, err
		}
		all = append(all, Worktree{Dir: dir, Tree: m.Tree, Commit: m.Commit})
	}
	return all, nil
}

// Prune forgets the worktrees in a folder whose directories are gone, however they
// went. Other worktrees of the repository are left alone, gone or not.
func (r *Repo) Prune(root string) error {
	root, err := place(root)
	if err != nil {
		return err
	}
	all, err := r.List(root)
	if err != nil {
		return err
	}
	for _, w := range all {
		if _, err := os.Lstat(w.Dir); errors.Is(err, fs.ErrNotExist) {
			if err := r.Remove(w.Dir); err != nil {
				return err
			}
		}
	}
	entries, _ := os.ReadDir(filepath.Join(r.Common, "worktrees"))
	for _, e := range entries {
		admin := filepath.Join(r.Common, "worktrees", e.Name())
		link := adminTarget(admin)
		if filepath.Dir(filepath.Dir(link)) != root {
			continue
		}
		if _, err := os.Lstat(filepath.Dir(link)); errors.Is(err, fs.ErrNotExist) {
			if err := removeAll(admin); err != nil {
				return err
			}
		}
	}
	return nil
}

// escapeGlob writes a path so that filepath.Glob matches only itself.
func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}
