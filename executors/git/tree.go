package git

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Trees makes measured trees. It keeps one index a base tree in its folder, so
// that a variant costs three git processes.
type Trees struct {
	repo    *Repo
	temp    string
	exclude []string
}

// Trees makes trees by way of indexes in temp, a folder that must exist, is the
// caller's to delete, and had better be on the disk the repository is on.
// exclude are paths relative to the top folder, files or folders, that are not part
// of what is measured: artifacts, the Benchfile, patches.
func (r *Repo) Trees(temp string, exclude []string) (*Trees, error) {
	temp, err := filepath.Abs(temp)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(temp); err != nil {
		return nil, err
	}
	t := &Trees{repo: r, temp: temp}
	for _, p := range exclude {
		clean, err := cleanPath(p)
		if err != nil {
			return nil, fmt.Errorf("excluded path: %w", err)
		}
		t.exclude = append(t.exclude, clean)
	}
	slices.Sort(t.exclude)
	t.exclude = slices.Compact(t.exclude)
	return t, nil
}

// A Baseline is the state of the code that variants are changes of.
type Baseline struct {
	Tree   string // the measured tree
	Commit string // what it stands on
	// Uncommitted is the work on top of Commit that is part of Tree: nil when a
	// commit was pinned or nothing was uncommitted.
	Uncommitted []Entry
	// Skipped is uncommitted work that is not part of Tree because git cannot hold
	// it: repositories inside the repository, untracked files inside submodules.
	Skipped []string
}

// UntrackedMax is the size in bytes up to which an untracked file is taken into a
// snapshot. What is larger is nearly always data that somebody forgot to ignore,
// and every snapshot would copy it into the object database.
const UntrackedMax = 50 << 20

// A TooLargeError says which untracked file is too large for a snapshot.
type TooLargeError struct {
	Path string
	Size int64 // bytes
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("%s: untracked and %d MiB, more than the %d MiB a snapshot takes; ignore it (.gitignore) or commit it",
		e.Path, e.Size>>20, UntrackedMax>>20)
}

// Baseline is the measured tree of commit, or, when commit is "", that of HEAD with
// all work not yet committed: tracked edits and untracked files that are not
// ignored. Excluded paths are in neither.
func (t *Trees) Baseline(ctx context.Context, commit string) (Baseline, error) {
	if commit != "" {
		oid, err := t.repo.Resolve(ctx, commit)
		if err != nil {
			return Baseline{}, err
		}
		return t.committed(ctx, oid)
	}
	status, err := t.repo.Status(ctx)
	if err != nil {
		return Baseline{}, err
	}
	return t.Snapshot(ctx, status)
}

// Snapshot is Baseline("") for a status that was just asked for.
func (t *Trees) Snapshot(ctx context.Context, status Status) (Baseline, error) {
	b := Baseline{Commit: status.Commit}
	for _, e := range status.Entries {
		if covered(strings.TrimSuffix(e.Path, "/"), t.exclude) {
			continue
		}
		taken, err := t.takes(e)
		if err != nil {
			return Baseline{}, err
		}
		if taken {
			b.Uncommitted = append(b.Uncommitted, e)
		} else {
			b.Skipped = append(b.Skipped, e.Path)
		}
	}
	if len(b.Uncommitted) == 0 {
		clean, err := t.committed(ctx, status.Commit)
		clean.Skipped = b.Skipped
		return clean, err
	}
	var err error
	b.Tree, err = t.snapshot(ctx, b.Uncommitted)
	return b, err
}

// takes says whether an entry can be part of a snapshot, and refuses those
// without which a measurement would mean nothing.
func (t *Trees) takes(e Entry) (bool, error) {
	if e.unmerged() {
		return false, fmt.Errorf("%s: in the middle of a merge; finish it (git add %s) or end it (git merge --abort), then measure", e.Path, e.Path)
	}
	if e.Untracked() {
		if strings.HasSuffix(e.Path, "/") {
			return false, nil // a repository of its own
		}
		st, err := os.Lstat(filepath.Join(t.repo.Top, filepath.FromSlash(e.Path)))
		if err == nil && st.Mode().IsRegular() && st.Size() > UntrackedMax {
			return false, &TooLargeError{Path: e.Path, Size: st.Size()}
		}
		return true, nil // if it is gone, the index will know
	}
	if e.Submodule == "" {
		return true, nil
	}
	if strings.Contains(e.Submodule, "M") {
		return false, fmt.Errorf("submodule %s: it has uncommitted changes, and a snapshot holds only its commit; commit them there (git -C %s commit -a)", e.Path, e.Path)
	}
	return e.XY != ".M" || strings.Contains(e.Submodule, "C"), nil
}

