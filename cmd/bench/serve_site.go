package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"html"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"strconv"
	"strings"
	"syscall"
)

// site is the written report. Its bytes are served as they lie on the disk; nothing is made for the server alone.
type site struct {
	root string // the study's folder
	dir  string // of the report, for people
}

// maxServed is more than any file of a report has.
const maxServed = 256 << 20

// contentType knows the files that a report is made of. All others are text, whatever is in them: logs above all.
func contentType(ext string) string {
	switch ext {
	case ".html":
		return "text/html; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".json":
		return "application/json"
	}
	return "text/plain; charset=utf-8"
}

// serve answers with a file.
func (s *site) serve(rw http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/")
	if name == "" {
		name = "index.html"
	}
	data, info, err := s.read(name)
	if err != nil {
		s.missing(rw, name)
		return
	}
	h := rw.Header()
	tag := etag(data)
	h.Set("ETag", tag)
	h.Set("Last-Modified", info.ModTime().UTC().Format(http.TimeFormat))
	if has(r.Header.Get("If-None-Match"), tag) {
		rw.WriteHeader(http.StatusNotModified)
		return
	}
	ext := path.Ext(name)
	h.Set("Content-Type", contentType(ext))
	if ext == ".svg" {
		h.Set("Content-Security-Policy", strings.Replace(policy, "style-src 'self'", "style-src"+styles(data), 1))
	}
	h.Set("Content-Length", strconv.Itoa(len(data)))
	if r.Method != http.MethodHead {
		_, _ = rw.Write(data) // whoever went away needs no answer
	}
}

// missing answers when there is no such file. As long as there is no report at all, the page asks again by itself.
func (s *site) missing(rw http.ResponseWriter, name string) {
	if name != "index.html" {
		refuse(rw, http.StatusNotFound, "there is no such file in the report")
		return
	}
	h := rw.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Refresh", "5")
	h.Set("Retry-After", "5")
	rw.WriteHeader(http.StatusServiceUnavailable)
	fmt.Fprintf(rw, "<!doctype html><html lang=\"en\"><title>No report yet</title><h1>No report yet</h1><p>There is none in <code>%s</code>. <code>bench apply</code> writes it; this page looks again every 5 seconds.</p></html>\n",
		html.EscapeString(s.dir))
}

var errNotServed = errors.New("not served")

// read reads a file of the report. What its pages link to beside the report (patches, profiles) is found below the same
// names: a browser can't go above the top.
func (s *site) read(name string) ([]byte, fs.FileInfo, error) {
	if !servable(name) {
		return nil, nil, errNotServed
	}
	data, info, err := s.readBelow(artifactsDir+"/report", name)
	if errors.Is(err, fs.ErrNotExist) && strings.HasPrefix(name, "experiments/") {
		return s.readBelow(artifactsDir, name)
	}
	return data, info, err
}

// servable says whether a name can be one of a report's files at all: plain, relative, with nothing hidden in it.
func servable(name string) bool {
	if !fs.ValidPath(name) || name == "." || strings.ContainsAny(name, "\\:") {
		return false
	}
	for _, r := range name {
		if r < ' ' || r == 0x7f {
			return false
		}
	}
	for part := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(part, ".") {
			return false
		}
	}
	return true
}

// readBelow reads a regular file below a folder of the study that is none of the links that a repository may hold, and
// nothing outside of it, whatever its own links say. The folder is opened each time, for it may be made anew any time.
func (s *site) readBelow(dir, name string) ([]byte, fs.FileInfo, error) {
	study, err := os.OpenRoot(s.root)
	if err != nil {
		return nil, nil, err
	}
	defer study.Close()
	for at := dir; at != "."; at = path.Dir(at) {
		if info, err := study.Lstat(at); err != nil {
			return nil, nil, err
		} else if !info.IsDir() {
			return nil, nil, errNotServed
		}
	}
	root, err := study.OpenRoot(dir)
	if err != nil {
		return nil, nil, err
	}
	defer root.Close()
	if info, err := root.Lstat(name); err != nil {
		return nil, nil, err
	} else if !info.Mode().IsRegular() {
		return nil, nil, errNotServed
	}
	f, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxServed {
		return nil, nil, errors.Join(err, errNotServed)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxServed))
	return data, info, err
}

// etag names content.
func etag(data []byte) string {
	sum := sha256.Sum256(data)
	return `"` + hex.EncodeToString(sum[:16]) + `"`
}

// has says whether a tag is among those that a browser has.
func has(have, tag string) bool {
	for t := range strings.SplitSeq(have, ",") {
		if t = strings.TrimPrefix(strings.TrimSpace(t), "W/"); t == tag || t == "*" {
			return true
		}
	}
	return false
}

// styles lets a drawing that is a page of its own use the style that it brings along, and no other.
func styles(svg []byte) string {
	out := ""
	for {
		_, rest, ok := bytes.Cut(svg, []byte("<style>"))
		if !ok {
			break
		}
		var style []byte
		if style, svg, ok = bytes.Cut(rest, []byte("</style>")); !ok {
			break
		}
		sum := sha256.Sum256(style)
		out += " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	if out == "" {
		return " 'none'"
	}
	return out
}
