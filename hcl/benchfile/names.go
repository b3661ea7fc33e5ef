package benchfile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/benchfile/bench/pipeline"
)

// inputFields and hypothesisFields are what expressions can ask of an input and of a hypothesis.
func inputFields() []string { return []string{"name", "params", "path", "seed", "weight"} }

func hypothesisFields() []string { return []string{"name", "number", "priority", "title", "verdict"} }

// verdictNames are the constants of compound.of.
func verdictNames() []string {
	var out []string
	for _, k := range pipeline.VerdictKinds() {
		out = append(out, string(k))
	}
	return out
}

// names checks every reference and function in an expression against what is declared, before anything is evaluated.
func (b *block) names(expr hclsyntax.Expression, s scope) bool {
	ok := true
	for _, t := range expr.Variables() {
		ok = b.reference(t, s) && ok
	}
	_ = hclsyntax.VisitAll(expr, func(n hclsyntax.Node) hcl.Diagnostics {
		if call, is := n.(*hclsyntax.FunctionCallExpr); is {
			ok = b.function(call, s) && ok
		}
		return nil
	})
	if b.d.hides {
		b.d.taint[expr] = b.d.tainted(expr)
	}
	return ok
}

// function checks that a function is there.
func (b *block) function(call *hclsyntax.FunctionCallExpr, s scope) bool {
	if _, ok := b.d.base.Functions[call.Name]; ok {
		return true
	}
	if slices.Contains(fromFunctions(), call.Name) {
		if s&withOutput != 0 {
			return true
		}
		b.err(codeFunction, call.NameRange, fmt.Sprintf("%s() is for from only", call.Name), "", "use it in a metric: from = "+fromExample(call.Name))
		return false
	}
	var known []string
	for name := range b.d.base.Functions {
		known = append(known, name)
	}
	help := "functions are listed in hcl/LANGUAGE.md"
	if n := nearest(call.Name, known); n != "" {
		help = fmt.Sprintf("did you mean %s()?", n)
	} else if slices.Contains([]string{"file", "fileset", "templatefile", "timestamp", "exec", "uuid"}, call.Name) {
		help = "expressions neither read files nor run programs; hand the value in with a variable"
	}
	b.err(codeFunction, call.NameRange, fmt.Sprintf("there is no function %q", call.Name), "", help)
	return false
}

// reference checks one reference, such as var.runs or input.light.path.
func (b *block) reference(t hcl.Traversal, s scope) bool {
	d, root := b.d, t.RootName()
	switch {
	case root == "each":
		return b.eachReference(t)
	case s&withNothing != 0:
		b.err(codeScope, t.SourceRange(), fmt.Sprintf("%s cannot be used here", root), "variables are constants: nothing else is known yet",
			"write the value itself, or compute it in locals")
		return false
	case root == "var":
		return b.member(t, "variable", &d.vars)
	case root == "local":
		return b.member(t, "local", &d.locals)
	case root == "seed":
		return b.seedReference(t, s)
	case root == "input" && s&withInput != 0:
		return b.field(t, 1, "an input", inputFields())
	case root == "input" && s&withNames != 0:
		return b.inputReference(t)
	case root == "hypothesis" && s&withVerdicts != 0:
		return b.hypothesisReference(t)
	case s&withVerdicts != 0 && slices.Contains(verdictNames(), root):
		return true
	case s&withOutput != 0 && (root == "stdout" || root == "stderr"):
		return true
	}
	b.unknownRoot(t, s)
	return false
}

// unknownRoot reports a reference whose first word means nothing here.
func (b *block) unknownRoot(t hcl.Traversal, s scope) {
	root := t.RootName()
	rng := t[0].SourceRange()
	switch {
	case root == "input" || root == "hypothesis":
		b.err(codeScope, rng, fmt.Sprintf("%s cannot be used here", root), "", "use a variable or a local for what both need")
		return
	case slices.Contains(verdictNames(), root):
		b.err(codeScope, rng, "verdicts can be used in compound.of only", "", "write the word in quotes, if a text is meant")
		return
	case root == "stdout" || root == "stderr":
		b.err(codeScope, rng, root+" can be used in from only", "", fmt.Sprintf("write the word in quotes: %q", root))
		return
	}
	roots := []string{"var", "local"}
	if b.each {
		roots = append(roots, "each")
	}
	if s&(withInput|withNames) != 0 {
		roots = append(roots, "input")
	}
	if s&withSeed != 0 {
		roots = append(roots, "seed")
	}
	if s&withVerdicts != 0 {
		roots = append(append(roots, "hypothesis"), verdictNames()...)
	}
	if s&withOutput != 0 {
		roots = append(roots, "stdout", "stderr")
	}
	help := fmt.Sprintf("write the word in quotes, if a text is meant; names that mean something here: %s", strings.Join(roots, ", "))
	switch n := nearest(root, roots); {
	case b.d.vars.has(root):
		help = fmt.Sprintf("did you mean var.%s %s?", root, b.d.line(b.d.vars.at[root]))
	case b.d.locals.has(root):
		help = fmt.Sprintf("did you mean local.%s %s?", root, b.d.line(b.d.locals.at[root]))
	case n != "":
		help = fmt.Sprintf("did you mean %s?", n)
	}
	b.err(codeName, rng, fmt.Sprintf("unknown name %q", root), "", help)
}

