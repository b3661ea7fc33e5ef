package benchfile

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/benchfile/bench/pipeline"
)

// shellUse is whether a block's command is a line for a shell.
type shellUse struct{ on, written bool }

func (b *block) shell(def bool) shellUse {
	return shellUse{b.flag("shell", def), b.has("shell")}
}

// command evaluates an attribute to a program with its arguments. ok is false when it is absent or wrong.
func (b *block) command(name string, ctx *hcl.EvalContext, shell shellUse) (pipeline.Command, bool) {
	x, ok := b.evalIn(name, ctx)
	if !ok {
		return pipeline.Command{}, false
	}
	if x.v.Type() == cty.String {
		return b.line(x, shell)
	}
	if shell.on {
		if shell.written {
			x.wrong(codeCommand, "with shell = true, "+name+" is one text", "this is "+kindOf(x.v),
				`write the whole line in quotes, or remove "shell = true"`)
		} else {
			x.wrong(codeCommand, "measure has shell = true, so "+name+" is one text here as well", "", "write the whole line in quotes, or add a line: shell = false")
		}
		return pipeline.Command{}, false
	}
	if t := x.v.Type(); !t.IsTupleType() && !t.IsListType() {
		x.wrong(codeCommand, name+" is a list of texts", "this is "+kindOf(x.v), `write the program and each argument as an element: ["./prog", "--fast"]`)
		return pipeline.Command{}, false
	}
	argv, ok := x.texts(`["./prog", "--fast"]`)
	switch {
	case !ok:
		return pipeline.Command{}, false
	case len(argv) == 0 || argv[0] == "":
		x.wrong(codeCommand, name+" names no program", "", `write the program first: ["./prog", "--fast"]`)
		return pipeline.Command{}, false
	}
	return pipeline.Command{Argv: argv}, x.noNUL(argv)
}

// line is a command that is one text.
func (b *block) line(x value, shell shellUse) (pipeline.Command, bool) {
	s, _ := x.text()
	switch {
	case !shell.on:
		x.wrong(codeCommand, x.name+" is a list of texts", "a single text needs a shell", "write "+listed(x, s)+", or add a line: shell = true")
		return pipeline.Command{}, false
	case strings.TrimSpace(s) == "":
		x.wrong(codeCommand, x.name+" is empty", "", "write the line that the shell is to run")
		return pipeline.Command{}, false
	}
	return pipeline.Command{Argv: []string{s}, Shell: true}, x.noNUL([]string{s})
}

// listed shows a line as the list that was probably meant.
func listed(x value, s string) string {
	words := strings.Fields(s)
	if x.hidden || len(words) == 0 || len(words) > 6 || strings.ContainsAny(s, "'\"`$|<>&;*?\\") {
		return `the program and each argument as an element: ["./prog", "--fast"]`
	}
	for i := range words {
		words[i] = strconv.Quote(words[i])
	}
	return "[" + strings.Join(words, ", ") + "]"
}

// noNUL refuses what no program can be given.
func (x value) noNUL(list []string) bool {
	if !slices.ContainsFunc(list, func(s string) bool { return strings.ContainsRune(s, 0) }) {
		return true
	}
	x.wrong(codeEnvName, x.name+" contains a NUL byte", "no program can be given one", "remove it")
	return false
}

// surroundings are where and with what environment a command runs.
func (b *block) surroundings(ctx *hcl.EvalContext) (dir string, env map[string]string) {
	if x, ok := b.evalIn("dir", ctx); ok {
		dir, _ = x.inside()
	}
	if x, ok := b.evalIn("env", ctx); ok {
		env, _ = x.environment()
	}
	return dir, env
}

// environment converts to environment variables.
func (x value) environment() (map[string]string, bool) {
	m, ok := x.pairs()
	if !ok {
		return nil, false
	}
	for k, v := range m {
		if !envName(k) {
			x.wrong(codeEnvName, fmt.Sprintf("%q cannot be the name of an environment variable", k), "", "use letters, digits and _, and no digit first")
			return nil, false
		}
		if !x.noNUL([]string{v}) {
			return nil, false
		}
	}
	return m, true
}

