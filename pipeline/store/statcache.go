package store

import (
	"crypto/sha256"
	"errors"
	"io/fs"
	"slices"
	"sync"
	"time"
)

// statCache knows the SHA-256 of files by path and stat record. It is a cache of what can be read again:
// whatever is wrong with its file makes it empty, with a note.
type statCache struct {
	mu      sync.Mutex
	loaded  bool
	changed bool
	entries map[string]statEntry
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

func (c *statCache) get(path string, st Stat, now time.Time) (sum [sha256.Size]byte, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[path]
	if !ok || e.racy || e.stat != st {
		return sum, false
	}
	if now.Unix()-e.used > usedStep {
		e.used = now.Unix()
		c.entries[path] = e
		c.changed = true
	}
	return e.sum, true
}

func (c *statCache) put(path string, f fileSum, racy bool, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := statEntry{stat: f.stat, sum: f.sum, racy: racy, used: now.Unix()}
	if old, ok := c.entries[path]; ok && old.stat == e.stat && old.sum == e.sum && old.racy == e.racy {
		return // hashed again for being fresh, and still fresh: nothing new to write
	}
	c.entries[path] = e
	c.changed = true
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
	c.entries = map[string]statEntry{}
	if s.folder == nil {
		return
	}
	data, err := s.folder.read(statName)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err == nil {
		c.entries, err = decodeStats(data)
	}
	if err != nil {
		c.entries = map[string]statEntry{}
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
	if err := s.folder.put(tmpDir, statName, 0o644, encodeStats(c.entries, s.now().Unix()-usedFor)); err != nil {
		return err
	}
	c.changed = false
	return nil
}

const statMagic = "bench stat 1\n"

func encodeStats(entries map[string]statEntry, oldest int64) []byte {
	paths := make([]string, 0, len(entries))
	for path, e := range entries {
		if e.used >= oldest {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	w := newFrame(statMagic)
	w.u64(uint64(len(paths)))
	for _, path := range paths {
		e := entries[path]
		w.text(path)
		w.stat(e.stat)
		w.flag(e.racy)
		w.u64(uint64(e.used))
		w.bytes = append(w.bytes, e.sum[:]...)
	}
	return w.done()
}

// leastStat is the fewest bytes an entry takes: no file can promise more entries than it has room for.
const leastStat = 8 + statSize + 1 + 8 + sha256.Size

func decodeStats(data []byte) (map[string]statEntry, error) {
	r, err := openFrame(statMagic, data)
	if err != nil {
		return nil, err
	}
	return readStats(r)
}

func readStats(r *frameReader) (map[string]statEntry, error) {
	n := r.count(leastStat)
	entries := make(map[string]statEntry, n)
	for range n {
		path := r.text()
		e := statEntry{stat: r.stat(), racy: r.flag(), used: int64(r.u64())}
		copy(e.sum[:], r.take(sha256.Size))
		entries[path] = e
	}
	return entries, r.done()
}
