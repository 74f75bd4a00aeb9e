#!/usr/bin/env bash
# Builds ssmc and runs every test, then the runtime's and the tools' tests again
# under the address and undefined-behaviour sanitizers, and once more for 64-bit Arm
# in an emulator. The last line is the sum,
# "N passed, N failed"; the exit status is not 0 unless all passed.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

# Two jobs: translation units that include MLIR need over 1 GB each.
jobs=2
results=build/test-results
rm -rf "$results"
mkdir -p "$results"

# One line that counts, however this ends.
finish() {
  local status=$?
  trap - EXIT
  tools/scripts/count-tests.py "$results" "$@" || status=1
  exit "$status"
}
trap finish EXIT
stop() {
  echo "test: error: $1" >&2
  trap - EXIT
  finish "$1"
}

tools/scripts/setup.sh || stop "setup failed"
python=$(tools/scripts/find-python.sh) || stop "no python3 with numpy"

# check <preset>: configure, build, ctest
check() {
  echo "== $1: build"
  cmake --preset "$1" -DPython3_EXECUTABLE="$python" > "$results/$1.log" || {
    cat "$results/$1.log"
    stop "preset '$1' does not configure"
  }
  cmake --build --preset "$1" -j "$jobs" -- --quiet ||
    stop "preset '$1' does not build"
  echo "== $1: test"
  # lit's tests count one by one, below.
  ctest --preset "$1" -j "$jobs" --timeout 900 --exclude-regex '^lit$' \
    --output-junit "$PWD/$results/$1.xml" > "$results/$1-ctest.log" 2>&1
  tail -n 4 "$results/$1-ctest.log"
  [ -s "$results/$1.xml" ] || stop "ctest left no results for preset '$1'"
}

check dev
echo "== dev: lit"
"$(llvm-config-22 --bindir)"/lit -j "$jobs" -s --xunit-xml-output "$results/lit.xml" \
  build/dev/test
[ -s "$results/lit.xml" ] || stop "lit left no results"
check asan
echo "== aarch64: build and test"
tools/scripts/aarch64.sh -j "$jobs" --timeout 900 \
  --output-junit "$PWD/$results/aarch64.xml" > "$results/aarch64.log" 2>&1
tail -n 4 "$results/aarch64.log"
[ -s "$results/aarch64.xml" ] || stop "ctest left no results for preset 'aarch64'"
