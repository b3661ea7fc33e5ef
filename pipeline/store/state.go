package store

import (
	"errors"
	"io"
	"io/fs"
)

// StateName is the file in which a process that works here keeps what it does now, for those who look on.
const StateName = "state.json"

// maxState is more than any state holds; what is longer is not ours.
const maxState = 1 << 20

// WriteState replaces the state as a whole: whoever reads it sees the old one or the new one. Like a lock's text it is
// not synced. It says nothing after a power cut, and a sync would put the disk to work beside a measurement.
func (s *Store) WriteState(data []byte) error {
	if err := s.writable(); err != nil {
		return err
	}
	return s.folder.putQuick(tmpDir, StateName, data)
}

// ReadState reads the state; nil when there is none.
func (s *Store) ReadState() ([]byte, error) {
	if s.folder == nil {
		return nil, nil
	}
	f, err := s.folder.root.Open(StateName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, disk("read", s.folder.at(StateName), err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxState))
	return data, disk("read", s.folder.at(StateName), err)
}

// RemoveState takes away what a process left that could not say that it ended.
func (s *Store) RemoveState() error {
	if err := s.writable(); err != nil {
		return err
	}
	if err := s.folder.remove(StateName); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
