package benchfile

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// block is a block of the file with the schema it is held to, or the file's top level. One block with for_each is read
// once for each element, each time with another name and context.
type block struct {
	d     *decoder
	spec  *blockSpec
	body  *hclsyntax.Body
	rng   hcl.Range // of the header: hypothesis "arena"
	label string
	name  string           // label, or label-key
	ctx   *hcl.EvalContext // nil: the decoder's
	each  bool
	key   string // each.key
	kids  map[string][]*block
}

// blocks are those of a kind directly inside b, in the order of the file.
func (b *block) blocks(kind string) []*block {
	if b.kids == nil {
		b.kids = map[string][]*block{}
		for _, h := range b.body.Blocks {
			if b.spec.block(h.Type) != nil {
				b.kids[h.Type] = append(b.kids[h.Type], b.child(h))
			}
		}
	}
	return b.kids[kind]
}

// one is the block of a kind that exists once, or nil.
func (b *block) one(kind string) *block {
	if all := b.blocks(kind); len(all) > 0 {
		return all[0]
	}
	return nil
}

func (b *block) child(h *hclsyntax.Block) *block {
	c := &block{d: b.d, spec: b.spec.block(h.Type), body: h.Body, rng: h.DefRange()}
	if len(h.Labels) > 0 {
		c.label = h.Labels[0]
		c.name = c.label
	}
	return c
}

// where is how messages name the block: hypothesis "arena".
func (b *block) where() string {
	switch {
	case b.spec == language():
		return ""
	case b.spec.label == "" || b.name == "" && b.label == "":
		return b.spec.name
	case b.name != "":
		return b.spec.name + " " + strconv.Quote(b.name)
	}
	return b.spec.name + " " + strconv.Quote(b.label)
}

// err adds an error at a range.
func (b *block) err(code string, rng hcl.Range, summary, detail, help string) {
	b.d.add(found{severity: Error, code: code, rng: rng, where: b.where(), summary: summary, detail: detail, help: help})
}

// warn adds a warning at a range.
func (b *block) warn(code string, rng hcl.Range, summary, detail, help string) {
	b.d.add(found{severity: Warning, code: code, rng: rng, where: b.where(), summary: summary, detail: detail, help: help})
}

// has says whether an attribute is written.
func (b *block) has(name string) bool { return b.body.Attributes[name] != nil }

// valueRange is where an attribute's value is, or the header when it is not there.
func (b *block) valueRange(name string) hcl.Range {
	if a := b.body.Attributes[name]; a != nil {
		return a.Expr.Range()
	}
	return b.rng
}

// context is what attributes of b are evaluated in, but for those that are about one input.
func (b *block) context() *hcl.EvalContext {
	switch {
	case b.ctx != nil:
		return b.ctx
	case b.d.world != nil:
		return b.d.world
	}
	return b.d.base
}

// eval evaluates an attribute. ok is false when it is absent, or wrong in a way that has been reported.
func (b *block) eval(name string) (value, bool) { return b.evalIn(name, b.context()) }

// evalIn is eval in a context of the caller's. What is unknown stands for something that is wrong elsewhere and was
// reported there, so it counts as wrong.
func (b *block) evalIn(name string, ctx *hcl.EvalContext) (value, bool) {
	x, ok := b.evalRaw(name, ctx)
	return x, ok && x.v.IsWhollyKnown()
}

// evaluationCost is what evaluating one attribute once costs, whatever it is.
const evaluationCost = 3

// evalRaw is evalIn for values that may be unknown, wholly or in part.
func (b *block) evalRaw(name string, ctx *hcl.EvalContext) (value, bool) {
	a := b.body.Attributes[name]
	if a == nil || !b.sound(a) {
		return value{}, false
	}
	expr, ok := b.d.metered[a]
	if !ok && literal(a.Expr) {
		expr = a.Expr
	} else if !ok {
		expr = b.d.budget.meter(a.Expr)
		b.d.metered[a] = expr
	}
	b.d.budget.spend(evaluationCost)
	v, diags := expr.Value(ctx)
	if diags.HasErrors() {
		b.evaluation(diags, a.Expr)
		return value{}, false
	}
	val := value{b: b, name: name, rng: a.Expr.Range(), v: v}
	if b.d.hides && v.ContainsMarked() {
		var marks cty.ValueMarks
		val.v, marks = v.UnmarkDeep()
		_, val.secret = marks[markSecret]
		_, env := marks[markEnv]
		val.hidden = env || val.secret
	}
	if val.v.IsNull() {
		b.err(codeType, val.rng, fmt.Sprintf("%s is null", name), "", "leave the attribute out, or give it a value")
		return value{}, false
	}
	return val, true
}

// sound says whether all names in an attribute's expression are there. It looks once, and reports what is wrong.
func (b *block) sound(a *hclsyntax.Attribute) bool {
	ok, known := b.d.checked[a]
	if !known && literal(a.Expr) {
		return true
	}
	if !known {
		s := scope(0)
		if spec := b.spec.attr(a.Name); spec != nil {
			s = spec.scope
		}
		ok = b.names(a.Expr, s)
		b.d.checked[a] = ok
	}
	return ok
}

// literal says whether an expression is a constant as it stands, which most are.
func literal(e hclsyntax.Expression) bool {
	switch e := e.(type) {
	case *hclsyntax.LiteralValueExpr:
		return true
	case *hclsyntax.TemplateExpr:
		return e.IsStringLiteral()
	}
	return false
}

// evaluation adds what went wrong in evaluating an expression.
func (b *block) evaluation(diags hcl.Diagnostics, expr hclsyntax.Expression) {
	hide := b.d.taint[expr]
	for _, h := range diags {
		if h.Severity != hcl.DiagError {
			continue
		}
		f := found{severity: Error, code: codeEvaluate, where: b.where(), rng: expr.Range(), summary: lower(h.Summary), detail: sentence(h.Detail)}
		if h.Subject != nil {
			f.rng = *h.Subject
		}
		f.help = evaluationHelp(h)
		if _, ok := h.Extra.(exhausted); ok {
			if b.d.spent {
				continue // whatever comes behind the first is for want of budget too
			}
			b.d.spent = true
			f.code, f.help = codeBudget, "compute less: fewer elements in loops, for_each and products"
		} else {
			b.evaluationWords(&f, h)
		}
		if hide && f.code == codeEvaluate && !strings.HasSuffix(f.summary, envUnset) {
			f.detail = "details are not shown, since the expression involves a value that is secret"
		}
		b.d.add(f)
	}
}
