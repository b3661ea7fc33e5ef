//go:build linux && (amd64 || arm64)

package process

import (
	"os"
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

// slots is how many runs the spawner can make in a row while the runner sleeps. Waking each other costs both some ten
// microseconds a run, several times that where an idle processor of a virtual machine must be woken; a sixteenth of it is
// little, and more slots would make the spawner bigger.
const slots = 16

// cells is what the runner and the spawner tell each other. The runner writes before it sends the byte that starts a burst
// of runs, and reads after it got the byte that ends it; the two pipes order the memory.
type cells struct {
	parent int64 // getppid, as the spawner sees it
	always int64 // 0, for branches that are always taken
	scrap  int64 // results nobody wants
	set    [8]byte
	action [64]byte // a zeroed struct sigaction: SIG_DFL
	byte   [8]byte
	text   [64]byte // of files of which only the length matters
	runs   [slots]entry
}

// entry is one run of a burst.
type entry struct {
	skip       int64 // not 0: end the burst before this run
	real, boot unix.Timespec
	began      unix.Timespec
	ended      unix.Timespec
	bootEnd    unix.Timespec
	realEnd    unix.Timespec
	info       siginfo
	usage      unix.Rusage
	waited     int64 // what waitid returned
	execFailed int64 // negative errno of execve, 0 when the program was started
	dirFailed  int64 // the same of fchdir
	stopped    unix.Timespec
	continued  unix.Timespec
	written    int64 // bytes of output
	left       int64 // bytes of the list of processes
}

// siginfo is what waitid says. Two of its fields are read as the numbers of 64 bits that they are together with the
// padding behind them, for that is what branch compares; both architectures are little-endian.
type siginfo struct {
	_      [8]byte // number, errno
	code   int64
	_      [8]byte // pid, uid
	status int64
	_      [96]byte
}

// Codes of siginfo.
const (
	cldExited    = 1
	cldStopped   = 5
	cldContinued = 6
)

// slot is the part of the tape that makes one run: the calls whose arguments change from run to run.
type slot struct {
	dir, wait, child *call
	dups             [3]*call
	sizes            [2]*call
}

// tape is written in memory that the spawner shares. Parts that it has not come to yet may still be written.
type tape struct {
	calls []call
	n     int
	cells *cells
	ready *call // tells the runner, and waits for the next burst
}

// tapeCalls are enough for what is written below, besides one for each region that is given back.
const tapeCalls = 128 + 64*slots

func newTape(a *arena, regions int) (*tape, error) {
	c, err := placed[cells](a)
	if err != nil {
		return nil, err
	}
	p, err := a.take((regions + tapeCalls) * int(unsafe.Sizeof(call{})))
	if err != nil {
		return nil, err
	}
	return &tape{calls: unsafe.Slice((*call)(p), regions+tapeCalls), cells: c}, nil
}

func (t *tape) add(result uintptr, nr int, args ...uintptr) *call {
	at := &t.calls[t.n]
	at.nr, at.result = nr, result
	copy(at.args[:], args)
	t.n++
	return at
}

func (t *tape) here() uintptr { return address(&t.calls[t.n]) }

// when goes on at to if the cell has the value; 0: where that is will be written into args[2].
func (t *tape) when(cell uintptr, value int64, to uintptr) *call {
	return t.add(0, branch, cell, uintptr(value), to)
}

func (t *tape) always(to uintptr) { t.when(address(&t.cells.always), 0, to) }

// unless goes on at to if the cell does not have the value.
func (t *tape) unless(cell uintptr, value int64, to uintptr) {
	over := t.when(cell, value, 0)
	t.always(to)
	over.args[2] = t.here()
}

func (t *tape) clock(id uintptr, into *unix.Timespec) *call {
	return t.add(address(&t.cells.scrap), unix.SYS_CLOCK_GETTIME, id, address(into))
}

// prologue makes the spawner nobody in particular.
func (t *tape) prologue(regions []region, start, done int) {
	c, scrap := t.cells, address(&t.cells.scrap)
	// Every signal has its default action again, and comes through: commands inherit both.
	for sig := uintptr(1); sig <= 64; sig++ {
		t.add(scrap, unix.SYS_RT_SIGACTION, sig, address(&c.action), 0, 8)
	}
	t.add(scrap, unix.SYS_RT_SIGPROCMASK, unix.SIG_SETMASK, address(&c.set), 0, 8)
	// Dies with the runner; if the runner died before that was asked for, it has another parent by now.
	t.add(scrap, unix.SYS_PRCTL, unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL))
	t.add(address(&c.parent), unix.SYS_GETPPID)
	orphan := t.when(address(&c.parent), int64(os.Getpid()), 0)
	t.add(scrap, unix.SYS_EXIT_GROUP, 1)
	orphan.args[2] = t.here()
	for _, r := range regions {
		t.add(scrap, unix.SYS_MADVISE, r.from, r.to-r.from, unix.MADV_DONTNEED)
	}
	t.ready = t.add(scrap, unix.SYS_WRITE, uintptr(done), address(&c.byte), 1)
	t.add(scrap, unix.SYS_READ, uintptr(start), address(&c.byte), 1)
}

