package store

// children are what the test binary does when it is its own second process.
var children = map[string]func(dir string) error{}
