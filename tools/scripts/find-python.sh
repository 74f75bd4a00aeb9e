#!/usr/bin/env bash
# Prints the first Python 3 that has numpy: the one on PATH, which may be a
# version manager's without it, or Debian's.
set -euo pipefail
for python in python3 /usr/bin/python3; do
  if "$python" -c 'import numpy' 2> /dev/null; then
    # What runs, not a version manager's shim, which depends on the directory.
    exec "$python" -c 'import sys; print(sys.executable)'
  fi
done
echo "error: expected a python3 with numpy, found none" >&2
exit 1
