package early

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/benchfile/bench/pipeline/store"
)

// The no-op path. An apply that found nothing to do leaves a memo: every file that it looked at, with its stat record,
// and what it said. The next apply in the same environment that finds every one of those files as it was would find
// the same, so it says the same and ends: one stat a file, nothing read, nothing written. Whatever differs, even
// harmlessly, leads to the long way.

// settled is what an apply with these flags says, if its memo still holds.
func settled(flags []string) (message string, ok bool) {
	for _, f := range flags {
		if f != "--auto-approve" && f != "-auto-approve" {
			return "", false
		}
	}
	here, err := os.Getwd()
	if err != nil {
		return "", false
	}
	path, _ := Find(here)
	if path == "" {
		return "", false
	}
	s, err := store.OpenReadOnly(filepath.Join(filepath.Dir(path), ".bench"))
	if err != nil {
		return "", false
	}
	defer s.Close()
	memo, ok := s.ReadSettled()
	if !ok || memo.Fingerprint != Fingerprint(path) || !s.Unchanged(memo.Looks) {
		return "", false
	}
	return memo.Message, true
}

// Fingerprint is everything that a plan rests on and that is no file with a stat record: this bench, the Benchfile's
// place, the environment, and the machine.
func Fingerprint(benchfile string) string {
	self, _ := os.Executable()
	name, _ := os.Hostname()
	env := slices.DeleteFunc(os.Environ(), func(kv string) bool {
		n, _, _ := strings.Cut(kv, "=")
		return slices.Contains([]string{"_", "SHLVL", "OLDPWD", "PWD", "COLUMNS", "LINES", "WINDOWID"}, n)
	})
	slices.Sort(env)
	var all []byte
	for _, part := range slices.Concat([]string{"settled 2", Version, self, benchfile, name}, machine(), env) {
		all = strconv.AppendInt(all, int64(len(part)), 10) // no two lists of parts have the same bytes
		all = append(append(all, ':'), part...)
	}
	sum := sha256.Sum256(all)
	return hex.EncodeToString(sum[:])
}

// machine is what keys hold of the machine: all of it is as it was while it is up, but for what can be changed meanwhile.
// A file that is not there is empty.
func machine() []string {
	var parts []string
	for _, name := range [...]string{
		"/proc/sys/kernel/random/boot_id",
		"/sys/devices/system/cpu/online",
		"/sys/fs/cgroup/cpu.max", // a container's limit
		"/proc/driver/nvidia/version",
	} {
		b, _ := os.ReadFile(name)
		parts = append(parts, string(b))
	}
	var info syscall.Sysinfo_t
	_ = syscall.Sysinfo(&info) // it fails for bad addresses only
	return append(parts, strconv.FormatUint(uint64(info.Totalram)*uint64(info.Unit)>>30, 10))
}
