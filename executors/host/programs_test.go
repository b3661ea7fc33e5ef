package host

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/benchfile/bench/pipeline"
)

// lines counts the lines of a file: how often a script that appends one was started.
func lines(t *testing.T, path string) int {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return strings.Count(string(text), "\n")
}

func TestGPU(t *testing.T) {
	// The captured answers are of drivers 590.48.01 and 595.71.05, cut to the three fields.
	tests := []struct {
		name, script string
		names        []string
		driver       string
		temperatures []float64
		note         string
	}{
		{"one", `echo "NVIDIA H200, 590.48.01, 28"`, []string{"NVIDIA H200"}, "590.48.01", []float64{28}, ""},
		{"two, one without a sensor", `echo "NVIDIA GeForce RTX 4080 SUPER, 595.71.05, 46"; echo "NVIDIA H100 80GB HBM3, 595.71.05, [N/A]"`,
			[]string{"NVIDIA GeForce RTX 4080 SUPER", "NVIDIA H100 80GB HBM3"}, "595.71.05", []float64{46, -1}, ""},
		{"a comma in the name", `echo "Odd, Name, 1.2, 30"`, []string{"Odd, Name"}, "1.2", []float64{30}, ""},
		{"no device", `echo "No devices were found"; exit 6`, nil, "", nil, "GPU: nvidia-smi: exit status 6: No devices were found"},
		{"no driver", `echo "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver."; exit 9`, nil, "", nil,
			"GPU: nvidia-smi: exit status 9: NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver."},
		{"another format", `echo hello`, nil, "", nil, `GPU: nvidia-smi: no GPU's line: "hello"`},
		{"nothing", `:`, nil, "", nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := New(Options{Root: root(t, nil), NvidiaSMI: script(t, "nvidia-smi", tt.script)})
			e, err := h.Environment(t.Context(), nil, t.TempDir(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.names, e.GPUs); diff != "" || e.Driver != tt.driver {
				t.Errorf("driver %q, names (-want +got):\n%s", e.Driver, diff)
			}
			r, err := h.Readings(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.temperatures, r.GPUTemperature); diff != "" || strings.Join(r.Notes, "\n") != tt.note {
				t.Errorf("notes %q, want %q; temperatures (-want +got):\n%s", r.Notes, tt.note, diff)
			}
		})
	}
}

func TestGPUThatIsTheSameIsAskedOnce(t *testing.T) {
	count := filepath.Join(t.TempDir(), "count")
	dir := root(t, map[string]string{"proc/driver/nvidia/version": "590.48.01"})
	h := New(Options{Root: dir, NvidiaSMI: script(t, "nvidia-smi", "echo x >> '"+count+"'; echo 'NVIDIA H200, 590.48.01, 28'")})
	for range 3 {
		h.gpuIdentity(t.Context())
	}
	if n := lines(t, count); n != 1 {
		t.Errorf("asked %d times, want once", n)
	}
	write(t, filepath.Join(dir, "proc/driver/nvidia/version"), "595.71.05", 0o644)
	h.gpuIdentity(t.Context())
	if n := lines(t, count); n != 2 {
		t.Errorf("asked %d times, want again after another driver was loaded", n)
	}
}

func TestGPUThatHangs(t *testing.T) {
	count := filepath.Join(t.TempDir(), "count")
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	h := New(Options{Root: root(t, nil), NvidiaSMI: script(t, "nvidia-smi", "echo x >> '"+count+"'; sleep 1000"), Now: func() time.Time { return now }})
	h.gpuLimit = 300 * time.Millisecond
	for range 2 {
		e, err := h.Environment(t.Context(), nil, t.TempDir(), nil)
		if err != nil || len(e.GPUs) != 1 || e.GPUs[0] != gpuUnknown {
			t.Errorf("GPUs %q, %v; want one that is unknown and no error", e.GPUs, err)
		}
		r, err := h.Readings(t.Context())
		if err != nil || r.GPUTemperature != nil || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "no answer") {
			t.Errorf("readings %+v, %v; want a note and no error", r, err)
		}
	}
	first := lines(t, count)
	if first > 1 {
		t.Errorf("asked %d times within a minute", first)
	}
	now = now.Add(2 * time.Minute)
	h.gpuLimit = time.Millisecond
	if _, err := h.Readings(t.Context()); err != nil {
		t.Error(err)
	}
	if !h.gpu.hungUntil.After(now) {
		t.Error("not asked again after a minute")
	}
}

