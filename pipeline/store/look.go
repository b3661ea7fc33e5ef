package store

import (
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// Look is one path as it was when the store looked: before its bytes were read. While all looks of a
// session still hold, nothing that the session read has changed.
type Look struct {
	Path   string // absolute
	Follow bool   // the record is of what a symbolic link leads to, not of the link
	Racy   bool   // too fresh to vouch for anything (see fsClock)
	Stat   Stat   // zero: there was no such file, and there must still be none
}

// lookBook remembers the last look at each path.
type lookBook struct {
	mu   sync.Mutex
	seen map[lookKey]Look
}

type lookKey struct {
	path   string
	follow bool
}

func (b *lookBook) put(l Look) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.seen == nil {
		b.seen = map[lookKey]Look{}
	}
	b.seen[lookKey{l.Path, l.Follow}] = l
}

// Look records how path is now, without reading it; call it before reading the bytes it is to stand for. A
// missing file is a look too. A symbolic link is recorded with what it leads to.
func (s *Store) Look(path string) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return disk("look at", path, err)
	}
	_, _, err = s.look(path, s.fsNow())
	return err
}

// look records path and, for a link, what it leads to; it returns the record of the latter.
func (s *Store) look(path string, fsNow int64) (st Stat, follow bool, err error) {
	for _, follow = range []bool{false, true} {
		if st, err = statPath(path, follow); err != nil {
			// What cannot be looked at now may be there another time: nothing is vouched for.
			s.looks.put(Look{Path: path, Follow: follow, Racy: true})
			return Stat{}, follow, err
		}
		s.looks.put(Look{Path: path, Follow: follow, Stat: st, Racy: racy(st, fsNow)})
		if !st.isLink() {
			break
		}
	}
	return st, follow, nil
}

// lookAt records a file of the store itself.
func (s *Store) lookAt(name string) { _, _, _ = s.look(s.folder.at(name), s.fsNow()) }

// Looked is every path that was looked at since the store was opened or ForgetLooks was called, sorted, so
// that Unchanged walks one folder after another.
func (s *Store) Looked() []Look {
	s.looks.mu.Lock()
	defer s.looks.mu.Unlock()
	looks := make([]Look, 0, len(s.looks.seen))
	for _, l := range s.looks.seen {
		looks = append(looks, l)
	}
	slices.SortFunc(looks, func(a, b Look) int {
		if c := strings.Compare(a.Path, b.Path); c != 0 || a.Follow == b.Follow {
			return c
		}
		if b.Follow {
			return -1
		}
		return 1
	})
	return looks
}

// ForgetLooks begins the record anew: for a session that surveys more than once, and whose last survey is
// what a memo should stand for.
func (s *Store) ForgetLooks() {
	s.looks.mu.Lock()
	defer s.looks.mu.Unlock()
	s.looks.seen = nil
}

// statBatch is the fewest files worth a second goroutine: about 100 µs of stats.
const statBatch = 64

// Unchanged says whether every look still holds: one statx a file and nothing else, over contiguous
// ranges side by side. One racy look makes it false, as does a path that cannot be looked at.
func (s *Store) Unchanged(looks []Look) bool {
	for i := range looks {
		if looks[i].Racy {
			return false
		}
	}
	near := s.near()
	defer near.close()
	workers := min(hashers(), 1+len(looks)/statBatch)
	if workers == 1 {
		return unchangedRange(looks, near, nil)
	}
	var changed atomic.Bool
	var wg sync.WaitGroup
	for w := range workers {
		part := looks[w*len(looks)/workers : (w+1)*len(looks)/workers]
		wg.Go(func() {
			if !unchangedRange(part, near, &changed) {
				changed.Store(true)
			}
		})
	}
	wg.Wait()
	return !changed.Load()
}

// unchangedRange stops at the first change, its own or another range's.
func unchangedRange(looks []Look, near nearby, stop *atomic.Bool) bool {
	var t statter
	var st Stat
	for i := range looks {
		if stop != nil && i%statBatch == 0 && stop.Load() {
			return true
		}
		dirfd, path := near.name(looks[i].Path)
		if errno := t.at(dirfd, path, looks[i].Follow, &st); errno != 0 || st != looks[i].Stat {
			return false
		}
	}
	return true
}

// nearby names what lies below the study's folder from there: nearly all looks, and most of a statx is walking along a
// path (15 % less for the whole of it, with a study three folders deep).
type nearby struct {
	fd     int
	prefix string
}

// near falls back to absolute paths.
func (s *Store) near() nearby {
	dir := filepath.Dir(s.dir)
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nearby{fd: unix.AT_FDCWD}
	}
	return nearby{fd, strings.TrimSuffix(dir, "/") + "/"}
}

func (n nearby) name(path string) (dirfd int, rest string) {
	if rest, ok := strings.CutPrefix(path, n.prefix); ok && rest != "" && n.prefix != "" {
		return n.fd, rest
	}
	return unix.AT_FDCWD, path
}

func (n nearby) close() {
	if n.fd != unix.AT_FDCWD {
		unix.Close(n.fd)
	}
}

// hashers is how many goroutines read or stat side by side; beyond eight, disks gain nothing.
func hashers() int { return min(runtime.NumCPU(), 8) }
