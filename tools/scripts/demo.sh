#!/usr/bin/env bash
# From a checkpoint to text: builds the compiler, imports the small Mamba in
# examples/tiny-mamba, compiles it, and lets it write. Takes a prompt as its
# argument; installs Debian packages that are missing.
set -euo pipefail
cd "$(dirname "$0")/../.."
export LC_ALL=C
prompt=${1:-$'def __repr__(self):\n        return '}
tools=build/dev/bin
work=build/demo
mkdir -p "$work"

# stage <name> <what> <command...>: runs the command, then prints its time
stage() {
  local name=$1 what=$2 begin=$EPOCHREALTIME
  shift 2
  "$@"
  awk -v name="$name" -v what="$what" -v begin="$begin" \
    -v end="$EPOCHREALTIME" \
    'BEGIN { printf "%-9s %7.2f s  %s\n", name, end - begin, what }'
}

configure_and_build() {
  local python
  python=$(tools/scripts/find-python.sh)
  cmake --preset dev -DPython3_EXECUTABLE="$python" > "$work/configure.log" || {
    cat "$work/configure.log"
    return 1
  }
  # On a terminal ninja shows how far it is in one line.
  local quiet=()
  [ -t 1 ] || quiet=(-- --quiet)
  cmake --build --preset dev -j 2 --target ssmc ssmc-import ssmc-generate \
    "${quiet[@]}"
}

bytes_of() { stat -c %s "$1"; }

stage install "Debian packages" tools/scripts/setup.sh
stage build "the compiler and its tools, in build/dev" configure_and_build
stage import "examples/tiny-mamba -> $work/tiny-mamba.mlir" \
  "$tools/ssmc-import" examples/tiny-mamba -o "$work/tiny-mamba.mlir"
stage compile "-> $work/tiny-mamba.fb" \
  "$tools/ssmc" "$work/tiny-mamba.mlir" -o "$work/tiny-mamba.fb"

echo
echo "checkpoint $(bytes_of examples/tiny-mamba/model.safetensors) bytes," \
  "artifact $(bytes_of "$work/tiny-mamba.fb") bytes"
echo
echo "---- the prompt and what the model makes of it"
printf '%s' "$prompt"
"$tools/ssmc-generate" "$work/tiny-mamba.fb" --prompt "$prompt" \
  --max-new-tokens=160 --stats 2> "$work/generate.log" || {
  cat "$work/generate.log" >&2
  exit 1
}
echo
echo "----"
sed 's/^ssmc-generate: //' "$work/generate.log"
