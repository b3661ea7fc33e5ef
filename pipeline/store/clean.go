package store

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"
)

// CleanOptions says what may go.
type CleanOptions struct {
	// Keep are the action keys and blob sums that are still referred to; they stay, whatever their age.
	Keep map[string]bool
	// OlderThan is the least age of an action or a blob to go; a negative one keeps all of them.
	OlderThan time.Duration
	// KeepWork leaves work/ alone.
	KeepWork bool
	// DryRun counts and removes nothing.
	DryRun bool
}

// Cleaned is what Clean removed, or would.
type Cleaned struct {
	Bytes   int64
	Files   int
	Actions []string // keys
	Blobs   []string // sums
}

// Clean removes work/ and tmp/ and the actions and blobs that nobody refers to and that are old enough. Quarantine
// stays: what failed its check is for people to look at. The caller holds LockRepo.
func (s *Store) Clean(opts CleanOptions) (Cleaned, error) {
	if err := s.writable(); err != nil {
		return Cleaned{}, err
	}
	c := &cleaner{s: s, opts: opts}
	s.clock.close() // its file lies in tmp/
	if err := c.empty(tmpDir); err != nil {
		return c.done, err
	}
	if !opts.KeepWork {
		if err := c.empty("work"); err != nil {
			return c.done, err
		}
	}
	if opts.OlderThan < 0 {
		return c.done, nil
	}
	// Actions first: an action without its blobs is a miss, a blob without its action only takes room.
	var err error
	if c.done.Actions, err = c.old("actions", ".json"); err != nil {
		return c.done, err
	}
	c.done.Blobs, err = c.old("blobs", "")
	return c.done, err
}

type cleaner struct {
	s    *Store
	opts CleanOptions
	done Cleaned
}

// empty removes everything in a folder, and leaves the folder.
func (c *cleaner) empty(dir string) error {
	entries, err := c.s.list(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		if err := c.count(name); err != nil {
			return err
		}
		if !c.opts.DryRun {
			if err := c.removeAll(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// count adds up the files of a tree, links unfollowed.
func (c *cleaner) count(name string) error {
	top, err := c.s.folder.root.Lstat(name)
	if err != nil || !top.IsDir() { // WalkDir would follow a link at its top
		if err == nil {
			c.done.Bytes += top.Size()
			c.done.Files++
		}
		return disk("look at", c.s.folder.at(name), err)
	}
	err = fs.WalkDir(c.s.folder.root.FS(), name, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			c.done.Bytes += info.Size()
			c.done.Files++
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return nil // gone meanwhile, or a folder that may not be listed: less is counted than is removed
	}
	return disk("list", c.s.folder.at(name), err)
}

// removeAll also removes folders that are not writable, such as Go's module cache.
func (c *cleaner) removeAll(name string) error {
	root := c.s.folder.root
	remove := func() error { return root.RemoveAll(name) }
	err := c.s.folder.try("remove", name, remove)
	if !errors.Is(err, fs.ErrPermission) {
		return err
	}
	_ = fs.WalkDir(root.FS(), name, func(at string, e fs.DirEntry, err error) error {
		if e != nil && e.IsDir() {
			_ = root.Chmod(at, 0o700)
		}
		return nil
	})
	return c.s.folder.try("remove", name, remove)
}

// old removes the files of a two-level folder that nobody keeps and that are old enough, and says which.
func (c *cleaner) old(dir, suffix string) (gone []string, err error) {
	shelves, err := c.s.list(dir)
	if err != nil {
		return nil, err
	}
	for _, shelf := range shelves {
		if !shelf.IsDir() {
			continue
		}
		files, err := c.s.list(path.Join(dir, shelf.Name()))
		if err != nil {
			return gone, err
		}
		for _, e := range files {
			key, ok := strings.CutSuffix(e.Name(), suffix)
			if !ok || validKey(key) != nil || c.opts.Keep[key] {
				continue
			}
			removed, err := c.oldFile(path.Join(dir, shelf.Name(), e.Name()), e)
			if err != nil {
				return gone, err
			}
			if removed {
				gone = append(gone, key)
			}
		}
	}
	slices.Sort(gone)
	return gone, nil
}

func (c *cleaner) oldFile(name string, e fs.DirEntry) (removed bool, err error) {
	info, err := e.Info()
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, disk("look at", c.s.folder.at(name), err)
	}
	if c.s.now().Sub(info.ModTime()) < c.opts.OlderThan {
		return false, nil
	}
	if !c.opts.DryRun {
		if err := c.s.folder.remove(name); err != nil {
			return false, err
		}
	}
	c.done.Bytes += info.Size()
	c.done.Files++
	return true, nil
}
