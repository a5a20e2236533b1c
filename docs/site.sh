#!/usr/bin/env bash
# Makes the site of the documentation in target/site/html, to be opened there or served by anything, without a network.
#
#   site.sh            writes it
#   site.sh --check    writes it, and looks at it in a headless Chromium: its width on a phone, a tablet and a desk, its
#                      links, its search, the keyboard, and what axe says
#
# mdBook and what drives the browser are pinned in site/requirements.txt and site/package.json, and installed once, into
# $SMSMUX_TOOLS/site.
set -euo pipefail

docs=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tools=${SMSMUX_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/smsmux/tools}/site
site=$docs/../target/site

die() {
    echo "site: $*" >&2
    exit 1
}

case ${1:-} in
"" | --check) ;;
--help | -h)
    sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit
    ;;
*) die "there is no $1: see --help" ;;
esac
mkdir -p "$tools"
# The lists are copied in last: a folder that has them is complete.
if ! cmp -s "$docs/site/requirements.txt" "$tools/venv/requirements.txt"; then
    echo "site: installing mdBook ..." >&2
    python3 -m venv --clear "$tools/venv" || die "install Python 3.10 or later with its venv module (Debian: python3-venv)"
    "$tools/venv/bin/pip" install --quiet --disable-pip-version-check -r "$docs/site/requirements.txt"
    cp "$docs/site/requirements.txt" "$tools/venv/"
fi
repository=$(sed -n 's/^repository = "\(.*\)"/\1/p' "$docs/../Cargo.toml")
rm -rf "$site"
mkdir -p "$site"
cp "$docs"/site/{book.toml,site.css,site.js} "$site"
python3 "$docs/site/stage.py" "$docs/.." "$repository" "$site/src"
MDBOOK_OUTPUT__HTML__GIT_REPOSITORY_URL=$repository "$tools/venv/bin/mdbook" build "$site" >"$site/log" 2>&1 ||
    { cat "$site/log" >&2 && die "mdBook failed"; }
! grep -E 'WARN|ERROR' "$site/log" >&2 || die "mdBook has warnings"
echo "site: $(realpath "$site/html/index.html")"
[[ ${1:-} == --check ]] || exit 0

type -P chromium >/dev/null || "$docs/../tests/foreign/debian.sh" chromium || die "install Chromium (Debian: chromium)"
type -P npm >/dev/null || die "install Node 20 with npm: https://nodejs.org/en/download"
if ! cmp -s "$docs/site/package-lock.json" "$tools/node_modules/package-lock.json"; then
    echo "site: installing what drives the browser ..." >&2
    cp "$docs"/site/package{,-lock}.json "$tools/"
    (cd "$tools" && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error >/dev/null)
    cp "$docs/site/package-lock.json" "$tools/node_modules/"
fi
NODE_PATH=$tools/node_modules node "$docs/site/check.cjs" "$site/html"
