#!/usr/bin/env bash
# Builds the crate and runs with it the scenario (../scenario/README.md), the example, and what README.md says.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
# What is pasted is built with the same versions, in the same folder.
PASTE_FOLDER=$(mktemp -d)
export PASTE_FOLDER CARGO_TARGET_DIR=$PWD/target
trap 'rm -rf "$PASTE_FOLDER"' EXIT
cp Cargo.lock "$PASTE_FOLDER/"
cargo run --quiet --locked --package smsmux-scenario
cargo run --quiet --locked --example send
../paste.sh rust
