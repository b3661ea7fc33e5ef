package store

import (
	"bytes"
	"fmt"
	"sync"
	"testing"
	"time"
)

func TestStateIsOldOrNewNeverHalf(t *testing.T) {
	dir := t.TempDir() + "/.bench"
	s, err := Open(dir, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if b, err := s.ReadState(); b != nil || err != nil {
		t.Fatalf("before any state: %q, %v", b, err)
	}
	look, err := OpenReadOnly(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer look.Close()
	if err := look.WriteState(nil); err == nil {
		t.Error("a store that is open for reading wrote a state")
	}
	state := func(i int) []byte { return bytes.Repeat([]byte{byte('a' + i%26)}, 1000*(1+i%50)) }
	var wg sync.WaitGroup
	done := make(chan struct{})
	wg.Go(func() {
		defer close(done)
		for i := range 1000 {
			if err := s.WriteState(state(i)); err != nil {
				t.Error(err)
				return
			}
		}
	})
	reads := 0
	for going := true; going; reads++ {
		select {
		case <-done:
			going = false
		default:
		}
		b, err := look.ReadState()
		if err != nil {
			t.Fatal(err)
		}
		if len(b) > 0 && (len(b)%1000 != 0 || len(bytes.Trim(b, string(b[:1]))) != 0) {
			t.Fatalf("read half a state: %s", fmt.Sprintf("%d bytes, %.20q", len(b), b))
		}
	}
	wg.Wait()
	if b, _ := look.ReadState(); !bytes.Equal(b, state(999)) {
		t.Error("the last state is not what was written last")
	}
	if reads < 100 {
		t.Errorf("only %d reads beside 1,000 writes", reads)
	}
	if err := s.RemoveState(); err != nil {
		t.Fatal(err)
	}
	if b, err := look.ReadState(); b != nil || err != nil {
		t.Errorf("after it was removed: %q, %v", b, err)
	}
	if err := s.RemoveState(); err != nil {
		t.Errorf("removed twice: %v", err)
	}
}

func TestNoStateWithoutAStore(t *testing.T) {
	s, err := OpenReadOnly(t.TempDir() + "/none")
	if err != nil {
		t.Fatal(err)
	}
	if b, err := s.ReadState(); b != nil || err != nil {
		t.Errorf("%q, %v", b, err)
	}
}
