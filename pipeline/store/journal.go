package store

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"sync"
)

// A journal line is JSON, so that jq reads it, and exact to the byte for the check:
//
//	{"crc":"1a2b3c4d","event":{…}}
//
// crc is the CRC-32C of the event's bytes between "event": and the last brace.
// JournalName is the file that grows with everything that is done in a .bench folder.
const JournalName = "journal.jsonl"

const (
	journalName = JournalName
	lineHead    = `{"crc":"`
	lineMiddle  = `","event":`
	lineTail    = "}"
	lineFrame   = len(lineHead) + 8 + len(lineMiddle)
)

// castagnoli is the CRC-32C table: the polynomial that processors have an instruction for.
var castagnoli = sync.OnceValue(func() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) })

// journal is the file opened for appending, from the first Append on.
type journal struct {
	f    *os.File
	torn bool  // the last write was short: the next line must begin with a newline
	dead error // fsync failed: what the kernel dropped it does not report twice, so no more is promised
}

func (j *journal) close() {
	if j.f != nil {
		j.f.Close()
		j.f = nil
	}
}

// Append writes one event, any JSON value, and returns when it is durable. After an error the event may or
// may not be there; what was acknowledged before is.
func (s *Store) Append(event any) error {
	if err := s.writable(); err != nil {
		return err
	}
	if s.journal.dead != nil {
		return s.journal.dead
	}
	line, err := encodeLine(event)
	if err != nil {
		return fmt.Errorf("append to the journal: %w", err)
	}
	if err := s.openJournal(); err != nil {
		return err
	}
	if s.journal.torn {
		line = append([]byte("\n"), line...)
	}
	return s.appendLine(line)
}

func (s *Store) appendLine(line []byte) error {
	t := stage{d: s.folder, f: s.journal.f, name: journalName}
	if n, err := t.Write(line); err != nil {
		s.journal.torn = s.journal.torn || n > 0
		return err
	}
	s.journal.torn = false
	if err := s.folder.try("sync", journalName, s.journal.f.Sync); err != nil {
		s.journal.dead = fmt.Errorf("%w; nothing more is written to the journal by this process, start bench again", err)
		return s.journal.dead
	}
	return nil
}

func (s *Store) openJournal() error {
	if s.journal.f != nil {
		return nil
	}
	var f *os.File
	err := s.folder.try("open", journalName, func() (err error) {
		f, err = s.folder.root.OpenFile(journalName, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
		return err
	})
	if err != nil {
		return err
	}
	if err := s.folder.syncDir("."); err != nil {
		f.Close()
		return err
	}
	s.journal.f = f
	return nil
}

func encodeLine(event any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false) // people read this file
	if err := enc.Encode(event); err != nil {
		return nil, err
	}
	// A json.RawMessage may hold newlines: Encode compacts it, so the line is one line.
	body := bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
	line := fmt.Appendf(nil, "%s%08x%s", lineHead, crc32.Checksum(body, castagnoli()), lineMiddle)
	line = append(line, body...)
	return append(line, lineTail+"\n"...), nil
}

// decodeLine takes the event out of one line (without its newline).
func decodeLine(line []byte) (event json.RawMessage, ok bool) {
	if len(line) < lineFrame+len(lineTail) ||
		!bytes.HasPrefix(line, []byte(lineHead)) ||
		!bytes.HasPrefix(line[len(lineHead)+8:], []byte(lineMiddle)) ||
		!bytes.HasSuffix(line, []byte(lineTail)) {
		return nil, false
	}
	body := line[lineFrame : len(line)-len(lineTail)]
	var want [8]byte
	crc := crc32.Checksum(body, castagnoli())
	hex.Encode(want[:], []byte{byte(crc >> 24), byte(crc >> 16), byte(crc >> 8), byte(crc)})
	if !bytes.Equal(want[:], line[len(lineHead):len(lineHead)+8]) || !json.Valid(body) {
		return nil, false
	}
	return json.RawMessage(body), true
}

// scan is what a journal's bytes hold.
type scan struct {
	events  []json.RawMessage
	damaged []int // line numbers, from 1, of damaged lines before the last good one
	good    int   // bytes up to and with the last good line
	lines   int   // lines up to the last good one
}

