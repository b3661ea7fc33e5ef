// Package store is the disk: it keeps results so that what was recorded once is there after a
// crash, and what is damaged is noticed before it is believed.
//
// It does not know what a result means, what a step is, or when anything should run. Records and
// events are bytes to it; keys and sums are lower-case hex SHA-256.
//
//	.bench/
//	├── .gitignore           "*": git ignores the folder without a word in the user's own files
//	├── lock  lock.json      who works here (flock; the text is for people only)
//	├── journal.jsonl        what happened, one line each, append only
//	├── actions/ab/KEY.json  one result, readable, with its own SHA-256
//	├── blobs/ab/SHA256      bytes under their SHA-256, mode 0444
//	├── stat                 path and stat record → SHA-256: a cache of hashing
//	├── settled              "nothing to do, and these files say so": a cache of planning
//	├── published            what was last written to benchmarks/, to know hand edits from our own
//	├── quarantine/          what failed its check, kept for people to look at
//	├── work/                the engine's worktrees
//	└── tmp/                 files on their way; nobody's once the repository lock is free
//
// # Writing
//
// Everything but the journal is written by one protocol (stage, commit): a new file with O_EXCL,
// every write's count checked, fsync, close checked, rename, fsync of the folder, and for results a
// read back. A reader sees the old file or the new one, never half of one. An error of fsync means
// that the file is abandoned: Linux reports a lost page once, so a second fsync would lie.
//
// # Reading
//
// Nothing is believed unread: a blob must hash to its name, an action to the sum inside it, a journal
// line to its CRC-32C. What does not is a miss with a reason (ErrDamaged), moved to quarantine by a
// store that may write, and never deleted.
//
// # One writer
//
// A process that opens a store for writing holds LockRepo first. A store opened by OpenReadOnly
// writes nothing and repairs nothing, and needs no lock.
package store
