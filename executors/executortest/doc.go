// Package executortest is for tests: Suite is the conformance suite that every executor runs, Roles are the processes it
// runs them on (the test binary, executed again), Fake is an executor that runs nothing. It knows no particular executor.
package executortest
