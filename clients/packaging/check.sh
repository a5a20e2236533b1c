#!/usr/bin/env bash
# Builds the package of every language as its registry would get it, and checks it with the tool of its ecosystem.
#
#   check.sh [LANGUAGE...]      LANGUAGE: python typescript rust ruby php go java; all of them when none is named
#
# What checks is installed once into $SMSMUX_TOOLS/packaging, by the lists in this folder. Nothing is published.
set -euo pipefail

packaging=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
clients=$(dirname "$packaging")
repository=$(dirname "$clients")
tools=${SMSMUX_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/smsmux/tools}/packaging
# Where the READMEs' links lead to: every package names it as its home.
home=https://github.com/smsmux/smsmux

say() { echo "packages: $*" >&2; }

# Prints the output of a command only when it fails.
quietly() {
    local log=$work/log
    "$@" >"$log" 2>&1 </dev/null || {
        cat "$log" >&2
        return 1
    }
}

install_tools() {
    local stamp
    stamp=$(cat "$packaging"/{requirements.txt,package-lock.json} | sha256sum)
    [[ $(cat "$tools/stamp" 2>/dev/null) == "$stamp" ]] && return
    say "installing build, twine, publint and attw (about a minute) ..."
    rm -rf "$tools"
    mkdir -p "$tools"
    quietly python3 -m venv "$tools/venv"
    quietly "$tools/venv/bin/pip" install --disable-pip-version-check -r "$packaging/requirements.txt"
    cp "$packaging"/package{,-lock}.json "$tools/"
    (cd "$tools" && quietly npm ci --ignore-scripts --no-audit --no-fund)
    echo "$stamp" >"$tools/stamp"
}

# Copies a language's folder without what builds leave behind.
copy() {
    mkdir -p "$work/$1"
    tar -C "$clients/$1" --exclude={.venv,node_modules,target,build,dist,'*.egg-info','*.tgz','*.gem'} -cf - . | tar -C "$work/$1" -xf -
}

# Fails unless every file that is named after the archive's list is in it.
has() {
    local list=$1 file
    shift
    for file; do
        grep -qE "(^|/)$file\$" <<<"$list" || {
            say "the package lacks $file"
            return 1
        }
    done
}

