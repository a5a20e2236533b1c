#!/usr/bin/env bash
# Compiles the messages that protoc generates, the client, the example, the scenario (../scenario/README.md) and the program in README.md
# as far as that goes without the packages of NuGet (scenario/compile.py), and checks that the projects are well-formed. Nothing of it
# runs, so this ends with 77: skipped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

xargs ../../tests/foreign/debian.sh <scenario/packages.txt
compiler=${SMSMUX_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/smsmux/tools}/csharp
stamp=$(cat scenario/requirements.txt scenario/roslyn/package-lock.json | sha256sum)
if [[ $(cat "$compiler/stamp" 2>/dev/null) != "$stamp" ]]; then
    rm -rf "$compiler"
    mkdir -p "$compiler"
    python3 -m venv "$compiler/venv"
    "$compiler/venv/bin/pip" install --quiet --disable-pip-version-check -r scenario/requirements.txt
    cp scenario/roslyn/* "$compiler/"
    (cd "$compiler" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null)
    echo "$stamp" >"$compiler/stamp"
fi

echo "version c# of Roslyn on .NET 8, without NuGet"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/messages" "$work/README.md"
protoc -I ../../proto --csharp_out="$work/messages" ../../proto/smsmux/*/*.proto
../paste.sh csharp --write "$work/README.md"
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
for program in example scenario "$work/README.md"; do
    "$compiler/venv/bin/python" scenario/compile.py "$compiler/node_modules/@autorest/csharp" "$work/messages" src "$program"
done
for project in Smsmux.csproj */*.csproj; do
    python3 -c 'import sys, xml.etree.ElementTree as tree; tree.parse(sys.argv[1])' "$project"
done
echo "compiled without the packages of NuGet, and not run"
exit 77
