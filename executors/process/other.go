//go:build !linux || !(amd64 || arm64)

package process

import (
	"fmt"
	"os"
	"runtime"
)

// Main says that there is no runner for this system: what it measures, and how it holds a run's processes, is Linux's.
func Main(_, _ *os.File) int {
	fmt.Fprintf(os.Stderr, "the process executor measures on linux/amd64 and linux/arm64; this is %s/%s: use another executor here\n",
		runtime.GOOS, runtime.GOARCH)
	return 1
}
