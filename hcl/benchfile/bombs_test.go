package benchfile

import (
	"fmt"
	"strings"
	"testing"
)

// TestBombs: texts that would take the parser's stack, the memory or the day are refused. Work is bounded by counting, so
// nothing here looks at a clock; a test that does not end is what failure looks like.
func TestBombs(t *testing.T) {
	local := func(expr string) string { return small + "locals {\n  x = " + expr + "\n}\n" }
	doubling := func(first, next string) string {
		var b strings.Builder
		fmt.Fprintf(&b, "%slocals {\n  l0 = %s\n", small, first)
		for i := range 60 {
			fmt.Fprintf(&b, "  l%d = %s\n", i+1, strings.ReplaceAll(next, "PREV", fmt.Sprintf("local.l%d", i)))
		}
		return b.String() + "}\nstudy \"s\" { objective = jsonencode(local.l60) }\n"
	}
	chain := func(n int) string {
		var b strings.Builder
		b.WriteString(small + "locals {\n  l0 = 1\n")
		for i := range n {
			fmt.Fprintf(&b, "  l%d = local.l%d\n", i+1, i)
		}
		return b.String() + "}\n"
	}
	nested := func(levels int) string {
		x := "a0"
		for i := range levels {
			x = fmt.Sprintf("[for a%d in range(10) : %s]", i, x)
		}
		return x
	}
	many := func(n int, block string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, block, i)
		}
		return small + b.String()
	}
	for _, c := range []struct{ name, src, code string }{
		{"100,000 parentheses", local(strings.Repeat("(", 100_000) + "1" + strings.Repeat(")", 100_000)), codeGuard},
		{"100,000 brackets", local(strings.Repeat("[", 100_000)), codeGuard},
		{"1,000,000 negations", local(strings.Repeat("!", 1_000_000) + "true"), codeGuard},
		{"100,000 minus", local(strings.Repeat("-", 100_000) + "1"), codeGuard},
		{"100,000 additions", local("1" + strings.Repeat("+1", 100_000)), codeGuard},
		{"conditions", local(strings.Repeat("true ? 1 : ", 50_000) + "2"), codeGuard},
		{"blocks", strings.Repeat("a {\n", 100_000), codeGuard},
		{"templates", local(strings.Repeat(`"${`, 20_000)), codeGuard},
		{"directives", local(`"` + strings.Repeat("%{ if true }", 20_000) + `"`), codeGuard},
		{"indexes", local("[1]" + strings.Repeat("[0]", 20_000)), codeGuard},
		{"attributes", local("a" + strings.Repeat(".b", 20_000)), codeGuard},
		{"splats", local("[1]" + strings.Repeat("[*]", 20_000)), codeGuard},
		{"brackets that do not fit", local(strings.Repeat("[)", 100_000)), codeGuard},
		{"brackets behind comments", local(strings.Repeat("[ # ]\n", 100_000)), codeGuard},
		{"brackets behind quotes", local(strings.Repeat(`["]",`, 100_000)), codeGuard},
		{"brackets in a heredoc's template", local("<<E\n" + strings.Repeat("${[", 10_000) + "\nE"), codeGuard},
		{"two megabytes", strings.Repeat("# comment\n", 200_000), codeGuard},
		{"300,000 tokens", strings.Repeat("a=1\n", 100_000), codeGuard},
		{"a huge number", local("1e999999999"), codeGuard},
		{"a huge number with a sign", local("1e+999999999"), codeGuard},
		{"seven loops", local(nested(7)), codeGuard},
		{"loops in templates", local(`"` + strings.Repeat("%{ for a in range(10) }", 4) + "x" + strings.Repeat("%{ endfor }", 4) + `"`), codeGuard},
		{"three loops over much", local("[for a in range(1000) : [for b in range(1000) : [for c in range(1000) : 1]]]"), codeBudget},
		{"loops over locals", small + "locals {\n  a = range(10000)\n  b = [for x in local.a : local.a]\n}\n", codeBudget},
		{"long lists in loops", local("[for a in range(10000) : [" + strings.Repeat("1,", 10_000) + "]]"), codeBudget},
		{"splats of splats", small + "locals {\n  a = [for x in range(1000) : range(1000)]\n  b = local.a[*][0]\n}\n", codeBudget},
		{"texts that double", doubling(`"0123456789abcdef"`, `"${PREV}${PREV}"`), codeBudget},
		{"lists that double", doubling("[1]", "[PREV, PREV]"), codeBudget},
		{"concat that doubles", doubling("[1]", "concat(PREV, PREV)"), codeBudget},
		{"maps that double", doubling("{ a = 1 }", "{ a = PREV, b = PREV }"), codeBudget},
		{"join that doubles", doubling(`"0123456789abcdef"`, `join("", [PREV, PREV])`), codeBudget},
		{"numbers that square", doubling("1e300", "PREV * PREV"), codeBudget},
		{"powers of parsed numbers", local(`tonumber("1e999999999")`), codeBudget},
		{"range", local("range(10001)"), codeBudget},
		{"range of small steps", local("range(0, 1, 0.0000001)"), codeBudget},
		{"setproduct", local("setproduct(range(200), range(200))"), codeBudget},
		{"format", local(`format("%999999999d", 1)`), codeBudget},
		{"replace", local(`replace(join("", [for i in range(10000) : "aaaaaaaaaa"]), "a", join("", [for i in range(10000) : "aaaaaaaaaa"]))`), codeBudget},
		{"join", local(`join(join("", [for i in range(10000) : "aaaaaaaaaa"]), [for i in range(1000) : ""])`), codeBudget},
		{"distinct", local("distinct(range(5000))"), codeBudget},
		{"for_each", small + "hypothesis \"x\" {\n  for_each = range(1001)\n  args = [each.key]\n}\n", codeBudget},
		{"for_each of inputs", small + "input \"x\" {\n  for_each = range(999)\n}\n", codeBudget},
		{"hypotheses", many(11, "hypothesis \"h%d\" {\n  for_each = range(1000)\n  env = { A = each.key }\n}\n"), codeBudget},
		{"conflicts of many", small + "hypothesis \"x\" {\n  for_each = range(1000)\n  env = { A = each.key }\n  conflicts = [hypothesis.cache, each.key]\n}\n", codeConflicts},
		{"arguments of many on many", small + "input \"x\" {\n  for_each = range(900)\n}\nhypothesis \"x\" {\n  for_each = range(1000)\n  args = [each.key, input.name]\n}\n", codeBudget},
		{"seeds", small + "input \"x\" {\n  generate = [\"g\"]\n  seeds = range(1001)\n}\n", codeBudget},
		{"a pattern of repeats", small + "metric \"x\" {\n  better = \"lower\"\n  from = regex(stdout, \"(a{1000}){1000}\")\n}\n", codePattern},
		{"a filter of brackets", small + "metric \"x\" {\n  better = \"lower\"\n  from = jq(stdout, join(\"\", [for i in range(5000) : \"[\"]))\n}\n", codeJQ},
		{"a chain of many locals", chain(20_000), ""},
		{"a circle of many locals", strings.Replace(chain(20_000), "l0 = 1", "l0 = local.l20000", 1), codeCycle},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, ds := Decode(Source{"bomb.hcl", []byte(c.src)}, Options{})
			found := false
			for _, d := range ds {
				found = found || d.Code == c.code
			}
			if c.code == "" && ds.HasErrors() || c.code != "" && !found {
				t.Errorf("want %s, got %.600s", c.code, text(t, ds))
			}
			if len(text(t, ds)) > 200_000 {
				t.Errorf("says %d bytes", len(text(t, ds)))
			}
		})
	}
}

// TestQuickAgrees: where the fast count accepts a text, HCL's own lexer counts no more, but for the level of a string.
func TestQuickAgrees(t *testing.T) {
	var texts []string
	for _, path := range append(glob(t, "testdata/bad/*.hcl"), glob(t, "testdata/good/*.hcl")...) {
		texts = append(texts, string(read(t, path)))
	}
	for _, src := range append(texts, string(large(20)), "a = \"\\\"[\" # [[[\nb = 'x'\n", "x = 1e+5 // ]\n", "a = b.c[0][\"d\"] && !e || f >= 1\n") {
		agree(t, []byte(src))
	}
}

// agree compares the two ways of counting.
func agree(t *testing.T, src []byte) {
	t.Helper()
	fast := newNesting()
	if !quick(src, fast.token) {
		return
	}
	slow := newNesting()
	lexAll(src, slow.token)
	if fast.deepest+1 < slow.deepest || fast.most < slow.most || slow.number && !fast.number {
		t.Errorf("%.200q: fast %d, %d, %v; lexer %d, %d, %v", src, fast.deepest, fast.most, fast.number, slow.deepest, slow.most, slow.number)
	}
}
