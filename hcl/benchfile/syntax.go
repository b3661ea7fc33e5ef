package benchfile

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// syntax adds what the parser said, in our words where we have better ones.
func (c *collector) syntax(diags hcl.Diagnostics) {
	for _, h := range diags {
		f := found{severity: Error, code: codeSyntax, summary: lower(h.Summary), detail: sentence(h.Detail), help: syntaxHelp(h)}
		if h.Severity == hcl.DiagWarning {
			f.severity = Warning
		}
		if h.Subject != nil {
			f.rng = *h.Subject
		}
		if w, ok := syntaxWords(h.Summary); ok {
			f.summary, f.detail, f.help = w.summary, w.detail, w.help
		}
		c.add(f)
	}
}

// openString is what is said of a string that goes over the end of its line.
const openString = "a quoted string ends on the line it began on"

type words struct{ summary, detail, help string }

// syntaxWords says the commonest mistakes so that a newcomer knows what to do.
func syntaxWords(summary string) (words, bool) {
	switch summary {
	case "Invalid single-argument block definition":
		return words{"a block on one line holds one argument", "",
			"put the opening brace at the end of the line, each argument on a line of its own, and the closing brace on another"}, true
	case "Unclosed configuration block":
		return words{"this block is never closed", "", `add the missing "}"`}, true
	case "Missing newline after argument":
		return words{"two arguments share a line", "", "put each argument on a line of its own"}, true
	case "Missing item separator":
		return words{"the elements of a list are separated by commas", "here is neither a comma nor the end of the list", `add the missing "," or "]"`}, true
	case "Missing attribute separator":
		return words{"the elements of a map are separated by commas or new lines", "", `add the missing "," or "}"`}, true
	case "Missing newline after block definition":
		return words{"something follows the end of a block on the same line", "", "begin a new line behind the closing brace"}, true
	case "Attribute redefined":
		return words{"this attribute is set twice in the same block", "", "keep one of the two"}, true
	case "Invalid multi-line string":
		return words{openString, "",
			`close the quote, or write a long text as a heredoc: description = <<-END … END`}, true
	case "Unterminated template string", "Unterminated string literal":
		return words{"this string is never closed", "", `add the missing quote (")`}, true
	case "Invalid escape sequence":
		return words{"there is no such escape sequence", `the escapes are \n \r \t \" \\ \uNNNN \UNNNNNNNN`,
			`write a backslash twice: "(\\d+)"`}, true
	case "Invalid argument name":
		return words{"the name of an attribute is not quoted", "", "write it without the quotes"}, true
	}
	return words{}, false
}

// syntaxHelp is the mend where the parser's own words say what is wrong.
func syntaxHelp(h *hcl.Diagnostic) string {
	switch {
	case strings.Contains(h.Summary, "Unsupported operator"):
		return `write "&&" for and, "||" for or; there are no bitwise operators`
	case strings.Contains(h.Summary, "Invalid character"):
		return "remove it, or put it into a quoted string"
	case strings.HasPrefix(h.Summary, "Unterminated"), strings.HasPrefix(h.Summary, "Unclosed"), strings.HasPrefix(h.Summary, "Unbalanced"):
		return "add the bracket or quote that closes it"
	case strings.HasPrefix(h.Summary, "Argument or block definition required"), strings.HasPrefix(h.Summary, "Invalid block definition"):
		return `write NAME = VALUE for an attribute, or NAME "LABEL" { … } for a block`
	case strings.HasPrefix(h.Summary, "Missing") && strings.Contains(h.Summary, "expression"), strings.HasPrefix(h.Summary, "Invalid expression"):
		return "write a value: a quoted string, a number, true, false, a list in [ ] or a map in { }"
	}
	return "see hcl/LANGUAGE.md for what may stand here"
}

// lower begins a message with a small letter, as ours do, unless it begins with a name.
func lower(s string) string {
	if len(s) > 1 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'a' && s[1] <= 'z' {
		return strings.ToLower(s[:1]) + s[1:]
	}
	return s
}

// sentence is a detail without its final period.
func sentence(s string) string { return lower(strings.TrimSuffix(strings.TrimSpace(s), ".")) }
