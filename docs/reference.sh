#!/usr/bin/env bash
# Makes reference/index.html and the pages of errors/ from the protos, byte for byte the same on every run. It takes the
# examples from cookbook.md, and makes the same calls in other languages, the vendors from the support table of vendors.md,
# and more about errors from errors.md.
#
#   reference.sh            writes them
#   reference.sh --check    changes nothing, and fails when one differs
#   reference.sh --examples FOLDER
#                           writes the examples in Go, TypeScript and Java to a folder, as programs for their compilers
#
# What it is made with is pinned in generator/requirements.txt and installed once, into $SMSMUX_TOOLS/docs.
set -euo pipefail

docs=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tools=${SMSMUX_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/smsmux/tools}/docs

die() {
    echo "reference: $*" >&2
    exit 1
}

case ${1:-} in
"" | --check | --examples) ;;
--help | -h)
    sed -n '2,11s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit
    ;;
*) die "there is no $1: see --help" ;;
esac
# The list is copied in last: a folder that has it is complete.
if ! cmp -s "$docs/generator/requirements.txt" "$tools/requirements.txt"; then
    echo "reference: installing what it is made with ..." >&2
    python3 -m venv --clear "$tools" || die "install Python 3.10 or later with its venv module (Debian: python3-venv)"
    "$tools/bin/pip" install --quiet --disable-pip-version-check -r "$docs/generator/requirements.txt"
    cp "$docs/generator/requirements.txt" "$tools/"
fi
if [[ ${1:-} == --examples ]]; then
    exec "$tools/bin/python" "$docs/generator/snippets.py" "$docs/.." "${2:?a folder}"
fi
new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT
"$tools/bin/python" "$docs/generator/generate.py" "$docs/.." "$new"
for part in reference errors; do
    if [[ ${1:-} == --check ]]; then
        diff -rq "$new/$part" "$docs/$part" >&2 || die "docs/$part is not that of proto/ and the pages: run docs/reference.sh"
    else
        rm -rf "${docs:?}/$part"
        cp -r "$new/$part" "$docs/$part"
    fi
done
