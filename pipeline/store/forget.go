package store

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"syscall"
)

// RemoveAction forgets what is recorded under key; that there is nothing is no error. What the action refers to stays
// until Clean finds that nobody does any more.
func (s *Store) RemoveAction(key string) error {
	if err := s.writable(); err != nil {
		return err
	}
	if err := validKey(key); err != nil {
		return err
	}
	name := actionName(key)
	if err := s.folder.remove(name); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	return s.folder.syncDir(path.Dir(name)) // else a power cut could bring it back
}

// RepoHolder says who holds the lock of the .bench folder dir, and nil when nobody does. It asks the kernel, not the
// text beside the lock, and takes the lock for the moment of asking only.
func RepoHolder(dir string) (*Holder, error) {
	d, err := openExisting(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	defer d.root.Close()
	info, err := d.root.Lstat(lockName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, disk("open", d.at(lockName), err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file; remove it", d.at(lockName))
	}
	f, err := d.root.Open(lockName)
	if err != nil {
		return nil, disk("open", d.at(lockName), err)
	}
	defer f.Close()
	err = flock(f)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		h := d.holder()
		return &h, nil
	}
	return nil, err // free, when it is nil: closing the file gives it back
}
