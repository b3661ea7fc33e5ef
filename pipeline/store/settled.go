package store

import (
	"errors"
	"io/fs"
)

// Settled is the memo of a session that found nothing to do: while Fingerprint is the caller's and
// Unchanged(Looks) holds, the next session would find the same and may say Message and end.
type Settled struct {
	Fingerprint string // whatever is no file: version, flags, variables, environment
	Looks       []Look
	Message     string
}

const (
	settledName  = "settled"
	settledMagic = "bench settled 2\n"
	leastLook    = 8 + 1 + 1 + statSize
)

// WriteSettled keeps the memo, in place of an older one. One with a racy look would never be believed, so
// it is not kept, and the older one is removed.
func (s *Store) WriteSettled(memo Settled) error {
	if err := s.writable(); err != nil {
		return err
	}
	for _, l := range memo.Looks {
		if l.Racy {
			return s.DropSettled()
		}
	}
	return s.folder.put(tmpDir, settledName, 0o644, encodeSettled(memo))
}

// DropSettled removes the memo; that there is none is no error.
func (s *Store) DropSettled() error {
	if err := s.writable(); err != nil {
		return err
	}
	if err := s.folder.remove(settledName); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// ReadSettled gives the memo, and false when there is none that can be read: it costs a session the time
// of looking for itself.
func (s *Store) ReadSettled() (Settled, bool) {
	if s.folder == nil {
		return Settled{}, false
	}
	data, err := s.folder.read(settledName)
	if err != nil {
		return Settled{}, false
	}
	memo, err := decodeSettled(data)
	return memo, err == nil
}

func encodeSettled(memo Settled) []byte {
	w := newFrame(settledMagic)
	w.text(memo.Fingerprint)
	w.text(memo.Message)
	w.u64(uint64(len(memo.Looks)))
	for _, l := range memo.Looks {
		w.text(l.Path)
		w.flag(l.Follow)
		w.flag(l.Racy)
		w.stat(l.Stat)
	}
	return w.done()
}

func decodeSettled(data []byte) (Settled, error) {
	r, err := openFrame(settledMagic, data)
	if err != nil {
		return Settled{}, err
	}
	return readSettled(r)
}

func readSettled(r *frameReader) (Settled, error) {
	memo := Settled{Fingerprint: r.text(), Message: r.text()}
	n := r.count(leastLook)
	memo.Looks = make([]Look, n)
	for i := range memo.Looks {
		memo.Looks[i] = Look{Path: r.text(), Follow: r.flag(), Racy: r.flag(), Stat: r.stat()}
	}
	return memo, r.done()
}
