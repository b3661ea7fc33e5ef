package benchfile

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/itchyny/gojq"

	"github.com/benchfile/bench/pipeline"
)

// builtin is a metric that bench measures by itself.
type builtin struct {
	name, unit string
	exact      bool
}

// builtins are all of them. In each, lower is better.
func builtins() []builtin {
	return []builtin{
		{"time", "s", false}, {"user", "s", false}, {"system", "s", false}, {"cpu", "s", false}, {"memory_peak", "B", false},
		{"voluntary_switches", "", false}, {"involuntary_switches", "", false}, {"minor_faults", "", false}, {"major_faults", "", false},
		{"instructions", "", false}, {"cycles", "", false}, {"cache_misses", "", false}, {"branch_misses", "", false}, {"exit_code", "", true},
	}
}

func builtinNames() []string {
	var out []string
	for _, m := range builtins() {
		out = append(out, m.name)
	}
	return out
}

// readMetrics reads what a run yields numbers for, and sees to it that one of them is primary.
func (d *decoder) readMetrics() {
	var taken names
	var primary []*block
	for _, b := range d.top.blocks("metric") {
		for _, inst := range b.instances() {
			m, ok := d.readMetric(inst)
			if !inst.identify(&taken) || !ok {
				continue
			}
			if m.Primary {
				primary = append(primary, inst)
			}
			d.study.Metrics = append(d.study.Metrics, m)
		}
	}
	if len(primary) > 1 {
		b := primary[1]
		b.err(codePrimary, b.valueRange("primary"), fmt.Sprintf("%q is primary as well as %q", b.name, primary[0].name),
			"verdicts are reached on one metric", "let one of them be secondary, with a limit if it matters: limit = \"5%\"")
	}
	d.defaultTime(len(primary) == 0)
	for i, m := range d.study.Metrics {
		if m.Primary && m.Limit > 0 {
			for _, b := range d.top.blocks("metric") {
				if b.rng.Start.Line == m.At.Line && b.has("limit") {
					b.err(codePrimary, b.valueRange("limit"), fmt.Sprintf("%q is primary, and a limit is for the others", m.Name), "the primary metric is judged by criteria",
						"remove the limit, or set criteria { input_regression = … }")
				}
			}
			d.study.Metrics[i].Limit = 0
		}
	}
}

// defaultTime makes time the primary metric when none is, and adds it when it is not there.
func (d *decoder) defaultTime(primary bool) {
	i := slices.IndexFunc(d.study.Metrics, func(m pipeline.Metric) bool { return m.Name == "time" })
	if i < 0 {
		d.study.Metrics = slices.Insert(d.study.Metrics, 0, pipeline.Metric{Name: "time", Unit: "s", Better: pipeline.Lower})
		i = 0
	}
	d.study.Metrics[i].Primary = d.study.Metrics[i].Primary || primary
}

// readMetric reads one metric.
func (d *decoder) readMetric(b *block) (pipeline.Metric, bool) {
	m := pipeline.Metric{Name: b.name, At: at(b.rng)}
	ok := true
	if x, has := b.eval("better"); has {
		m.Better, ok = x.word(pipeline.Lower, pipeline.Higher)
	}
	m.Unit = b.text("unit", "")
	m.Exact = b.flag("exact", false)
	m.Primary = b.flag("primary", false)
	m.Limit = b.percent("limit", 0)
	i := slices.IndexFunc(builtins(), func(k builtin) bool { return k.name == b.name })
	switch {
	case i >= 0:
		d.builtinMetric(b, &m, builtins()[i])
	case !b.has("from"):
		help := "say where in the output it is: from = regex(stdout, \"" + b.name + "=(\\\\d+)\")"
		if n := nearest(b.name, builtinNames()); n != "" {
			help = fmt.Sprintf("did you mean the built-in metric %q? For one of your own: from = regex(stdout, …)", n)
		}
		b.err(codeBuiltin, b.rng, fmt.Sprintf("there is no built-in metric %q, and it has no from", b.name), "", help)
		return m, false
	case !b.has("better"):
		b.err(codeBetter, b.rng, fmt.Sprintf("the metric %q does not say which way is better", b.name), "", `add a line: better = "lower", or better = "higher"`)
	}
	if len([]rune(m.Unit)) > 20 || strings.ContainsFunc(m.Unit, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		b.err(codeWord, b.valueRange("unit"), "unit is not a unit", "", `write a short one, such as "s", "ms", "B" or "MiB"`)
	}
	if b.has("from") {
		var sound bool
		m.From, sound = b.from()
		ok = ok && sound
	}
	return m, ok
}

