package store

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestRemoveActionForgets(t *testing.T) {
	s, err := Open(t.TempDir()+"/.bench", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	key := strings.Repeat("ab", 32)
	if err := s.PutAction(key, []byte(`{"a":1}`)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Action(key); err != nil {
		t.Fatal(err)
	}
	if err := s.RemoveAction(key); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Action(key); !errors.Is(err, ErrMissing) {
		t.Errorf("after RemoveAction: %v, want ErrMissing", err)
	}
	if err := s.RemoveAction(key); err != nil {
		t.Errorf("removing what is not there: %v", err)
	}
}

func TestRepoHolderAsksTheKernel(t *testing.T) {
	dir := t.TempDir() + "/.bench"
	s, err := Open(dir, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if h, err := RepoHolder(dir); h != nil || err != nil {
		t.Fatalf("before any lock: %v, %v", h, err)
	}
	l, err := LockRepo(dir, Holder{Command: "bench apply"})
	if err != nil {
		t.Fatal(err)
	}
	if h, err := RepoHolder(dir); err != nil || h == nil || h.Command != "bench apply" {
		t.Errorf("while held: %v, %v", h, err)
	}
	l.Close()
	// The text is still there; the lock is not.
	if h, err := RepoHolder(dir); h != nil || err != nil {
		t.Errorf("after it was given back: %v, %v", h, err)
	}
}
