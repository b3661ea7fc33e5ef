package main

import (
	"slices"
	"strings"
)

// terraformFlags are the long flags that people type with one dash, as Terraform has them.
func terraformFlags() []string {
	return []string{
		"auto-approve", "chdir", "detailed-exitcode", "fail-on", "json", "no-color", "target", "var", "var-file",
	}
}

// dashes gives Terraform's one-dash flags their second dash, up to a "--".
func dashes(args []string) []string {
	out := slices.Clone(args)
	for i, a := range out {
		if a == "--" {
			break
		}
		if !strings.HasPrefix(a, "-") || strings.HasPrefix(a, "--") {
			continue
		}
		name, _, _ := strings.Cut(a[1:], "=")
		if slices.Contains(terraformFlags(), name) {
			out[i] = "-" + a
		}
	}
	return out
}

// asksJSON says whether a program is listening, also where the flags can't be read.
func asksJSON(args []string) bool {
	if end := slices.Index(args, "--"); end >= 0 {
		args = args[:end]
	}
	return slices.Contains(args, "--json") || slices.Contains(args, "--json=true")
}
