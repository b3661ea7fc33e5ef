package benchfile

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// value is what an attribute evaluated to, with where it is written. Its methods convert it, and report what does not fit.
type value struct {
	b      *block
	name   string
	rng    hcl.Range
	v      cty.Value
	hidden bool // must not be shown in messages
	secret bool // comes from a sensitive variable
}

// show is the value within a message.
func (x value) show() string {
	if x.hidden {
		return "(not shown)"
	}
	switch s, err := convert.Convert(x.v, cty.String); {
	case err != nil || !s.IsKnown() || s.IsNull():
		return kindOf(x.v)
	case x.v.Type() == cty.String:
		return clipped(strconv.Quote(s.AsString()))
	default:
		return clipped(s.AsString())
	}
}

// kindOf is the type of a value in the words of LANGUAGE.md.
func kindOf(v cty.Value) string {
	switch t := v.Type(); {
	case v.IsNull():
		return "null"
	case t == cty.String:
		return "a text"
	case t.IsTupleType(), t.IsListType():
		return "a list"
	case t.IsObjectType(), t.IsMapType():
		return "a map"
	case t == cty.Bool:
		return "true or false"
	default:
		return article(t.FriendlyName())
	}
}

// clipped keeps a message on one line.
func clipped(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:59]) + "…"
	}
	return s
}

func (x value) wrong(code, summary, detail, help string) {
	x.b.err(code, x.rng, summary, detail, help)
}

// mistyped reports a value of the wrong type.
func (x value) mistyped(want, example string) {
	got := kindOf(x.v)
	x.wrong(codeType, fmt.Sprintf("%s is %s", x.name, want), "this is "+got, "write it like this: "+x.name+" = "+example)
}

// text converts to a text; numbers and bools are written out.
func (x value) text() (string, bool) {
	s, err := convert.Convert(x.v, cty.String)
	if err != nil || !s.IsKnown() || s.IsNull() {
		x.mistyped("a text", `"…"`)
		return "", false
	}
	x.published()
	return s.AsString(), true
}

// published warns where a secret ends in what is recorded.
func (x value) published() {
	if x.secret {
		x.b.warn(codeWarnSecret, x.rng, fmt.Sprintf("%s contains a sensitive value, and is published", x.name), "",
			"let the command read it from a file, or hand it through environment { pass = [\"NAME\"] }")
	}
}

// texts converts to a list of texts.
func (x value) texts(example string) ([]string, bool) {
	t := x.v.Type()
	if !t.IsTupleType() && !t.IsListType() && !t.IsSetType() {
		x.mistyped("a list of texts", example)
		return nil, false
	}
	var out []string
	for it := x.v.ElementIterator(); it.Next(); {
		_, e := it.Element()
		s, err := convert.Convert(e, cty.String)
		if err != nil || !s.IsKnown() || s.IsNull() {
			what := "null"
			if !e.IsNull() {
				what = kindOf(e)
			}
			x.wrong(codeType, fmt.Sprintf("%s is a list of texts", x.name), fmt.Sprintf("element %d is %s", len(out), what),
				"let every element be a text; concat(a, b) and flatten(list) join lists")
			return nil, false
		}
		out = append(out, s.AsString())
	}
	x.published()
	return out, true
}

// pairs converts to a map of texts.
func (x value) pairs() (map[string]string, bool) {
	t := x.v.Type()
	if !t.IsObjectType() && !t.IsMapType() {
		x.mistyped("a map of texts", `{ NAME = "value" }`)
		return nil, false
	}
	out := make(map[string]string, x.v.LengthInt())
	for it := x.v.ElementIterator(); it.Next(); {
		k, e := it.Element()
		s, err := convert.Convert(e, cty.String)
		if err != nil || !s.IsKnown() || s.IsNull() {
			x.wrong(codeType, fmt.Sprintf("%s is a map of texts", x.name), fmt.Sprintf("%q is no text, number or bool", k.AsString()),
				"let every value be one; jsonencode(value) makes a text of anything")
			return nil, false
		}
		out[k.AsString()] = s.AsString()
	}
	x.published()
	return out, true
}

