package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/benchfile/bench/cmd/bench/early"
	"github.com/benchfile/bench/cmd/bench/version"
	"github.com/benchfile/bench/hcl/benchfile"
)

func (a *app) validateCommand() *cobra.Command {
	return &cobra.Command{
		Use: "validate", Short: "Check the Benchfile; run nothing", Args: most(0),
		RunE: func(*cobra.Command, []string) error {
			path, err := a.findBenchfile()
			if err != nil {
				return err
			}
			s := &session{app: a, root: filepath.Dir(path), name: filepath.Base(path)}
			study, err := s.load()
			if err != nil {
				return err
			}
			if a.json {
				a.diagnostics(s.loaded.diags)
				return nil
			}
			s.loaded.diags.Text(a.err, width(a.err), a.colour(a.err))
			fmt.Fprintf(a.out, "%s ok: %s, %s, %s, %s.\n", s.name, count(len(study.Inputs), "input"), count(len(study.Metrics), "metric"),
				count(len(study.Hypotheses), "hypothesis"), count(len(study.Compounds), "compound"))
			return nil
		},
	}
}

func (a *app) fmtCommand() *cobra.Command {
	var check bool
	c := &cobra.Command{
		Use: "fmt [FILE | -]", Short: "Format the Benchfile", Args: most(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 && args[0] == "-" {
				src, err := io.ReadAll(os.Stdin)
				if err != nil {
					return fmt.Errorf("read stdin: %w", err)
				}
				out, diags := benchfile.Format(src)
				if diags.HasErrors() {
					return &badBenchfile{diags}
				}
				_, err = a.out.Write(out)
				return err
			}
			if len(args) == 1 {
				a.file = args[0]
			}
			return a.format(check)
		},
	}
	c.Flags().BoolVar(&check, "check", false, "write nothing; exit with 3 when the file would change")
	return c
}

// format rewrites the Benchfile in place.
func (a *app) format(check bool) error {
	path, err := a.findBenchfile()
	if err != nil {
		return err
	}
	src, err := os.ReadFile(path)
	if err != nil {
		return usage("", "read the Benchfile: %w", err)
	}
	out, diags := benchfile.Format(src)
	switch {
	case diags.HasErrors():
		return &badBenchfile{diags}
	case bytes.Equal(src, out):
		return nil
	case check:
		return &codeError{code: exitVerdict, err: fmt.Errorf("%s is not formatted", filepath.Base(path)), hint: "bench fmt"}
	}
	// Written beside and renamed, so that a full disk or a crash leaves the old file.
	tmp, err := os.CreateTemp(filepath.Dir(path), ".benchfile-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer os.Remove(tmp.Name())
	st, err := os.Stat(path)
	if err == nil {
		err = tmp.Chmod(st.Mode().Perm())
	}
	if err == nil {
		_, err = tmp.Write(out)
	}
	if err == nil {
		err = tmp.Sync()
	}
	if e := tmp.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	fmt.Fprintln(a.out, filepath.Base(path))
	return nil
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: most(0),
		RunE: func(*cobra.Command, []string) error {
			if a.json {
				a.emit("version", map[string]string{"version": early.Version, "commit": version.Commit(), "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH})
				return nil
			}
			fmt.Fprintln(a.out, version.Text())
			return nil
		},
	}
}
