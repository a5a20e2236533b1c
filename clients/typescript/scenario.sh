#!/usr/bin/env bash
# Builds the package, installs it into the scenario's folder and runs the scenario (../scenario/README.md), the example, and
# what README.md says.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
build() {
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
    npx --no-install tsc -p . >&2
}
build
(cd scenario && build && node dist/main.js)
(cd example && npm ci --no-audit --no-fund --loglevel=error >/dev/null && npm start --silent)
../paste.sh typescript
