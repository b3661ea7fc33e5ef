package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// smallJournal is four lines with what makes lines hard: quotes, newlines, nesting, our own frame as text.
func smallJournal(t testing.TB) (data []byte, events []string) {
	t.Helper()
	for _, e := range []any{
		map[string]any{"type": "started", "step": "measure 004-arena heavy"},
		map[string]any{"type": "recorded", "text": "two\nlines \"quoted\" <&>"},
		json.RawMessage("{\n \"crc\": \"00000000\",\n \"event\": {}\n}"),
		"{\"crc\":\"00000000\",\"event\":1}",
	} {
		line, err := encodeLine(e)
		ok(t, err)
		event, whole := decodeLine(bytes.TrimSuffix(line, []byte("\n")))
		if !whole || bytes.Count(line, []byte("\n")) != 1 {
			t.Fatalf("bad line %q", line)
		}
		data = append(data, line...)
		events = append(events, string(event))
	}
	return data, events
}

func texts(events []json.RawMessage) []string {
	var all []string
	for _, e := range events {
		all = append(all, string(e))
	}
	return all
}

func equal(a, b []string) bool {
	return strings.Join(a, "\x00") == strings.Join(b, "\x00") && len(a) == len(b)
}

func TestJournalKeepsOrderAndIsReadableJSON(t *testing.T) {
	s := open(t)
	for n := range 20 {
		ok(t, s.Append(map[string]int{"n": n}))
	}
	s = reopen(t, s.Dir())
	ok(t, s.Append(map[string]int{"n": 20}))
	events, warnings, err := s.Events()
	ok(t, err)
	if len(events) != 21 || len(warnings) != 0 || string(events[20]) != `{"n":20}` {
		t.Errorf("%d events, %v", len(events), warnings)
	}
	for line := range strings.Lines(read(t, filepath.Join(s.Dir(), journalName))) {
		var outer struct {
			CRC   string          `json:"crc"`
			Event json.RawMessage `json:"event"`
		}
		if err := json.Unmarshal([]byte(line), &outer); err != nil || outer.CRC == "" || outer.Event == nil {
			t.Errorf("%q: %v", line, err)
		}
	}
	if err := s.Append(func() {}); err == nil {
		t.Error("a function was journalled")
	}
}

func TestJournalCutAnywhereKeepsTheLinesBefore(t *testing.T) {
	data, want := smallJournal(t)
	s := open(t)
	path := filepath.Join(s.Dir(), journalName)
	for cut := 0; cut <= len(data); cut++ {
		s.journal.close()
		ok(t, os.WriteFile(path, data[:cut], 0o644))
		// A line is whole from its last brace on: its newline is the frame's, not the event's.
		whole := bytes.Count(data[:cut], []byte("\n"))
		if cut < len(data) && data[cut] == '\n' {
			whole++
		}
		reader, err := OpenReadOnly(s.Dir())
		ok(t, err)
		got, warnings, err := reader.Events()
		ok(t, err)
		reader.Close()
		torn := cut > 0 && data[cut-1] != '\n' && (cut == len(data) || data[cut] != '\n')
		if !equal(texts(got), want[:whole]) || (len(warnings) > 0) != torn {
			t.Fatalf("cut at %d, reading only: %d events, want %d; warnings %v", cut, len(got), whole, warnings)
		}
		if read(t, path) != string(data[:cut]) {
			t.Fatalf("cut at %d: a read-only store changed the journal", cut)
		}
		w := reopen(t, s.Dir())
		if (len(w.Warnings()) > 0) != torn {
			t.Fatalf("cut at %d: warnings %v", cut, w.Warnings())
		}
		ok(t, w.Append("next"))
		got, warnings, err = w.Events()
		ok(t, err)
		if !equal(texts(got), append(append([]string{}, want[:whole]...), `"next"`)) || len(warnings) > 0 {
			t.Fatalf("cut at %d, after repair: %q, warnings %v", cut, texts(got), warnings)
		}
		w.Close()
	}
}

func TestJournalFlippedByteLosesAtMostItsLine(t *testing.T) {
	data, want := smallJournal(t)
	for i := range data {
		line := bytes.Count(data[:i], []byte("\n"))
		for bit := range 8 {
			bad := bytes.Clone(data)
			bad[i] ^= 1 << bit
			got := scanJournal(bad)
			expect := append(append([]string{}, want[:line]...), want[line+1:]...)
			// The last line's newline is no part of its event, so its loss costs a warning at most.
			if !equal(texts(got.events), expect) {
				t.Fatalf("byte %d bit %d (line %d): %q", i, bit, line+1, texts(got.events))
			}
			lost := len(got.damaged) > 0 || len(bytes.TrimLeft(bad[got.good:], "\n")) > 0
			if !lost {
				t.Fatalf("byte %d bit %d: a lost event without a word", i, bit)
			}
		}
	}
}

