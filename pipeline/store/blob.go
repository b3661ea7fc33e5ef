package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// bufferSize is what one read takes: at 1 MiB a read costs nothing beside its hashing.
const bufferSize = 1 << 20

func blobName(sum string) string { return path.Join("blobs", sum[:2], sum) }

// PutBlob keeps what r gives under its SHA-256, durable and read back when it returns. One that is
// there already is checked, and replaced if it is wrong.
func (s *Store) PutBlob(r io.Reader) (sum string, size int64, err error) {
	if err := s.writable(); err != nil {
		return "", 0, err
	}
	t, err := s.folder.stage(tmpDir, 0o444)
	if err != nil {
		return "", 0, err
	}
	h := sha256.New()
	size, err = s.copyTo(io.MultiWriter(t, h), r)
	if err != nil {
		t.abandon()
		return "", 0, err
	}
	sum = hexSum(h)
	return sum, size, s.keepBlob(t, sum, size)
}

// keepBlob gives a staged blob its name, unless a good one is there.
func (s *Store) keepBlob(t *stage, sum string, size int64) error {
	name := blobName(sum)
	switch reason, err := s.checkBlob(name, sum, size); {
	case err == nil && reason == "":
		t.abandon()
		// Whoever wrote it may have died between rename and fsync.
		return s.folder.syncDir(path.Dir(name))
	case err == nil:
		_ = s.quarantine(name, reason)
	case !errors.Is(err, fs.ErrNotExist):
		t.abandon()
		return err
	}
	if err := s.folder.mkdir(path.Dir(name)); err != nil {
		t.abandon()
		return err
	}
	if err := t.seal(); err != nil {
		return err
	}
	if err := t.place(name); err != nil {
		return err
	}
	switch reason, err := s.checkBlob(name, sum, size); {
	case err != nil:
		return err
	case reason != "":
		return s.quarantine(name, reason+", read back just after it was written")
	}
	return nil
}

// PutFile keeps a regular file's bytes, as PutBlob does. A file that changes while it is read is read
// again once, then refused.
func (s *Store) PutFile(path string) (sum string, size int64, err error) {
	f, before, err := openRegular(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	for range 2 {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return "", 0, disk("read", path, err)
		}
		if sum, size, err = s.PutBlob(f); err != nil {
			return "", 0, err
		}
		after, err := statFile(f)
		if err != nil {
			return "", 0, err
		}
		if after == before && size == after.Size {
			return sum, size, nil
		}
		before = after
	}
	return "", 0, changedWhileRead(path)
}

// Blob reads a blob and checks it. It is ErrMissing when there is none, and a *DamagedError when its
// bytes are not those of its name.
func (s *Store) Blob(sum string) ([]byte, error) {
	r, err := s.OpenBlob(sum)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, disk("read", s.folder.at(blobName(sum)), err)
	}
	// Hashed again: OpenBlob's check was of what the file held a moment ago.
	if got := sha256.Sum256(data); hex.EncodeToString(got[:]) != sum {
		return nil, s.quarantine(blobName(sum), "it changed while it was read")
	}
	return data, nil
}

// OpenBlob checks a blob whole and then gives it to read from its beginning, so that no damaged byte
// is handed out first and regretted later.
func (s *Store) OpenBlob(sum string) (io.ReadCloser, error) {
	if err := validKey(sum); err != nil {
		return nil, err
	}
	if s.folder == nil {
		return nil, fmt.Errorf("blob %s: %w", sum, ErrMissing)
	}
	name := blobName(sum)
	s.lookAt(name)
	f, reason, err := s.verifiedBlob(name, sum, -1)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("blob %s: %w", sum, ErrMissing)
	case err != nil:
		return nil, err
	case reason != "":
		return nil, s.quarantine(name, reason)
	}
	return f, nil
}

// checkBlob reads a blob back: the reason says what is wrong with it, the error why it was not read.
func (s *Store) checkBlob(name, sum string, size int64) (reason string, err error) {
	f, reason, err := s.verifiedBlob(name, sum, size)
	if f != nil {
		f.Close()
	}
	return reason, err
}

