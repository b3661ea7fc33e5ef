package git

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Filters (clean, smudge) and merge drivers are commands that git runs while it
// adds or checks out files. Those of the user's own config (--global, --system) are
// the user's choice, like PATH. Those that the repository's config brings along
// may have come with an archive somebody was sent, and bench must be able to say
// what it would do before anybody trusts it; so they are switched off by settings
// that win over the file, and named in Repo.Disarmed.

// trustedFilters are commands that setting up a well-known tool with --local
// writes into the repository's config. To run them is to run that tool, found on
// PATH; nothing of the repository.
var trustedFilters = map[string]bool{
	"git-lfs clean -- %f":           true,
	"git-lfs smudge -- %f":          true,
	"git-lfs smudge --skip -- %f":   true,
	"git-lfs filter-process":        true,
	"git-lfs filter-process --skip": true,
	`"git-crypt" clean`:             true,
	`"git-crypt" smudge`:            true,
	"git-crypt clean":               true,
	"git-crypt smudge":              true,
}

// disarm reads the repository's own config files and sets what must not run off.
// As a rule none defines a command, which costs a few file reads and no process.
func (r *Repo) disarm(ctx context.Context) error {
	files := []string{filepath.Join(r.Common, "config"), filepath.Join(r.Dir, "config.worktree")}
	// A submodule's config lies in modules/<name>/config, where a name may hold slashes.
	modules := filepath.Join(r.Common, "modules")
	if _, err := os.Lstat(modules); err == nil {
		more, err := submoduleConfigs(modules)
		if err != nil {
			return err
		}
		files = append(files, more...)
	}
	for _, file := range files {
		if err := r.disarmFile(ctx, file); err != nil {
			return err
		}
	}
	slices.Sort(r.Disarmed)
	r.Disarmed = slices.Compact(r.Disarmed)
	slices.Sort(r.disarmed)
	r.disarmed = slices.Compact(r.disarmed)
	return nil
}

// submoduleConfigs are the config files below a modules folder. It does not walk
// into what else a git dir holds, objects above all.
func submoduleConfigs(dir string) (files []string, err error) {
	err = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && slices.Contains([]string{"objects", "refs", "logs", "hooks", "info"}, d.Name()) {
			return fs.SkipDir
		}
		if !d.IsDir() && (d.Name() == "config" || d.Name() == "config.worktree") {
			files = append(files, name)
		}
		return nil
	})
	return files, err
}

func (r *Repo) disarmFile(ctx context.Context, file string) error {
	text, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if low := bytes.ToLower(text); !bytes.Contains(low, []byte("filter")) && !bytes.Contains(low, []byte("merge")) && !bytes.Contains(low, []byte("include")) {
		return nil
	}
	out, err := r.git(ctx, command{args: []string{"config", "-z", "--includes", "--file", file, "--get-regexp", `^(filter|merge)\..*\.(clean|smudge|process|driver)$`}})
	if said, ok := err.(*Error); ok && said.Exit == 1 {
		return nil // none
	}
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	for entry := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		key, value, _ := strings.Cut(entry, "\n")
		if err := r.disarmKey(key, value); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return nil
}

// disarmKey switches one command off: key is "filter.<name>.clean" and so on.
func (r *Repo) disarmKey(key, value string) error {
	kind, _, _ := strings.Cut(key, ".")
	name := key[:strings.LastIndexByte(key, '.')]
	if kind == "filter" && trustedFilters[value] {
		return nil
	}
	if strings.ContainsAny(name, "=\n") {
		return fmt.Errorf("%q defines a command under a name that cannot be switched off; rename it or remove it", key)
	}
	r.Disarmed = append(r.Disarmed, name)
	if kind == "merge" {
		r.disarmed = append(r.disarmed, name+".driver=false") // "cannot be merged": a conflict
		return nil
	}
	r.disarmed = append(r.disarmed, name+".clean=", name+".smudge=", name+".process=", name+".required=false")
	return nil
}
