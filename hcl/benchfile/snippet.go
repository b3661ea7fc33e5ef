package benchfile

import (
	"bytes"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

const (
	maxSnippetLines = 3   // of a range: more than this shows nothing more
	maxSnippetLine  = 240 // bytes of one line: a generated Benchfile may be one line
)

// snippet cuts the lines of a range out of a file, with one line on each side.
func snippet(src []byte, rng hcl.Range, where string) *Snippet {
	if rng.Start.Byte == 0 && rng.End.Byte == 0 {
		return nil // about the whole file: its first line has nothing to do with it
	}
	start, end := clamp(rng.Start.Byte, len(src)), clamp(rng.End.Byte, len(src))
	end = max(start, end)
	first, last := lineStart(src, start), lineEnd(src, start)
	for n := 1; n < maxSnippetLines && last < end; n++ {
		last = lineEnd(src, last+1)
	}
	end = min(end, last)
	s := &Snippet{StartLine: rng.Start.Line, Values: []string{}}
	if where != "" {
		s.Context = &where
	}
	if last-first > maxSnippetLine {
		first, last = max(first, start-maxSnippetLine/2), min(last, start+maxSnippetLine/2)
		end = min(end, last)
	} else {
		first, last = widen(src, first, last, s)
	}
	s.Code = strings.ToValidUTF8(string(src[first:last]), "?")
	s.HighlightStartOffset = len(strings.ToValidUTF8(string(src[first:start]), "?"))
	s.HighlightEndOffset = s.HighlightStartOffset + len(strings.ToValidUTF8(string(src[start:end]), "?"))
	return s
}

// widen takes in the line before and the line after, when they are short enough to help.
func widen(src []byte, first, last int, s *Snippet) (int, int) {
	if first > 0 {
		if before := lineStart(src, first-1); first-before <= maxSnippetLine && len(bytes.TrimSpace(src[before:first])) > 0 {
			first = before
			s.StartLine--
		}
	}
	if last < len(src) {
		if after := lineEnd(src, last+1); after-last <= maxSnippetLine && len(bytes.TrimSpace(src[last:after])) > 0 {
			last = after
		}
	}
	return first, last
}

func clamp(n, limit int) int { return max(0, min(n, limit)) }

// lineStart is where the line begins that byte at is in.
func lineStart(src []byte, at int) int { return bytes.LastIndexByte(src[:at], '\n') + 1 }

// lineEnd is where the line ends that byte at is in: at its newline, or at the end of the file.
func lineEnd(src []byte, at int) int {
	at = min(at, len(src))
	if n := bytes.IndexByte(src[at:], '\n'); n >= 0 {
		return at + n
	}
	return len(src)
}
