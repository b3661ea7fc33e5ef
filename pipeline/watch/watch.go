// Package watch says which files changed, once they have been quiet for a moment. It is given paths and answers with
// paths: what lies in them, and why somebody wants to know, it does not know.
//
// The kernel's events only say when to look; what changed is found by comparing stat records with those of the last
// look. So it makes no difference whether an editor writes a file, renames another one onto it, or removes and makes it
// anew, nor whether events were lost, nor whether there are any: where the kernel's watches run out, it looks every
// second instead, and says so. Folders are watched rather than files, because a file that is replaced takes its watch
// along; and of a folder that is missing, the nearest one above it that is there.
package watch

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Set is what to watch. All paths are absolute and clean; none of them has to exist.
type Set struct {
	// Root is a folder below which every folder on the way to a path is watched, so that one that is renamed is missed.
	// For paths elsewhere only the folder that they lie in is.
	Root  string
	Files []string // also folders, of which only the coming and going of names is seen
	Trees []string // folders with everything below them; links in them are not followed
	// Since is when the caller began to look at the paths: what is new in this set and changed after that is told, too.
	// Zero: what is new is taken as it is.
	Since time.Time
}

// Options say how to watch.
type Options struct {
	Quiet time.Duration // how long nothing may happen before changes are told; 0 = 200 ms
	Most  time.Duration // after which they are told although it is not quiet; 0 = 10 × Quiet
	Every time.Duration // how often is looked when the kernel can't tell; 0 = 1 s
	Poll  bool          // don't ask the kernel

	limited bool // for tests: the kernel gives no more than limit watches
	limit   int
}

// Batch is what changed since the last one.
type Batch struct {
	Paths []string // sorted; of a tree, the files in it
	Note  string   // how it is watched from now on, when that is not as well as it should be
}

// Watcher watches until it is closed.
type Watcher struct {
	opt     Options
	changes chan Batch
	sets    chan Set
	quit    chan struct{}
	once    sync.Once // closes quit
	ended   chan struct{}

	// What follows belongs to the one goroutine of run.
	kernel  *fsnotify.Watcher // nil: looked at every opt.Every
	armed   map[string]bool   // folders that the kernel watches
	set     Set
	scope   scope
	known   map[string]record
	pending map[string]bool
	note    string
	first   time.Time // of the changes that are pending; zero: none
	due     *time.Timer
	young   bool // the last look found a file that has to be looked at once more
}

// New watches a set. Its first look is done when it returns: what changes after that is told.
func New(set Set, opt Options) *Watcher {
	if opt.Quiet == 0 {
		opt.Quiet = 200 * time.Millisecond
	}
	if opt.Most == 0 {
		opt.Most = 10 * opt.Quiet
	}
	if opt.Every == 0 {
		opt.Every = time.Second
	}
	w := &Watcher{
		opt: opt, changes: make(chan Batch), sets: make(chan Set), quit: make(chan struct{}), ended: make(chan struct{}),
		pending: map[string]bool{}, due: time.NewTimer(time.Hour),
	}
	w.due.Stop()
	w.begin(set)
	if w.known = w.look(); w.young {
		w.due.Reset(youth)
	}
	go w.run()
	return w
}

// Changes are told here, newest and older ones together when the receiver takes its time. It is closed by Close.
func (w *Watcher) Changes() <-chan Batch { return w.changes }

// Watch goes over to another set. What is in both keeps its history: a change that was not told yet will be.
func (w *Watcher) Watch(set Set) {
	select {
	case w.sets <- set:
	case <-w.ended:
	}
}

// Close ends watching. Closing twice is harmless.
func (w *Watcher) Close() {
	w.once.Do(func() { close(w.quit) })
	<-w.ended
}

// begin arms the kernel for a set, or settles for looking.
func (w *Watcher) begin(set Set) {
	w.set, w.scope = set, newScope(set)
	if w.kernel == nil {
		w.armed = map[string]bool{}
		if w.opt.Poll {
			return
		}
		k, err := fsnotify.NewWatcher()
		if err != nil {
			w.settle(err)
			return
		}
		w.kernel = k
	}
	w.arm()
}

// arm has the kernel watch the folders that matter now.
func (w *Watcher) arm() {
	if w.kernel == nil {
		return
	}
	want := w.scope.folders()
	for dir := range w.armed {
		if !want[dir] {
			_ = w.kernel.Remove(dir) // it may be gone: then so is its watch
			delete(w.armed, dir)
		}
	}
	for dir := range want {
		if w.armed[dir] {
			continue
		}
		err := w.add(dir)
		switch {
		case err == nil:
			w.armed[dir] = true
		case errors.Is(err, syscall.ENOENT), errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.EACCES):
			// Gone since, or not ours to read: the folder above tells of what happens to it.
		default:
			w.settle(err)
			return
		}
	}
}

