#!/usr/bin/env bash
# Vets the module with its example, and runs that, the scenario, which is a module of its own, and what README.md says. See
# clients/scenario/README.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
command -v go >/dev/null || {
    echo "install Go 1.25 or later"
    exit 77
}
# Nothing from around the modules has a say, and go.mod and go.sum stay as they are.
export GOWORK=off GOFLAGS=-mod=readonly

go vet ./...
go run ./example
go run ./example/retry
GOFLAGS='' ../paste.sh go
cd scenario
go vet ./...
go run .
