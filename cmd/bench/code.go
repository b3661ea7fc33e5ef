package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/benchfile/bench/executors/git"
	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/engine"
)

// code is version control as the engine asks for it.
type code struct {
	repo *git.Repo
	root string // the study's folder, absolute
	temp string // for indexes

	trees *git.Trees
	base  git.Baseline
	files map[string][]git.File // by tree
	named pipeline.CodeFact     // what people call the commit that was last asked for
}

// openCode finds the repository that root is in. temp must exist.
func openCode(ctx context.Context, root, temp string) (*code, error) {
	repo, err := git.Open(ctx, root)
	if err != nil {
		return nil, err
	}
	return &code{repo: repo, root: root, temp: temp, files: map[string][]git.File{}}, nil
}

// top turns a path of the study into one of the repository.
func (c *code) top(p string) string { return path.Join(c.repo.Prefix, p) }

// Baseline implements engine.Code.
func (c *code) Baseline(ctx context.Context, spec pipeline.BaselineSpec, excluded []string) (pipeline.VariantFact, pipeline.CodeFact, error) {
	var none pipeline.VariantFact
	var fact pipeline.CodeFact
	tops := make([]string, len(excluded))
	for i, p := range excluded {
		tops[i] = c.top(p)
	}
	var err error
	if c.trees, err = c.repo.Trees(c.temp, tops); err != nil {
		return none, fact, err
	}
	if c.base, err = c.trees.Baseline(ctx, spec.Commit); err != nil {
		return none, fact, err
	}
	if c.named.Commit != c.base.Commit {
		c.named = pipeline.CodeFact{Commit: c.base.Commit}
		if d, err := c.repo.Describe(ctx, tops); err == nil {
			c.named.Branch = d.Branch
		}
		if log, err := c.repo.LogOneline(ctx, "", c.base.Commit, 1); err == nil && len(log) > 0 {
			c.named.Subject = log[0].Subject
		}
	}
	fact = c.named
	fact.Dirty = len(c.base.Uncommitted) > 0
	for _, name := range c.repo.Disarmed {
		fact.Warnings = append(fact.Warnings, pipeline.Warning{
			Text: "the repository's own git configuration wants to run programs; bench does not: " + name,
			Help: "put it into your global git configuration if you trust it",
		})
	}
	for _, p := range c.base.Skipped {
		fact.Warnings = append(fact.Warnings, pipeline.Warning{
			Text: "uncommitted work that git can't hold is not part of what is measured: " + p,
			Help: "commit it, or ignore it",
		})
	}
	return pipeline.VariantFact{Tree: c.base.Tree}, fact, nil
}

// Apply implements engine.Code.
func (c *code) Apply(ctx context.Context, changes []pipeline.Change) (pipeline.VariantFact, error) {
	var list []git.Change
	for _, ch := range changes {
		g := git.Change{Name: ch.Hypothesis, Branch: ch.Branch, Commit: ch.Commit}
		if ch.Patch != "" {
			p := ch.Patch
			if !filepath.IsAbs(p) {
				p = filepath.Join(c.root, filepath.FromSlash(p))
			}
			b, err := os.ReadFile(p)
			if err != nil {
				return pipeline.VariantFact{Error: fmt.Sprintf("its patch can't be read: %v", err)}, nil
			}
			g.Patch = b
		}
		list = append(list, g)
	}
	applied, err := c.trees.Apply(ctx, c.base, list)
	var refused *git.ApplyError
	if errors.As(err, &refused) {
		first, rest, _ := strings.Cut(refused.Error(), "\n")
		fact := pipeline.VariantFact{Error: first, Detail: detail(rest, refused)}
		if c.repo.Prefix != "" {
			fact.Detail += fmt.Sprintf("\n\nPaths in a patch are relative to the top of the repository, as git diff writes them: %s/…", c.repo.Prefix)
		}
		return fact, nil
	}
	if err != nil {
		if ctx.Err() != nil {
			return pipeline.VariantFact{}, err
		}
		// A branch that is not there, a patch that is none: the experiment is at fault, not bench.
		first, rest, _ := strings.Cut(err.Error(), "\n")
		return pipeline.VariantFact{Error: first, Detail: rest}, nil
	}
	fact := pipeline.VariantFact{Tree: applied.Tree, Patch: string(applied.Patch)}
	for _, f := range applied.Files {
		fact.Files = append(fact.Files, pipeline.FileChange{Path: c.below(f.Path), Added: f.Added, Removed: f.Removed})
	}
	return fact, nil
}

