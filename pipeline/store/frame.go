package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// The two caches (stat, settled) share one binary form, made to be loaded in one read without parsing:
//
//	magic line, CRC-32C of the rest (4 bytes), fields
//
// Fields are little-endian numbers of fixed width and texts behind their length, so that no two sets of
// fields have the same bytes.

const statSize = 4 + 5*8 // bytes of a Stat

type frameWriter struct {
	magic string
	bytes []byte
}

func newFrame(magic string) *frameWriter {
	return &frameWriter{magic: magic, bytes: append([]byte(magic), 0, 0, 0, 0)}
}

func (w *frameWriter) u32(v uint32) { w.bytes = binary.LittleEndian.AppendUint32(w.bytes, v) }
func (w *frameWriter) u64(v uint64) { w.bytes = binary.LittleEndian.AppendUint64(w.bytes, v) }

func (w *frameWriter) text(s string) {
	w.u64(uint64(len(s)))
	w.bytes = append(w.bytes, s...)
}

func (w *frameWriter) flag(v bool) {
	b := byte(0)
	if v {
		b = 1
	}
	w.bytes = append(w.bytes, b)
}

func (w *frameWriter) stat(st Stat) {
	w.u32(st.Mode)
	w.u64(uint64(st.Size))
	w.u64(uint64(st.Mtime))
	w.u64(uint64(st.Ctime))
	w.u64(st.Ino)
	w.u64(st.Dev)
}

// done sets the checksum and gives the bytes.
func (w *frameWriter) done() []byte {
	body := w.bytes[len(w.magic)+4:]
	binary.LittleEndian.PutUint32(w.bytes[len(w.magic):], crc32.Checksum(body, castagnoli()))
	return w.bytes
}

// frameReader takes fields off; the first one that does not fit is remembered, and everything after it
// reads as zero.
type frameReader struct {
	body string // texts share its memory
	bad  bool
}

var (
	errFrame     = errors.New("cut short or of another version")
	errFrameSum  = errors.New("its checksum is wrong")
	errFrameBody = errors.New("its fields do not fit")
)

func openFrame(magic string, data []byte) (*frameReader, error) {
	if len(data) < len(magic)+4 || string(data[:len(magic)]) != magic {
		return nil, errFrame
	}
	body := data[len(magic)+4:]
	if crc32.Checksum(body, castagnoli()) != binary.LittleEndian.Uint32(data[len(magic):]) {
		return nil, errFrameSum
	}
	return &frameReader{body: string(body)}, nil
}

func (r *frameReader) take(n int) string {
	if r.bad || n < 0 || n > len(r.body) {
		r.bad = true
		return ""
	}
	part := r.body[:n]
	r.body = r.body[n:]
	return part
}

func (r *frameReader) u32() uint32 {
	b := r.take(4)
	if r.bad {
		return 0
	}
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
}

func (r *frameReader) u64() uint64 {
	lo := uint64(r.u32())
	return lo | uint64(r.u32())<<32
}

func (r *frameReader) flag() bool {
	b := r.take(1)
	if !r.bad && b[0] > 1 {
		r.bad = true
	}
	return !r.bad && b[0] == 1
}

func (r *frameReader) text() string {
	n := r.u64()
	if n > uint64(len(r.body)) {
		r.bad = true
		return ""
	}
	return r.take(int(n))
}

// count reads how many items follow, each of at least that many bytes.
func (r *frameReader) count(least int) int {
	n := r.u64()
	if n > uint64(len(r.body)/least) {
		r.bad = true
		return 0
	}
	return int(n)
}

func (r *frameReader) stat() Stat {
	return Stat{
		Mode: r.u32(), Size: int64(r.u64()), Mtime: int64(r.u64()), Ctime: int64(r.u64()),
		Ino: r.u64(), Dev: r.u64(),
	}
}

func (r *frameReader) done() error {
	if r.bad {
		return errFrameBody
	}
	if len(r.body) > 0 {
		return fmt.Errorf("%w: %d bytes too many", errFrameBody, len(r.body))
	}
	return nil
}
