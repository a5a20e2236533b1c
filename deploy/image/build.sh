#!/usr/bin/env bash
# Builds the program of the image and assembles the content of the image in a folder. The program is optimised for size (`profile.image` in
# Cargo.toml), is linked with the C library, and has relocations in few bytes. SQLite leaves out what the store has no use for.
#
#   build.sh FOLDER    FOLDER is made, and must not be there
set -euo pipefail

[[ $# == 1 ]] || {
    echo "build: expected FOLDER" >&2
    exit 1
}
mkdir -p "$(dirname "$1")"
folder=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.."
host=$(rustc -vV | sed -n 's/^host: //p')

RUSTFLAGS="-C target-feature=+crt-static -C link-arg=-Wl,-z,pack-relative-relocs"
# The crate looks for the call in the libraries that are loaded, and would need /dev/urandom where there is none.
export RUSTFLAGS="$RUSTFLAGS --cfg getrandom_backend=\"linux_getrandom\""
unused=(ENABLE_DBSTAT_VTAB ENABLE_FTS3 ENABLE_FTS3_PARENTHESIS ENABLE_FTS5 ENABLE_RTREE)
LIBSQLITE3_FLAGS="${unused[*]/#/-USQLITE_}"
export LIBSQLITE3_FLAGS
# With its target named, the flags are those of the program and not of what builds it.
cargo build --profile image --locked --bin smsmux --target "$host"
"$here/assemble.sh" "${CARGO_TARGET_DIR:-target}/$host/image/smsmux" "$folder"
