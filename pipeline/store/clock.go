package store

import (
	"os"
	"time"
)

// racyWindow is how much older than "now" a file's newest time must be for its stat record to stand for
// its bytes. An edit in the same tick of the file system's clock as the one before it leaves the same
// times; ticks are 1–10 ms on ext4 and xfs, 2 s on FAT and some network file systems.
const racyWindow = 2 * time.Second

// fsClock reads the file system's own clock, as the mtime of a file just written: on network file
// systems and in containers it is not the clock of time.Now.
type fsClock struct {
	f     *os.File
	value int64     // ns since 1970
	read  time.Time // when value was read
	fake  func() int64
}

// clockFor is how long a reading of the clock is used again. An old reading is always safe: it only makes
// more files look fresh.
const clockFor = 20 * time.Millisecond

// fsNow is the file system's clock, not later than now. 0, which no file is older than, when it cannot be
// read: a read-only store writes nothing, and then nothing fresh is trusted.
func (s *Store) fsNow() int64 {
	c := &s.clock
	if c.fake != nil {
		return c.fake()
	}
	if s.readOnly {
		return 0
	}
	if c.value != 0 && time.Since(c.read) < clockFor {
		return c.value
	}
	c.value = s.readClock()
	c.read = time.Now()
	return c.value
}

func (s *Store) readClock() int64 {
	if s.clock.f == nil {
		f, err := s.folder.root.OpenFile(tmpDir+"/clock", os.O_WRONLY|os.O_CREATE, 0o644)
		if err != nil {
			return 0
		}
		s.clock.f = f
	}
	if _, err := s.clock.f.WriteAt([]byte{'.'}, 0); err != nil {
		return 0
	}
	st, err := statFile(s.clock.f)
	if err != nil {
		return 0
	}
	return st.Mtime
}

func (c *fsClock) close() {
	if c.f != nil {
		c.f.Close()
		c.f = nil
	}
}

// racy says whether a later edit could leave this very record, for a file whose bytes are read after the
// clock was.
func racy(st Stat, fsNow int64) bool {
	return st.Exists() && st.newest() >= fsNow-int64(racyWindow)
}
