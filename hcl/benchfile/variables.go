package benchfile

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// variable is a declared variable on its way to a value.
type variable struct {
	*block
	kind      cty.Type // DynamicPseudoType: any
	value     cty.Value
	sensitive bool
}

// variables gives every declared variable its value: default < BENCH_VAR_name < --var-file < -var.
func (d *decoder) variables() {
	var all []*variable
	for _, b := range d.top.blocks("variable") {
		if v := d.declareVariable(b); v != nil {
			all = append(all, v)
		}
	}
	d.fromEnvironment(all)
	for _, f := range d.opt.VarFiles {
		d.fromFile(f, all)
	}
	for _, a := range d.opt.Vars {
		d.fromAssignment(a, all)
	}
	values := map[string]cty.Value{}
	for _, v := range all {
		if v.value == cty.NilVal {
			v.err(codeVarUnset, v.rng, fmt.Sprintf("the variable %q has no value", v.name), "it has no default",
				fmt.Sprintf("give one with -var %s=VALUE, or BENCH_VAR_%s, or a default", v.name, v.name))
			v.value = cty.UnknownVal(v.kind)
		}
		if v.sensitive {
			v.value = v.value.Mark(markSecret)
		}
		values[v.name] = v.value
	}
	d.base.Variables["var"] = object(values)
	for _, v := range all {
		for _, rule := range v.blocks("validation") {
			d.validate(v, rule)
		}
	}
}

func object(m map[string]cty.Value) cty.Value {
	if len(m) == 0 {
		return cty.EmptyObjectVal
	}
	return cty.ObjectVal(m)
}

// declareVariable reads a variable block, without its rules.
func (d *decoder) declareVariable(b *block) *variable {
	if b.label == "" {
		return nil
	}
	if !hclsyntax.ValidIdentifier(b.label) {
		b.err(codeBadName, b.rng, fmt.Sprintf("%q cannot be the name of a variable", b.label), "var.NAME needs a name of letters, digits, _ and -",
			"rename it")
		return nil
	}
	if before, ok := d.vars.declare(b.label, b.rng); !ok {
		b.err(codeDuplicate, b.rng, fmt.Sprintf("the variable %q is declared twice", b.label), "first "+atLine(before), "keep one of the two")
		return nil
	}
	v := &variable{block: b, kind: cty.DynamicPseudoType, value: cty.NilVal}
	b.ctx = d.base
	if v.sensitive = b.flag("sensitive", false); v.sensitive {
		d.secret["var."+b.label] = true
		d.hides = true
	}
	b.text("description", "")
	typed, usable := d.variableType(v)
	if x, ok := b.eval("default"); ok {
		v.value = x.v
		if !typed {
			v.kind = looseType(x.v.Type())
		} else if c, err := convert.Convert(x.v, v.kind); err != nil {
			b.err(codeVarType, x.rng, fmt.Sprintf("the default of %q is not of its type", b.label), "it is "+kindOf(x.v)+
				", not "+article(v.kind.FriendlyName()), "let type and default agree")
		} else {
			v.value = c
		}
	} else if b.has("default") || !usable {
		v.value = cty.DynamicVal
	}
	return v
}

// looseType is what values from outside are converted to when only a default says what is meant: of lists and maps only
// that they are one, since [1, 2] must not ask for exactly two elements.
func looseType(t cty.Type) cty.Type {
	if t.IsPrimitiveType() {
		return t
	}
	return cty.DynamicPseudoType
}

// variableType reads the type, and says whether there is one, and whether it is one that is known.
func (d *decoder) variableType(v *variable) (typed, usable bool) {
	a := v.body.Attributes["type"]
	if a == nil {
		return false, true
	}
	d.checked[a] = true
	t, diags := typeexpr.TypeConstraint(a.Expr)
	if diags.HasErrors() {
		v.err(codeType, a.Expr.Range(), "this is not a type", "", "write string, number, bool, list(string), map(number) or any")
		return false, false
	}
	v.kind = t
	return true, true
}

// fromEnvironment takes values from BENCH_VAR_name. What is not declared is nobody's business.
func (d *decoder) fromEnvironment(all []*variable) {
	if d.opt.Env == nil {
		return
	}
	for _, v := range all {
		name := "BENCH_VAR_" + v.name
		if text, ok := d.opt.Env(name); ok {
			d.assign(v, text, name)
		}
	}
}

