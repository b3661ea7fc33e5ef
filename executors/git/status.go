package git

import (
	"bytes"
	"context"
	"fmt"
	"strings"
)

// A Status is what git says about the working tree as against HEAD.
type Status struct {
	Commit  string  // HEAD's commit
	Branch  string  // the branch checked out; "" when HEAD is detached
	Raw     []byte  // git's answer whole: porcelain v2, -z, with branch headers
	Entries []Entry // every path that differs, in git's order
}

// An Entry is one path that differs from HEAD.
type Entry struct {
	Path string
	// XY is git's pair of letters: how the index differs from HEAD, how the
	// working tree differs from the index; '.' is "not". "??" is untracked, and 'U'
	// in either place (or "AA", "DD") a merge that has not ended.
	XY string
	// Submodule is "" for a file, else git's "S<c><m><u>": commit changed,
	// tracked content modified, untracked files inside.
	Submodule string
}

// Untracked says that the path is neither in HEAD nor in the index.
func (e Entry) Untracked() bool { return e.XY == "??" }

// Status asks git once. It writes nothing, not even the refreshed index.
func (r *Repo) Status(ctx context.Context) (Status, error) {
	raw, err := r.git(ctx, command{args: []string{"status", "--porcelain=v2", "--branch", "-z",
		"--untracked-files=all", "--ignore-submodules=none", "--no-renames", "--no-ahead-behind"}})
	if err != nil {
		return Status{}, err
	}
	return parseStatus(raw)
}

// Dirty says whether anything differs that excluded does not cover.
func (s Status) Dirty(excluded []string) bool {
	for _, e := range s.Entries {
		if !covered(e.Path, excluded) {
			return true
		}
	}
	return false
}

// covered says whether path is one of paths or below one of them.
func covered(path string, paths []string) bool {
	for _, p := range paths {
		if rest, ok := strings.CutPrefix(path, p); ok && (rest == "" || rest[0] == '/') {
			return true
		}
	}
	return false
}

// statusFields is how many fields of a porcelain v2 line stand before the path,
// by its first letter.
var statusFields = map[byte]int{'1': 8, 'u': 10, '?': 1, '!': 1}

// parseStatus reads porcelain v2 as documented in git-status(1), with -z and
// without renames.
func parseStatus(raw []byte) (Status, error) {
	s := Status{Raw: raw}
	for record := range bytes.SplitSeq(bytes.TrimSuffix(raw, []byte{0}), []byte{0}) {
		line := string(record)
		if line == "" {
			continue
		}
		if header, ok := strings.CutPrefix(line, "# "); ok {
			name, value, _ := strings.Cut(header, " ")
			switch {
			case name == "branch.oid":
				s.Commit = value
			case name == "branch.head" && value != "(detached)":
				s.Branch = value
			}
			continue
		}
		n, known := statusFields[line[0]]
		fields := strings.SplitN(line, " ", n+1)
		if !known || len(fields) != n+1 || fields[n] == "" || n > 1 && (len(fields[1]) != 2 || fields[2] == "") {
			return Status{}, fmt.Errorf("git status said something unknown: %q", line)
		}
		e := Entry{Path: fields[n], XY: "??"}
		if n > 1 {
			e.XY = fields[1]
			if fields[2][0] == 'S' {
				e.Submodule = fields[2]
			}
		}
		if line[0] != '!' {
			s.Entries = append(s.Entries, e)
		}
	}
	return s, nil
}

// unmerged says that the path is in the middle of a merge.
func (e Entry) unmerged() bool {
	return strings.Contains(e.XY, "U") || e.XY == "AA" || e.XY == "DD"
}

// shortLength is how many digits of a commit's id are shown. Fixed rather than
// git's shortest unambiguous prefix, which changes as the repository grows and with
// it the published bytes.
const shortLength = 12

// A Description is what people are told about the state of the repository.
type Description struct {
	Commit string
	Short  string // the first 12 digits of Commit
	Branch string // "" when HEAD is detached
	Dirty  bool   // something not excluded differs from Commit
}

// Describe costs one git process.
func (r *Repo) Describe(ctx context.Context, excluded []string) (Description, error) {
	s, err := r.Status(ctx)
	if err != nil {
		return Description{}, err
	}
	return Description{Commit: s.Commit, Short: Short(s.Commit), Branch: s.Branch, Dirty: s.Dirty(excluded)}, nil
}

// Short is how a commit's id is shown.
func Short(oid string) string { return oid[:min(shortLength, len(oid))] }

// A LogEntry is a commit as one line.
type LogEntry struct{ Commit, Subject string }

// LogOneline lists the commits that to has and from has not, newest first, at
// most n. from may be "" for all of them.
func (r *Repo) LogOneline(ctx context.Context, from, to string, n int) ([]LogEntry, error) {
	if err := CheckRevision(to); err != nil {
		return nil, err
	}
	revs := []string{to}
	if from != "" {
		if err := CheckRevision(from); err != nil {
			return nil, err
		}
		revs = append(revs, "^"+from)
	}
	args := []string{"log", "-z", "--no-color", "--no-decorate", "--no-notes", "--no-show-signature", "--no-mailmap",
		"--format=%H %s", fmt.Sprintf("--max-count=%d", n), "--end-of-options"}
	out, err := r.git(ctx, command{objects: true, args: append(append(args, revs...), "--")})
	if err != nil {
		return nil, err
	}
	var entries []LogEntry
	for record := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		if commit, subject, ok := strings.Cut(record, " "); ok {
			entries = append(entries, LogEntry{commit, subject})
		}
	}
	return entries, nil
}