// scanJournal reads every line that is whole. A bad line is searched for a good one at its end: a torn
// write that another process appended to loses its own event, not that one's.
func scanJournal(data []byte) scan {
	var s scan
	for at, n := 0, 1; at < len(data); n++ {
		end := len(data)
		next := end
		if i := bytes.IndexByte(data[at:], '\n'); i >= 0 {
			end, next = at+i, at+i+1
		}
		event, whole, ok := rescueLine(data[at:end])
		switch {
		case ok:
			if !whole {
				s.damaged = append(s.damaged, n)
			}
			s.events = append(s.events, event)
			s.good, s.lines = next, n
		case end > at: // an empty line is nothing lost: a newline goes in front of an append after a torn one
			s.damaged = append(s.damaged, n)
		}
		at = next
	}
	// Damage behind the last good line is the tail's, and told with the tail.
	for len(s.damaged) > 0 && s.damaged[len(s.damaged)-1] > s.lines {
		s.damaged = s.damaged[:len(s.damaged)-1]
	}
	return s
}

// rescueLine finds the event of a line, or of the last line inside a bad one.
func rescueLine(line []byte) (event json.RawMessage, whole, ok bool) {
	if event, ok = decodeLine(line); ok {
		return event, true, true
	}
	// An event may hold our own frame as a value, so that not every head begins a line; but no journal that
	// was torn once has dozens of them.
	for at, tries := 1, 0; at < len(line) && tries < maxHeads; tries++ {
		i := bytes.Index(line[at:], []byte(lineHead))
		if i < 0 {
			break
		}
		if event, ok = decodeLine(line[at+i:]); ok {
			return event, false, true
		}
		at += i + 1
	}
	return nil, false, false
}

const maxHeads = 32

// Events gives every event of the journal in order. Damaged lines are skipped with a warning each, a
// torn tail with one; nothing of that is an error.
func (s *Store) Events() (events []json.RawMessage, warnings []string, err error) {
	if s.folder == nil {
		return nil, nil, nil
	}
	s.lookAt(journalName)
	data, err := s.folder.read(journalName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	found := scanJournal(data)
	for _, n := range found.damaged {
		warnings = append(warnings, fmt.Sprintf("%s line %d is damaged: its event is skipped", s.folder.at(journalName), n))
	}
	if rest := bytes.TrimLeft(data[found.good:], "\n"); len(rest) > 0 {
		warnings = append(warnings, tailNote(s.folder.at(journalName), found.lines, len(rest)))
	}
	return found.events, warnings, nil
}

func tailNote(path string, lines, tail int) string {
	return fmt.Sprintf("%s: %d bytes after line %d are no whole event (a write was cut off there): dropped", path, tail, lines)
}

// tailWindow is how much of the journal's end is read to see that there is nothing to repair; events are
// far smaller, and a longer last line only costs reading the whole file.
const tailWindow = 64 << 10

// repairJournal drops what follows the last whole line, so that the next append begins a line. What is
// dropped is kept in quarantine.
func (s *Store) repairJournal() error {
	f, err := s.folder.root.OpenFile(journalName, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return disk("open", s.folder.at(journalName), err)
	}
	defer f.Close()
	if endsWhole(f) {
		return nil
	}
	data, err := io.ReadAll(f)
	if err != nil {
		return disk("read", s.folder.at(journalName), err)
	}
	return s.mendTail(f, data)
}

func (s *Store) mendTail(f *os.File, data []byte) error {
	found := scanJournal(data)
	tail := data[found.good:]
	switch {
	case len(tail) == 0 && bytes.HasSuffix(data, []byte("\n")):
		return nil // the last line's end is whole: an append after a torn write
	case len(tail) == 0: // the last line is whole but for its newline
		t := stage{d: s.folder, f: f, name: journalName}
		if _, err := t.Write([]byte("\n")); err != nil {
			return err
		}
	default:
		if name, err := s.freeName("quarantine/journal-tail"); err == nil {
			_ = s.folder.put(tmpDir, name, 0o644, tail) // a copy for people; the repair does not hang on it
		}
		err := s.folder.try("truncate", journalName, func() error { return f.Truncate(int64(found.good)) })
		if err != nil {
			return err
		}
		s.warn("%s", tailNote(s.folder.at(journalName), found.lines, len(tail)))
	}
	return s.folder.try("sync", journalName, f.Sync)
}

// endsWhole says whether a journal ends with a whole line, reading its end only. The file's position is at
// its beginning afterwards.
func endsWhole(f *os.File) bool {
	info, err := f.Stat()
	if err != nil {
		return false
	}
	size := info.Size()
	if size == 0 {
		return true
	}
	buf := make([]byte, min(size, tailWindow))
	if _, err := f.ReadAt(buf, size-int64(len(buf))); err != nil {
		return false
	}
	line, ok := bytes.CutSuffix(buf, []byte("\n"))
	if !ok {
		return false
	}
	line = line[bytes.LastIndexByte(line, '\n')+1:]
	_, ok = decodeLine(line)
	return ok
}
