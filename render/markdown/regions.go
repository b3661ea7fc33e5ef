package markdown

import (
	"bytes"
	"strings"

	"github.com/benchfile/bench/pipeline/report"
)

// The marks around the regions of TRACKER.md that belong to people.
const (
	keepLearnings = "<!-- bench:keep learnings -->"
	keepIdeas     = "<!-- bench:keep ideas -->"
	keepEnd       = "<!-- bench:end -->"
)

// The headings that TRACKER.md has. Nothing generated follows the end of a region before the next one of them.
const (
	headLearnings = "### Key Learnings"
	headIdeas     = "### Ideas Backlog"
	headConflicts = "### Conflicts Matrix"
)

// isHeading says whether a line is a heading that bench writes into TRACKER.md.
func isHeading(line string) bool {
	switch line {
	case "### Baseline", "### Experiments Tested", "### Compound Experiments", headLearnings, headIdeas, headConflicts:
		return true
	}
	return strings.HasPrefix(line, "## Session")
}

// Regions finds what people wrote. Between whole marks it is taken byte for byte. Where marks are missing or doubled it
// is everything from the mark (or the heading) to the next heading that bench writes: rather too much than too little.
func Regions(tracker []byte) report.Notes {
	if l, i, ok := intact(tracker); ok {
		return report.Notes{Learnings: string(tracker[l.from:l.to]), Ideas: string(tracker[i.from:i.to])}
	}
	return salvage(tracker)
}

// GeneratedPart is the tracker without people's words. With damaged marks it is the whole of it, so that it counts as
// edited by hand.
func GeneratedPart(tracker []byte) []byte {
	l, i, ok := intact(tracker)
	if !ok {
		return tracker
	}
	return bytes.Join([][]byte{tracker[:l.from], tracker[l.to:i.from], tracker[i.to:]}, nil)
}

type region struct{ from, to int }

// intact finds both regions when each begins once, in order, and ends. A region ends at the last end mark before the
// next begins: people may well have pasted one into it.
func intact(tracker []byte) (learnings, ideas region, ok bool) {
	var at int
	open := [2]int{-1, -1} // where each region begins
	end := [2]int{-1, -1}
	current := -1
	for line := range bytes.Lines(tracker) {
		switch string(bytes.TrimRight(line, "\r\n")) {
		case keepLearnings:
			if open[0] >= 0 || open[1] >= 0 {
				return learnings, ideas, false
			}
			current, open[0] = 0, at+len(line)
		case keepIdeas:
			if open[0] < 0 || open[1] >= 0 {
				return learnings, ideas, false
			}
			current, open[1] = 1, at+len(line)
		case keepEnd:
			if current < 0 {
				return learnings, ideas, false
			}
			end[current] = at
		}
		at += len(line)
	}
	if end[0] < 0 || end[1] < 0 {
		return learnings, ideas, false
	}
	return region{open[0], end[0]}, region{open[1], end[1]}, true
}

// salvage collects what may be people's words from a file whose marks are damaged.
func salvage(tracker []byte) report.Notes {
	var text [2]strings.Builder
	current := -1
	sections := [2]strings.Builder{} // since the heading, in case there is no mark
	marked := [2]bool{}
	flush := func() {
		if current >= 0 && !marked[current] {
			text[current].WriteString(sections[current].String())
		}
		if current >= 0 {
			sections[current].Reset()
			marked[current] = false
		}
		current = -1
	}
	for line := range bytes.Lines(tracker) {
		switch s := string(bytes.TrimRight(line, "\r\n")); {
		case s == headLearnings:
			flush()
			current = 0
		case s == headIdeas:
			flush()
			current = 1
		case s == keepLearnings:
			if current != 0 {
				flush()
			}
			current, marked[0] = 0, true
		case s == keepIdeas:
			if current != 1 {
				flush()
			}
			current, marked[1] = 1, true
		case s == keepEnd:
		case isHeading(s):
			flush()
		case current >= 0 && marked[current]:
			text[current].Write(line)
		case current >= 0:
			sections[current].Write(line)
		}
	}
	flush()
	return report.Notes{Learnings: trimBlank(text[0].String()), Ideas: trimBlank(text[1].String())}
}

// trimBlank drops blank lines at both ends: they come from the layout around the region.
func trimBlank(s string) string {
	for {
		line, rest, ok := strings.Cut(s, "\n")
		if !ok || strings.TrimSpace(line) != "" {
			break
		}
		s = rest
	}
	return strings.TrimRight(s, " \t\r\n") + newline(s)
}

func newline(s string) string {
	if strings.TrimSpace(s) == "" {
		return ""
	}
	return "\n"
}

// keep writes a region.
func (d *doc) keep(mark, text string) {
	d.line("%s", mark)
	d.WriteString(text)
	if text != "" && !strings.HasSuffix(text, "\n") {
		d.WriteByte('\n')
	}
	d.line("%s", keepEnd)
}
