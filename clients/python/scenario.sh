#!/usr/bin/env bash
# Builds the wheel, installs it into a virtual environment (scenario/.venv), checks the types of the example and the
# scenario, and runs both and what README.md says. See clients/scenario/README.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
venv=$PWD/scenario/.venv
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_QUIET=1 PIP_ROOT_USER_ACTION=ignore

# The list is copied in last: an environment that has it is complete.
if ! cmp -s scenario/requirements.txt "$venv/requirements.txt" || ! "$venv/bin/python" -c ''; then
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install -r scenario/requirements.txt
    cp scenario/requirements.txt "$venv/"
fi

# Built from a copy, as setuptools would take up again what an earlier build left in the folder.
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
cp -r pyproject.toml README.md LICENSE src "$build/"
"$venv/bin/pip" wheel --no-deps --no-build-isolation --wheel-dir "$build/dist" "$build"
"$venv/bin/pip" install --no-deps --force-reinstall "$build"/dist/smsmux-*.whl
"$venv/bin/pip" check

"$venv/bin/mypy" --strict --no-error-summary --cache-dir "$venv/mypy" example scenario/scenario.py scenario/client.py
"$venv/bin/python" scenario/scenario.py
"$venv/bin/python" example/send.py
"$venv/bin/python" example/retry.py
PIP_CONSTRAINT=$PWD/scenario/requirements.txt ../paste.sh python
