package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// PublishOptions says how artifacts are told from what people wrote.
type PublishOptions struct {
	// Marker is a text that every generated file holds in its first 512 bytes. In a fresh clone it is all
	// that tells a committed artifact from a stranger's file.
	Marker string
	// Normalise gives, for a file that people may write in, the generated part alone: an edit outside of it
	// is theirs, has been merged into the new content by the caller, and is no reason to keep a copy.
	Normalise map[string]func([]byte) []byte
	// Seen is what the caller read before it merged people's words into a file. When the disk holds something
	// else by now, the file is left alone and listed in Changes.Stale: read it, merge, and publish again.
	Seen map[string][]byte
	// Partial says that files is not the whole set: nothing is removed.
	Partial bool
}

// Changes is what Publish did. Names are relative to the published folder, with slashes, sorted.
type Changes struct {
	Written  []string
	Removed  []string
	Kept     []string // the .orig copies that were made
	Stale    []string // left alone: they changed after the caller read them
	Warnings []string // one for each kept copy
}

// headSize is where the marker must stand: the first line of text formats, and the first lines of those
// that have to begin with something else.
const headSize = 512

// published remembers, for each artifact, the hashes of the generated parts that the disk may hold: the one
// last written and the one it took the place of, since a crash leaves either.
type published map[string][]string

const publishedName = "published"

// Publish makes the artifacts in dir (relative slash names → bytes) what files says, and writes only where
// bytes differ. A generated file that somebody edited is renamed to NAME.orig first. Files that were published
// earlier and are no longer produced are removed; files that bench did not write are never touched.
func (s *Store) Publish(dir string, files map[string][]byte, opts PublishOptions) (Changes, error) {
	var none Changes
	if err := s.writable(); err != nil {
		return none, err
	}
	if err := validNames(files); err != nil {
		return none, err
	}
	known, err := s.readPublished()
	if err != nil {
		return none, err
	}
	d, err := openFolder(dir)
	if err != nil {
		return none, err
	}
	defer d.root.Close()
	if d.path, err = filepath.Abs(dir); err != nil {
		return none, disk("open", dir, err)
	}
	d.trip = s.folder.trip
	p := &publisher{s: s, d: d, files: files, opts: opts, known: known}
	err = p.run()
	p.changes.sort()
	return p.changes, err
}

type publisher struct {
	s       *Store
	d       *folder
	files   map[string][]byte
	opts    PublishOptions
	known   published
	changes Changes
	changed bool            // known is not what the disk holds
	synced  map[string]bool // folders in which names changed
}

