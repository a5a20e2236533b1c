#!/usr/bin/env bash
# Runs every test program and the clients' scenarios, the later ones also when an earlier one fails, and says at the end
# what failed.
#
#   run.sh [LANGUAGE...]     LANGUAGE: a folder of clients/ whose scenario is run
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

failed=()
log=$(mktemp)
beside=$(mktemp)
trap 'rm -f "$log" "$beside"' EXIT
# What runs in the background does not see an interrupt.
trap 'kill 0' INT

# Runs a command under a name. Of those that fail, the tests that cargo names are listed too.
step() {
    local name=$1
    shift
    printf '\n== %s: %s\n' "$name" "$*"
    if "$@" 2>&1 | tee "$log"; then return; fi
    failed+=("$name")
    local test
    while read -r test; do
        failed+=("  $test")
    done < <(awk '/^ +Running /{ program = $2 == "unittests" ? $3 " " $4 : $2 } /^test .* FAILED$/{ print program ": " $2 }' "$log")
}

# Prints what ran beside the other tests, and returns its exit code.
ended() {
    cat "$beside"
    return "$1"
}

# Most tests wait most of their time, for time limits, leases and processes: more of them than cores run at a time.
export RUST_TEST_THREADS=${RUST_TEST_THREADS:-$(($(getconf _NPROCESSORS_ONLN) + 2))}

# What tests/it/samples sends with.
export SMSMUX_CLIENTS="$*"

features=foreign-clients,fuzzing
# One program after the other leaves the cores idle while tests wait. The faults have the lower priority: no lease runs out
# because they are late.
nice -n 5 cargo test --locked --features "$features" --test faults >"$beside" 2>&1 &
faults=$!
step "tests" cargo test --locked --no-fail-fast --features "$features" -- --skip whatever_goes_wrong
code=0
wait "$faults" || code=$?
step "faults" ended "$code"
step "checks of the benchmarks" cargo test --locked --features "$features" --bench wire
# They call the server that the tests were built with.
[[ $# == 0 ]] || step "clients" clients/test.sh "$@"

if [[ ${#failed[@]} -gt 0 ]]; then
    printf '\nFAILED after %d s:\n' "$SECONDS"
    printf '  %s\n' "${failed[@]}"
    exit 1
fi
printf '\nevery test passed in %d s\n' "$SECONDS"
