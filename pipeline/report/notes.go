package report

import (
	"strings"

	"github.com/benchfile/bench/pipeline"
)

// Note is a learning or an idea.
type Note struct {
	Text   string `json:"text"`
	Done   bool   `json:"done,omitempty"`
	Source string `json:"source"` // "tracker", "benchfile", or the status of the experiment it comes from
	ID     string `json:"id,omitempty"`
	Reason string `json:"reason,omitempty"`
}

func (b *builder) learnings() []Note {
	out := []Note{}
	for _, n := range b.in.Study.Learnings {
		out = append(out, Note{Text: n.Text, Source: "benchfile"})
	}
	return append(out, items(b.in.Notes.Learnings)...)
}

// backlog is what is worth trying another time: what people wrote, what is promising, and what was not got to.
func (b *builder) backlog(r *Report) []Note {
	out := []Note{}
	for _, n := range b.in.Study.Ideas {
		out = append(out, Note{Text: n.Text, Done: n.Done, Source: "benchfile"})
	}
	out = append(out, items(b.in.Notes.Ideas)...)
	for i := range r.Experiments {
		x := &r.Experiments[i]
		n := Note{Text: x.Title, Source: x.Status, ID: x.ID, Reason: x.Reason}
		switch {
		case x.Status == string(pipeline.Maybe):
			n.Reason = "promising alone, may count together with others: " + x.Reason
		case x.Status == string(pipeline.Inconclusive):
		case x.Status == StatusSkipped:
		case x.Status == string(pipeline.Failed):
		default:
			continue
		}
		out = append(out, n)
	}
	return out
}

// items reads a list that a person wrote in Markdown: each list item is one note, "[x]" is done. Text that is not in a
// list is one note for each paragraph.
func items(markdown string) []Note {
	var out []Note
	paragraph := false
	for line := range strings.Lines(markdown) {
		text := strings.TrimSpace(line)
		item, isItem := listItem(text)
		switch {
		case text == "" || strings.HasPrefix(text, "<!--"):
			paragraph = false
		case isItem:
			n := Note{Text: item, Source: "tracker"}
			if rest, ok := cutBox(item); ok {
				n.Text, n.Done = rest, strings.HasPrefix(item, "[x]") || strings.HasPrefix(item, "[X]")
			}
			out, paragraph = append(out, n), true
		case paragraph:
			out[len(out)-1].Text += " " + text
		default:
			out, paragraph = append(out, Note{Text: text, Source: "tracker"}), true
		}
	}
	return out
}

// listItem is the text after "- ", "* ", "+ " or "1. ".
func listItem(s string) (string, bool) {
	for _, mark := range []string{"- ", "* ", "+ "} {
		if rest, ok := strings.CutPrefix(s, mark); ok {
			return strings.TrimSpace(rest), true
		}
	}
	digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
	if digits > 0 && digits < 10 && (strings.HasPrefix(s[digits:], ". ") || strings.HasPrefix(s[digits:], ") ")) {
		return strings.TrimSpace(s[digits+2:]), true
	}
	return s, false
}

func cutBox(s string) (string, bool) {
	for _, box := range []string{"[ ]", "[x]", "[X]"} {
		if rest, ok := strings.CutPrefix(s, box); ok {
			return strings.TrimSpace(rest), true
		}
	}
	return s, false
}
