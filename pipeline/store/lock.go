package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"time"
	"unicode"

	"golang.org/x/sys/unix"
)

// Holder is who holds a lock, for people. It is information only: the kernel's flock decides, and frees
// itself when its holder dies, so that no text and no age makes a lock stale.
type Holder struct {
	PID     int       `json:"pid"`
	Host    string    `json:"host"`
	User    string    `json:"user"`
	Command string    `json:"command"`
	Since   time.Time `json:"since"`
	Step    string    `json:"step,omitempty"`
	Brief   bool      `json:"brief,omitempty"` // for a moment only: whoever comes may wait for it
}

// filled adds what the process knows of itself.
func (h Holder) filled() Holder {
	if h.PID == 0 {
		h.PID = os.Getpid()
	}
	if h.Host == "" {
		h.Host, _ = os.Hostname()
	}
	if h.User == "" {
		h.User = fmt.Sprintf("uid %d", os.Geteuid())
	}
	if h.Since.IsZero() {
		h.Since = time.Now()
	}
	h.Since = h.Since.UTC().Truncate(time.Second)
	return h
}

func (h Holder) String() string {
	if h.PID == 0 {
		return "a process that left no name"
	}
	text := fmt.Sprintf("pid %d on %s (%s), running %q since %s", h.PID, h.Host, h.User, h.Command, h.Since.Format(time.RFC3339))
	if h.Step != "" {
		text += ", at " + h.Step
	}
	return text
}

// Busy says who holds the lock that was asked for.
type Busy struct {
	What   string // what is locked, in words
	Path   string // the lock's file
	Holder Holder // zero when the holder's text cannot be read
}

func (e *Busy) Error() string {
	mend := "wait until it has ended"
	if e.Holder.PID != 0 {
		mend += fmt.Sprintf(`, or end it with "kill -INT %d" on %s`, e.Holder.PID, e.Holder.Host)
	}
	return fmt.Sprintf("%s is in use by %s; %s", e.What, e.Holder, mend)
}

// Lock is the repository's lock, held until Close or the death of the process; children do not inherit it.
type Lock struct {
	f      *os.File
	folder *folder
	holder Holder
}

const (
	lockName   = "lock"
	holderName = "lock.json"
	lockTries  = 4
	lockPause  = 10 * time.Millisecond
)

// LockRepo takes the lock of the .bench folder dir, and makes the folder if it is missing. When another process
// holds it, the error is a *Busy, after no more than the moment for which a process that only asks who holds the
// lock would hold it.
func LockRepo(dir string, h Holder) (*Lock, error) {
	d, err := openOwn(dir)
	if err != nil {
		return nil, err
	}
	l := &Lock{folder: d, holder: h.filled()}
	for try := 1; ; try++ {
		l.f, err = d.lock(lockName)
		if try == lockTries || !errors.Is(err, syscall.EWOULDBLOCK) {
			break
		}
		time.Sleep(lockPause)
	}
	if err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = &Busy{What: d.path, Path: d.at(lockName), Holder: d.holder()}
		}
		d.root.Close()
		return nil, err
	}
	if err := l.write(); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// lock opens and flocks a file of the folder. A file that was replaced between the two is locked by nobody
// else's standards, so it is opened again.
func (d *folder) lock(name string) (*os.File, error) {
	for {
		if info, err := d.root.Lstat(name); err == nil && !info.Mode().IsRegular() {
			return nil, fmt.Errorf("%s is not a regular file; remove it", d.at(name))
		}
		f, err := d.root.OpenFile(name, os.O_RDWR|os.O_CREATE|syscall.O_NONBLOCK, 0o644)
		if err != nil {
			return nil, disk("open", d.at(name), err)
		}
		locked, err := take(f, d.at(name))
		if locked {
			return f, nil
		}
		f.Close()
		if err != nil {
			return nil, err
		}
	}
}

// flock tries to take the lock of an open file. It goes with the open file, so that a child that inherits
// the descriptor holds it as well.
func flock(f *os.File) error {
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err != unix.EINTR {
			return err
		}
	}
}

func (d *folder) holder() (h Holder) {
	f, err := d.root.Open(holderName)
	if err != nil {
		return Holder{}
	}
	defer f.Close()
	return readHolder(f)
}

// maxHolder is more than any holder's text; what is longer is not ours.
const maxHolder = 4 << 10

// readHolder reads a text that anybody may have written: what is no holder is nobody, and nothing in it
// reaches a terminal but printable characters.
func readHolder(r io.Reader) (h Holder) {
	data, err := io.ReadAll(io.LimitReader(r, maxHolder))
	if err != nil || json.Unmarshal(data, &h) != nil || h.PID < 0 {
		return Holder{}
	}
	for _, text := range []*string{&h.Host, &h.User, &h.Command, &h.Step} {
		*text = strings.Map(func(r rune) rune {
			if !unicode.IsPrint(r) {
				return '?'
			}
			return r
		}, *text)
	}
	return h
}

// Update tells those who ask which step is at work now.
func (l *Lock) Update(step string) error {
	l.holder.Step = step
	return l.write()
}

// write replaces the holder's text. It is not synced: it says nothing after a power cut, and a sync would
// cost each step a disk flush for the sake of a message.
func (l *Lock) write() error {
	data, err := json.MarshalIndent(l.holder, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", l.folder.at(holderName), err)
	}
	return l.folder.putQuick(".", holderName, append(data, '\n'))
}

// Close frees the lock. The lock's file stays: removing it would let two processes lock two files.
func (l *Lock) Close() error {
	_ = l.folder.root.Remove(holderName)
	err := l.f.Close()
	l.folder.root.Close()
	return err
}
