package watch

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
)

// world is a folder that is watched.
type world struct {
	*testing.T
	dir string
	w   *Watcher
}

// ways are how a test watches: with the kernel, and without.
func ways() map[string]Options {
	return map[string]Options{
		"kernel": {Quiet: 30 * time.Millisecond},
		"poll":   {Quiet: 30 * time.Millisecond, Every: 20 * time.Millisecond, Poll: true},
	}
}

func begin(t *testing.T, opt Options, set func(dir string) Set) *world {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	x := &world{T: t, dir: dir}
	s := set(dir)
	s.Root = dir
	time.Sleep(2 * youth) // nothing is too young to be told from its next state
	x.w = New(s, opt)
	t.Cleanup(x.w.Close)
	return x
}

func (x *world) at(name string) string { return filepath.Join(x.dir, name) }

func (x *world) do(err error) {
	x.Helper()
	if err != nil {
		x.Fatal(err)
	}
}

func (x *world) write(name, text string) {
	x.Helper()
	x.do(os.MkdirAll(filepath.Dir(x.at(name)), 0o755))
	x.do(os.WriteFile(x.at(name), []byte(text), 0o644))
}

// replace writes a file as editors do: aside, and renamed onto the old one.
func (x *world) replace(name, text string) {
	x.Helper()
	x.write(name+"~", text)
	x.do(os.Rename(x.at(name+"~"), x.at(name)))
}

// told waits until each of the names has been told, and says how many batches that took.
func (x *world) told(names ...string) int {
	x.Helper()
	open := map[string]bool{}
	for _, n := range names {
		open[x.at(n)] = true
	}
	deadline := time.After(20 * time.Second)
	for batches := 1; ; batches++ {
		select {
		case b := <-x.w.Changes():
			for _, p := range b.Paths {
				delete(open, p)
			}
			if len(open) == 0 {
				return batches
			}
		case <-deadline:
			x.Fatalf("never told: %v", open)
		}
	}
}

// silent says that nothing is told for a while.
func (x *world) silent() {
	x.Helper()
	select {
	case b := <-x.w.Changes():
		x.Errorf("told %v", b)
	case <-time.After(200 * time.Millisecond):
	}
}

func files(names ...string) func(string) Set {
	return func(dir string) Set {
		var s Set
		for _, n := range names {
			s.Files = append(s.Files, filepath.Join(dir, n))
		}
		return s
	}
}

func TestEveryWayOfSavingIsTold(t *testing.T) {
	tests := map[string]func(x *world){
		"written in place":           func(x *world) { x.write("a/f", "2") },
		"replaced by rename":         func(x *world) { x.replace("a/f", "2") },
		"removed":                    func(x *world) { x.do(os.Remove(x.at("a/f"))) },
		"removed and made anew":      func(x *world) { x.do(os.Remove(x.at("a/f"))); x.write("a/f", "1") },
		"moved away, another copied": func(x *world) { x.do(os.Rename(x.at("a/f"), x.at("a/f.bak"))); x.write("a/f", "2") },
		"appended": func(x *world) {
			f, err := os.OpenFile(x.at("a/f"), os.O_APPEND|os.O_WRONLY, 0)
			x.do(err)
			_, err = f.WriteString("more")
			x.do(err)
			x.do(f.Close())
		},
		"made executable": func(x *world) { x.do(os.Chmod(x.at("a/f"), 0o755)) },
		"same size and time": func(x *world) {
			st, err := os.Stat(x.at("a/f"))
			x.do(err)
			x.write("a/f", "2")
			x.do(os.Chtimes(x.at("a/f"), st.ModTime(), st.ModTime()))
		},
		"folder removed":               func(x *world) { x.do(os.RemoveAll(x.at("a"))) },
		"folder removed and made anew": func(x *world) { x.do(os.RemoveAll(x.at("a"))); x.write("a/f", "1") },
		"folder renamed":               func(x *world) { x.do(os.Rename(x.at("a"), x.at("z"))) },
		"folder made a link": func(x *world) {
			x.write("z/f", "2")
			x.do(os.RemoveAll(x.at("a")))
			x.do(os.Symlink("z", x.at("a")))
		},
		"made a link": func(x *world) {
			x.do(os.Rename(x.at("a/f"), x.at("elsewhere")))
			x.do(os.Symlink("../elsewhere", x.at("a/f")))
		},
	}
	for way, opt := range ways() {
		for name, change := range tests {
			t.Run(way+"/"+name, func(t *testing.T) {
				t.Parallel()
				x := begin(t, opt, func(dir string) Set {
					x := &world{T: t, dir: dir}
					x.write("a/f", "1")
					x.write("a/other", "1")
					return files("a/f")(dir)
				})
				change(x)
				x.told("a/f")
				// And it goes on: whatever was put in the way of the watch.
				time.Sleep(2 * youth)
				x.do(os.RemoveAll(x.at("a/f")))
				x.write("a/f", "last")
				x.told("a/f")
			})
		}
	}
}

