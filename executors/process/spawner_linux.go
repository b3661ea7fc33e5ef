//go:build linux && (amd64 || arm64)

package process

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// spawner is the process that starts, times and reaps commands.
type spawner struct {
	arena *arena
	tape  *tape
	slots [slots]slot
	mark  int // of the arena: below it the tape, above it the strings of one burst
	words map[*ready]words
	ready int // runs of the burst that are loaded

	pid     int
	pidfd   int
	start   int           // the pipe that starts a run
	done    int           // the pipe that tells its end
	results chan struct{} // one for each run that ended
	died    chan struct{} // closed when the spawner itself is gone
	null    int
	floor   int64 // bytes: what every command's ru_maxrss is at least
	quit    chan struct{}
}

// newSpawner forks the spawner into the tree, which then holds everything that it runs.
func newSpawner(tree *tree) (*spawner, error) {
	s := &spawner{results: make(chan struct{}, 1), died: make(chan struct{}), quit: make(chan struct{})}
	var err error
	if s.arena, err = newArena(); err != nil {
		return nil, err
	}
	if s.null, err = unix.Open("/dev/null", unix.O_RDONLY|unix.O_CLOEXEC, 0); err != nil {
		return nil, fmt.Errorf("open /dev/null: %w", err)
	}
	var start, done [2]int
	if err := errors.Join(unix.Pipe2(start[:], unix.O_CLOEXEC), unix.Pipe2(done[:], unix.O_CLOEXEC|unix.O_NONBLOCK)); err != nil {
		return nil, fmt.Errorf("make pipes: %w", err)
	}
	s.start, s.done = start[1], done[0]
	go s.listen(os.NewFile(uintptr(done[0]), "spawner"))
	regions, err := regions()
	if err != nil {
		return nil, err
	}
	if s.tape, err = newTape(s.arena, len(regions)); err != nil {
		return nil, err
	}
	s.tape.prologue(regions, start[0], done[1])
	if err := s.launch(&s.tape.calls[0]); err != nil {
		return nil, err
	}
	tree.hold(s.pid)
	lists := tree.lists()
	for k := range s.slots {
		s.slots[k] = s.tape.slot(k, s.null, lists)
	}
	s.mark = s.arena.used
	return s, s.settle()
}

// launch forks on a thread of its own that stays until the spawner is done for: PR_SET_PDEATHSIG means the death of the
// parent's thread, not of its process.
func (s *spawner) launch(tape *call) error {
	pid := make(chan int)
	go func() {
		runtime.LockOSThread()
		pid <- forkQuietly(tape)
		<-s.quit
	}()
	if s.pid = <-pid; s.pid < 0 {
		return fmt.Errorf("fork the spawner: %w", unix.Errno(-s.pid))
	}
	fd, err := unix.PidfdOpen(s.pid, unix.PIDFD_NONBLOCK)
	if err != nil {
		return fmt.Errorf("watch the spawner: %w", err)
	}
	s.pidfd = fd
	go s.mourn(os.NewFile(uintptr(fd), "pidfd"))
	return nil
}

// forkQuietly forks with all signals blocked: the child must not run Go's handlers. It unblocks them when it has none.
func forkQuietly(tape *call) int {
	var all, before unix.Sigset_t
	for i := range all.Val {
		all.Val[i] = ^all.Val[i]
	}
	_ = unix.PthreadSigmask(unix.SIG_SETMASK, &all, &before)
	pid := int(fork(tape))
	_ = unix.PthreadSigmask(unix.SIG_SETMASK, &before, nil)
	return pid
}

// listen turns the spawner's bytes into messages. It waits in the runtime's poller, so that while a run is on the whole
// runner sleeps in one epoll_wait.
func (s *spawner) listen(done *os.File) {
	var b [1]byte
	for {
		if _, err := done.Read(b[:]); err != nil {
			return
		}
		s.results <- struct{}{}
	}
}

// mourn waits for the spawner's death.
func (s *spawner) mourn(pidfd *os.File) {
	defer pidfd.Close()
	conn, err := pidfd.SyscallConn()
	if err != nil {
		return
	}
	_ = conn.Read(func(fd uintptr) bool {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0)
		return n > 0 || (err != nil && err != unix.EINTR)
	})
	close(s.died)
}

// settle waits until the spawner has given its memory back, and reads how small it got.
func (s *spawner) settle() error {
	select {
	case <-s.results:
	case <-s.died:
		return errors.New("the spawner died before its first run")
	case <-time.After(10 * time.Second):
		return errors.New("the spawner does not answer")
	}
	// Lowers the high-water mark to the present size. Not every kernel can; then the floor is what it was at the fork.
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", s.pid), []byte("5"), 0)
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.pid))
	if err != nil {
		return fmt.Errorf("read the spawner's size: %w", err)
	}
	s.floor = highWater(status) + floorSlack
	return nil
}

// floorSlack is added to what the spawner's size was at its start: it maps the pages of arguments and environment as the
// kernel reads them, and the kernel's own count of pages may be behind by some.
const floorSlack = 128<<10 + burstBytes