func (x value) bool() (bool, bool) {
	v, err := convert.Convert(x.v, cty.Bool)
	if err != nil || !v.IsKnown() || v.IsNull() {
		x.mistyped("true or false", "true")
		return false, false
	}
	return v.True(), true
}

// number converts to a finite number.
func (x value) number() (float64, bool) {
	v, err := convert.Convert(x.v, cty.Number)
	if err != nil || !v.IsKnown() || v.IsNull() {
		x.mistyped("a number", "1.5")
		return 0, false
	}
	f, _ := v.AsBigFloat().Float64()
	if math.IsInf(f, 0) {
		x.wrong(codeBounds, fmt.Sprintf("%s is too large", x.name), "", "write a number that fits into 64 bits")
		return 0, false
	}
	return f, true
}

// whole converts to a whole number between lo and hi.
func (x value) whole(lo, hi int64) (int64, bool) {
	v, err := convert.Convert(x.v, cty.Number)
	if err != nil || !v.IsKnown() || v.IsNull() {
		x.mistyped("a whole number", strconv.FormatInt(max(lo, 10), 10))
		return 0, false
	}
	n, accuracy := v.AsBigFloat().Int64()
	if accuracy != big.Exact || n < lo || n > hi {
		x.wrong(codeBounds, fmt.Sprintf("%s is a whole number from %d to %d, not %s", x.name, lo, hi, x.show()), "",
			"write a number in that range")
		return 0, false
	}
	return n, true
}

// wholes converts to a list of one to most whole numbers, each called one and between lo and hi.
func (x value) wholes(one string, lo, hi int64, most int, example string) ([]int64, bool) {
	if t := x.v.Type(); !t.IsTupleType() && !t.IsListType() && !t.IsSetType() {
		x.mistyped("a list of whole numbers", example)
		return nil, false
	}
	switch n := x.v.LengthInt(); {
	case n == 0:
		x.wrong(codeBounds, x.name+" is empty", "", "write for example "+x.name+" = "+example)
		return nil, false
	case n > most:
		x.wrong(codeBudget, fmt.Sprintf("%s has %d elements; at most %d are allowed", x.name, n, most), "", "write fewer, such as "+example)
		return nil, false
	}
	var out []int64
	for it := x.v.ElementIterator(); it.Next(); {
		_, e := it.Element()
		each := x
		each.v, each.name = e, one
		if e.IsNull() {
			each.mistyped("a whole number", "7")
			return nil, false
		}
		n, ok := each.whole(lo, hi)
		if !ok {
			return nil, false
		}
		out = append(out, n)
	}
	return out, true
}

// within reports a number outside of what the attribute takes; want says it in words.
func (x value) within(ok bool, want, help string) bool {
	if !ok {
		x.wrong(codeBounds, fmt.Sprintf("%s is %s, not %s", x.name, want, x.show()), "", help)
	}
	return ok
}

// word converts to one of some words.
func (x value) word(known ...string) (string, bool) {
	s, ok := x.text()
	if !ok {
		return "", false
	}
	for _, k := range known {
		if s == k {
			return s, true
		}
	}
	summary := fmt.Sprintf("%s cannot be %s", x.name, x.show())
	help := didYouMean(s, known, "it is one of")
	if len(known) == 1 {
		help = "write " + strconv.Quote(known[0]) + ", or leave it out"
	}
	x.wrong(codeWord, summary, "", help)
	return "", false
}

