#!/usr/bin/env bash
# Renders the chart into manifests/, and checks it without a cluster.
#
#   chart.sh            writes manifests/
#   chart.sh --check    changes nothing: lints the chart with every set of values, holds what it renders against the schemas
#                       of three versions of Kubernetes, and manifests/ against the chart
#
# tools/install.sh installs what it needs.
set -euo pipefail

# The oldest that the chart accepts, one of those in between, and the newest with a schema.
VERSIONS=(1.27 1.32 1.37)

deploy=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tools=${SMSMUX_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/smsmux/tools}/deploy
chart=$deploy/chart
# Helm reads and writes nothing of the user's.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export HELM_CACHE_HOME=$scratch HELM_CONFIG_HOME=$scratch HELM_DATA_HOME=$scratch

die() {
    echo "chart: $*" >&2
    exit 1
}

# render VALUES [OPTION...]
render() {
    local values=$1
    shift
    "$tools/bin/helm" template smsmux "$chart" --namespace smsmux --values "$values" "$@"
}

# The plain manifest of a set of values.
manifest() {
    local set=${1##*/}
    printf '# The chart with values/%s, rendered by deploy/chart.sh: kubectl apply --namespace smsmux -f FILE\n' "$set"
    render "$1" --skip-tests
}

# must_fail TEXT OPTION...: the chart rejects the options with the text.
must_fail() {
    local text=$1 output
    shift
    if output=$(render "$chart/values/one-replica.yaml" "$@" 2>&1); then
        die "the chart should reject: $*"
    fi
    [[ $output == *"$text"* ]] || die "the chart rejects $* for another reason than \"$text\": $output"
}

check() {
    local values version
    for values in "$chart"/values/*.yaml "$chart"/ci/*.yaml; do
        "$tools/bin/helm" lint --strict --quiet "$chart" --values "$values"
        for version in "${VERSIONS[@]}"; do
            render "$values" --kube-version "$version" >"$scratch/rendered.yaml"
            "$tools/venv/bin/python" "$deploy/tools/validate.py" "$version" "$scratch/rendered.yaml" ||
                die "${values#"$deploy"/} renders what Kubernetes $version rejects"
        done
    done
    must_fail "several need store.kind: postgres" --set replicas=3
    must_fail "several need store.kind: postgres" --set autoscaling.enabled=true
    must_fail "needs store.postgres.secret" --set store.kind=postgres
    must_fail "needs tls.secret" --set tls.clientCaSecret=clients
    must_fail "needs a store" --set store.kind=none,webhooks.enabled=true
    must_fail "replica" --set replica=2
    must_fail "kind" --set store.kind=mysql
    for values in "$chart"/values/*.yaml; do
        manifest "$values" | cmp -s - "$deploy/manifests/${values##*/}" ||
            die "deploy/manifests/${values##*/} is not what the chart renders: run deploy/chart.sh"
    done
}

case ${1:-} in
"")
    "$deploy/tools/install.sh"
    for values in "$chart"/values/*.yaml; do
        manifest "$values" >"$scratch/manifest"
        cat "$scratch/manifest" >"$deploy/manifests/${values##*/}"
    done
    ;;
--check)
    "$deploy/tools/install.sh"
    check
    ;;
--help | -h) sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" ;;
*) die "there is no $1: see --help" ;;
esac
