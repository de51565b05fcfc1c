#!/usr/bin/env bash
# tests/pytest.sh PYTHON FILE...
# Runs pytest with the interpreter of the test environment. Without one there is nothing to run: on a developer's
# machine the test is skipped, in CI it fails, because there a missing environment is a fault.
set -euo pipefail

python=$1
shift
if [ ! -x "$python" ]; then
	echo "no test environment at $python: run script/test once, or configure with -DCPGW_PYTHON=..." >&2
	[ -n "${CI:-}" ] && exit 1
	exit 77
fi
# No bytecode and no cache folder in the source tree.
export PYTHONDONTWRITEBYTECODE=1
exec "$python" -m pytest -p no:cacheprovider -q "$@"