// builtinMetric fills in what is fixed of a built-in metric, and reports what contradicts it.
func (d *decoder) builtinMetric(b *block, m *pipeline.Metric, k builtin) {
	if b.has("from") {
		b.err(codeBuiltin, b.valueRange("from"), fmt.Sprintf("%q is measured by bench itself", k.name), "", "remove from, or give the metric another name")
	}
	if b.has("unit") && m.Unit != k.unit {
		b.err(codeBuiltin, b.valueRange("unit"), fmt.Sprintf("the unit of %q is %q", k.name, k.unit), "", "remove unit")
	}
	if b.has("better") && m.Better == pipeline.Higher {
		b.err(codeBuiltin, b.valueRange("better"), fmt.Sprintf("%q is better when it is lower", k.name), "", "remove better")
	}
	m.Unit, m.Better = k.unit, pipeline.Lower
	m.Exact = m.Exact || k.exact
}

// fromFunctions are those that say where in a run's output a number is. They are read, not called.
func fromFunctions() []string { return []string{"regex", "jq", "key", "file_size", "file"} }

// fromExample shows how one is used.
func fromExample(name string) string {
	switch name {
	case "regex":
		return `regex(stdout, "steps=(\\d+)")`
	case "jq":
		return `jq(stdout, ".results[0].mean")`
	case "key":
		return `key(stdout, "steps")`
	}
	return `file_size("proof.bin")`
}

// from reads where a metric's number is.
func (b *block) from() (*pipeline.Extract, bool) {
	a := b.body.Attributes["from"]
	if !b.sound(a) {
		return nil, false
	}
	call, ok := a.Expr.(*hclsyntax.FunctionCallExpr)
	if !ok || !slices.Contains(fromFunctions(), call.Name) || call.Name == "file" {
		b.err(codeFrom, a.Expr.Range(), "from is none of regex(), jq(), key() and file_size()", "", "write from = "+fromExample("regex"))
		return nil, false
	}
	if call.Name == "file_size" {
		if len(call.Args) != 1 {
			return b.badCall(call, "the file")
		}
		x, ok := b.argument(call, 0)
		if !ok {
			return nil, false
		}
		path, ok := x.inside()
		return &pipeline.Extract{Kind: "file_size", Source: path}, ok
	}
	if len(call.Args) != 2 {
		return b.badCall(call, "where to look and what for")
	}
	source, ok := b.source(call)
	x, ok2 := b.argument(call, 1)
	if !ok || !ok2 {
		return nil, false
	}
	expr, ok := x.text()
	if !ok {
		return nil, false
	}
	return &pipeline.Extract{Kind: call.Name, Source: source, Expr: expr}, x.extracts(call.Name, expr)
}

func (b *block) badCall(call *hclsyntax.FunctionCallExpr, wants string) (*pipeline.Extract, bool) {
	b.err(codeFrom, call.Range(), fmt.Sprintf("%s() takes %s", call.Name, wants), fmt.Sprintf("it was given %s", plural(len(call.Args), "argument")),
		"write from = "+fromExample(call.Name))
	return nil, false
}

// argument evaluates an argument of a call in from.
func (b *block) argument(call *hclsyntax.FunctionCallExpr, i int) (value, bool) {
	e := call.Args[i]
	v, diags := e.Value(b.context())
	if diags.HasErrors() {
		b.evaluation(diags, e)
		return value{}, false
	}
	x := value{b: b, name: "from", rng: e.Range(), v: v}
	if v.ContainsMarked() {
		x.v, _ = v.UnmarkDeep()
		x.hidden = true
	}
	if x.v.IsNull() {
		x.mistyped("a text", `"…"`)
		return value{}, false
	}
	return x, x.v.IsWhollyKnown()
}

