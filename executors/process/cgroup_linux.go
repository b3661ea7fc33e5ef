//go:build linux

package process

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// cgroup holds the spawner, and with it every process that a run begets, whatever session or parent those choose. It is a
// node of the unified hierarchy, or of version 1's freezer; a process leaves it only by writing to the hierarchy itself.
type cgroup struct {
	dir   string
	v2    bool
	procs int // descriptor of cgroup.procs
	buf   []byte
}

// cgroupPrefix begins the names of our nodes; the runner's pid follows.
const cgroupPrefix = "bench-"

// newCgroup makes a node below the runner's own, in the first hierarchy that lets it.
func newCgroup() (*cgroup, error) {
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil, err
	}
	own, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, place := range cgroupPlaces(string(mounts), string(own)) {
		c, err := makeCgroup(place)
		if err == nil {
			return c, nil
		}
		errs = append(errs, err)
	}
	if len(errs) == 0 {
		return nil, errors.New("no cgroup hierarchy is mounted that could hold a run")
	}
	return nil, errors.Join(errs...)
}

// cgroupPlace is a folder below which a node may be made.
type cgroupPlace struct {
	dir string
	v2  bool
}

// cgroupPlaces finds the runner's own node in the unified hierarchy and in the freezer's, by the texts of
// /proc/self/mountinfo and /proc/self/cgroup.
func cgroupPlaces(mountinfo, own string) []cgroupPlace {
	var v2, v1 []cgroupPlace
	for line := range strings.Lines(mountinfo) {
		before, after, ok := strings.Cut(line, " - ")
		head, tail := strings.Fields(before), strings.Fields(after)
		if !ok || len(head) < 6 || len(tail) < 3 {
			continue
		}
		root, point := head[3], head[4]
		switch {
		case tail[0] == "cgroup2":
			if dir, ok := ownNode(own, "", root); ok {
				v2 = append(v2, cgroupPlace{filepath.Join(point, dir), true})
			}
		case tail[0] == "cgroup" && hasWord(tail[2], "freezer"):
			if dir, ok := ownNode(own, "freezer", root); ok {
				v1 = append(v1, cgroupPlace{filepath.Join(point, dir), false})
			}
		}
	}
	return append(v2, v1...)
}

// ownNode is the runner's node in a hierarchy, relative to what is mounted of it.
func ownNode(own, controller, root string) (string, bool) {
	for line := range strings.Lines(own) {
		f := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(f) != 3 || !(controller == "" && f[0] == "0" && f[1] == "" || controller != "" && hasWord(f[1], controller)) {
			continue
		}
		if root == "/" {
			return f[2], true
		}
		rel, ok := strings.CutPrefix(f[2], root)
		return rel, ok
	}
	return "", false
}

func hasWord(list, word string) bool {
	for w := range strings.SplitSeq(list, ",") {
		if w == word {
			return true
		}
	}
	return false
}

func makeCgroup(p cgroupPlace) (*cgroup, error) {
	removeStale(p.dir)
	dir := filepath.Join(p.dir, cgroupPrefix+strconv.Itoa(os.Getpid()))
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, err
	}
	procs, err := unix.Open(filepath.Join(dir, "cgroup.procs"), unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		_ = os.Remove(dir)
		return nil, err
	}
	return &cgroup{dir: dir, v2: p.v2, procs: procs, buf: make([]byte, 4096)}, nil
}

// removeStale removes the empty nodes of runners that were killed.
func removeStale(dir string) {
	nodes, _ := filepath.Glob(filepath.Join(dir, cgroupPrefix+"*"))
	for _, node := range nodes {
		pid, err := strconv.Atoi(strings.TrimPrefix(filepath.Base(node), cgroupPrefix))
		if err == nil && errors.Is(unix.Kill(pid, 0), unix.ESRCH) {
			_ = unix.Rmdir(node)
		}
	}
}

// enter puts a process into the node.
func (c *cgroup) enter(pid int) error {
	if _, err := unix.Write(c.procs, []byte(strconv.Itoa(pid))); err != nil {
		return fmt.Errorf("enter %s: %w", c.dir, err)
	}
	return nil
}

// members lists the processes in the node.
func (c *cgroup) members() []int {
	var pids []int
	for f := range bytes.FieldsSeq(wholly(c.procs, &c.buf)) {
		if pid, err := strconv.Atoi(string(f)); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// wholly reads a small file of the kernel's again from its beginning: one system call, for it is done after every run.
func wholly(fd int, buf *[]byte) []byte {
	for {
		n, err := quietRead(fd, *buf, 0)
		if err != 0 {
			return nil
		}
		if n < len(*buf) {
			return (*buf)[:n]
		}
		*buf = make([]byte, 2*len(*buf))
	}
}

// freeze stops all members, so that none can fork while the others are being killed; thaw lets them die of it.
func (c *cgroup) freeze() {
	if c.v2 {
		c.write("cgroup.freeze", "1")
	} else {
		c.write("freezer.state", "FROZEN")
	}
}

func (c *cgroup) thaw() {
	if c.v2 {
		c.write("cgroup.freeze", "0")
	} else {
		c.write("freezer.state", "THAWED")
	}
}

func (c *cgroup) write(name, value string) {
	_ = os.WriteFile(filepath.Join(c.dir, name), []byte(value), 0)
}

// remove removes the node, which must be empty by now.
func (c *cgroup) remove() {
	_ = unix.Close(c.procs)
	_ = unix.Rmdir(c.dir)
}
