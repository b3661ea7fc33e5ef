package git

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Submodules are checked out from what is already on the disk: the user's own
// checkout of the submodule or, failing that, its git dir in .git/modules. The
// network is never asked. Each gets a worktree of its own git dir, at the commit the
// tree names, so that git inside it sees an ordinary, clean repository.
//
// Uncommitted work inside a submodule is not part of any measured tree: a tree
// holds a submodule's commit only. Snapshot refuses it (tree.go).

// A SubmoduleError says what of a submodule is missing.
type SubmoduleError struct {
	Path   string // relative to the top folder
	Commit string // what the tree asks for
	Err    error  // what is missing and the mend
}

func (e *SubmoduleError) Error() string {
	return fmt.Sprintf("submodule %s at %s: %v", e.Path, Short(e.Commit), e.Err)
}
func (e *SubmoduleError) Unwrap() error { return e.Err }

// links are the submodules a tree names.
func (r *Repo) links(ctx context.Context, tree string) ([]File, error) {
	files, err := r.Files(ctx, tree)
	return slices.DeleteFunc(files, func(f File) bool { return f.Mode != "160000" }), err
}

// checkoutLinks checks out submodules of r, which is itself at below in the
// worktree dir, and the submodules inside them. What was done is written into m.
func (r *Repo) checkoutLinks(ctx context.Context, tree string, links []File, dir, below string, clean bool, m *marker) error {
	for _, link := range links {
		sub, err := r.submodule(ctx, tree, link)
		if err != nil {
			return err
		}
		at := path.Join(below, link.Path)
		target := filepath.Join(dir, filepath.FromSlash(at))
		if err := sub.checkoutAt(ctx, target, link.OID, clean); err != nil {
			return err
		}
		mark := submoduleMark{Path: at, Commit: link.OID, Admin: linked(sub.Common, target)}
		m.Submodules = append(m.Submodules, mark)
		if err := m.write(dir); err != nil {
			return err
		}
		inside, err := sub.links(ctx, link.OID)
		if err != nil {
			return err
		}
		if err := sub.checkoutLinks(ctx, link.OID, inside, dir, at, clean, m); err != nil {
			return err
		}
	}
	return nil
}

// checkoutAt is checkout for a submodule's folder, which is inside a worktree of ours.
func (r *Repo) checkoutAt(ctx context.Context, target, commit string, clean bool) error {
	if admin := linked(r.Common, target); !clean && admin != "" && atCommit(admin, commit) && r.clean(ctx, admin, target) {
		return nil
	}
	return r.checkout(ctx, target, commit, clean)
}

// submodule finds the repository that holds a submodule's commit.
func (r *Repo) submodule(ctx context.Context, tree string, link File) (*Repo, error) {
	fail := func(format string, args ...any) error {
		return &SubmoduleError{Path: link.Path, Commit: link.OID, Err: fmt.Errorf(format, args...)}
	}
	sub, err := r.openSubmodule(ctx, tree, link.Path)
	if err != nil {
		return nil, fail("%w", err)
	}
	if sub == nil {
		return nil, fail("it is not checked out; get it with: git submodule update --init --recursive -- %s", link.Path)
	}
	if _, err := sub.git(ctx, command{objects: true, args: []string{"cat-file", "-e", link.OID + "^{commit}"}}); err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		return nil, fail("that commit is not in the local copy; get it with: git -C %s fetch", link.Path)
	}
	return sub, nil
}

// openSubmodule opens the submodule at a path: its checkout, else its git dir. Nil
// when there is neither.
func (r *Repo) openSubmodule(ctx context.Context, tree, at string) (*Repo, error) {
	if r.Top != "" {
		dir := filepath.Join(r.Top, filepath.FromSlash(at))
		// Without a .git of its own the folder would be taken for a part of r.
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			sub, err := Open(ctx, dir)
			if err == nil {
				sub.Disarmed = nil // r's own list has it
			}
			return sub, err
		}
	}
	name, err := r.submoduleName(ctx, tree, at)
	if err != nil || name == "" {
		return nil, err
	}
	for _, base := range []string{r.Dir, r.Common} {
		dir := filepath.Join(base, "modules", filepath.FromSlash(name))
		if _, err := os.Stat(filepath.Join(dir, "HEAD")); err == nil {
			sub := &Repo{program: r.program, Dir: dir, Common: dir, Format: r.Format}
			return sub, sub.disarm(ctx)
		}
	}
	return nil, nil
}

// submoduleName looks a path up in .gitmodules as it is in tree; "" when it is not there.
func (r *Repo) submoduleName(ctx context.Context, tree, at string) (string, error) {
	out, err := r.git(ctx, command{objects: true, args: []string{"config", "-z", "--blob", tree + ":.gitmodules", "--get-regexp", `^submodule\..*\.path$`}})
	var said *Error
	if errors.As(err, &said) {
		return "", nil // no such file, or nothing in it
	}
	if err != nil {
		return "", err
	}
	for entry := range strings.SplitSeq(string(out), "\x00") {
		key, value, _ := strings.Cut(entry, "\n")
		if value != at {
			continue
		}
		// The name becomes part of a path, and the file may be anybody's.
		name, err := cleanPath(strings.TrimSuffix(strings.TrimPrefix(key, "submodule."), ".path"))
		if err != nil {
			return "", fmt.Errorf(".gitmodules: submodule name: %w", err)
		}
		return name, nil
	}
	return "", nil
}

// forget removes a submodule's administration, if it is that of a folder in dir.
func (s submoduleMark) forget(dir string) error {
	inside := filepath.Join(dir, filepath.FromSlash(s.Path), ".git")
	if s.Admin == "" || !filepath.IsLocal(filepath.FromSlash(s.Path)) || adminTarget(s.Admin) != inside {
		return nil
	}
	return removeAll(s.Admin)
}

// dropStale removes the submodules of a worktree that the next tree has not: they
// would stay behind as if they were build output. Before the checkout, so that what
// the tree may have in their place is not touched.
func dropStale(dir string, have []submoduleMark, want []File) (kept []submoduleMark, err error) {
	for _, s := range have {
		if slices.ContainsFunc(want, func(f File) bool { return covered(s.Path, []string{f.Path}) }) {
			kept = append(kept, s)
			continue
		}
		if err := s.forget(dir); err != nil {
			return nil, err
		}
		if target := filepath.FromSlash(s.Path); filepath.IsLocal(target) {
			if err := removeAll(filepath.Join(dir, target)); err != nil {
				return nil, err
			}
		}
	}
	return kept, nil
}