func TestJournalTailIsDroppedWithANoteAndKept(t *testing.T) {
	data, want := smallJournal(t)
	for name, tail := range map[string]string{
		"half a line":     `{"crc":"0011`,
		"garbage":         "\x00\xff\x00 garbage\nmore\n",
		"zeros":           strings.Repeat("\x00", 4096),
		"long":            strings.Repeat("x", 3*tailWindow),
		"a bad last line": `{"crc":"00000000","event":{}}` + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			path := write(t, filepath.Join(s.Dir(), journalName), string(data)+tail)
			s = reopen(t, s.Dir())
			if len(s.Warnings()) != 1 || !strings.Contains(s.Warnings()[0], "after line 4") {
				t.Errorf("warnings %q", s.Warnings())
			}
			if read(t, path) != string(data) {
				t.Errorf("left %q", read(t, path))
			}
			if got := read(t, filepath.Join(s.Dir(), "quarantine/journal-tail")); got != tail {
				t.Errorf("kept %q", got)
			}
			events, warnings, err := s.Events()
			ok(t, err)
			if !equal(texts(events), want) || len(warnings) > 0 {
				t.Errorf("%q %v", texts(events), warnings)
			}
		})
	}
}

func TestJournalDamagedMiddleIsSkippedWithAWarning(t *testing.T) {
	data, want := smallJournal(t)
	lines := strings.SplitAfter(string(data), "\n")
	s := open(t)
	text := lines[0] + "nonsense\n" + lines[1] + lines[2][:20] + lines[2] + lines[3]
	path := write(t, filepath.Join(s.Dir(), journalName), text)
	s = reopen(t, s.Dir())
	events, warnings, err := s.Events()
	ok(t, err)
	if !equal(texts(events), want) || len(warnings) != 2 || !strings.Contains(warnings[0], "line 2") || !strings.Contains(warnings[1], "line 4") {
		t.Errorf("%q %q", texts(events), warnings)
	}
	if read(t, path) != text {
		t.Error("the middle was rewritten")
	}
}

func TestJournalShortWriteDoesNotHarmTheNextLine(t *testing.T) {
	s := open(t)
	ok(t, s.Append(1))
	fail := errShort
	s.folder.trip = func(op, name string) error {
		if op == "write" && name == journalName {
			return fail
		}
		return nil
	}
	for range 2 {
		wantError(t, s.Append(2), journalName, "short write")
	}
	fail = syscall.ENOSPC
	wantError(t, s.Append(2), "free some space")
	s.folder.trip = nil
	ok(t, s.Append(3))
	events, warnings, err := s.Events()
	ok(t, err)
	if !equal(texts(events), []string{"1", "3"}) || len(warnings) == 0 {
		t.Errorf("%q %q", texts(events), warnings)
	}
	lines := strings.Split(strings.TrimSpace(read(t, s.folder.at(journalName))), "\n")
	if _, whole := decodeLine([]byte(lines[len(lines)-1])); !whole {
		t.Errorf("the event after the torn one has no line of its own: %q", lines)
	}
}

func TestJournalIsNeverSyncedTwiceAfterAnError(t *testing.T) {
	s := open(t)
	ok(t, s.Append(1))
	syncs := 0
	s.folder.trip = func(op, name string) error {
		if op == "sync" && name == journalName {
			syncs++
			return syscall.EIO
		}
		return nil
	}
	for range 3 {
		if err := s.Append(2); !errors.Is(err, syscall.EIO) {
			t.Fatalf("got %v", err)
		}
	}
	if syncs != 1 {
		t.Errorf("%d syncs", syncs)
	}
}

func TestTwoAppendersLoseNothing(t *testing.T) {
	a := open(t)
	b := reopen(t, a.Dir())
	for n := range 10 {
		ok(t, a.Append(fmt.Sprint("a", n)))
		ok(t, b.Append(fmt.Sprint("b", n)))
	}
	events, warnings, err := a.Events()
	ok(t, err)
	if len(events) != 20 || len(warnings) != 0 {
		t.Errorf("%d events, %v", len(events), warnings)
	}
}

func FuzzJournal(f *testing.F) {
	data, _ := smallJournal(f)
	f.Add(data)
	f.Add(data[:len(data)/2])
	f.Add([]byte("\n\n{\"crc\":\"\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		found := scanJournal(data)
		if found.good > len(data) {
			t.Fatalf("good %d of %d", found.good, len(data))
		}
		for _, e := range found.events {
			if !json.Valid(e) {
				t.Fatalf("event %q is not JSON", e)
			}
		}
		// Repaired, it reads the same, whole, and takes another line.
		again := scanJournal(data[:found.good])
		if !equal(texts(again.events), texts(found.events)) {
			t.Fatalf("repair lost events")
		}
		line, err := encodeLine("next")
		if err != nil {
			t.Fatal(err)
		}
		base := data[:found.good:found.good]
		if len(base) > 0 && base[len(base)-1] != '\n' {
			base = append(base, '\n')
		}
		more := scanJournal(append(base, line...))
		if !equal(texts(more.events), append(texts(found.events), `"next"`)) {
			t.Fatalf("an append after the repair was lost")
		}
	})
}