# The links of a README are read at a registry: none is relative, and what they name in the repository is there.
check_readme() {
    local readme=$clients/$1/README.md link
    while read -r link; do
        case $link in
        "$home"/*/main/*)
            link=${link#"$home"/*/main/}
            [[ -e $repository/${link%%#*} ]] || { say "$1/README.md: there is no $link"; return 1; }
            ;;
        https://*) ;;
        *) say "$1/README.md: the link $link does not leave the repository"; return 1 ;;
        esac
    done < <(grep -oE '\]\([^) ]+\)' "$readme" | sed 's/^](\(.*\))$/\1/')
    [[ ! -e $clients/$1/LICENSE ]] || cmp "$repository/LICENSE" "$clients/$1/LICENSE"
}

python() {
    copy python
    quietly "$tools/venv/bin/python" -m build --no-isolation --outdir "$work/dist" "$work/python"
    quietly "$tools/venv/bin/twine" check --strict "$work"/dist/*
    has "$(unzip -Z1 "$work"/dist/*.whl)" LICENSE smsmux/py.typed smsmux/v1/message_service_pb2.pyi
}

typescript() {
    copy typescript
    (
        cd "$work/typescript"
        quietly npm ci --ignore-scripts --no-audit --no-fund
        quietly npm pack
        has "$(tar -tzf smsmux-*.tgz)" LICENSE README.md dist/index.js dist/index.d.ts
        quietly "$tools/node_modules/.bin/publint" run --strict ./smsmux-*.tgz
        # The package has ES modules alone.
        quietly "$tools/node_modules/.bin/attw" --profile esm-only ./smsmux-*.tgz
        cp "$work/examples/examples.ts" src/
        quietly npx --no-install tsc -p . --noEmit
    )
}

rust() {
    local manifest=$clients/rust/Cargo.toml files
    # Where the scenario and check-clippy have built what it depends on.
    export CARGO_TARGET_DIR=$clients/rust/target
    quietly cargo package --locked --allow-dirty --no-verify --manifest-path "$manifest" --package smsmux-client
    files=$CARGO_TARGET_DIR/package/smsmux-client-$(<"$clients/VERSION").crate
    has "$(tar -tzf "$files")" LICENSE README.md proto/smsmux/v1/message_service.proto
    # What is packed is enough to be built.
    mkdir "$work/rust"
    tar -C "$work/rust" --strip-components=1 -xzf "$files"
    quietly cargo check --locked --manifest-path "$work/rust/Cargo.toml"
}

ruby() {
    copy ruby
    (
        cd "$work/ruby"
        quietly gem build --strict --output smsmux.gem smsmux.gemspec
        has "$(tar -xOf smsmux.gem data.tar.gz | tar -tz)" LICENSE README.md lib/smsmux.rb sig/smsmux.rbs sig/smsmux/v1/message_service_pb.rbs
        quietly "$(command ruby -e 'puts Gem.bin_path("rbs", "rbs")')" -I sig -I scenario/sig validate
        quietly command ruby -I lib scenario/types.rb
    )
}

php() {
    COMPOSER_ALLOW_SUPERUSER=1 quietly composer validate --strict --no-check-version --working-dir="$clients/php"
}

go() {
    (
        cd "$clients/go"
        export GOWORK=off GOFLAGS=-mod=readonly
        quietly command go vet ./...
        copy go
        mkdir "$work/go/examples"
        cp "$work/examples/examples.go" "$work/go/examples/"
        [[ -z $(gofmt -l "$work/go/examples") ]]
        (cd "$work/go" && quietly command go vet ./examples)
        [[ $(command go doc . | sed -n 3p) == "Package smsmux is "* && $(command go doc ./smsmux/v1 | sed -n 3p) == "Package smsmuxv1 has "* ]] || {
            say "the documentation of a package does not begin with an overview"
            exit 1
        }
    )
}

java() {
    quietly mvn -B -q -f "$clients/java/pom.xml" -P release package
    local jars=$clients/java/target/smsmux-client-$(<"$clients/VERSION")
    has "$(unzip -Z1 "$jars.jar")" META-INF/LICENSE io/smsmux/Client.class
    has "$(unzip -Z1 "$jars-sources.jar")" io/smsmux/Client.java io/smsmux/v1/SendMessageRequest.java
    has "$(unzip -Z1 "$jars-javadoc.jar")" io/smsmux/Client.html
    quietly mvn -B -q -f "$clients/java/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.6.1:build-classpath -Dmdep.outputFile="$work/classpath"
    quietly javac -d "$work/java" -cp "$jars.jar:$(<"$work/classpath")" "$work/examples/Examples.java"
}

[[ $# -gt 0 ]] || set -- python typescript rust ruby php go java
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for language; do
    [[ -f $clients/$language/README.md ]] || { say "there is no package in $language"; exit 1; }
done
"$repository/tests/foreign/needs.sh" "$@"
"$repository/tests/foreign/debian.sh" unzip
install_tools
# The reference's examples, for the compilers.
mkdir "$work/examples"
quietly "$repository/docs/reference.sh" --examples "$work/examples"
failed=()
for language; do
    started=$SECONDS
    # Not in a condition, where errexit would not hold.
    set +e
    (
        set -e
        check_readme "$language"
        "$language"
    )
    code=$?
    set -e
    [[ $code == 0 ]] || failed+=("$language")
    say "$language: $([[ $code == 0 ]] && echo sound || echo FAILED) ($((SECONDS - started)) s)"
done
for language in cpp csharp; do
    check_readme "$language" || failed+=("$language")
done
[[ ${#failed[@]} == 0 ]] || { say "failed: ${failed[*]}"; exit 1; }