// source reads the first argument: stdout, stderr, or file("path").
func (b *block) source(call *hclsyntax.FunctionCallExpr) (string, bool) {
	switch e := call.Args[0].(type) {
	case *hclsyntax.ScopeTraversalExpr:
		if root := e.Traversal.RootName(); len(e.Traversal) == 1 && (root == "stdout" || root == "stderr") {
			return root, true
		}
	case *hclsyntax.FunctionCallExpr:
		if e.Name == "file" && len(e.Args) == 1 {
			if x, ok := b.argument(e, 0); ok {
				return x.inside()
			}
			return "", false
		}
	}
	b.err(codeFrom, call.Args[0].Range(), fmt.Sprintf("%s() looks into stdout, stderr or file(\"…\")", call.Name), "", "write from = "+fromExample(call.Name))
	return "", false
}

// extracts checks the pattern, filter or key.
func (x value) extracts(kind, expr string) bool {
	switch kind {
	case "regex":
		return x.pattern(expr)
	case "jq":
		return x.filter(expr)
	}
	if strings.TrimSpace(expr) == "" || strings.ContainsAny(expr, "\n\r") {
		x.wrong(codeFrom, "the key is empty", "", `write the word before the number: key(stdout, "steps")`)
		return false
	}
	return true
}

// maxPattern bounds patterns and filters: beyond it, they are generated, and slow on every line of every run.
const maxPattern = 10_000

func (x value) pattern(expr string) bool {
	if len(expr) > maxPattern {
		x.wrong(codePattern, fmt.Sprintf("the pattern has %d bytes; at most %d are allowed", len(expr), maxPattern), "", "look for less")
		return false
	}
	re, err := regexp.Compile(expr)
	if err != nil {
		help := "patterns are RE2; in a quoted string a backslash is written twice"
		if strings.Contains(expr, "(?=") || strings.Contains(expr, "(?!") || strings.Contains(expr, "(?<") {
			help = "RE2 knows no look-ahead and no look-behind; match more, and put the number in a group"
		}
		reason := strings.TrimPrefix(err.Error(), "error parsing regexp: ")
		if x.hidden {
			reason = ""
		}
		x.wrong(codePattern, "the pattern is not a regular expression", reason, help)
		return false
	}
	if n := re.NumSubexp(); n > 1 {
		x.wrong(codePattern, fmt.Sprintf("the pattern has %d groups, and it is not clear which is the number", n), "", "leave one group around the number, and write the others as (?:…)")
		return false
	}
	return true
}

func (x value) filter(expr string) bool {
	const help = `write a filter that yields one number, such as ".results[0].mean"`
	if len(expr) > maxPattern {
		x.wrong(codeJQ, fmt.Sprintf("the filter has %d bytes; at most %d are allowed", len(expr), maxPattern), "", help)
		return false
	}
	if depth(expr) > maxDepth {
		x.wrong(codeJQ, fmt.Sprintf("the filter nests deeper than %d levels", maxDepth), "", help)
		return false
	}
	q, err := gojq.Parse(expr)
	if err == nil {
		_, err = gojq.Compile(q)
	}
	if err != nil {
		reason := err.Error()
		if x.hidden {
			reason = ""
		}
		x.wrong(codeJQ, "the filter is not jq", reason, help)
		return false
	}
	return true
}

// depth bounds how deep a filter nests: brackets and what can recurse without them.
func depth(expr string) int {
	open, most, prefix := 0, 0, 0
	for _, c := range expr {
		switch c {
		case '(', '[', '{':
			open++
		case ')', ']', '}':
			open--
		case '-', '|', ',', ';', '?', '/', '=':
			prefix++
		}
		most = max(most, open)
	}
	return most + prefix + strings.Count(expr, "if ") + strings.Count(expr, "def ") + strings.Count(expr, "as ")
}

// rangeOf is the range of an attribute's name.
func (b *block) nameRange(attr string) hcl.Range {
	if a := b.body.Attributes[attr]; a != nil {
		return a.NameRange
	}
	return b.rng
}
