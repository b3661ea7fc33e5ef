package watch

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// scope is a set made ready for questions.
type scope struct {
	set   Set
	files map[string]bool
	above map[string]bool // every folder on the way to a path
	links map[string]bool // what files lead to that are symbolic links; found by folders
}

func newScope(set Set) scope {
	s := scope{set: set, files: map[string]bool{}, above: map[string]bool{}, links: map[string]bool{}}
	for _, f := range set.Files {
		s.files[f] = true
		s.climb(f)
	}
	for _, t := range set.Trees {
		s.climb(t)
	}
	return s
}

// climb notes the folders above a path.
func (s *scope) climb(p string) {
	for dir := filepath.Dir(p); !s.above[dir]; dir = filepath.Dir(dir) {
		s.above[dir] = true
		if dir == filepath.Dir(dir) {
			return
		}
	}
}

// concerns says whether something that happened to a path may matter.
func (s *scope) concerns(p string) bool {
	return s.files[p] || s.above[p] || s.links[p] || s.inTree(p)
}

// covers says whether the path itself is watched.
func (s *scope) covers(p string) bool { return s.files[p] || s.inTree(p) }

func (s *scope) inTree(p string) bool {
	for _, t := range s.set.Trees {
		if p == t || strings.HasPrefix(p, t) && p[len(t)] == filepath.Separator {
			return true
		}
	}
	return false
}

// folders are those that have to be watched as things are now.
func (s *scope) folders() map[string]bool {
	out := map[string]bool{}
	for f := range s.files {
		s.add(out, filepath.Dir(f))
		s.beyond(out, f)
	}
	for _, t := range s.set.Trees {
		s.add(out, filepath.Dir(t))
		_ = filepath.WalkDir(t, func(p string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() {
				out[p] = true
			}
			return nil // what can't be read is what it is: the look says so
		})
	}
	return out
}

// add takes the nearest folder that is there, and within the root all those above it.
func (s *scope) add(out map[string]bool, dir string) {
	for !out[dir] && !isDir(dir) && dir != filepath.Dir(dir) {
		dir = filepath.Dir(dir)
	}
	for !out[dir] {
		out[dir] = true
		if dir == s.set.Root || !strings.HasPrefix(dir, s.set.Root+string(filepath.Separator)) {
			return
		}
		dir = filepath.Dir(dir)
	}
}

// beyond adds a folder itself, and the folder of what a link leads to.
func (s *scope) beyond(out map[string]bool, f string) {
	info, err := os.Lstat(f)
	if err != nil {
		return
	}
	if info.IsDir() {
		out[f] = true
	}
	if info.Mode()&fs.ModeSymlink == 0 {
		return
	}
	if to, err := filepath.EvalSymlinks(f); err == nil {
		s.links[to] = true
		s.add(out, filepath.Dir(to))
	}
}

func isDir(p string) bool {
	info, err := os.Stat(p)
	return err == nil && info.IsDir()
}

// record is what a stat says of a file, and of what it leads to when it is a link. The zero record is a missing file.
type record struct {
	mode, linked      fs.FileMode
	size              int64
	inode             uint64
	modified, changed int64 // nanoseconds
	young             int64 // not 0: the file is too young for its next change to be told by its times
}

// youth is how long after a change another one may leave the same times behind: kernels count in ticks of up to 10 ms.
const youth = 20 * time.Millisecond

// look takes the record of every file. One that is too young gets a record that no later look will find equal, so that
// it is told once more rather than once too seldom; compare sees to it that there is a later look.
func (w *Watcher) look() map[string]record {
	now := time.Now()
	out := make(map[string]record, len(w.known))
	w.young = false
	take := func(p string) {
		r := recordOf(p)
		if last := max(r.modified, r.changed); r != (record{}) && now.UnixNano()-last < int64(youth) && last <= now.UnixNano() {
			r.young, w.young = now.UnixNano(), true
		}
		out[p] = r
	}
	for f := range w.scope.files {
		take(f)
	}
	for _, t := range w.set.Trees {
		_ = filepath.WalkDir(t, func(p string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				take(p)
			}
			return nil
		})
	}
	return out
}

// recordOf a path; zero when there is nothing.
func recordOf(p string) record {
	info, err := os.Lstat(p)
	if err != nil {
		return record{}
	}
	r := record{}
	if info.Mode()&fs.ModeSymlink != 0 {
		r.linked = info.Mode()
		if to, err := os.Stat(p); err == nil {
			info = to
		}
	}
	r.mode, r.size, r.modified = info.Mode(), info.Size(), info.ModTime().UnixNano()
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		r.changed, r.inode = st.Ctim.Nano(), st.Ino
	}
	return r
}
