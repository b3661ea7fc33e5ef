package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// A File is one entry of a tree.
type File struct {
	Mode string // "100644", "100755", "120000" (symlink), "160000" (submodule)
	OID  string
	Path string // relative to the top folder
}

// Files lists a tree in git's order, which is that of the paths' bytes.
func (r *Repo) Files(ctx context.Context, tree string) ([]File, error) {
	if err := checkOID(tree); err != nil {
		return nil, err
	}
	out, err := r.git(ctx, command{objects: true, args: []string{"ls-tree", "-r", "-z", "--full-tree", tree}})
	if err != nil {
		return nil, err
	}
	var files []File
	for record := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		if record == "" {
			continue
		}
		head, path, ok := strings.Cut(record, "\t")
		fields := strings.Fields(head) // mode, type, id
		if !ok || len(fields) != 3 {
			return nil, fmt.Errorf("git ls-tree said something unknown: %q", record)
		}
		files = append(files, File{Mode: fields[0], OID: fields[2], Path: path})
	}
	return files, nil
}

// Blob is the content of a file as it is in a tree; of a symlink, its target. A
// path that is not there is fs.ErrNotExist.
func (r *Repo) Blob(ctx context.Context, tree, path string) ([]byte, error) {
	if err := checkOID(tree); err != nil {
		return nil, err
	}
	clean, err := cleanPath(path)
	if err != nil {
		return nil, err
	}
	out, err := r.git(ctx, command{objects: true, args: []string{"cat-file", "blob", tree + ":" + clean}})
	var said *Error
	if errors.As(err, &said) && strings.Contains(said.Stderr, "does not exist in") {
		return nil, fmt.Errorf("%s is not in tree %s: %w", path, Short(tree), fs.ErrNotExist)
	}
	return out, err
}

// lfsPointerMax is what the LFS specification bounds a pointer file to, in bytes.
const lfsPointerMax = 1024

// IsLFSPointer says whether content is not the file it should be but the note that
// Git LFS keeps in its place (git-lfs docs/spec.md). Measuring with such an input
// would be measuring 130 bytes.
func IsLFSPointer(content []byte) bool {
	if len(content) >= lfsPointerMax {
		return false
	}
	return bytes.HasPrefix(content, []byte("version https://git-lfs.github.com/spec/")) &&
		bytes.Contains(content, []byte("\noid sha256:")) && bytes.Contains(content, []byte("\nsize "))
}
