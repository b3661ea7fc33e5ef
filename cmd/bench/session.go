package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/benchfile/bench/executors"
	"github.com/benchfile/bench/executors/process"
	"github.com/benchfile/bench/hcl/benchfile"
	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/engine"
	"github.com/benchfile/bench/pipeline/report"
	"github.com/benchfile/bench/pipeline/store"
)

// artifactsDir is where what people read is written.
const artifactsDir = "benchmarks"

// session is one call of bench on one Benchfile: everything opened and wired.
type session struct {
	app     *app
	root    string // the Benchfile's folder
	name    string // the Benchfile in it
	store   *store.Store
	code    *code
	machine *machine
	engine  *engine.Engine
	self    string // path of this binary

	published  time.Time                                                            // when the artifacts were last written
	publishing time.Duration                                                        // and how long that took
	publishTo  func(map[string][]byte, store.PublishOptions) (store.Changes, error) // nil: the session's own store
	foreign    map[string][]byte                                                    // session files that can't be read, by artifact name
	overview   report.Overview                                                      // of the last report that was made

	loaded loaded
	locks  []func() error
	tell   []func(step string) error
	temp   string
}

// loaded is the last decoding and what it was made from.
type loaded struct {
	study   *pipeline.Study
	diags   benchfile.Diagnostics
	sources [][]byte
	exists  map[string]benchfile.FileKind
}

// open wires a session. write says whether anything may be written; then the repository's lock is taken.
func (a *app) open(ctx context.Context, write bool) (*session, error) {
	path, err := a.findBenchfile()
	if err != nil {
		return nil, err
	}
	s := &session{app: a, root: filepath.Dir(path), name: filepath.Base(path)}
	if _, err := s.load(); err != nil {
		return nil, err
	}
	if err := s.wire(ctx, write); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *session) wire(ctx context.Context, write bool) (err error) {
	dir := filepath.Join(s.root, ".bench")
	if write {
		// The lock first: opening for writing repairs what a crash left, and that is for one process at a time.
		if err := s.lockRepo(dir); err != nil {
			return err
		}
		if s.store, err = store.Open(dir, time.Now); err != nil {
			return err
		}
		if err := s.store.SweepTmp(); err != nil {
			return err
		}
		if err := forgetState(s.store); err != nil {
			return err
		}
	} else if s.store, err = store.OpenReadOnly(dir); err != nil {
		return err
	}
	base := ""
	if write {
		base = filepath.Join(dir, "tmp")
	}
	if s.temp, err = os.MkdirTemp(base, "index-"); err != nil {
		return fmt.Errorf("make a folder for git's indexes: %w", err)
	}
	if s.code, err = openCode(ctx, s.root, s.temp); err != nil {
		return err
	}
	if write {
		// Worktrees whose folders somebody removed would pile up in git.
		if err := s.code.prune(dir); err != nil {
			return err
		}
	}
	if !write {
		aside := filepath.Join(s.temp, "objects")
		if err := os.Mkdir(aside, 0o700); err != nil {
			return fmt.Errorf("make a folder for git's objects: %w", err)
		}
		s.code.repo.Aside(aside)
	}
	if s.self, err = os.Executable(); err != nil {
		return fmt.Errorf("find the path of bench itself: %w", err)
	}
	s.machine = newMachine(s.root)
	name, _ := os.Hostname()
	s.engine = &engine.Engine{
		World: engine.World{Load: s.load, Code: s.code, Machine: s.machine, Changed: s.code.changed},
		Store: s.store, Root: s.root, Host: name, Skip: []string{artifactsDir}, ReadOnly: !write,
		Now: time.Now, Sleep: sleep, Locked: s.locked,
	}
	s.setRunner(nil)
	return nil
}

// lockRepo takes the lock of this repository.
func (s *session) lockRepo(dir string) error {
	l, err := lockRepo(dir, holder())
	if err != nil {
		return err
	}
	s.locks = append(s.locks, l.Close)
	s.tell = append(s.tell, l.Update)
	return nil
}

// lockRepo takes the lock of a .bench folder, and waits for those who hold it for a moment only.
func lockRepo(dir string, h store.Holder) (*store.Lock, error) {
	l, err := store.LockRepo(dir, h)
	for until := time.Now().Add(briefly); brief(err) && time.Now().Before(until); l, err = store.LockRepo(dir, h) {
		time.Sleep(10 * time.Millisecond)
	}
	return l, err
}

// briefly is longer than anybody holds the lock who says that it is for a moment.
const briefly = 10 * time.Second

// brief says whether whoever holds the lock has it for a moment only: a watch that writes the report. One that has no
// name yet, or has taken it away already, is about to be free or to have one.
func brief(err error) bool {
	var busy *store.Busy
	return errors.As(err, &busy) && (busy.Holder.Brief || busy.Holder.PID == 0)
}

// forever is how long a watch waits.
const forever = 365 * 24 * time.Hour

