#!/usr/bin/env bash
# Checks the syntax of the messages that protoc generates, the client, the example, the scenario (../scenario/README.md) and the program
# in README.md, and that the projects are well-formed. Debian has no .NET that runs them, so this ends with 77: skipped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

xargs ../../tests/foreign/debian.sh <scenario/packages.txt

echo "version c# of $(mcs --version | sed 's/.*Mono/Mono/'), syntax only"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/messages" "$work/README.md"
protoc -I ../../proto --csharp_out="$work/messages" ../../proto/smsmux/*/*.proto
../paste.sh csharp --write "$work/README.md"
for files in "$work/messages" src example scenario "$work/README.md"; do
    # mcs writes what is wrong to its output.
    errors=$(mcs --parse "$files"/*.cs 2>&1) || { echo "$errors" >&2; exit 1; }
    echo "parsed ${files#"$work/"}: $(find "$files" -name '*.cs' | wc -l) files"
done
for project in Smsmux.csproj */*.csproj; do
    python3 -c 'import sys, xml.etree.ElementTree as tree; tree.parse(sys.argv[1])' "$project"
done
echo "not compiled and not run: no .NET with the NuGet packages here"
exit 77
