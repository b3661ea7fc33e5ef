#!/bin/sh
# Builds sensors. CC, CFLAGS and LDFLAGS as in any Makefile; -Os as it was always built.
set -eu
# shellcheck disable=SC2086
exec ${CC:-cc} -Wall -Wextra ${CFLAGS:--Os} -o sensors sensors.c ${LDFLAGS:-} -lm
