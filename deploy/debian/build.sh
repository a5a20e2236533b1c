#!/usr/bin/env bash
# Builds the Debian package: the program, its unit, manual pages, completions and a sample of the configuration. The same commit
# makes the same bytes.
#
#   build.sh [--profile dev]    prints the path of the package; `dev` takes the program of `cargo build`
#
# cargo-deb is pinned here and installed once, into $SMSMUX_TOOLS/bin.
set -euo pipefail

CARGO_DEB=3.8.0

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
tools=${SMSMUX_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/smsmux/tools}
target=${CARGO_TARGET_DIR:-target}

die() {
    echo "deb: $*" >&2
    exit 1
}

case ${*:-} in
"") profile=release ;;
"--profile dev") profile=dev ;;
*) die "expected nothing or --profile dev" ;;
esac

if [[ $("$tools/bin/cargo-deb" --version 2>/dev/null) != *"$CARGO_DEB"* ]]; then
    echo "deb: installing cargo-deb $CARGO_DEB (1 to 3 minutes) ..." >&2
    # From /, so that no configuration or toolchain file of a project has a say.
    (cd / && unset CARGO_TARGET_DIR RUSTFLAGS && cargo install --quiet --locked --force cargo-deb --version "$CARGO_DEB" --root "$tools")
fi
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
if [[ $profile == release ]]; then
    SMSMUX_COMMIT=$(git rev-parse --short=12 HEAD)
    export SMSMUX_COMMIT
fi
# The whole workspace, as the tests of the clients build it.
cargo build --quiet --locked --profile "$profile"
program=$target/${profile/#dev/debug}/smsmux
# cargo-deb finds the assets of Cargo.toml there.
rm -rf target/package
mkdir -p target/package/completions
cp "$program" target/package/smsmux
[[ $profile == release ]] || strip target/package/smsmux
"$program" man target/package/man
for shell in bash zsh fish; do
    "$program" completions "$shell" >"target/package/completions/$shell"
done
rm -f "$target"/debian/smsmux_*.deb
fast=()
[[ $profile == release ]] || fast=(--fast)
"$tools/bin/cargo-deb" --quiet "${fast[@]}" --no-build --no-strip --output "$target/debian/"