// fromAssignment takes a value of -var. An undeclared one is an error: the user means something by it.
func (d *decoder) fromAssignment(a Assignment, all []*variable) {
	for _, v := range all {
		if v.name == a.Name {
			d.assign(v, a.Value, a.Origin)
			return
		}
	}
	if a.Name == "" {
		d.top.err(codeVarUnknown, hcl.Range{}, fmt.Sprintf("%s: there is no name before \"=\"", a.Origin), "", "write "+a.Origin+" NAME=VALUE")
		return
	}
	help := "declare it: variable " + fmt.Sprintf("%q", a.Name) + " {}"
	if n := nearest(a.Name, d.vars.list); n != "" {
		help = fmt.Sprintf("did you mean %s %s?", n, d.line(d.vars.at[n]))
	} else if len(d.vars.list) > 0 {
		help = "there are: " + listing(d.vars.list)
	}
	d.top.err(codeVarUnknown, hcl.Range{}, fmt.Sprintf("%s: there is no variable %q", a.Origin, a.Name), "", help)
}

// assign gives a variable a value that was written as text outside of the file.
func (d *decoder) assign(v *variable, text, origin string) {
	wrong := func(detail string) {
		v.err(codeVarType, v.rng, fmt.Sprintf("%s: the value of %q is not %s", origin, v.name, article(v.kind.FriendlyName())), detail,
			"give it a value of that type")
	}
	if v.kind == cty.String || v.kind == cty.DynamicPseudoType && !looksLikeHCL(text) {
		v.value = cty.StringVal(text)
		return
	}
	if v.kind.IsPrimitiveType() {
		c, err := convert.Convert(cty.StringVal(strings.TrimSpace(text)), v.kind)
		if err != nil || weight(c, 1) > 1 {
			wrong("")
			return
		}
		v.value = c
		return
	}
	src := Source{Name: origin, Bytes: []byte(text)}
	if f := guard(src); f != nil {
		wrong(f.summary)
		return
	}
	expr, diags := hclsyntax.ParseExpression(src.Bytes, src.Name, hcl.InitialPos)
	if diags.HasErrors() {
		wrong("it is not HCL: write lists as [1, 2] and maps as {a = 1}")
		return
	}
	raw, diags := d.budget.meter(expr).Value(nil)
	c, err := convert.Convert(raw, v.kind)
	if diags.HasErrors() || err != nil || !raw.IsWhollyKnown() {
		wrong("")
		return
	}
	v.value = c
}

// looksLikeHCL says whether a value for a variable of any type is a list or a map rather than a text.
func looksLikeHCL(text string) bool {
	text = strings.TrimSpace(text)
	return strings.HasPrefix(text, "[") || strings.HasPrefix(text, "{")
}

// fromFile takes the assignments of a variable file.
func (d *decoder) fromFile(src Source, all []*variable) {
	body := d.parse(src)
	if body == nil {
		return
	}
	file := &block{d: d, spec: &blockSpec{name: "variable file", free: true}, body: body, rng: fileStart(src.Name), ctx: d.base}
	for _, h := range body.Blocks {
		file.err(codeVarFile, h.DefRange(), "a variable file holds no blocks", "", "write assignments only: NAME = VALUE")
	}
	for _, a := range body.Attributes {
		var v *variable
		for _, x := range all {
			if x.name == a.Name {
				v = x
			}
		}
		if v == nil {
			file.warn(codeWarnVariable, a.NameRange, fmt.Sprintf("there is no variable %q", a.Name), "its value is ignored",
				didYouMean(a.Name, d.vars.list, "there are"))
			continue
		}
		if len(a.Expr.Variables()) > 0 {
			file.err(codeVarFile, a.Expr.Range(), "values in a variable file are constants", "", "write the value itself, texts in quotes")
			continue
		}
		x, ok := file.eval(a.Name)
		if !ok {
			continue
		}
		c, err := convert.Convert(x.v, v.kind)
		if err != nil {
			file.err(codeVarType, x.rng, fmt.Sprintf("%q is %s", a.Name, article(v.kind.FriendlyName())), "", "give it a value of that type")
			continue
		}
		v.value = c
	}
}

// validate holds a variable to one of its rules.
func (d *decoder) validate(v *variable, rule *block) {
	rule.ctx = d.base
	for _, a := range rule.body.Attributes {
		for _, t := range a.Expr.Variables() {
			if name, _, ok := step(t, 1); t.RootName() == "local" || t.RootName() == "var" && ok && d.vars.has(name) && name != v.name {
				rule.err(codeScope, t.SourceRange(), "a validation looks at its own variable only", "", "write var."+v.name)
				d.checked[a] = false
			}
		}
	}
	if !v.value.IsKnown() {
		return
	}
	x, ok := rule.eval("condition")
	if !ok {
		return
	}
	holds, ok := x.bool()
	if !ok || holds {
		return
	}
	message := rule.text("error_message", "its condition does not hold")
	if v.sensitive {
		message = "its condition does not hold"
	}
	v.err(codeVarRule, v.rng, fmt.Sprintf("the variable %q does not pass its validation", v.name), message,
		"give it another value; the rule is "+atLine(rule.rng))
}
