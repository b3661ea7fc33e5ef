package benchfile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/benchfile/bench/pipeline"
)

// Bounds of what one file may declare.
const (
	maxForEach    = 1_000
	maxInputs     = 1_000
	maxHypotheses = 10_000
)

// instances are the blocks that a block stands for: itself, or one for each element of its for_each.
func (b *block) instances() []*block {
	b.name = b.label
	if b.label == "" {
		return nil
	}
	if !b.has("for_each") {
		return []*block{b}
	}
	b.each = true
	x, ok := b.eval("for_each")
	if !ok {
		return nil
	}
	t := x.v.Type()
	if x.hidden {
		x.wrong(codeForEach, "for_each cannot run over a value that must not be shown", "its keys become names", "use a value that is not sensitive")
		return nil
	}
	if !t.IsTupleType() && !t.IsListType() && !t.IsSetType() && !t.IsMapType() && !t.IsObjectType() {
		x.wrong(codeForEach, "for_each runs over a list or a set of texts, or a map", "this is "+kindOf(x.v), `write for_each = ["a", "b"], or for_each = { a = 1, b = 2 }`)
		return nil
	}
	if n := x.v.LengthInt(); n > maxForEach {
		x.wrong(codeBudget, fmt.Sprintf("for_each has %d elements; at most %d are allowed", n, maxForEach), "", "measure fewer: a selection says as much")
		return nil
	}
	keyed := t.IsMapType() || t.IsObjectType()
	ctx := b.context()
	var out []*block
	for it := x.v.ElementIterator(); it.Next(); {
		k, v := it.Element()
		if !keyed {
			if k = v; v.IsNull() || v.Type() != cty.String && v.Type() != cty.Number {
				x.wrong(codeForEach, "for_each runs over texts or numbers, or over a map", "an element is "+kindOf(v), "write the elements as texts, or use a map with a key for each")
				return nil
			}
		}
		key := asText(k)
		inst := *b
		inst.name, inst.key = b.label+"-"+key, key
		inst.ctx = ctx.NewChild()
		inst.ctx.Variables = map[string]cty.Value{"each": cty.ObjectVal(map[string]cty.Value{"key": cty.StringVal(key), "value": v})}
		out = append(out, &inst)
	}
	return out
}

// asText is a text or a number as a text.
func asText(v cty.Value) string {
	if v.Type() == cty.Number {
		return v.AsBigFloat().Text('f', -1)
	}
	return v.AsString()
}

// readInputs reads every input, and makes the contexts in which commands are evaluated.
func (d *decoder) readInputs() {
	blocks := d.top.blocks("input")
	for _, b := range blocks {
		b.ctx = d.base
		for _, inst := range b.instances() {
			d.readInput(inst)
			if len(d.study.Inputs) > maxInputs {
				inst.err(codeBudget, inst.rng, fmt.Sprintf("the study has more than %d inputs", maxInputs), "", "measure fewer: a selection says as much")
				d.study.Inputs, d.current = nil, nil
				break
			}
		}
	}
	if len(d.study.Inputs) == 0 && len(blocks) == 0 {
		// A study without inputs runs its commands as they are; rules asks for the reason.
		d.addInput(pipeline.Input{Name: "single", Weight: 1}, cty.EmptyObjectVal)
	}
	d.world = d.base.NewChild()
	all := map[string]cty.Value{}
	for i, in := range d.study.Inputs {
		all[in.Name] = d.current[i]
	}
	d.world.Variables = map[string]cty.Value{"input": object(all)}
}

// addInput takes in an input and the object that expressions see.
func (d *decoder) addInput(in pipeline.Input, params cty.Value) {
	d.study.Inputs = append(d.study.Inputs, in)
	seed := cty.NullVal(cty.Number)
	if in.Seeded {
		seed = cty.NumberIntVal(in.Seed)
	}
	d.current = append(d.current, cty.ObjectVal(map[string]cty.Value{
		"name": cty.StringVal(in.Name), "path": cty.StringVal(in.Path), "seed": seed,
		"weight": cty.NumberFloatVal(in.Weight), "params": params,
	}))
}

// perInput calls f with the context of each input in turn, on top of b's own.
func (b *block) perInput(f func(i int, ctx *hcl.EvalContext)) {
	for i, object := range b.d.current {
		if b.d.spent {
			return // that has been said, and a command for each input is what it cannot pay
		}
		ctx := b.context().NewChild()
		ctx.Variables = map[string]cty.Value{"input": object}
		f(i, ctx)
	}
}

