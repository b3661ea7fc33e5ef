package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
)

// An action file is JSON for people and tools, and exact to the byte for the check:
//
//	{
//	  "key": "KEY",
//	  "sha256": "SHA-256 of the record as it is written here, indented",
//	  "record": { … }
//	}
//
// The key inside guards against a file under another's name; the sum covers the record, and the rest
// must be exactly this frame. So every changed byte of the file makes it a miss.
const (
	actionHead = "{\n  \"key\": %q,\n  \"sha256\": %q,\n  \"record\": "
	actionTail = "\n}\n"
)

func actionName(key string) string { return path.Join("actions", key[:2], key+".json") }

// PutAction records a result under its key, durable when it returns. The record is a JSON value, stored
// indented; its meaning is kept, its white space is not. An older record under the key is replaced.
func (s *Store) PutAction(key string, record []byte) error {
	if err := s.writable(); err != nil {
		return err
	}
	if err := validKey(key); err != nil {
		return err
	}
	data, err := encodeAction(key, record)
	if err != nil {
		return fmt.Errorf("record action %s: %w", key, err)
	}
	name := actionName(key)
	if err := s.folder.mkdir(path.Dir(name)); err != nil {
		return err
	}
	return s.folder.put(tmpDir, name, 0o644, data)
}

// Action gives back the record under key, indented as it is on disk: to compact it again would cost more than
// all the rest. It is ErrMissing when there is none, and a
// *DamagedError when there is one that fails its check.
func (s *Store) Action(key string) ([]byte, error) {
	if err := validKey(key); err != nil {
		return nil, err
	}
	if s.folder == nil {
		return nil, fmt.Errorf("action %s: %w", key, ErrMissing)
	}
	name := actionName(key)
	s.lookAt(name)
	data, err := s.folder.read(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("action %s: %w", key, ErrMissing)
	}
	if err != nil {
		return nil, err
	}
	record, reason := decodeAction(key, data)
	if reason != "" {
		return nil, s.quarantine(name, reason)
	}
	return record, nil
}

func encodeAction(key string, record []byte) ([]byte, error) {
	var compact, indented bytes.Buffer
	if err := json.Compact(&compact, record); err != nil {
		return nil, fmt.Errorf("not a JSON value: %w", err)
	}
	if err := json.Indent(&indented, compact.Bytes(), "  ", "  "); err != nil {
		return nil, fmt.Errorf("not a JSON value: %w", err)
	}
	sum := sha256.Sum256(indented.Bytes())
	data := fmt.Appendf(nil, actionHead, key, hex.EncodeToString(sum[:]))
	data = append(data, indented.Bytes()...)
	return append(data, actionTail...), nil
}

// decodeAction takes the record out of its frame; a reason says what is wrong with the file.
func decodeAction(key string, data []byte) (record []byte, reason string) {
	frame := len(fmt.Sprintf(actionHead, key, key)) // a sum is as long as a key
	if len(data) < frame+len(actionTail) {
		return nil, fmt.Sprintf("cut short at %d bytes", len(data))
	}
	body := data[frame : len(data)-len(actionTail)]
	sum := sha256.Sum256(body)
	want := fmt.Sprintf(actionHead, key, hex.EncodeToString(sum[:]))
	if string(data[:frame]) != want || string(data[frame+len(body):]) != actionTail {
		return nil, "its key or sha256 does not match its content"
	}
	return body, ""
}

// quarantine moves a damaged file out of the way of believers and returns the error that says so. A
// read-only store leaves it where it is.
func (s *Store) quarantine(name, reason string) error {
	damaged := &DamagedError{Path: s.folder.at(name), Reason: reason}
	if s.readOnly {
		return damaged
	}
	to, err := s.freeName("quarantine/" + path.Base(name))
	if err == nil {
		err = s.folder.rename(name, to)
	}
	if err != nil { // left where it is: it fails its check there as well
		return damaged
	}
	damaged.KeptAs = s.folder.at(to)
	s.warnings = append(s.warnings, damaged.Error())
	return damaged
}

// freeName makes the folder of name, and finds a name in it that is not taken.
func (s *Store) freeName(name string) (string, error) {
	if err := s.folder.mkdir(path.Dir(name)); err != nil {
		return "", err
	}
	free := name
	for n := 2; ; n++ {
		if _, err := s.folder.root.Lstat(free); errors.Is(err, fs.ErrNotExist) {
			return free, nil
		} else if err != nil {
			return "", disk("look at", s.folder.at(free), err)
		}
		free = fmt.Sprintf("%s.%d", name, n)
	}
}
