package benchfile

import (
	"errors"
	"fmt"
	"math"
	"path"
	"slices"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// Bounds of single function calls: what they make of small arguments can be arbitrarily large.
const (
	maxRange    = 10_000
	maxProduct  = 10_000
	maxDistinct = 1_000 // compared pair by pair
	maxText     = 1 << 20
	maxPadding  = 1_000 // width and precision in a format
)

// functions are those that every expression may call. All are pure; env alone looks outside, and is recorded.
func (d *decoder) functions() map[string]function.Function {
	return map[string]function.Function{
		"abs": stdlib.AbsoluteFunc, "basename": pathFunc(path.Base), "ceil": stdlib.CeilFunc, "concat": stdlib.ConcatFunc,
		"contains": stdlib.ContainsFunc, "dirname": pathFunc(path.Dir), "distinct": bounded(stdlib.DistinctFunc, fewElements),
		"env": d.envFunction(), "flatten": stdlib.FlattenFunc, "floor": stdlib.FloorFunc,
		"format": bounded(stdlib.FormatFunc, narrowFormat), "join": bounded(stdlib.JoinFunc, shortJoin),
		"jsonencode": stdlib.JSONEncodeFunc, "keys": stdlib.KeysFunc, "length": lengthFunc(), "lookup": stdlib.LookupFunc,
		"lower": stdlib.LowerFunc, "max": stdlib.MaxFunc, "merge": stdlib.MergeFunc, "min": stdlib.MinFunc,
		"range": rangeFunc(), "replace": bounded(stdlib.ReplaceFunc, shortReplace),
		"setproduct": bounded(stdlib.SetProductFunc, smallProduct), "sort": stdlib.SortFunc, "split": stdlib.SplitFunc,
		"tobool": stdlib.MakeToFunc(cty.Bool), "tolist": stdlib.MakeToFunc(cty.List(cty.DynamicPseudoType)),
		"tomap": stdlib.MakeToFunc(cty.Map(cty.DynamicPseudoType)), "tonumber": stdlib.MakeToFunc(cty.Number),
		"toset": stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)), "tostring": stdlib.MakeToFunc(cty.String),
		"trimprefix": stdlib.TrimPrefixFunc, "trimspace": stdlib.TrimSpaceFunc, "trimsuffix": stdlib.TrimSuffixFunc,
		"upper": stdlib.UpperFunc, "values": stdlib.ValuesFunc, "zipmap": stdlib.ZipmapFunc,
	}
}

// bounded asks check before a function computes anything.
func bounded(f function.Function, check func(args []cty.Value) error) function.Function {
	return function.New(&function.Spec{
		Params: f.Params(), VarParam: f.VarParam(),
		Type: func(args []cty.Value) (cty.Type, error) {
			if slices.ContainsFunc(args, func(a cty.Value) bool { return !a.IsWhollyKnown() || a.IsNull() }) {
				return f.ReturnTypeForValues(args)
			}
			if err := check(args); err != nil {
				return cty.NilType, err
			}
			return f.ReturnTypeForValues(args)
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return f.Call(args) },
	})
}

// rangeFunc counts: range(limit), range(start, limit), range(start, limit, step). It is HCL's own with another bound.
func rangeFunc() function.Function {
	return function.New(&function.Spec{
		VarParam: &function.Parameter{Name: "numbers", Type: cty.Number},
		Type:     function.StaticReturnType(cty.List(cty.Number)),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			start, limit, step, err := rangeArguments(args)
			if err != nil {
				return cty.NilVal, err
			}
			n := math.Ceil((limit - start) / step)
			switch {
			case step == 0 || n < 0:
				return cty.NilVal, errors.New("the step does not lead to the limit")
			case n > maxRange || math.IsNaN(n):
				return cty.NilVal, tooMuchf("it would yield %.0f numbers; at most %d are allowed", n, maxRange)
			case n == 0:
				return cty.ListValEmpty(cty.Number), nil
			}
			out := make([]cty.Value, int(n))
			for i := range out {
				out[i] = cty.NumberFloatVal(start + float64(i)*step)
			}
			return cty.ListVal(out), nil
		},
	})
}

func rangeArguments(args []cty.Value) (start, limit, step float64, err error) {
	var n []float64
	for _, a := range args {
		f, _ := a.AsBigFloat().Float64()
		if math.IsInf(f, 0) {
			return 0, 0, 0, errors.New("a number is too large")
		}
		n = append(n, f)
	}
	switch len(n) {
	case 1:
		start, limit, step = 0, n[0], 1
	case 2:
		start, limit, step = n[0], n[1], 1
	case 3:
		return n[0], n[1], n[2], nil
	default:
		return 0, 0, 0, errors.New("it takes one to three numbers: limit; start and limit; start, limit and step")
	}
	if start > limit {
		step = -1
	}
	return start, limit, step, nil
}

func smallProduct(args []cty.Value) error {
	n := 1.0
	for _, a := range args {
		if a.CanIterateElements() {
			n *= float64(a.LengthInt())
		}
	}
	if n > maxProduct {
		return tooMuchf("it would yield %.0f combinations; at most %d are allowed", n, maxProduct)
	}
	return nil
}

func fewElements(args []cty.Value) error {
	if args[0].CanIterateElements() && args[0].LengthInt() > maxDistinct {
		return tooMuchf("the list has %d elements; at most %d are allowed", args[0].LengthInt(), maxDistinct)
	}
	return nil
}

func shortJoin(args []cty.Value) error {
	n := 0
	for _, list := range args[1:] {
		for it := list.ElementIterator(); it.Next(); {
			_, e := it.Element()
			if e.Type() == cty.String && !e.IsNull() {
				n += len(e.AsString()) + len(args[0].AsString())
			}
			if n > maxText {
				return tooLong()
			}
		}
	}
	return nil
}

// shortReplace bounds the result from above: every byte may become the replacement.
func shortReplace(args []cty.Value) error {
	text, by := len(args[0].AsString()), len(args[2].AsString())
	if (text+1)*(by+1) > 16*maxText {
		return tooLong()
	}
	return nil
}

// tooMuch is the error of a call that would yield more than it may.
type tooMuch struct{ error }

func tooMuchf(format string, args ...any) error { return tooMuch{fmt.Errorf(format, args...)} }

func tooLong() error { return tooMuchf("the text would be longer than %d bytes", maxText) }

// narrowFormat refuses widths and precisions that only make a text long.
func narrowFormat(args []cty.Value) error {
	n, verb := 0, false
	for _, c := range args[0].AsString() {
		switch {
		case c == '%':
			n, verb = 0, !verb
		case verb && c >= '0' && c <= '9':
			if n = n*10 + int(c-'0'); n > maxPadding {
				return tooMuchf("a width or an argument's number is above %d", maxPadding)
			}
		case verb && (c == '*' || c == '[' || c == ']' || c == '.' || c == '#' || c == '+' || c == '-' || c == ' '):
			n = 0
		default:
			verb = false
		}
	}
	return nil
}

// lengthFunc counts elements, and the characters of a text.
func lengthFunc() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "value", Type: cty.DynamicPseudoType}},
		Type:   function.StaticReturnType(cty.Number),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if args[0].Type() == cty.String {
				return stdlib.Strlen(args[0])
			}
			if !args[0].CanIterateElements() {
				return cty.NilVal, errors.New("it counts texts, lists, sets and maps")
			}
			return cty.NumberIntVal(int64(args[0].LengthInt())), nil
		},
	})
}

// pathFunc makes a function of slash-separated paths.
func pathFunc(f func(string) string) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "path", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.StringVal(f(args[0].AsString())), nil
		},
	})
}
