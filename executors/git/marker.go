package git

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// markerSuffix makes the name of the file beside a worktree that says it is ours.
// Beside, not inside: there it would be an untracked file, and it must be there
// before the folder is and after it is gone, so that no crash leaves a folder that
// nobody dares to remove.
const markerSuffix = ".bench-worktree"

// A marker is what is remembered about a worktree.
type marker struct {
	Bench      string          `json:"bench"` // always "worktree"
	Tree       string          `json:"tree"`  // "" while it is being changed: whoever finds that repairs it
	Commit     string          `json:"commit"`
	Submodules []submoduleMark `json:"submodules,omitempty"`
}

// A submoduleMark is one submodule checked out in a worktree.
type submoduleMark struct {
	Path   string `json:"path"`   // relative to the worktree
	Commit string `json:"commit"` // what is checked out
	Admin  string `json:"admin"`  // its administration, in the submodule's own git dir
}

// ErrForeign says that a folder is not a worktree that bench made.
var ErrForeign = errors.New("this folder was not made by bench")

// readMarker reads what is known of dir; fs.ErrNotExist when nothing is.
func readMarker(dir string) (marker, error) {
	var m marker
	text, err := os.ReadFile(dir + markerSuffix)
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(text, &m); err != nil || m.Bench != "worktree" {
		return marker{}, fmt.Errorf("%s: damaged; remove it and %s by hand: %w", dir+markerSuffix, dir, ErrForeign)
	}
	return m, nil
}

// write replaces the marker of dir as a whole.
func (m marker) write(dir string) error {
	m.Bench = "worktree"
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(dir), ".marker-*")
	if err != nil {
		return err
	}
	_, err = f.Write(append(text, '\n'))
	if synced := f.Sync(); err == nil {
		err = synced
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), dir+markerSuffix)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// ours says whether dir may be written to: it does not exist, or is marked. An
// empty folder is nobody's.
func ours(dir string) (marker, error) {
	m, err := readMarker(dir)
	if !errors.Is(err, fs.ErrNotExist) {
		return m, err
	}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return marker{}, nil
	}
	if err != nil {
		return marker{}, err
	}
	return marker{}, fmt.Errorf("%s: %w; move it away or remove it", dir, ErrForeign)
}

// adminOf is the administration (a folder in <common>/worktrees) of the worktree at
// dir, "" when there is none. Links that do not agree in both directions are none.
func adminOf(common, dir string) string {
	entries, _ := os.ReadDir(filepath.Join(common, "worktrees"))
	for _, e := range entries {
		admin := filepath.Join(common, "worktrees", e.Name())
		if adminTarget(admin) == filepath.Join(dir, ".git") {
			return admin
		}
	}
	return ""
}

// adminTarget is the .git file that an administration belongs to.
func adminTarget(admin string) string {
	text, _ := os.ReadFile(filepath.Join(admin, "gitdir"))
	return strings.TrimSuffix(string(text), "\n")
}

// linked is adminOf for a worktree that is whole: its own link points back, and
// git was not interrupted while making it.
func linked(common, dir string) string {
	admin := adminOf(common, dir)
	if admin == "" {
		return ""
	}
	link, err := os.ReadFile(filepath.Join(dir, ".git"))
	if err != nil || strings.TrimSuffix(string(link), "\n") != "gitdir: "+admin {
		return ""
	}
	if _, err := os.Lstat(filepath.Join(admin, "locked")); err == nil {
		return ""
	}
	return admin
}

// removeAll is os.RemoveAll that also gets through folders without write
// permission, which build tools (Go's module cache) leave behind.
func removeAll(dir string) error {
	err := os.RemoveAll(dir)
	if !errors.Is(err, fs.ErrPermission) {
		return err
	}
	filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() {
			os.Chmod(name, 0o700)
		}
		return nil
	})
	return os.RemoveAll(dir)
}
