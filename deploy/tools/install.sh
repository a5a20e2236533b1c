#!/usr/bin/env bash
# Installs what deploy/ is checked with into $SMSMUX_TOOLS/deploy, once: helm, pinned here, and the packages of requirements.txt.
set -euo pipefail

HELM=v4.3.1

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tools=${SMSMUX_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/smsmux/tools}/deploy

die() {
    echo "deploy: $*" >&2
    exit 1
}

stamp=$(printf '%s\n' "$HELM" | cat - "$here/requirements.txt" | cksum)
[[ $(cat "$tools/stamp" 2>/dev/null) != "$stamp" ]] || exit 0
command -v go >/dev/null || die "install Go: helm is built with it"
echo "deploy: installing helm $HELM, the schemas of Kubernetes, and linters (2 to 5 minutes) ..." >&2
rm -rf "$tools"
mkdir -p "$tools/bin"
python3 -m venv "$tools/venv" || die "install Python 3.10 or later with its venv module (Debian: python3-venv)"
"$tools/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# From /, so that no go.mod or go.work has a say.
(cd / && GOBIN=$tools/bin go install "helm.sh/helm/v4/cmd/helm@$HELM" >"$log" 2>&1) ||
    die "go could not install helm $HELM: $(cat "$log")"
echo "$stamp" >"$tools/stamp"
