#!/usr/bin/env bash
# tests/sanitized.sh PREFIX COMMAND...
# Runs a test so that no finding of a sanitizer is lost: Criterion passes a test that leaks, and a test that only
# watches a server may never see how it ended. Every process writes what it found to PREFIX.PID; if one did, the test
# fails. A process that is killed from outside while it looks for its leaks says only that its threads are gone, which
# is no finding.
set -euo pipefail

prefix=$1
shift
mkdir -p "$(dirname "$prefix")"
rm -f "$prefix".*

export ASAN_OPTIONS="log_path=$prefix:detect_stack_use_after_return=1:strict_string_checks=1"
export UBSAN_OPTIONS="log_path=$prefix:print_stacktrace=1"

status=0
"$@" || status=$?

for finding in "$prefix".*; do
	if [ -e "$finding" ] && grep -qv 'Unable to get registers from thread' "$finding"; then
		cat "$finding"
		status=1
	fi
done
exit "$status"
