package main

import (
	"os"
	"strings"

	"github.com/benchfile/bench/pipeline"
)

// signs are the marks in the terminal: single-width, or ASCII where the terminal can't show more.
type signs struct {
	ok, fail, now, dot, dash, warn string
	verdict                        map[pipeline.VerdictKind]string
	rule                           string
}

func (a *app) signs() signs {
	if a.ascii || !utf8Locale() {
		return signs{ok: "ok", fail: "x", now: "*", dot: "o", dash: "-", warn: "!", rule: "-", verdict: map[pipeline.VerdictKind]string{
			pipeline.Keep: "+", pipeline.Maybe: "~", pipeline.Discard: "-", pipeline.Kill: "#",
			pipeline.Reject: "x", pipeline.Failed: "x", pipeline.Inconclusive: "?",
		}}
	}
	return signs{ok: "✓", fail: "✗", now: "●", dot: "○", dash: "–", warn: "!", rule: "─", verdict: map[pipeline.VerdictKind]string{
		pipeline.Keep: "●", pipeline.Maybe: "◆", pipeline.Discard: "○", pipeline.Kill: "■",
		pipeline.Reject: "✗", pipeline.Failed: "✗", pipeline.Inconclusive: "□",
	}}
}

// utf8Locale says whether the locale can show more than ASCII. No locale at all counts as a modern terminal.
func utf8Locale() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := os.Getenv(name); v != "" {
			return strings.Contains(strings.ToLower(strings.ReplaceAll(v, "-", "")), "utf8")
		}
	}
	return true
}

// ANSI colours by meaning.
const (
	red    = "31"
	green  = "32"
	yellow = "33"
	blue   = "34"
	purple = "35"
	faint  = "2"
	bold   = "1"
)

// paint colours a text when on is set.
func paint(on bool, code, text string) string {
	if !on || code == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// verdictColour is the colour of a verdict.
func verdictColour(k pipeline.VerdictKind) string {
	switch k {
	case pipeline.Keep:
		return green
	case pipeline.Maybe:
		return yellow
	case pipeline.Kill:
		return purple
	case pipeline.Reject, pipeline.Failed:
		return red
	case pipeline.Inconclusive:
		return blue
	}
	return faint
}

// printable keeps what a terminal shows and nothing that it obeys: no escapes, no bidirectional controls.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0):
			return -1
		case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f:
			return -1
		}
		return r
	}, s)
}

// printableLines is printable that keeps line ends.
func printableLines(s string) string {
	lines := strings.Split(strings.ReplaceAll(s, "\r", "\n"), "\n")
	for i := range lines {
		lines[i] = printable(lines[i])
	}
	return strings.Join(lines, "\n")
}
