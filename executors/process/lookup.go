package process

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/benchfile/bench/pipeline"
)

// defaultPath is where execvp looks when there is no PATH.
const defaultPath = "/bin:/usr/bin"

// lookup finds the program that execvp would execute: a name with a slash relative to dir, any other in the PATH of env.
func lookup(name, dir string, env []string) (string, error) {
	if name == "" {
		return "", errors.New("cannot start a command without a name: argv is empty")
	}
	if strings.Contains(name, "/") {
		path := within(dir, name)
		if err := executable(path); err != nil {
			return "", fmt.Errorf("cannot start %q: %w", name, err)
		}
		return path, nil
	}
	list := defaultPath
	if i := slices.IndexFunc(env, func(v string) bool { return strings.HasPrefix(v, "PATH=") }); i >= 0 {
		list = strings.TrimPrefix(env[i], "PATH=")
	}
	var denied error
	for folder := range strings.SplitSeq(list, ":") {
		path := filepath.Join(within(dir, folder), name)
		err := executable(path)
		if err == nil {
			return path, nil
		}
		if denied == nil && !errors.Is(err, fs.ErrNotExist) {
			denied = err
		}
	}
	if denied != nil {
		return "", fmt.Errorf("cannot start %q: %w", name, denied)
	}
	return "", fmt.Errorf("cannot start %q: executable file not found in $PATH, which is %q: install it, or write its path (./%s)", name, list, name)
}

func within(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// executable says why a file cannot be executed. Whether this user may is left to execve, which knows.
func executable(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: %w: is it built, and is the path relative to the command's folder?", path, fs.ErrNotExist)
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("%s is a folder", path)
	case info.Mode()&0o111 == 0:
		return fmt.Errorf("%s is not executable: chmod +x it", path)
	}
	return nil
}

// argv is what is executed for a command: itself, or a shell that is given its line.
func argv(c pipeline.Command) []string {
	if !c.Shell || len(c.Argv) == 0 {
		return c.Argv
	}
	return append([]string{"/bin/sh", "-c", c.Argv[0], "sh"}, c.Argv[1:]...)
}

// environ is the arm's environment with the command's own additions, which win. Nothing else is in it.
func environ(base []string, own map[string]string) []string {
	if len(own) == 0 {
		return slices.Clone(base)
	}
	env := slices.DeleteFunc(slices.Clone(base), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		_, replaced := own[name]
		return replaced
	})
	for name, value := range own {
		env = append(env, name+"="+value)
	}
	slices.Sort(env)
	return env
}
