package main

import (
	"flag"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/benchfile/bench/executors/browsertest"
	"github.com/benchfile/bench/executors/process"
)

// studyDir is absolute, because scripts run elsewhere.
var studyDir = func() string {
	dir, err := filepath.Abs("testdata/study")
	if err != nil {
		panic(err)
	}
	return dir
}()

var update = flag.Bool("update", false, "rewrite the golden parts of the scripts")

func TestMain(m *testing.M) {
	// bench starts itself again as its runner; here that is the test binary.
	if len(os.Args) > 1 && os.Args[1] == runnerArg {
		os.Exit(process.Main(os.Stdin, os.Stdout))
	}
	testscript.Main(closing{m}, map[string]func(){
		"bench": func() { os.Exit(run(os.Args[1:])) },
	})
}

// closing ends the browser after the tests.
type closing struct{ *testing.M }

func (c closing) Run() int {
	defer browsertest.Close()
	return c.M.Run()
}

// TestScripts runs what a user could type. Each script says at its top what it shows.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("GIT_CONFIG_GLOBAL", "/dev/null")
			env.Setenv("GIT_CONFIG_SYSTEM", "/dev/null")
			for _, who := range []string{"AUTHOR", "COMMITTER"} {
				env.Setenv("GIT_"+who+"_NAME", "someone")
				env.Setenv("GIT_"+who+"_EMAIL", "someone@example.com")
			}
			env.Setenv("NO_COLOR", "1")
			env.Setenv("LC_ALL", "C.UTF-8")
			env.Setenv("BENCH_LOCK_TIMEOUT", "5m") // the scripts run side by side, and there is one machine
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"study":    study,
			"waitfor":  waitFor,
			"kill9":    kill9,
			"sametime": sameTime,
			"replace":  replace,
			"same":     same,
			"fetch":    fetch,
			"settle":   settle,
		},
	})
}

// fetch asks the server whose address a file begins with for a path, and says whether the answer has that status and
// holds that text: fetch FILE PATH STATUS TEXT.
func fetch(ts *testscript.TestScript, neg bool, args []string) {
	b, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	address, _, _ := strings.Cut(string(b), "/  ")
	res, err := http.Get(address + args[1])
	ts.Check(err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	ts.Check(err)
	if !strings.HasPrefix(res.Status, args[2]) || !strings.Contains(string(body), args[3]) {
		ts.Fatalf("%s%s answers %s without %q:\n%s", address, args[1], res.Status, args[3], body)
	}
}

// study lays the project of testdata/study into the folder p and makes it a repository: a shell script that sleeps, with
// four hypotheses.
func study(ts *testscript.TestScript, neg bool, args []string) {
	ts.Check(os.CopyFS(ts.MkAbs("p"), os.DirFS(studyDir)))
	ts.Check(os.Rename(ts.MkAbs("p/gitignore"), ts.MkAbs("p/.gitignore")))
	for _, a := range [][]string{{"init", "-q", "-b", "main"}, {"add", "-A"}, {"commit", "-q", "-m", "begin"}} {
		ts.Check(ts.Exec("git", append([]string{"-C", "p"}, a...)...))
	}
}

// waitFor waits until a file exists (and, with a second argument, holds that text), at most five minutes: other tests may
// be measuring, and there is one machine.
func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	for range 30000 {
		b, err := os.ReadFile(ts.MkAbs(args[0]))
		if err == nil && (len(args) < 2 || strings.Contains(string(b), args[1])) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("waited five minutes for %s", strings.Join(args, " to hold "))
}

// kill9 kills the process whose number stands in a file.
func kill9(ts *testscript.TestScript, neg bool, args []string) {
	for _, c := range ts.BackgroundCmds() {
		if filepath.Base(c.Path) == "bench" {
			ts.Check(c.Process.Signal(syscall.SIGKILL))
		}
	}
}

// sameTime gives a file the modification time of another one: sametime FILE LIKE.
func sameTime(ts *testscript.TestScript, neg bool, args []string) {
	st, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	ts.Check(os.Chtimes(ts.MkAbs(args[0]), st.ModTime(), st.ModTime()))
}

// replace puts one text in place of another in a file: replace FILE OLD NEW.
func replace(ts *testscript.TestScript, neg bool, args []string) {
	path := ts.MkAbs(args[0])
	b, err := os.ReadFile(path)
	ts.Check(err)
	if !strings.Contains(string(b), args[1]) {
		ts.Fatalf("%s does not hold %q", args[0], args[1])
	}
	st, err := os.Stat(path)
	ts.Check(err)
	ts.Check(os.WriteFile(path, []byte(strings.ReplaceAll(string(b), args[1], args[2])), st.Mode()))
}

// same says whether a command prints the same as a file holds; used for git's state before and after.
func same(ts *testscript.TestScript, neg bool, args []string) {
	cmd := exec.Command(args[1], args[2:]...)
	cmd.Dir = ts.MkAbs(".")
	out, err := cmd.CombinedOutput()
	ts.Check(err)
	path := ts.MkAbs(args[0])
	was, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		ts.Check(os.WriteFile(path, out, 0o644))
		return
	}
	ts.Check(err)
	if string(was) != string(out) {
		ts.Fatalf("%s printed\n%s\nand before\n%s", strings.Join(args[1:], " "), out, was)
	}
}

// settle applies until there is a memo: files may be too fresh for one.
func settle(ts *testscript.TestScript, neg bool, args []string) {
	for range 100 {
		ts.Check(ts.Exec("bench", "apply", "--auto-approve"))
		if _, err := os.Stat(ts.MkAbs(".bench/settled")); err == nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	ts.Fatalf("no memo after ten seconds of applying")
}
