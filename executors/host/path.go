package host

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// tidyPath is a PATH without what can't matter to a search in it, so that two ways to start bench are one environment:
// "go run" puts the folder of its own Go first, also when that Go is the one that PATH leads to anyway. Only two things are
// left out: an entry that stands there a second time, and a first one that go run may have put there and that hides
// nothing. Whatever else is there may come to matter: an empty folder is filled by a build, one that does not exist is made.
func tidyPath(value string) string {
	entries := filepath.SplitList(value)
	if len(entries) > 1 && holdsGo(entries[0]) && needless(entries[0], entries[1:]) {
		entries = entries[1:]
	}
	kept := make([]string, 0, len(entries))
	for _, e := range entries {
		if !slices.Contains(kept, e) {
			kept = append(kept, e)
		}
	}
	if len(kept) == 1 && kept[0] == "" {
		return value // the current folder: as an empty text it would be no folder at all
	}
	return strings.Join(kept, string(filepath.ListSeparator))
}

func holdsGo(folder string) bool {
	if !filepath.IsAbs(folder) {
		return false
	}
	info, err := os.Stat(filepath.Join(folder, "go"))
	return err == nil && info.Mode().IsRegular()
}

// mostPrograms bounds what is looked at: GOROOT/bin holds two.
const mostPrograms = 16

// needless says whether a search in the other folders finds the same file for every name that a folder has.
func needless(folder string, others []string) bool {
	names, err := os.ReadDir(folder)
	if err != nil || len(names) > mostPrograms {
		return false
	}
	for _, n := range names {
		mine, err := os.Stat(filepath.Join(folder, n.Name()))
		if err != nil || !mine.IsDir() && !leadsTo(others, n.Name(), mine) {
			return false
		}
	}
	return true
}

// leadsTo says whether the first file of a name in folders is that one. A relative folder may be any.
func leadsTo(folders []string, name string, file os.FileInfo) bool {
	for _, f := range folders {
		if !filepath.IsAbs(f) {
			return false
		}
		if found, err := os.Stat(filepath.Join(f, name)); err == nil {
			return os.SameFile(found, file)
		}
	}
	return false
}
