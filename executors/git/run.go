package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// settings go before every command. They switch off what could run a program
// or write beside what was asked for, and what would make the output depend on
// taste. The command line wins over every config file.
var settings = [...]string{
	"core.hooksPath=/dev/null",     // hooks never run
	"core.fsmonitor=false",         // nor a file-watching program named in the config
	"protocol.ext.allow=never",     // nor a program named in a URL
	"core.untrackedCache=keep",     // do not add or drop the index's cache
	"core.splitIndex=false",        // our indexes are whole files
	"core.safecrlf=false",          // a warning about line ends must not fail a snapshot
	"core.quotePath=false",         // paths as they are, in patches too
	"rerere.enabled=false",         // apply --3way would write .git/rr-cache
	"gc.auto=0",                    // no housekeeping while something is measured
	"maintenance.auto=false",       //
	"submodule.recurse=false",      // submodules are our own business (submodule.go)
	"i18n.commitEncoding=utf-8",    // else the measured commit's id would vary
	"worktree.useRelativePaths=no", // we read the links back ourselves
	"log.showSignature=false",      // would start gpg
	"advice.detachedHead=false",
	"color.ui=false",
}

// keptVariables are the only GIT_* variables of the user that git gets to see:
// where config and git's own programs are. The rest (GIT_DIR, GIT_INDEX_FILE,
// GIT_WORK_TREE, GIT_EXTERNAL_DIFF, …) could point git at another repository
// or at a program.
var keptVariables = [...]string{
	"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM",
	"GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_", "GIT_CONFIG_PARAMETERS",
	"GIT_EXEC_PATH", "GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM",
}

// environment is the user's without what would change git's behaviour.
func environment(user []string) []string {
	env := slices.DeleteFunc(slices.Clone(user), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		if !strings.HasPrefix(name, "GIT_") {
			return name == "SSH_ASKPASS" || name == "LC_ALL" || name == "LANGUAGE"
		}
		return !slices.ContainsFunc(keptVariables[:], func(kept string) bool {
			return name == kept || strings.HasSuffix(kept, "_") && strings.HasPrefix(name, kept)
		})
	})
	return append(env, "LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0",
		"GIT_PAGER=cat", "GIT_EDITOR=:", "GIT_NO_REPLACE_OBJECTS=1")
}

// A command is one git process.
type command struct {
	dir     string    // where it runs; "" is the repository's top folder
	objects bool      // works on objects and our own index only: away from the working tree, so that no attribute file there matters
	admin   string    // git dir of one of our worktrees, whose working tree is dir
	env     []string  // in addition to environment
	stdin   io.Reader // nothing when nil
	before  []string  // options that stand before the subcommand
	args    []string  // subcommand first
}

// Error is a git process that said no.
type Error struct {
	Args   []string // subcommand and its arguments, without our settings
	Exit   int      // -1 when it was ended by a signal
	Stderr string   // its words, whole
}

func (e *Error) Error() string {
	what := "git " + e.Args[0]
	if words := lastLines(e.Stderr, 4); words != "" {
		return what + ": " + words
	}
	return fmt.Sprintf("%s: exit status %d without a word", what, e.Exit)
}

// lastLines joins the last n non-empty lines of text.
func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "; ")
}

// git runs a command and returns what it wrote to stdout.
func (r *Repo) git(ctx context.Context, c command) ([]byte, error) {
	args := make([]string, 0, 2*len(settings)+len(r.disarmed)*2+len(c.args)+4)
	for _, s := range settings {
		args = append(args, "-c", s)
	}
	for _, s := range r.disarmed {
		args = append(args, "-c", s)
	}
	dir := c.dir
	if c.admin != "" {
		// Said outright: if the worktree's link were gone, git would look for a
		// repository further up, and find the user's.
		args = append(args, "--git-dir="+c.admin, "--work-tree="+dir)
	}
	if c.objects {
		// Nor do patches depend on whose machine it is. The git dir stands in for the
		// working tree, because the one a submodule's config names may be gone.
		args = append(args, "-c", "core.attributesFile=", "--git-dir="+r.Common, "--work-tree="+r.Common)
		dir = r.Common
	} else if dir == "" {
		dir = r.Top
	}
	return execute(ctx, r.program, dir, slices.Concat(environment(os.Environ()), r.aside, c.env), c.stdin, slices.Concat(args, c.before, c.args), c.args)
}

// execute starts program and waits for it. told are the arguments an error names.
func execute(ctx context.Context, program, dir string, env []string, stdin io.Reader, args, told []string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.Env, cmd.Stdin = dir, env, stdin
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	alone(cmd)
	// A filter that git left behind may hold the pipes: do not wait for it forever.
	cmd.WaitDelay = 2 * time.Second
	err := cmd.Run()
	if err == nil {
		return stdout.Bytes(), nil
	}
	if ctx.Err() != nil {
		return nil, fmt.Errorf("git %s: %w", told[0], context.Cause(ctx))
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return stdout.Bytes(), &Error{Args: told, Exit: exit.ExitCode(), Stderr: stderr.String()}
	}
	return nil, fmt.Errorf("git %s: %w", told[0], err)
}

// line is git's answer when one line is expected.
func (r *Repo) line(ctx context.Context, c command) (string, error) {
	out, err := r.git(ctx, c)
	return strings.TrimSuffix(string(out), "\n"), err
}
