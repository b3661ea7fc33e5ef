package git

import (
	"errors"
	"io/fs"
	"os/exec"
	"strings"
	"testing"
	"unicode/utf8"
)

var hostileNames = []string{"", "-x", "--all", "-", "a..b", "a...b", "..", "$(id)", "`id`", "a\nb", "a\x00b", "a\rb", "a b", "a\tb", "a;b", "a|b", "a&b", "a>b", "a<b",
	"a'b", `a"b`, `a\b`, "!a", strings.Repeat("x", 300), "a\x7fb", "\xff", "a\u202eb", "a\u00a0b", "a\u200bb", "HEAD:a", ":/text", "a:b", "a*", "a?", "a[b", "(a)"}

func TestHostileNamesAreRefusedBeforeGit(t *testing.T) {
	for _, name := range hostileNames {
		if CheckRevision(name) == nil {
			t.Errorf("revision %q was taken", name)
		}
		if CheckBranch(name) == nil {
			t.Errorf("branch %q was taken", name)
		}
	}
	for _, name := range []string{"a~1", "a^", "a@{1}", "@", "HEAD", "/a", "a/", "a//b", ".a", "a/.b", "a.lock", "a.lock/b", "a.", "a/-b", "@{-1}"} {
		if CheckBranch(name) == nil {
			t.Errorf("branch %q was taken", name)
		}
	}
	for _, name := range []string{"main", "perf/arena-2", "fix-#12", "bench/001-x-KEEP", "ä/ö", "v1.2", "a@b", "a=b", "a+b,c", "{x}", "a%b"} {
		if err := CheckBranch(name); err != nil {
			t.Error(err)
		}
		if err := exec.Command("git", "check-ref-format", "--branch", name).Run(); err != nil {
			t.Errorf("git itself refuses the branch %q", name)
		}
	}
	for _, rev := range []string{"HEAD", "HEAD~3", "main^2", "v1.0^{}", "@{u}", "abc123d", "origin/main", "HEAD@{1}"} {
		if err := CheckRevision(rev); err != nil {
			t.Error(err)
		}
	}
}

func FuzzNames(f *testing.F) {
	for _, name := range hostileNames {
		f.Add(name)
	}
	f.Add("perf/arena")
	f.Fuzz(func(t *testing.T, name string) {
		for _, err := range []error{CheckRevision(name), CheckBranch(name)} {
			if err != nil {
				continue
			}
			if name == "" || name[0] == '-' || strings.ContainsAny(name, "\x00\n\r\t $`;|&<>'\"\\:*?[") || strings.Contains(name, "..") || len(name) > nameMax || !utf8.ValidString(name) {
				t.Errorf("%q was taken", name)
			}
		}
		if CheckBranch(name) == nil && strings.ContainsAny(name, "~^") {
			t.Errorf("branch %q was taken", name)
		}
	})
}

func TestResolve(t *testing.T) {
	w := newWorld(t, "a", "1\n")
	first := w.git("rev-parse", "HEAD")
	w.git("tag", "-a", "-m", "x", "v1")
	second := w.commit("second line\n\nbody")
	w.git("branch", "perf/é", first)
	for rev, want := range map[string]string{"HEAD": second, "v1": first, "main~1": first, first[:8]: first, second: second, "perf/é": first} {
		if got, err := w.repo.Resolve(t.Context(), rev); got != want || err != nil {
			t.Errorf("Resolve(%q) = %s, %v", rev, got, err)
		}
	}
	for _, rev := range []string{"nope", "main~9", strings.Repeat("0", 40)} {
		if _, err := w.repo.Resolve(t.Context(), rev); err == nil {
			t.Errorf("Resolve(%q) found something", rev)
		}
	}
	if _, err := w.repo.Resolve(t.Context(), "nope"); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), `"nope"`) {
		t.Errorf("got %v", err)
	}
	if got, err := w.repo.ResolveBranch(t.Context(), "v1"); err == nil {
		t.Errorf("a tag was taken for a branch: %s", got)
	}
	w.write("a", "2\n")
	d, err := w.repo.Describe(t.Context(), nil)
	if err != nil || d != (Description{Commit: second, Short: second[:12], Branch: "main", Dirty: true}) {
		t.Errorf("%+v, %v", d, err)
	}
	if d, _ := w.repo.Describe(t.Context(), []string{"a"}); d.Dirty {
		t.Error("excluded, but dirty")
	}
	w.git("checkout", "-q", "--detach")
	if d, _ := w.repo.Describe(t.Context(), nil); d.Branch != "" {
		t.Errorf("detached: %+v", d)
	}
	if head, err := w.repo.Head(t.Context()); head != second || err != nil {
		t.Errorf("Head = %s, %v", head, err)
	}
	log, err := w.repo.LogOneline(t.Context(), "", "HEAD", 10)
	if err != nil || len(log) != 2 || log[0] != (LogEntry{second, "second line"}) || log[1] != (LogEntry{first, "start"}) {
		t.Errorf("%v, %v", log, err)
	}
	if log, err = w.repo.LogOneline(t.Context(), "v1", "HEAD", 10); err != nil || len(log) != 1 {
		t.Errorf("%v, %v", log, err)
	}
}

