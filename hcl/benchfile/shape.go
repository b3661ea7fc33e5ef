package benchfile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// shape holds a block and everything in it against the schema: what may stand there, what must, and how often.
func (d *decoder) shape(b *block) {
	d.shapeAttributes(b)
	seen := map[string]hcl.Range{}
	for _, h := range b.body.Blocks {
		spec := b.spec.block(h.Type)
		if spec == nil {
			d.unknownBlock(b, h)
			continue
		}
		if before, there := seen[h.Type]; there && !spec.many {
			b.err(codeDuplicate, h.DefRange(), fmt.Sprintf("there are two %s blocks", h.Type), "it may stand there once; the first is "+atLine(before),
				"join the two")
			continue
		}
		seen[h.Type] = h.DefRange()
		d.labels(b, spec, h)
		d.shape(b.child(h))
	}
}

func atLine(r hcl.Range) string { return fmt.Sprintf("at line %d", r.Start.Line) }

// shapeAttributes reports unknown attributes and missing ones.
func (d *decoder) shapeAttributes(b *block) {
	if b.spec.free {
		return
	}
	for _, a := range b.body.Attributes {
		if b.spec.attr(a.Name) == nil {
			d.unknownAttribute(b, a)
		}
	}
	for _, s := range b.spec.attrs {
		if s.required && b.body.Attributes[s.name] == nil {
			b.err(codeMissing, b.rng, fmt.Sprintf("%s needs %q", b.spec.name, s.name), "", "add a line: "+s.example)
		}
	}
}

// unknownAttribute says what was probably meant: another attribute, or a block of that name.
func (d *decoder) unknownAttribute(b *block, a *hclsyntax.Attribute) {
	summary := fmt.Sprintf("%s has no attribute %q", b.spec.name, a.Name)
	if b.spec == language() {
		summary = fmt.Sprintf("there is no attribute %q outside of blocks", a.Name)
	}
	names := b.spec.attrNames()
	help := didYouMean(a.Name, names, "it has")
	switch {
	case b.spec.block(a.Name) != nil:
		help = fmt.Sprintf("%s is a block: write %s { … }", a.Name, strings.TrimSpace(a.Name+" "+labelExample(b.spec.block(a.Name))))
	case b.spec == language() && nearest(a.Name, names) == "":
		help = fmt.Sprintf("put it into the block that it belongs to, or into locals { %s = … }", a.Name)
	case len(names) == 0:
		help = "remove it"
	}
	b.err(codeAttribute, a.NameRange, summary, "", help)
}

func labelExample(s *blockSpec) string {
	if s.label == "" {
		return ""
	}
	return `"` + strings.ToUpper(s.label) + `"`
}

// unknownBlock says what was probably meant: another block, or an attribute of that name.
func (d *decoder) unknownBlock(b *block, h *hclsyntax.Block) {
	summary := fmt.Sprintf("there is no block %q inside %s", h.Type, b.spec.name)
	if b.spec == language() {
		summary = fmt.Sprintf("there is no block %q", h.Type)
	}
	names := b.spec.blockNames()
	help := didYouMean(h.Type, names, "there are")
	switch {
	case b.spec.attr(h.Type) != nil:
		help = fmt.Sprintf("%s is an attribute: write %s = …", h.Type, h.Type)
	case nearest(h.Type, names) == "" && b.spec != language() && language().block(h.Type) != nil:
		help = "move it out of this block, to the top level of the file"
	case nearest(h.Type, names) == "" && parentOf(h.Type) != "":
		help = "move it into " + parentOf(h.Type)
	case len(names) == 0:
		help = fmt.Sprintf("remove it: %s holds attributes only", b.spec.name)
	}
	b.err(codeBlock, h.TypeRange, summary, "", help)
}

// parentOf is the block that blocks of a name belong into, or "".
func parentOf(name string) string {
	for _, s := range language().blocks {
		if s.block(name) != nil {
			return s.name
		}
	}
	return ""
}

// labels reports labels that are missing or too many.
func (d *decoder) labels(b *block, spec *blockSpec, h *hclsyntax.Block) {
	child := b.child(h)
	switch {
	case spec.label == "" && len(h.Labels) > 0:
		child.err(codeLabels, h.LabelRanges[0], fmt.Sprintf("%s takes no label", spec.name), "", "remove the label: "+spec.name+" {")
	case spec.label != "" && len(h.Labels) == 0:
		child.err(codeLabels, h.TypeRange, fmt.Sprintf("%s needs a %s", spec.name, spec.label), "", "write it like this: "+spec.example)
	case len(h.Labels) > 1:
		child.err(codeLabels, h.LabelRanges[1], fmt.Sprintf("%s takes one label", spec.name), "", "write it like this: "+spec.example)
	}
}

// badName is what is wrong with a name that becomes a file, a folder or a branch; "" when nothing is.
func badName(name string) string {
	switch {
	case name == "":
		return "it is empty"
	case len(name) > 64:
		return fmt.Sprintf("it has %d characters; at most 64 are allowed", len(name))
	case strings.Contains(name, ".."):
		return "it has two dots in a row"
	case strings.HasSuffix(name, "."), strings.HasSuffix(name, ".lock"):
		return `it ends in a dot or in ".lock", which git does not allow`
	}
	for i, c := range []byte(name) {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
		case i > 0 && (c == '.' || c == '_' || c == '-'):
		default:
			return "names consist of a-z, 0-9, \".\", \"_\" and \"-\", and begin with a letter or digit"
		}
	}
	return ""
}

// goodName is the nearest name that could be used.
func goodName(name string) string {
	var out []byte
	for _, c := range []byte(strings.ToLower(name)) {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			out = append(out, c)
		case len(out) > 0 && out[len(out)-1] != '-':
			if c == '.' || c == '_' {
				out = append(out, c)
			} else {
				out = append(out, '-')
			}
		}
	}
	s := strings.Trim(strings.ReplaceAll(string(out), "..", "."), "-._")
	s = strings.TrimSuffix(s, ".lock")
	if len(s) > 64 {
		s = strings.Trim(s[:64], "-._")
	}
	if badName(s) != "" {
		return "name"
	}
	return s
}

// identify checks the name of a block, and that it is the only one of its kind. The kinds in one list share their names.
func (b *block) identify(taken *names) bool {
	rng := b.rng
	if why := badName(b.name); why != "" {
		help := fmt.Sprintf("write %s %q", b.spec.name, goodName(b.name))
		if b.each {
			help = fmt.Sprintf("use keys that fit into a name: %q instead of %q", goodName(b.key), b.key)
		}
		b.err(codeBadName, rng, fmt.Sprintf("%q cannot be the name of %s", b.name, article(b.spec.name)), why, help)
		return false
	}
	if before, ok := taken.declare(b.name, rng); !ok {
		b.err(codeDuplicate, rng, fmt.Sprintf("the name %q is taken", b.name), "it is declared "+atLine(before), "give one of the two another name")
		return false
	}
	return true
}

func article(word string) string {
	if slices.Contains([]byte("aeiou"), word[0]) {
		return "an " + word
	}
	return "a " + word
}

// sortByPlace brings attributes, which HCL keeps in a map, into the order of the file.
func sortByPlace(list []*hclsyntax.Attribute) {
	slices.SortFunc(list, func(a, b *hclsyntax.Attribute) int { return a.SrcRange.Start.Byte - b.SrcRange.Start.Byte })
}
