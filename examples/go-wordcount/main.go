// Command wordcount prints how many words a text has, how many different ones, and the twenty most frequent.
package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: wordcount FILE")
		os.Exit(2)
	}
	f, err := os.Open(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "wordcount:", err)
		os.Exit(1)
	}
	defer f.Close()
	words, err := count(f)
	if err != nil {
		fmt.Fprintln(os.Stderr, "wordcount:", err)
		os.Exit(1)
	}
	report(os.Stdout, words)
}

// count returns how often each word occurs. A word is a run of letters, digits and apostrophes; case does not count.
func count(r io.Reader) (map[string]int, error) {
	words := make(map[string]int)
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		for _, word := range split(lines.Text()) {
			words[word]++
		}
	}
	return words, lines.Err()
}

// split returns the words of a line.
func split(line string) []string {
	return strings.FieldsFunc(strings.ToLower(line), func(r rune) bool { return !inWord(r) })
}

func inWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '\''
}

// entry is a word and how often it occurs.
type entry struct {
	word string
	n    int
}

// report prints the totals and the most frequent words, those that are equally frequent in alphabetical order.
func report(w io.Writer, words map[string]int) {
	var all []entry
	total := 0
	for word, n := range words {
		all = append(all, entry{word, n})
		total += n
	}
	slices.SortFunc(all, func(a, b entry) int {
		return cmp.Or(cmp.Compare(b.n, a.n), strings.Compare(a.word, b.word))
	})
	fmt.Fprintf(w, "words=%d different=%d\n", total, len(all))
	for _, e := range all[:min(20, len(all))] {
		fmt.Fprintf(w, "%7d %s\n", e.n, e.word)
	}
}