func (w *Watcher) add(dir string) error {
	if w.opt.limited && len(w.armed) >= w.opt.limit {
		return syscall.ENOSPC
	}
	return w.kernel.Add(dir)
}

// settle does without the kernel.
func (w *Watcher) settle(err error) {
	if w.kernel != nil {
		w.kernel.Close()
		w.kernel = nil
	}
	w.armed = map[string]bool{}
	w.note = fmt.Sprintf("the kernel can't watch all the files (%v): looking every %v instead; see fs.inotify.max_user_watches and max_user_instances", err, w.opt.Every)
}

func (w *Watcher) run() {
	defer close(w.ended)
	defer close(w.changes)
	tick := time.NewTicker(w.opt.Every)
	defer tick.Stop()
	for {
		var events chan fsnotify.Event
		var failures chan error
		var ticks <-chan time.Time
		if w.kernel != nil {
			events, failures = w.kernel.Events, w.kernel.Errors
		} else {
			ticks = tick.C
		}
		out, batch := w.next()
		select {
		case <-w.quit:
			if w.kernel != nil {
				w.kernel.Close()
			}
			return
		case set := <-w.sets:
			w.change(set)
		case e, ok := <-events:
			if ok {
				w.event(e)
			}
		case err, ok := <-failures:
			if ok {
				w.failure(err)
			}
		case <-ticks:
			if w.compare() {
				w.stir()
			}
		case <-w.due.C:
			w.first = time.Time{}
			w.arm()
			w.compare()
		case out <- batch:
			w.pending, w.note = map[string]bool{}, ""
		}
	}
}

// next is what can be told now; the channel is nil when there is nothing, or when it is not quiet yet.
func (w *Watcher) next() (chan Batch, Batch) {
	if len(w.pending) == 0 && w.note == "" || !w.first.IsZero() {
		return nil, Batch{}
	}
	return w.changes, Batch{Paths: slices.Sorted(maps.Keys(w.pending)), Note: w.note}
}

// stir says that something happened: changes are told when nothing more does for a while, or after opt.Most.
func (w *Watcher) stir() {
	now := time.Now()
	if w.first.IsZero() {
		w.first = now
	}
	w.due.Reset(min(w.opt.Quiet, max(0, w.opt.Most-now.Sub(w.first))))
}

// event hears from the kernel.
func (w *Watcher) event(e fsnotify.Event) {
	if w.armed[e.Name] && e.Has(fsnotify.Remove|fsnotify.Rename) {
		// The folder that was watched is another's by now, or nobody's, whatever has its name.
		_ = w.kernel.Remove(e.Name)
		delete(w.armed, e.Name)
	}
	if w.scope.concerns(e.Name) || !e.Has(fsnotify.Write) && w.scope.files[filepath.Dir(e.Name)] {
		w.stir()
	}
}

// failure is, nearly always, that more happened than the kernel keeps: then anything may have.
func (w *Watcher) failure(err error) {
	if errors.Is(err, fsnotify.ErrEventOverflow) {
		for dir := range w.armed {
			_ = w.kernel.Remove(dir)
		}
		w.armed = map[string]bool{}
	} else {
		w.settle(err)
	}
	w.stir()
}

// change goes over to another set.
func (w *Watcher) change(set Set) {
	old := w.known
	w.begin(set)
	w.known = w.look()
	since := int64(math.MaxInt64)
	if !set.Since.IsZero() {
		since = set.Since.Add(-youth).UnixNano()
	}
	for p, now := range w.known {
		if was, ok := old[p]; ok && was != now || !ok && max(now.modified, now.changed) > since {
			w.pending[p] = true
		}
	}
	for p := range w.pending {
		if !w.scope.covers(p) {
			delete(w.pending, p)
		}
	}
}

// compare looks, and notes what is not as it was.
func (w *Watcher) compare() (changed bool) {
	now := w.look()
	for p, r := range now {
		if was, ok := w.known[p]; !ok || was != r {
			w.pending[p], changed = true, true
		}
	}
	for p := range w.known {
		if _, ok := now[p]; !ok {
			w.pending[p], changed = true, true
		}
	}
	w.known = now
	if w.young && w.first.IsZero() {
		w.due.Reset(youth)
	}
	return changed
}
