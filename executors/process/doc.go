// Package process is the built-in executor: it runs commands on this machine, one after another, and measures them. It
// knows nothing of plans, verdicts or stores; it does not know what its numbers mean.
//
// # Three processes
//
// bench (the coordinator: Executor) plans, records and draws. While a run is on it is blocked in one read.
//
// The runner (bench re-executed: Main) holds one batch. It prepares each run, sleeps while the run is on, reads what it
// cost, ends what is left of it and reports. It leads its own session, is the reaper of everything that the runs leave
// behind, and ends the run's tree and itself when bench is gone: the pipe from bench says so, even after kill -9.
//
// The spawner is forked from the runner and never executes anything but a tape of system calls (tape_linux_*.s): read the
// clock, vfork, exec, wait, read the clock. Short runs it makes in bursts, one right after the other, as long as each ended
// well, wrote nothing and left nobody behind; the runner sleeps through a burst. The spawner has given nearly all its memory
// back. That is what makes the numbers right:
//
//   - a process's ru_maxrss begins at the size of the process that spawned it (the kernel carries the high-water mark of
//     the old address space over exec), so a spawner of a few dozen kB is the only way to see how big a small program is;
//   - there is no collector, scheduler, allocation or signal handler between the two clock reads, for there is no Go.
//
// # What a number means
//
//	time          seconds from just before vfork to the return of waitid, CLOCK_MONOTONIC
//	user, system  seconds, of the command and the descendants it waited for (waitid's rusage)
//	cpu           user + system
//	memory_peak   bytes: the largest resident set of any one process of the command that was waited for. Not a sum over
//	              processes, and not what a memory cgroup says: that counts the page cache of files the command wrote
//	voluntary_switches, involuntary_switches, minor_faults, major_faults   counts, from the same rusage
//	instructions, cycles, cache_misses, branch_misses   counts in user mode, of all descendants; only when asked for
//	exit_code     of a command that exited
//
// # What a command finds
//
// Standard input is /dev/null. Standard output and standard error are files that it can append to, in memory where there is
// enough of it (see stream): head and tail of what it wrote are kept, and what was cut is said. It leads a process group of
// its own, has no terminal, and every signal has its default action.
//
// # A run that is held up
//
// A run has no time, says why, and still ends well when its command was stopped (the spawner hears of each stop), when the
// spawner was stopped, when the machine was suspended, and when the runner woke more than half a second too late; that is sure
// to be seen of a stop of the runner, or of all processes, that is longer than a second and a half. A stop of a process that
// the command started is seen by looking, at most once a second, and only noted: it may be meant so.
package process