// verifiedBlob opens a blob, hashes it and rewinds it. A size of -1 is not checked.
func (s *Store) verifiedBlob(name, sum string, size int64) (f *os.File, reason string, err error) {
	if info, err := s.folder.root.Lstat(name); err != nil {
		return nil, "", disk("open", s.folder.at(name), err)
	} else if !info.Mode().IsRegular() {
		return nil, "not a regular file", nil
	} else if size >= 0 && info.Size() != size {
		return nil, fmt.Sprintf("%d bytes where %d are expected", info.Size(), size), nil
	}
	err = s.folder.try("read", name, func() (err error) {
		f, err = s.folder.root.Open(name)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	h := sha256.New()
	if _, err = s.copyTo(h, f); err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return nil, "", disk("read", s.folder.at(name), err)
	}
	if got := hexSum(h); got != sum {
		f.Close()
		return nil, "its sha256 is " + got, nil
	}
	return f, "", nil
}

// Restore copies a blob to dst with that mode: written beside it, checked on the way, synced and
// renamed, so that dst is the old file or the whole new one. Missing folders above dst are made. The
// caller vouches for dst: it may lie anywhere.
func (s *Store) Restore(sum, dst string, mode fs.FileMode) error {
	blob, err := s.OpenBlob(sum)
	if err != nil {
		return err
	}
	defer blob.Close()
	dir := filepath.Dir(dst)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return disk("make", dir, err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return disk("open", dir, err)
	}
	defer root.Close()
	to := &folder{root: root, path: dir}
	if s.folder != nil {
		to.trip = s.folder.trip
	}
	return s.copyBlob(blob, sum, to, filepath.Base(dst), mode)
}

func (s *Store) copyBlob(blob io.Reader, sum string, to *folder, name string, mode fs.FileMode) error {
	t, err := to.stage(".", mode)
	if err != nil {
		return err
	}
	h := sha256.New()
	if _, err := s.copyTo(io.MultiWriter(t, h), blob); err != nil {
		t.abandon()
		return err
	}
	if hexSum(h) != sum {
		t.abandon()
		return s.quarantine(blobName(sum), "it changed while it was copied")
	}
	// The umask must not take what the caller asked for: an executable stays one.
	if err := t.f.Chmod(mode); err != nil {
		t.abandon()
		return disk("set the mode of", to.at(name), err)
	}
	if err := t.seal(); err != nil {
		return err
	}
	return t.place(name)
}

// CheckBlob says whether a blob is whole, as Blob does, but through the stat cache: one that has not been touched since it
// was last hashed costs a look at its stat record.
func (s *Store) CheckBlob(sum string) error {
	if err := validKey(sum); err != nil {
		return err
	}
	if s.folder == nil {
		return fmt.Errorf("blob %s: %w", sum, ErrMissing)
	}
	name := blobName(sum)
	s.lookAt(name)
	switch info, err := s.folder.root.Lstat(name); {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("blob %s: %w", sum, ErrMissing)
	case err != nil:
		return disk("look at", s.folder.at(name), err)
	case !info.Mode().IsRegular():
		return s.quarantine(name, "not a regular file")
	}
	d, err := s.Sum(s.folder.at(name))
	if err == nil && d.Sum != sum {
		return s.quarantine(name, "its sha256 is "+d.Sum)
	}
	return err
}

// copyTo is io.Copy with a shared buffer and without the shortcuts (sendfile, ReadFrom) that would go
// around the checked Write.
func (s *Store) copyTo(w io.Writer, r io.Reader) (int64, error) {
	buf := s.buffer()
	defer s.buffers.Put(buf)
	return io.CopyBuffer(onlyWriter{w}, onlyReader{r}, buf[:])
}

// buffer is one to give back to s.buffers: a fresh MiB for every small file costs more than its hashing.
func (s *Store) buffer() *[bufferSize]byte {
	if buf, ok := s.buffers.Get().(*[bufferSize]byte); ok {
		return buf
	}
	return new([bufferSize]byte)
}

type onlyWriter struct{ io.Writer }
type onlyReader struct{ io.Reader }

func hexSum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }
