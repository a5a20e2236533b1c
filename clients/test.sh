#!/usr/bin/env bash
# Proves the clients: starts smsmux with its stand-ins, and runs the scenario of scenario/README.md in every language.
#
#   test.sh [LANG...]      LANG: a folder with a scenario.sh, such as go; all of README.md's table when none is named
#
# Prints a line for each program: language, versions, steps that held; and the output of those that failed. The server is
# $SMSMUX_BIN, by default target/debug/smsmux, which is built when it is missing. A scenario.sh that ends with code 77
# says that its language cannot be run on this machine: that passes when README.md's table says "not run" of it.
set -euo pipefail
# Every background job is a process group of its own, so that it can be stopped with all that it started.
set -m

clients=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(dirname "$clients")
version=$(<"$clients/VERSION")
server=${SMSMUX_BIN:-${CARGO_TARGET_DIR:-$repository/target}/debug/smsmux}

work=
jobs_started=()
failed=0

die() {
    echo "clients: $*" >&2
    exit 1
}

stop_everything() {
    local group
    for group in ${jobs_started[@]+"${jobs_started[@]}"}; do
        kill -- "-$group" || true
        wait "$group" || true
    done 2>/dev/null
    [[ -z $work ]] || rm -rf "$work"
}
trap stop_everything EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

line() { printf '%-11s %-84s %s\n' "$@"; }

# The folders of the first column of README.md's table, such as `| [Go](go) |`.
languages() { sed -n 's/^| \[[^]]*\](\([a-z]*\)).*/\1/p' "$clients/README.md"; }

# The steps of the tables of scenario/README.md.
steps() { sed -n 's/^| `\([a-z0-9-]*\)` |.*/\1/p' "$clients/scenario/README.md"; }

# The version that a language's manifest has. Go modules have theirs in the tag clients/go/vX.Y.Z: what the scenario
# requires stands for it.
manifest_version() {
    case $1 in
    python) sed -n 's/^version = "\(.*\)"/\1/p' "$clients/python/pyproject.toml" ;;
    go) sed -n 's:^.*github.com/smsmux/smsmux/clients/go v::p' "$clients/go/scenario/go.mod" ;;
    java) sed -n 's:^ *<version>\(.*\)</version>.*:\1:p' "$clients/java/pom.xml" ;;
    typescript) sed -n 's/^ *"version": "\(.*\)".*/\1/p' "$clients/typescript/package.json" ;;
    csharp) sed -n 's:^ *<Version>\(.*\)</Version>.*:\1:p' "$clients"/csharp/*.csproj ;;
    php) sed -n 's/^ *"version": "\(.*\)".*/\1/p' "$clients/php/composer.json" ;;
    ruby) sed -n 's/^.*\.version *= *["'\'']\(.*\)["'\''].*/\1/p' "$clients"/ruby/*.gemspec ;;
    rust) sed -n 's/^version = "\(.*\)"/\1/p' "$clients/rust/Cargo.toml" ;;
    cpp) sed -n 's/^project(.*VERSION \([0-9.]*\).*/\1/p' "$clients/cpp/CMakeLists.txt" ;;
    esac 2>/dev/null | head -n 1
}

check_versions() {
    local language found
    found=$(sed -n 's/^version = "\(.*\)"/\1/p' "$repository/Cargo.toml" | head -n 1)
    if [[ $found != "$version" ]]; then
        line crate "Cargo.toml has version $found, clients/VERSION $version" "FAILED"
        failed=1
    fi
    for language; do
        found=$(manifest_version "$language" || true)
        if [[ $found != "$version" ]]; then
            line "$language" "its manifest has version ${found:-unknown}, clients/VERSION $version" "FAILED"
            failed=1
        fi
    done
}

# How many lines the program in a language's README has, without the empty ones.
program_lines() {
    awk '/^```[a-z]+ / && !/CMakeLists/ { inside = 1; next } /^```$/ { inside = 0 } inside && NF { n++ } END { print n }' \
        "$clients/$1/README.md"
}

# The first program is short in every language, and README.md tells how short.
check_lines() {
    local language found
    for language; do
        found=$(program_lines "$language")
        if ((found > 12)) || ! grep -qE "^\| \`$language\` \| [0-9]+ \| $found \|$" "$clients/README.md"; then
            line "$language" "the program in its README has $found lines: more than 12, or another number than in README.md" "FAILED"
            failed=1
        fi
    done
}

