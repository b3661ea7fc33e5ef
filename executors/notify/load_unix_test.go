//go:build unix

package notify

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func secrets(t *testing.T, text string, mode fs.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secrets.env")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestModes(t *testing.T) {
	for mode, want := range map[fs.FileMode]bool{
		0o600: true, 0o400: true, 0o640: false, 0o604: false, 0o644: false, 0o660: false, 0o606: false, 0o601: false, 0o610: false, 0o700: false, 0o666: false, 0o777: false,
	} {
		path := secrets(t, "SLACK_WEBHOOK="+address, mode)
		s, err := Load(path)
		if (err == nil) != want || want && s.value() != address {
			t.Errorf("%04o: %v", mode, err)
		}
		if !want && (!s.Empty() || !strings.HasSuffix(err.Error(), "chmod 600 "+path)) {
			t.Errorf("%04o: no mend in %v", mode, err)
		}
	}
}

func TestOwner(t *testing.T) {
	if err := owned("/a b/it's", 0o600, 1000, 0); err == nil || !strings.HasSuffix(err.Error(), `chown 0 '/a b/it'\''s' && chmod 600 '/a b/it'\''s'`) {
		t.Error(err)
	}
	if err := owned("/a", 0o600, 1000, 1000); err != nil {
		t.Error(err)
	}
	path := secrets(t, "SLACK_WEBHOOK="+address, 0o600)
	if os.Chown(path, 12345, -1) != nil {
		t.Skip("giving a file away takes root")
	}
	if _, err := Load(path); err == nil || !strings.Contains(err.Error(), "belongs to user 12345") {
		t.Errorf("somebody else's file: %v", err)
	}
}

func TestOddFiles(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(secrets(t, "SLACK_WEBHOOK="+address, 0o600), link); err != nil {
		t.Fatal(err)
	}
	open := filepath.Join(dir, "open")
	if err := os.Symlink(secrets(t, "SLACK_WEBHOOK="+address, 0o644), open); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		pipe: "is not a regular file", dir: "is not a regular file", link: "", open: "chmod 600",
		secrets(t, strings.Repeat("#", maxSecrets+1), 0o600): "has more than 65536 bytes",
	} {
		if _, err := Load(path); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", filepath.Base(path), err, want)
		}
	}
	_, err := Load(filepath.Join(dir, "none"))
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a file that is not there: %v", err)
	}
}
