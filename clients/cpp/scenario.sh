#!/usr/bin/env bash
# Installs the library into a folder of its own and runs with it the scenario (../scenario/README.md), the example, and what
# README.md says, on Debian's gRPC.
# What was built is kept in $SMSMUX_TOOLS/clients-cpp until a source changes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

xargs ../../tests/foreign/debian.sh <scenario/packages.txt

built=${SMSMUX_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/smsmux/tools}/clients-cpp
stamp=$({ find . ../../proto -type f ! -name README.md -print0 | LC_ALL=C sort -z | xargs -0 sha256sum; dpkg-query -W libgrpc++-dev g++; } | sha256sum)
if [[ $(cat "$built/stamp" 2>/dev/null) != "$stamp" ]]; then
    # CMake does not build from another folder where it has built before.
    grep -qsxF "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" "$built/library/CMakeCache.txt" || rm -rf "$built"
    mkdir -p "$built"
    {
        # Without optimization, for it takes much longer to compile than to run.
        cmake -S . -B "$built/library" -DCMAKE_CXX_FLAGS=-O0 -DCMAKE_INSTALL_PREFIX="$built/installed"
        cmake --build "$built/library" --parallel "$(nproc)"
        cmake --install "$built/library"
        for program in scenario example; do
            cmake -S "$program" -B "$built/$program" -DCMAKE_CXX_FLAGS=-O0 -DCMAKE_PREFIX_PATH="$built/installed"
            cmake --build "$built/$program"
        done
    } >"$built/log" 2>&1 || { tail -n 50 "$built/log" >&2; exit 1; }
    echo "$stamp" >"$built/stamp"
fi
"$built/scenario/scenario"
"$built/example/send" "$SMSMUX_ADDRESS" "$SMSMUX_KEY"
CMAKE_PREFIX_PATH=$built/installed CXXFLAGS=-O0 ../paste.sh cpp