// slot writes what makes one run.
func (t *tape) slot(k, null int, lists []list) (s slot) {
	e, scrap, ready := &t.cells.runs[k], address(&t.cells.scrap), address(t.ready)
	t.unless(address(&e.skip), 0, ready)
	s.dir = t.add(address(&e.dirFailed), unix.SYS_FCHDIR)
	t.unless(address(&e.dirFailed), 0, ready)
	t.clock(unix.CLOCK_REALTIME, &e.real)
	t.clock(unix.CLOCK_BOOTTIME, &e.boot)
	t.clock(unix.CLOCK_MONOTONIC, &e.began)
	vfork := t.add(0, unix.SYS_CLONE, unix.CLONE_VM|unix.CLONE_VFORK|uintptr(unix.SIGCHLD))
	isChild := t.add(0, branch)
	s.wait = t.add(address(&e.waited), unix.SYS_WAITID, unix.P_PID, 0, address(&e.info), unix.WEXITED|unix.WSTOPPED|unix.WCONTINUED, address(&e.usage))
	stopped := t.when(address(&e.info.code), cldStopped, 0)
	continued := t.when(address(&e.info.code), cldContinued, 0)
	t.clock(unix.CLOCK_MONOTONIC, &e.ended)
	t.clock(unix.CLOCK_BOOTTIME, &e.bootEnd)
	t.clock(unix.CLOCK_REALTIME, &e.realEnd)
	over := t.when(address(&t.cells.always), 0, 0)

	// A command that somebody stopped is waited for again, and the run will have no time.
	stopped.args[2] = address(t.clock(unix.CLOCK_MONOTONIC, &e.stopped))
	t.always(address(s.wait))
	continued.args[2] = address(t.clock(unix.CLOCK_MONOTONIC, &e.continued))
	t.always(address(s.wait))

	// The command's side. Its memory is the spawner's until execve.
	isChild.args[2] = address(t.add(scrap, unix.SYS_PRCTL, unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL)))
	t.add(scrap, unix.SYS_SETPGID, 0, 0)
	s.dups[0] = t.add(scrap, unix.SYS_DUP3, uintptr(null), 0, 0)
	s.dups[1] = t.add(scrap, unix.SYS_DUP3, 0, 1, 0)
	s.dups[2] = t.add(scrap, unix.SYS_DUP3, 0, 2, 0)
	s.child = t.add(address(&e.execFailed), unix.SYS_EXECVE)
	t.add(scrap, unix.SYS_EXIT_GROUP, 127)

	vfork.result = address(&s.wait.args[1])
	isChild.args[0] = vfork.result
	over.args[2] = t.here()
	t.follow(k, &s, lists)
	return s
}

// follow goes on with the next slot only when that has a run and this one's ended well, wrote nothing and left no process
// behind. In all other cases there is something to do for the runner.
func (t *tape) follow(k int, s *slot, lists []list) {
	e, ready := &t.cells.runs[k], address(t.ready)
	if k+1 == slots {
		t.always(ready)
		return
	}
	t.unless(address(&t.cells.runs[k+1].skip), 0, ready)
	t.unless(address(&e.info.code), cldExited, ready)
	t.unless(address(&e.info.status), 0, ready)
	for i := range s.sizes {
		s.sizes[i] = t.add(address(&e.written), unix.SYS_LSEEK, 0, 0, unix.SEEK_END)
		t.unless(address(&e.written), 0, ready)
	}
	for _, l := range lists {
		t.add(address(&e.left), unix.SYS_PREAD64, uintptr(l.fd), address(&t.cells.text), unsafe.Sizeof(t.cells.text), 0)
		t.unless(address(&e.left), l.alone, ready)
	}
}
