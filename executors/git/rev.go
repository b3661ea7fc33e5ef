package git

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// nameMax bounds what people call branches and revisions; refs are file names,
// and a file name may have 255 bytes.
const nameMax = 240

// CheckRevision refuses what must not become an argument of git: what could be an
// option, more than one revision (a..b), or something for a shell. Whether it
// exists is for Resolve to say.
func CheckRevision(rev string) error {
	if err := checkName(rev, "revision"); err != nil {
		return err
	}
	if strings.ContainsAny(rev, ":?*[]()") {
		return fmt.Errorf("revision %q: none of : ? * [ ] ( ) may be in it; give a branch, a tag or a commit id", rev)
	}
	return nil
}

// CheckBranch refuses what cannot be the name of a branch, by git's own rules
// (git-check-ref-format) and a few of ours.
func CheckBranch(name string) error {
	if err := checkName(name, "branch"); err != nil {
		return err
	}
	bad := func(why string) error { return fmt.Errorf("branch %q: %s", name, why) }
	if strings.ContainsAny(name, "~^:?*[]()") {
		return bad("none of ~ ^ : ? * [ ] ( ) may be in a branch's name")
	}
	if strings.Contains(name, "@{") || name == "@" || name == "HEAD" {
		return bad("that is not a branch but a way to say which")
	}
	for part := range strings.SplitSeq(name, "/") {
		switch {
		case part == "":
			return bad("there is nothing beside one of its slashes")
		case part[0] == '.' || part[0] == '-':
			return bad("a part of it begins with " + part[:1])
		case strings.HasSuffix(part, ".lock"), strings.HasSuffix(part, "."):
			return bad("a part of it ends with . or .lock")
		}
	}
	return nil
}

// checkName is what holds for every name that came from people.
func checkName(name, what string) error {
	switch {
	case name == "":
		return fmt.Errorf("%s: the name is empty", what)
	case len(name) > nameMax:
		return fmt.Errorf("%s %q…: the name has %d bytes, more than %d", what, name[:20], len(name), nameMax)
	case name[0] == '-':
		return fmt.Errorf("%s %q: a name must not begin with -", what, name)
	case strings.Contains(name, ".."):
		return fmt.Errorf("%s %q: one revision is needed, not a range", what, name)
	case !utf8.ValidString(name):
		return fmt.Errorf("%s %q: the name is not UTF-8", what, name)
	}
	for _, c := range name {
		if unicode.IsSpace(c) || !unicode.IsPrint(c) || strings.ContainsRune("\\$`\"';&|<>!", c) {
			return fmt.Errorf("%s %q: %q may not be in a name", what, name, c)
		}
	}
	return nil
}

// checkOID refuses what is not a whole object id.
func checkOID(oid string) error {
	if len(oid) != 40 && len(oid) != 64 || strings.Trim(oid, "0123456789abcdef") != "" {
		return fmt.Errorf("%q is not an object id", oid)
	}
	return nil
}

// cleanPath is p, a path relative to the top folder, in git's spelling.
func cleanPath(p string) (string, error) {
	clean := path.Clean(p)
	if p == "" || strings.ContainsRune(p, 0) || clean == "." || !fs.ValidPath(clean) {
		return "", fmt.Errorf("%q is not a path below the repository's top folder", p)
	}
	return clean, nil
}

// Head is the commit that is checked out.
func (r *Repo) Head(ctx context.Context) (string, error) { return r.Resolve(ctx, "HEAD") }

// Resolve is the id of the commit that rev, a branch, tag or commit id, stands for.
func (r *Repo) Resolve(ctx context.Context, rev string) (string, error) {
	if err := CheckRevision(rev); err != nil {
		return "", err
	}
	return r.resolve(ctx, rev, rev)
}

// ResolveBranch is the commit at the tip of a branch: a local one, or one as
// fetched ("origin/perf").
func (r *Repo) ResolveBranch(ctx context.Context, name string) (string, error) {
	if err := CheckBranch(name); err != nil {
		return "", err
	}
	oid, err := r.resolve(ctx, "refs/heads/"+name, name)
	if errors.Is(err, fs.ErrNotExist) {
		if remote, err := r.resolve(ctx, "refs/remotes/"+name, name); err == nil {
			return remote, nil
		}
		return "", fmt.Errorf("no branch named %q: %w; git branch -a lists them", name, fs.ErrNotExist)
	}
	return oid, err
}

func (r *Repo) resolve(ctx context.Context, ref, told string) (string, error) {
	oid, err := r.line(ctx, command{args: []string{"rev-parse", "--verify", "--quiet", "--end-of-options", ref + "^{commit}"}})
	var said *Error
	if errors.As(err, &said) && said.Exit == 1 && strings.TrimSpace(said.Stderr) == "" {
		return "", fmt.Errorf("no commit named %q in %s: %w", told, r.Top, fs.ErrNotExist)
	}
	if err != nil {
		return "", fmt.Errorf("%q: %w", told, err)
	}
	return oid, checkOID(oid)
}
