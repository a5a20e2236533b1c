#!/usr/bin/env bash
# Runs the scenario (../scenario/README.md), the example, and what README.md says, with the package as Composer installs it.
#
# Debian has neither grpc/grpc nor its extension: scenario/runtime stands in for them, with Debian's google/protobuf and
# the classes of google/common-protos generated here.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

xargs ../../tests/foreign/debian.sh <scenario/packages.txt

export COMPOSER_ALLOW_SUPERUSER=1
composer validate --quiet --strict --no-check-version
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r scenario/runtime "$work/runtime"
protobuf=$(dpkg-query -W -f '${Version}' php-google-protobuf)
sed -i "s/@PROTOBUF@/${protobuf%%-*}/" "$work/runtime/composer.json"
mkdir "$work/runtime/generated"
(cd ../../proto && protoc --php_out="$work/runtime/generated" google/*/*.proto)

cat >"$work/composer.json" <<JSON
{
    "repositories": [
        {"packagist.org": false},
        {"type": "path", "url": "$PWD", "options": {"symlink": false}},
        {"type": "path", "url": "$work/runtime"}
    ],
    "require": {"smsmux/smsmux": "$(cat ../VERSION)", "smsmux/scenario-runtime": "*"},
    "config": {"platform": {"ext-grpc": "1.57.0"}, "platform-check": false}
}
JSON
composer install --quiet --no-interaction --working-dir="$work"
export COMPOSER_AUTOLOAD=$work/vendor/autoload.php
php scenario/scenario.php
php example/send.php "$SMSMUX_ADDRESS" "$SMSMUX_KEY"

# The reader's folder has the stand-in too, where Packagist has grpc/grpc.
mkdir "$work/pasted"
cat >"$work/pasted/composer.json" <<JSON
{
    "repositories": [{"packagist.org": false}, {"type": "path", "url": "$work/runtime"}],
    "require": {"smsmux/scenario-runtime": "*"},
    "config": {"platform": {"ext-grpc": "1.57.0"}, "platform-check": false}
}
JSON
COMPOSER_NO_INTERACTION=1 PASTE_FOLDER=$work/pasted ../paste.sh php