func (p *publisher) run() error {
	todo, gone, err := p.compare()
	if err != nil {
		return err
	}
	// Known before written: after a crash our own bytes are not mistaken for a person's.
	if err := p.remember(); err != nil {
		return err
	}
	if len(todo) > 0 {
		if err := p.sweep(); err != nil {
			return err
		}
	}
	for _, name := range todo {
		if err := p.write(name); err != nil {
			return err
		}
	}
	for _, name := range gone {
		if err := p.retire(name); err != nil {
			return err
		}
	}
	for dir := range p.synced {
		if err := p.d.syncDir(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for _, name := range gone {
		delete(p.known, name)
		p.changed = true
	}
	return p.remember()
}

// compare finds what differs and what is no longer produced.
func (p *publisher) compare() (todo, gone []string, err error) {
	for name, data := range p.files {
		p.look(name)
		current, err := p.current(name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, nil, err
		}
		same := err == nil && current != nil && bytes.Equal(current, data)
		if !same {
			todo = append(todo, name)
		}
		p.expect(name, current, same)
	}
	if !p.opts.Partial {
		for name := range p.known {
			if _, ok := p.files[name]; !ok {
				gone = append(gone, name)
			}
		}
	}
	slices.Sort(todo)
	slices.Sort(gone)
	return todo, gone, nil
}

// expect notes the hashes that the disk may hold from now on, whenever the process dies: the new one and,
// if it is ours, the present one.
func (p *publisher) expect(name string, current []byte, same bool) {
	hash := p.hash(name, p.files[name])
	if hashes := p.known[name]; same && len(hashes) > 0 && hashes[0] == hash {
		return
	}
	hashes := []string{hash}
	if !same && p.ours(name, current) {
		if old := p.hash(name, current); old != hash {
			hashes = append(hashes, old)
		}
	}
	if !slices.Equal(hashes, p.known[name]) {
		p.known[name] = hashes
		p.changed = true
	}
}

// current reads an artifact; what is not a regular file is nil, and never read through.
func (p *publisher) current(name string) ([]byte, error) {
	info, err := p.d.root.Lstat(name)
	if err != nil {
		return nil, disk("read", p.d.at(name), err)
	}
	if !info.Mode().IsRegular() {
		return nil, nil
	}
	data, err := p.d.read(name)
	if data == nil {
		data = []byte{}
	}
	return data, err
}

func (p *publisher) write(name string) error {
	current, err := p.current(name)
	missing := errors.Is(err, fs.ErrNotExist)
	if err != nil && !missing {
		return err
	}
	if seen, ok := p.opts.Seen[name]; ok && !missing && !bytes.Equal(seen, current) {
		p.changes.Stale = append(p.changes.Stale, name)
		return nil
	}
	if !missing && !p.ours(name, current) {
		if err := p.keep(name, current); err != nil {
			return err
		}
	}
	if err := p.replace(name); err != nil {
		return err
	}
	p.changes.Written = append(p.changes.Written, name)
	p.look(name)
	return nil
}

// replace writes one artifact: beside its place, synced, renamed. Its folder is synced once, at the end.
func (p *publisher) replace(name string) error {
	dir := path.Dir(name)
	if err := p.d.mkdir(dir); err != nil {
		return err
	}
	t, err := p.d.stage(dir, 0o644)
	if err != nil {
		return err
	}
	if _, err := t.Write(p.files[name]); err != nil {
		t.abandon()
		return err
	}
	if err := t.seal(); err != nil {
		return err
	}
	if err := p.d.try("rename", name, func() error { return p.d.root.Rename(t.name, name) }); err != nil {
		t.abandon()
		return err
	}
	p.touched(dir)
	return nil
}

// ours says whether the generated part of what is on disk is one that bench wrote.
func (p *publisher) ours(name string, current []byte) bool {
	if current == nil {
		return false
	}
	hash := p.hash(name, current)
	if hashes, ok := p.known[name]; ok {
		return slices.Contains(hashes, hash)
	}
	if hash == p.hash(name, p.files[name]) {
		return true // only people's words differ, and they have been merged
	}
	head := current[:min(len(current), headSize)]
	return p.opts.Marker != "" && bytes.Contains(head, []byte(p.opts.Marker))
}

func (p *publisher) hash(name string, data []byte) string {
	if normalise := p.opts.Normalise[name]; normalise != nil {
		data = normalise(data)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// keep moves a person's file out of the way of ours, under the first of NAME.orig, NAME.orig.2, … that is
// free or holds the same bytes already.
func (p *publisher) keep(name string, current []byte) error {
	orig := name + ".orig"
	for n := 2; ; n++ {
		there, err := p.current(orig)
		if errors.Is(err, fs.ErrNotExist) {
			break
		}
		if err != nil {
			return err
		}
		if current != nil && bytes.Equal(there, current) {
			return nil // kept before, in the same words
		}
		orig = fmt.Sprintf("%s.orig.%d", name, n)
	}
	if err := p.d.rename(name, orig); err != nil {
		return err
	}
	p.changes.Kept = append(p.changes.Kept, orig)
	p.changes.Warnings = append(p.changes.Warnings, fmt.Sprintf(
		"%s is generated, and somebody edited it: the edited file is kept as %s; move what is worth keeping to the study or to TRACKER.md, then remove it",
		p.d.at(name), path.Base(orig)))
	return nil
}

// retire removes an artifact that is no longer produced, unless a person made it theirs.
func (p *publisher) retire(name string) error {
	if validName(name) != nil {
		return nil // a damaged list leads nowhere
	}
	current, err := p.current(name)
	if errors.Is(err, fs.ErrNotExist) {
		return p.prune(path.Dir(name)) // a process died between the file and its folder
	}
	if err != nil {
		return err
	}
	if current == nil || !slices.Contains(p.known[name], p.hash(name, current)) {
		return p.keep(name, current)
	}
	if err := p.d.remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	p.changes.Removed = append(p.changes.Removed, name)
	p.touched(path.Dir(name))
	return p.prune(path.Dir(name))
}

// prune removes folders that are empty now, upwards to the first that is not.
func (p *publisher) prune(dir string) error {
	for ; dir != "."; dir = path.Dir(dir) {
		err := p.d.remove(dir)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case errors.Is(err, syscall.ENOTEMPTY), errors.Is(err, fs.ErrExist), errors.Is(err, syscall.ENOTDIR):
			return nil
		case err != nil:
			return err
		default:
			p.touched(path.Dir(dir))
		}
	}
	return nil
}

func (p *publisher) touched(dir string) {
	if p.synced == nil {
		p.synced = map[string]bool{}
	}
	p.synced[dir] = true
}

func (p *publisher) look(name string) { _, _, _ = p.s.look(p.d.at(name), p.s.fsNow()) }

// remember writes down what is known, if that changed.
func (p *publisher) remember() error {
	if !p.changed {
		return nil
	}
	if err := p.s.writePublished(p.known); err != nil {
		return err
	}
	p.changed = false
	return nil
}

// sweep removes what publishers that were killed left half-way, once a process.
func (p *publisher) sweep() error {
	if p.s.swept {
		return nil
	}
	p.s.swept = true
	dirs := map[string]bool{".": true}
	for name := range p.files {
		dirs[path.Dir(name)] = true
	}
	for dir := range dirs {
		entries, err := fs.ReadDir(p.d.root.FS(), dir)
		if err != nil {
			continue // not there yet
		}
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), tmpPrefix) {
				if err := p.d.remove(path.Join(dir, e.Name())); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (c *Changes) sort() {
	for _, names := range [][]string{c.Written, c.Removed, c.Kept, c.Stale, c.Warnings} {
		slices.Sort(names)
	}
}

// validNames refuses what could leave the folder, or be two files here and one on another system.
func validNames(files map[string][]byte) error {
	folded := make(map[string]string, len(files))
	for name := range files {
		if err := validName(name); err != nil {
			return err
		}
		low := strings.ToLower(name)
		if other, ok := folded[low]; ok {
			return fmt.Errorf("publish %q: it differs from %q in upper and lower case only, and many file systems hold one of the two; rename one", name, other)
		}
		folded[low] = name
	}
	return nil
}

func validName(name string) error {
	if name == "." || !fs.ValidPath(name) || strings.ContainsRune(name, 0) || !filepath.IsLocal(filepath.FromSlash(name)) {
		return fmt.Errorf("publish %q: not a plain relative path", name)
	}
	return nil
}

// readPublished reads what was published. A missing list is empty; so is a damaged one, with a note: then the
// marker decides. One that cannot be read now is an error, or our own files would pass for a person's.
func (s *Store) readPublished() (published, error) {
	data, err := s.folder.read(publishedName)
	if errors.Is(err, fs.ErrNotExist) {
		return published{}, nil
	}
	if err != nil {
		return nil, err
	}
	known := published{}
	if err := json.Unmarshal(data, &known); err != nil || known == nil {
		s.warn("%s is damaged: until they are written again, artifacts are known by their first lines", s.folder.at(publishedName))
		return published{}, nil
	}
	return known, nil
}

func (s *Store) writePublished(known published) error {
	data, err := json.MarshalIndent(known, "", " ")
	if err != nil {
		return fmt.Errorf("write %s: %w", s.folder.at(publishedName), err)
	}
	return s.folder.put(tmpDir, publishedName, 0o644, append(data, '\n'))
}
