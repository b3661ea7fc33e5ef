package git

import (
	"context"
	"strings"
)

// Present lists every file that is tracked or would be part of a snapshot: not ignored. Paths are relative to the top
// folder. Files of submodules are not listed.
func (r *Repo) Present(ctx context.Context) ([]string, error) {
	out, err := r.git(ctx, command{args: []string{"ls-files", "-z", "--cached", "--others", "--exclude-standard", "--full-name"}})
	if err != nil {
		return nil, err
	}
	var files []string
	for f := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		if f != "" {
			files = append(files, f)
		}
	}
	return files, nil
}
