package host

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// defaultPath is where execvp of glibc and musl look when the environment has no PATH.
const defaultPath = "/bin:/usr/bin"

// Resolve finds the program that a command starts, as execvp(3) does: a name without a slash in the folders of the
// PATH in env (not of bench's own), anything else as a path, relative to dir where it is not absolute. The path is
// absolute; symbolic links in it are left, since programs look at the name they were called by (busybox, rustup).
//
// The error wraps exec.ErrNotFound, or fs.ErrPermission when there is such a file that may not be executed.
func Resolve(argv0 string, env []string, dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if argv0 == "" {
		return "", fmt.Errorf("the command is empty: %w", exec.ErrNotFound)
	}
	if strings.Contains(argv0, "/") {
		path := within(dir, argv0)
		if err := executable(path); err != nil {
			return "", unresolved(argv0, err, "there is no such file in "+dir)
		}
		return path, nil
	}
	var denied error
	for _, path := range Candidates(argv0, env, dir) {
		err := executable(path)
		if err == nil {
			return path, nil
		}
		if errors.Is(err, fs.ErrPermission) && denied == nil {
			denied = err
		}
	}
	if denied != nil {
		return "", unresolved(argv0, denied, "")
	}
	return "", unresolved(argv0, fs.ErrNotExist, "it is in no folder of PATH ("+search(env)+")")
}

// Candidates are the files that a name without a slash could mean, in the order in which Resolve looks: when one of them
// comes or goes, the same name may mean another program. dir is absolute.
func Candidates(argv0 string, env []string, dir string) []string {
	var paths []string
	for _, folder := range filepath.SplitList(search(env)) {
		paths = append(paths, filepath.Join(within(dir, folder), argv0)) // an empty folder is the current one
	}
	return paths
}

// search is the PATH in env.
func search(env []string) string {
	if value, ok := lookup(env, "PATH"); ok {
		return value
	}
	return defaultPath
}

// within is a path relative to dir.
func within(dir, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(dir, path)
}

// unresolved is the error for a program that cannot be started.
func unresolved(argv0 string, err error, absent string) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot find %q: %s: %w", argv0, absent, exec.ErrNotFound)
	}
	return fmt.Errorf("cannot start %q: %w", argv0, err)
}

// executable says why a file cannot be executed, nil when it can.
func executable(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil && (errors.Is(err, fs.ErrNotExist) || isNotDir(err)):
		return fs.ErrNotExist
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("%s is a folder: %w", path, fs.ErrPermission)
	case !mayExecute(path, info.Mode()):
		return fmt.Errorf("%s is not executable: %w", path, fs.ErrPermission)
	}
	return nil
}

// lookup is the value of a variable; the last of several counts, as it does when os/exec starts a program.
func lookup(env []string, name string) (string, bool) {
	for i := len(env) - 1; i >= 0; i-- {
		if value, ok := strings.CutPrefix(env[i], name+"="); ok {
			return value, true
		}
	}
	return "", false
}
