package html

import (
	"bytes"

	"github.com/benchfile/bench/pipeline/report"
)

// Section is a part of a page that can be shown anew by itself: the whole element that says data-live="ID". The element
// has the same id, and no such element lies in another one.
type Section struct{ ID, HTML string }

// LiveID is the section of the step that is worked on. It is in every index.html, and empty when nothing is.
const LiveID = "live"

// Live renders that section alone, the same bytes as index.html holds for the same step. l may be nil.
func Live(l *report.Live) Section {
	var b bytes.Buffer
	if err := templates().ExecuteTemplate(&b, "live", l); err != nil {
		panic(err) // a template that doesn't fit: the tests render it
	}
	return Section{LiveID, b.String()}
}

// Sections finds the sections of a page that Site rendered. Such a page holds no "<" but in markup, since html/template
// escapes all others; so elements can be told by their tags.
func Sections(page []byte) []Section {
	const mark = ` data-live="`
	var out []Section
	for at := 0; ; {
		i := bytes.Index(page[at:], []byte(mark))
		if i < 0 {
			return out
		}
		i += at
		start := bytes.LastIndexByte(page[:i], '<')
		id, _, _ := bytes.Cut(page[i+len(mark):], []byte(`"`))
		end := elementEnd(page, start)
		if start < 0 || end < 0 {
			return out // not a page of ours
		}
		out = append(out, Section{string(id), string(page[start:end])})
		at = end
	}
}

// elementEnd is where the element ends that begins at start; −1 when it does not.
func elementEnd(page []byte, start int) int {
	if start < 0 {
		return -1
	}
	name := page[start+1:]
	for i, c := range name {
		if c == ' ' || c == '>' || c == '\n' {
			name = name[:i]
			break
		}
	}
	opening, closing := append([]byte("<"), name...), append(append([]byte("</"), name...), '>')
	depth := 0
	for at := start; ; {
		i := bytes.IndexByte(page[at:], '<')
		if i < 0 {
			return -1
		}
		at += i
		switch rest := page[at:]; {
		case bytes.HasPrefix(rest, closing):
			if depth--; depth == 0 {
				return at + len(closing)
			}
		case bytes.HasPrefix(rest, opening) && !nameGoesOn(rest[len(opening):]):
			depth++
		}
		at++
	}
}

// nameGoesOn tells <section from <sectional.
func nameGoesOn(rest []byte) bool {
	return len(rest) > 0 && (rest[0] == '-' || rest[0] >= '0' && rest[0] <= '9' || rest[0]|0x20 >= 'a' && rest[0]|0x20 <= 'z')
}
