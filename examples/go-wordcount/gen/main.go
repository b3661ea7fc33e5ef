// Command gen writes a text of made-up words that are as frequent as words are in real texts (Zipf's law): the same for
// the same seed. Some words begin with capitals, some have an apostrophe or a letter beyond ASCII, as in real texts.
package main

import (
	"bufio"
	"flag"
	"math/rand/v2"
	"os"
	"strings"
)

func main() {
	seed := flag.Uint64("seed", 1, "of the random numbers")
	words := flag.Int("words", 100_000, "length of the text")
	vocabulary := flag.Uint64("vocabulary", 20_000, "how many different words there are to choose from")
	flag.Parse()
	rng := rand.New(rand.NewPCG(*seed, 0))
	known := make([]string, *vocabulary)
	for i := range known {
		known[i] = word(rng)
	}
	zipf := rand.NewZipf(rng, 1.1, 4, *vocabulary-1)
	out := bufio.NewWriter(os.Stdout)
	column := 0
	for range *words {
		w := known[zipf.Uint64()]
		switch rng.IntN(16) {
		case 0:
			w = strings.ToUpper(w[:1]) + w[1:]
		case 1:
			w += ","
		case 2:
			w += "'s"
		}
		if column += len(w) + 1; column > 100 {
			out.WriteByte('\n')
			column = len(w) + 1
		}
		out.WriteString(w + " ")
	}
	out.WriteByte('\n')
	if err := out.Flush(); err != nil {
		os.Exit(1)
	}
}

// word makes up a word of one to four syllables.
func word(rng *rand.Rand) string {
	first := []string{"b", "br", "c", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "s", "st", "t", "th", "v", "w", "z"}
	middle := []string{"a", "e", "i", "o", "u", "ea", "ou", "ä", "é"}
	last := []string{"", "", "n", "r", "s", "t"}
	var b strings.Builder
	for range 1 + rng.IntN(4) {
		b.WriteString(first[rng.IntN(len(first))] + middle[rng.IntN(len(middle))] + last[rng.IntN(len(last))])
	}
	return b.String()
}