// member checks KIND.NAME for what has no further structure that is known before evaluation.
func (b *block) member(t hcl.Traversal, kind string, known *names) bool {
	name, rng, ok := step(t, 1)
	if !ok {
		b.d.used[t.RootName()] = true
		return true // the whole map, or an index that is computed: evaluation will tell
	}
	if known.has(name) {
		b.d.used[t.RootName()+"."+name] = true
		return true
	}
	b.unknown(kind, t.RootName(), name, rng, known)
	return false
}

// unknown reports a name that is not declared, with the nearest one and where that is.
func (b *block) unknown(kind, prefix, name string, rng hcl.Range, known *names) {
	detail := fmt.Sprintf("no %s has this name", kind)
	help := fmt.Sprintf("there is no %s at all; declare one", kind)
	n := ""
	if len(b.d.found) < maxDiagnostics { // nobody reads more suggestions than that, and each costs time
		n = nearest(name, known.list)
	}
	if n != "" {
		help = fmt.Sprintf("did you mean %s.%s %s?", prefix, n, b.d.line(known.at[n]))
		if len(known.list) > 1 {
			help += " There are: " + listing(known.list)
		}
	} else if len(known.list) > 0 {
		help = "there are: " + listing(known.list)
	}
	b.err(codeName, rng, fmt.Sprintf("unknown %s %q", kind, name), detail, help)
}

// step is the name at a position of a traversal: an attribute, or an index that is a text.
func step(t hcl.Traversal, i int) (string, hcl.Range, bool) {
	if i >= len(t) {
		return "", hcl.Range{}, false
	}
	whole := hcl.RangeBetween(t[0].SourceRange(), t[i].SourceRange())
	switch s := t[i].(type) {
	case hcl.TraverseAttr:
		return s.Name, whole, true
	case hcl.TraverseIndex:
		if s.Key.Type() == cty.String {
			return s.Key.AsString(), whole, true
		}
	}
	return "", hcl.Range{}, false
}

// field checks that a step names one of the fields a thing has.
func (b *block) field(t hcl.Traversal, i int, what string, fields []string) bool {
	name, rng, ok := step(t, i)
	if !ok || slices.Contains(fields, name) {
		return true
	}
	help := didYouMean(name, fields, "it has")
	if what == "an input" && b.d.inputs.has(name) && i == 1 {
		help = "in a command, input is the one that the command is for: write input.path"
	} else if what == "an input" {
		help += fmt.Sprintf(`; what the block gives in params is input.params.%s`, name)
	}
	b.err(codeName, rng, fmt.Sprintf("%s has no %q", what, name), "", help)
	return false
}

func (b *block) inputReference(t hcl.Traversal) bool {
	if !b.member(t, "input", &b.d.inputs) {
		if name, _, _ := step(t, 1); slices.Contains(inputFields(), name) {
			b.d.found[len(b.d.found)-1].help = "name the input that is meant: input.NAME." + name
		}
		return false
	}
	return b.field(t, 2, "an input", inputFields())
}

func (b *block) hypothesisReference(t hcl.Traversal) bool {
	return b.member(t, "hypothesis", &b.d.hyps) && b.field(t, 2, "a hypothesis", hypothesisFields())
}

func (b *block) eachReference(t hcl.Traversal) bool {
	if b.each || b.has("for_each") {
		return b.field(t, 1, "each", []string{"key", "value"})
	}
	help := "add for_each to the block, or write the value itself"
	if !b.spec.family {
		help = "for_each works on input, metric and hypothesis"
	}
	b.err(codeScope, t.SourceRange(), "each is known in a block with for_each only", "", help)
	return false
}

func (b *block) seedReference(t hcl.Traversal, s scope) bool {
	if s&withSeed == 0 {
		b.err(codeScope, t.SourceRange(), "seed is known in generate only", "", "in commands, write input.seed")
		return false
	}
	if !b.has("seeds") {
		b.err(codeScope, t.SourceRange(), "this input has no seeds", "", "add a line: seeds = [1, 2, 3, 4, 5]")
		return false
	}
	return true
}

// tainted says whether an expression involves what must not be shown.
func (d *decoder) tainted(expr hclsyntax.Expression) bool {
	for _, t := range expr.Variables() {
		name, _, ok := step(t, 1)
		if d.secret[t.RootName()] || ok && d.secret[t.RootName()+"."+name] {
			return true
		}
		if !ok && (t.RootName() == "var" || t.RootName() == "local") {
			return true
		}
	}
	return d.callsEnv(expr)
}

func (d *decoder) callsEnv(expr hclsyntax.Expression) bool {
	found := false
	_ = hclsyntax.VisitAll(expr, func(n hclsyntax.Node) hcl.Diagnostics {
		if call, ok := n.(*hclsyntax.FunctionCallExpr); ok && call.Name == "env" {
			found = true
		}
		return nil
	})
	return found
}