// readInput reads an input block, which yields one input, or one for each of its seeds.
func (d *decoder) readInput(b *block) {
	in := pipeline.Input{Name: b.name, At: at(b.rng), Weight: 1}
	sound := true
	if x, ok := b.eval("path"); ok {
		in.Path, sound = x.existing(true, File, Folder)
	}
	if x, ok := b.eval("weight"); ok {
		if f, ok := x.number(); ok && x.within(f > 0 && f <= 1e9, "above 0", "leave it out for 1, or remove the input if it should not count") {
			in.Weight = f
		}
	}
	params := cty.EmptyObjectVal
	if x, ok := b.eval("params"); ok {
		if m, ok := x.pairs(); ok {
			in.Params = m
			params = paramsObject(m, x)
		}
	}
	in.Description = b.text("description", "")
	shell := b.shell(false)
	if !b.has("generate") {
		b.onlyWith("generate", "seeds", "dir", "env", "shell")
		d.takeInput(b, in, params)
		return
	}
	if b.has("path") {
		b.err(codeDuplicate, b.valueRange("generate"), "an input has a path or is generated, not both", "", "remove one of the two")
	}
	seeds, seeded := d.seeds(b)
	if !seeded {
		in.Path = ".bench/inputs/" + b.name
		d.generated(b, in, params, shell)
		return
	}
	if !sound {
		return
	}
	family := b.name
	for _, seed := range seeds {
		in := in
		in.Seed, in.Seeded = seed, true
		in.Weight /= float64(len(seeds))
		in.Name = family + "-" + strconv.FormatInt(seed, 10)
		in.Path = ".bench/inputs/" + in.Name
		inst := *b
		inst.name = in.Name
		d.generated(&inst, in, params, shell)
	}
}

// paramsObject is input.params. Where its values must not be shown, neither must what is made of them.
func paramsObject(m map[string]string, x value) cty.Value {
	if x.hidden {
		x.b.d.secret["input"] = true
	}
	out := map[string]cty.Value{}
	for k, s := range m {
		v := cty.StringVal(s)
		if x.secret {
			v = v.Mark(markSecret)
		} else if x.hidden {
			v = v.Mark(markEnv)
		}
		out[k] = v
	}
	return object(out)
}

// takeInput adds an input whose name is good.
func (d *decoder) takeInput(b *block, in pipeline.Input, params cty.Value) bool {
	if !b.identify(&d.inputs) {
		return false
	}
	d.addInput(in, params)
	return true
}

// onlyWith reports attributes that mean nothing without another.
func (b *block) onlyWith(other string, names ...string) {
	for _, n := range names {
		if a := b.body.Attributes[n]; a != nil {
			b.err(codeMissing, a.NameRange, fmt.Sprintf("%s is for inputs that are generated", n), fmt.Sprintf("this one has no %q", other),
				fmt.Sprintf("remove it, or add a line: %s = [\"./gen\"]", other))
		}
	}
}

// seeds reads the seeds, each of which makes an input of its own.
func (d *decoder) seeds(b *block) ([]int64, bool) {
	if !b.has("seeds") {
		return nil, false
	}
	x, ok := b.eval("seeds")
	if !ok {
		return nil, true
	}
	out, _ := x.wholes("a seed", 0, 1<<53, maxInputs, "[1, 2, 3, 4, 5]")
	for i, n := range out {
		if slices.Contains(out[:i], n) {
			x.wrong(codeDuplicate, fmt.Sprintf("the seed %d is there twice", n), "", "let the seeds differ")
			return nil, true
		}
	}
	return out, true
}

// generated reads the generator of one input.
func (d *decoder) generated(b *block, in pipeline.Input, params cty.Value, shell shellUse) {
	before := len(d.current)
	if !d.takeInput(b, in, params) {
		return
	}
	ctx := b.context().NewChild()
	ctx.Variables = map[string]cty.Value{"input": d.current[before]}
	if in.Seeded {
		ctx.Variables["seed"] = cty.NumberIntVal(in.Seed)
	}
	cmd, ok := b.command("generate", ctx, shell)
	if !ok {
		return
	}
	cmd.Dir, cmd.Env = b.surroundings(ctx)
	d.study.Inputs[len(d.study.Inputs)-1].Generate = &cmd
}

// mentions says whether an attribute refers to a root name. It is asked before the attribute is evaluated.
func (b *block) mentions(attr, root string) bool {
	a := b.body.Attributes[attr]
	return a != nil && mentions(a.Expr, root)
}

func mentions(e hclsyntax.Expression, root string) bool {
	return slices.ContainsFunc(e.Variables(), func(t hcl.Traversal) bool { return t.RootName() == root })
}

// stated reads check = "none: WHY" or inputs = "single: WHY", at the top level or in study. It returns the reason.
func (d *decoder) stated(name, word, why string) string {
	out := ""
	for _, b := range []*block{d.top, d.top.one("study")} {
		if b == nil || !b.has(name) {
			continue
		}
		x, ok := b.eval(name)
		if !ok {
			continue
		}
		s, ok := x.text()
		if !ok {
			continue
		}
		reason, has := strings.CutPrefix(strings.TrimSpace(s), word+":")
		if reason = strings.TrimSpace(reason); !has || reason == "" {
			x.wrong(codeWord, fmt.Sprintf("%s as an attribute states a reason", name), "", fmt.Sprintf("write %s = %q", name, word+": "+why))
			continue
		}
		out = reason
	}
	return out
}
