package report

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Frame is a function in a place of the call tree, with what it and everything below it cost in two profiles.
type Frame struct {
	Name      string
	Base      float64 // samples, of the baseline
	Candidate float64
	Children  []*Frame
}

// Bounds on a call tree: what is deeper or more is counted where it was called from.
const (
	maxDepth  = 128
	maxFrames = 200_000
)

// Frames joins the folded stacks of two profiles into one call tree; nil where there are none. Both have to be of the
// same input and of a whole run each: then samples can be set side by side, and a tree that shrinks says where.
func Frames(baseline, candidate string) *Frame {
	root := &Frame{Name: "all"}
	t := tree{root: root, index: map[*Frame]map[string]*Frame{}}
	t.add(baseline, func(f *Frame, n float64) { f.Base += n })
	t.add(candidate, func(f *Frame, n float64) { f.Candidate += n })
	if root.Base <= 0 || root.Candidate <= 0 {
		return nil
	}
	root.sort()
	return root
}

type tree struct {
	root  *Frame
	index map[*Frame]map[string]*Frame
	n     int
}

func (t *tree) add(folded string, count func(*Frame, float64)) {
	for line := range strings.Lines(folded) {
		stack, number, ok := cutLast(strings.TrimSpace(line), " ")
		n, err := strconv.ParseFloat(number, 64)
		if !ok || err != nil || !(n > 0 && n <= 1e18) {
			continue
		}
		at := t.root
		count(at, n)
		for depth, name := range strings.SplitN(stack, ";", maxDepth+1) {
			if depth == maxDepth {
				break
			}
			if at = t.child(at, name); at == nil {
				break
			}
			count(at, n)
		}
	}
}

func (t *tree) child(f *Frame, name string) *Frame {
	if c := t.index[f][name]; c != nil {
		return c
	}
	if t.n++; t.n > maxFrames {
		return nil
	}
	c := &Frame{Name: name}
	if t.index[f] == nil {
		t.index[f] = map[string]*Frame{}
	}
	t.index[f][name] = c
	f.Children = append(f.Children, c)
	return c
}

// sort puts the heaviest child first, so that the same profiles give the same picture.
func (f *Frame) sort() {
	slices.SortStableFunc(f.Children, func(a, b *Frame) int {
		if c := cmp.Compare(b.Base, a.Base); c != 0 {
			return c
		}
		if c := cmp.Compare(b.Candidate, a.Candidate); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
	for _, c := range f.Children {
		c.sort()
	}
}

// Self is what the function cost by itself in each profile.
func (f *Frame) Self() (base, candidate float64) {
	base, candidate = f.Base, f.Candidate
	for _, c := range f.Children {
		base -= c.Base
		candidate -= c.Candidate
	}
	return base, candidate
}

// SelfShare is a function's own share before and after, as fractions of the whole baseline where the profiles allow it.
type SelfShare struct {
	Name          string
	Before, After Number
}

// Moved is how far it went, in fractions of the whole; absent where one of the profiles does not say.
func (s SelfShare) Moved() Number { return s.After - s.Before }

// Selfs sums every function's own cost over the tree, as fractions of the baseline's whole: the largest changes first.
func (f *Frame) Selfs() []SelfShare {
	at := map[string]int{}
	var out []SelfShare
	var walk func(*Frame)
	walk = func(x *Frame) {
		i, ok := at[x.Name]
		if !ok {
			i = len(out)
			at[x.Name] = i
			out = append(out, SelfShare{Name: x.Name})
		}
		base, candidate := x.Self()
		out[i].Before += Number(base / f.Base)
		out[i].After += Number(candidate / f.Base)
		for _, c := range x.Children {
			walk(c)
		}
	}
	for _, c := range f.Children {
		walk(c)
	}
	slices.SortStableFunc(out, func(a, b SelfShare) int { return cmp.Compare(abs(b.Moved()), abs(a.Moved())) })
	return out[:min(len(out), topFunctions)]
}

// Flame is the call tree of an experiment's profile over the baseline's, and the input that it is of; nil where the
// format has no stacks or not both were taken.
func (r *Report) Flame(x *Experiment) (*Frame, string) {
	b, c := r.Baseline.Profile, x.Profile
	if b == nil || c == nil || b.Format != "folded" || c.Format != "folded" {
		return nil, ""
	}
	for k := range c.Inputs {
		p := &c.Inputs[k]
		i := slices.IndexFunc(b.Inputs, func(q ProfileText) bool { return q.Input == p.Input })
		if i < 0 {
			continue
		}
		if f := Frames(b.Inputs[i].whole(), p.whole()); f != nil {
			return f, p.Input
		}
	}
	return nil, ""
}

// Shares sets an experiment's functions beside the baseline's: from the call trees where there are some, else from the
// lists of functions, in which one that only one of them has may have been below the other's last.
func (r *Report) Shares(x *Experiment) []SelfShare {
	if f, _ := r.Flame(x); f != nil {
		return f.Selfs()
	}
	var out []SelfShare
	at := map[string]int{}
	add := func(p *Profile, set func(*SelfShare, Number)) {
		if p == nil {
			return
		}
		for _, f := range p.Top {
			i, ok := at[f.Name]
			if !ok {
				i = len(out)
				at[f.Name] = i
				out = append(out, SelfShare{Name: f.Name, Before: None(), After: None()})
			}
			set(&out[i], f.Share)
		}
	}
	add(x.Profile, func(w *SelfShare, v Number) { w.After = v })
	if b := r.Baseline.Profile; b != nil && x.Profile != nil && b.TopOf == x.Profile.TopOf {
		add(b, func(w *SelfShare, v Number) { w.Before = v })
	}
	slices.SortStableFunc(out, func(a, b SelfShare) int { return cmp.Compare(abs(b.Moved()), abs(a.Moved())) })
	return out
}

// abs is a number's size; what is absent has none.
func abs(n Number) Number {
	switch {
	case !n.Known():
		return 0
	case n < 0:
		return -n
	}
	return n
}

func sortBy[T any, K cmp.Ordered](x []T, key func(T) K) {
	slices.SortStableFunc(x, func(a, b T) int { return cmp.Compare(key(a), key(b)) })
}
