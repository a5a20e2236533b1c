#!/usr/bin/env bash
# Installs the package into the local Maven repository and runs the scenario with it: see ../scenario/README.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
mvn -B -q -f pom.xml install >&2
mvn -B -q -f scenario/pom.xml compile dependency:build-classpath -Dmdep.outputFile=target/classpath >&2
exec java -cp "scenario/target/classes:$(<scenario/target/classpath)" io.smsmux.scenario.Scenario
