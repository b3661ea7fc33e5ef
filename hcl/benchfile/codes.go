package benchfile

import (
	"fmt"
	"slices"
	"strings"
)

// The codes are stable: scripts and editors refer to them. A new one goes behind the last of its group; a number that
// was given out is never used again for something else.
const (
	codeSyntax   = "E001"
	codeGuard    = "E002"
	codeEvaluate = "E003"
	codeBudget   = "E004"

	codeBlock     = "E010"
	codeAttribute = "E011"
	codeName      = "E012"
	codeFunction  = "E013"
	codeMissing   = "E014"
	codeDuplicate = "E015"
	codeLabels    = "E016"
	codeBadName   = "E017"
	codeCycle     = "E018"
	codeScope     = "E019"

	codeType    = "E020"
	codeUnit    = "E021"
	codeBounds  = "E022"
	codeWord    = "E023"
	codeCommand = "E024"
	codeNoFile  = "E025"
	codePath    = "E026"
	codeEnvName = "E027"
	codeRef     = "E028"
	codeForEach = "E029"

	codeBetter  = "E030"
	codePattern = "E031"
	codeJQ      = "E032"
	codeFrom    = "E033"
	codePrimary = "E034"
	codeBuiltin = "E035"

	codeInputs     = "E040"
	codeRuns       = "E041"
	codeCheck      = "E042"
	codeNumber     = "E043"
	codeNoChange   = "E044"
	codeTwoChanges = "E045"
	codeConflicts  = "E046"
	codeMembers    = "E047"
	codeCriteria   = "E048"

	codeVarUnknown = "E050"
	codeVarUnset   = "E051"
	codeVarType    = "E052"
	codeVarRule    = "E053"
	codeVarFile    = "E054"

	codeWarnVariable = "W001"
	codeWarnSecret   = "W002"
	codeWarnUnused   = "W003"
)

// explanation is what "bench explain CODE" says: what the rule is, why it is there, and an example that is right.
type explanation struct{ code, title, text string }

