package git

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"
)

// A Diff is how one tree becomes another.
type Diff struct {
	Patch []byte       // as git apply takes it, binary content included
	Files []FileChange // in the patch's order
}

// A FileChange is one file of a diff.
type FileChange struct {
	Path    string // the new path; the old one when it was deleted
	From    string // the old path when it was renamed or copied, else ""
	Status  string // git's letter: A, D, M, R (renamed), C, T (another type)
	Added   int    // lines
	Removed int    // lines
	Binary  bool   // lines were not counted
	Mode    string // new mode, e.g. "100755"; "000000" when deleted
}

// diffOptions fix everything the text of a patch depends on, so that the same two
// trees give the same bytes on every machine.
var diffOptions = [...]string{"-r", "-p", "--raw", "--no-abbrev", "--no-color", "--no-ext-diff", "--no-textconv",
	"--full-index", "--binary", "-M", "-l1000", "-U3", "--inter-hunk-context=0", "--diff-algorithm=myers", "--indent-heuristic",
	"--src-prefix=a/", "--dst-prefix=b/", "--submodule=short", "--ignore-submodules=none", "--no-relative"}

// DiffTrees compares two trees (or commits). Excluded paths are left out.
func (r *Repo) DiffTrees(ctx context.Context, a, b string, excluded ...string) (Diff, error) {
	for _, oid := range []string{a, b} {
		if err := checkOID(oid); err != nil {
			return Diff{}, err
		}
	}
	args := append([]string{"diff-tree"}, diffOptions[:]...)
	args = append(args, a, b, "--", ":(top)")
	for _, p := range excluded {
		args = append(args, ":(top,exclude,literal)"+p)
	}
	out, err := r.git(ctx, command{objects: true, args: args})
	if err != nil {
		return Diff{}, err
	}
	return parseDiff(out)
}

// ChangedPaths lists the files that differ between two trees, in git's order. A renamed one is there twice.
func (r *Repo) ChangedPaths(ctx context.Context, a, b string) ([]string, error) {
	for _, oid := range []string{a, b} {
		if err := checkOID(oid); err != nil {
			return nil, err
		}
	}
	out, err := r.git(ctx, command{objects: true, args: []string{"diff-tree", "-r", "-z", "--name-only", "--no-renames",
		"--ignore-submodules=none", "--no-relative", a, b, "--"}})
	if err != nil || len(out) == 0 {
		return nil, err
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"), nil
}

// parseDiff reads the output of diff-tree --raw -p: one line a file, an empty
// line, then the patch with one section a file in the same order.
func parseDiff(out []byte) (Diff, error) {
	var d Diff
	for len(out) > 0 && out[0] == ':' {
		line, rest, _ := bytes.Cut(out, []byte("\n"))
		f, err := parseRaw(string(line))
		if err != nil {
			return Diff{}, err
		}
		d.Files = append(d.Files, f)
		out = rest
	}
	d.Patch = bytes.TrimPrefix(out, []byte("\n"))
	if len(d.Patch) == 0 {
		d.Patch = nil
	}
	i, again := -1, false
	for s := range sections(d.Patch) {
		// A change of type (file to symlink) is one raw line and two sections.
		if again = i >= 0 && d.Files[i].Status == "T" && !again; !again {
			i++
		}
		if i >= len(d.Files) {
			return Diff{}, fmt.Errorf("git diff-tree gave more sections than its %d files", len(d.Files))
		}
		f := &d.Files[i]
		f.Binary = f.Binary || s.binary
		f.Added += s.added
		f.Removed += s.removed
	}
	return d, nil
}

// parseRaw reads ":100644 100644 <oid> <oid> R90\told\tnew".
func parseRaw(line string) (FileChange, error) {
	bad := fmt.Errorf("git diff-tree said something unknown: %q", line)
	head, paths, ok := strings.Cut(line, "\t")
	fields := strings.Fields(head)
	if !ok || len(fields) != 5 || fields[4] == "" {
		return FileChange{}, bad
	}
	f := FileChange{Status: fields[4][:1], Mode: fields[1]}
	first, second, two := strings.Cut(paths, "\t")
	f.Path = unquote(first)
	if two {
		f.From, f.Path = unquote(first), unquote(second)
	}
	if f.Path == "" {
		return FileChange{}, bad
	}
	return f, nil
}

// unquote undoes git's C-style quoting, which a path with a quote, a backslash or a
// control character gets. Go's rules read all that git writes (\a \b \t \n \v
// \f \r \" \\ and three octal digits).
func unquote(path string) string {
	if len(path) < 2 || path[0] != '"' {
		return path
	}
	if plain, err := strconv.Unquote(path); err == nil {
		return plain
	}
	return path
}
