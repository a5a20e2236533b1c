#!/usr/bin/env bash
# Installs the tools of the tests and checks into $SMSMUX_TOOLS, at the versions pinned here and in requirements.txt.
#
#   install.sh [TOOL...]     TOOL: grpcurl health-probe python buf codespell cargo-deny; all of them when none is named
#
# What is there at the right version is left alone, silently. Binaries go to $SMSMUX_TOOLS/bin, Python, buf and codespell to
# $SMSMUX_TOOLS/venv/bin.
set -euo pipefail

GRPCURL=v1.9.4
CARGO_DENY=0.20.2
GO_MINIMUM=1.25

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tools=${SMSMUX_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/smsmux/tools}
venv=$tools/venv

say() { echo "tools: $*" >&2; }

die() {
    say "$*"
    exit 1
}

# Whether the command prints the version, as a whole word, when asked for it.
is_at() {
    local version=$1
    shift
    [[ -x $1 && " $("$@" 2>&1 </dev/null | head -n 1) " == *[[:space:]]"$version"[[:space:]]* ]]
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

need_go() {
    local found
    found=$(cd / && go env GOVERSION 2>/dev/null) || die "install Go $GO_MINIMUM or later: gRPC test clients are built with it"
    at_least "${found#go}" "$GO_MINIMUM" ||
        die "${found/go/Go } is too old: install $GO_MINIMUM or later, gRPC test clients are built with it"
}

need_venv() {
    python3 -c 'import ensurepip, ssl, venv' 2>/dev/null || { command -v dpkg >/dev/null && "$here/debian.sh" python3 python3-venv; } ||
        die "install Python 3.10 or later with its venv module (Debian: python3-venv): a gRPC test client is in Python"
}

grpcurl() {
    is_at "$GRPCURL" "$tools/bin/grpcurl" -version && return
    need_go
    say "installing grpcurl $GRPCURL (about a minute) ..."
    # From /, so that no go.mod or go.work has a say.
    (cd / && GOBIN=$tools/bin quietly go install -ldflags "-X main.version=$GRPCURL" \
        "github.com/fullstorydev/grpcurl/cmd/grpcurl@$GRPCURL") || die "go could not install grpcurl $GRPCURL"
}

health_probe() {
    local source=$here/health-probe version
    version=$(cat "$source"/{main.go,go.mod,go.sum} | cksum | cut -d ' ' -f 1)
    is_at "$version" "$tools/bin/health-probe" -version && return
    need_go
    say "building health-probe (up to half a minute) ..."
    (cd "$source" && GOWORK=off quietly go build -buildvcs=false -ldflags "-X main.version=$version" \
        -o "$tools/bin/health-probe" .) || die "go could not build health-probe"
}

python() {
    # The list is copied in last: a venv that has it is complete.
    if cmp -s "$here/requirements.txt" "$venv/requirements.txt" && "$venv/bin/python" -c '' 2>/dev/null; then
        return
    fi
    need_venv
    say "installing the Python packages of requirements.txt (up to a minute) ..."
    rm -rf "$venv"
    quietly python3 -m venv "$venv" || die "python3 could not make a virtual environment"
    quietly "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt" ||
        die "pip could not install requirements.txt"
    cp "$here/requirements.txt" "$venv/requirements.txt"
}

cargo_deny() {
    is_at "$CARGO_DENY" "$tools/bin/cargo-deny" --version && return
    command -v cargo >/dev/null || die "install Rust with rustup: cargo is missing"
    say "installing cargo-deny $CARGO_DENY (3 to 5 minutes on two cores) ..."
    # From /, so that no configuration or toolchain file of a project has a say; its target folder is its own.
    (cd / && unset CARGO_TARGET_DIR RUSTFLAGS && quietly cargo install cargo-deny --locked --force \
        --version "$CARGO_DENY" --root "$tools") || die "cargo could not install cargo-deny $CARGO_DENY"
}

[[ $# -gt 0 ]] || set -- grpcurl health-probe python buf codespell cargo-deny
mkdir -p "$tools/bin" || die "cannot write to $tools: set SMSMUX_TOOLS to a folder that can be written"
# Two runs at once take turns, where the system has flock.
exec 9>"$tools/.lock"
if command -v flock >/dev/null && ! flock --nonblock 9; then
    say "waiting for another install.sh to end ..."
    flock 9
fi

for tool; do
    case $tool in
    grpcurl) grpcurl ;;
    health-probe) health_probe ;;
    python | buf | codespell) python ;;
    cargo-deny) cargo_deny ;;
    *) die "no tool is called $tool: there are grpcurl health-probe python buf codespell cargo-deny" ;;
    esac
done
