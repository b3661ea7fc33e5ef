package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/benchfile/bench/hcl/benchfile"
	"github.com/benchfile/bench/pipeline/engine"
	"github.com/benchfile/bench/pipeline/plan"
	"github.com/benchfile/bench/pipeline/report"
	"github.com/benchfile/bench/pipeline/store"
	"github.com/benchfile/bench/pipeline/watch"
	"github.com/benchfile/bench/render"
)

// watchFlags are those of watch.
type watchFlags struct {
	apply bool
	poll  bool
}

func (a *app) watchCommand() *cobra.Command {
	var f watchFlags
	c := &cobra.Command{
		Use: "watch", Short: "Plan and render anew when something changes; follow an apply", Args: most(0),
		Long: "Plan and render anew whenever the Benchfile, what it names, the code, people's words in TRACKER.md or the records change, and say " +
			"what is stale now and why. Follows an apply that works in another terminal. Ctrl-C ends it.",
		RunE: func(c *cobra.Command, _ []string) error { return a.watch(c.Context(), f) },
	}
	c.Flags().BoolVar(&f.apply, "apply", false, "also run what is stale, without asking")
	c.Flags().BoolVar(&f.poll, "poll", false, "look at the files every second instead of having the kernel tell (network file systems)")
	return c
}

// watching is a watch from its beginning to its end.
type watching struct {
	app   *app
	flags watchFlags
	path  string // the Benchfile's
	root  string
	bench string
	files *watch.Watcher
	board *board

	s        *session     // open for reading; nil: not opened yet, because the Benchfile was never right
	now      engine.State // as it was seen last
	words    report.Notes
	stale    map[string]string // experiment → why it is stale, as was told last
	first    bool
	behind   bool     // others are at work: the lock has to be asked for
	followed bool     // and were shown
	to       string   // who is waited for, as was told last
	tried    string   // the step that the last apply began with
	missing  []string // what the Benchfile names that was never right
	journal  string   // how the journal was when records were read
}

// newWatching begins to watch the Benchfile; nothing is looked at yet.
func (a *app) newWatching(f watchFlags) (*watching, error) {
	path, err := a.findBenchfile()
	if err != nil {
		return nil, err
	}
	w := &watching{app: a, flags: f, path: path, root: filepath.Dir(path), stale: map[string]string{}, first: true}
	w.bench = filepath.Join(w.root, ".bench")
	w.board = newBoard(a, w.bench)
	w.files = watch.New(w.set(time.Time{}), watch.Options{Poll: f.poll})
	return w, nil
}