// highWater reads VmHWM, in bytes, from the text of /proc/PID/status.
func highWater(status []byte) int64 {
	_, rest, _ := bytes.Cut(status, []byte("VmHWM:"))
	line, _, _ := bytes.Cut(rest, []byte("kB"))
	kb, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 10, 64)
	if err != nil {
		return 1 << 40 // unknown: then nothing is above the floor
	}
	return kb << 10
}

// words are the addresses of a command's strings.
type words struct {
	path, argv uintptr
	env        []uintptr
}

// clear makes room for another burst.
func (s *spawner) clear() {
	s.halt()
	s.arena.used, s.ready = s.mark, 0
	s.words = map[*ready]words{}
}

// load adds a run to the burst, with one more environment variable unless that is "". After it, only begin is left to do.
func (s *spawner) load(c *ready, stdout, stderr int, variable string) error {
	if s.ready > 0 && s.arena.used-s.mark > burstBytes {
		return unix.E2BIG
	}
	w, have := s.words[c]
	if !have {
		var err error
		if w, err = s.place(c); err != nil {
			return err
		}
		s.words[c] = w
	}
	env := w.env
	if variable != "" {
		p, err := s.arena.text(variable)
		if err != nil {
			return err
		}
		env = append(slices.Clip(env), p)
	}
	list, err := s.arena.table(env)
	if err != nil {
		return err
	}
	at := &s.slots[s.ready]
	at.dir.args[0], at.dups[1].args[0], at.dups[2].args[0] = uintptr(c.folder), uintptr(stdout), uintptr(stderr)
	at.child.args = [6]uintptr{w.path, w.argv, list}
	if at.sizes[0] != nil {
		at.sizes[0].args[0], at.sizes[1].args[0] = uintptr(stdout), uintptr(stderr)
	}
	s.tape.cells.runs[s.ready] = entry{}
	s.ready++
	return nil
}

// burstBytes bounds the strings of a burst of several runs: reading them makes the spawner bigger.
const burstBytes = 64 << 10

// place writes a command's strings.
func (s *spawner) place(c *ready) (w words, err error) {
	if w.path, err = s.arena.text(c.path); err != nil {
		return w, err
	}
	argv, err := s.arena.texts(c.argv)
	if err != nil {
		return w, err
	}
	if w.argv, err = s.arena.table(argv); err != nil {
		return w, err
	}
	w.env, err = s.arena.texts(c.env)
	return w, err
}

// begin starts the runs that were loaded.
func (s *spawner) begin() error {
	if err := quietWrite(s.start, 1); err != 0 {
		return err
	}
	return nil
}

// halt has the spawner begin no further run of the burst, but for the first.
func (s *spawner) halt() {
	for k := 1; k < slots; k++ {
		atomic.StoreInt64(&s.tape.cells.runs[k].skip, 1)
	}
}

// made is how many runs of the burst are done.
func (s *spawner) made() int {
	for k := range s.ready {
		if e := &s.tape.cells.runs[k]; e.dirFailed == 0 && e.ended.Nano() == 0 {
			return k
		}
	}
	return s.ready
}

// busy says whether a run may be on.
func (s *spawner) busy() bool { return s.made() < s.ready }

// run is what the spawner noted of a run of the burst.
func (s *spawner) run(k int) *entry { return &s.tape.cells.runs[k] }

// took is how long the run was.
func (e *entry) took() time.Duration { return time.Duration(e.ended.Nano() - e.began.Nano()) }

// failure is why the command did not start: an error of execve, fchdir or fork, 0 when it did.
func (s *spawner) failure(k int) (doing string, err unix.Errno) {
	switch e := s.run(k); {
	case e.dirFailed < 0:
		return "enter its folder", unix.Errno(-e.dirFailed)
	case e.execFailed < 0:
		return "execute", unix.Errno(-e.execFailed)
	case e.waited < 0:
		return "fork", unix.Errno(-int64(s.slots[k].wait.args[1]))
	}
	return "", 0
}

// end kills the spawner and reaps it.
func (s *spawner) end() {
	_ = unix.Kill(s.pid, unix.SIGKILL)
	<-s.died
	_, _ = unix.Wait4(s.pid, nil, 0, nil)
	close(s.quit)
}

// region is a stretch of the address space.
type region struct{ from, to uintptr }

// regions lists what the runner has mapped, without what belongs to the kernel.
func regions() ([]region, error) {
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return nil, fmt.Errorf("read the runner's own memory map: %w", err)
	}
	var out []region
	lines := bufio.NewScanner(bytes.NewReader(maps))
	for lines.Scan() {
		line := lines.Text()
		if strings.Contains(line, "[v") { // vdso, vvar, vsyscall
			continue
		}
		bounds, _, _ := strings.Cut(line, " ")
		from, to, ok := strings.Cut(bounds, "-")
		a, errA := strconv.ParseUint(from, 16, 64)
		b, errB := strconv.ParseUint(to, 16, 64)
		if !ok || errA != nil || errB != nil {
			return nil, fmt.Errorf("read the runner's own memory map: odd line %q", line)
		}
		out = append(out, region{uintptr(a), uintptr(b)})
	}
	return out, nil
}
