#!/usr/bin/env bash
# Sees to it that Debian packages are installed.
#
#   debian.sh PACKAGE...
#
# Root installs those that are missing, and waits while another apt-get or dpkg runs; anyone else is told the command that
# installs them. On a system without dpkg they are taken to be there under other names.
set -euo pipefail

say() { echo "packages: $*" >&2; }

[[ $# -gt 0 ]] && command -v dpkg-query >/dev/null || exit 0
missing=()
while read -r package; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
done < <(printf '%s\n' "$@" | sort -u)
[[ ${#missing[@]} -gt 0 ]] || exit 0

if [[ $(id -u) != 0 ]]; then
    say "Debian packages are missing. Install them with:"
    say "  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing[*]}"
    exit 1
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# apt-get update knows nothing of DPkg::Lock::Timeout: its own lock is asked for until it is free.
apt() {
    local attempt
    for attempt in {1..60}; do
        DEBIAN_FRONTEND=noninteractive apt-get -y -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 "$@" \
            >"$log" 2>&1 </dev/null && return
        grep -q "Could not get lock" "$log" || break
        [[ $attempt != 1 ]] || say "waiting for another apt-get to end (up to 10 minutes) ..."
        sleep 10
    done
    say "apt-get $* failed:"
    cat "$log" >&2
    return 1
}
say "installing ${missing[*]} with apt-get (up to a few minutes) ..."
# Without fresh lists the packages may be found all the same.
apt update || true
apt install --no-install-recommends "${missing[@]}"
