package early

import (
	"os"
	"path/filepath"
)

// Find looks for a Benchfile in the folder here and in those above it. In the first folder that has one or more of them:
// path is the one that is meant, or "" when several could be. Both are empty where there is none at all.
func Find(here string) (path string, several []string) {
	for dir := here; ; dir = filepath.Dir(dir) {
		for _, name := range []string{"benchfile.hcl", "Benchfile"} {
			p := filepath.Join(dir, name)
			if st, err := os.Stat(p); err == nil && st.Mode().IsRegular() {
				return p, nil
			}
		}
		if many, _ := filepath.Glob(filepath.Join(dir, "*.bench.hcl")); len(many) == 1 {
			return many[0], nil
		} else if len(many) > 1 {
			return "", many
		}
		if dir == filepath.Dir(dir) {
			return "", nil
		}
	}
}