func TestWhatNobodyAskedForIsNotTold(t *testing.T) {
	for way, opt := range ways() {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			x := begin(t, opt, func(dir string) Set {
				x := &world{T: t, dir: dir}
				x.write("a/f", "1")
				return files("a/f")(dir)
			})
			x.write("a/other", "1")
			x.write("a/f2", "1")
			x.write("b/f", "1")
			x.silent()
		})
	}
}

// A link's file may lie anywhere; what it leads to is what people edit.
func TestAFileBehindALink(t *testing.T) {
	x := begin(t, ways()["kernel"], func(dir string) Set {
		x := &world{T: t, dir: dir}
		x.write("real/f", "1")
		x.do(os.Symlink("real/f", x.at("f")))
		return files("f")(dir)
	})
	x.write("real/f", "22")
	x.told("f")
	x.replace("real/f", "333")
	x.told("f")
}

func TestFoldersOfWhichNothingIsThereYet(t *testing.T) {
	for way, opt := range ways() {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			x := begin(t, opt, files("deep/down/here/f"))
			x.write("deep/down/here/f", "1")
			x.told("deep/down/here/f")
			x.do(os.RemoveAll(x.at("deep")))
			x.told("deep/down/here/f")
			x.do(os.MkdirAll(x.at("deep/down"), 0o755))
			time.Sleep(5 * opt.Quiet)
			x.write("deep/down/here/f", "2")
			x.told("deep/down/here/f")
		})
	}
}

func TestNamesThatComeAndGoInAFolder(t *testing.T) {
	for way, opt := range ways() {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			x := begin(t, opt, func(dir string) Set {
				(&world{T: t, dir: dir}).write("src/a.c", "1")
				return files("src")(dir)
			})
			x.write("src/a.c", "2")
			x.silent()
			x.write("src/b.c", "1")
			x.told("src")
			time.Sleep(2 * youth)
			x.do(os.Remove(x.at("src/b.c")))
			x.told("src")
		})
	}
}

func TestTrees(t *testing.T) {
	for way, opt := range ways() {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			x := begin(t, opt, func(dir string) Set {
				(&world{T: t, dir: dir}).write("in/a/1", "1")
				return Set{Trees: []string{filepath.Join(dir, "in"), filepath.Join(dir, "later")}}
			})
			x.write("in/a/1", "2")
			x.told("in/a/1")
			x.write("in/b/c/d/2", "1")
			x.told("in/b/c/d/2")
			x.write("in/b/c/d/2", "22")
			x.told("in/b/c/d/2")
			x.do(os.RemoveAll(x.at("in/b")))
			x.told("in/b/c/d/2")
			x.write("later/x/1", "1")
			x.told("later/x/1")
			x.write("inside", "not below in")
			x.silent()
		})
	}
}

// A thousand saves in a row are one change, or a few; and the last of them is not lost.
func TestABurstIsOneBatch(t *testing.T) {
	x := begin(t, Options{Quiet: 100 * time.Millisecond, Most: time.Hour}, files("f", "g"))
	for i := range 1000 {
		x.replace([]string{"f", "g"}[i%2], fmt.Sprint(i))
	}
	if n := x.told("f", "g"); n != 1 {
		t.Errorf("told in %d batches", n)
	}
	x.silent()
}

