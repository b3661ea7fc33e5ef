package git

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// An ApplyError says that a change does not apply, in git's own words and with
// the lines it is about.
type ApplyError struct {
	Change string   // the name of the change
	With   []string // earlier changes that touch the same file, when without them it applies
	File   string   // the file that stands in the way; "" when the patch itself is broken
	Line   int      // line in File before the change, or in the patch when File is ""; 0 when git does not say
	Hunk   string   // the hunk of the patch, as it stands there; "" when it is not about one
	Stderr string   // what git said, whole
}

func (e *ApplyError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "change %q does not apply", e.Change)
	switch {
	case e.File != "" && e.Line > 0:
		fmt.Fprintf(&b, " at %s:%d", e.File, e.Line)
	case e.File != "":
		fmt.Fprintf(&b, " to %s", e.File)
	case e.Line > 0:
		fmt.Fprintf(&b, ": line %d of the patch", e.Line)
	}
	if len(e.With) > 0 {
		fmt.Fprintf(&b, ": it conflicts with %s", strings.Join(e.With, ", "))
	}
	if words := strings.TrimSpace(e.Stderr); words != "" {
		b.WriteString("\n" + words)
	}
	if e.Hunk != "" {
		b.WriteString("\n" + strings.TrimSuffix(e.Hunk, "\n"))
	}
	return b.String()
}

// Git's ways to say where a patch failed. There is no machine form; LC_ALL=C and
// the words have been the same since 2005 (apply.c).
var (
	failedAt = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?m)^error: patch failed: (.+):(\d+)$`) })
	brokenAt = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?m)^error: .*(?:corrupt (?:binary )?patch|fragment without header|filename information).*?(?:at line |\(line |<stdin>:)(\d+)`)
	})
	conflictIn = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?m)^Applied patch to '(.+)' with conflicts\.$`) })
	aboutFile  = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?m)^error: (.+): (?:does not exist in index|already exists in index|No such file or directory|patch does not apply|wrong type|cannot read|.*does not match index)`)
	})
)

// explain asks git once more, without the merge, so that it names the line; and,
// for a compound, whether the change would apply alone.
func (t *Trees) explain(ctx context.Context, base Baseline, changes []Change, patches [][]byte, i int, said *Error) error {
	e := &ApplyError{Change: changes[i].Name, Stderr: said.Stderr}
	if plain := t.tryAfter(ctx, base, patches[:i], patches[i], false); plain != nil {
		// Two accounts of the same failure only confuse: the plain one has the line.
		e.Stderr = plain.Stderr
		if conflictIn().MatchString(said.Stderr) {
			e.Stderr = said.Stderr + plain.Stderr
		}
	}
	e.locate(patches[i])
	if i > 0 && t.tryAfter(ctx, base, nil, patches[i], true) == nil {
		for k, earlier := range patches[:i] {
			if e.File == "" || slices.Contains(touches(earlier), e.File) {
				e.With = append(e.With, changes[k].Name)
			}
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return e
}

// tryAfter applies before and then patch to a fresh index and returns what git
// says against patch, nil when it says nothing.
func (t *Trees) tryAfter(ctx context.Context, base Baseline, before [][]byte, patch []byte, merge bool) *Error {
	index, err := t.baseIndex(ctx, base.Tree)
	if err != nil {
		return nil
	}
	defer removeIndex(index)
	for _, p := range before {
		if len(p) > 0 && t.apply(ctx, index, p, true) != nil {
			return nil
		}
	}
	var said *Error
	if err := t.apply(ctx, index, patch, merge); errors.As(err, &said) {
		return said
	}
	return nil
}

// locate fills in File, Line and Hunk from git's words.
func (e *ApplyError) locate(patch []byte) {
	if m := failedAt().FindStringSubmatch(e.Stderr); m != nil {
		e.File = m[1]
		e.Line, _ = strconv.Atoi(m[2])
		e.Hunk = findHunk(patch, e.File, e.Line)
		return
	}
	if m := brokenAt().FindStringSubmatch(e.Stderr); m != nil {
		e.Line, _ = strconv.Atoi(m[1])
		e.Hunk = hunkAround(patch, e.Line)
		return
	}
	for _, pattern := range []*regexp.Regexp{conflictIn(), aboutFile()} {
		if m := pattern.FindStringSubmatch(e.Stderr); m != nil {
			e.File = m[1]
			e.Hunk = findHunk(patch, e.File, 0)
			return
		}
	}
}

// findHunk is the hunk of a file that begins at line, its first one for line 0.
func findHunk(patch []byte, file string, line int) string {
	for s := range sections(patch) {
		before, after := s.paths()
		if before != file && after != file {
			continue
		}
		for _, h := range s.hunks {
			if line == 0 || h.old == line {
				return string(h.text)
			}
		}
	}
	return ""
}

// hunkAround is the hunk that holds a line of the patch.
func hunkAround(patch []byte, line int) string {
	found := ""
	for s := range sections(patch) {
		for _, h := range s.hunks {
			if h.line <= line {
				found = string(h.text)
			}
		}
	}
	return found
}

// removeIndex removes an index and the lock that a killed git left beside it.
func removeIndex(index string) {
	os.Remove(index)
	os.Remove(index + ".lock")
}
