package store

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// folder is one directory tree that the store writes into. Every name is relative to it and goes
// through os.Root, so that no link inside leads a write outside.
type folder struct {
	root *os.Root
	path string // as people know it, for messages
	// trip is asked before every operation and fails it when it returns an error; nil outside of
	// tests. errShort makes a write lose its second half, errSkip leaves the operation out.
	trip func(op, name string) error
}

// errShort is how a test asks for a write that takes half of its bytes.
var errShort = errors.New("short write")

// errSkip is how a test asks for an operation that does nothing and says that all went well.
var errSkip = errors.New("skip")

// at is the name as people (and stat) know it.
func (d *folder) at(name string) string { return filepath.Join(d.path, filepath.FromSlash(name)) }

// try runs one operation unless a test fails it.
func (d *folder) try(op, name string, do func() error) error {
	if d.trip != nil {
		switch err := d.trip(op, name); {
		case err == errSkip:
			return nil
		case err != nil:
			return disk(op, d.at(name), err)
		}
	}
	return disk(op, d.at(name), do())
}

// stage is a file on its way: written under a name nobody looks for, to be committed or abandoned.
type stage struct {
	d    *folder
	f    *os.File
	name string
}

// tmpPrefix begins the name of every staged file, so that leftovers of a killed process are known.
const tmpPrefix = ".bench-tmp-"

// stage creates a file in dir with a random name and the mode that it is to have in the end.
func (d *folder) stage(dir string, perm fs.FileMode) (*stage, error) {
	t := &stage{d: d, name: path.Join(dir, tmpPrefix+rand.Text())}
	err := d.try("create", t.name, func() (err error) {
		t.f, err = d.root.OpenFile(t.name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
		return err
	})
	if err != nil {
		return nil, err
	}
	return t, nil
}

// Write writes all of p or returns an error.
func (t *stage) Write(p []byte) (n int, err error) {
	err = t.d.try("write", t.name, func() error {
		n, err = t.f.Write(p)
		if err == nil && n < len(p) {
			err = io.ErrShortWrite
		}
		return err
	})
	if errors.Is(err, errShort) { // a test's half write: the bytes are on disk, the rest is not
		n, _ = t.f.Write(p[:len(p)/2])
		err = disk("write", t.d.at(t.name), io.ErrShortWrite)
	}
	return n, err
}

// seal makes the bytes durable and closes the file; after an error the file is gone.
func (t *stage) seal() error {
	err := t.d.try("sync", t.name, t.f.Sync)
	// The test's failure of close still has to close, or descriptors leak in the loop of faults.
	if closeErr := t.d.try("close", t.name, func() error { return nil }); err == nil {
		err = closeErr
	}
	if closeErr := disk("close", t.d.at(t.name), t.f.Close()); err == nil {
		err = closeErr
	}
	t.f = nil
	if err != nil {
		t.abandon()
	}
	return err
}

// place gives a sealed file its name and makes the name durable.
func (t *stage) place(name string) error {
	err := t.d.try("rename", name, func() error { return t.d.root.Rename(t.name, name) })
	if err != nil {
		t.abandon()
		return err
	}
	return t.d.syncDir(path.Dir(name))
}

// abandon removes a file that did not get its name; that it may fail changes nothing.
func (t *stage) abandon() {
	if t.f != nil {
		t.f.Close()
		t.f = nil
	}
	_ = t.d.try("remove", t.name, func() error { return t.d.root.Remove(t.name) })
}

// put writes data under name by the whole protocol, staging it in tmp (a folder of the same file
// system), and reads it back.
func (d *folder) put(tmp, name string, perm fs.FileMode, data []byte) error {
	t, err := d.stage(tmp, perm)
	if err != nil {
		return err
	}
	if _, err := t.Write(data); err != nil {
		t.abandon()
		return err
	}
	if err := t.seal(); err != nil {
		return err
	}
	if err := t.place(name); err != nil {
		return err
	}
	back, err := d.read(name)
	if err != nil {
		return err
	}
	if !bytes.Equal(back, data) {
		return disk("verify", d.at(name), errors.New("other bytes were read back than were written"))
	}
	return nil
}

// putQuick writes data under name as a whole, staged in tmp, but syncs nothing: for what need not outlive the process.
func (d *folder) putQuick(tmp, name string, data []byte) error {
	t, err := d.stage(tmp, 0o644)
	if err != nil {
		return err
	}
	_, err = t.Write(data)
	if closeErr := t.f.Close(); err == nil {
		err = disk("close", d.at(t.name), closeErr)
	}
	t.f = nil
	if err == nil {
		err = d.try("rename", name, func() error { return d.root.Rename(t.name, name) })
	}
	if err != nil {
		t.abandon()
	}
	return err
}

// read reads a whole file; a missing one is fs.ErrNotExist.
func (d *folder) read(name string) (data []byte, err error) {
	err = d.try("read", name, func() (err error) {
		data, err = d.root.ReadFile(name)
		return err
	})
	return data, err
}

// mkdir makes a folder and those above it, and their names durable.
func (d *folder) mkdir(name string) error {
	if name == "." {
		return nil
	}
	info, err := d.root.Stat(name)
	if err == nil && info.IsDir() {
		return nil
	}
	if err := d.mkdir(path.Dir(name)); err != nil {
		return err
	}
	err = d.try("mkdir", name, func() error { return d.root.Mkdir(name, 0o755) })
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	// Also when it exists already: the one who made it may have died before its fsync.
	return d.syncDir(path.Dir(name))
}

// syncDir makes the names in a folder durable.
func (d *folder) syncDir(name string) error {
	return d.try("sync folder", name, func() error {
		f, err := d.root.Open(name)
		if err != nil {
			return err
		}
		err = f.Sync()
		if closeErr := f.Close(); err == nil {
			err = closeErr
		}
		return err
	})
}

func (d *folder) rename(from, to string) error {
	err := d.try("rename", from, func() error { return d.root.Rename(from, to) })
	if err != nil {
		return err
	}
	return d.syncDir(path.Dir(to))
}

func (d *folder) remove(name string) error {
	return d.try("remove", name, func() error { return d.root.Remove(name) })
}
