package benchfile

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/benchfile/bench/pipeline"
)

// hypothesisBlock is a block that became a hypothesis.
type hypothesisBlock struct {
	*block
	index int // in Study.Hypotheses
}

// expandHypotheses finds out which hypotheses there are, before anything refers to one.
func (d *decoder) expandHypotheses() {
	for _, b := range d.top.blocks("hypothesis") {
		for _, inst := range b.instances() {
			if !inst.identify(&d.hyps) {
				continue
			}
			if len(d.family) == maxHypotheses {
				inst.err(codeBudget, inst.rng, fmt.Sprintf("the study has more than %d hypotheses", maxHypotheses), "", "try fewer: no session measures as many")
				return
			}
			d.family = append(d.family, hypothesisBlock{inst, len(d.family)})
		}
	}
	for _, b := range d.top.blocks("compound") {
		if b.label != "" {
			b.name = b.label
			if b.name == "baseline" {
				b.err(codeBadName, b.rng, `"baseline" cannot be the name of a compound`, "it is what everything is held against", "give it another name")
			}
			if before, there := d.hyps.at[b.name]; there {
				b.err(codeDuplicate, b.rng, fmt.Sprintf("the name %q is taken", b.name), "it is a hypothesis "+atLine(before), "give one of the two another name")
			}
		}
	}
	if d.hyps.has("baseline") {
		d.top.err(codeBadName, d.hyps.at["baseline"], `"baseline" cannot be the name of a hypothesis`, "it is what every hypothesis is held against", "give it another name")
	}
}

// readHypotheses reads them, and gives numbers to those that have none.
func (d *decoder) readHypotheses() {
	used := map[int]hypothesisBlock{}
	d.study.Hypotheses = make([]pipeline.Hypothesis, len(d.family))
	for _, b := range d.family {
		h := d.readHypothesis(b.block)
		d.study.Hypotheses[b.index] = h
		if h.Number == 0 {
			continue
		}
		if first, there := used[h.Number]; there {
			b.err(codeNumber, b.valueRange("number"), fmt.Sprintf("the number %d is taken", h.Number), fmt.Sprintf("%q has it %s", first.name, atLine(first.rng)),
				"give it another number, or leave it out for the lowest free one")
			continue
		}
		used[h.Number] = b
	}
	next := 1
	for i := range d.study.Hypotheses {
		h := &d.study.Hypotheses[i]
		if h.Number != 0 {
			continue
		}
		for _, there := used[next]; there; _, there = used[next] {
			next++
		}
		h.Number = next
		used[next] = d.family[i]
	}
	for _, b := range d.family {
		d.readConflicts(b)
	}
}

// readHypothesis reads all but the conflicts, which need the others.
func (d *decoder) readHypothesis(b *block) pipeline.Hypothesis {
	h := pipeline.Hypothesis{Name: b.name, At: at(b.rng), Priority: "medium"}
	h.Number = int(b.whole("number", 0, 1, 99_999))
	h.Title = b.text("title", strings.ReplaceAll(strings.ReplaceAll(b.name, "-", " "), "_", " "))
	if x, ok := b.eval("priority"); ok {
		h.Priority, _ = x.word("high", "medium", "low")
	}
	h.Expect = expect(b.text("expect", ""))
	h.Risk = b.text("risk", "")
	h.Description = b.text("description", "")
	if x, ok := b.eval("patch"); ok {
		h.Patch, _ = x.existing(false, File)
	}
	if x, ok := b.eval("branch"); ok {
		h.Branch, _ = x.gitName()
	}
	if x, ok := b.eval("commit"); ok {
		h.Commit, _ = x.gitName()
	}
	if x, ok := b.eval("env"); ok {
		h.Env, _ = x.environment()
	}
	d.readRunning(b, &h)
	var written []string
	for _, n := range []string{"patch", "branch", "commit"} {
		if b.has(n) {
			written = append(written, n)
		}
	}
	switch {
	case len(written) > 1:
		b.err(codeTwoChanges, b.nameRange(written[1]), fmt.Sprintf("%s and %s both say what the code is", written[0], written[1]), "",
			"keep one; for both together declare two hypotheses and a compound")
	case len(written) == 0 && !b.has("env") && !b.has("args") && !b.has("command"):
		b.err(codeNoChange, b.rng, fmt.Sprintf("the hypothesis %q changes nothing", b.name), "",
			`add a line: patch = "patches/`+b.name+`.patch" (or branch, commit, env, args, command)`)
	}
	return h
}

