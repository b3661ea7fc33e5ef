// Package version says which bench this is. A plain "bench version" is answered in its init function, before most libraries
// are initialised: package early tells why and how. Its turn comes later than early's, because runtime/debug's does.
package version

import (
	"io"
	"os"
	"runtime/debug"

	"github.com/benchfile/bench/cmd/bench/early"
)

func init() {
	if len(os.Args) == 2 && os.Args[1] == "version" {
		io.WriteString(os.Stdout, Text()+"\n")
		os.Exit(0)
	}
}

// Text is the version for people.
func Text() string {
	if c := Commit(); c != "" {
		return "bench " + early.Version + " (" + c[:min(12, len(c))] + ")"
	}
	return "bench " + early.Version
}

// Commit that this binary was built from; "" when the build did not say.
func Commit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return ""
}
