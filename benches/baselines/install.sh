#!/usr/bin/env bash
# Prepares what the benchmarks measure smsmux with and against. The versions are pinned beside each baseline.
#
#   install.sh [PART...]     PART: h2load go python node; all of them when none is named
#
# What is up to date is left alone, silently. The Go binary and Python's packages go to $SMSMUX_TOOLS/bench; Node's stay
# beside server.mjs, as Node looks for them nowhere else.
set -euo pipefail

GO_MINIMUM=1.26
NODE_MINIMUM=20.18.1

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bench=${SMSMUX_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/smsmux/tools}/bench

say() { echo "benches: $*" >&2; }

die() {
    say "$*"
    exit 1
}

# Runs a command whose output matters only when it fails.
quietly() {
    local log
    log=$(mktemp)
    if ! "$@" >"$log" 2>&1 </dev/null; then
        cat "$log" >&2
        rm -f "$log"
        return 1
    fi
    rm -f "$log"
}

# Whether the first version is the second or later.
at_least() { [[ $(printf '%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]; }

h2load() {
    if type -P h2load >/dev/null; then return; fi
    { type -P dpkg >/dev/null && "$here/../../tests/foreign/debian.sh" nghttp2-client; } ||
        die "install h2load (Debian: nghttp2-client): it makes the load"
}

go() {
    local found
    found=$(cd / && command go env GOVERSION 2>/dev/null) || die "install Go $GO_MINIMUM or later: a baseline is in Go"
    at_least "${found#go}" "$GO_MINIMUM" || die "${found/go/Go } is too old: install $GO_MINIMUM or later"
    # Always: it takes no time when nothing has changed. Nothing from around the module has a say.
    (cd "$here/go" && GOWORK=off GOFLAGS=-mod=readonly quietly command go build -buildvcs=false \
        -o "$bench/go-baseline" .) || die "go could not build the Go baseline"
}

python() {
    local venv=$bench/python
    # The list is copied in last: a venv that has it is complete.
    if cmp -s "$here/python/requirements.txt" "$venv/requirements.txt" && "$venv/bin/python" -c '' 2>/dev/null; then
        return
    fi
    python3 -c 'import ensurepip, venv' 2>/dev/null ||
        die "install Python 3.11 or later with its venv module (Debian: python3-venv): a baseline is in Python"
    say "installing the Python baseline's packages ..."
    rm -rf "$venv"
    quietly python3 -m venv "$venv" || die "python3 could not make a virtual environment"
    quietly "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/python/requirements.txt" ||
        die "pip could not install python/requirements.txt"
    cp "$here/python/requirements.txt" "$venv/requirements.txt"
}

node() {
    local found lock=$here/node/package-lock.json
    found=$(command node --version 2>/dev/null) || die "install Node $NODE_MINIMUM or later: a baseline is in it"
    at_least "${found#v}" "$NODE_MINIMUM" || die "Node ${found#v} is too old: install $NODE_MINIMUM or later"
    # The list is copied in last: packages that have it are complete.
    if cmp -s "$lock" "$here/node/node_modules/package-lock.json"; then return; fi
    say "installing the Node baseline's packages ..."
    quietly npm ci --prefix "$here/node" --ignore-scripts --no-audit --no-fund --loglevel=error ||
        die "npm could not install node/package-lock.json"
    cp "$lock" "$here/node/node_modules/"
}

[[ $# -gt 0 ]] || set -- h2load go python node
mkdir -p "$bench"
# Two runs at once take turns, where the system has flock.
exec 9>"$bench/.lock"
if type -P flock >/dev/null; then flock 9; fi

for part; do
    case $part in
    h2load | go | python | node) "$part" ;;
    *) die "no part is called $part: there are h2load go python node" ;;
    esac
done
