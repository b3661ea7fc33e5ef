package benchfile

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// verdictWords looks through a compound's members before they are evaluated: whether they ask for verdicts at all, and
// whether one is compared with a text that no verdict is, which would never be true and never be noticed.
func (b *block) verdictWords(attr string) {
	d, a := b.d, b.body.Attributes[attr]
	if _, seen := d.verdictful[a]; seen {
		return
	}
	asks := false
	_ = hclsyntax.VisitAll(a.Expr, func(n hclsyntax.Node) hcl.Diagnostics {
		switch n := n.(type) {
		case *hclsyntax.ScopeTraversalExpr:
			asks = asks || endsInVerdict(n.Traversal)
		case *hclsyntax.RelativeTraversalExpr:
			asks = asks || endsInVerdict(n.Traversal)
		case *hclsyntax.BinaryOpExpr:
			if isVerdict(n.LHS) {
				b.verdictText(n.RHS)
			} else if isVerdict(n.RHS) {
				b.verdictText(n.LHS)
			}
		}
		return nil
	})
	d.verdictful[a] = asks
}

func endsInVerdict(t hcl.Traversal) bool {
	last, ok := t[len(t)-1].(hcl.TraverseAttr)
	return ok && last.Name == "verdict"
}

func isVerdict(e hclsyntax.Expression) bool {
	t, ok := e.(*hclsyntax.ScopeTraversalExpr)
	return ok && endsInVerdict(t.Traversal)
}

// verdictText reports a quoted text that no verdict is.
func (b *block) verdictText(e hclsyntax.Expression) {
	v, diags := e.Value(nil)
	if diags.HasErrors() || v.Type() != cty.String || !v.IsKnown() || v.IsNull() || slices.Contains(verdictNames(), v.AsString()) {
		return
	}
	s := v.AsString()
	help := "verdicts are " + listing(verdictNames())
	if n := nearest(s, verdictNames()); n != "" {
		help = fmt.Sprintf("did you mean %s? It is written without quotes", n)
	}
	b.err(codeWord, e.Range(), fmt.Sprintf("there is no verdict %q", s), "the comparison would never hold", help)
}
