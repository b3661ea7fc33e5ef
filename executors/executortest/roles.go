package executortest

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// roleArg marks a test binary that was executed to play a role.
const roleArg = "__role"

// Role is the argv that executes the test binary as one of the roles below.
func Role(name string, args ...string) []string {
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0]
	}
	return append([]string{self, roleArg, name}, args...)
}

// Main plays the role that this process was executed for, and does not return then. TestMain calls it first.
func Main() {
	if len(os.Args) < 3 || os.Args[1] != roleArg {
		return
	}
	play, ok := roles()[os.Args[2]]
	if !ok {
		fmt.Fprintf(os.Stderr, "no role %q\n", os.Args[2])
		quit(99)
	}
	play(os.Args[3:])
	quit(0)
}

// quit ends a role without what os.Exit does first: under the race detector that is a second's sleep.
func quit(status int) { syscall.Exit(status) }

// roles are what a measured process may turn out to be.
func roles() map[string]func([]string) {
	return map[string]func([]string){
		"say":      say,
		"exit":     func(a []string) { fmt.Fprintln(os.Stderr, a[1]); quit(atoi(a[0])) },
		"env":      func([]string) { fmt.Println(strings.Join(os.Environ(), "\n")) },
		"dir":      func([]string) { dir, _ := os.Getwd(); fmt.Println(dir) },
		"crash":    crash,
		"print":    func(a []string) { printBytes(atoi(a[0])) },
		"write":    func(a []string) { check(os.WriteFile(a[0], []byte(a[1]), 0o644)) },
		"busy":     busy,
		"eat":      eat,
		"stamp":    stamp,
		"slow":     func(a []string) { time.Sleep(time.Duration(atoi(a[0])) * time.Millisecond) },
		"stubborn": stubborn,
		"escape":   escape,
		"orphan":   func(a []string) { ignoreTerm(); note(a[0]); time.Sleep(time.Hour) },
	}
}

func atoi(s string) int { n, err := strconv.Atoi(s); check(err); return n }

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		quit(98)
	}
}

// say OUT ERR
func say(a []string) {
	fmt.Fprint(os.Stdout, a[0])
	fmt.Fprint(os.Stderr, a[1])
}

// crash SIGNAL: dies of it, as its default action says.
func crash(a []string) {
	fmt.Fprintln(os.Stderr, "about to crash")
	check(syscall.Kill(os.Getpid(), syscall.Signal(atoi(a[0]))))
	time.Sleep(time.Minute)
}

// printBytes N writes N bytes, numbered lines of 16.
func printBytes(n int) {
	block := make([]byte, 0, 1<<20)
	for i := 0; n > 0; i++ {
		line := fmt.Sprintf("%015d\n", i)
		block = append(block, line[:min(16, n)]...)
		if n -= 16; n <= 0 || len(block) == cap(block) {
			_, err := os.Stdout.Write(block)
			check(err)
			block = block[:0]
		}
	}
}

// busy MS: uses the processor for so many milliseconds of it.
func busy(a []string) {
	want := time.Duration(atoi(a[0])) * time.Millisecond
	for x := uint64(1); ; {
		for range 100_000 {
			x ^= x << 13
			x ^= x >> 7
		}
		var ru syscall.Rusage
		check(syscall.Getrusage(syscall.RUSAGE_SELF, &ru))
		if time.Duration(ru.Utime.Nano()) > want && x != 0 {
			return
		}
	}
}

// eat MB: has so much resident at once.
func eat(a []string) {
	b := make([]byte, atoi(a[0])<<20)
	for i := 0; i < len(b); i += 4096 {
		b[i] = 1
	}
	runtime.KeepAlive(b)
}

// stamp FILE: notes in one write each when it began and when it ended.
func stamp(a []string) {
	f, err := os.OpenFile(a[0], os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	check(err)
	fmt.Fprintf(f, "begin %d %s\n", os.Getpid(), strings.Join(a[1:], " "))
	time.Sleep(2 * time.Millisecond)
	fmt.Fprintf(f, "end %d %s\n", os.Getpid(), strings.Join(a[1:], " "))
	check(f.Close())
}

// stubborn DIR: does not heed SIGTERM, and has a child and an escaped grandchild that do not either.
func stubborn(a []string) {
	ignoreTerm()
	spawnOrphans(a[0])
	note(a[0])
	time.Sleep(time.Hour)
}

// escape DIR: leaves orphans behind and ends.
func escape(a []string) { spawnOrphans(a[0]) }

// spawnOrphans starts one process in this group and one in a session of its own, and waits until both are there.
func spawnOrphans(dir string) {
	for _, attr := range []*syscall.SysProcAttr{nil, {Setsid: true}} {
		argv := Role("orphan", dir)
		cmd := exec.Command(argv[0], argv[1:]...)
		cmd.SysProcAttr = attr
		check(cmd.Start())
		for !slices.Contains(Noted(dir), cmd.Process.Pid) {
			time.Sleep(time.Millisecond)
		}
	}
}

func ignoreTerm() { signal.Ignore(syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT) }

// note leaves this process's pid in a folder.
func note(dir string) {
	check(os.WriteFile(filepath.Join(dir, strconv.Itoa(os.Getpid())), nil, 0o644))
}

// Noted are the pids that roles left in a folder.
func Noted(dir string) (pids []int) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// Alive says whether a process still runs; one that only waits to be reaped does not.
func Alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	rest := string(stat[strings.LastIndexByte(string(stat), ')')+1:])
	return !strings.HasPrefix(rest, " Z") && !strings.HasPrefix(rest, " X")
}
