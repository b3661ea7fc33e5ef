// Command stepvm runs a guest program on a small virtual machine and counts its steps, as the machines of
// zero-knowledge provers do, where a step is what costs money. The guest's output goes to stdout, the counts to stderr:
// both are the same on every run and on every computer.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"slices"
)

func main() {
	checked := flag.Bool("checked", false, "check the address of every load and store, for two further steps each")
	profile := flag.Bool("profile", false, "print the steps spent under each label instead of the output")
	guest := flag.String("guest", "", "the program to run")
	flag.Parse()
	if flag.NArg() != 0 || *guest == "" {
		fmt.Fprintln(os.Stderr, "usage: stepvm -guest FILE [-checked] [-profile]")
		os.Exit(2)
	}
	if err := run(*guest, *checked, *profile); err != nil {
		fmt.Fprintln(os.Stderr, "stepvm:", err)
		os.Exit(1)
	}
}

func run(path string, checked, profile bool) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	code, err := assemble(string(text))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	code = optimize(code)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	m := machine{checked: checked, under: map[string]int{}}
	if !profile {
		m.out = out
	}
	if err := m.run(code); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if profile {
		for _, label := range m.labels() {
			fmt.Fprintf(out, "guest;%s %d\n", label, m.under[label])
		}
	}
	fmt.Fprintf(os.Stderr, "steps=%d\ncycles=%d\n", m.steps, m.cycles)
	return nil
}

// labels are those under which steps were spent, in alphabetical order.
func (m *machine) labels() []string {
	var out []string
	for l := range m.under {
		out = append(out, l)
	}
	slices.Sort(out)
	return out
}