// duration converts "1h30m".
func (x value) duration() (time.Duration, bool) {
	const help = `write a number with its unit: "500ms", "90s", "10m", "1h30m"`
	s, ok := x.quantity("a duration", help)
	if !ok {
		return 0, false
	}
	d, err := time.ParseDuration(strings.ReplaceAll(s, " ", ""))
	switch {
	case err != nil || s == "0" || s == "+0" || s == "-0":
		x.wrong(codeUnit, fmt.Sprintf("%s is a duration, and %s is none", x.name, x.show()), "units are ms, s, m and h", help)
		return 0, false
	case d < 0:
		x.wrong(codeBounds, fmt.Sprintf("%s is negative", x.name), "", help)
		return 0, false
	}
	return d, true
}

// percent converts "5%" to 0.05.
func (x value) percent() (float64, bool) {
	const help = `write a number with a percent sign: "5%"`
	s, ok := x.quantity("a percentage", help)
	if !ok {
		return 0, false
	}
	digits, has := strings.CutSuffix(strings.TrimSpace(s), "%")
	f, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
	switch {
	case !has || err != nil || math.IsInf(f, 0) || math.IsNaN(f):
		x.wrong(codeUnit, fmt.Sprintf("%s is a percentage, and %s is none", x.name, x.show()), "", help)
		return 0, false
	case f < 0 || f > 1000:
		x.wrong(codeBounds, fmt.Sprintf("%s is out of range", x.name), "percentages go from 0% to 1000%", help)
		return 0, false
	}
	return f / 100, true
}

// sizeUnits are bytes by unit, longest names first.
var sizeUnits = [...]struct {
	name  string
	bytes float64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40},
	{"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"B", 1},
}

// size converts "64MiB" to bytes.
func (x value) size() (int64, bool) {
	const help = `write a number with its unit: "64MiB", "1GB"`
	s, ok := x.quantity("a size", help)
	if !ok {
		return 0, false
	}
	for _, u := range sizeUnits {
		digits, has := strings.CutSuffix(strings.TrimSpace(s), u.name)
		if !has {
			continue
		}
		f, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
		if err != nil || math.IsNaN(f) || f < 0 || f*u.bytes >= 1<<62 {
			break
		}
		return int64(math.Round(f * u.bytes)), true
	}
	x.wrong(codeUnit, fmt.Sprintf("%s is a size, and %s is none", x.name, x.show()), "units are B, kB, MB, GB, TB, KiB, MiB, GiB and TiB", help)
	return 0, false
}

// quantity is the text of a number with a unit. A bare number says nothing about its unit, so it is refused.
func (x value) quantity(what, help string) (string, bool) {
	switch x.v.Type() {
	case cty.String:
		return x.v.AsString(), x.v.IsKnown()
	case cty.Number:
		x.wrong(codeUnit, fmt.Sprintf("%s is %s, and %s has no unit", x.name, what, x.show()), "", help)
	default:
		x.wrong(codeType, fmt.Sprintf("%s is %s", x.name, what), "this is "+kindOf(x.v), help)
	}
	return "", false
}

// The getters below read an attribute that may be absent; they return the default where it is, or where it is wrong.

func (b *block) text(name, def string) string {
	if x, ok := b.eval(name); ok {
		if s, ok := x.text(); ok {
			return s
		}
	}
	return def
}

func (b *block) texts(name, example string) []string {
	if x, ok := b.eval(name); ok {
		s, _ := x.texts(example)
		return s
	}
	return nil
}

func (b *block) flag(name string, def bool) bool {
	if x, ok := b.eval(name); ok {
		if v, ok := x.bool(); ok {
			return v
		}
	}
	return def
}

func (b *block) whole(name string, def, lo, hi int64) int64 {
	if x, ok := b.eval(name); ok {
		if n, ok := x.whole(lo, hi); ok {
			return n
		}
	}
	return def
}

func (b *block) duration(name string) time.Duration {
	if x, ok := b.eval(name); ok {
		d, _ := x.duration()
		return d
	}
	return 0
}

func (b *block) percent(name string, def float64) float64 {
	if x, ok := b.eval(name); ok {
		if f, ok := x.percent(); ok {
			return f
		}
	}
	return def
}
