#!/bin/sh
# Holds the process executor against hyperfine -N (apt-get install hyperfine): a session of the one, a session of the other,
# in turns. Prints of the median that they measured, of the spread (middle half, standard deviation) and of how long the whole
# session took: what each got in the median of 20 sessions, the median of the ratios of neighbours, and in how many of them
# bench was not worse. Takes about two minutes; leave the machine alone meanwhile.
set -eu
cd "$(dirname "$0")"
go test -run '^$' -bench Compare -benchtime 1x . | grep -E 'bench +hyperfine|µs|ms|^$|SKIP|FAIL'