// envName says whether a name can be an environment variable's.
func envName(s string) bool {
	for i, c := range []byte(s) {
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// inside converts to a path that stays in the folder it is relative to.
func (x value) inside() (string, bool) {
	s, ok := x.text()
	if !ok {
		return "", false
	}
	return x.insidePath(s)
}

func (x value) insidePath(s string) (string, bool) {
	clean := path.Clean(s)
	switch {
	case s == "":
		x.wrong(codePath, x.name+" is empty", "", `write a path, or leave it out; the folder itself is "."`)
		return "", false
	case strings.ContainsRune(s, 0):
		return "", x.noNUL([]string{s})
	case path.IsAbs(s):
		x.wrong(codePath, fmt.Sprintf("%s is %s, an absolute path", x.name, x.quote(s)), "it is looked for in the measured worktree", "write it relative to the Benchfile's folder")
		return "", false
	case clean == ".." || strings.HasPrefix(clean, "../"):
		x.wrong(codePath, fmt.Sprintf("%s is %s, which leads out of the folder", x.name, x.quote(s)), "", "write a path inside of the Benchfile's folder")
		return "", false
	}
	return clean, true
}

// quote shows one part of the value, unless it must not be shown.
func (x value) quote(s string) string {
	if x.hidden {
		return "(not shown)"
	}
	return clipped(strconv.Quote(s))
}

// insides converts to a list of such paths; words are accepted as they are.
func (x value) insides(words ...string) ([]string, bool) {
	list, ok := x.texts(`["out.bin"]`)
	if !ok {
		return nil, false
	}
	for i, s := range list {
		if slices.Contains(words, s) {
			continue
		}
		if list[i], ok = x.insidePath(s); !ok {
			return nil, false
		}
	}
	return list, true
}

// existing converts to a path that is there: relative and inside, or absolute where that is allowed.
func (x value) existing(absolute bool, kinds ...FileKind) (string, bool) {
	s, ok := x.text()
	if !ok {
		return "", false
	}
	if absolute && path.IsAbs(s) {
		s = path.Clean(s)
	} else if s, ok = x.insidePath(s); !ok {
		return "", false
	}
	if x.b.d.opt.Exists == nil {
		return s, true
	}
	switch kind := x.b.d.opt.Exists(s); {
	case kind == NoFile:
		x.wrong(codeNoFile, fmt.Sprintf("there is no file %s", x.quote(s)), "", "paths are relative to the folder of "+path.Base(x.b.d.src.Name)+"; check the spelling, or create the file")
		return "", false
	case !slices.Contains(kinds, kind):
		x.wrong(codeNoFile, fmt.Sprintf("%s is a folder, not a file", x.quote(s)), "", "name the file in it")
		return "", false
	}
	return s, true
}

// gitName converts to the name of a commit or branch. What git forbids is refused, and what git could take for an option.
func (x value) gitName() (string, bool) {
	s, ok := x.text()
	if !ok {
		return "", false
	}
	bad := s == "" || len(s) > 250 || s[0] == '-' || strings.ContainsAny(s, " ?*[\\:") || strings.Contains(s, "..") || strings.HasSuffix(s, ".lock") ||
		strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
	if x.name == "branch" {
		bad = bad || strings.ContainsAny(s, "~^") || strings.HasSuffix(s, "/") || strings.HasPrefix(s, "/") || strings.Contains(s, "//") || strings.Contains(s, "@{")
	}
	if bad {
		x.wrong(codeRef, fmt.Sprintf("%s cannot be the name of a %s", x.quote(s), x.name), "", fmt.Sprintf("write a %s as git knows it, such as %s", x.name, refExample(x.name)))
		return "", false
	}
	return s, true
}

func refExample(kind string) string {
	if kind == "branch" {
		return `"perf/arena"`
	}
	return `"abc123d" or "v1.2.0"`
}
