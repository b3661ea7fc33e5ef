package git

import (
	"context"
	"fmt"
	"strings"
)

// keepPrefix is where the commits of measured trees are held, one a tree, so that
// gc, a rebase or a deleted branch cannot take what was measured.
const keepPrefix = "refs/bench/keep/"

// Author, committer and date of a measured commit are fixed: its id depends on its
// tree and its parent only. The date is the first second of 2000.
var keepIdentity = []string{
	"GIT_AUTHOR_NAME=bench", "GIT_AUTHOR_EMAIL=bench@localhost", "GIT_AUTHOR_DATE=946684800 +0000",
	"GIT_COMMITTER_NAME=bench", "GIT_COMMITTER_EMAIL=bench@localhost", "GIT_COMMITTER_DATE=946684800 +0000",
}

// Keep makes sure that a commit of tree is held by a ref, and returns it. A tree
// that is already kept keeps the commit it has, whatever its parent. parent is the
// commit the tree was made from, so that git describe has a history to look at.
func (r *Repo) Keep(ctx context.Context, tree, parent string) (commit string, err error) {
	for _, oid := range []string{tree, parent} {
		if err := checkOID(oid); err != nil {
			return "", err
		}
	}
	ref := keepPrefix + tree
	if commit, err := r.kept(ctx, tree); err != nil || commit != "" {
		return commit, err
	}
	commit, err = r.line(ctx, command{objects: true, env: keepIdentity,
		args: []string{"commit-tree", "--no-gpg-sign", "-p", parent, "-m", "bench: measured tree " + tree, tree}})
	if err != nil {
		return "", err
	}
	none := strings.Repeat("0", len(commit))
	if _, err := r.git(ctx, command{objects: true, args: []string{"update-ref", ref, commit, none}}); err != nil {
		if other, _ := r.kept(ctx, tree); other != "" {
			return other, nil // somebody else was faster
		}
		return "", err
	}
	return commit, nil
}

// kept is the commit that holds tree, "" when there is none.
func (r *Repo) kept(ctx context.Context, tree string) (string, error) {
	line, err := r.line(ctx, command{objects: true, args: []string{"for-each-ref", "--format=%(objectname) %(tree)", keepPrefix + tree}})
	if err != nil || line == "" {
		return "", err
	}
	commit, holds, _ := strings.Cut(line, " ")
	if holds != tree {
		return "", fmt.Errorf("%s%s points to a commit of another tree (%s); remove it: git update-ref -d %[1]s%[2]s", keepPrefix, tree, holds)
	}
	return commit, nil
}

// Kept lists the trees that are held.
func (r *Repo) Kept(ctx context.Context) ([]string, error) {
	out, err := r.git(ctx, command{objects: true, args: []string{"for-each-ref", "--format=%(refname:lstrip=3)", keepPrefix}})
	return strings.Fields(string(out)), err
}

// Release lets go of trees: git gc may then take them. Trees that are not held are
// passed over.
func (r *Repo) Release(ctx context.Context, trees ...string) error {
	var script strings.Builder
	for _, tree := range trees {
		if err := checkOID(tree); err != nil {
			return err
		}
		fmt.Fprintf(&script, "delete %s%s\n", keepPrefix, tree)
	}
	_, err := r.git(ctx, command{objects: true, stdin: strings.NewReader(script.String()), args: []string{"update-ref", "--stdin"}})
	return err
}

// BranchPrefix is the only place among branches that bench writes to.
const BranchPrefix = "bench/"

// MoveBranch sets a branch below bench/ to commit, if it is still at old ("" for:
// it must not exist yet). It never moves a branch that somebody else has moved.
func (r *Repo) MoveBranch(ctx context.Context, name, commit, old string) error {
	if err := CheckBranch(name); err != nil {
		return err
	}
	if !strings.HasPrefix(name, BranchPrefix) {
		return fmt.Errorf("branch %q: only branches below %s are bench's to write", name, BranchPrefix)
	}
	if err := checkOID(commit); err != nil {
		return err
	}
	if old == "" {
		old = strings.Repeat("0", len(commit))
	}
	if err := checkOID(old); err != nil {
		return err
	}
	_, err := r.git(ctx, command{objects: true, args: []string{"update-ref", "-m", "bench", "refs/heads/" + name, commit, old}})
	return err
}
