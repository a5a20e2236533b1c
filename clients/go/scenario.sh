#!/usr/bin/env bash
# Vets the module with its example, and runs the scenario, which is a module of its own. See clients/scenario/README.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
command -v go >/dev/null || {
    echo "install Go 1.25 or later"
    exit 77
}
# Nothing from around the modules has a say, and go.mod and go.sum stay as they are.
export GOWORK=off GOFLAGS=-mod=readonly

go vet ./...
cd scenario
go vet ./...
go run .
