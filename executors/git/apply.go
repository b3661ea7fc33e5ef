package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Change is one change of code: exactly one of Patch, Branch and Commit is set.
type Change struct {
	Name   string // what people call it; errors say it
	Patch  []byte // a patch as git diff or diff -u writes it, relative to the top folder
	Branch string // what this branch has since it left the baseline's history
	Commit string // the same for a commit
}

// Applied is a base tree with changes.
type Applied struct {
	Tree  string       // the measured tree
	Patch []byte       // all the changes as one patch relative to the base; nil when they come to nothing
	Files []FileChange // what the patch touches
}

// Apply puts changes on a base tree, one after the other, and says what came of it.
// For a branch or a commit the change is the diff from its merge base with
// base.Commit, so that it is the same change over uncommitted work. Excluded
// paths are left out of every change.
//
// A patch applies as with git apply --3way: exactly, or moved, or merged where git
// knows what it was made for (git before 2.32 only the first two). What does not
// apply is an *ApplyError.
func (t *Trees) Apply(ctx context.Context, base Baseline, changes []Change) (Applied, error) {
	if err := checkOID(base.Tree); err != nil {
		return Applied{}, fmt.Errorf("base tree: %w", err)
	}
	patches := make([][]byte, len(changes))
	for i, c := range changes {
		patch, err := t.patchOf(ctx, base, c)
		if err != nil {
			return Applied{}, fmt.Errorf("change %q: %w", c.Name, err)
		}
		patches[i] = patch
	}
	tree := base.Tree
	if slices.ContainsFunc(patches, func(p []byte) bool { return len(p) > 0 }) {
		var err error
		if tree, err = t.applyAll(ctx, base, changes, patches); err != nil {
			return Applied{}, err
		}
	}
	if tree == base.Tree {
		return Applied{Tree: tree}, nil
	}
	diff, err := t.repo.DiffTrees(ctx, base.Tree, tree)
	return Applied{Tree: tree, Patch: diff.Patch, Files: diff.Files}, err
}

// patchOf is the text of a change, empty when a branch or commit has nothing new.
func (t *Trees) patchOf(ctx context.Context, base Baseline, c Change) ([]byte, error) {
	kinds := 0
	for _, set := range []bool{c.Patch != nil, c.Branch != "", c.Commit != ""} {
		if set {
			kinds++
		}
	}
	if kinds != 1 {
		return nil, errors.New("exactly one of patch, branch and commit is needed")
	}
	if c.Patch != nil {
		if len(bytes.TrimSpace(c.Patch)) == 0 {
			return nil, errors.New("the patch is empty; write one with: git diff > FILE")
		}
		return withoutCR(c.Patch), nil
	}
	var tip string
	var err error
	if c.Branch != "" {
		tip, err = t.repo.ResolveBranch(ctx, c.Branch)
	} else {
		tip, err = t.repo.Resolve(ctx, c.Commit)
	}
	if err != nil {
		return nil, err
	}
	from, err := t.repo.MergeBase(ctx, base.Commit, tip)
	if err != nil {
		return nil, err
	}
	diff, err := t.repo.DiffTrees(ctx, from, tip, t.exclude...)
	return diff.Patch, err
}

// MergeBase is the commit at which the histories of two commits parted.
func (r *Repo) MergeBase(ctx context.Context, a, b string) (string, error) {
	for _, oid := range []string{a, b} {
		if err := checkOID(oid); err != nil {
			return "", err
		}
	}
	base, err := r.line(ctx, command{objects: true, args: []string{"merge-base", a, b}})
	var said *Error
	if errors.As(err, &said) && said.Exit == 1 && said.Stderr == "" {
		return "", fmt.Errorf("%s and %s have no history in common; if the clone is shallow, git fetch --unshallow brings it", Short(a), Short(b))
	}
	return base, err
}

// withoutCR undoes what core.autocrlf does to a patch that lies in the working
// tree: a header never ends in CR by itself, so when one does, every line has got
// one too many.
func withoutCR(patch []byte) []byte {
	for line := range bytes.SplitSeq(patch, []byte("\n")) {
		if bytes.HasPrefix(line, []byte("@@ ")) || bytes.HasPrefix(line, []byte("diff --git ")) || bytes.HasPrefix(line, []byte("+++ ")) {
			if bytes.HasSuffix(line, []byte("\r")) {
				return bytes.ReplaceAll(patch, []byte("\r\n"), []byte("\n"))
			}
			return patch
		}
	}
	return patch
}

// noPrefix says whether a patch was made with diff.noprefix, so that its names
// begin with no a/ and b/.
func noPrefix(patch []byte) bool {
	for s := range sections(patch) {
		names := s.field("diff --git ")
		if half := len(names) / 2; len(names)%2 != 1 || names[:half] != names[half+1:] {
			return false
		}
	}
	return bytes.Contains(patch, []byte("diff --git "))
}

// applyAll applies patches in order to one index and writes its tree.
func (t *Trees) applyAll(ctx context.Context, base Baseline, changes []Change, patches [][]byte) (string, error) {
	index, err := t.baseIndex(ctx, base.Tree)
	if err != nil {
		return "", err
	}
	defer removeIndex(index)
	for i, patch := range patches {
		if len(patch) == 0 {
			continue
		}
		err := t.apply(ctx, index, patch, true)
		var said *Error
		if errors.As(err, &said) {
			return "", t.explain(ctx, base, changes, patches, i, said)
		}
		if err != nil {
			return "", err
		}
	}
	return t.writeTree(ctx, index)
}

// apply runs git apply on an index.
func (t *Trees) apply(ctx context.Context, index string, patch []byte, merge bool) error {
	args := []string{"apply", "--cached", "--whitespace=nowarn"}
	if merge {
		args = append(args, "--3way")
	}
	if noPrefix(patch) {
		args = append(args, "-p0")
	}
	for _, p := range t.exclude {
		p = literal(p)
		args = append(args, "--exclude="+p, "--exclude="+p+"/*")
	}
	_, err := t.repo.git(ctx, command{objects: true, env: withIndex(index), stdin: bytes.NewReader(patch), args: append(args, "-")})
	var said *Error
	if merge && errors.As(err, &said) && strings.Contains(said.Stderr, "cannot be used together") {
		return t.apply(ctx, index, patch, false) // git before 2.32
	}
	return err
}

// literal writes a path so that as a pattern it matches only itself.
func literal(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}
