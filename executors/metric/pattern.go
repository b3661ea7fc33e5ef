package metric

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/benchfile/bench/pipeline"
)

// fromRegex finds a number by a pattern in Go's (RE2's) syntax. Each line is matched on its own: ^ and $ are its ends.
// The number is what the first group that took part matched, so that alternatives may each have a group; without
// groups, the whole match.
func fromRegex(m pipeline.Metric, out Output) (float64, error) {
	pattern, err := regexp.Compile(m.From.Expr)
	if err != nil {
		return 0, fmt.Errorf("pattern %s: %w", quote(m.From.Expr), err)
	}
	if strings.Contains(m.From.Expr, `\n`) || strings.Contains(m.From.Expr, "\n") {
		return 0, fmt.Errorf("pattern %s: it spans lines, but each line is matched on its own", quote(m.From.Expr))
	}
	return search(m, out, func(line string) []string {
		var texts []string
		for _, match := range pattern.FindAllStringSubmatchIndex(line, -1) {
			texts = append(texts, matched(line, match))
		}
		return texts
	}, "no line of "+source(m)+" matches "+quote(m.From.Expr))
}

// matched is the text of the first group that took part, or of the whole match.
func matched(line string, match []int) string {
	for g := 2; g < len(match); g += 2 {
		if match[g] >= 0 {
			return line[match[g]:match[g+1]]
		}
	}
	return line[match[0]:match[1]]
}

// search reads the output line by line, takes every text that candidates finds as a number, and returns the one value
// that they all have.
func search(m pipeline.Metric, out Output, candidates func(line string) []string, none string) (float64, error) {
	f, err := open(m, out)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	var s scan
	var got found
	err = s.each(f, func(line string) error {
		for _, text := range candidates(line) {
			value, err := number(text, m)
			if err != nil {
				return fmt.Errorf("line %d of %s, %s: %w", s.lines, source(m), quote(strings.TrimSpace(line)), err)
			}
			if err := got.add(value, s.lines, line); err != nil {
				return fmt.Errorf("%s: %w", source(m), err)
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	if !got.seen {
		return 0, fmt.Errorf("%s (%s)", none, s.searched())
	}
	return got.value, nil
}

// keyValue is what may follow a key: a number with its unit, or a word that stands for no number and must be refused.
var keyValue = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^["']?([+-]?(?:(?i:nan|inf(?:inity)?)\b|(?:[0-9]|\.[0-9])[0-9.,_]*(?:[eE][+-]?[0-9]+)?(?:[a-zA-Zµμ%][0-9a-zA-Zµμ%./]*)?))`)
})

// valueAt is the number that text begins with, or "": a number ends at a blank, a bracket, a quote or a separator, so
// that "12/34" and "2026-01-16" are none.
func valueAt(text string) string {
	v := keyValue().FindStringSubmatch(text)
	if v == nil {
		return ""
	}
	if rest := text[len(v[0]):]; rest != "" && !strings.ContainsRune(" \t,;|()[]{}<>\"'", rune(rest[0])) {
		return ""
	}
	return strings.TrimRight(v[1], ".,")
}

// fromKey finds the number behind "KEY=" or "KEY:", with any blanks around the sign. The key and the number may be in
// quotes, as in JSON. The key must be a whole word: "steps" is not in "total_steps=5", nor in "sub.steps=5".
func fromKey(m pipeline.Metric, out Output) (float64, error) {
	key := strings.TrimSpace(m.From.Expr)
	if key == "" {
		return 0, fmt.Errorf("the key is empty")
	}
	pattern, err := regexp.Compile(`(?:^|[^0-9A-Za-z_.\-])["']?` + regexp.QuoteMeta(key) + `["']?\s*[=:]\s*`)
	if err != nil { // a key that is no UTF-8
		return 0, fmt.Errorf("key %s: %w", quote(key), err)
	}
	odd := "" // what followed the key where no number did
	value, err := search(m, out, func(line string) []string {
		var texts []string
		for _, at := range pattern.FindAllStringIndex(line, -1) {
			if text := valueAt(line[at[1]:]); text != "" {
				texts = append(texts, text)
			} else if odd == "" {
				odd = strings.TrimSpace(line)
			}
		}
		return texts
	}, "no \""+key+"=NUMBER\" or \""+key+": NUMBER\" in "+source(m))
	if err != nil && odd != "" {
		return 0, fmt.Errorf("%w; the key is in %s, but no number follows", err, quote(odd))
	}
	return value, err
}
