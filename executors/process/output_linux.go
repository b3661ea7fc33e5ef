//go:build linux

package process

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// stream is where one of a command's output streams goes: a file, for a pipe would have to be emptied while the run is on.
// A run that wrote nothing leaves the file to the next one.
type stream struct {
	dir, name string // of the file: dir/spare.name, and dir/000012.name once a run wrote to it
	cap       int64
	file      *os.File // nil: to be opened before the next run
	fd        int      // its descriptor
	cut       int64    // bytes given back to the disk while the run was still writing
}

func (s *stream) spare() string { return filepath.Join(s.dir, "spare."+s.name) }

// open has a file ready, and returns its descriptor. It appends: a command may leave its offset anywhere.
func (s *stream) open() (int, error) {
	s.cut = 0
	if s.file == nil {
		fd, err := unix.Open(s.spare(), unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_APPEND|unix.O_CLOEXEC, 0o644)
		if err != nil {
			return -1, fmt.Errorf("create %s: %w", s.spare(), err)
		}
		s.file, s.fd = os.NewFile(uintptr(fd), s.spare()), fd
	}
	return s.fd, nil
}

// size is what has been written so far.
func (s *stream) size() int64 {
	return max(0, quietSize(s.fd))
}

// relieve gives the middle of a file that outgrew its cap back to the disk while the command still writes to it. The
// offsets stay as they are: what is left is a head, a hole and a tail.
func (s *stream) relieve(size int64) error {
	head := (s.cap/2 + 4095) &^ 4095
	hole := (size-s.cap/2)&^4095 - head
	if hole <= 0 {
		return nil
	}
	err := unix.Fallocate(s.fd, unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_KEEP_SIZE, head, hole)
	if err == nil {
		s.cut = hole
	}
	return err
}

// keep gives the run's output its name, "" when there was none, cut down to the cap. It says how much was cut.
func (s *stream) keep(seq int) (path string, cut int64, err error) {
	size := s.size()
	if size == 0 {
		return "", 0, nil
	}
	path = filepath.Join(s.dir, fmt.Sprintf("%06d.%s", seq, s.name))
	err = errors.Join(s.file.Close(), os.Rename(s.spare(), path))
	s.file = nil
	if err != nil || size <= s.cap {
		return path, 0, err
	}
	return path, size - 2*(s.cap/2), shorten(path, size, s.cap/2)
}

// shorten leaves the first and the last keep bytes of a file, with a line between them that says what is missing.
func shorten(path string, size, keep int64) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(path + ".cut")
	if err != nil {
		return err
	}
	_, err = io.Copy(out, io.MultiReader(
		io.NewSectionReader(in, 0, keep),
		strings.NewReader(fmt.Sprintf("\n[bench: %d bytes are cut here]\n", size-2*keep)),
		io.NewSectionReader(in, size-keep, keep),
	))
	return errors.Join(err, out.Close(), os.Rename(path+".cut", path))
}

// close removes the file that no run wrote to.
func (s *stream) close() {
	if s.file != nil {
		s.file.Close()
		_ = os.Remove(s.spare())
	}
}
