#!/usr/bin/env bash
# Builds the clients of the rolling restart, and runs it: run.py says what it does.
#
#   run.sh [OPTION...]     options of run.py, such as --rate 100
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
root=$PWD
server=${SMSMUX_BIN:-target/debug/smsmux}
work=$root/target/rolling
python=$SMSMUX_TOOLS/venv/bin/python
mkdir -p "$work"

# From a copy, as setuptools leaves something in the folder.
rm -rf "$work/package" "$work/site"
cp -r clients/python "$work/package"
"$python" -m pip install --quiet --disable-pip-version-check --no-deps --target "$work/site" "$work/package"
(cd tests/rolling/go && GOWORK=off GOFLAGS=-mod=readonly go build -o "$work/client-go" .)
mvn -B -q -f clients/java/pom.xml install >&2
rm -rf "$work/java"
cp -r tests/rolling/java "$work/java"
mvn -B -q -f "$work/java/pom.xml" compile dependency:build-classpath -Dmdep.outputFile=classpath >&2

python3 tests/rolling/run.py "$server" \
    "grpcio=env PYTHONPATH=$work/site $python $root/tests/rolling/client.py" \
    "grpc-go=$work/client-go" \
    "grpc-java=java -cp $work/java/target/classes:$(<"$work/java/classpath") io.smsmux.rolling.Rolling" \
    "$@"
