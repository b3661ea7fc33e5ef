//go:build linux

package process

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// tree is everything that a run begot. Two means hold it, and both are asked each time: the cgroup, where one could be
// made, and the kernel's rule that what lost its parents becomes a child of the runner (PR_SET_CHILD_SUBREAPER).
type tree struct {
	self     int
	spawner  int
	cgroup   *cgroup // nil: none could be made
	children int     // descriptor of /proc/…/children of the runner's main thread, −1 when this kernel has none
	buf      []byte

	continued bool // the spawner was stopped and goes on again, in this burst
}

// newTree makes the runner the reaper of its descendants, and a cgroup if it can.
func newTree() (*tree, error) {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return nil, fmt.Errorf("become the reaper of what runs leave behind: %w", err)
	}
	t := &tree{self: os.Getpid(), buf: make([]byte, 4096)}
	var err error
	if t.children, err = unix.Open(fmt.Sprintf("/proc/self/task/%d/children", t.self), unix.O_RDONLY|unix.O_CLOEXEC, 0); err != nil {
		t.children = -1
	}
	// Most users may not make one: then the rule of the subreaper has to do, and Run.Containment says so.
	t.cgroup, _ = newCgroup()
	return t, nil
}

// hold takes the spawner in. What it spawns is held from its first instruction on.
func (t *tree) hold(spawner int) {
	t.spawner = spawner
	if t.cgroup == nil {
		return
	}
	if err := t.cgroup.enter(spawner); err != nil {
		t.cgroup.remove()
		t.cgroup = nil
	}
}

// list is a file that names processes, and how long it is while the spawner is the only one.
type list struct {
	fd    int
	alone int64
}

// lists are the files that left reads. The spawner is in the list of children only if the thread that forked it happens to
// be the runner's main thread; what lost its parents always comes there.
func (t *tree) lists() (lists []list) {
	add := func(fd int) { lists = append(lists, list{fd, int64(len(wholly(fd, &t.buf)))}) }
	if t.cgroup != nil {
		add(t.cgroup.procs)
	}
	if t.children >= 0 {
		add(t.children)
	}
	return lists
}

// means is the name of what holds the tree.
func (t *tree) means() string {
	if t.cgroup != nil {
		return "cgroup"
	}
	return "subreaper"
}

// reap takes the exit status of orphans that ended. It also hears whether somebody stopped the spawner.
func (t *tree) reap() {
	for {
		pid, status, err := quietReap()
		if pid <= 0 && err != unix.EINTR {
			return
		}
		if pid == t.spawner && status.Continued() {
			t.continued = true
		}
	}
}

// left says whether any process of the run is there, cheaply: it is asked after every run.
func (t *tree) left() bool {
	t.reap()
	if t.cgroup != nil && slices.ContainsFunc(t.cgroup.members(), func(pid int) bool { return pid != t.spawner }) {
		return true
	}
	if t.children < 0 {
		return len(t.members()) > 0
	}
	for f := range bytes.FieldsSeq(wholly(t.children, &t.buf)) {
		if string(f) != strconv.Itoa(t.spawner) {
			return true
		}
	}
	return false
}

// members lists the processes of the run: the cgroup's and all descendants of the runner, without the spawner.
func (t *tree) members() []int {
	pids := descendants(t.self)
	if t.cgroup != nil {
		pids = append(pids, t.cgroup.members()...)
	}
	slices.Sort(pids)
	pids = slices.Compact(pids)
	return slices.DeleteFunc(pids, func(pid int) bool { return pid == t.spawner })
}

// signal sends a signal to every process of the run, and SIGCONT after it: a stopped process would not hear it.
func (t *tree) signal(sig unix.Signal) {
	for _, pid := range t.members() {
		_ = unix.Kill(pid, sig)
		_ = unix.Kill(pid, unix.SIGCONT)
	}
}

// kill ends every process of the run, and says how many it gave up on: those that hang in the kernel.
func (t *tree) kill() int {
	for pause := time.Millisecond; pause < killPatience; pause += pause / 2 {
		if t.cgroup != nil {
			t.cgroup.freeze()
		}
		members := t.members()
		for _, pid := range members {
			_ = unix.Kill(pid, unix.SIGKILL)
		}
		if t.cgroup != nil {
			t.cgroup.thaw()
		}
		t.reap()
		if len(members) == 0 {
			return 0
		}
		time.Sleep(pause)
	}
	return len(t.members())
}

// killPatience bounds the pauses between attempts to kill; they grow from 1 ms and add up to about three times as much.
const killPatience = time.Second

// sweep ends what a run left behind, and says how many that were. What is about to end by itself gets a moment to.
func (t *tree) sweep() (survivors, stuck int) {
	if !t.left() {
		return 0, 0
	}
	for range 10 {
		time.Sleep(time.Millisecond)
		if !t.left() {
			return 0, 0
		}
	}
	survivors = len(t.members())
	return survivors, t.kill()
}

// close removes the cgroup. The spawner must be gone.
func (t *tree) close() {
	if t.cgroup != nil {
		t.cgroup.remove()
	}
}

// descendants finds all living descendants of a process. Processes come and go while it reads, so callers ask again.
func descendants(root int) []int {
	names, err := readNames("/proc")
	if err != nil {
		return nil
	}
	children := map[int][]int{}
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		stat, err := os.ReadFile("/proc/" + name + "/stat")
		if err != nil {
			continue
		}
		if parent, state := parentOf(stat); parent > 0 && state != 'Z' && state != 'X' {
			children[parent] = append(children[parent], pid)
		}
	}
	var found []int
	for queue := children[root]; len(queue) > 0; {
		pid := queue[0]
		queue = append(queue[1:], children[pid]...)
		found = append(found, pid)
	}
	return found
}

// parentOf reads ppid and state from the text of /proc/PID/stat. The name before them may contain anything, so they are
// looked for behind its last parenthesis.
func parentOf(stat []byte) (ppid int, state byte) {
	i := bytes.LastIndexByte(stat, ')')
	f := bytes.Fields(stat[i+1:])
	if i < 0 || len(f) < 2 {
		return 0, 0
	}
	ppid, err := strconv.Atoi(string(f[1]))
	if err != nil {
		return 0, 0
	}
	return ppid, f[0][0]
}

func readNames(dir string) ([]string, error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return d.Readdirnames(-1)
}
