//go:build linux && (amd64 || arm64)

package process

import (
	"bufio"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/benchfile/bench/pipeline"
)

// Main is the whole life of the runner. It must be reached before anything else of the program is set up: what the program
// would do at its start would be done while somebody measures. It returns the exit status.
func Main(stdin, stdout *os.File) int {
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(memoryLimit)
	runtime.GOMAXPROCS(1)
	restoreFileLimit()
	// Descriptors that somebody left open in bench's own parents are not for commands. Older kernels cannot do it; then
	// commands get what they would get from any other program.
	_ = unix.CloseRange(lockFD, math.MaxInt32, unix.CLOSE_RANGE_CLOEXEC)
	r, err := newRunner(stdin, stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if err := r.serve(); err != nil {
		_ = r.events.Encode(event{Error: err.Error()})
		return 1
	}
	return 0
}

// memoryLimit makes the collector run about once in ten thousand runs. It is started by allocation, of which there is none
// while a run is on.
const memoryLimit = 64 << 20

// restoreFileLimit takes back what package os does to every Go program: it raises the soft limit of open files. Commands
// must see the user's. The old limit is known to package syscall alone, which restores it before it executes something; to
// execute nothing fails and has just that effect.
func restoreFileLimit() { _ = syscall.Exec("", []string{""}, nil) }

// runner makes the visits of one job.
type runner struct {
	lines  *bufio.Reader
	orders chan order
	gone   chan struct{} // closed when bench hung up or died
	hangup int           // descriptor of the pipe that says so
	events *gob.Encoder

	req      request
	tree     *tree
	spawner  *spawner
	streams  [2]*stream
	collect  []*collector      // by arm
	ready    map[[2]int]*ready // by arm and input
	counters []*counter
	absent   map[string]string
	around   *around
	padding  *padding
	seq      int
	late     time.Duration // how much too late the runner woke during this burst, 0 for a little
	quiet    bool          // the runs that are on are short: see doze
}

func newRunner(stdin, stdout *os.File) (*runner, error) {
	in, fd, err := pollable(stdin)
	if err != nil {
		return nil, err
	}
	return &runner{lines: bufio.NewReader(in), hangup: fd, orders: make(chan order, 1), gone: make(chan struct{}),
		events: gob.NewEncoder(stdout), ready: map[[2]int]*ready{}, around: newAround(os.Getppid())}, nil
}

// pollable is the same pipe under a descriptor that the runtime's poller waits for, so that no thread hangs in read(2).
func pollable(f *os.File) (*os.File, int, error) {
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 10)
	if err != nil {
		return nil, -1, fmt.Errorf("take over the pipe from bench: %w", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		return nil, -1, fmt.Errorf("take over the pipe from bench: %w", err)
	}
	return os.NewFile(uintptr(fd), f.Name()), fd, nil
}

func (r *runner) serve() error {
	line, err := r.lines.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("read the job: %w", err)
	}
	if err := json.Unmarshal(line, &r.req); err != nil {
		return fmt.Errorf("read the job: %w", err)
	}
	go r.listen()
	defer r.close()
	if err := r.prepare(); err != nil {
		return err
	}
	if err := r.events.Encode(event{Hello: &hello{Containment: r.tree.means(), Floor: r.spawner.floor}}); err != nil {
		return err
	}
	for {
		select {
		case <-r.gone:
			return nil
		case o := <-r.orders:
			runs, err := r.stretch(o)
			if errors.Is(err, errGone) {
				return nil
			}
			if err != nil {
				return err
			}
			if err := r.events.Encode(event{Runs: runs}); err != nil {
				return nil // bench is gone
			}
		}
	}
}

// listen reads orders until bench hangs up.
func (r *runner) listen() {
	defer close(r.gone)
	for {
		line, err := r.lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var o order
		if json.Unmarshal(line, &o) != nil || o.From < 0 || o.From >= o.Until || o.Until > len(r.req.Job.Visits) {
			return
		}
		r.orders <- o
	}
}

// prepare sets everything up that outlives a run.
func (r *runner) prepare() error {
	job := &r.req.Job
	if job.LogCap <= 0 {
		job.LogCap = defaultLogCap
	}
	var err error
	if r.tree, err = newTree(); err != nil {
		return err
	}
	if r.req.Lock {
		// Commands inherit it too: then an orphan still keeps the machine.
		if _, err := unix.FcntlInt(lockFD, unix.F_SETFD, 0); err != nil {
			return fmt.Errorf("take over the machine's lock: %w", err)
		}
	}
	if r.spawner, err = newSpawner(r.tree); err != nil {
		return err
	}
	for i, name := range []string{"stdout", "stderr"} {
		r.streams[i] = newStream(job.Scratch, name, job.LogCap)
	}
	for _, a := range job.Arms {
		c, err := newCollector(a.Dir, job.Scratch, job.Collect)
		if err != nil {
			return err
		}
		r.collect = append(r.collect, c)
	}
	r.counters, r.absent = newCounters(job.Metrics, r.spawner.pid)
	r.padding = newPadding(job.Seed)
	return nil
}

// close ends whatever is left and cleans up.
func (r *runner) close() {
	if r.tree == nil {
		return
	}
	if r.spawner == nil || r.spawner.busy() || r.tree.left() { // else there is nobody to look for in all of /proc
		r.tree.kill()
	}
	if r.spawner != nil {
		r.spawner.end()
	}
	r.tree.close()
	for _, s := range r.streams {
		if s != nil {
			s.close()
		}
	}
}

// ready is a command with everything about it looked up.
type ready struct {
	folder    int // descriptor
	path      string
	argv, env []string
	took      time.Duration // the last time; 0 = not yet
	untidy    bool          // the last time it wrote something or left something behind
}

// command looks a command up, once.
func (r *runner) command(v pipeline.Visit) (*ready, error) {
	at := [2]int{v.Arm, v.Input}
	if c := r.ready[at]; c != nil {
		return c, nil
	}
	arm := r.req.Job.Arms[v.Arm]
	command := arm.Commands[v.Input]
	dir := within(arm.Dir, command.Dir)
	c := &ready{argv: argv(command), env: environ(arm.Env, command.Env)}
	if len(c.argv) == 0 {
		return nil, errors.New("cannot start a command without a name: argv is empty")
	}
	var err error
	if c.folder, err = unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0); err != nil {
		return nil, fmt.Errorf("cannot start %q in %s: %w", c.argv[0], dir, err)
	}
	if c.path, err = lookup(c.argv[0], dir, c.env); err != nil {
		return nil, err
	}
	r.ready[at] = c
	return c, nil
}
