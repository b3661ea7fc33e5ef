package benchfile

import (
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/benchfile/bench/pipeline"
)

// withVerdicts adds hypothesis and the verdicts to a context. A verdict that is not known is a cty unknown, or the
// stand-in where there is one.
func (d *decoder) withVerdicts(ctx *hcl.EvalContext, known map[string]pipeline.VerdictKind, standIn *string) *hcl.EvalContext {
	child := ctx.NewChild()
	child.Variables = map[string]cty.Value{}
	for _, name := range verdictNames() {
		child.Variables[name] = cty.StringVal(name)
	}
	switch {
	case known == nil && standIn == nil && d.undecided == cty.NilVal:
		d.undecided = d.hypothesisMap(nil, notKnown)
		fallthrough
	case known == nil && standIn == nil:
		child.Variables["hypothesis"] = d.undecided
	case standIn != nil:
		child.Variables["hypothesis"] = d.hypothesisMap(known, *standIn)
	default:
		child.Variables["hypothesis"] = d.hypothesisMap(known, notKnown)
	}
	return child
}

// hypothesisMap is every hypothesis by name, with the verdicts that are known and a stand-in for the others.
func (d *decoder) hypothesisMap(known map[string]pipeline.VerdictKind, standIn string) cty.Value {
	if len(d.family) == 0 {
		return cty.MapValEmpty(cty.Object(map[string]cty.Type{
			"name": cty.String, "number": cty.Number, "title": cty.String, "priority": cty.String, "verdict": cty.String,
		}))
	}
	all := make(map[string]cty.Value, len(d.family))
	for i, b := range d.family {
		verdict := standIn
		if k, ok := known[b.name]; ok {
			verdict = string(k)
		}
		all[b.name] = d.hypothesisObject(i, verdict)
	}
	return cty.MapVal(all)
}

// notKnown stands for a verdict that is not known yet.
const notKnown = "?"

// hypothesisObject is a hypothesis as expressions see it. There are few verdicts, and planning asks often: each object is
// made once.
func (d *decoder) hypothesisObject(i int, verdict string) cty.Value {
	key := objectKey{i, verdict}
	if o, ok := d.objects[key]; ok {
		return o
	}
	h := &d.study.Hypotheses[i]
	v := cty.StringVal(verdict)
	if verdict == notKnown {
		v = cty.UnknownVal(cty.String).RefineNotNull()
	}
	o := cty.ObjectVal(map[string]cty.Value{
		"name": cty.StringVal(d.family[i].name), "number": cty.NumberIntVal(int64(h.Number)), "title": cty.StringVal(h.Title),
		"priority": cty.StringVal(h.Priority), "verdict": v,
	})
	d.objects[key] = o
	return o
}

type objectKey struct {
	index   int
	verdict string
}

// readCompounds reads every compound, and tries its members with no verdict known, so that what is wrong is found now
// and not when the last verdict is reached.
func (d *decoder) readCompounds() {
	var taken names
	numbers := map[int]string{}
	for _, h := range d.study.Hypotheses {
		numbers[h.Number] = h.Name
	}
	for _, b := range d.top.blocks("compound") {
		b.name = b.label
		if b.label == "" {
			continue
		}
		ok := b.identify(&taken)
		c := pipeline.Compound{Name: b.name, At: at(b.rng)}
		c.Title = b.text("title", "")
		c.Description = b.text("description", "")
		c.Number = int(b.whole("number", 0, 1, 99_999))
		if other, there := numbers[c.Number]; c.Number != 0 && there {
			b.err(codeNumber, b.valueRange("number"), fmt.Sprintf("the number %d is taken", c.Number), fmt.Sprintf("%q has it", other),
				"give it another number, or leave it out for one behind the hypotheses")
		} else if c.Number != 0 {
			numbers[c.Number] = c.Name
		}
		if x, has := b.eval("search"); has {
			c.Search, _ = x.word("", "pairs", "greedy", "all", "leave-one-out")
		}
		if !b.has("of") {
			continue
		}
		c.Of = d.of(b)
		if d.try(b) && ok {
			d.study.Compounds = append(d.study.Compounds, c)
		}
	}
}