// lockMachine takes the machine's lock, so that nothing else that goes through bench measures here, and hands it to
// the runner, which every measured command inherits it from.
func (s *session) lockMachine(ctx context.Context, wait time.Duration) error {
	l, err := store.TryLockMachine(store.MachineLockPath(), holder())
	var busy *store.Busy
	if errors.As(err, &busy) && wait > 0 {
		most := ""
		if wait < forever {
			most = fmt.Sprintf("up to %s ", wait)
		}
		fmt.Fprintf(s.app.err, "bench: waiting %sfor this machine: %s is measuring\n", most, busy.Holder)
		l, err = store.LockMachine(ctx, store.MachineLockPath(), holder(), wait)
	}
	if err != nil {
		return err
	}
	s.locks = append(s.locks, l.Close)
	s.setRunner(l.File())
	return nil
}

// setRunner makes the executor, with the machine's lock or without.
func (s *session) setRunner(lock *os.File) {
	s.engine.World.Executor = executors.New(s.loaded.study.Measure.Executor, process.Options{
		Self: []string{s.self, runnerArg}, Host: s.machine, Lock: lock, Extract: extract,
	})
}

// locked says on the locks which step runs.
func (s *session) locked(step string) error {
	for _, tell := range s.tell {
		if err := tell(step); err != nil {
			return err
		}
	}
	return nil
}

// holder is what this process writes on the locks it holds.
func holder() store.Holder {
	return store.Holder{Command: strings.Join(os.Args, " "), Since: time.Now()}
}

// close gives everything back, the locks last.
func (s *session) close() error {
	var errs []error
	if s.temp != "" {
		errs = append(errs, os.RemoveAll(s.temp))
	}
	if s.store != nil {
		errs = append(errs, s.store.Close())
	}
	for i := len(s.locks) - 1; i >= 0; i-- {
		errs = append(errs, s.locks[i]())
	}
	return errors.Join(errs...)
}

// load decodes the Benchfile, unless nothing that it was decoded from has changed.
func (s *session) load() (*pipeline.Study, error) {
	src, err := os.ReadFile(filepath.Join(s.root, s.name))
	if err != nil {
		return nil, usage("", "read the Benchfile: %w", err)
	}
	files := [][]byte{src}
	opt := benchfile.Options{Env: os.LookupEnv, Exists: s.exists, Executors: executors.Names()}
	for _, v := range s.app.vars {
		name, value, ok := strings.Cut(v, "=")
		if !ok {
			return nil, usage("--var takes name=value", "--var %q has no value", v)
		}
		opt.Vars = append(opt.Vars, benchfile.Assignment{Name: name, Value: value, Origin: "--var"})
	}
	for _, f := range s.app.varFiles {
		b, err := os.ReadFile(f)
		if err != nil {
			return nil, usage("", "read the variables' file: %w", err)
		}
		files = append(files, b)
		opt.VarFiles = append(opt.VarFiles, benchfile.Source{Name: f, Bytes: b})
	}
	if !s.stale(files) {
		return s.loaded.study, nil
	}
	s.loaded = loaded{sources: files, exists: map[string]benchfile.FileKind{}}
	study, diags := benchfile.Decode(benchfile.Source{Name: s.name, Bytes: src}, opt)
	s.loaded.diags = s.located(diags)
	if diags.HasErrors() {
		s.loaded.sources = nil
		return nil, &badBenchfile{s.loaded.diags}
	}
	baseUnits(study)
	s.loaded.study = study
	return study, nil
}

// located names the Benchfile in diagnostics as it is reached from the current folder, so that an editor or a terminal
// can jump there. Everywhere else it is named from its own folder, because artifacts must not depend on where they are made.
func (s *session) located(diags benchfile.Diagnostics) benchfile.Diagnostics {
	here, err := os.Getwd()
	if err != nil {
		return diags
	}
	path, err := filepath.Rel(here, filepath.Join(s.root, s.name))
	if err != nil || path == s.name {
		return diags
	}
	out := slices.Clone(diags)
	for i := range out {
		if r := out[i].Range; r != nil && r.Filename == s.name {
			at := *r
			at.Filename = path
			out[i].Range = &at
		}
	}
	return out
}

// stale says whether the last decoding was made from something else.
func (s *session) stale(files [][]byte) bool {
	if s.loaded.study == nil || len(files) != len(s.loaded.sources) {
		return true
	}
	for i := range files {
		if !bytes.Equal(files[i], s.loaded.sources[i]) {
			return true
		}
	}
	for p, was := range s.loaded.exists {
		if s.kind(p) != was {
			return true
		}
	}
	return false
}

// exists answers the decoder and remembers what it was told.
func (s *session) exists(p string) benchfile.FileKind {
	k := s.kind(p)
	s.loaded.exists[p] = k
	return k
}

func (s *session) kind(p string) benchfile.FileKind {
	if !filepath.IsAbs(p) {
		p = filepath.Join(s.root, filepath.FromSlash(p))
	}
	st, err := os.Stat(p)
	switch {
	case err != nil:
		return benchfile.NoFile
	case st.IsDir():
		return benchfile.Folder
	}
	return benchfile.File
}

// sleep waits, or ends early with the context's error.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
