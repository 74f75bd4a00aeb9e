#!/usr/bin/env bash
# Installs the Debian packages that building and testing ssmc needs, as far as
# they are missing. Debian 12 has all of them, LLVM 22 in bookworm-security.
set -euo pipefail
cd "$(dirname "$0")/../.."

compiler=(
  libmlir-22-dev mlir-22-tools llvm-22-dev llvm-22-tools clang-22 lld-22
  liblld-22-dev libclang-rt-22-dev clang-format-22
)
libraries=(
  libflatbuffers-dev flatbuffers-compiler libcli11-dev libxxhash-dev
  libsimdjson-dev nlohmann-json3-dev libpcre2-dev
)
build=(cmake ninja-build ccache g++ git)
# OpenBLAS is what matrix products are timed against; qemu runs the aarch64 code.
test=(
  libgtest-dev libgmock-dev libopenblas-dev qemu-user g++-aarch64-linux-gnu
)
packages=("${compiler[@]}" "${libraries[@]}" "${build[@]}" "${test[@]}")
# A numpy that some python3 has already is as good as Debian's.
tools/scripts/find-python.sh > /dev/null 2>&1 ||
  packages+=(python3 python3-numpy)

installed=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' \
  "${packages[@]}" 2> /dev/null || true)
missing=()
for package in "${packages[@]}"; do
  [[ $'\n'$installed$'\n' == *$'\n'"$package installed"$'\n'* ]] ||
    missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  echo "setup: all ${#packages[@]} packages are installed"
  exit 0
fi

echo "setup: installing ${missing[*]}"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo > /dev/null || {
    echo "setup: error: expected to be root or to have sudo, to run:" \
      "apt-get install ${missing[*]}" >&2
    exit 1
  }
  as_root=(sudo)
fi
# The lists may be old or absent, and then the packages seem not to exist.
"${as_root[@]}" apt-get update -q
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -q -y --no-install-recommends "${missing[@]}"