// try evaluates a compound's members at load: with every verdict unknown, and with each verdict for all.
func (d *decoder) try(b *block) bool {
	a := b.body.Attributes["of"]
	if !b.sound(a) {
		return false
	}
	b.verdictWords("of")
	if len(d.family) < 2 {
		b.err(codeMembers, a.Expr.Range(), fmt.Sprintf("a compound combines hypotheses, and there %s", count(len(d.family))), "", "declare at least two hypotheses, or remove the compound")
		return false
	}
	if _, ok := b.evalMembers(d.withVerdicts(b.context(), nil, nil)); ok == failed {
		return false
	}
	most := 0
	for _, name := range d.standIns(b) {
		x, ok := b.evalMembers(d.withVerdicts(b.context(), nil, &name))
		if ok != known {
			return ok != failed
		}
		list, sound := x.members()
		if !sound || !x.declared(list) {
			return false
		}
		most = max(most, len(unique(list)))
	}
	if most < 2 && !b.dependsOnVerdicts("of") {
		b.err(codeMembers, a.Expr.Range(), fmt.Sprintf("this compound has %s", plural(most, "member")), "a combination needs two", "name at least two hypotheses")
		return false
	}
	return true
}

// standIns are the verdicts with which members are tried. In a large study two must do: each try costs as much as all
// the rest of the file.
func (d *decoder) standIns(b *block) []string {
	switch {
	case !b.dependsOnVerdicts("of"):
		return []string{""}
	case len(d.family) > 50:
		return []string{string(pipeline.Keep)}
	}
	return append(verdictNames(), "")
}

func count(n int) string {
	if n == 1 {
		return "is one"
	}
	return "are none"
}

// evaluated says how an evaluation went.
type evaluated int

const (
	failed evaluated = iota
	waiting
	known
)

// evalMembers evaluates of, telling apart what is wrong from what is not known yet.
func (b *block) evalMembers(ctx *hcl.EvalContext) (value, evaluated) {
	// Members are asked for again and again, with each verdict that comes: each time has a budget of its own.
	left := b.d.budget.left
	b.d.budget.left = maxWork
	defer func() { b.d.budget.left = left }()
	a := b.body.Attributes["of"]
	before := len(b.d.found)
	x, ok := b.evalRaw("of", ctx)
	switch {
	case ok && x.named():
		return x, known
	case len(b.d.found) > before || !b.sound(a):
		return x, failed
	}
	return x, waiting
}

// named says whether it is clear which hypotheses a value means, whatever else of them is unknown.
func (x value) named() bool {
	if !x.v.IsKnown() {
		return false
	}
	if t := x.v.Type(); !t.IsTupleType() && !t.IsListType() && !t.IsSetType() {
		return true // members says that it is no list
	}
	for it := x.v.ElementIterator(); it.Next(); {
		if _, e := it.Element(); !e.IsKnown() {
			return false
		}
	}
	return true
}

// declared reports members that are no hypotheses.
func (x value) declared(list []string) bool {
	for _, n := range list {
		if known := &x.b.d.hyps; !known.has(n) {
			x.b.unknown("hypothesis", "hypothesis", n, x.rng, known)
			return false
		}
	}
	return true
}

// dependsOnVerdicts says whether the members may change with verdicts.
func (b *block) dependsOnVerdicts(attr string) bool { return b.d.verdictful[b.body.Attributes[attr]] }

// of is the closure that planning asks. It evaluates the expression with the verdicts that are known; where the answer
// may still change, it says so, and returns who would be in it if no further verdict came.
func (d *decoder) of(b *block) func(map[string]pipeline.VerdictKind) ([]string, bool, error) {
	return func(verdicts map[string]pipeline.VerdictKind) ([]string, bool, error) {
		d.asking.Lock()
		defer d.asking.Unlock()
		pending := ""
		list, got, err := d.ask(b, d.withVerdicts(b.context(), verdicts, nil))
		if err != nil || got == known {
			return list, got == known, err
		}
		list, _, err = d.ask(b, d.withVerdicts(b.context(), verdicts, &pending))
		return list, false, err
	}
}

// ask evaluates members once, turning diagnostics into an error.
func (d *decoder) ask(b *block, ctx *hcl.EvalContext) ([]string, evaluated, error) {
	saved := d.collector
	d.collector = newCollector()
	defer func() { d.collector = saved }()
	x, got := b.evalMembers(ctx)
	var list []string
	if got == known {
		var ok bool
		if list, ok = x.members(); ok && x.declared(list) {
			return d.ordered(list), known, nil
		}
		got = failed
	}
	if got == failed {
		if all := d.sorted(); len(all) > 0 {
			return nil, failed, fmt.Errorf("%s: compound %q: %s", at(all[0].rng), b.name, join(all[0].summary, all[0].detail))
		}
		return nil, failed, errors.New("compound " + b.name + ": of has no value")
	}
	return nil, waiting, nil
}

// ordered sorts members by number and drops repetitions.
func (d *decoder) ordered(list []string) []string {
	list = unique(list)
	slices.SortFunc(list, func(a, b string) int {
		x, _ := d.study.Hypothesis(a)
		y, _ := d.study.Hypothesis(b)
		return x.Number - y.Number
	})
	return list
}

func unique(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}
