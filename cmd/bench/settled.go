package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/benchfile/bench/pipeline/engine"
	"github.com/benchfile/bench/pipeline/store"
)

// The no-op path. An apply that found nothing to do leaves a memo: every file that it looked at, with its stat record,
// and what it said. The next apply in the same environment that finds every one of those files as it was would find
// the same, so it says the same and ends: one stat a file, nothing read, nothing written. Whatever differs, even
// harmlessly, leads to the long way.

// settled answers an apply from the memo. It only knows the plainest call: anything else goes the long way.
func settled(args []string) (code int, done bool) {
	if len(args) == 0 || args[0] != "apply" {
		return 0, false
	}
	for _, a := range args[1:] {
		if a != "--auto-approve" {
			return 0, false
		}
	}
	path, err := (&app{}).findBenchfile()
	if err != nil {
		return 0, false
	}
	s, err := store.OpenReadOnly(filepath.Join(filepath.Dir(path), ".bench"))
	if err != nil {
		return 0, false
	}
	defer s.Close()
	memo, ok := s.ReadSettled()
	if !ok || memo.Fingerprint != fingerprint(path) || !s.Unchanged(memo.Looks) {
		return 0, false
	}
	fmt.Fprint(os.Stdout, memo.Message)
	return exitOK, true
}

// fingerprint is everything that a plan rests on and that is no file of the repository: this bench, the Benchfile's
// place, the environment, and the machine since it was started.
func fingerprint(benchfile string) string {
	h := sha256.New()
	write := func(parts ...string) {
		for _, p := range parts {
			fmt.Fprintf(h, "%d:%s", len(p), p)
		}
	}
	self, _ := os.Executable()
	write("settled 1", version, self, benchfile)
	boot, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	name, _ := os.Hostname()
	write(string(boot), name)
	env := slices.DeleteFunc(os.Environ(), func(kv string) bool {
		n, _, _ := strings.Cut(kv, "=")
		return slices.Contains([]string{"_", "SHLVL", "OLDPWD", "PWD", "COLUMNS", "LINES", "WINDOWID"}, n)
	})
	slices.Sort(env)
	write(env...)
	return hex.EncodeToString(h.Sum(nil))
}

// settle leaves the memo after an apply that ran nothing.
func (s *session) settle(st engine.State) error {
	if len(s.app.vars)+len(s.app.varFiles) > 0 || s.app.json || s.app.file != "" || s.app.chdir != "" {
		return nil
	}
	paths, err := s.watched()
	if err != nil {
		return err
	}
	for _, p := range paths {
		if err := s.store.Look(p); err != nil {
			return err
		}
	}
	var text strings.Builder
	quiet := *s.app
	quiet.out = &text
	quiet.conclude(s, engine.Result{State: st}, 0)
	return s.store.WriteSettled(store.Settled{
		Fingerprint: fingerprint(filepath.Join(s.root, s.name)), Looks: s.store.Looked(), Message: text.String(),
	})
}

// watched are the files besides those that were read through the store: the Benchfile, what decides which code the
// baseline is, and bench itself.
func (s *session) watched() ([]string, error) {
	paths := []string{filepath.Join(s.root, s.name), s.self}
	for p := range s.loaded.exists {
		if !filepath.IsAbs(p) {
			p = filepath.Join(s.root, filepath.FromSlash(p))
		}
		paths = append(paths, p)
	}
	git, err := s.code.watched()
	return append(paths, git...), err
}
