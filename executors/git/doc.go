// Package git turns a repository into measured trees: the baseline's, with a
// snapshot of uncommitted work, and each variant's, which is the baseline's plus
// exactly its changes. It checks such trees out as worktrees of their own. It is
// the only package that runs git.
//
// It does not know what a hypothesis is, what a tree is measured for, or when a
// result is stale: it takes paths, revisions and patch bytes and gives back object
// ids, patch text and folders.
//
// What it promises, whatever the repository holds:
//
//   - The user's index, HEAD, branches, stash and working tree are never written.
//     Trees are made through an index of our own (GIT_INDEX_FILE) in a folder the
//     caller gives. What is written below .git is objects, refs under
//     refs/bench/keep/ (so that gc keeps what was measured) and the
//     administration of our own worktrees.
//   - Nothing of the repository is executed: no hook, no fsmonitor, no textconv, no
//     external diff, and no filter or merge driver that only the repository's own
//     config defines (well-known ones, LFS and git-crypt, excepted; see config.go).
//   - No argument that came from data can be read as an option: revisions are
//     checked before git is started, paths follow "--" or travel on stdin.
package git
