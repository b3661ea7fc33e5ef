package host

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
	"unicode"

	"github.com/benchfile/bench/pipeline"
)

// answer is what a tool said, and when.
type answer struct {
	version string
	at      time.Time
}

// answerAge is how long an answer is trusted while the program's file stays as it is. A file alone does not tell all:
// rustc is rustup's, the same file whichever toolchain it starts. Surveys follow each other within milliseconds when
// everything is recorded, and after a measurement, which takes longer than this, the tool is asked again.
const answerAge = 20 * time.Second

// versions asks every tool. The first that does not answer is an error which names its place in the Benchfile.
func (h *Host) versions(ctx context.Context, tools []pipeline.Tool, dir string, env []string) (map[string]string, error) {
	if len(tools) == 0 {
		return nil, nil
	}
	versions := make(map[string]string, len(tools))
	for _, tool := range tools {
		v, err := h.version(ctx, tool, dir, env)
		if err != nil {
			where := ""
			if at := tool.At.String(); at != "" {
				where = at + ": "
			}
			return nil, fmt.Errorf("%stool %q: %w", where, tool.Name, err)
		}
		versions[tool.Name] = v
	}
	return versions, nil
}

// version is the first line that a tool's command prints, on stdout or else on stderr.
func (h *Host) version(ctx context.Context, tool pipeline.Tool, dir string, env []string) (string, error) {
	if len(tool.Command) == 0 {
		return "", errors.New("it has no command; give one that prints the version")
	}
	path, err := Resolve(tool.Command[0], env, dir)
	if err != nil {
		return "", fmt.Errorf("%w; install it, or correct the command", err)
	}
	key := memoKey(tool.Command, path, dir, env)
	h.mu.Lock()
	known, ok := h.tools[key]
	h.mu.Unlock()
	if age := h.now().Sub(known.at); ok && age >= 0 && age < answerAge {
		return known.version, nil
	}
	version, err := h.ask(ctx, tool.Command, path, dir, env)
	if err != nil {
		return "", err
	}
	h.mu.Lock()
	h.tools[key] = answer{version, h.now()}
	h.mu.Unlock()
	return version, nil
}

// memoKey is all that an answer is known to depend on: the command, the program's file, folder and environment.
func memoKey(argv []string, path, dir string, env []string) string {
	sum := sha256.New()
	for _, list := range [][]string{argv, {path, stamp(path), dir}, env} {
		fmt.Fprintf(sum, "%q\n", list)
	}
	return string(sum.Sum(nil))
}

// ask runs a tool's command.
func (h *Host) ask(ctx context.Context, argv []string, path, dir string, env []string) (string, error) {
	out, err := capture(ctx, h.toolLimit, path, argv, dir, env)
	words := or(versionLine(out.stdout), versionLine(out.stderr))
	command := strings.Join(argv, " ")
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	case errors.As(err, &exit):
		return "", fmt.Errorf("%q ends with %v (%s): what a failed command prints is no version; correct the command", command, exit, or(versionLine(out.stderr), words, "it prints nothing"))
	case err != nil:
		return "", fmt.Errorf("%q: %w; give a command that only prints the version", command, err)
	case words == "":
		return "", fmt.Errorf("%q prints nothing, so its version is not known; give a command that prints it", command)
	}
	return words, nil
}

// versionLine is the first line that is not empty, as it may stand in a file and on a screen, at most 200 characters.
func versionLine(text []byte) string {
	line := []rune(printable(firstLine(string(text))))
	return string(line[:min(len(line), 200)])
}

// printable is text without what a terminal would act on.
func printable(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) && r != unicode.ReplacementChar {
			return r
		}
		return -1
	}, text))
}
