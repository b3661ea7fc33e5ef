package git

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// Why a folder cannot be worked with; match with errors.Is. The error that wraps
// one of these says the folder and the mend.
var (
	ErrNoGit         = errors.New("git is not installed")
	ErrGitTooOld     = errors.New("git is too old")
	ErrNotRepository = errors.New("not a git repository")
	ErrNoCommits     = errors.New("the repository has no commits yet")
	ErrBare          = errors.New("the repository is bare")
)

// Oldest git that understands what we ask of it: rev-parse --end-of-options
// came with 2.30, which is also what Debian 11 ships.
const oldestMajor, oldestMinor = 2, 30

// A Repo is a git repository with a working tree. Its methods may be called from
// several goroutines.
type Repo struct {
	Top    string // absolute path of the working tree's top folder
	Prefix string // the opened folder relative to Top, slashes, no trailing one; "" at the top
	Dir    string // absolute git dir of this working tree
	Common string // absolute git dir shared by all working trees of the repository
	Format string // object format: "sha1" or "sha256"
	// Disarmed names what the repository's own config wanted to run and we do not
	// run, e.g. "filter.strip"; worth a warning (config.go).
	Disarmed []string

	program  string   // absolute path of git
	disarmed []string // settings that do it
	aside    []string // environment that sends new objects elsewhere
}

// Aside sends every object that is written from now on into dir, an empty folder of the caller's, so that nothing of
// the repository changes: for looking only, also where nothing may be written. What is made this way is gone with dir.
func (r *Repo) Aside(dir string) {
	r.aside = []string{"GIT_OBJECT_DIRECTORY=" + dir, "GIT_ALTERNATE_OBJECT_DIRECTORIES=" + filepath.Join(r.Common, "objects")}
}

// Open finds the repository dir is in. It costs one git process.
func Open(ctx context.Context, dir string) (*Repo, error) {
	program, err := find()
	if err != nil {
		return nil, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil { // git answers relative to the real one
		return nil, err
	}
	if st, err := os.Stat(dir); err != nil {
		return nil, err
	} else if !st.IsDir() {
		return nil, fmt.Errorf("%s is not a folder", dir)
	}
	args := []string{"-c", "core.hooksPath=/dev/null", "rev-parse", "--is-bare-repository", "--show-object-format", "--show-prefix",
		"--absolute-git-dir", "--git-common-dir", "--show-toplevel", "--verify", "--end-of-options", "HEAD^{commit}"}
	out, err := execute(ctx, program, dir, environment(os.Environ()), nil, args, args[2:])
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if err != nil {
		return nil, diagnose(ctx, program, dir, lines, err)
	}
	if len(lines) != 7 {
		return nil, fmt.Errorf("%s: a line break in the repository's path; move it to a plain path", dir)
	}
	r := &Repo{program: program, Format: lines[1], Prefix: strings.TrimSuffix(lines[2], "/"), Dir: lines[3], Common: lines[4], Top: lines[5]}
	if !filepath.IsAbs(r.Common) {
		r.Common = filepath.Join(dir, r.Common)
	}
	return r, r.disarm(ctx)
}

// find is git's absolute path. A git in the current folder is never taken.
func find() (string, error) {
	program, err := exec.LookPath("git")
	if err != nil {
		return "", fmt.Errorf("%w: %w; install it (https://git-scm.com)", ErrNoGit, err)
	}
	return filepath.Abs(program)
}

// diagnose says why the repository could not be opened. lines is what git had
// answered before it stopped.
func diagnose(ctx context.Context, program, dir string, lines []string, cause error) error {
	if err := checkVersion(ctx, program); err != nil {
		return err
	}
	var said *Error
	if !errors.As(cause, &said) {
		return cause
	}
	switch {
	case strings.Contains(said.Stderr, "dubious ownership"):
		return fmt.Errorf("%s: %w", dir, cause) // git's own words hold the mend
	case lines[0] == "true":
		return fmt.Errorf("%s: %w: there is no working tree to measure; use a clone of it (git clone %s)", dir, ErrBare, dir)
	case lines[0] == "":
		return fmt.Errorf("%s: %w (or any parent folder); start one with: git init && git add -A && git commit -m start", dir, ErrNotRepository)
	case len(lines) >= 6:
		return fmt.Errorf("%s: %w; make one with: git add -A && git commit -m start", dir, ErrNoCommits)
	case strings.Contains(said.Stderr, "work tree"):
		return fmt.Errorf("%s: %w: this is the inside of a git dir, not a working tree", dir, ErrNotRepository)
	}
	return fmt.Errorf("%s: %w", dir, cause)
}

var versionPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(\d+)\.(\d+)`) })

// checkVersion asks git how old it is; only when something failed, because it
// is a process more.
func checkVersion(ctx context.Context, program string) error {
	out, err := execute(ctx, program, "", environment(os.Environ()), nil, []string{"version"}, []string{"version"})
	if err != nil {
		return err
	}
	major, minor := parseVersion(string(out))
	if major > oldestMajor || major == oldestMajor && minor >= oldestMinor {
		return nil
	}
	return fmt.Errorf("%s: %w: %s; bench needs git %d.%d or newer", program, ErrGitTooOld, strings.TrimSpace(string(out)), oldestMajor, oldestMinor)
}

// parseVersion reads "git version 2.39.5 (Apple Git-154)" and its like; 0, 0
// when there is no number in it.
func parseVersion(text string) (major, minor int) {
	m := versionPattern().FindStringSubmatch(text)
	if m == nil {
		return 0, 0
	}
	major, _ = strconv.Atoi(m[1])
	minor, _ = strconv.Atoi(m[2])
	return major, minor
}
