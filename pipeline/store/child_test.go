package store

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
)

// children are what the test binary does when it is its own second process. Each says "ready" or more on
// standard output, and ends when its standard input does.
var children = map[string]func(dir string) error{
	"write":     func(dir string) error { return writeForEver(dir, nil) },
	"careless":  func(dir string) error { return writeForEver(dir, careless) },
	"lock":      lockRepoChild,
	"machine":   lockMachineChild,
	"inherited": func(string) error { return untilTold() },
}

// child is a running second process.
type child struct {
	*os.Process
	out *bufio.Reader
	in  *os.File
}

// spawn runs the test binary in a role; extra files are inherited from descriptor 3 on.
func spawn(t *testing.T, role, dir string, extra ...*os.File) *child {
	t.Helper()
	exe, err := os.Executable()
	ok(t, err)
	inR, inW, err := os.Pipe()
	ok(t, err)
	outR, outW, err := os.Pipe()
	ok(t, err)
	p, err := os.StartProcess(exe, []string{exe}, &os.ProcAttr{
		Env:   append(os.Environ(), "BENCH_STORE_CHILD="+role, "BENCH_STORE_DIR="+dir),
		Files: append([]*os.File{inR, outW, os.Stderr}, extra...),
	})
	ok(t, err)
	inR.Close()
	outW.Close()
	c := &child{p, bufio.NewReader(outR), inW}
	t.Cleanup(func() { c.kill(); inW.Close(); outR.Close() })
	return c
}

// line reads what the child says next; it is empty when the child has ended.
func (c *child) line() string {
	text, err := c.out.ReadString('\n')
	if err != nil {
		return ""
	}
	return strings.TrimSpace(text)
}

// kill is kill -9, and waits until the child is gone.
func (c *child) kill() {
	c.Kill()
	c.Wait()
}

func untilTold() error {
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

func lockRepoChild(dir string) error {
	l, err := LockRepo(dir, Holder{Command: "bench apply"})
	if err != nil {
		return err
	}
	defer l.Close()
	if err := l.Update("measure 004-arena heavy"); err != nil {
		return err
	}
	fmt.Println("ready")
	return untilTold()
}

func lockMachineChild(path string) error {
	l, err := TryLockMachine(path, Holder{Command: "bench apply"})
	if err != nil {
		return err
	}
	// The orphan: it inherits the lock's descriptor as what it measures would, and outlives us.
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	// Set and not appended: of a name that is there twice, the first counts.
	if err := os.Setenv("BENCH_STORE_CHILD", "inherited"); err != nil {
		return err
	}
	p, err := os.StartProcess(exe, []string{exe}, &os.ProcAttr{
		Env:   os.Environ(),
		Files: []*os.File{os.Stdin, nil, os.Stderr, l.File()},
	})
	if err != nil {
		return err
	}
	fmt.Println(p.Pid)
	_, err = p.Wait()
	return err
}

// record is what the writing child acknowledges: when it printed N, blob, action and event N are durable.
type record struct {
	N    int    `json:"n"`
	Blob string `json:"blob"`
}

func (r record) text() string { return strings.Repeat(fmt.Sprintf("output of run %d\n", r.N), 50) }
func (r record) key() string  { return sumOf(fmt.Sprint("key ", r.N)) }

// writeForEver records results, one after another, from where the journal ends.
func writeForEver(dir string, trip func(op, name string) error) error {
	l, err := LockRepo(dir, Holder{})
	if err != nil {
		return err
	}
	defer l.Close()
	s, err := Open(dir, testDay)
	if err != nil {
		return err
	}
	s.folder.trip = trip
	if err := s.SweepTmp(); err != nil {
		return err
	}
	events, _, err := s.Events()
	if err != nil {
		return err
	}
	next := 0
	if len(events) > 0 {
		var last record
		if err := json.Unmarshal(events[len(events)-1], &last); err != nil {
			return err
		}
		next = last.N + 1
	}
	for ; ; next++ {
		r, err := writeRecord(s, next)
		if err != nil {
			return err
		}
		fmt.Println(r.N)
	}
}

func writeRecord(s *Store, n int) (r record, err error) {
	r.N = n
	if r.Blob, _, err = s.PutBlob(strings.NewReader(r.text())); err != nil {
		return r, err
	}
	data, err := json.Marshal(r)
	if err != nil {
		return r, err
	}
	if err := s.PutAction(r.key(), data); err != nil {
		return r, err
	}
	return r, s.Append(r)
}

// checkRecord reads everything of record n back.
func checkRecord(s *Store, n int) error {
	var r record
	data, err := s.Action(record{N: n}.key())
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, &r); err != nil || r.N != n {
		return fmt.Errorf("action %d holds %s (%v)", n, data, err)
	}
	blob, err := s.Blob(r.Blob)
	if err != nil {
		return err
	}
	if string(blob) != r.text() {
		return fmt.Errorf("blob of %d holds %q", n, blob)
	}
	return nil
}