// What never becomes quiet is told all the same.
func TestNoiseDelaysOnlySoLong(t *testing.T) {
	x := begin(t, Options{Quiet: 50 * time.Millisecond, Most: 200 * time.Millisecond}, files("f", "log"))
	stop, stopped := make(chan bool), make(chan bool)
	go func() {
		defer close(stopped)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			case <-time.After(2 * time.Millisecond):
				os.WriteFile(x.at("log"), fmt.Append(nil, i), 0o644)
			}
		}
	}()
	x.write("f", "1")
	x.told("f")
	x.told("log")
	close(stop)
	<-stopped
	x.told("log")
	x.silent()
}

func TestAnotherSet(t *testing.T) {
	for way, opt := range ways() {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			x := begin(t, opt, files("a", "b"))
			since := time.Now()
			x.write("c", "written after the caller began to look")
			x.write("b", "1")
			set := files("b", "c")(x.dir)
			set.Root, set.Since = x.dir, since
			x.w.Watch(set)
			x.told("b", "c")
			x.drain()
			x.write("a", "1")
			x.silent()
			x.write("c", "22")
			x.told("c")
		})
	}
}

// Without watches it looks, and says so once.
func TestWatchesRunOut(t *testing.T) {
	x := begin(t, Options{Quiet: 30 * time.Millisecond, Every: 20 * time.Millisecond}, files("f"))
	x.w.Close()
	w := New(Set{Root: x.dir, Files: []string{x.at("f")}}, Options{Quiet: 30 * time.Millisecond, Every: 20 * time.Millisecond, limit: 0, limited: true})
	defer w.Close()
	b := <-w.Changes()
	if !strings.Contains(b.Note, "looking every 20ms instead") || len(b.Paths) > 0 {
		t.Errorf("said %+v", b)
	}
	for i := range 3 {
		x.write("f", fmt.Sprint("text ", i))
		select {
		case b = <-w.Changes():
			if b.Note != "" || !slices.Contains(b.Paths, x.at("f")) {
				t.Errorf("said %+v", b)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("the change is never told")
		}
	}
}

// A git checkout replaces, removes and makes hundreds of files and folders.
func TestAGitCheckout(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("git is not installed")
	}
	var names []string
	for i := range 200 {
		names = append(names, fmt.Sprintf("src/%d/%d/f.c", i%7, i))
	}
	run := func(dir string, args ...string) {
		cmd := exec.Command(git, append([]string{"-C", dir, "-c", "user.name=x", "-c", "user.email=x@example.com"}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	x := begin(t, Options{Quiet: 100 * time.Millisecond}, func(dir string) Set {
		x := &world{T: t, dir: dir}
		run(dir, "init", "-q", "-b", "main")
		for _, n := range names {
			x.write(n, "one "+n)
		}
		run(dir, "add", "-A")
		run(dir, "commit", "-q", "-m", "one")
		run(dir, "checkout", "-q", "-b", "other")
		for i, n := range names {
			if i%3 == 0 {
				x.do(os.RemoveAll(filepath.Dir(x.at(n))))
			} else {
				x.write(n, "two "+n)
			}
		}
		run(dir, "commit", "-q", "-a", "-m", "two")
		s := files(append(names, ".git/HEAD", ".git/index")...)(dir)
		s.Trees = []string{x.at(".git/refs")}
		return s
	})
	for range 3 {
		run(x.dir, "checkout", "-q", "main")
		x.told(append(names, ".git/HEAD", ".git/index")...)
		run(x.dir, "checkout", "-q", "other")
		x.told(append(names, ".git/HEAD", ".git/index")...)
	}
	run(x.dir, "branch", "third/one")
	x.told(".git/refs/heads/third/one")
	x.silent()
}

// Whatever is done to files and folders, each that is not as it was is told, and then it is silent.
func TestRandomChangesAreAllTold(t *testing.T) {
	for way, opt := range ways() {
		for seed := range uint64(4) {
			t.Run(fmt.Sprint(way, seed), func(t *testing.T) {
				t.Parallel()
				names := []string{"a", "b", "d/a", "d/b", "d/e/a", "d/e/b", "f/g/h/a", "f/g/h/b"}
				x := begin(t, opt, func(dir string) Set {
					s := files(names...)(dir)
					s.Trees = []string{filepath.Join(dir, "tree")}
					return s
				})
				rng := rand.New(rand.NewPCG(seed, 7))
				all := append(slices.Clone(names), "tree/a", "tree/b/c", "tree/b/d/e")
				for round := range 8 {
					before := x.contents(all)
					for range 1 + rng.IntN(30) {
						x.random(rng, all, round)
						if rng.IntN(4) == 0 {
							time.Sleep(time.Duration(rng.IntN(20)) * time.Millisecond)
						}
					}
					var differ []string
					for n, text := range x.contents(all) {
						if before[n] != text {
							differ = append(differ, n)
						}
					}
					if len(differ) > 0 {
						x.told(differ...)
					}
					x.drain()
				}
			})
		}
	}
}

// contents are the texts of files, "" for one that is not there.
func (x *world) contents(names []string) map[string]string {
	out := map[string]string{}
	for _, n := range names {
		b, _ := os.ReadFile(x.at(n))
		out[n] = string(b)
	}
	return out
}

// random does something to one of the files, or to a folder that it lies in.
func (x *world) random(rng *rand.Rand, names []string, round int) {
	n := names[rng.IntN(len(names))]
	text := fmt.Sprint(round, rng.IntN(1000))
	switch rng.IntN(7) {
	case 0, 1:
		x.write(n, text)
	case 2, 3:
		x.replace(n, text)
	case 4:
		x.do(os.RemoveAll(x.at(n)))
	case 5:
		if dir := filepath.Dir(n); dir != "." {
			x.do(os.RemoveAll(x.at(dir)))
		}
	case 6:
		if dir := filepath.Dir(n); dir != "." {
			x.do(os.RemoveAll(x.at("aside")))
			if os.Rename(x.at(dir), x.at("aside")) == nil && rng.IntN(2) == 0 {
				x.do(os.MkdirAll(filepath.Dir(x.at(dir)), 0o755))
				x.do(os.Rename(x.at("aside"), x.at(dir)))
			}
		}
	}
}

// drain takes what is told until nothing is.
func (x *world) drain() {
	x.Helper()
	for range 100 {
		select {
		case <-x.w.Changes():
		case <-time.After(150 * time.Millisecond):
			return
		}
	}
	x.Error("it never becomes silent although nothing happens")
}

// After the kernel dropped events everything is looked at and armed anew.
func TestLostEvents(t *testing.T) {
	x := begin(t, Options{Quiet: 30 * time.Millisecond}, files("a/f"))
	x.w.Close()
	x.write("a/f", "1")
	time.Sleep(2 * youth)
	w := &Watcher{opt: Options{Quiet: time.Hour, Most: time.Hour}, pending: map[string]bool{}, due: time.NewTimer(time.Hour)}
	w.begin(Set{Root: x.dir, Files: []string{x.at("a/f")}})
	defer w.kernel.Close()
	w.known = w.look()
	x.write("a/f", "22")
	w.failure(fsnotify.ErrEventOverflow)
	if len(w.armed) > 0 || w.first.IsZero() {
		t.Errorf("armed %v, stirred at %v", w.armed, w.first)
	}
	w.arm()
	if !w.compare() || !w.pending[x.at("a/f")] || !w.armed[x.at("a")] {
		t.Errorf("pending %v, armed %v", w.pending, w.armed)
	}
}

func TestClosingWhileChangesWait(t *testing.T) {
	x := begin(t, Options{Quiet: time.Millisecond}, files("f"))
	x.write("f", "1")
	time.Sleep(20 * time.Millisecond)
	w := New(Set{Files: []string{x.at("f")}}, Options{Quiet: time.Millisecond})
	x.write("f", "2")
	w.Close()
	if _, ok := <-w.Changes(); ok {
		t.Error("told after it was closed")
	}
	w.Watch(Set{}) // does not hang
}
