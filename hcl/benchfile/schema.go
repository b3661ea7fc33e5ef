package benchfile

import (
	"slices"
	"sync"
)

// scope is what an attribute's expression may refer to, beside var, local and functions.
type scope int

const (
	withNames    scope = 1 << iota // input.NAME, any declared input
	withInput                      // input is the one input that the expression is evaluated for
	withSeed                       // seed
	withVerdicts                   // hypothesis, hypothesis.NAME and the verdicts
	withOutput                     // stdout, stderr and the functions of from
	withNothing                    // no var and no local either
)

// attrSpec describes an attribute.
type attrSpec struct {
	name     string
	kind     string // the type, as LANGUAGE.md writes it
	required bool
	example  string // a whole line, shown where a required one is missing
	scope    scope
}

// blockSpec describes a kind of block, or the top level of the file.
type blockSpec struct {
	name    string
	label   string // what the label is: "" = the block takes none
	many    bool   // may stand there more than once
	free    bool   // any attribute (locals)
	family  bool   // takes for_each
	attrs   []attrSpec
	blocks  []*blockSpec
	example string // shown where the block is wrongly labelled or missing
}

func (s *blockSpec) attr(name string) *attrSpec {
	if i := slices.IndexFunc(s.attrs, func(a attrSpec) bool { return a.name == name }); i >= 0 {
		return &s.attrs[i]
	}
	return nil
}

func (s *blockSpec) block(name string) *blockSpec {
	if i := slices.IndexFunc(s.blocks, func(b *blockSpec) bool { return b.name == name }); i >= 0 {
		return s.blocks[i]
	}
	return nil
}

func (s *blockSpec) attrNames() []string {
	var out []string
	for _, a := range s.attrs {
		out = append(out, a.name)
	}
	return out
}

func (s *blockSpec) blockNames() []string {
	var out []string
	for _, b := range s.blocks {
		out = append(out, b.name)
	}
	return out
}

// The types that attributes have.
const (
	kText     = "text"
	kTexts    = "list of texts"
	kNumber   = "number"
	kWhole    = "whole number"
	kBool     = "bool"
	kDuration = "duration"
	kPercent  = "percentage"
	kSize     = "size"
	kMap      = "map of texts"
	kCommand  = "command"
	kPath     = "path"
	kPaths    = "list of paths"
	kAny      = "any"
	kType     = "type"
	kFrom     = "source"
	kMembers  = "list of hypotheses"
	kNumbers  = "list of whole numbers"
	kFamily   = "list, set or map"
)

func opt(name, kind string, s scope) attrSpec { return attrSpec{name: name, kind: kind, scope: s} }

func req(name, kind string, s scope, example string) attrSpec {
	return attrSpec{name: name, kind: kind, scope: s, required: true, example: example}
}

// running are the attributes of whatever runs a command.
func running(s scope) []attrSpec {
	return []attrSpec{opt("dir", kPath, s), opt("env", kMap, s), opt("shell", kBool, withNames)}
}

