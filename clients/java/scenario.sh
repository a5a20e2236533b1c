#!/usr/bin/env bash
# Generates and installs the package into the local Maven repository and runs with it the scenario (../scenario/README.md), the example,
# and what README.md says.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
mvn -B -q -f pom.xml install >&2
mvn -B -q -f scenario/pom.xml compile dependency:build-classpath -Dmdep.outputFile=target/classpath >&2
java -cp "scenario/target/classes:$(<scenario/target/classpath)" io.smsmux.scenario.Scenario
mvn -B -q -f example compile exec:java
../paste.sh java
