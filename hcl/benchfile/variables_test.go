package benchfile

import (
	"encoding/json"
	"strings"
	"testing"
)

const withVariables = `
variable "n" { default = 1 }
variable "name" { type = string }
variable "list" { default = ["a"] }
variable "from_env" { default = 2 }
variable "flag" { default = false }
study "s" { objective = jsonencode([var.n, var.name, var.list, var.from_env, var.flag]) }
` + small

// TestVariables: where values come from, which wins, and what is said of those that do not fit.
func TestVariables(t *testing.T) {
	file := func(s string) []Source { return []Source{{"team.vars", []byte(s)}} }
	set := func(pairs ...string) (out []Assignment) {
		for _, p := range pairs {
			k, v, _ := strings.Cut(p, "=")
			out = append(out, Assignment{k, v, "-var"})
		}
		return out
	}
	for _, c := range []struct {
		name  string
		files []Source
		vars  []Assignment
		want  string   // the objective, "" when refused
		says  []string // codes, in order
	}{
		{"environment over default", nil, set("name=x"), `[1,"x",["a"],7,false]`, nil},
		{"file over environment", file("from_env = 8\nname = \"f\""), nil, `[1,"f",["a"],8,false]`, nil},
		{"-var over file", file("from_env = 8\nname = \"f\""), set("from_env=9"), `[1,"f",["a"],9,false]`, nil},
		{"the last -var", nil, set("name=x", "name=y"), `[1,"y",["a"],7,false]`, nil},
		{"lists are HCL", nil, set("name=x", `list=["b", "c"]`), `[1,"x",["b","c"],7,false]`, nil},
		{"texts stay as they are", nil, set(`name="quoted" ${x}`), `[1,"\"quoted\" ${x}",["a"],7,false]`, nil},
		{"bools", nil, set("name=x", "flag=true"), `[1,"x",["a"],7,true]`, nil},
		{"unset", nil, nil, "", []string{"E051"}},
		{"undeclared in a file", file("name = \"f\"\nnaem = 1"), nil, `[1,"f",["a"],7,false]`, []string{"W001"}},
		{"undeclared on the command line", nil, set("name=x", "nmae=1"), "", []string{"E050"}},
		{"no name", nil, set("name=x", "=1"), "", []string{"E050"}},
		{"wrong type", nil, set("name=x", "n=many"), "", []string{"E052"}},
		{"a bomb of digits", nil, set("name=x", "n=1e999999999"), "", []string{"E052"}},
		{"no HCL", nil, set("name=x", "list=[1, 2"), "", []string{"E052"}},
		{"brackets", nil, set("name=x", "list="+strings.Repeat("[", 1000)), "", []string{"E052"}},
		{"references in a file", file("name = var.n"), nil, "", []string{"E051", "E054"}},
		{"blocks in a file", file("name = \"f\"\nx {}"), nil, "", []string{"E054"}},
		{"wrong type in a file", file("name = [1]"), nil, "", []string{"E051", "E052"}},
		{"syntax in a file", file("name = "), nil, "", []string{"E051", "E001"}},
	} {
		opt := testOptions()
		opt.VarFiles, opt.Vars = c.files, c.vars
		study, ds := Decode(Source{"benchfile.hcl", []byte(withVariables)}, opt)
		var codes []string
		for _, d := range ds {
			codes = append(codes, d.Code)
		}
		got := ""
		if study != nil {
			got = study.Objective
		}
		if got != c.want || strings.Join(codes, " ") != strings.Join(c.says, " ") {
			t.Errorf("%s: %s, %v\n%s", c.name, got, codes, text(t, ds))
		}
	}
	opt := testOptions()
	opt.Vars = set("name=x", "nmae=1")
	_, ds := Decode(Source{"benchfile.hcl", []byte(withVariables)}, opt)
	if ds[0].Range != nil || ds[0].Help != "did you mean name (line 3)?" || !strings.Contains(text(t, ds), `-var: there is no variable "nmae"`) {
		t.Errorf("-var nmae=1: %s", text(t, ds))
	}
	study, ds := decode(t, "variable \"n\" { default = 1 }\nlocals {\n  a = 1\n}\n"+small, Options{})
	if len(ds) != 2 || ds[0].Code != "W003" || ds[1].Code != "W003" || len(study.Warnings) != 0 || ds[1].Range.Start.Line != 3 {
		t.Errorf("unused ones: %s %+v", text(t, ds), study.Warnings)
	}
}

