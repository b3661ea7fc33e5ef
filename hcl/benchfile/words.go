package benchfile

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// evaluationWords says in our words what HCL's evaluator found, where we know more than it does.
func (b *block) evaluationWords(f *found, h *hcl.Diagnostic) {
	switch h.Summary {
	case "Unsupported attribute":
		name, ok := quoted(h.Detail)
		if !ok {
			f.summary, f.help = "this value has no attributes", "refer to the value itself"
			return
		}
		f.summary, f.detail = fmt.Sprintf("there is no attribute %q here", name), ""
		known := append(hypothesisFields(), inputFields()...)
		f.code = codeName
		if in, ok := parameterOf(h); ok {
			f.rng = h.Expression.Range()
			f.summary = fmt.Sprintf("the input %q has no parameter %q", in, name)
			f.help = fmt.Sprintf("add it to the params of that input, or give a default: lookup(input.params, %q, \"…\")", name)
			return
		}
		if n := nearest(name, known); n != "" {
			f.help = fmt.Sprintf("did you mean %q?", n)
			return
		}
		f.help = "a hypothesis has " + listing(hypothesisFields()) + "; an input has " + listing(inputFields()) +
			", and its params have the names that the input block gives them"
	case "Error in function call":
		if _, reason, ok := strings.Cut(h.Detail, " failed: "); ok {
			f.detail = sentence(reason)
		}
		f.summary = "this function call has no value"
		f.help = "give the function what it accepts"
		var much tooMuch
		if extra, ok := hcl.DiagnosticExtra[hclsyntax.FunctionCallDiagExtra](h); ok && errors.As(extra.FunctionCallError(), &much) {
			f.summary, f.code, f.help = "this function call asks for too much", codeBudget, "ask for less"
		}
		if strings.Contains(h.Detail, envUnset) {
			f.summary, f.detail = f.detail, ""
			f.help = `set the variable, or give a default: env("NAME", "default")`
		}
	}
}

// parameterOf is the input of which input.params.NAME was asked for, where that is what went wrong.
func parameterOf(h *hcl.Diagnostic) (string, bool) {
	e, ok := h.Expression.(*hclsyntax.ScopeTraversalExpr)
	if !ok || e.Traversal.RootName() != "input" || h.EvalContext == nil {
		return "", false
	}
	if field, _, ok := step(e.Traversal, 1); !ok || field != "params" {
		return "", false
	}
	for ctx := h.EvalContext; ctx != nil; ctx = ctx.Parent() {
		if in, ok := ctx.Variables["input"]; ok && in.Type().HasAttribute("name") {
			return in.GetAttr("name").AsString(), true
		}
	}
	return "", false
}

// quoted is the first quoted word in a message.
func quoted(s string) (string, bool) {
	_, rest, ok := strings.Cut(s, `"`)
	if !ok {
		return "", false
	}
	word, _, ok := strings.Cut(rest, `"`)
	return word, ok
}

// evaluationHelp is the mend for what the evaluator complains of most.
func evaluationHelp(h *hcl.Diagnostic) string {
	switch h.Summary {
	case "Invalid index", "Missing map element":
		return `ask for one that is there, or give a default: lookup(map, "key", "default")`
	case "Invalid operand":
		return "use values of the type that the operator takes; tonumber() and tostring() convert"
	case "Invalid template interpolation value":
		return `put a text or a number into "${…}"; join(", ", list) makes a text of a list`
	case "Invalid function argument", "Not enough function arguments", "Too many function arguments":
		return "give the function the arguments that it takes"
	case "Iteration over non-iterable value", "Iteration over null value":
		return "run over a list, a set or a map"
	case "Inconsistent conditional result types":
		return "let both sides of the question have the same type"
	case "Duplicate object key":
		return "let the keys differ"
	}
	return "give the expression a value that it accepts"
}
