package profile

import (
	"cmp"
	"math"
	"slices"
)

// Change is what became of a function between two profiles.
type Change struct {
	Name          string   `json:"name"`
	Before, After Function // a function that is absent has shares of 0 in a complete profile and Unknown in another
	// By is After − Before as a fraction of the whole (0.03: three percentage points more): of the self share, and of
	// the inclusive share where the profiles tell no other.
	By        float64 `json:"by"`
	Inclusive bool    `json:"inclusive,omitempty"` // By is of the inclusive share
	Known     bool    `json:"known"`               // By is known; else it is 0 and means nothing
}

// Delta compares two profiles function by function, the largest change first; those that cannot be compared come last.
// Where profiles are shares of different things (Of), nothing is known: their fractions are not comparable.
//
// Shares are of each profile's own whole: a function whose share grew may well take less time in a faster program.
func Delta(before, after Profile) []Change {
	old, now := index(before), index(after)
	changes := make([]Change, 0, len(old)+len(now))
	for k := range old {
		changes = append(changes, change(k, before, after, old, now))
	}
	for k := range now {
		if _, both := old[k]; !both {
			changes = append(changes, change(k, before, after, old, now))
		}
	}
	comparable := before.Of == after.Of && before.Unit == after.Unit
	for i := range changes {
		if !comparable {
			changes[i].By, changes[i].Known = 0, false
		}
	}
	slices.SortFunc(changes, larger)
	return changes
}

// name is a function's name and which of the same name it is: profilers that shorten names make several alike.
type name struct {
	text string
	nth  int
}

// index finds a profile's functions by name.
func index(p Profile) map[name]Function {
	at := make(map[name]Function, len(p.Functions))
	count := map[string]int{}
	for _, f := range p.Functions {
		at[name{f.Name, count[f.Name]}] = f
		count[f.Name]++
	}
	return at
}

// change compares one function.
func change(k name, before, after Profile, old, now map[name]Function) Change {
	a, b := lookup(k, before, old), lookup(k, after, now)
	c := Change{Name: k.text, Before: a, After: b}
	switch {
	case a.Self >= 0 && b.Self >= 0:
		c.By, c.Known = b.Self-a.Self, true
	case a.Inclusive >= 0 && b.Inclusive >= 0:
		c.By, c.Known, c.Inclusive = b.Inclusive-a.Inclusive, true, true
	}
	return c
}

// lookup is a function in a profile, or what its absence means there.
func lookup(k name, p Profile, at map[name]Function) Function {
	if f, ok := at[k]; ok {
		return f
	}
	if p.Complete {
		return Function{Name: k.text}
	}
	return Function{Name: k.text, Self: Unknown, Inclusive: Unknown}
}

// larger orders changes: known before unknown, large before small, then by name and shares so that the order is total.
func larger(a, b Change) int {
	if a.Known != b.Known {
		if a.Known {
			return -1
		}
		return 1
	}
	return cmp.Or(
		cmp.Compare(math.Abs(b.By), math.Abs(a.By)),
		cmp.Compare(a.Name, b.Name),
		heavier(a.Before, b.Before),
		heavier(a.After, b.After),
	)
}