func (a *app) watch(ctx context.Context, f watchFlags) error {
	w, err := a.newWatching(f)
	if err != nil {
		return err
	}
	life := ctx
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	defer w.close()
	if err := w.refresh(ctx, life, time.Now()); err != nil {
		return err
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		var ticks <-chan time.Time
		if w.behind {
			ticks = tick.C
		}
		select {
		case <-ctx.Done():
			return nil
		case b := <-w.files.Changes():
			if b.Note != "" {
				w.board.say("bench: " + b.Note)
			}
			if w.concerns(b.Paths) {
				err = w.refresh(ctx, life, time.Now())
			}
		case <-ticks:
			err = w.refresh(ctx, life, time.Now())
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
	}
}

func (w *watching) close() {
	w.board.clear()
	w.files.Close()
	if w.s != nil {
		_ = w.s.close() // it only read
	}
}

// concerns says whether a change is one: bench's own writing to TRACKER.md is none.
func (w *watching) concerns(paths []string) bool {
	tracker := filepath.Join(w.root, artifactsDir, trackerName)
	news := false
	for _, p := range paths {
		if p != tracker {
			news = true
		}
		if !w.written(p) {
			w.tried = ""
		}
	}
	if news {
		return true
	}
	return len(paths) > 0 && w.s != nil && render.HumanRegions(w.s.artifact(trackerName)) != w.words
}

// refresh sees how things are. While another process works here, that is all there is to see: planning and rendering
// beside a measurement would disturb it, and whoever works does both. life is the context of what must not be cut off by
// the first Ctrl-C.
func (w *watching) refresh(ctx, life context.Context, began time.Time) error {
	st, err := readState(w.bench)
	if err != nil {
		return err
	}
	if st != nil && st.Ended == "" {
		w.behind, w.followed = true, true
		w.board.follow(st)
		return nil
	}
	if w.followed && st != nil {
		w.board.ended(st)
	}
	w.behind, w.followed = false, false
	now, err := w.look(ctx)
	var bad *badBenchfile
	var code *codeError
	switch {
	case errors.As(err, &bad):
		w.board.clear()
		w.app.complain(err)
		w.files.Watch(w.set(began))
		return nil
	case err != nil && (w.first || errors.As(err, &code)):
		return err
	case err != nil:
		w.board.say("bench: error: " + err.Error())
		w.files.Watch(w.set(began))
		return nil
	}
	w.now = now
	written, err := w.write(now)
	if err == nil {
		w.tell(now, written, time.Since(began))
	}
	w.files.Watch(w.set(began))
	if err != nil {
		return w.later(err)
	}
	if w.flags.apply && now.Plan.Next >= 0 && ctx.Err() == nil {
		next := now.Plan.Steps[now.Plan.Next]
		try := next.Address + string(next.Key)
		if try == w.tried {
			return nil // it came to nothing before, and nothing is different
		}
		w.tried = try
		return w.apply(ctx, life)
	}
	return nil
}

// look surveys and plans without writing anything.
func (w *watching) look(ctx context.Context) (engine.State, error) {
	j := w.journalNow()
	if w.s != nil && j != w.journal {
		_ = w.s.close() // it only read; what it remembers of records is old, and .bench may be another folder
		w.s = nil
	}
	w.journal = j
	if w.s == nil {
		s := &session{app: w.app, root: w.root, name: filepath.Base(w.path)}
		if _, err := s.load(); err != nil {
			w.s = nil
			w.asked(s)
			return engine.State{}, err
		}
		if err := s.wire(ctx, false); err != nil {
			return engine.State{}, errors.Join(err, s.close())
		}
		s.publishTo = w.publish
		w.s = s
	}
	st, err := w.s.engine.Survey(ctx, engine.Options{})
	if err == nil {
		err = w.s.ownWords() // or every line that is said here would be news
	}
	return st, err
}

// journalNow is how the journal is: another one means other records.
func (w *watching) journalNow() string {
	info, err := os.Stat(filepath.Join(w.bench, store.JournalName))
	if err != nil {
		return ""
	}
	return fmt.Sprint(info.Size(), info.ModTime().UnixNano())
}

// paths are what the Benchfile names, as far as it was read.
func (w *watching) paths(s *session) []string {
	var out []string
	for p := range s.loaded.exists {
		if !filepath.IsAbs(p) {
			p = filepath.Join(w.root, filepath.FromSlash(p))
		}
		out = append(out, p)
	}
	return out
}

// asked keeps what a Benchfile that is wrong names, so that a file which is missing ends the waiting when it comes.
func (w *watching) asked(s *session) { w.missing = w.paths(s) }

// publish writes artifacts: the lock is held for that moment only.
func (w *watching) publish(files map[string][]byte, o store.PublishOptions) (store.Changes, error) {
	h := holder()
	h.Brief = true
	l, err := lockRepo(w.bench, h)
	if err != nil {
		return store.Changes{}, err
	}
	defer l.Close()
	s, err := store.Open(w.bench, time.Now)
	if err != nil {
		return store.Changes{}, err
	}
	defer s.Close()
	if err := forgetState(s); err != nil {
		return store.Changes{}, err
	}
	return s.Publish(filepath.Join(w.root, artifactsDir), files, o)
}

func (w *watching) write(st engine.State) (store.Changes, error) {
	st.Note = "watched" // nothing runs
	changes, err := w.s.write(st)
	w.words = render.HumanRegions(w.s.artifact(trackerName))
	return changes, err
}

// later says who is at work, when that is what is in the way.
func (w *watching) later(err error) error {
	var busy *store.Busy
	if !errors.As(err, &busy) {
		return err
	}
	w.behind = true
	if who := busy.Holder.String(); who != w.to {
		w.to = who
		w.board.say("waiting: " + who + " is at work here")
	}
	return nil
}

// apply runs what is stale, as bench apply --auto-approve does.
func (w *watching) apply(ctx, life context.Context) error {
	w.board.clear()
	err := w.app.apply(life, applyFlags{approve: true, wait: forever, waits: ctx})
	var code *codeError
	switch {
	case err == nil, errors.As(err, &code) && code.err == nil:
		return nil
	}
	if later := w.later(err); later != nil {
		w.app.complain(later) // it stays so until something changes
	}
	return nil
}

// tell says what is stale now and was not, or for another reason.
func (w *watching) tell(st engine.State, written store.Changes, took time.Duration) {
	now := map[string]string{}
	var lines []staleness
	for _, x := range append(slices.Clone(st.Plan.Experiments), st.Plan.Baseline) {
		why := staleWhy(st, x.Steps)
		if why == "" {
			continue
		}
		id := x.Variant.ID()
		now[id] = why
		if w.stale[id] != why {
			lines = append(lines, staleness{id, why})
		}
	}
	var fresh []string
	for id := range w.stale {
		if now[id] == "" {
			fresh = append(fresh, id)
		}
	}
	slices.Sort(fresh)
	w.stale = now
	w.board.planned(st, w.s.overview, lines, fresh, written, took, w.first)
	w.first = false
	w.to = ""
}

// staleness is an experiment that would run, and why.
type staleness struct {
	ID  string `json:"experiment"`
	Why string `json:"why"`
}

// staleWhy is why a step of an experiment would run now; "" when none would.
func staleWhy(st engine.State, steps []int) string {
	for _, i := range steps {
		if s := &st.Plan.Steps[i]; s.State == plan.Ready {
			return s.Why
		}
	}
	return ""
}

// set is everything that a plan and a report rest on, as far as it is known yet.
func (w *watching) set(since time.Time) watch.Set {
	set := watch.Set{Root: w.root, Since: since, Files: []string{
		w.path, filepath.Join(w.bench, store.StateName), filepath.Join(w.bench, store.JournalName), filepath.Join(w.root, artifactsDir, trackerName),
	}}
	for _, f := range w.app.varFiles {
		if p, err := filepath.Abs(f); err == nil {
			set.Files = append(set.Files, p)
		}
	}
	set.Files = append(set.Files, w.missing...)
	if w.s == nil || w.now.Study == nil {
		return set
	}
	more, err := w.s.watched(w.now)
	if err != nil {
		w.board.say("bench: warning: not all of the code can be watched: " + err.Error())
	}
	for _, p := range append(more, w.paths(w.s)...) {
		// What bench writes itself is no news, nor is that it does.
		if w.written(p) || p == w.s.self {
			continue
		}
		set.Files = append(set.Files, p)
	}
	for _, in := range w.now.Study.Inputs {
		if in.Path != "" && w.s.kind(in.Path) == benchfile.Folder {
			set.Trees = append(set.Trees, w.s.engine.At(in.Path))
		}
	}
	return set
}

// written says whether a path is of what bench writes.
func (w *watching) written(p string) bool {
	for _, dir := range []string{w.bench, filepath.Join(w.root, artifactsDir)} {
		if p == dir || strings.HasPrefix(p, dir+string(filepath.Separator)) {
			return true
		}
	}
	return false
}
