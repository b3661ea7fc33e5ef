package main

import (
	"path/filepath"
	"strings"

	"github.com/benchfile/bench/cmd/bench/early"
	"github.com/benchfile/bench/executors/host"
	"github.com/benchfile/bench/pipeline/engine"
	"github.com/benchfile/bench/pipeline/plan"
	"github.com/benchfile/bench/pipeline/store"
)

// settle leaves the memo after an apply that ran nothing; package early reads it.
func (s *session) settle(st engine.State) error {
	if len(s.app.vars)+len(s.app.varFiles) > 0 || s.app.json || s.app.file != "" || s.app.chdir != "" {
		return nil
	}
	if len(st.Study.Environment.Tools) > 0 {
		return s.store.DropSettled() // what a tool answers is not told by its file: rustc is rustup's, whichever toolchain it starts
	}
	paths, err := s.watched(st)
	if err != nil {
		return err
	}
	for _, p := range paths {
		_ = s.store.Look(p) // what can't be looked at vouches for nothing, and WriteSettled then keeps no memo
	}
	var text strings.Builder
	quiet := *s.app
	quiet.out = &text
	quiet.conclude(s, engine.Result{State: st}, 0)
	return s.store.WriteSettled(store.Settled{
		Fingerprint: early.Fingerprint(filepath.Join(s.root, s.name)), Looks: s.store.Looked(), Message: text.String(),
	})
}

// watched are the files besides those that were read through the store: the Benchfile, what decides which code the
// baseline is, which programs the commands mean, and bench itself.
func (s *session) watched(st engine.State) ([]string, error) {
	paths := []string{filepath.Join(s.root, s.name), s.self, "/etc/os-release", "/usr/lib/os-release"}
	for p := range s.loaded.exists {
		if !filepath.IsAbs(p) {
			p = filepath.Join(s.root, filepath.FromSlash(p))
		}
		paths = append(paths, p)
	}
	for _, name := range plan.Programs(st.Study) {
		if !strings.Contains(name, "/") {
			paths = append(paths, host.Candidates(name, st.Facts.Env, s.root)...)
		}
	}
	git, err := s.code.watched()
	return append(paths, git...), err
}