// TestSecrets: no message shows the value of a sensitive variable, or what env() read, whatever is done with it.
func TestSecrets(t *testing.T) {
	const secret = "s3cr3t"
	uses := []string{
		`baseline { commit = SECRET }`, `environment { cooldown = SECRET }`, `criteria { keep = SECRET }`, `criteria { alpha = SECRET }`,
		`study "s" { approval = SECRET }`, `study "s" { objective = tonumber(SECRET) }`, `study "s" { objective = SECRET + 1 }`,
		`study "s" { objective = { a = 1 }[SECRET] }`, `study "s" { objective = format("%d", SECRET) }`, `study "s" { objective = upper(SECRET) }`,
		`study "s" { objective = "${SECRET}" }`, `study "s" { objective = SECRET[0] }`, `study "s" { objective = SECRET.x }`,
		`input "x" { path = "../${SECRET}" }`, `input "x" { path = "missing-${SECRET}" }`, "input \"x\" {\n path = \"x.bin\"\n weight = SECRET\n}",
		"input \"x\" {\n path = \"x.bin\"\n params = { p = SECRET }\n}\nprofile {\n command = [\"p\", tonumber(lookup(input.params, \"p\", \"1\"))]\n}",
		"hypothesis \"x\" {\n for_each = [SECRET]\n args = [each.value]\n}", `hypothesis "x" { args = [SECRET] }`, `hypothesis "x" { env = { (SECRET) = "1" } }`,
		"hypothesis \"x\" {\n env = { A = 1 }\n priority = SECRET\n}", "hypothesis \"x\" {\n env = { A = 1 }\n number = SECRET\n}",
		"hypothesis \"x\" {\n env = { A = 1 }\n conflicts = [SECRET]\n}", `compound "x" { of = [SECRET, "arena"] }`,
		"metric \"x\" {\n better = \"lower\"\n from = regex(stdout, \"(${SECRET}\")\n}", "metric \"x\" {\n better = \"lower\"\n from = jq(stdout, \"(${SECRET}\")\n}",
		"metric \"x\" {\n better = SECRET\n from = key(stdout, \"x\")\n}", "metric \"x\" {\n better = \"lower\"\n from = file_size(\"/${SECRET}\")\n}",
		"locals {\n  l = SECRET\n  m = tonumber(local.l)\n}\nstudy \"s\" { objective = local.m }", `notify "slack" { on = [SECRET] }`,
		"locals {\n  l = [for x in [SECRET] : tonumber(x)]\n}\nstudy \"s\" { objective = local.l[0] }",
		"locals {\n  l = [for x in [\"${SECRET}\"] : x]\n}\nstudy \"s\" { objective = {}[local.l[0]] }",
	}
	for _, use := range uses {
		for _, src := range []string{
			"variable \"v\" {\n default = \"" + secret + "\"\n sensitive = true\n}\n" + strings.ReplaceAll(use, "SECRET", "var.v"),
			strings.ReplaceAll(use, "SECRET", `env("V")`),
		} {
			opt := testOptions()
			opt.Env = func(name string) (string, bool) { return secret, name == "V" }
			study, ds := Decode(Source{"benchfile.hcl", []byte(small + src)}, opt)
			shown, err := json.Marshal(ds)
			if err != nil {
				t.Fatal(err)
			}
			// The source itself is shown, and a careless user may have put the default into it.
			said := strings.ReplaceAll(string(shown), `default = \"`+secret, "")
			if strings.Contains(strings.ToLower(said), secret) || strings.Contains(strings.ToLower(strings.ReplaceAll(text(t, ds), `default = "`+secret, "")), secret) {
				t.Errorf("%s\nsays\n%s", src, text(t, ds))
			}
			if study != nil && strings.Contains(src, "sensitive") && len(ds) == 0 && len(study.Warnings) == 0 {
				t.Errorf("%s\npublishes a sensitive value without a warning", src)
			}
			if study != nil && !strings.Contains(src, "sensitive") && (len(study.EnvReads) != 1 || study.EnvReads[0].Name != "V" || len(study.EnvReads[0].Sum) != 64) {
				t.Errorf("%s\nreads %+v", src, study.EnvReads)
			}
		}
	}
}

func TestEnvReads(t *testing.T) {
	s, _ := decode(t, small+`study "s" { objective = "${env("UNSET", "d")} ${env("SET")}" }`, Options{
		Env: func(name string) (string, bool) { return "value", name == "SET" },
	})
	if s.Objective != "d value" || len(s.EnvReads) != 2 || s.EnvReads[0].Name != "SET" || !s.EnvReads[0].Set ||
		s.EnvReads[0].Sum != "cd42404d52ad55ccfa9aca4adc828aa5800ad9d385a0671fbcbf724118320619" || s.EnvReads[1].Set || s.EnvReads[1].Sum != "" {
		t.Errorf("%q %+v", s.Objective, s.EnvReads)
	}
}