start_server() {
    local text port standin=
    if [[ ! -x $server ]]; then
        [[ -z ${SMSMUX_BIN:-} ]] || die "there is no $SMSMUX_BIN"
        echo "clients: building smsmux ..." >&2
        (cd "$repository" && cargo build --quiet --locked) || die "smsmux cannot be built"
    fi
    mkfifo "$work/harness" "$work/log"

    SMSMUX_KEY=$("$server" key new clients --scope '*' --scope '*:secret' 2>"$work/key") || die "smsmux cannot make a key: $(<"$work/key")"
    sed -n '/^\[callers/,$p' "$work/key" >"$work/callers.toml"
    python3 "$clients/scenario/harness.py" "$server" "$work/callers.toml" "$work" >"$work/harness" </dev/null &
    jobs_started+=($!)
    read -r SMSMUX_HARNESS port <"$work/harness" || die "the harness did not start"
    {
        cat "$work/callers.toml"
        # The vendor takes connections and never answers.
        printf '\n[accounts.slow]\nvendor = "lox24"\nbase_url = "http://127.0.0.1:%s"\ntoken = "1:x"\npoll = false\nbreaker_failures = 0\n' "$port"
        printf '\n[accounts.harness]\nvendor = "lox24"\nbase_url = "%s/vendor"\ntoken = "1:x"\npoll = false\n' "$SMSMUX_HARNESS"
        # For calls that nobody but their caller ends.
        printf '\n[store]\nkeep_texts = true\n[server]\ncall_timeout = "1h"\n[accounts.silent]\nvendor = "smsend"\nusername = "x"\npassword = "x"\npoll = false\nbreaker_failures = 0\n'
        printf 'attempt_timeout = "1h"\ncall_timeout = "1h"\nbase_url = "http://127.0.0.1:%s"\n' "$port"
    } >"$work/smsmux.toml"
    chmod 600 "$work/smsmux.toml"

    "$server" serve --sandbox --config "$work/smsmux.toml" --listen 127.0.0.1:0 >"$work/log" 2>&1 </dev/null &
    jobs_started+=($!)
    exec 3<"$work/log"
    SMSMUX_ADDRESS=
    while read -r text <&3; do
        echo "$text" >>"$work/server"
        if [[ $text == *vendor=smsend*address=* ]]; then
            standin=${text##*address=}
            standin=${standin%% *}
        fi
        if [[ $text == *serving*address=* ]]; then
            SMSMUX_ADDRESS=${text##*address=}
            SMSMUX_ADDRESS=${SMSMUX_ADDRESS%% *}
            break
        fi
    done
    [[ -n $SMSMUX_ADDRESS ]] || die "smsmux did not start: $(<"$work/server")"
    # What it logs from here on is read too, so that it never waits for a reader.
    cat <&3 >>"$work/server" &

    # What the step `watch` receives: nobody sends to a stand-in by itself.
    python3 -c '
import json, sys, urllib.request
open_ = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
for text in "Ciao!", "Perché Ж 😀":
    message = {"sim": "+393400000001", "sender": "+393356242290", "message": text}
    request = urllib.request.Request(sys.argv[1] + "/received", json.dumps(message).encode())
    request.add_header("Content-Type", "application/json")
    open_(request, timeout=300)' "$standin" || die "nothing can be received at the stand-in $standin"
    export SMSMUX_ADDRESS SMSMUX_KEY SMSMUX_TESTDATA=$clients/testdata
    export SMSMUX_HARNESS SMSMUX_HARNESS_CA=$work/ca.pem
}

# Prints a line for every program in the output, each of which began with `version TEXT`; fails when one lacks a step.
report() {
    local language=$1 output=$2
    awk -v language="$language" -v steps="$(steps | tr '\n' ' ')" '
        function finish() {
            if (version == "") return
            printf "%-11s %-84s %d of %d\n", language, version, held, count
            if (held != count) lacking = 1
        }
        BEGIN { count = split(steps, names, " "); for (i in names) known[names[i]] }
        $1 == "version" { finish(); version = substr($0, 9); held = 0; split("", seen) }
        $1 == "ok" && ($2 in known) && !($2 in seen) { seen[$2]; held++ }
        END {
            if (version == "") { printf "%-11s %-84s %d of %d\n", language, "(it did not begin)", 0, count; lacking = 1 }
            finish()
            exit lacking
        }' "$output"
}

run() {
    local language=$1 output=$work/$1.out code=0
    if [[ ! -x $clients/$language/scenario.sh ]]; then
        line "$language" "there is no $language/scenario.sh" "FAILED"
        failed=1
        return
    fi
    echo "clients: $language: running the scenario (minutes, where its libraries are installed first) ..." >&2
    # What build tools say goes elsewhere; nothing here takes that long, not even with everything to be built.
    timeout 3600 "$clients/$language/scenario.sh" >"$output" 2>"$work/$1.err" </dev/null &
    jobs_started+=($!)
    wait $! || code=$?
    if [[ $code == 77 ]] && grep -q "^| \[[^]]*\]($language).*not run" "$clients/README.md"; then
        line "$language" "$(tail -n 1 "$output")" "not run, as README.md says"
        return
    fi
    if ! report "$language" "$output" || [[ $code != 0 ]]; then
        failed=1
        echo "  $language/scenario.sh ended with code $code:"
        sed 's/^/  | /' "$output" "$work/$1.err"
    elif grep -q '^pasted ' "$output"; then
        grep '^pasted ' "$output" | sed 's/^/  /'
    else
        failed=1
        echo "  $language/scenario.sh does not run what $language/README.md says"
    fi
}

case ${1:-} in
--help | -h)
    sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit
    ;;
esac
for script in "$clients"/*/scenario.sh; do
    language=$(basename "$(dirname "$script")")
    grep -qxF "$language" < <(languages) || die "README.md's table does not have $language"
done
# shellcheck disable=SC2046 # One word each.
[[ $# -gt 0 ]] || set -- $(languages)
for language; do
    [[ -d $clients/$language ]] || die "there is no $language: see --help"
done
work=$(mktemp -d)
check_versions "$@"
check_lines "$@"
start_server
for language; do
    run "$language"
done
exit "$failed"