// readRunning reads how a hypothesis is run differently: more arguments, or another command.
func (d *decoder) readRunning(b *block, h *pipeline.Hypothesis) {
	measure := d.top.one("measure")
	inherited := len(d.study.Measure.Commands) > 0 && d.study.Measure.Commands[0].Shell
	if b.has("command") {
		h.Commands = b.commandsIn("command", b.shell(inherited), false)
		for i := range h.Commands {
			if i < len(d.study.Measure.Commands) {
				h.Commands[i].Dir, h.Commands[i].Env = d.study.Measure.Commands[i].Dir, d.study.Measure.Commands[i].Env
			}
		}
	} else if a := b.body.Attributes["shell"]; a != nil {
		b.err(codeMissing, a.NameRange, "shell is for a command", "this hypothesis has none", "remove it, or add a command")
	}
	if !b.has("args") {
		return
	}
	if b.has("command") {
		b.err(codeTwoChanges, b.nameRange("args"), "args are added to measure's command, and this hypothesis has its own", "", "write the arguments into command")
		return
	}
	if inherited && measure != nil {
		b.err(codeCommand, b.nameRange("args"), "args cannot be added to a line for a shell", "measure has shell = true", "write the whole line with command instead")
		return
	}
	var out [][]string
	b.perInput(func(_ int, ctx *hcl.EvalContext) {
		if x, ok := b.evalIn("args", ctx); ok {
			if list, ok := x.texts(`["--fast"]`); ok && x.noNUL(list) {
				out = append(out, list)
			}
		}
	})
	if len(out) == len(d.current) {
		h.Args = out
	}
}

// readConflicts reads with which others a hypothesis cannot be combined: names, or hypothesis.NAME.
func (d *decoder) readConflicts(b hypothesisBlock) {
	if !b.has("conflicts") {
		return
	}
	b.verdictWords("conflicts")
	x, ok := b.evalRaw("conflicts", d.withVerdicts(b.context(), nil, nil))
	if !ok {
		return
	}
	if !x.named() {
		if x.v.IsKnown() || b.dependsOnVerdicts("conflicts") {
			x.wrong(codeConflicts, "conflicts is a list of hypotheses", "verdicts are not known yet", "write names: conflicts = [\"zero-copy\"]")
		}
		return
	}
	list, ok := x.members()
	if !ok {
		return
	}
	for _, n := range list {
		switch {
		case n == b.name:
			x.wrong(codeConflicts, fmt.Sprintf("%q cannot conflict with itself", n), "", "remove it from the list")
		case !d.hyps.has(n):
			help := didYouMean(n, d.hyps.list, "there are")
			if near := nearest(n, d.hyps.list); near != "" {
				help = fmt.Sprintf("did you mean %q %s?", near, d.line(d.hyps.at[near]))
			}
			x.wrong(codeConflicts, fmt.Sprintf("there is no hypothesis %q", n), "", help)
		}
	}
	slices.Sort(list)
	d.study.Hypotheses[b.index].Conflicts = slices.Compact(list)
}

// members converts to names of hypotheses: texts, or objects of hypotheses.
func (x value) members() ([]string, bool) {
	t := x.v.Type()
	if x.hidden {
		x.wrong(codeForEach, x.name+" cannot be a value that must not be shown", "it is a list of names", "write hypothesis.NAME, or names in quotes")
		return nil, false
	}
	if !t.IsTupleType() && !t.IsListType() && !t.IsSetType() {
		x.mistyped("a list of hypotheses", "[hypothesis.NAME, hypothesis.OTHER]")
		return nil, false
	}
	var out []string
	for it := x.v.ElementIterator(); it.Next(); {
		_, e := it.Element()
		if e.IsKnown() && !e.IsNull() && (e.Type().IsObjectType() && e.Type().HasAttribute("verdict")) {
			e = e.GetAttr("name")
		}
		if !e.IsKnown() || e.IsNull() || e.Type() != cty.String {
			x.wrong(codeType, x.name+" is a list of hypotheses", "an element is "+kindOf(e), "write hypothesis.NAME, or a name in quotes")
			return nil, false
		}
		out = append(out, e.AsString())
	}
	return out, true
}

// expectPattern finds "20-40%", "20% to 40%", "5%" in a text.
var expectPattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(\d+(?:\.\d+)?)\s*%?\s*(?:-|–|—|\.\.|to|and)\s*(\d+(?:\.\d+)?)\s*%|(\d+(?:\.\d+)?)\s*%`)
})

// expect reads the improvement that a text speaks of; a sign before it says nothing, since what is expected is gain.
func expect(text string) pipeline.Expect {
	e := pipeline.Expect{Text: text}
	m := expectPattern().FindStringSubmatch(text)
	switch {
	case m == nil:
	case m[3] != "":
		e.Lo = fraction(m[3])
		e.Hi = e.Lo
	default:
		e.Lo, e.Hi = fraction(m[1]), fraction(m[2])
		if e.Lo > e.Hi {
			e.Lo, e.Hi = e.Hi, e.Lo
		}
	}
	return e
}

func fraction(percent string) float64 {
	f, err := strconv.ParseFloat(percent, 64)
	if err != nil {
		return 0
	}
	return f / 100
}
