package process

import (
	"time"

	"github.com/benchfile/bench/pipeline"
)

// What goes over the two pipes between bench and its runner, one JSON value a line. bench sends the request and then, for
// each visit, its index. The runner answers the request with a hello and each visit with its run. Nothing is sent while a
// run is on. When bench closes its end, or dies, the runner ends the tree of the run that is on, and itself.
type (
	request struct {
		Job   pipeline.Job  `json:"job"`
		Lock  bool          `json:"lock"` // descriptor 3 is the machine's lock
		Grace time.Duration `json:"grace"`
	}
	order struct {
		Visit int `json:"visit"`
	}
	event struct {
		Hello    *hello        `json:"hello,omitempty"`
		Run      *pipeline.Run `json:"run,omitempty"`
		Error    string        `json:"error,omitempty"` // the runner cannot go on
		Warnings []string      `json:"warnings,omitempty"`
	}
	hello struct {
		Containment string `json:"containment"`
		Floor       int64  `json:"floor"` // bytes: the smallest memory_peak that can be told
	}
)

// lockFD is the descriptor under which the runner, and every command, has the machine's lock.
const lockFD = 3

// defaultLogCap bounds each stream of a run that does not say otherwise.
const defaultLogCap = 16 << 20
