package process

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// hush keeps bench's own collector from working while runs are on: marking a large heap goes on long after the allocation
// that set it off. Between runs it may collect, when there is enough to make it worth the pause.
type hush struct {
	before int // the percentage to go back to
	sample []metrics.Sample
	last   uint64
}

// hushGarbage is how much may pile up between collections.
const hushGarbage = 64 << 20

func newHush() *hush {
	h := &hush{before: debug.SetGCPercent(-1), sample: []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}}
	h.last = h.allocated()
	return h
}

func (h *hush) allocated() uint64 {
	metrics.Read(h.sample)
	return h.sample[0].Value.Uint64()
}

// collect is called between runs.
func (h *hush) collect() {
	if now := h.allocated(); now-h.last > hushGarbage {
		runtime.GC()
		h.last = now
	}
}

func (h *hush) end() { debug.SetGCPercent(h.before) }
