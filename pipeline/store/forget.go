package store

import (
	"errors"
	"io/fs"
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
	if err := s.folder.remove(actionName(key)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// RepoHolder says who holds the lock of the .bench folder dir, and nil when nobody does. It asks the kernel, not the
// text beside the lock, and takes the lock for the moment of asking only.
func RepoHolder(dir string) (*Holder, error) {
	d, err := openOwn(dir)
	if err != nil {
		return nil, err
	}
	defer d.root.Close()
	f, err := d.root.Open(lockName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := flock(f); err == nil {
		return nil, nil // free; closing the file gives it back
	}
	h := d.holder()
	return &h, nil
}