// explanations are in the order of their codes.
func explanations() []explanation {
	return []explanation{
		{codeSyntax, "the text is not HCL", `
The Benchfile could not be read as HCL: a bracket or a quote is not closed, two arguments share a line, or a character
has no meaning. Nothing behind the first such place can be judged, so only mistakes of this kind are reported. The one
that people meet most: a block on one line holds one argument at most.

    gate { load_max = 1.0  wait = "10m" }    # not HCL

    gate {
      load_max = 1.0
      wait     = "10m"
    }`},
		{codeGuard, "the file is too large or too deeply nested", `
A Benchfile is at most 1 MiB, has at most 200,000 tokens, nests at most 200 brackets and operators, and at most three
"for" in one another. These bounds are far above what people write; they keep a generated or hostile file from taking
the machine down before it could be judged.`},
		{codeEvaluate, "an expression has no value", `
An expression could not be evaluated: an index that is not there, an operand of the wrong type, a function that does
not accept its argument. Where the expression involves a sensitive variable or env(), no details are shown, since they
could contain its value.`},
		{codeBudget, "an expression would grow too large", `
Evaluating the Benchfile is bounded: a for_each has at most 1,000 elements, a study at most 1,000 inputs and 10,000
hypotheses, a range at most 10,000 numbers, and all expressions together a fixed amount of work. The message names the
number that was asked for.`},
		{codeBlock, "there is no such block", `
A block has a name that the language does not know at this place. hcl/LANGUAGE.md lists all blocks; the message says
which ones may stand here.`},
		{codeAttribute, "there is no such attribute", `
An attribute has a name that its block does not know. Unknown attributes are refused, since one that is silently
ignored (runs misspelt as rnus) measures something else than what was meant.`},
		{codeName, "a reference names something that is not declared", `
var.NAME needs a variable block, local.NAME an attribute in a locals block, input.NAME an input block, hypothesis.NAME
a hypothesis block. References are checked before anything is evaluated, so a typo is found when the file is read and
not at step 40.`},
		{codeFunction, "there is no such function", `
Functions are pure: they compute with what they are given. There is none that reads files, runs programs or looks at the
clock; env("NAME") is the one that looks outside, and what it read becomes part of the record.`},
		{codeMissing, "something required is missing", `
A block needs an attribute, or the Benchfile needs a block, that is not there. The help line shows what to write.`},
		{codeDuplicate, "something is declared twice", `
Blocks that exist once (measure, build, criteria, …) may stand in the file once; names are unique among inputs, among
metrics, and among hypotheses and compounds together. Names that differ in case only are the same name: they become
files and branches, and not every file system tells them apart.`},
		{codeLabels, "a block has the wrong labels", `
A label is the quoted name behind the word that opens a block: input "heavy" { … }. Some blocks take one, some none.`},
		{codeBadName, "a name cannot be used", `
Names become folders, files and git branches. They begin with a lower-case letter or a digit, go on with those and
".", "_" and "-", have at most 64 characters, no two dots in a row, and end neither in a dot nor in ".lock".
Variables and locals are HCL identifiers.`},
		{codeCycle, "definitions go in a circle", `
Locals are computed from one another, so none may need itself, directly or through others.`},
		{codeScope, "a name cannot be used at this place", `
Some names mean something in some places only: seed inside generate, each where there is a for_each, the verdicts inside
compound.of, stdout and stderr inside from, and in the commands of measure, check and profile "input" is the one input
that the command is for.`},
		{codeType, "a value has the wrong type", `
An attribute was given a value of another type than the one it needs, such as a list where a text belongs.`},
		{codeUnit, "a quantity has the wrong unit", `
Durations are written "90s", "10m", "1h30m" (ms, s, m, h); percentages "5%"; sizes "64MiB" or "1GB" (B, kB, MB, GB, TB,
KiB, MiB, GiB, TiB). A bare number is refused, since 5 could be 5 % or 500 %.`},
		{codeBounds, "a number is out of range", `
A number is outside of what makes sense for its attribute: a weight of zero, a negative number of runs. The message
names the range.`},
		{codeWord, "a word is not one of those accepted", `
The attribute accepts a fixed list of words; the message shows them all.`},
		{codeCommand, "a command is not in the right form", `
A command is a list of strings, the program first: no shell splits it, so that no name in it can be taken for something
else. A single string is for a shell, and is accepted together with shell = true only.

    command = ["./prove", "--input", input.path]

    command = "./prove < ${input.path} | tail -1"
    shell   = true`},
		{codeNoFile, "a file is not there", `
The patch or input that the Benchfile names was not found beside it.`},
		{codePath, "a path leads out of the folder", `
Paths are relative to the Benchfile's folder and stay inside it; what a build leaves, what a command writes and where it
runs are looked for in the measured worktree, so those may not be absolute either. An input may lie elsewhere when its
path is absolute.`},
		{codeEnvName, "an environment variable cannot have this name or value", `
Names of environment variables consist of letters, digits and underscores and do not begin with a digit; neither they
nor arguments can contain a NUL byte.`},
		{codeRef, "this is not the name of a commit or branch", `
Commits and branches are handed to git. They are not empty, do not begin with "-", and contain no spaces, control
characters or what git forbids in names.`},
		{codeForEach, "a value cannot make names", `
for_each takes a list or a set of strings, or a map. Its keys become part of names ("block-1" from input "block" and the
key "1"), so they follow the rules for names. Sensitive values, and what
env() read, cannot be used there, nor in conflicts and of, since names are shown.`},
		{codeBetter, "a metric does not say which way is better", `
Whether fewer or more is better decides what an improvement is. Built-in metrics know it (lower); every other metric
says better = "lower" or "higher".`},
		{codePattern, "a pattern does not work", `
regex(stdout, "steps=(\\d+)") takes an RE2 pattern with one group, the number, or with no group, and then the whole match is
the number. In a quoted string a backslash is written twice.`},
		{codeJQ, "a jq filter does not work", `
jq(stdout, ".results[0].mean") takes a jq filter that yields one number.`},
		{codeFrom, "from is not in the right form", `
from says where in a run's output the number is:

    from = regex(stdout, "steps=(\\d+)")
    from = jq(file("out.json"), ".results[0].mean")
    from = key(stderr, "steps")                       # steps=123 or steps: 123
    from = file_size("proof.bin")`},
		{codePrimary, "there is not exactly one primary metric", `
Verdicts are reached on one metric. It is the built-in time, unless one metric says primary = true. A limit is for the
other ones: the primary metric is judged by criteria.`},
		{codeBuiltin, "a built-in metric is declared as something else", `
The built-in metrics are measured by bench itself: they have no from, and their unit and direction are fixed. A metric
with another name needs a from.`},
		{codeInputs, "fewer than two inputs", `
A change that helps one input may hurt the next, so a study has at least two. Where there is only one, or none, say why at the
top level of the file; the report shows it.

    inputs = "single: the service has one fixed workload"`},
		{codeRuns, "fewer than ten runs", `
With fewer than ten runs of the baseline and of each change, the spread is not known well enough to decide on. Where that
is right all the same (exact metrics, runs of hours), say why with runs_reason; the report shows it.`},
		{codeCheck, "there is no check", `
A change that makes the program faster and wrong is no improvement, so every study checks the output: a check block
with a command, with same_output, or both. Where there is truly nothing to check, say why; the report shows it in red.

    check = "none: the program has no output"`},
		{codeNumber, "two hypotheses have the same number", `
Numbers are how people speak of hypotheses, and part of folders and branches (experiments/001-cache, bench/001-cache).
Those without a number get the lowest free ones, in the order of the file.`},
		{codeNoChange, "a hypothesis changes nothing", `
A hypothesis is a change to be measured: a patch, branch or commit, another command, more args, or another env.`},
		{codeTwoChanges, "a hypothesis changes the code in two ways", `
patch, branch and commit each say what the code is; a hypothesis has at most one of them. To measure two together, declare
two hypotheses and a compound.`},
		{codeConflicts, "conflicts names something that is not another hypothesis", `
conflicts lists names of other hypotheses that cannot be combined with this one.`},
		{codeMembers, "a compound cannot have two members", `
A compound combines hypotheses: its "of" yields at least two of them, by name or as hypothesis.NAME.`},
		{codeCriteria, "the criteria contradict one another", `
keep is above maybe, maybe is not negative, alpha lies between 0 and 0.5, timeout is above 1.`},
		{codeVarUnknown, "a variable is set that is not declared", `
-var sets a variable that the Benchfile declares with a variable block.`},
		{codeVarUnset, "a variable has no value", `
A variable without a default is set from outside: -var NAME=VALUE, --var-file, or BENCH_VAR_NAME, the first of which wins.`},
		{codeVarType, "a variable has a value of the wrong type", `
The value is converted to the variable's type, or to that of its default. Lists, maps and objects are written in HCL:
-var 'sizes=[1, 2, 3]'.`},
		{codeVarRule, "a variable does not pass its validation", `
The condition of a validation block was false for the value that was given.`},
		{codeVarFile, "a variable file is not in the right form", `
A variable file holds assignments, one a line, of constant values: runs = 20.`},
		{codeWarnVariable, "a variable file sets a variable that is not declared", `
The value is ignored. Files are shared between studies, so this is a warning; for -var it is an error.`},
		{codeWarnSecret, "a sensitive value is published", `
Commands, environments and titles are recorded and shown in reports, so a sensitive variable that reaches them is not
secret any more. Let the command read it from a file, or hand it through environment { pass = [...] }.`},
		{codeWarnUnused, "something is declared and never used", `
Nothing refers to it. Perhaps a name is misspelt elsewhere, or it is left over.`},
	}
}

// Explain says at length what a code means; ok is false when there is no such code.
func Explain(code string) (text string, ok bool) {
	all := explanations()
	i := slices.IndexFunc(all, func(e explanation) bool { return strings.EqualFold(e.code, code) })
	if i < 0 {
		return "", false
	}
	return fmt.Sprintf("%s: %s\n\n%s\n", all[i].code, all[i].title, strings.TrimSpace(all[i].text)), true
}

// Codes lists every code there is, in order.
func Codes() []string {
	var out []string
	for _, e := range explanations() {
		out = append(out, e.code)
	}
	return out
}
