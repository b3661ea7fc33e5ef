//go:build linux

package process

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// collector keeps the files that runs write into their arm's folder. Names come from a Benchfile and may not lead out of
// that folder: os.Root sees to it, also where a run planted a link.
type collector struct {
	root    *os.Root
	names   []string
	scratch string
}

func newCollector(dir, scratch string, names []string) (*collector, error) {
	if len(names) == 0 {
		return nil, nil
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the arm's folder: %w", err)
	}
	return &collector{root: root, names: names, scratch: scratch}, nil
}

// clear removes what an earlier run left, so that it is never taken for this one's.
func (c *collector) clear() error {
	if c == nil {
		return nil
	}
	for _, name := range c.names {
		if err := c.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove an earlier run's %s: %w", name, err)
		}
	}
	return nil
}

// take copies what the run wrote. Notes say what could not be had.
func (c *collector) take(seq int) (files map[string]string, notes []string) {
	if c == nil {
		return nil, nil
	}
	files = map[string]string{}
	for i, name := range c.names {
		path := filepath.Join(c.scratch, fmt.Sprintf("%06d.file%d", seq, i))
		switch err := c.copy(name, path); {
		case err == nil:
			files[name] = path
		case errors.Is(err, fs.ErrNotExist):
			notes = append(notes, "the run did not write "+name)
		default:
			notes = append(notes, fmt.Sprintf("collect %s: %v", name, err))
		}
	}
	return files, notes
}

func (c *collector) copy(name, to string) error {
	in, err := c.root.Open(name)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return errors.New("not a regular file")
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm()|0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
