package host

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What go run puts first goes when it changes nothing, and only then.
func TestTidyPath(t *testing.T) {
	root := t.TempDir()
	for _, file := range []string{"goroot/bin/go", "goroot/bin/gofmt", "other/go", "usr/ls", "many/go"} {
		p := filepath.Join(root, file)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, nil, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for i := range mostPrograms {
		os.WriteFile(filepath.Join(root, "many", strings.Repeat("x", i+1)), nil, 0o755)
	}
	os.Mkdir(filepath.Join(root, "links"), 0o755)
	for _, name := range []string{"go", "gofmt"} {
		os.Symlink(filepath.Join(root, "goroot/bin", name), filepath.Join(root, "links", name))
	}
	os.Mkdir(filepath.Join(root, "half"), 0o755)
	os.Symlink(filepath.Join(root, "goroot/bin/go"), filepath.Join(root, "half/go"))
	tests := []struct{ name, path, want string }{
		{"nothing to leave out", "usr:goroot/bin", "usr:goroot/bin"},
		{"a second time", "usr:goroot/bin:usr", "usr:goroot/bin"},
		{"go run, Go first anyway", "goroot/bin:goroot/bin:usr", "goroot/bin:usr"},
		{"go run, Go later on PATH", "goroot/bin:usr:goroot/bin", "usr:goroot/bin"},
		{"go run, Go by links", "goroot/bin:usr:links", "usr:links"},
		{"go run of another Go than PATH's", "goroot/bin:other:usr", "goroot/bin:other:usr"},
		{"another Go before it", "goroot/bin:other:goroot/bin", "goroot/bin:other"},
		{"only one of its programs is found", "goroot/bin:half", "goroot/bin:half"},
		{"no Go otherwise", "goroot/bin:usr", "goroot/bin:usr"},
		{"a folder without Go hides nothing, but stays", "usr:usr", "usr"},
		{"a relative folder may hold a go", "goroot/bin:./x:links", "goroot/bin:./x:links"},
		{"too many to look at", "many:many:usr", "many:usr"},
		{"alone", "goroot/bin", "goroot/bin"},
		{"folders that are not there", "nowhere:usr:empty", "nowhere:usr:empty"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.ReplaceAll(tidyPath(under(root, tt.path)), root+"/", ""); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	for _, odd := range []string{"", ":", "/bin:", ":/bin"} {
		if got := tidyPath(odd); got != odd {
			t.Errorf("%q became %q", odd, got)
		}
	}
}

// under makes absolute what begins with a letter.
func under(root, path string) string {
	parts := strings.Split(path, ":")
	for i, p := range parts {
		if !strings.HasPrefix(p, ".") {
			parts[i] = filepath.Join(root, p)
		}
	}
	return strings.Join(parts, ":")
}

func TestCommandsAreGivenATidyPath(t *testing.T) {
	env, _ := CleanEnv(nil, nil, []string{"PATH=/usr/bin:/bin:/usr/bin"})
	if got, _ := lookup(env, "PATH"); got != "/usr/bin:/bin" {
		t.Errorf("PATH=%s", got)
	}
	env, _ = CleanEnv(nil, map[string]string{"PATH": "/x:/x"}, []string{"PATH=/usr/bin"})
	if got, _ := lookup(env, "PATH"); got != "/x:/x" {
		t.Errorf("what the Benchfile sets became PATH=%s", got)
	}
}
