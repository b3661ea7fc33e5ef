package benchfile

import (
	"slices"
	"strconv"
	"strings"

	"github.com/agext/levenshtein"
)

// maxNearest bounds how many names are compared.
const maxNearest = 2_000

// nearest is the name that was probably meant, or "". A third of the letters may be wrong; case does not count.
func nearest(given string, names []string) string {
	best, bestDistance := "", 0
	given = strings.ToLower(given)
	if len(given) > 100 {
		return ""
	}
	names = names[:min(len(names), maxNearest)]
	for _, n := range names {
		limit := max(len(given), len(n)) / 3
		if max(len(given)-len(n), len(n)-len(given)) > limit {
			continue
		}
		distance := levenshtein.Distance(given, strings.ToLower(n), nil)
		if distance == 2 && sameLetters(given, strings.ToLower(n)) {
			distance = 1 // two letters changed places: the commonest slip there is
		}
		if distance > limit {
			continue
		}
		if best == "" || distance < bestDistance {
			best, bestDistance = n, distance
		}
	}
	return best
}

// sameLetters says whether two words are made of the same letters.
func sameLetters(a, b string) bool {
	x, y := []byte(a), []byte(b)
	slices.Sort(x)
	slices.Sort(y)
	return string(x) == string(y)
}

// didYouMean begins a help line with the nearest name, and lists what there is.
func didYouMean(given string, names []string, label string) string {
	list := label + ": " + listing(names)
	if len(names) == 0 {
		list = ""
	}
	if n := nearest(given, names); n != "" {
		return strings.TrimSpace("did you mean " + strconv.Quote(n) + "? " + list)
	}
	return list
}

// maxListed bounds how many names a message lists.
const maxListed = 12

// listing is a list of names for people, sorted.
func listing(names []string) string {
	names = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == "" })
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) > maxListed {
		return strings.Join(names[:maxListed], ", ") + " and " + strconv.Itoa(len(names)-maxListed) + " more"
	}
	return strings.Join(names, ", ")
}
