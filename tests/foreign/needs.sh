#!/usr/bin/env bash
# Says before anything is built what the tests need and this machine lacks, all of it at once, and how to install it.
#
#   needs.sh [FOLDER...]     FOLDER: one of clients/, of a language whose scenario is to be run, or tools, the generators
#
# Root gets the Debian packages installed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
clients=$here/../../clients
lacks=()
packages=()

# Whether the first version is the second or later.
at_least() { [[ $(printf '%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]; }

# need NAME VERSION HOW COMMAND...: the command prints the version that is there.
need() {
    local name=$1 version=$2 how=$3 found
    shift 3
    found=$(cd / && "$@" 2>/dev/null | grep -o '[0-9][0-9.]*' | head -n 1) || found=
    if [[ -z $found ]]; then
        lacks+=("$name $version or later: $how")
    elif ! at_least "$found" "$version"; then
        lacks+=("$name $version or later, there is $found: $how")
    fi
}

# package COMMAND PACKAGE...: what Debian has in the right version everywhere.
package() {
    local command=$1
    shift
    type -P "$command" >/dev/null || packages+=("$@")
}

wants() { [[ " $languages " == *" $1 "* ]]; }

languages=$*
need Rust "$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$here/../../Cargo.toml")" "https://rustup.rs" cargo --version
need Go 1.25 "https://go.dev/dl" go env GOVERSION
need Python 3.10 "Debian's package python3, or https://www.python.org/downloads" python3 --version
package cc gcc libc6-dev
package curl curl
# The pages pipe what the command line prints into it.
package jq jq
# The tests of deploy/ run a pod in namespaces of its own.
package ip iproute2
package promtool prometheus
# The tests of the store start a server of their own; Debian has its programs outside of PATH.
compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null || packages+=(postgresql)
python3 -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3-venv)
if wants java; then
    package javac default-jdk-headless
    package mvn maven
fi
# Looks at the site of the documentation.
! wants tools || package chromium chromium
# C# is compiled by what comes from npm.
if wants typescript || wants csharp || wants tools; then
    need Node 20 "https://nodejs.org/en/download" node --version
    need npm 9 "it comes with Node" npm --version
fi
for language in $languages; do
    [[ -d $clients/$language ]] || lacks+=("clients/$language: there is no such client")
    for list in "$clients/$language"/{,scenario/}packages.txt; do
        [[ ! -f $list ]] || mapfile -t -O "${#packages[@]}" packages <"$list"
    done
done
"$here/debian.sh" ${packages[@]+"${packages[@]}"} || lacks+=("the Debian packages named above")
type -P javac >/dev/null || ! wants java || lacks+=("a JDK 17 or later: https://adoptium.net")
type -P mvn >/dev/null || ! wants java || lacks+=("Maven: https://maven.apache.org/download.cgi")

[[ ${#lacks[@]} -gt 0 ]] || exit 0
{
    echo "needs: this machine lacks"
    printf '  %s\n' "${lacks[@]}"
    echo "Without the clients that need them: make test CLIENTS=\"python go\" (the folders of clients/; CLIENTS= for none)"
} >&2
exit 1
