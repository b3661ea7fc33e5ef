package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Store is one repository's .bench folder. The engine's one goroutine uses it; only SumAll, SumTree
// and Unchanged start goroutines of their own, and all of them end before they return.
type Store struct {
	dir      string
	folder   *folder // nil: a read-only store of a folder that does not exist
	readOnly bool
	now      func() time.Time
	warnings []string
	journal  journal
	stats    statCache
	looks    lookBook
	clock    fsClock
	buffers  sync.Pool
	swept    bool // leftovers of killed publishers were looked for
}

// Open opens the .bench folder dir for writing, and makes it if it is missing. The caller holds
// LockRepo: Open drops a torn tail of the journal. now is the clock for ages and names; file times
// are compared with the file system's own clock.
func Open(dir string, now func() time.Time) (*Store, error) {
	d, err := openOwn(dir)
	if err != nil {
		return nil, err
	}
	s := newStore(dir, d, now)
	if err := s.prepare(); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// OpenReadOnly opens dir for reading: nothing is written, repaired or moved. A missing folder is an
// empty store.
func OpenReadOnly(dir string) (*Store, error) {
	s := newStore(dir, nil, time.Now)
	s.readOnly = true
	if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	d, err := openExisting(dir)
	if err != nil {
		return nil, err
	}
	s.folder = d
	return s, nil
}

func newStore(dir string, d *folder, now func() time.Time) *Store {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	if d != nil {
		d.path = dir
	}
	return &Store{dir: dir, folder: d, now: now}
}

// Close lets go of the files the store holds open. It saves nothing: see SaveStat.
func (s *Store) Close() error {
	s.journal.close()
	s.clock.close()
	if s.folder == nil {
		return nil
	}
	return s.folder.root.Close()
}

// Dir is the absolute path of the .bench folder.
func (s *Store) Dir() string { return s.dir }

// Warnings are what was found and mended, or found and left, since the store was opened.
func (s *Store) Warnings() []string { return s.warnings }

func (s *Store) warn(format string, args ...any) {
	s.warnings = append(s.warnings, fmt.Sprintf(format, args...))
}

// Free is how many bytes an ordinary user may still write to the store's file system.
func (s *Store) Free() (int64, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(s.dir, &st); err != nil {
		return 0, disk("look at", s.dir, err)
	}
	return int64(st.Bavail) * int64(st.Bsize), nil
}

// tmpDir is where files are staged; it is on the file system of everything they are renamed to.
const tmpDir = "tmp"

func (s *Store) prepare() error {
	for _, name := range []string{"actions", "blobs", "work", tmpDir} {
		if err := s.folder.mkdir(name); err != nil {
			return err
		}
	}
	if _, err := s.folder.root.Lstat(".gitignore"); errors.Is(err, fs.ErrNotExist) {
		if err := s.folder.put(tmpDir, ".gitignore", 0o644, []byte("*\n")); err != nil {
			return err
		}
	}
	return s.repairJournal()
}

// SweepTmp removes what killed processes left in tmp/. The caller holds LockRepo, so that whatever
// lies there is nobody's.
func (s *Store) SweepTmp() error {
	if err := s.writable(); err != nil {
		return err
	}
	entries, err := s.list(tmpDir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), tmpPrefix) {
			if err := s.folder.remove(tmpDir + "/" + e.Name()); err != nil {
				return err
			}
		}
	}
	return nil
}

// list reads a folder; a missing one is empty.
func (s *Store) list(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(s.folder.root.FS(), name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return entries, disk("list", s.folder.at(name), err)
}

func (s *Store) writable() error {
	if s.readOnly {
		return fmt.Errorf("write to %s: %w", s.dir, ErrReadOnly)
	}
	return nil
}

// openOwn opens the .bench folder dir for writing, makes it if it is missing, and refuses one that is not
// ours.
func openOwn(dir string) (*folder, error) {
	d, err := openFolder(dir)
	if err != nil {
		return nil, err
	}
	if err := ownedByMe(d, os.Geteuid()); err != nil {
		d.root.Close()
		return nil, err
	}
	return d, nil
}

// openFolder opens dir for writing and makes it if it is missing.
func openFolder(dir string) (*folder, error) {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return nil, disk("make", filepath.Dir(dir), err)
	}
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, disk("make", dir, err)
	}
	return openExisting(dir)
}

// openExisting opens a folder that is there and is no symbolic link: a link in a repository of
// somebody else's making could lead the store's writes anywhere.
func openExisting(dir string) (*folder, error) {
	before, err := os.Lstat(dir)
	if err != nil {
		return nil, disk("open", dir, err)
	}
	if before.Mode()&fs.ModeSymlink != 0 {
		return nil, fmt.Errorf("%s is a symbolic link, and bench writes only to a real folder; remove the link, or put the folder itself there", dir)
	}
	if !before.IsDir() {
		return nil, fmt.Errorf("%s is not a folder; move it away, bench makes its own", dir)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, disk("open", dir, err)
	}
	after, err := root.Stat(".")
	if err != nil || !os.SameFile(before, after) {
		root.Close()
		return nil, fmt.Errorf("%s was replaced while it was opened; run the same command again", dir)
	}
	return &folder{root: root, path: dir}, nil
}

// ownedByMe refuses another user's folder, as git does: its contents would be believed, and what
// root writes there its owner could not remove.
func ownedByMe(d *folder, me int) error {
	info, err := d.root.Stat(".")
	if err != nil {
		return disk("open", d.path, err)
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if ok && int(st.Uid) != me {
		return fmt.Errorf("%s belongs to user %d, and you are user %d: bench does not write to another user's folder; run it as its owner, or remove the folder (it only costs time)", d.path, st.Uid, me)
	}
	return nil
}

// validKey refuses what is no lower-case hex SHA-256, before it becomes part of a path.
func validKey(key string) error {
	if len(key) != 64 || strings.Trim(key, "0123456789abcdef") != "" {
		return fmt.Errorf("%q is not a lower-case hex sha256", key)
	}
	return nil
}
