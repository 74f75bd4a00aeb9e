#!/bin/sh
# Builds the runtime and its tools for 64-bit Arm and runs their tests under
# qemu-user, with models that the compiler of preset dev makes for Arm. Needs the
# packages g++-aarch64-linux-gnu, qemu-user and googletest.
set -eu
cd "$(dirname "$0")/../.."
gtest=build/aarch64-gtest
if [ ! -d "$gtest/prefix" ]; then
  cmake -S /usr/src/googletest -B "$gtest" -G Ninja -DBUILD_GMOCK=OFF \
    -DCMAKE_TOOLCHAIN_FILE="$PWD/tools/cmake/aarch64.cmake" \
    -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$PWD/$gtest/prefix"
  cmake --build "$gtest" --target install
fi
cmake --preset aarch64 \
  -DPython3_EXECUTABLE="$(tools/scripts/find-python.sh)" -DGTest_DIR="$PWD/$gtest/prefix/lib/cmake/GTest"
cmake --build --preset aarch64
ctest --preset aarch64 "$@"