func TestFilesAndBlobs(t *testing.T) {
	w := newWorld(t, "a b", "1\n", "é/x", "2\n", "big", strings.Repeat("x", 1<<20))
	tree := w.git("rev-parse", "HEAD^{tree}")
	if got, err := w.repo.Blob(t.Context(), tree, "é/x"); string(got) != "2\n" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	for _, path := range []string{"none", "é"} {
		if _, err := w.repo.Blob(t.Context(), tree, path); err == nil {
			t.Errorf("Blob(%q) found something", path)
		}
	}
	if _, err := w.repo.Blob(t.Context(), tree, "none"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	for _, path := range []string{"../x", "/a", "", "a\x00"} {
		if _, err := w.repo.Blob(t.Context(), tree, path); err == nil || !strings.Contains(err.Error(), "is not a path below") {
			t.Errorf("Blob(%q): %v", path, err)
		}
	}
	if _, err := w.repo.Files(t.Context(), "--help"); err == nil {
		t.Error("an option was taken for a tree")
	}
}

func TestIsLFSPointer(t *testing.T) {
	pointer := "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"
	for text, want := range map[string]bool{pointer: true, "": false, "x" + pointer: false, pointer[:60]: false,
		pointer + strings.Repeat("x", 1024): false, "version https://git-lfs.github.com/spec/v1\n": false} {
		if IsLFSPointer([]byte(text)) != want {
			t.Errorf("IsLFSPointer(%q) is not %v", text, want)
		}
	}
}

func FuzzStatus(f *testing.F) {
	f.Add([]byte("# branch.oid abc\x00# branch.head main\x001 .M N... 100644 100644 100644 a b a b\x00? new file\x00u UU N... 1 1 1 1 a b c p\x00"))
	f.Add([]byte("1 .M S.M. 160000 160000 160000 a b lib\x00"))
	f.Add([]byte("1 \x002 x\x00?\x00"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := parseStatus(raw)
		for _, e := range s.Entries {
			if err == nil && (e.Path == "" || len(e.XY) != 2) {
				t.Errorf("entry %+v", e)
			}
		}
	})
}

func FuzzPatch(f *testing.F) {
	f.Add([]byte("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1 @@\n-a\n b\n\\ No newline\n"))
	f.Add([]byte("--- a\n+++ b\n@@ -1 +1 @@\n"))
	f.Add([]byte("diff --git \n@@ -99999999999999999999 +1 @@\n+"))
	f.Add([]byte(":100644 100644 a b M\tx\n\ndiff --git a/x b/x\n@@ -1 +1 @@\n-a\n+b\n"))
	f.Fuzz(func(t *testing.T, patch []byte) {
		for s := range sections(patch) {
			for _, h := range s.hunks {
				if !strings.Contains(string(patch), string(h.text)) {
					t.Errorf("a hunk that is not in the patch: %q", h.text)
				}
			}
			s.paths()
		}
		touches(patch)
		noPrefix(withoutCR(patch))
		hunkAround(patch, 3)
		parseDiff(patch)
	})
}
