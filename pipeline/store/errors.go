package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

var (
	// ErrMissing says that the store has nothing under that key or sum.
	ErrMissing = errors.New("not in the store")
	// ErrDamaged says that the store has something, but it failed its check: a miss with a reason.
	// The error that carries it is a *DamagedError.
	ErrDamaged = errors.New("damaged")
	// ErrReadOnly says that a store opened by OpenReadOnly was asked to write.
	ErrReadOnly = errors.New("the store was opened for reading only")
)

// DamagedError says what failed its check, how, and where it was put.
type DamagedError struct {
	Path   string // the damaged file
	Reason string
	KeptAs string // its place in quarantine; empty when it was left where it is (read-only store)
}

func (e *DamagedError) Error() string {
	text := fmt.Sprintf("%s is damaged (%s): it counts as missing", e.Path, e.Reason)
	if e.KeptAs != "" {
		text += ", and is kept as " + e.KeptAs
	}
	return text
}

// Is makes errors.Is(err, ErrDamaged) true.
func (e *DamagedError) Is(target error) bool { return target == ErrDamaged }

// DiskError is an operation that the file system refused, with the mend where there is a known one.
type DiskError struct {
	Doing string // "write", "sync", …
	Path  string
	Err   error
}

func (e *DiskError) Error() string {
	text := fmt.Sprintf("%s %s: %v", e.Doing, e.Path, e.Err)
	if mend := mendOf(e.Err); mend != "" {
		text += "; " + mend
	}
	return text
}

func (e *DiskError) Unwrap() error { return e.Err }

// mendOf is what a person can do about the errors that people meet.
func mendOf(err error) string {
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return `free some space ("bench clean" removes what can be made again) and run the same command again`
	case errors.Is(err, syscall.EDQUOT):
		return `your quota is used up: free some space ("bench clean") or ask for more, then run the same command again`
	case errors.Is(err, syscall.EROFS):
		return "the file system is read-only: mount it for writing, or work in a copy of the repository"
	case errors.Is(err, fs.ErrPermission):
		return "give your user the right to write there (ls -ld shows the owner), or run bench as the owner"
	case errors.Is(err, syscall.EFBIG):
		return "a file size limit is set: raise it (ulimit -f unlimited)"
	case errors.Is(err, syscall.EIO):
		return "the disk reported an error: look at the kernel log (dmesg) before you trust it again"
	}
	return ""
}

// disk wraps an error of an operation on path, without saying the path twice.
func disk(doing, path string, err error) error {
	if err == nil {
		return nil
	}
	var already *DiskError
	if errors.As(err, &already) {
		return err
	}
	var pathErr *fs.PathError
	var linkErr *os.LinkError
	switch {
	case errors.As(err, &pathErr):
		err = pathErr.Err
	case errors.As(err, &linkErr):
		err = linkErr.Err
	}
	return &DiskError{Doing: doing, Path: path, Err: err}
}
