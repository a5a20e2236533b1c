#!/usr/bin/env bash
# Generates the committed stubs in this folder from ../proto, byte for byte the same on every run.
#
#   generate.sh            writes them
#   generate.sh --check    changes nothing, and fails when they differ from ../proto: changed, missing or extra files
#
# The generators are pinned here and in tools/, and installed once into $SMSMUX_TOOLS/clients. What Debian packages
# (the plugins for PHP and Ruby) must be there, or be installable by apt-get as root.
set -euo pipefail

GO_PROTOBUF=v1.36.12
GO_GRPC=v1.6.2

clients=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tools=${SMSMUX_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/smsmux/tools}/clients

# All that is generated, and nothing else is in there.
outs=(python/src/smsmux/v1 go/smsmux typescript/src/gen typescript/src/grpcjs php/src ruby/lib/smsmux/v1 testdata)

say() { echo "clients: $*" >&2; }

die() {
    say "$*"
    exit 1
}

need() {
    local command
    for command in "$@"; do
        command -v "$command" >/dev/null || die "$command is missing: the generators are installed with it"
    done
}

install_packages() {
    command -v grpc_php_plugin >/dev/null && command -v grpc_ruby_plugin >/dev/null && return
    xargs "$clients/../tests/foreign/debian.sh" <"$clients/tools/packages.txt" ||
        die "the generators of PHP and Ruby need these packages"
}

install_tools() {
    local stamp
    stamp=$(cat "$clients"/tools/* "${BASH_SOURCE[0]}" | sha256sum)
    [[ $(cat "$tools/stamp" 2>/dev/null) == "$stamp" ]] && return
    need python3 go npm
    say "installing the generators (about a minute) ..."
    rm -rf "$tools"
    mkdir -p "$tools/bin"
    python3 -m venv "$tools/py"
    "$tools/py/bin/pip" install --quiet --disable-pip-version-check -r "$clients/tools/requirements.txt"
    cp "$clients"/tools/package{,-lock}.json "$tools/"
    (cd "$tools" && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error)
    (cd / && GOBIN=$tools/bin go install "google.golang.org/protobuf/cmd/protoc-gen-go@$GO_PROTOBUF")
    (cd / && GOBIN=$tools/bin go install "google.golang.org/grpc/cmd/protoc-gen-go-grpc@$GO_GRPC")
    echo "$stamp" >"$tools/stamp"
}

# Makes the index of a package in TypeScript: all that its files export.
index() {
    local folder=$1 file files
    files=$(cd "$folder" && LC_ALL=C ls)
    for file in $files; do
        echo "export * from \"./${file%.ts}.js\";"
    done >"$folder/index.ts"
}

# What is not sound, or breaks who uses the last release, is not generated from.
check_protos() {
    local buf=$tools/py/bin/buf
    cd "$clients/.."
    "$buf" lint || die "proto/ breaks a rule of buf.yaml"
    "$buf" format -d --exit-code >/dev/null || die "proto/ is not formatted: buf format -w"
    "$buf" breaking --against clients/descriptors/smsmux.binpb ||
        die "proto/ breaks the last release; if nothing was released yet: buf build -o clients/descriptors/smsmux.binpb"
}

# Generates into a folder of its own, with links to what the templates name. From an image without the protos' comments, so
# that a sentence that changes there does not change in every language.
generate_into() {
    local folder=$1
    ln -s "$tools" "$folder/.tools"
    ln -s "$clients/tools" "$folder/tools"
    ln -s "$clients/../proto" "$folder/proto"
    (cd "$folder" && .tools/py/bin/buf build proto --exclude-source-info -o image.binpb)
    (cd "$folder" && .tools/py/bin/buf generate --template "$clients/buf.gen.yaml" 2> >(grep -v "^Writing mypy" >&2))
    (cd "$folder" && .tools/py/bin/buf generate --template "$clients/buf.gen.third_party.yaml")
    # ts-proto writes them for options, and no other file uses them.
    rm -rf "$folder"/typescript/src/grpcjs/google/{api,protobuf/descriptor.ts}
    index "$folder/typescript/src/gen/smsmux/v1"
    index "$folder/typescript/src/gen/google/rpc"
    index "$folder/typescript/src/grpcjs/smsmux/v1"
    mkdir "$folder/testdata"
    (cd "$folder" && .tools/py/bin/python "$clients/testdata/generate.py" image.binpb testdata)
    # A package of its own, no namespace that other distributions might share.
    touch "$folder"/python/src/smsmux/v1/__init__.py
}

case ${1:-} in
"" | --check) ;;
--help | -h)
    sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit
    ;;
*) die "there is no $1: see --help" ;;
esac
install_packages
install_tools >&2
check_protos >&2
new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT
generate_into "$new"
stale=0
cp "$clients/testdata/generate.py" "$new/testdata/"
for out in "${outs[@]}"; do
    if [[ ${1:-} == --check ]]; then
        diff -rq "$clients/$out" "$new/$out" >&2 || stale=1
    else
        rm -rf "${clients:?}/$out"
        mkdir -p "$(dirname "$clients/$out")"
        cp -r "$new/$out" "$clients/$out"
    fi
done
[[ $stale == 0 ]] || die "the stubs are not those of proto/: run clients/generate.sh"