// detail is git's own words and the hunk, each once.
func detail(rest string, e *git.ApplyError) string {
	parts := []string{}
	for _, p := range []string{rest, e.Stderr, e.Hunk} {
		p = strings.TrimRight(p, "\n")
		if p != "" && !strings.Contains(strings.Join(parts, "\n"), p) {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, "\n\n")
}

// below turns a path of the repository into one of the study; what lies outside of its folder keeps its name.
func (c *code) below(p string) string {
	if c.repo.Prefix == "" {
		return p
	}
	if rest, ok := strings.CutPrefix(p, c.repo.Prefix+"/"); ok {
		return rest
	}
	return "/" + p
}

// uncommitted says whether a file, absolute, is uncommitted work that is part of the baseline.
func (c *code) uncommitted(file string) bool {
	rel, err := filepath.Rel(c.repo.Top, file)
	return err == nil && slices.ContainsFunc(c.base.Uncommitted, func(e git.Entry) bool { return e.Path == filepath.ToSlash(rel) })
}

// changed is engine.World.Changed.
func (c *code) changed(ctx context.Context, from, to string) ([]string, error) {
	files, err := c.repo.ChangedPaths(ctx, from, to)
	for i, f := range files {
		files[i] = c.below(f)
	}
	return files, err
}

// Checkout implements engine.Code.
func (c *code) Checkout(ctx context.Context, tree, dir string, fresh bool) (engine.Checkout, error) {
	w, err := c.repo.Materialise(ctx, git.Checkout{Tree: tree, Parent: c.base.Commit, Dir: dir, Clean: fresh})
	if err != nil {
		return engine.Checkout{}, fmt.Errorf("check out %s: %w", tree[:min(12, len(tree))], err)
	}
	files, ok := c.files[tree]
	if !ok {
		if files, err = c.repo.Files(ctx, tree); err != nil {
			return engine.Checkout{}, err
		}
		c.files[tree] = files
	}
	out := engine.Checkout{Dir: filepath.Join(w.Dir, filepath.FromSlash(c.repo.Prefix))}
	for _, f := range files {
		out.Tracked = append(out.Tracked, filepath.Join(w.Dir, filepath.FromSlash(f.Path)))
	}
	return out, nil
}

// prune makes git forget worktrees of ours that are gone.
func (c *code) prune(dir string) error { return c.repo.Prune(filepath.Join(dir, "work")) }

// watched are the files that decide which code a plan is about: git's own, every file that is tracked or would be part
// of a snapshot, and the folders they lie in, whose times change when a file comes or goes.
func (c *code) watched() ([]string, error) {
	files, err := c.repo.Present(context.Background())
	if err != nil {
		return nil, err
	}
	set := map[string]bool{c.repo.Top: true}
	for _, f := range files {
		p := filepath.Join(c.repo.Top, filepath.FromSlash(f))
		set[p] = true
		for dir := filepath.Dir(p); len(dir) > len(c.repo.Top); dir = filepath.Dir(dir) {
			if set[dir] {
				break
			}
			set[dir] = true
		}
	}
	for _, name := range []string{"HEAD", "index", "packed-refs", "info/exclude", "config", "config.worktree"} {
		set[filepath.Join(c.repo.Dir, name)] = true
		set[filepath.Join(c.repo.Common, name)] = true
	}
	// Every branch that is not packed is a file; a branch that comes or goes changes its folder.
	err = filepath.WalkDir(filepath.Join(c.repo.Common, "refs", "heads"), func(p string, _ os.DirEntry, err error) error {
		if err == nil {
			set[p] = true
		}
		return nil
	})
	return slices.Sorted(maps.Keys(set)), err
}
