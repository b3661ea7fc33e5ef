//go:build linux

package process

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// stream is where one of a command's output streams goes: a file, for a pipe would have to be emptied while the run is on.
// The file is in memory until the run is over, so that a command does not wait for a disk, nor for one that is busy with what
// earlier runs wrote; where there is little memory, or no such file to be had, it is on the disk. A run that wrote nothing
// leaves the file to the next one.
//
// Seen of a gigabyte far beyond the cap, from yes | head -c and from head -c of /dev/zero: 0.80 to 1.0 of the time that it
// takes into a plain file on the same disk (ext4), where giving the middle back on the disk itself took 0.9 to 1.3. A
// machine that could keep it all in memory would have taken 0.8 of what it takes to give it back.
type stream struct {
	dir, name string // on the disk: dir/spare.name, and dir/000012.name once a run wrote to it
	cap       int64
	onDisk    bool     // no file in memory
	file      *os.File // nil: to be opened before the next run
	fd        int      // its descriptor, for writing
	memory    *os.File // the same file in memory, for reading; nil when it is on the disk
	cut       int64    // bytes given back while the run was still writing
}

// leastMemory is what must be available for output to be kept in memory: a command that writes as fast as it can has written
// some hundred megabytes before the middle of it is given back.
const leastMemory = 2 << 30

func newStream(dir, name string, logCap int64) *stream {
	return &stream{dir: dir, name: name, cap: logCap, onDisk: memoryAvailable() < leastMemory}
}

// memoryAvailable is what /proc/meminfo says, in bytes, 0 when it says nothing.
func memoryAvailable() int64 {
	text, _ := os.ReadFile("/proc/meminfo")
	_, rest, _ := bytes.Cut(text, []byte("MemAvailable:"))
	line, _, _ := bytes.Cut(rest, []byte("kB"))
	kb, _ := strconv.ParseInt(string(bytes.TrimSpace(line)), 10, 64)
	return kb << 10
}

func (s *stream) spare() string { return filepath.Join(s.dir, "spare."+s.name) }

// open has a file ready, and returns its descriptor. It appends: a command may leave its offset anywhere.
func (s *stream) open() (int, error) {
	s.cut = 0
	if s.file != nil {
		return s.fd, nil
	}
	if !s.onDisk {
		s.onDisk = s.openMemory() != nil
	}
	if s.onDisk {
		fd, err := unix.Open(s.spare(), unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_APPEND|unix.O_CLOEXEC, 0o644)
		if err != nil {
			return -1, fmt.Errorf("create %s: %w", s.spare(), err)
		}
		s.file, s.fd = os.NewFile(uintptr(fd), s.spare()), fd
	}
	return s.fd, nil
}

// openMemory makes a file in memory: one description of it to read from, and one that can only append, for commands.
func (s *stream) openMemory() error {
	fd, err := unix.MemfdCreate(s.name, unix.MFD_CLOEXEC)
	if err != nil {
		return err
	}
	again := fmt.Sprintf("/proc/self/fd/%d", fd)
	appends, err := unix.Open(again, unix.O_WRONLY|unix.O_APPEND|unix.O_CLOEXEC, 0)
	if err != nil {
		_ = unix.Close(fd)
		return err
	}
	s.memory, s.file, s.fd = os.NewFile(uintptr(fd), s.name), os.NewFile(uintptr(appends), s.name), appends
	return nil
}

// size is what has been written so far.
func (s *stream) size() int64 {
	return max(0, quietSize(s.fd))
}

// relieve gives the middle of a file that outgrew its cap back while the command still writes to it. The
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
	half := s.cap / 2
	if size > s.cap {
		cut = size - 2*half
	}
	err = s.file.Close()
	switch {
	case s.memory != nil:
		err = errors.Join(err, write(path, s.memory, size, cut, half), s.memory.Close())
	default:
		err = errors.Join(err, os.Rename(s.spare(), path))
		if cut > 0 && err == nil {
			err = shorten(path, size, cut, half)
		}
	}
	s.file, s.memory = nil, nil
	return path, cut, err
}

// write writes what is kept of so many bytes: all of them or, when some are cut, the first and the last ones with a line
// between them that says what is missing.
func write(path string, from io.ReaderAt, size, cut, half int64) error {
	var kept io.Reader = io.NewSectionReader(from, 0, size)
	if cut > 0 {
		kept = io.MultiReader(
			io.NewSectionReader(from, 0, half),
			strings.NewReader(fmt.Sprintf("\n[bench: %d bytes are cut here]\n", cut)),
			io.NewSectionReader(from, size-half, half),
		)
	}
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, kept)
	return errors.Join(err, out.Close())
}

// shorten replaces a file by what is kept of it.
func shorten(path string, size, cut, half int64) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	return errors.Join(write(path+".cut", in, size, cut, half), os.Rename(path+".cut", path))
}

// close removes the file that no run wrote to.
func (s *stream) close() {
	if s.file == nil {
		return
	}
	s.file.Close()
	if s.memory != nil {
		s.memory.Close()
		return
	}
	_ = os.Remove(s.spare())
}
