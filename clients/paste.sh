#!/usr/bin/env bash
# Does what a language's README tells its reader, as pasted: in an empty folder beside a clone of this repository it writes
# every block that has a file name after its language into that file, and runs every `sh` block, all in their order.
#
#   paste.sh LANGUAGE [--write FOLDER]
#
# With --write the files are written into the folder, and nothing is run. What the folder of the reader must have, or the
# shell, beyond what the README says is for the scenario.sh of the language to prepare: it may set $PASTE_FOLDER, and export
# what it likes. The output must name a message that was sent. Then the last `sh` block is run again with the account at a
# vendor that never answers, which the program must end by the deadline that it sets for each call.
set -euo pipefail

clients=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
language=$1
readme=$clients/$language/README.md

# The blocks as one script; of those of shell commands all, the last or none.
script() {
    awk -v shell="$1" -v last="$(grep -c '^```sh$' "$readme" || true)" '
        /^```[a-z]+/ && !inside {
            inside = 1
            kind = substr($1, 4)
            if (kind == "sh") number++
            if (NF > 1) { printf "mkdir -p \"$(dirname %s)\"\ncat >%s <<'\''END_OF_BLOCK'\''\n", $2, $2; next }
            if (kind != "sh") { printf "%s:%d: a block without a file name\n", FILENAME, FNR >"/dev/stderr"; exit 1 }
            next
        }
        /^```$/ && inside { if (kind != "sh") print "END_OF_BLOCK"; inside = 0; next }
        inside && (kind != "sh" || shell == "all" || (shell == "last" && number == last))
    ' "$readme"
}

if [[ ${2:-} == --write ]]; then
    cd "$3"
    bash -euo pipefail <(script none)
    exit
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# A clone has nothing of what builds leave behind.
mkdir -p "$work/smsmux/clients" "$work/hello"
cp -r "$clients/../proto" "$work/smsmux/"
tar -C "$clients" --exclude={.venv,node_modules,target,build,dist,'*.egg-info','*.tgz'} -cf - "$language" VERSION |
    tar -C "$work/smsmux/clients" -xf -
[[ -z ${PASTE_FOLDER:-} ]] || cp -r "$PASTE_FOLDER/." "$work/hello/"
cd "$work/hello"
script all >"$work/script"
output=$(bash -euo pipefail "$work/script") || {
    echo "$output"
    echo "$language/README.md does not work as pasted" >&2
    exit 1
}
sent=$(grep -o 'accounts/smsend/messages/[^ ]*' <<<"$output") || {
    echo "$output"
    echo "$language/README.md sent nothing" >&2
    exit 1
}
script last | sed 's:accounts/smsend:accounts/silent:' >"$work/script"
code=0
output=$(timeout 300 bash -euo pipefail "$work/script" 2>&1) || code=$?
if [[ $code == 124 ]] || ! grep -qiE 'deadline|stopped waiting' <<<"$output"; then
    echo "$output"
    echo "the program in $language/README.md does not end a call by a deadline (code $code)" >&2
    exit 1
fi
# On a line of its own, whatever the tools have written before.
printf '\npasted %s/README.md: sent %s\n' "$language" "$sent"
