#!/bin/sh
# Holds the process executor against hyperfine -N (apt-get install hyperfine), side by side in one run, and prints for each:
# the median of what it measured, how far the middle half (iqr) and the middle nine tenths (p90range) spread, and how long a
# whole session took. Takes about a minute; leave the machine alone meanwhile.
set -eu
cd "$(dirname "$0")"
go test -run '^$' -bench Compare -benchtime 1x . | tr '\t' '\n' | sed 's/^ *//'