func TestTools(t *testing.T) {
	at := pipeline.Place{File: "benchfile.hcl", Line: 14}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "bin/tool"), "#!/bin/sh\necho; echo \"  tool 1.2 $WHICH\"; echo more\n", 0o755)
	write(t, filepath.Join(dir, "bin/old"), "#!/bin/sh\necho 'java version \"1.8\"' >&2\n", 0o755)
	write(t, filepath.Join(dir, "bin/fails"), "#!/bin/sh\necho 'no toolchain' >&2; exit 3\n", 0o755)
	write(t, filepath.Join(dir, "bin/silent"), "#!/bin/sh\n", 0o755)
	write(t, filepath.Join(dir, "bin/colour"), "#!/bin/sh\nprintf 'v1\\033\\007\\n'\n", 0o755)
	write(t, filepath.Join(dir, "bin/plain"), "not a program", 0o644)
	env := []string{"PATH=bin:/usr/bin:/bin", "WHICH=x"}
	tests := []struct {
		name    string
		command []string
		want    string
		err     string
	}{
		{"the first line that is not empty", []string{"tool"}, "tool 1.2 x", ""},
		{"a path", []string{"./bin/tool"}, "tool 1.2 x", ""},
		{"stderr when stdout is empty", []string{"old", "-version"}, `java version "1.8"`, ""},
		{"control characters are dropped", []string{"colour"}, "v1", ""},
		{"no such program", []string{"rustc", "--version"}, "", `benchfile.hcl:14: tool "t": cannot find "rustc": it is in no folder of PATH (bin:/nowhere): executable file not found in $PATH; install it, or correct the command`},
		{"no such file", []string{"./rustc"}, "", `cannot find "./rustc": there is no such file in ` + dir},
		{"not executable", []string{"plain"}, "", `cannot start "plain": ` + dir + `/bin/plain is not executable`},
		{"one that fails", []string{"fails", "-V"}, "", `benchfile.hcl:14: tool "t": "fails -V" ends with exit status 3 (no toolchain)`},
		{"one that is silent", []string{"silent"}, "", `"silent" prints nothing`},
		{"no command", nil, "", "it has no command"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			env := env
			if tt.name == "no such program" {
				env = []string{"PATH=bin:/nowhere"}
			}
			h := New(Options{Root: root(t, nil)})
			e, err := h.Environment(t.Context(), []pipeline.Tool{{Name: "t", Command: tt.command, At: at}}, dir, env)
			switch {
			case tt.err == "" && (err != nil || e.Tools["t"] != tt.want):
				t.Errorf("got %q, %v; want %q", e.Tools["t"], err, tt.want)
			case tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)):
				t.Errorf("error %v\nwant %s", err, tt.err)
			}
		})
	}
}

func TestToolThatHangs(t *testing.T) {
	h := New(Options{Root: root(t, nil)})
	h.toolLimit = 100 * time.Millisecond
	path := script(t, "tool", "sleep 1000")
	_, err := h.Environment(t.Context(), []pipeline.Tool{{Name: "t", Command: []string{path}}}, t.TempDir(), []string{"PATH=/usr/bin:/bin"})
	if err == nil || !strings.Contains(err.Error(), "no answer within 100ms") {
		t.Errorf("error %v", err)
	}
}

func TestToolsAreRemembered(t *testing.T) {
	dir := t.TempDir()
	count := filepath.Join(dir, "count")
	path := filepath.Join(dir, "tool")
	put := func(version string) { write(t, path, "#!/bin/sh\necho x >> count\necho "+version+"\n", 0o755) }
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	h := New(Options{Root: root(t, nil), Now: func() time.Time { return now }})
	ask := func(env ...string) string {
		t.Helper()
		e, err := h.Environment(t.Context(), []pipeline.Tool{{Name: "t", Command: []string{"./tool"}}}, dir, env)
		if err != nil {
			t.Fatal(err)
		}
		return e.Tools["t"]
	}
	steps := []struct {
		name, want string
		started    int
		do         func()
		env        string
	}{
		{"first", "one", 1, func() { put("one") }, "A=1"},
		{"again", "one", 1, func() {}, "A=1"},
		{"another environment", "one", 2, func() {}, "A=2"},
		{"another file", "three", 3, func() { put("three") }, "A=1"},
		{"a file of the same size and time moved in", "fours", 4, func() {
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			other := path + ".new"                                             // both are there at once: another inode
			write(t, other, "#!/bin/sh\necho x >> count\necho fours\n", 0o755) // as long as "three"
			if err := os.Chtimes(other, info.ModTime(), info.ModTime()); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(other, path); err != nil {
				t.Fatal(err)
			}
		}, "A=1"},
		{"much later", "fours", 5, func() { now = now.Add(time.Hour) }, "A=1"},
	}
	for _, s := range steps {
		s.do()
		if got := ask(s.env); got != s.want || lines(t, count) != s.started {
			t.Errorf("%s: %q after %d starts, want %q after %d", s.name, got, lines(t, count), s.want, s.started)
		}
	}
}

func TestResolve(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a/prog"), "", 0o755)
	write(t, filepath.Join(dir, "b/prog"), "", 0o755)
	write(t, filepath.Join(dir, "denied/prog"), "", 0o644)
	write(t, filepath.Join(dir, "folder/prog/x"), "", 0o644)
	write(t, filepath.Join(dir, "here"), "", 0o755)
	if err := os.Symlink("prog", filepath.Join(dir, "a/link")); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, argv0, path string
		want              string // relative to dir
		err               error
	}{
		{"the first folder wins", "prog", dir + "/b:" + dir + "/a", "b/prog", nil},
		{"what may not be executed is passed over", "prog", "denied:folder:a", "a/prog", nil},
		{"an empty folder is the current one", "here", "/nowhere:", "here", nil},
		{"links are left", "link", "a", "a/link", nil},
		{"a path is relative to the folder", "a/../b/prog", "", "b/prog", nil},
		{"an absolute path", dir + "/a/prog", "", "a/prog", nil},
		{"nothing there", "prog", "/nowhere", "", exec.ErrNotFound},
		{"a path with nothing there", "./prog", "a", "", exec.ErrNotFound},
		{"a path through a file", "here/prog", "a", "", exec.ErrNotFound},
		{"only what may not be executed", "prog", "denied", "", fs.ErrPermission},
		{"a folder", "folder/prog", "", "", fs.ErrPermission},
		{"no name", "", "a", "", exec.ErrNotFound},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Resolve(tt.argv0, []string{"PATH=/elsewhere", "PATH=" + tt.path}, dir)
			if !errors.Is(err, tt.err) || err == nil && got != filepath.Join(dir, tt.want) {
				t.Errorf("got %q, %v; want %q, %v", got, err, tt.want, tt.err)
			}
		})
	}
	if got, err := Resolve("sh", nil, dir); err != nil || !filepath.IsAbs(got) {
		t.Errorf("sh without a PATH: %q, %v", got, err)
	}
}
