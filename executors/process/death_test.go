package process_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/benchfile/bench/executors/executortest"
	"github.com/benchfile/bench/executors/process"
	"github.com/benchfile/bench/pipeline"
)

// coordinate is the life of a bench that is going to be killed: it holds the lock, runs the job that it is given, and says
// what came of it.
func coordinate(jobFile, lockFile string) {
	var job pipeline.Job
	text, err := os.ReadFile(jobFile)
	if err == nil {
		err = json.Unmarshal(text, &job)
	}
	if err == nil {
		err = os.MkdirAll(job.Scratch, 0o755)
	}
	lock, lockErr := os.OpenFile(lockFile, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil || lockErr != nil || unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB) != nil {
		fmt.Println("cannot begin", err, lockErr)
		os.Exit(1)
	}
	exe, _ := os.Executable()
	e := process.New(process.Options{Self: []string{exe, "__runner"}, Lock: lock, Grace: 100 * time.Millisecond})
	out, err := e.Run(context.Background(), job, quiet{})
	fmt.Println(out.Status, len(out.Runs), err)
}

// bench starts a process that coordinates a job, and waits until all processes of the job's tree are there.
func bench(t *testing.T, dir string, prefix ...string) (cmd *exec.Cmd, lock string, tree []int) {
	t.Helper()
	pids := filepath.Join(dir, "pids")
	if err := os.Mkdir(pids, 0o777); err != nil {
		t.Fatal(err)
	}
	job := executortest.Job(t, 3, executortest.Role("stubborn", pids)...)
	job.Scratch, job.Arms[0].Dir = filepath.Join(dir, "scratch"), dir
	text, err := json.Marshal(job)
	if err != nil {
		t.Fatal(err)
	}
	jobFile := filepath.Join(dir, "job")
	if err := os.WriteFile(jobFile, text, 0o644); err != nil {
		t.Fatal(err)
	}
	lock = filepath.Join(dir, "lock")
	argv := append(prefix, self(t)[0], "__coordinate", jobFile, lock)
	cmd = exec.Command(argv[0], argv[1:]...)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	for len(tree) < 3 {
		if syscall.Kill(cmd.Process.Pid, 0) != nil {
			t.Fatal("it ended by itself")
		}
		time.Sleep(time.Millisecond)
		tree = executortest.Noted(pids)
	}
	return cmd, lock, tree
}

// held says whether somebody has the lock.
func held(t *testing.T, file string) bool {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return unix.Flock(int(f.Fd()), unix.LOCK_SH|unix.LOCK_NB) != nil
}

// eventually waits for what must come about; only a test that fails takes long.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for begun := time.Now(); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Since(begun) > 30*time.Second {
			t.Fatalf("not after 30 s: %s", what)
		}
	}
}

// aliveAny lists those that still run.
func aliveAny(pids []int) (alive []int) {
	for _, pid := range pids {
		if executortest.Alive(pid) {
			alive = append(alive, pid)
		}
	}
	return alive
}

func TestKillingBenchEndsTheTreeAndFreesTheLock(t *testing.T) {
	for range 3 {
		cmd, lock, tree := bench(t, t.TempDir())
		if !held(t, lock) {
			t.Fatal("the lock is free while a run is on")
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		eventually(t, "the measured tree is gone", func() bool { return len(aliveAny(tree)) == 0 })
		eventually(t, "the lock is free", func() bool { return !held(t, lock) })
	}
}

// When the runner is killed too, nobody ends what escaped; then the lock must stay held for as long as it lives.
func TestAnOrphanKeepsTheLock(t *testing.T) {
	cmd, lock, tree := bench(t, t.TempDir())
	runner := childOf(t, cmd.Process.Pid)
	_ = syscall.Kill(cmd.Process.Pid, syscall.SIGSTOP) // it must not clean up
	_ = syscall.Kill(runner, syscall.SIGKILL)
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	eventually(t, "the command itself died with the runner", func() bool { return len(aliveAny(tree)) <= 2 })
	if left := aliveAny(tree); len(left) == 0 || !held(t, lock) {
		t.Errorf("%d orphans are alive; the lock is held: %v", len(left), held(t, lock))
	}
	for _, pid := range tree {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	eventually(t, "the lock is free after the last orphan", func() bool { return !held(t, lock) })
}

// childOf finds the runner: the only child of a coordinator.
func childOf(t *testing.T, pid int) int {
	t.Helper()
	found := 0
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, file := range tasks {
		text, _ := os.ReadFile(file)
		words := bufio.NewScanner(strings.NewReader(string(text)))
		words.Split(bufio.ScanWords)
		for words.Scan() {
			fmt.Sscan(words.Text(), &found)
		}
	}
	if found == 0 {
		t.Skip("this kernel does not list a process's children")
	}
	return found
}

// Nobody needs to be root: then the subreaper's rule holds the tree.
func TestUnprivileged(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("the rest of the tests ran unprivileged already")
	}
	setpriv, err := exec.LookPath("setpriv")
	if err != nil {
		t.Skip("setpriv is not installed (util-linux)")
	}
	dir, err := os.MkdirTemp("/tmp", "bench-unprivileged-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	exe := filepath.Join(dir, "test")
	text, err := os.ReadFile(self(t)[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(exe, text, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(setpriv, "--reuid=65534", "--regid=65534", "--clear-groups", exe, "-test.run", "^TestConformance$|^TestContainment$", "-test.v")
	cmd.Dir, cmd.Env = dir, []string{"PATH=/usr/bin:/bin", "TMPDIR=" + dir, "BENCH_WANT_CONTAINMENT=subreaper"}
	said, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(said), "PASS: TestContainment") {
		t.Errorf("%v\n%s", err, said)
	}
}

// TestContainment is what a run says of how it was held.
func TestContainment(t *testing.T) {
	e := process.New(options(t))
	out, err := e.Run(context.Background(), executortest.Job(t, 1, "true"), &executortest.Recorder{T: t})
	if err != nil {
		t.Fatal(err)
	}
	got := out.Runs[0].Containment
	if want := os.Getenv("BENCH_WANT_CONTAINMENT"); got != "cgroup" && got != "subreaper" || want != "" && got != want {
		t.Errorf("held by %q, want %q", got, want)
	}
}
