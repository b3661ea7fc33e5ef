package git

import (
	"bytes"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// A section is the part of a patch that is about one file.
type section struct {
	header         []byte // its lines before the first hunk
	hunks          []hunk
	added, removed int
	binary         bool
}

// A hunk is one block of changed lines, "@@" line included.
type hunk struct {
	old  int // first line in the file before the change
	line int // where it stands in the patch, counted from 1
	text []byte
}

// sections walks a patch: git's own (diff --git), or a plain one that has only
// ---/+++ lines. It is lenient: what it cannot read it leaves out, for git apply
// is the judge of a patch, and this is only for telling people.
func sections(patch []byte) iter.Seq[section] {
	return func(yield func(section) bool) {
		p := parser{lines: bytes.SplitAfter(patch, []byte("\n"))}
		for p.at < len(p.lines) {
			if s, ok := p.section(); ok && !yield(s) {
				return
			}
		}
	}
}

type parser struct {
	lines [][]byte
	at    int
}

func (p *parser) has(prefix string) bool {
	return p.at < len(p.lines) && bytes.HasPrefix(p.lines[p.at], []byte(prefix))
}

// starts says whether a section begins here.
func (p *parser) starts() bool {
	return p.has("diff --git ") || p.has("--- ") && p.at+1 < len(p.lines) && bytes.HasPrefix(p.lines[p.at+1], []byte("+++ "))
}

func (p *parser) section() (s section, ok bool) {
	if !p.starts() {
		p.at++ // mail header, commit message, whatever stands between
		return section{}, false
	}
	first := p.at
	git := p.has("diff --git ")
	for p.at++; p.at < len(p.lines) && !p.has("@@ "); p.at++ {
		if p.has("diff --git ") || !git && p.at > first+1 {
			break
		}
		if p.has("GIT binary patch") || p.has("Binary files ") {
			s.binary = true
		}
	}
	s.header = slices.Concat(p.lines[first:p.at]...)
	for p.has("@@ ") {
		p.hunk(&s)
	}
	return s, true
}

// hunk reads one, by the counts in its first line: a removed line that reads
// "-- x" would else look like a header.
func (p *parser) hunk(s *section) {
	oldStart, oldLeft, newLeft, ok := hunkHeader(string(p.lines[p.at]))
	first := p.at
	p.at++
	for ok && p.at < len(p.lines) && (oldLeft > 0 || newLeft > 0 || p.has("\\")) {
		line := p.lines[p.at]
		switch {
		case len(line) == 0 || line[0] == '\\':
		case line[0] == '+':
			newLeft--
			s.added++
		case line[0] == '-':
			oldLeft--
			s.removed++
		case line[0] == ' ', line[0] == '\n', line[0] == '\r':
			oldLeft--
			newLeft--
		default:
			ok = false // not a line of a hunk: it is broken off
			continue
		}
		p.at++
	}
	s.hunks = append(s.hunks, hunk{old: oldStart, line: first + 1, text: slices.Concat(p.lines[first:p.at]...)})
}

// hunkHeader reads "@@ -12,7 +12,9 @@ func x".
func hunkHeader(line string) (start, oldLines, newLines int, ok bool) {
	f := strings.Fields(line)
	if len(f) < 3 || f[1][0] != '-' || f[2][0] != '+' {
		return 0, 0, 0, false
	}
	pair := func(s string) (from, n int, ok bool) {
		a, b, two := strings.Cut(s[1:], ",")
		n = 1
		from, err := strconv.Atoi(a)
		if err == nil && two {
			n, err = strconv.Atoi(b)
		}
		return from, n, err == nil && n >= 0
	}
	start, oldLines, ok1 := pair(f[1])
	_, newLines, ok2 := pair(f[2])
	return start, oldLines, newLines, ok1 && ok2
}

// field is what follows prefix in the header, "" when no line has it.
func (s section) field(prefix string) string {
	for line := range strings.SplitSeq(string(s.header), "\n") {
		if rest, ok := strings.CutPrefix(line, prefix); ok {
			return strings.TrimSuffix(rest, "\r")
		}
	}
	return ""
}

// paths are the names the file has before and after, without their a/ and b/; ""
// for /dev/null and for what the header does not say plainly.
func (s section) paths() (before, after string) {
	if from := s.field("rename from "); from != "" {
		return unquote(from), unquote(s.field("rename to "))
	}
	before, after = stripped(s.field("--- ")), stripped(s.field("+++ "))
	if before == "" && after == "" {
		// A new mode, an empty file, a binary: both names are the same, so that they
		// can be told apart even with spaces in them.
		names := s.field("diff --git ")
		if half := len(names) / 2; half > 0 && len(names)%2 == 1 {
			before = stripped(names[:half])
			after = stripped(names[half+1:])
		}
	}
	return before, after
}

// stripped is a name of a header without its first folder (a/, b/), and without
// the tab and date that plain diff writes behind it.
func stripped(name string) string {
	name, _, _ = strings.Cut(name, "\t")
	name = unquote(name)
	if name == "/dev/null" {
		return ""
	}
	if _, rest, ok := strings.Cut(name, "/"); ok {
		return rest
	}
	return name
}

// touches are the paths a patch is about.
func touches(patch []byte) []string {
	var all []string
	for s := range sections(patch) {
		before, after := s.paths()
		all = append(all, before, after)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	return slices.DeleteFunc(all, func(p string) bool { return p == "" })
}