// language is the schema of the whole file. It is what decoding checks against and what LANGUAGE.md is compared with.
var language = sync.OnceValue(func() *blockSpec {
	forEach := opt("for_each", kFamily, withNames)
	return &blockSpec{
		name: "top level",
		attrs: []attrSpec{
			opt("check", kText, withNames),
			opt("inputs", kText, withNames),
		},
		blocks: []*blockSpec{
			{name: "variable", label: "name", many: true, example: `variable "runs" { default = 10 }`, attrs: []attrSpec{
				opt("type", kType, withNothing), opt("default", kAny, withNothing), opt("description", kText, withNothing),
				opt("sensitive", kBool, withNothing),
			}, blocks: []*blockSpec{
				{name: "validation", many: true, attrs: []attrSpec{
					req("condition", kBool, 0, "condition = var.runs >= 10"),
					req("error_message", kText, 0, `error_message = "at least ten runs"`),
				}},
			}},
			{name: "locals", many: true, free: true},
			{name: "study", label: "name", example: `study "faster-proofs" {`, attrs: []attrSpec{
				opt("objective", kText, withNames), opt("sources", kTexts, withNames), opt("approval", kText, withNames),
				opt("budget", kDuration, withNames), opt("confirm", kBool, withNames), opt("patience", kWhole, withNames),
				opt("check", kText, withNames), opt("inputs", kText, withNames),
			}},
			{name: "environment", attrs: []attrSpec{
				opt("pass", kTexts, withNames), opt("set", kMap, withNames), opt("cooldown", kDuration, withNames),
			}, blocks: []*blockSpec{
				{name: "tool", label: "name", many: true, example: `tool "rust" { command = ["rustc", "--version"] }`, attrs: []attrSpec{
					req("command", kCommand, withNames, `command = ["rustc", "--version"]`),
				}},
				{name: "gate", attrs: []attrSpec{
					opt("gpu_temperature_max", kNumber, withNames), opt("load_max", kNumber, withNames),
					opt("memory_free_min", kSize, withNames), opt("cpu_pressure_max", kPercent, withNames),
					opt("foreign_max", kPercent, withNames), opt("wait", kDuration, withNames),
				}},
			}},
			{name: "baseline", attrs: []attrSpec{
				opt("commit", kText, withNames), opt("runs", kWhole, withNames), opt("runs_reason", kText, withNames),
				opt("ignore", kPaths, withNames),
			}},
			{name: "build", attrs: slices.Concat([]attrSpec{
				req("command", kCommand, withNames, `command = ["make"]`),
				opt("outputs", kPaths, withNames), opt("timeout", kDuration, withNames),
			}, running(withNames))},
			{name: "measure", example: "measure {\n  command = [\"./prog\", input.path]\n}", attrs: slices.Concat([]attrSpec{
				opt("executor", kText, withNames),
				req("command", kCommand, withInput, `command = ["./prog", input.path]`),
				opt("warmup", kWhole, withNames), opt("runs", kWhole, withNames), opt("max_runs", kWhole, withNames),
				opt("looks", kNumbers, withNames), opt("runs_reason", kText, withNames), opt("timeout", kDuration, withNames),
			}, running(withInput))},
			{name: "check", attrs: slices.Concat([]attrSpec{
				opt("command", kCommand, withInput), opt("same_output", kPaths, withNames), opt("timeout", kDuration, withNames),
			}, running(withInput))},
			{name: "profile", attrs: slices.Concat([]attrSpec{
				req("command", kCommand, withInput, `command = ["perf", "stat", "./prog", input.path]`),
				opt("format", kText, withNames), opt("output", kPath, withNames), opt("timeout", kDuration, withNames),
			}, running(withInput))},
			{name: "metric", label: "name", many: true, family: true, example: `metric "steps" {`, attrs: []attrSpec{
				opt("unit", kText, withNames), opt("better", kText, withNames), opt("exact", kBool, withNames),
				opt("primary", kBool, withNames), opt("from", kFrom, withNames|withOutput), opt("limit", kPercent, withNames), forEach,
			}},
			{name: "input", label: "name", many: true, family: true, example: `input "typical" {`, attrs: []attrSpec{
				opt("path", kPath, 0), opt("generate", kCommand, withInput|withSeed), opt("seeds", kNumbers, 0),
				opt("weight", kNumber, 0), opt("params", kMap, 0), opt("description", kText, 0),
				opt("dir", kPath, 0), opt("env", kMap, withInput|withSeed), opt("shell", kBool, 0), opt("for_each", kFamily, 0),
			}},
			{name: "hypothesis", label: "name", many: true, family: true, example: `hypothesis "cache" {`, attrs: []attrSpec{
				opt("number", kWhole, withNames), opt("title", kText, withNames), opt("priority", kText, withNames),
				opt("expect", kText, withNames), opt("risk", kText, withNames), opt("description", kText, withNames),
				opt("conflicts", kMembers, withNames|withVerdicts), opt("patch", kPath, withNames), opt("branch", kText, withNames),
				opt("commit", kText, withNames), opt("env", kMap, withNames), opt("args", kTexts, withInput),
				opt("command", kCommand, withInput), opt("shell", kBool, withNames), forEach,
			}},
			{name: "compound", label: "name", many: true, example: `compound "kept" {`, attrs: []attrSpec{
				req("of", kMembers, withNames|withVerdicts, "of = [for h in hypothesis : h if h.verdict == KEEP]"),
				opt("number", kWhole, withNames), opt("title", kText, withNames), opt("description", kText, withNames),
				opt("search", kText, withNames),
			}},
			{name: "criteria", attrs: []attrSpec{
				opt("mode", kText, withNames), opt("keep", kPercent, withNames), opt("maybe", kPercent, withNames),
				opt("alpha", kNumber, withNames), opt("max_cv", kPercent, withNames), opt("input_regression", kPercent, withNames),
				opt("timeout", kNumber, withNames), opt("kill", kText, withNames),
			}},
			{name: "notify", label: "kind", many: true, example: `notify "slack" {`, attrs: []attrSpec{
				req("on", kTexts, withNames, `on = ["done", "error"]`),
			}},
			{name: "learning", many: true, attrs: []attrSpec{req("text", kText, withNames, `text = "hashing dominates"`)}},
			{name: "idea", many: true, attrs: []attrSpec{
				req("text", kText, withNames, `text = "try an arena"`), opt("done", kBool, withNames),
			}},
		},
	}
})
