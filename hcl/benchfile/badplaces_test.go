package benchfile

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestBadPlaces holds what matters most of each mistake against a table: which it is, where, and the mend.
func TestBadPlaces(t *testing.T) {
	for _, want := range []struct {
		name, code string
		line       int
		help       string
	}{
		{"attribute_is_block", "E011", 10, `gate is a block: write gate { … }`},
		{"attribute_top_level", "E011", 9, `put it into the block that it belongs to, or into locals { runs = … }`},
		{"attribute_unknown", "E011", 8, `did you mean "runs"? it has: command, dir, env, executor, looks, max_runs, runs, runs_reason, shell, timeout, warmup`},
		{"block_is_attribute", "E010", 10, `commit is an attribute: write commit = …`},
		{"block_misplaced", "E010", 10, `move it out of this block, to the top level of the file`},
		{"block_not_here", "E010", 10, `move it into environment`},
		{"block_unknown", "E010", 9, `did you mean "hypothesis"? there are: baseline, build, check, compound, criteria, environment, hypothesis, idea, input, learning, locals, measure and 5 more`},
		{"bounds_looks", "E022", 3, `write the rounds made in all at each look: looks = [10, 20, 40]`},
		{"bounds_max_runs", "E022", 9, `let it be at least as large; leave it out for twice as many`},
		{"bounds_runs", "E022", 8, `write a number in that range`},
		{"bounds_timeout", "E022", 9, `write the factor of the baseline from which a run is hopeless, such as 1.10`},
		{"bounds_weight", "E022", 11, `leave it out for 1, or remove the input if it should not count`},
		{"budget", "E004", 11, `compute less: fewer elements in loops, for_each and products`},
		{"command_args_with_shell", "E024", 8, `write the whole line with command instead`},
		{"command_empty", "E024", 7, `write the program first: ["./prog", "--fast"]`},
		{"command_list_with_shell", "E024", 7, `write the whole line in quotes, or remove "shell = true"`},
		{"command_text", "E024", 7, `write ["./prog", "--fast"], or add a line: shell = true`},
		{"duplicate_block", "E015", 9, `join the two`},
		{"duplicate_compound", "E015", 9, `give one of the two another name`},
		{"duplicate_hypothesis", "E015", 9, `give one of the two another name`},
		{"duplicate_input", "E015", 9, `give one of the two another name`},
		{"duplicate_looks", "E015", 4, `keep looks, or runs with max_runs`},
		{"duplicate_local", "E015", 13, `keep one of the two`},
		{"duplicate_variable", "E015", 10, `keep one of the two`},
		{"env_name", "E027", 9, `use letters, digits and _, and no digit first`},
		{"env_unset", "E003", 9, `set the variable, or give a default: env("NAME", "default")`},
		{"for_each_huge", "E004", 10, `measure fewer: a selection says as much`},
		{"for_each_key", "E017", 9, `use keys that fit into a name: "o2" instead of "O2"`},
		{"for_each_number", "E029", 10, `write for_each = ["a", "b"], or for_each = { a = 1, b = 2 }`},
		{"function_argument", "E003", 9, `give the function the arguments that it takes`},
		{"function_clock", "E013", 9, `expressions neither read files nor run programs; hand the value in with a variable`},
		{"function_file", "E013", 9, `use it in a metric: from = file_size("proof.bin")`},
		{"function_unknown", "E013", 9, `did you mean upper()?`},
		{"git_branch", "E028", 9, `write a branch as git knows it, such as "perf/arena"`},
		{"git_option", "E028", 9, `write a commit as git knows it, such as "abc123d" or "v1.2.0"`},
		{"guard_depth", "E002", 10, `split the expression with locals`},
		{"guard_for", "E002", 10, `split the expression with locals, or use setproduct()`},
		{"guard_number", "E002", 10, `write a number that fits into 64 bits`},
		{"label_not_wanted", "E016", 1, `remove the label: measure {`},
		{"label_too_many", "E016", 9, `write it like this: input "typical" {`},
		{"local_cycle", "E018", 10, `break the circle: let one of them be a value of its own`},
		{"metric_better", "E030", 9, `add a line: better = "lower", or better = "higher"`},
		{"metric_built_in_from", "E035", 9, `remove from, or give the metric another name`},
		{"metric_from_arguments", "E033", 11, `write from = regex(stdout, "steps=(\\d+)")`},
		{"metric_from_source", "E033", 11, `write from = regex(stdout, "steps=(\\d+)")`},
		{"metric_from_text", "E033", 11, `write from = regex(stdout, "steps=(\\d+)")`},
		{"metric_jq", "E032", 11, `write a filter that yields one number, such as ".results[0].mean"`},
		{"metric_limit_on_primary", "E034", 11, `remove the limit, or set criteria { input_regression = … }`},
		{"metric_not_built_in", "E035", 9, `did you mean the built-in metric "memory_peak"? For one of your own: from = regex(stdout, …)`},
		{"metric_regex", "E031", 11, `patterns are RE2; in a quoted string a backslash is written twice`},
		{"metric_regex_groups", "E031", 11, `leave one group around the number, and write the others as (?:…)`},
		{"metric_two_primary", "E034", 13, `let one of them be secondary, with a limit if it matters: limit = "5%"`},
		{"missing_command", "E014", 6, `add a line: command = ["./prog", input.path]`},
		{"missing_label", "E016", 9, `write it like this: input "typical" {`},
		{"missing_measure", "E014", 1, `add it: measure { command = ["./prog", input.path] }`},
		{"name_baseline", "E017", 9, `give it another name`},
		{"name_git_forbids", "E017", 9, `write hypothesis "x"`},
		{"name_too_long", "E017", 9, `write metric "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"`},
		{"name_upper_case", "E017", 9, `write input "heavy-block"`},
		{"path_absolute", "E026", 11, `write it relative to the Benchfile's folder`},
		{"path_folder_as_patch", "E025", 9, `name the file in it`},
		{"path_missing_input", "E025", 9, `paths are relative to the folder of path_missing_input.hcl; check the spelling, or create the file`},
		{"path_missing_patch", "E025", 9, `paths are relative to the folder of path_missing_patch.hcl; check the spelling, or create the file`},
		{"path_outside", "E026", 9, `write a path inside of the Benchfile's folder`},
		{"range_huge", "E004", 9, `ask for less`},
		{"reference_bare_variable", "E012", 9, `did you mean var.runs (line 1)?`},
		{"reference_bare_word", "E012", 9, `write the word in quotes, if a text is meant; names that mean something here: var, local, input`},
		{"reference_each", "E019", 9, `add for_each to the block, or write the value itself`},
		{"reference_field", "E012", 9, `did you mean "verdict"?`},
		{"reference_hypothesis", "E012", 9, `did you mean hypothesis.arena (line 8)? There are: arena, cache`},
		{"reference_in_default", "E019", 9, `write the value itself, or compute it in locals`},
		{"reference_input", "E012", 9, `did you mean input.light (line 5)? There are: heavy, light`},
		{"reference_input_field", "E012", 7, `did you mean "path"? it has: name, params, path, seed, weight; what the block gives in params is input.params.pth`},
		{"reference_input_in_input", "E019", 9, `use a variable or a local for what both need`},
		{"reference_local", "E012", 12, `did you mean local.size (line 10)?`},
		{"reference_no_seeds", "E019", 9, `add a line: seeds = [1, 2, 3, 4, 5]`},
		{"reference_other_input", "E012", 7, `in a command, input is the one that the command is for: write input.path`},
		{"reference_parameter", "E012", 10, `add it to the params of that input, or give a default: lookup(input.params, "blocks", "…")`},
		{"reference_seed", "E019", 7, `in commands, write input.seed`},
		{"reference_stdout", "E019", 9, `write the word in quotes: "stdout"`},
		{"reference_variable", "E012", 9, `did you mean var.runs (line 1)?`},
		{"reference_verdict", "E012", 9, `did you mean KEEP?`},
		{"reference_verdict_text", "E023", 9, `did you mean KEEP? It is written without quotes`},
		{"rule_baseline_runs", "E041", 9, `let it be at least 10, or say why not: runs_reason = "WHY"`},
		{"rule_check_empty", "E042", 4, `add a line: same_output = ["stdout"], or command = ["./check", input.path]`},
		{"rule_check_reason", "E023", 1, `write check = "none: the program has no output"`},
		{"rule_check_twice", "E015", 5, `remove one of the two`},
		{"rule_conflicts_self", "E046", 11, `remove it from the list`},
		{"rule_conflicts_unknown", "E046", 11, `did you mean "cache" (line 7)?`},
		{"rule_criteria", "E048", 11, `let keep be the larger of the two`},
		{"rule_inputs_reason", "E023", 1, `write inputs = "single: the service has one fixed workload"`},
		{"rule_measure_runs", "E041", 8, `let it be at least 10, or say why not: runs_reason = "WHY"`},
		{"rule_no_change", "E044", 9, `add a line: patch = "patches/idea.patch" (or branch, commit, env, args, command)`},
		{"rule_no_check", "E042", 1, `add it: check { command = ["./check", input.path] }, or check { same_output = ["stdout"] }, or check = "none: WHY"`},
		{"rule_no_inputs", "E040", 1, `declare two: input "typical" { path = "…" }, or say why not: inputs = "single: WHY"`},
		{"rule_one_input", "E040", 5, `declare a second input, or say why not: inputs = "single: WHY"`},
		{"rule_one_member", "E047", 9, `name at least two hypotheses`},
		{"rule_same_number", "E043", 12, `give it another number, or leave it out for the lowest free one`},
		{"rule_two_changes", "E045", 11, `keep one; for both together declare two hypotheses and a compound`},
		{"several", "E042", 1, `add it: check { command = ["./check", input.path] }, or check { same_output = ["stdout"] }, or check = "none: WHY"`},
		{"syntax_attribute_twice", "E001", 9, `keep one of the two`},
		{"syntax_bitwise", "E001", 10, `write "&&" for and, "||" for or; there are no bitwise operators`},
		{"syntax_escape", "E001", 11, `write a backslash twice: "(\\d+)"`},
		{"syntax_missing_value", "E001", 10, `write a value: a quoted string, a number, true, false, a list in [ ] or a map in { }`},
		{"syntax_single_quotes", "E001", 9, `remove it, or put it into a quoted string`},
		{"syntax_two_on_a_line", "E001", 10, `put the opening brace at the end of the line, each argument on a line of its own, and the closing brace on another`},
		{"syntax_unclosed_block", "E001", 7, `add the missing "}"`},
		{"syntax_unclosed_list", "E001", 8, `add the missing "," or "]"`},
		{"syntax_unclosed_string", "E001", 10, `close the quote, or write a long text as a heredoc: description = <<-END … END`},
		{"type_bool", "E020", 8, `write it like this: shell = true`},
		{"type_list_for_text", "E020", 9, `write it like this: objective = "…"`},
		{"type_nested_list", "E020", 7, `let every element be a text; concat(a, b) and flatten(list) join lists`},
		{"type_null", "E020", 9, `leave the attribute out, or give it a value`},
		{"type_operand", "E003", 8, `use values of the type that the operator takes; tonumber() and tostring() convert`},
		{"type_text_for_list", "E020", 9, `write it like this: sources = ["docs/design.md"]`},
		{"unit_duration", "E021", 9, `write a number with its unit: "500ms", "90s", "10m", "1h30m"`},
		{"unit_duration_bare", "E021", 9, `write a number with its unit: "500ms", "90s", "10m", "1h30m"`},
		{"unit_percent", "E021", 9, `write a number with a percent sign: "5%"`},
		{"unit_percent_bare", "E021", 9, `write a number with a percent sign: "5%"`},
		{"unit_size", "E021", 11, `write a number with its unit: "64MiB", "1GB"`},
		{"variable_default", "E052", 3, `let type and default agree`},
		{"variable_name", "E017", 1, `rename it`},
		{"variable_rule", "E053", 1, `give it another value; the rule is at line 3`},
		{"variable_type", "E020", 2, `write string, number, bool, list(string), map(number) or any`},
		{"variable_unset", "E051", 1, `give one with -var tool=VALUE, or BENCH_VAR_tool, or a default`},
		{"word_kill", "E023", 10, `it is one of: literal, strikes`},
		{"word_approval", "E023", 9, `write "required", or leave it out`},
		{"word_event", "E023", 9, `there are: baseline, done, error, experiment, significant`},
		{"word_executor", "E023", 7, `did you mean "hyperfine"? it is one of: gotest, hyperfine, process`},
		{"word_priority", "E023", 11, `did you mean "high"? it is one of: high, low, medium`},
		{"word_search", "E023", 11, `did you mean "greedy"? it is one of: all, greedy, leave-one-out, pairs`},
	} {
		t.Run(want.name, func(t *testing.T) {
			file := want.name + ".hcl"
			_, ds := Decode(Source{file, read(t, filepath.Join("testdata/bad", file))}, testOptions())
			if len(ds) == 0 {
				t.Fatal("nothing is wrong")
			}
			got := ds[0]
			if got.Code != want.code || got.Range == nil || got.Range.Filename != file || got.Range.Start.Line != want.line || got.Help != want.help {
				t.Errorf("got %s at %+v: %s\nwant %s at line %d: %s", got.Code, got.Range, got.Help, want.code, want.line, want.help)
			}
			if strings.Contains(got.Help, "\n") {
				t.Errorf("help has more than one line: %q", got.Help)
			}
		})
	}
}

// TestEveryCodeIsShown: each code is explained, and each error is shown by a bad Benchfile or by a test named here.
func TestEveryCodeIsShown(t *testing.T) {
	elsewhere := map[string]string{
		"E050": "TestVariables", "E054": "TestVariables", "W001": "TestVariables", "W002": "TestSecrets", "W003": "TestVariables",
	}
	shown := map[string]bool{}
	for _, path := range glob(t, "testdata/bad/*.hcl") {
		_, ds := Decode(Source{filepath.Base(path), read(t, path)}, testOptions())
		for _, d := range ds {
			shown[d.Code] = true
			if _, ok := Explain(d.Code); !ok {
				t.Errorf("%s: %s is not explained", path, d.Code)
			}
			if d.Help == "" {
				t.Errorf("%s: %s has no help", path, d.Code)
			}
		}
	}
	for _, code := range Codes() {
		if !shown[code] && elsewhere[code] == "" {
			t.Errorf("no bad Benchfile shows %s", code)
		}
	}
}
