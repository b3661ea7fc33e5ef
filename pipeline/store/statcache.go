package store

import (
	"crypto/sha256"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"
)

// statCache knows the SHA-256 of files by path and stat record. It is a cache of what can be read again:
// whatever is wrong with its file makes it empty, with a note.
type statCache struct {
	mu      sync.Mutex
	loaded  bool
	changed bool
	base    []namedEntry         // as loaded, in the order of paths: searched, since building a map costs more
	fresh   map[string]statEntry // what was learnt since
}

type namedEntry struct {
	path string
	statEntry
}

type statEntry struct {
	stat Stat
	sum  [sha256.Size]byte
	racy bool  // hashed when the file was too fresh: never trusted, hashed again
	used int64 // s since 1970, to about a day
}

const (
	statName = "stat"
	// usedStep is how stale an entry's "used" may be: the file is not written anew for less.
	usedStep = 24 * 60 * 60
	// usedFor is how long an unused entry is kept: a study left alone for a month is hashed again, once.
	usedFor = 30 * usedStep
)

func (c *statCache) find(path string) (e statEntry, ok bool) {
	if e, ok = c.fresh[path]; ok {
		return e, true
	}
	i, ok := slices.BinarySearchFunc(c.base, path, func(e namedEntry, path string) int { return strings.Compare(e.path, path) })
	if !ok {
		return statEntry{}, false
	}
	return c.base[i].statEntry, true
}

func (c *statCache) set(path string, e statEntry) {
	if c.fresh == nil {
		c.fresh = map[string]statEntry{}
	}
	c.fresh[path] = e
	c.changed = true
}

func (c *statCache) get(path string, st Stat, now time.Time) (sum [sha256.Size]byte, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.find(path)
	if !ok || e.racy || e.stat != st {
		return sum, false
	}
	if now.Unix()-e.used > usedStep {
		e.used = now.Unix()
		c.set(path, e)
	}
	return e.sum, true
}

func (c *statCache) put(path string, f fileSum, racy bool, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := statEntry{stat: f.stat, sum: f.sum, racy: racy, used: now.Unix()}
	if old, ok := c.find(path); ok && old.stat == e.stat && old.sum == e.sum && old.racy == e.racy {
		return // hashed again for being fresh, and still fresh: nothing new to write
	}
	c.set(path, e)
}

// all is every entry used since oldest (s since 1970), in the order of paths.
func (c *statCache) all(oldest int64) []namedEntry {
	all := make([]namedEntry, 0, len(c.base)+len(c.fresh))
	for path, e := range c.fresh {
		all = append(all, namedEntry{path, e})
	}
	for _, e := range c.base {
		if _, ok := c.fresh[e.path]; !ok {
			all = append(all, e)
		}
	}
	all = slices.DeleteFunc(all, func(e namedEntry) bool { return e.used < oldest })
	slices.SortFunc(all, func(a, b namedEntry) int { return strings.Compare(a.path, b.path) })
	return all
}

// loadStats reads the cache's file at the first use: a session that has nothing to do never needs it.
func (s *Store) loadStats() {
	c := &s.stats
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.loaded {
		return
	}
	c.loaded = true
	if s.folder == nil {
		return
	}
	data, err := s.folder.read(statName)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err == nil {
		c.base, err = decodeStats(data)
	}
	if err != nil {
		c.base = nil
		s.warn("%s is not readable (%v): files are hashed again", s.folder.at(statName), err)
	}
}

// SaveStat writes the stat cache when it changed. What was not used for a month is left out.
func (s *Store) SaveStat() error {
	if err := s.writable(); err != nil {
		return err
	}
	c := &s.stats
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.changed {
		return nil
	}
	if err := s.folder.put(tmpDir, statName, 0o644, encodeStats(c.all(s.now().Unix()-usedFor))); err != nil {
		return err
	}
	c.changed = false
	return nil
}

const statMagic = "bench stat 2\n"

func encodeStats(entries []namedEntry) []byte {
	w := newFrame(statMagic)
	w.u64(uint64(len(entries)))
	for i := range entries {
		e := &entries[i]
		w.text(e.path)
		w.stat(e.stat)
		w.flag(e.racy)
		w.u64(uint64(e.used))
		w.bytes = append(w.bytes, e.sum[:]...)
	}
	return w.done()
}

// leastStat is the fewest bytes an entry takes: no file can promise more entries than it has room for.
const leastStat = 8 + statSize + 1 + 8 + sha256.Size

func decodeStats(data []byte) ([]namedEntry, error) {
	r, err := openFrame(statMagic, data)
	if err != nil {
		return nil, err
	}
	return readStats(r)
}

func readStats(r *frameReader) ([]namedEntry, error) {
	entries := make([]namedEntry, r.count(leastStat))
	for i := range entries {
		e := &entries[i]
		e.path = r.text()
		e.stat, e.racy, e.used = r.stat(), r.flag(), int64(r.u64())
		copy(e.sum[:], r.take(sha256.Size))
		if i > 0 && e.path <= entries[i-1].path {
			r.bad = true // searching needs the order, and one entry a path
		}
	}
	return entries, r.done()
}
