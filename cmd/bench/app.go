package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/benchfile/bench/cmd/bench/early"
	"github.com/benchfile/bench/hcl/benchfile"
)

// app is the command line: its flags, and where it writes.
type app struct {
	out, err io.Writer

	file     string   // -f
	chdir    string   // -C
	vars     []string // --var
	varFiles []string // --var-file
	json     bool
	color    string
	noColor  bool
	ascii    bool
}

// command is the tree of commands.
func (a *app) command() *cobra.Command {
	root := &cobra.Command{
		Use:           "bench",
		Short:         "Performance experiments from a Benchfile: measured one at a time, cached, judged",
		SilenceUsage:  true,
		SilenceErrors: true,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			if a.chdir == "" {
				return nil
			}
			if err := os.Chdir(a.chdir); err != nil {
				return usage("", "--chdir: %w", err)
			}
			return nil
		},
	}
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usage(fmt.Sprintf("see %q", c.CommandPath()+" --help"), "%w", err)
	})
	f := root.PersistentFlags()
	f.StringVarP(&a.file, "file", "f", "", "the Benchfile (default: benchfile.hcl, Benchfile or the only *.bench.hcl, here or in a parent folder)")
	f.StringVarP(&a.chdir, "chdir", "C", "", "go to this folder first")
	f.StringArrayVar(&a.vars, "var", nil, "set a variable: name=value (repeatable)")
	f.StringArrayVar(&a.varFiles, "var-file", nil, "set variables from a file of name = value lines (repeatable)")
	f.BoolVar(&a.json, "json", false, "machine-readable output, one JSON value a line")
	f.StringVar(&a.color, "color", "auto", "auto, always or never")
	f.BoolVar(&a.noColor, "no-color", false, "the same as --color=never")
	f.BoolVar(&a.ascii, "ascii", false, "no signs beyond ASCII")
	for _, sub := range a.commands() {
		root.AddCommand(sub)
	}
	// Whatever is wrong with the words typed is a usage error, also where cobra itself finds it.
	root.Args = func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		return usage(`"bench --help" lists the commands`, "there is no command %q%s", args[0], suggest(c, args[0]))
	}
	root.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	return root
}

// commands is the table of commands; a further one is one file and one line here.
func (a *app) commands() []*cobra.Command {
	return []*cobra.Command{
		a.planCommand(), a.applyCommand(), a.calibrateCommand(), a.statusCommand(), a.showCommand(), a.explainCommand(), a.graphCommand(),
		a.logCommand(), a.watchCommand(), a.serveCommand(), a.validateCommand(), a.fmtCommand(), a.renderCommand(), a.cleanCommand(), a.versionCommand(),
	}
}

func suggest(c *cobra.Command, word string) string {
	if s := c.SuggestionsFor(word); len(s) > 0 {
		return fmt.Sprintf("; did you mean %q?", s[0])
	}
	return ""
}

// most is cobra.MaximumNArgs as a usage error.
func most(n int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) > n {
			return usage(fmt.Sprintf("see %q", c.CommandPath()+" --help"), "%s takes at most %d argument(s), not %q", c.CommandPath(), n, args[n])
		}
		return nil
	}
}

// colour says whether w shows colours. --color beats the environment, the environment beats the look at the terminal.
func (a *app) colour(w io.Writer) bool {
	switch {
	case a.noColor || a.color == "never":
		return false
	case a.color == "always":
		return true
	case os.Getenv("NO_COLOR") != "":
		return false
	case os.Getenv("FORCE_COLOR") != "" || os.Getenv("CLICOLOR_FORCE") != "":
		return true
	}
	return terminal(w) && os.Getenv("TERM") != "dumb"
}

// terminal says whether w is one.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// width of the terminal in columns; 100 when there is none.
func width(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if n, _, err := term.GetSize(int(f.Fd())); err == nil && n > 20 {
			return n
		}
	}
	return 100
}

// diagnostics writes what is wrong with a Benchfile: to people on stderr, to programs on stdout.
func (a *app) diagnostics(d benchfile.Diagnostics) {
	if a.json {
		a.emit("diagnostics", struct {
			Valid       bool                  `json:"valid"`
			Diagnostics benchfile.Diagnostics `json:"diagnostics"`
		}{!d.HasErrors(), d})
		return
	}
	d.Text(a.err, width(a.err), a.colour(a.err))
}

// findBenchfile looks for the Benchfile here and in the parents.
func (a *app) findBenchfile() (string, error) {
	if a.file != "" {
		p, err := filepath.Abs(a.file)
		if err != nil {
			return "", err
		}
		if _, err := os.Stat(p); err != nil {
			return "", usage("-f takes the path of a Benchfile", "no Benchfile %s: %w", a.file, err)
		}
		return p, nil
	}
	here, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the current folder: %w", err)
	}
	path, several := early.Find(here)
	switch {
	case path != "":
		return path, nil
	case len(several) > 0:
		return "", usage("name one with -f", "several Benchfiles in %s: %s", filepath.Dir(several[0]), strings.Join(several, ", "))
	}
	return "", usage("write a benchfile.hcl (the README has one of ten lines), or name one with -f",
		"no benchfile.hcl in %s or any folder above it", here)
}
