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
	Text     string // of a heading
	Words    []word // of all others
}

// fileDiff is what a patch does to one file.
type fileDiff struct {
	Name  string
	Lines []diffLine
}

// patch is a patch as the page shows it.
type patch struct {
	Files []fileDiff
	Cut   int // lines that are not shown
}

// diffReader goes through a patch line by line.
type diffReader struct {
	patch
	shown    int
	old, now int
	inHunk   bool
	language language
}

// diff reads a unified diff. What is no diff is shown as it is.
func diff(text string) patch {
	var d diffReader
	for line := range strings.Lines(text) {
		line = report.Clean(strings.TrimRight(line, "\r\n"))
		if d.shown >= diffMost {
			d.Cut++
			continue
		}
		d.line(line)
	}
	return d.patch
}

func (d *diffReader) line(line string) {
	switch {
	case strings.HasPrefix(line, "diff --git "):
		d.inHunk = false
		d.file(line)
	case strings.HasPrefix(line, "@@ -"):
		d.inHunk = true
		d.old, d.now = hunk(line)
		d.add(diffLine{Class: "h", Text: line})
	case !d.inHunk:
		if !strings.HasPrefix(line, "index ") && !strings.HasPrefix(line, "--- ") && !strings.HasPrefix(line, "+++ ") {
			d.add(diffLine{Class: "h", Text: line})
		}
	case strings.HasPrefix(line, "+"):
		d.add(diffLine{Class: "a", New: strconv.Itoa(d.now), Sign: "+", Words: words(line[1:], d.language)})
		d.now++
	case strings.HasPrefix(line, "-"):
		d.add(diffLine{Class: "d", Old: strconv.Itoa(d.old), Sign: "−", Words: words(line[1:], d.language)})
		d.old++
	case strings.HasPrefix(line, `\`):
		d.add(diffLine{Class: "h", Text: line})
	default:
		d.add(diffLine{Old: strconv.Itoa(d.old), New: strconv.Itoa(d.now), Words: words(strings.TrimPrefix(line, " "), d.language)})
		d.old++
		d.now++
	}
}

// file begins the part of another file, named as after the change.
func (d *diffReader) file(line string) {
	name := strings.TrimPrefix(line, "diff --git ")
	if i := strings.LastIndex(name, " b/"); i >= 0 {
		name = name[i+len(" b/"):]
	}
	d.language = languageOf(name)
	d.Files = append(d.Files, fileDiff{Name: name})
	d.add(diffLine{Class: "h", Text: name})
}

func (d *diffReader) add(l diffLine) {
	if len(d.Files) == 0 {
		d.Files = append(d.Files, fileDiff{Name: "the code"})
	}
	f := &d.Files[len(d.Files)-1]
	f.Lines = append(f.Lines, l)
	d.shown++
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
