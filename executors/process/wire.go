package process

import (
	"time"

	"github.com/benchfile/bench/pipeline"
)

// What goes over the two pipes between bench and its runner: to it one JSON value a line, back a stream of gob, in which a
// run costs a fifth of what it does in JSON. bench sends the request and then orders, each for a stretch of visits. The
// runner answers the request with a hello and each order with the runs it made: at least one, and as many more as fit into
// a moment (see turn). Nothing is sent while a run is on. When bench closes its end, or dies, the runner ends the tree of
// the run that is on, and itself.
type (
	request struct {
		Job   pipeline.Job  `json:"job"`
		Lock  bool          `json:"lock"` // descriptor 3 is the machine's lock
		Grace time.Duration `json:"grace"`
	}
	order struct {
		From  int `json:"from"`  // the first visit
		Until int `json:"until"` // the one after the last
	}
	event struct {
		Hello *hello
		Runs  []pipeline.Run
		Error string // the runner cannot go on
	}
	hello struct {
		Containment string
		Floor       int64 // bytes: the smallest memory_peak that can be told
	}
)

// The runner goes on without reporting for at most a turn, and only to a command that took less than shortRun the last
// time. To wake bench between any two runs of a millisecond would cost more than it tells and disturb the caches of the
// next one; what may take longer is reported one by one, so that nobody waits for news of a run that is done.
const (
	turn     = 50 * time.Millisecond
	shortRun = 10 * time.Millisecond
)

// lockFD is the descriptor under which the runner, and every command, has the machine's lock.
const lockFD = 3

// defaultLogCap bounds each stream of a run that does not say otherwise.
const defaultLogCap = 16 << 20
