// Package profile reads what profilers wrote into one table: which function took which share. It does not know what was
// profiled, does not run profilers, and does not judge.
//
// A share is a fraction of the whole, 0.05 for 5 %. A function's self share is what it took by itself; its inclusive
// share counts what it called as well. Inclusive shares of different functions overlap (a caller's contains its
// callee's), so they are never added up, and neither is turned into the other: what a format does not say is -1.
package profile

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Unknown is the share that a profile does not tell.
const Unknown = -1

// Profile is what a profiler found.
type Profile struct {
	Functions []Function `json:"functions,omitempty"` // in the order of Top
	Total     float64    `json:"total"`               // what the shares are fractions of, in Unit; Unknown
	Unit      string     `json:"unit,omitempty"`      // "count", "cost"; "" where there is no table
	Of        string     `json:"of,omitempty"`        // the profiler's word for the whole, where versions differ in it
	// Complete says that a function which is not there took nothing. In a list of the top functions it may have taken
	// anything below the last one.
	Complete bool   `json:"complete,omitempty"`
	Text     string `json:"-"` // as the profiler wrote it
}

// Function is one function of a profile.
type Function struct {
	Name      string  `json:"name"`
	Self      float64 `json:"self"`      // fraction; Unknown
	Inclusive float64 `json:"inclusive"` // fraction; Unknown
}

// formats is the one table of formats that can be read.
var formats = [...]struct {
	name  string
	parse func([]byte) (Profile, error)
}{
	{"text", parseText},
	{"folded", parseFolded},
	{"ziskemu", parseZiskemu},
}

// Formats names the formats that Parse reads.
func Formats() []string {
	names := make([]string, 0, len(formats))
	for _, f := range formats {
		names = append(names, f.name)
	}
	return names
}

// Parse reads a profile. What it does not recognise is an error that quotes the line, never a share of zero.
func Parse(format string, raw []byte) (Profile, error) {
	for _, f := range formats {
		if f.name != format {
			continue
		}
		p, err := f.parse(raw)
		if err != nil {
			return Profile{}, fmt.Errorf("%s profile: %w", format, err)
		}
		p.Text = string(raw)
		slices.SortStableFunc(p.Functions, heavier)
		return p, nil
	}
	return Profile{}, fmt.Errorf("no profile format is called %q; there are %s", format, strings.Join(Formats(), ", "))
}

// parseText takes any text as it is: it is shown, but nothing is known of its functions.
func parseText([]byte) (Profile, error) { return Profile{Total: Unknown}, nil }

// heavier orders functions by what they took themselves, then by what they took with their callees, then by name.
func heavier(a, b Function) int {
	return cmp.Or(cmp.Compare(b.Self, a.Self), cmp.Compare(b.Inclusive, a.Inclusive), cmp.Compare(a.Name, b.Name))
}

// Top is the first n functions by self share; by inclusive share in a profile that tells no other.
func (p Profile) Top(n int) []Function {
	return slices.Clone(p.Functions[:min(max(n, 0), len(p.Functions))])
}

// lines gives the lines of raw with their numbers from 1, without their ends.
func lines(raw []byte) func(yield func(int, string) bool) {
	return func(yield func(int, string) bool) {
		n := 0
		for line := range bytes.Lines(raw) {
			n++
			if !yield(n, string(bytes.TrimRight(line, "\r\n"))) {
				return
			}
		}
	}
}

// unrecognised is the error for a line that is not what the format says.
func unrecognised(n int, line, want string) error {
	const most = 160
	cut := ""
	if r := []rune(line); len(r) > most {
		line, cut = string(r[:most]), "…"
	}
	return fmt.Errorf("line %d: %q%s is not %s", n, line, cut, want)
}
