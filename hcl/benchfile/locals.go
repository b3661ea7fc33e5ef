package benchfile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// local is a local on its way to a value.
type local struct {
	b     *block
	a     *hclsyntax.Attribute
	need  int      // how many of needs have no value yet
	needs []string // locals that it refers to
	users []string // locals that refer to it
}

// cycles reports every circle of locals once, and gives those that have no value one that is unknown.
func (d *decoder) cycles(all map[string]*local, values map[string]cty.Value) {
	seen := map[string]bool{}
	for _, name := range d.locals.list {
		if _, ok := values[name]; ok || seen[name] {
			continue
		}
		var path []string
		position := map[string]int{}
		for at := name; ; {
			if i, there := position[at]; there {
				d.cycle(all[at], append(path[i:], at))
				break
			}
			if seen[at] {
				break // leads into a circle that was reported
			}
			seen[at] = true
			position[at] = len(path)
			path = append(path, at)
			i := slices.IndexFunc(all[at].needs, func(n string) bool { _, ok := values[n]; return !ok })
			at = all[at].needs[i]
		}
	}
	for _, name := range d.locals.list {
		if _, ok := values[name]; !ok {
			values[name] = cty.DynamicVal
		}
	}
}

func (d *decoder) cycle(l *local, path []string) {
	names := strings.Join(path, " → ")
	if len(path) > maxListed {
		names = strings.Join(path[:3], " → ") + fmt.Sprintf(" → … (%d in all)", len(path)-1)
	}
	l.b.err(codeCycle, l.a.NameRange, fmt.Sprintf("the local %q needs itself", l.a.Name), names, "break the circle: let one of them be a value of its own")
}

// computeLocals evaluates all locals, each after those that it needs, without recursion: a chain may have thousands.
func (d *decoder) computeLocals() {
	all := d.declareLocals()
	values := map[string]cty.Value{}
	var ready []string
	for _, name := range d.locals.list {
		if l := all[name]; d.connect(l, name, all) == 0 {
			ready = append(ready, name)
		}
	}
	for len(ready) > 0 {
		name := ready[0]
		ready = ready[1:]
		l := all[name]
		values[name] = d.computeLocal(l.b, l.a, values)
		for _, n := range l.users {
			if all[n].need--; all[n].need == 0 {
				ready = append(ready, n)
			}
		}
	}
	if len(values) < len(all) {
		d.cycles(all, values)
	}
	d.base.Variables["local"] = object(values)
}

// declareLocals finds all locals.
func (d *decoder) declareLocals() map[string]*local {
	all := map[string]*local{}
	for _, b := range d.top.blocks("locals") {
		b.ctx = d.base
		for _, a := range sortedAttributes(b.body) {
			if before, ok := d.locals.declare(a.Name, a.NameRange); !ok {
				b.err(codeDuplicate, a.NameRange, fmt.Sprintf("the local %q is declared twice", a.Name), "first "+atLine(before), "keep one of the two")
				continue
			}
			all[a.Name] = &local{b: b, a: a}
		}
	}
	return all
}

// connect finds out which locals a local needs, and returns how many.
func (d *decoder) connect(l *local, name string, all map[string]*local) int {
	seen := map[string]bool{}
	for _, t := range l.a.Expr.Variables() {
		if t.RootName() != "local" {
			continue
		}
		n, _, ok := step(t, 1)
		if !ok {
			l.b.err(codeScope, t.SourceRange(), "local is not a value by itself", "", "write local.NAME")
			d.checked[l.a] = false
			continue
		}
		if all[n] != nil && !seen[n] {
			seen[n] = true
			l.needs = append(l.needs, n)
			all[n].users = append(all[n].users, name)
		}
	}
	l.need = len(l.needs)
	return l.need
}

// computeLocal evaluates one local in a context that has those it needs.
func (d *decoder) computeLocal(b *block, a *hclsyntax.Attribute, values map[string]cty.Value) cty.Value {
	if !b.sound(a) {
		return cty.DynamicVal
	}
	ctx := d.base.NewChild()
	own := map[string]cty.Value{}
	for _, t := range a.Expr.Variables() {
		if n, _, ok := step(t, 1); ok && t.RootName() == "local" {
			own[n] = values[n]
		}
	}
	ctx.Variables = map[string]cty.Value{"local": object(own)}
	if d.taint[a.Expr] {
		d.secret["local."+a.Name] = true
	}
	v, diags := d.budget.meter(a.Expr).Value(ctx)
	if diags.HasErrors() {
		b.evaluation(diags, a.Expr)
		return cty.DynamicVal
	}
	return v
}

// sortedAttributes are a body's attributes in the order of the file.
func sortedAttributes(body *hclsyntax.Body) []*hclsyntax.Attribute {
	var out []*hclsyntax.Attribute
	for _, a := range body.Attributes {
		out = append(out, a)
	}
	sortByPlace(out)
	return out
}
