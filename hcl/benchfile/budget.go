package benchfile

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// maxWork bounds what all expressions of a Benchfile may do together: about half a second. A study of 400 hypotheses on
// five inputs spends a fiftieth of it; seven nested loops of ten would take ten times as much, and 8 GB.
const maxWork = 1_000_000

// maxExponent bounds numbers, in powers of two: 1e999999999 is a short text and, written out, a gigabyte.
const maxExponent = 100_000

// budget counts work: elements visited, values referred to, 32 bytes of text each. It is not a clock, so that the same
// file is refused on every machine or on none.
type budget struct{ left int }

// exhausted marks the diagnostic of a budget that is spent.
type exhausted struct{}

// spend takes n off, and says whether there was as much.
func (b *budget) spend(n int) bool {
	if n < 0 || n > b.left {
		b.left = 0
		return false
	}
	b.left -= n
	return true
}

// counted is an expression that pays before it is evaluated (for its size) and after (for its value).
type counted struct {
	hclsyntax.Expression
	budget *budget
	size   int
	value  bool
	unify  bool // the value may be converted to a list, which compares its elements pair by pair
}

// Value implements hcl.Expression.
func (c *counted) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	if !c.budget.spend(1 + c.size) {
		return cty.DynamicVal, c.refused()
	}
	v, diags := c.Expression.Value(ctx)
	if c.unify && !c.budget.spend(pairs(v)) {
		return cty.DynamicVal, c.refused()
	}
	if c.value && !diags.HasErrors() && !c.budget.spend(weight(v, c.budget.left)) {
		return cty.DynamicVal, c.refused()
	}
	return v, diags
}

func (c *counted) refused() hcl.Diagnostics {
	rng := c.Range()
	return hcl.Diagnostics{{
		Severity: hcl.DiagError, Summary: "the expressions of this file would grow too large",
		Detail:  fmt.Sprintf("together they may visit %d values", maxWork),
		Subject: &rng, Extra: exhausted{},
	}}
}

// meter returns the expression with everything in it that can multiply made to pay. It changes the tree in place, so it
// is called once for each expression, after whatever looks at the tree's shape.
func (b *budget) meter(e hclsyntax.Expression) hclsyntax.Expression {
	size := b.children(e)
	switch e.(type) {
	case *hclsyntax.ScopeTraversalExpr, *hclsyntax.FunctionCallExpr:
		return &counted{Expression: e, budget: b, value: true}
	case *hclsyntax.ForExpr, *hclsyntax.SplatExpr:
		return &counted{Expression: e, budget: b, size: size}
	}
	return e
}

// children meters what is below e, and returns how many nodes there are.
func (b *budget) children(e hclsyntax.Expression) int {
	size := 1
	sub := func(x *hclsyntax.Expression) {
		if *x == nil {
			return
		}
		n := nodes(*x)
		size += n
		*x = b.meter(*x)
	}
	repeated := func(x *hclsyntax.Expression) {
		if *x != nil {
			n := nodes(*x)
			sub(x)
			*x = &counted{Expression: *x, budget: b, size: n}
		}
	}
	switch e := e.(type) {
	case *hclsyntax.ParenthesesExpr:
		sub(&e.Expression)
	case *hclsyntax.RelativeTraversalExpr:
		sub(&e.Source)
	case *hclsyntax.FunctionCallExpr:
		for i := range e.Args {
			sub(&e.Args[i])
			e.Args[i] = &counted{Expression: e.Args[i], budget: b, unify: true}
		}
	case *hclsyntax.ConditionalExpr:
		sub(&e.Condition)
		sub(&e.TrueResult)
		sub(&e.FalseResult)
	case *hclsyntax.BinaryOpExpr:
		sub(&e.LHS)
		sub(&e.RHS)
	case *hclsyntax.UnaryOpExpr:
		sub(&e.Val)
	case *hclsyntax.IndexExpr:
		sub(&e.Collection)
		sub(&e.Key)
	case *hclsyntax.TupleConsExpr:
		for i := range e.Exprs {
			sub(&e.Exprs[i])
		}
	case *hclsyntax.ObjectConsExpr:
		for i := range e.Items {
			b.children(e.Items[i].KeyExpr)
			sub(&e.Items[i].ValueExpr)
		}
	case *hclsyntax.ObjectConsKeyExpr:
		b.children(e.Wrapped) // what it wraps decides whether the key is a word, so that itself stays
	case *hclsyntax.TemplateExpr:
		for i := range e.Parts {
			sub(&e.Parts[i])
		}
	case *hclsyntax.TemplateWrapExpr:
		sub(&e.Wrapped)
	case *hclsyntax.TemplateJoinExpr:
		sub(&e.Tuple)
	case *hclsyntax.ForExpr:
		sub(&e.CollExpr)
		repeated(&e.KeyExpr)
		repeated(&e.ValExpr)
		repeated(&e.CondExpr)
		e.CollExpr = &counted{Expression: e.CollExpr, budget: b, value: true}
	case *hclsyntax.SplatExpr:
		sub(&e.Source)
		e.Source = &counted{Expression: e.Source, budget: b, value: true}
		repeated(&e.Each)
	}
	return size
}

// pairs is what it costs to find one type for all elements of a value.
func pairs(v cty.Value) int {
	n := 0
	switch t := v.Type(); {
	case t.IsTupleType():
		n = t.Length()
	case t.IsObjectType():
		n = len(t.AttributeTypes())
	}
	return n * n / 64
}

// nodes counts the nodes of a tree.
func nodes(e hclsyntax.Expression) int {
	n := 0
	_ = hclsyntax.VisitAll(e, func(hclsyntax.Node) hcl.Diagnostics { n++; return nil })
	return n
}

// weight is the size of a value: one for each element and for each 32 bytes of text. It stops counting beyond limit, so
// that asking costs no more than what is left.
func weight(v cty.Value, limit int) int {
	v, _ = v.Unmark()
	if !v.IsKnown() || v.IsNull() {
		return 1
	}
	t := v.Type()
	switch {
	case t == cty.String:
		return 1 + len(v.AsString())/32
	case t == cty.Number:
		if f := v.AsBigFloat(); f.IsInf() || f.MantExp(nil) > maxExponent || f.MantExp(nil) < -maxExponent {
			return limit + 1
		}
		return 1
	case t.IsObjectType() || t.IsCollectionType() || t.IsTupleType():
		n := 1
		for it := v.ElementIterator(); it.Next() && n <= limit; {
			_, e := it.Element()
			n += weight(e, limit-n)
		}
		return n
	}
	return 1
}
