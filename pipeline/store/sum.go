package store

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
)

// Digest is what a file or a tree holds.
type Digest struct {
	Sum  string // lower-case hex SHA-256
	Size int64  // bytes; of a tree, of all its files together
}

// fileSum is a file's hash with the record under which it was read.
type fileSum struct {
	sum  [sha256.Size]byte
	stat Stat
}

// Sum hashes a regular file, or the one that a symbolic link leads to. A file whose stat record is known
// and trusted costs one stat. Folders, pipes, sockets and devices are refused; so is a file that keeps
// changing while it is read.
func (s *Store) Sum(path string) (Digest, error) {
	sums, err := s.SumAll([]string{path})
	if err != nil {
		return Digest{}, err
	}
	return sums[0], nil
}

// SumAll hashes several files side by side; the digests are in the order of paths, and the error is that
// of the first path that has one.
func (s *Store) SumAll(paths []string) ([]Digest, error) {
	sums, err := s.sumFiles(paths)
	if err != nil {
		return nil, err
	}
	digests := make([]Digest, len(sums))
	for i, f := range sums {
		digests[i] = Digest{Sum: hex.EncodeToString(f.sum[:]), Size: f.stat.Size}
	}
	return digests, nil
}

func (s *Store) sumFiles(paths []string) ([]fileSum, error) {
	s.loadStats()
	fsNow := s.fsNow() // before any byte is read
	sums := make([]fileSum, len(paths))
	errs := make([]error, len(paths))
	todo := s.knownSums(paths, sums, errs, fsNow)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(hashers(), len(todo)) {
		wg.Go(func() {
			buf := s.buffer()
			defer s.buffers.Put(buf)
			for n := next.Add(1) - 1; n < int64(len(todo)); n = next.Add(1) - 1 {
				i := todo[n]
				sums[i], errs[i] = s.hashFile(paths[i], fsNow, buf[:])
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return sums, nil
}

// knownSums answers from the cache with one stat a file, and returns the places of those to be read.
func (s *Store) knownSums(paths []string, sums []fileSum, errs []error, fsNow int64) (todo []int) {
	for i := range paths {
		abs, err := filepath.Abs(paths[i])
		if err != nil {
			errs[i] = disk("read", paths[i], err)
			continue
		}
		st, _, err := s.look(abs, fsNow)
		if err != nil {
			errs[i] = err
		} else if errs[i] = wantRegular(paths[i], st); errs[i] == nil {
			if sum, ok := s.stats.get(abs, st, s.now()); ok {
				sums[i] = fileSum{sum, st}
			} else {
				todo = append(todo, i)
			}
		}
	}
	return todo
}

// hashFile reads a file under one descriptor: its record before and after must be the same, or somebody
// writes to it. One retry, then an error.
func (s *Store) hashFile(path string, fsNow int64, buf []byte) (fileSum, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return fileSum{}, disk("read", path, err)
	}
	for range 2 {
		looked, _, err := s.look(abs, fsNow)
		if err != nil {
			return fileSum{}, err
		}
		found, still, err := hashOpened(path, buf)
		if err != nil {
			return fileSum{}, err
		}
		if still && found.stat == looked {
			s.stats.put(abs, found, racy(found.stat, fsNow), s.now())
			return found, nil
		}
	}
	return fileSum{}, changedWhileRead(path)
}

// hashOpened hashes what path is now; still says whether the file stayed the same meanwhile.
func hashOpened(path string, buf []byte) (found fileSum, still bool, err error) {
	f, before, err := openRegular(path)
	if err != nil {
		return fileSum{}, false, err
	}
	defer f.Close()
	sum, size, err := hashReader(f, buf)
	if err != nil {
		return fileSum{}, false, disk("read", path, err)
	}
	after, err := statFile(f)
	if err != nil {
		return fileSum{}, false, err
	}
	return fileSum{sum, before}, before == after && size == before.Size, nil
}

func hashReader(f *os.File, buf []byte) (sum [sha256.Size]byte, size int64, err error) {
	h := sha256.New()
	for {
		n, err := f.Read(buf)
		h.Write(buf[:n])
		size += int64(n)
		if err == io.EOF {
			break
		}
		if err != nil {
			return sum, size, err
		}
	}
	h.Sum(sum[:0])
	return sum, size, nil
}

// Rehash forgets what the stat cache knows, so that everything is read again: the answer to writers that a
// stat record does not show, such as a mapping that was dirty already.
func (s *Store) Rehash() {
	s.stats.mu.Lock()
	defer s.stats.mu.Unlock()
	s.stats.loaded, s.stats.changed = true, true
	s.stats.base, s.stats.fresh = nil, nil
}
