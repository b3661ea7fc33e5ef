package benchfile

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/benchfile/bench/pipeline"
)

// mark is what clings to a value that must not be shown.
type mark string

const (
	markSecret mark = "sensitive" // a sensitive variable's
	markEnv    mark = "env"       // what env() read
)

// decoder reads one Benchfile. It lives for one call of Decode.
type decoder struct {
	*collector
	src    Source
	opt    Options
	study  *pipeline.Study
	top    *block
	budget *budget

	base    *hcl.EvalContext // functions, var, local
	world   *hcl.EvalContext // base and every declared input
	vars    names
	locals  names
	inputs  names
	hyps    names
	secret  map[string]bool // "var.x", "local.y", "input": what must not be shown
	reads   map[string]pipeline.EnvRead
	hides   bool                          // there may be values that must not be shown: otherwise nobody needs to look
	taint   map[hclsyntax.Expression]bool // expressions that involve one
	checked map[*hclsyntax.Attribute]bool // attribute → may be evaluated
	metered map[*hclsyntax.Attribute]hclsyntax.Expression
	current []cty.Value // input objects, in the order of study.Inputs
	family  []hypothesisBlock

	asking     sync.Mutex                    // held while a compound's members are asked for
	spent      bool                          // the budget ran out, and that has been said
	undecided  cty.Value                     // every hypothesis, with no verdict known
	objects    map[objectKey]cty.Value       // see hypothesisObject
	verdictful map[*hclsyntax.Attribute]bool // compound.of → whether it asks for verdicts
	used       map[string]bool               // "var.x", "local.y" that something refers to
}

// names are declared names and where they were declared.
type names struct {
	list []string
	at   map[string]hcl.Range
}

// declare adds a name; ok is false when it is there already.
func (n *names) declare(name string, at hcl.Range) (before hcl.Range, ok bool) {
	if n.at == nil {
		n.at = map[string]hcl.Range{}
	}
	if before, there := n.at[name]; there {
		return before, false
	}
	n.at[name] = at
	n.list = append(n.list, name)
	return at, true
}

func (n *names) has(name string) bool { _, ok := n.at[name]; return ok }

func newDecoder(src Source, opt Options) *decoder {
	d := &decoder{
		collector: newCollector(), src: src, opt: opt, budget: &budget{left: maxWork},
		secret: map[string]bool{}, objects: map[objectKey]cty.Value{}, verdictful: map[*hclsyntax.Attribute]bool{}, used: map[string]bool{}, taint: map[hclsyntax.Expression]bool{}, reads: map[string]pipeline.EnvRead{},
		checked: map[*hclsyntax.Attribute]bool{}, metered: map[*hclsyntax.Attribute]hclsyntax.Expression{},
	}
	d.addFile(src)
	for _, f := range opt.VarFiles {
		d.addFile(f)
	}
	d.study = &pipeline.Study{File: src.Name}
	d.hides = bytes.Contains(src.Bytes, []byte("sensitive")) || bytes.Contains(src.Bytes, []byte("env"))
	return d
}

// run goes through the file once, in the order in which one thing needs another.
func (d *decoder) run() {
	body := d.parse(d.src)
	if body == nil {
		return
	}
	d.top = &block{d: d, spec: language(), body: body, rng: fileStart(d.src.Name)}
	d.base = &hcl.EvalContext{Functions: d.functions(), Variables: map[string]cty.Value{}}
	d.shape(d.top)
	d.variables()
	d.computeLocals()
	d.readInputs()
	d.expandHypotheses()
	d.readStudy()
	d.readEnvironment()
	d.readBaseline()
	d.readBuild()
	d.readMeasure()
	d.readCheck()
	d.readProfile()
	d.readMetrics()
	d.readCriteria()
	d.readHypotheses()
	d.readCompounds()
	d.readNotes()
	d.rules()
	d.unused()
	d.conclude()
}

// fileStart is where messages point that are about what is not there.
func fileStart(name string) hcl.Range {
	return hcl.Range{Filename: name, Start: hcl.InitialPos, End: hcl.InitialPos}
}

// parse reads a file into a tree; nil when it cannot be.
func (d *decoder) parse(src Source) *hclsyntax.Body {
	if f := guard(src); f != nil {
		d.add(*f)
		return nil
	}
	file, diags := hclsyntax.ParseConfig(src.Bytes, src.Name, hcl.InitialPos)
	d.syntax(diags)
	body, ok := file.Body.(*hclsyntax.Body)
	if !ok || diags.HasErrors() {
		return nil
	}
	return body
}

// conclude fills in what is known only at the end.
func (d *decoder) conclude() {
	for _, r := range d.reads {
		d.study.EnvReads = append(d.study.EnvReads, r)
	}
	slices.SortFunc(d.study.EnvReads, func(a, b pipeline.EnvRead) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	for _, f := range d.sorted() {
		if f.severity == Warning && f.code != codeWarnUnused { // that one is about the file, not about results
			d.study.Warnings = append(d.study.Warnings, pipeline.Warning{At: at(f.rng), Text: join(f.summary, f.detail), Help: f.help})
		}
	}
}

func join(summary, detail string) string {
	if detail == "" {
		return summary
	}
	return summary + ": " + detail
}

// at is a range as a place.
func at(r hcl.Range) pipeline.Place {
	return pipeline.Place{File: r.Filename, Line: r.Start.Line, Column: r.Start.Column}
}

// line is a place within a message: "(line 5)", with the file where it is another one.
func (d *decoder) line(r hcl.Range) string {
	if r.Filename != d.src.Name {
		return fmt.Sprintf("(%s:%d)", r.Filename, r.Start.Line)
	}
	return "(line " + strconv.Itoa(r.Start.Line) + ")"
}

// envUnset ends the one message about an environment variable that tells nothing of a value.
const envUnset = "is not set"

// envFunction is env(NAME), or env(NAME, DEFAULT). What it read is recorded as a hash and marked, so that no message
// shows it.
func (d *decoder) envFunction() function.Function {
	return function.New(&function.Spec{
		Params:   []function.Parameter{{Name: "name", Type: cty.String}},
		VarParam: &function.Parameter{Name: "default", Type: cty.String},
		Type:     function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if len(args) > 2 {
				return cty.NilVal, errors.New("it takes a name and at most one default")
			}
			name := args[0].AsString()
			if !envName(name) {
				return cty.NilVal, function.NewArgErrorf(0, "%q cannot be the name of an environment variable", name)
			}
			value, set := "", false
			if d.opt.Env != nil {
				value, set = d.opt.Env(name)
			}
			read := pipeline.EnvRead{Name: name, Set: set}
			if set {
				sum := sha256.Sum256([]byte(value))
				read.Sum = hex.EncodeToString(sum[:])
			}
			d.reads[name] = read
			switch {
			case set:
				return cty.StringVal(value).Mark(markEnv), nil
			case len(args) == 2:
				return args[1], nil
			}
			return cty.NilVal, fmt.Errorf("the environment variable %s %s", name, envUnset)
		},
	})
}
