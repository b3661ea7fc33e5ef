package store

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// A tree is hashed from its leaves up. A folder is
//
//	"bench tree 1\n", then for every entry in the order of its name's bytes:
//	length and name, kind, exec bit, length and content
//
// where the content of a file is its SHA-256, of a folder its own hash, and of a symbolic link its text and,
// in a second field, the hash of what it leads to outside the tree. Every field has its length in front:
// without, {1: "x", 2: "y"} and {1: "x2y"} are the same bytes.

// SumTree hashes a folder: names, kinds, exec bits, links, contents, empty folders included; .git and .bench
// are left out at every level. Links to files, and links to folders outside the tree, count with what they
// lead to. Pipes, sockets and devices are refused. Size is that of all files together.
func (s *Store) SumTree(dir string) (Digest, error) {
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return Digest{}, disk("read", dir, err)
	}
	if real, err = filepath.Abs(real); err != nil {
		return Digest{}, disk("read", dir, err)
	}
	if err := s.Look(dir); err != nil {
		return Digest{}, err
	}
	w := &treeWalk{s: s, tops: []string{real}, fsNow: s.fsNow()}
	top, err := w.folder(real)
	if err != nil {
		return Digest{}, err
	}
	if w.sums, err = s.sumFiles(w.files); err != nil {
		return Digest{}, err
	}
	sum, size := w.fold(top)
	return Digest{Sum: hex.EncodeToString(sum[:]), Size: size}, nil
}

// treeWalk lists first and hashes afterwards, so that all files of the tree are hashed side by side.
type treeWalk struct {
	s     *Store
	fsNow int64
	tops  []string // the trees being walked: the asked one, then those that links led into
	files []string
	sums  []fileSum
}

// node is one entry of a folder.
type node struct {
	name    string
	kind    byte   // 'f' file, 'd' folder, 'l' link
	file    int    // place in treeWalk.files, or -1
	text    string // of a link
	entries []node
	folder  bool // there are entries to fold (perhaps none): a folder, or a link to one
}

func (w *treeWalk) folder(dir string) (entries []node, err error) {
	if st, _, err := w.s.look(dir, w.fsNow); err != nil {
		return nil, err
	} else if !st.isDir() {
		return nil, fmt.Errorf("read %s: it is %s, not a folder", dir, st.what())
	}
	list, err := os.ReadDir(dir) // sorted by the bytes of the name
	if err != nil {
		return nil, disk("list", dir, err)
	}
	for _, e := range list {
		if e.Name() == ".git" || e.Name() == ".bench" {
			continue
		}
		n, err := w.entry(dir, e)
		if err != nil {
			return nil, err
		}
		if len(w.files) > maxTreeFiles {
			return nil, fmt.Errorf("read %s: more than %d files; name the folder that matters", dir, maxTreeFiles)
		}
		entries = append(entries, n)
	}
	return entries, nil
}

func (w *treeWalk) entry(dir string, e fs.DirEntry) (n node, err error) {
	path := filepath.Join(dir, e.Name())
	n = node{name: e.Name(), file: -1}
	switch e.Type() {
	case 0:
		n.kind, n.file = 'f', w.file(path)
	case fs.ModeDir:
		n.kind, n.folder = 'd', true
		n.entries, err = w.folder(path)
	case fs.ModeSymlink:
		err = w.link(path, &n)
	default:
		st, statErr := statPath(path, false)
		if statErr != nil {
			return n, statErr
		}
		err = fmt.Errorf("read %s: it is %s, and a tree of inputs holds only files, folders and links; move it out of the tree", path, st.what())
	}
	return n, err
}

// maxTreeFiles bounds a tree: links to folders full of links could grow it without end.
const maxTreeFiles = 5_000_000

func (w *treeWalk) file(path string) int {
	w.files = append(w.files, path)
	return len(w.files) - 1
}

// link reads a link's text and finds what else it stands for.
func (w *treeWalk) link(path string, n *node) (err error) {
	n.kind = 'l'
	st, _, err := w.s.look(path, w.fsNow)
	if err != nil {
		if errors.Is(err, syscall.ELOOP) {
			return fmt.Errorf("read %s: the link leads to itself; remove it", path)
		}
		return err
	}
	if n.text, err = os.Readlink(path); err != nil {
		return disk("read", path, err)
	}
	switch {
	case !st.Exists(): // leads nowhere; its text is all there is
		return nil
	case st.isRegular():
		n.file = w.file(path)
		return nil
	case st.isDir():
		return w.linkedFolder(path, n)
	}
	return fmt.Errorf("read %s: the link leads to %s, and only files and folders can be inputs; remove it from the tree", path, st.what())
}

// linkedFolder walks a folder outside the trees that are being walked; one inside is there under its own
// name, or would go round in circles.
func (w *treeWalk) linkedFolder(path string, n *node) error {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return disk("read", path, err)
	}
	for _, top := range w.tops {
		if within(real, top) {
			return nil
		}
		if within(top, real) {
			return fmt.Errorf("read %s: the link leads to %s, which holds the tree itself, so its content cannot count; remove it", path, real)
		}
	}
	w.tops = append(w.tops, real)
	n.folder = true
	n.entries, err = w.folder(real)
	w.tops = slices.Delete(w.tops, len(w.tops)-1, len(w.tops))
	return err
}

func within(path, top string) bool {
	return path == top || strings.HasPrefix(path, strings.TrimSuffix(top, "/")+"/")
}

// fold is the hash of a folder's entries.
func (w *treeWalk) fold(entries []node) (sum [sha256.Size]byte, size int64) {
	h := sha256.New()
	h.Write([]byte("bench tree 1\n"))
	for _, n := range entries {
		field(h, n.name)
		exec, content := byte('-'), ""
		switch {
		case n.file >= 0:
			f := w.sums[n.file]
			if f.stat.Mode&0o111 != 0 {
				exec = 'x'
			}
			content, size = string(f.sum[:]), size+f.stat.Size
		case n.folder:
			sub, subSize := w.fold(n.entries)
			content, size = string(sub[:]), size+subSize
		}
		h.Write([]byte{n.kind, exec})
		field(h, n.text)
		field(h, content)
	}
	h.Sum(sum[:0])
	return sum, size
}

// field writes a text behind its length.
func field(h hash.Hash, text string) {
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(text)))
	h.Write(n[:])
	h.Write([]byte(text))
}