// snapshot writes the tree of the working tree. The user's index is copied, for it
// knows by size and time which files did not change: only those in changed are read.
func (t *Trees) snapshot(ctx context.Context, changed []Entry) (string, error) {
	index, err := t.copyIndex(filepath.Join(t.repo.Dir, "index"))
	if err != nil {
		return "", err
	}
	defer removeIndex(index)
	var written, deleted strings.Builder
	for _, e := range changed {
		if e.XY == "D." {
			continue // out of the index already; if it is on the disk, it is untracked too
		}
		list := &written
		if e.XY[1] == 'D' {
			list = &deleted
		}
		list.WriteString(e.Path + "\x00")
	}
	// --remove: what was there a moment ago may be gone by now.
	if err := t.updateIndex(ctx, index, written.String(), "--add", "--remove", "--replace"); err != nil {
		return "", err
	}
	// Apart, and without a look at the disk: dir/file is deleted too when dir has
	// become a symlink, and git will not look behind one.
	if err := t.updateIndex(ctx, index, deleted.String(), "--force-remove"); err != nil {
		return "", err
	}
	// Not before: writing the index renews its time of change (copyIndex).
	if err := t.drop(ctx, index); err != nil {
		return "", err
	}
	return t.writeTree(ctx, index)
}

// updateIndex takes paths, each ended by a NUL, as they are on the disk.
func (t *Trees) updateIndex(ctx context.Context, index, paths string, how ...string) error {
	if paths == "" {
		return nil
	}
	_, err := t.repo.git(ctx, command{env: withIndex(index), stdin: strings.NewReader(paths),
		args: slices.Concat([]string{"update-index"}, how, []string{"-z", "--stdin"})})
	if err != nil {
		return fmt.Errorf("snapshot of uncommitted work: %w", err)
	}
	return nil
}

// committed is the tree of a commit without what is excluded.
func (t *Trees) committed(ctx context.Context, commit string) (Baseline, error) {
	index, err := t.newIndex()
	if err != nil {
		return Baseline{}, err
	}
	defer removeIndex(index)
	if err := t.readTree(ctx, index, commit); err != nil {
		return Baseline{}, err
	}
	if err := t.drop(ctx, index); err != nil {
		return Baseline{}, err
	}
	tree, err := t.writeTree(ctx, index)
	return Baseline{Tree: tree, Commit: commit}, err
}

// drop takes what is excluded out of an index.
func (t *Trees) drop(ctx context.Context, index string) error {
	if len(t.exclude) == 0 {
		return nil
	}
	_, err := t.repo.git(ctx, command{objects: true, env: append(withIndex(index), "GIT_LITERAL_PATHSPECS=1"),
		stdin: strings.NewReader(strings.Join(t.exclude, "\x00") + "\x00"),
		args:  []string{"rm", "-r", "-f", "-q", "--cached", "--ignore-unmatch", "--pathspec-from-file=-", "--pathspec-file-nul"}})
	return err
}

func (t *Trees) readTree(ctx context.Context, index, tree string) error {
	_, err := t.repo.git(ctx, command{objects: true, env: withIndex(index), args: []string{"read-tree", tree}})
	return err
}

func (t *Trees) writeTree(ctx context.Context, index string) (string, error) {
	tree, err := t.repo.line(ctx, command{objects: true, env: withIndex(index), args: []string{"write-tree"}})
	if err != nil {
		return "", err
	}
	return tree, checkOID(tree)
}

func withIndex(file string) []string { return []string{"GIT_INDEX_FILE=" + file} }

// newIndex is the name of an index that does not exist yet.
func (t *Trees) newIndex() (string, error) {
	f, err := os.CreateTemp(t.temp, "index-*")
	if err != nil {
		return "", err
	}
	// Git takes a missing index for an empty one, but an empty file for a broken one.
	return f.Name(), os.Remove(f.Name())
}

// copyIndex copies an index together with its time of change: git trusts a file's
// recorded size and times only when they are older than the index, so a younger
// copy would hide edits of the last moment that kept the size.
func (t *Trees) copyIndex(from string) (string, error) {
	in, err := os.Open(from)
	if os.IsNotExist(err) {
		return t.newIndex() // everything is untracked
	}
	if err != nil {
		return "", err
	}
	defer in.Close()
	st, err := in.Stat()
	if err != nil {
		return "", err
	}
	out, err := os.CreateTemp(t.temp, "index-*")
	if err != nil {
		return "", err
	}
	_, err = io.Copy(out, in)
	if closed := out.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Chtimes(out.Name(), st.ModTime(), st.ModTime())
	}
	if err != nil {
		os.Remove(out.Name())
		return "", err
	}
	return out.Name(), nil
}

// baseIndex is an index of a base tree, made once and then only copied.
func (t *Trees) baseIndex(ctx context.Context, tree string) (string, error) {
	kept := filepath.Join(t.temp, "base-"+tree+".index")
	if _, err := os.Stat(kept); err == nil {
		return t.copyIndex(kept)
	}
	index, err := t.newIndex()
	if err != nil {
		return "", err
	}
	if err := t.readTree(ctx, index, tree); err != nil {
		return "", err
	}
	if err := os.Rename(index, kept); err != nil {
		return "", err
	}
	return t.copyIndex(kept)
}
