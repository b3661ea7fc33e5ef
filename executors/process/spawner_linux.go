//go:build linux && (amd64 || arm64)

package process

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// call is one system call on the tape, or a branch (see tape_linux_amd64.s). Its layout is the assembly's.
type call struct {
	nr     int
	args   [6]uintptr
	result uintptr
}

// branch goes on at args[2] if *args[0] == args[1].
const branch = -1

//go:noescape
func fork(tape *call) (pid uintptr)

// cells is what the runner and the spawner tell each other. The runner writes before it sends the byte that starts a run,
// and reads after it got the byte that ends it; the two pipes order the memory.
type cells struct {
	began, ended unix.Timespec
	status       int64 // wait4's, in its lower half
	usage        unix.Rusage
	waited       int64 // what wait4 returned: the pid, or a negative errno
	execFailed   int64 // negative errno of execve, 0 when the program was started
	dirFailed    int64 // the same of fchdir
	parent       int64 // getppid, as the spawner sees it
	always       int64 // 0, for branches that are always taken
	scrap        int64 // results nobody wants
	set          [8]byte
	action       [64]byte // a zeroed struct sigaction: SIG_DFL
	byte         [8]byte
}

// spawner is the process that starts, times and reaps commands.
type spawner struct {
	arena *arena
	mark  int // of the arena: below it the tape, above it the strings of one run
	cells *cells

	dir, child, wait *call // the calls whose arguments change from run to run
	dups             [3]*call

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

// newSpawner forks the spawner. enter is called with its pid before it runs anything, so that it can be put into a cgroup.
func newSpawner(enter func(pid int)) (*spawner, error) {
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
	tape, err := s.tape(start[0], done[1])
	if err != nil {
		return nil, err
	}
	if err := s.launch(tape); err != nil {
		return nil, err
	}
	enter(s.pid)
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
const floorSlack = 128 << 10

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

// tape writes the spawner's life: first to become nobody in particular, then run after run.
func (s *spawner) tape(start, done int) (*call, error) {
	var err error
	if s.cells, err = placed[cells](s.arena); err != nil {
		return nil, err
	}
	regions, err := regions()
	if err != nil {
		return nil, err
	}
	c := s.cells
	scrap := address(&c.scrap)
	p, err := s.arena.take((len(regions) + 128) * int(unsafe.Sizeof(call{})))
	if err != nil {
		return nil, err
	}
	tape := unsafe.Slice((*call)(p), len(regions)+128)
	n := 0
	add := func(result uintptr, nr int, args ...uintptr) *call {
		at := &tape[n]
		at.nr, at.result = nr, result
		copy(at.args[:], args)
		n++
		return at
	}
	always := func(to *call) { add(0, branch, address(&c.always), 0, address(to)) }

	// Every signal has its default action again, and comes through: commands inherit both.
	for sig := uintptr(1); sig <= 64; sig++ {
		add(scrap, unix.SYS_RT_SIGACTION, sig, address(&c.action), 0, 8)
	}
	add(scrap, unix.SYS_RT_SIGPROCMASK, unix.SIG_SETMASK, address(&c.set), 0, 8)
	// Dies with the runner; if the runner died before that was asked for, it has another parent by now.
	add(scrap, unix.SYS_PRCTL, unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL))
	add(address(&c.parent), unix.SYS_GETPPID)
	orphan := add(0, branch, address(&c.parent), uintptr(os.Getpid()))
	add(scrap, unix.SYS_EXIT_GROUP, 1)
	orphan.args[2] = address(&tape[n])
	for _, r := range regions {
		add(scrap, unix.SYS_MADVISE, r.from, r.to-r.from, unix.MADV_DONTNEED)
	}

	ready := add(scrap, unix.SYS_WRITE, uintptr(done), address(&c.byte), 1)
	add(scrap, unix.SYS_READ, uintptr(start), address(&c.byte), 1)
	s.dir = add(address(&c.dirFailed), unix.SYS_FCHDIR)
	inDir := add(0, branch, address(&c.dirFailed), 0)
	always(ready)
	inDir.args[2] = address(add(scrap, unix.SYS_CLOCK_GETTIME, unix.CLOCK_MONOTONIC, address(&c.began)))
	vfork := add(0, unix.SYS_CLONE, unix.CLONE_VM|unix.CLONE_VFORK|uintptr(unix.SIGCHLD))
	isChild := add(0, branch)
	s.wait = add(address(&c.waited), unix.SYS_WAIT4, 0, address(&c.status), 0, address(&c.usage))
	add(scrap, unix.SYS_CLOCK_GETTIME, unix.CLOCK_MONOTONIC, address(&c.ended))
	always(ready)

	// The command's side. Its memory is the spawner's until execve.
	first := add(scrap, unix.SYS_PRCTL, unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL))
	add(scrap, unix.SYS_SETPGID, 0, 0)
	s.dups[0] = add(scrap, unix.SYS_DUP3, uintptr(s.null), 0, 0)
	s.dups[1] = add(scrap, unix.SYS_DUP3, 0, 1, 0)
	s.dups[2] = add(scrap, unix.SYS_DUP3, 0, 2, 0)
	s.child = add(address(&c.execFailed), unix.SYS_EXECVE)
	add(scrap, unix.SYS_EXIT_GROUP, 127)

	vfork.result = address(&s.wait.args[0])
	isChild.args = [6]uintptr{vfork.result, 0, address(first)}
	s.mark = s.arena.used
	return &tape[0], nil
}

// load prepares a run: after it, only start is left to do.
func (s *spawner) load(dir, stdout, stderr int, path string, argv, env []string) error {
	s.arena.used = s.mark
	s.dir.args[0], s.dups[1].args[0], s.dups[2].args[0] = uintptr(dir), uintptr(stdout), uintptr(stderr)
	s.cells.execFailed, s.cells.dirFailed, s.cells.waited = 0, 0, 0
	var err error
	for i, write := range []func() (uintptr, error){
		func() (uintptr, error) { return s.arena.text(path) },
		func() (uintptr, error) { return s.arena.list(argv) },
		func() (uintptr, error) { return s.arena.list(env) },
	} {
		if s.child.args[i], err = write(); err != nil {
			return err
		}
	}
	return nil
}

// begin starts the run that was loaded.
func (s *spawner) begin() error {
	if err := quietWrite(s.start, 1); err != 0 {
		return err
	}
	return nil
}

// took is how long the last run was.
func (s *spawner) took() time.Duration {
	return time.Duration(s.cells.ended.Nano() - s.cells.began.Nano())
}

// failure is why the command did not start: execve's error or fchdir's, 0 when it did.
func (s *spawner) failure() (doing string, err unix.Errno) {
	switch c := s.cells; {
	case c.dirFailed < 0:
		return "enter its folder", unix.Errno(-c.dirFailed)
	case c.execFailed < 0:
		return "execute", unix.Errno(-c.execFailed)
	case c.waited < 0:
		return "fork", unix.Errno(-int64(s.wait.args[0]))
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
