package html

import (
	"strconv"
	"strings"

	"github.com/benchfile/bench/pipeline/report"
)

// diffMost bounds the lines of a patch that a page shows; the whole of it is in changes.patch.
const diffMost = 2000

// diffLine is a line of a patch with its numbers on both sides.
type diffLine struct {
	Class    string // "a" added, "d" deleted, "h" heading, "" as it was
	Old, New string
	Sign     string
	Text     string
}

// patch is a patch as the page shows it.
type patch struct {
	Lines []diffLine
	Cut   int // lines that are not shown
}

// diff reads a unified diff line by line. What is no diff is shown as it is.
func diff(text string) patch {
	var p patch
	var old, now int
	inHunk := false
	for line := range strings.Lines(text) {
		line = report.Clean(strings.TrimRight(line, "\r\n"))
		if len(p.Lines) >= diffMost {
			p.Cut++
			continue
		}
		switch {
		case strings.HasPrefix(line, "diff --git "):
			inHunk = false
			p.Lines = append(p.Lines, diffLine{Class: "h", Text: line})
		case strings.HasPrefix(line, "@@ -"):
			inHunk = true
			old, now = hunk(line)
			p.Lines = append(p.Lines, diffLine{Class: "h", Text: line})
		case !inHunk:
			if !strings.HasPrefix(line, "index ") && !strings.HasPrefix(line, "--- ") && !strings.HasPrefix(line, "+++ ") {
				p.Lines = append(p.Lines, diffLine{Class: "h", Text: line})
			}
		case strings.HasPrefix(line, "+"):
			p.Lines = append(p.Lines, diffLine{Class: "a", New: strconv.Itoa(now), Sign: "+", Text: line[1:]})
			now++
		case strings.HasPrefix(line, "-"):
			p.Lines = append(p.Lines, diffLine{Class: "d", Old: strconv.Itoa(old), Sign: "−", Text: line[1:]})
			old++
		case strings.HasPrefix(line, `\`):
			p.Lines = append(p.Lines, diffLine{Class: "h", Text: line})
		default:
			p.Lines = append(p.Lines, diffLine{Old: strconv.Itoa(old), New: strconv.Itoa(now), Text: strings.TrimPrefix(line, " ")})
			old++
			now++
		}
	}
	return p
}

// hunk is 41, 43 in "@@ -41,14 +43,19 @@".
func hunk(line string) (old, now int) {
	fields := strings.Fields(line)
	if len(fields) < 3 {
		return 0, 0
	}
	number := func(s string) int {
		s, _, _ = strings.Cut(strings.TrimLeft(s, "+-"), ",")
		n, err := strconv.Atoi(s)
		if err != nil {
			return 0
		}
		return n
	}
	return number(fields[1]), number(fields[2])
}
