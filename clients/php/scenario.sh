#!/usr/bin/env bash
# Runs the scenario (../scenario/README.md) with the package as Composer installs it.
#
# Debian has neither grpc/grpc nor its extension: scenario/runtime stands in for them, with Debian's google/protobuf and
# the classes of google/common-protos generated here.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

packages=(composer php-bcmath php-cli php-curl php-mbstring php-google-protobuf protobuf-compiler)
if ! dpkg -s "${packages[@]}" >/dev/null 2>&1; then
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}"; } \
        >/dev/null 2>&1 || { echo "apt-get could not install ${packages[*]}" >&2; exit 1; }
fi

export COMPOSER_ALLOW_SUPERUSER=1
composer validate --quiet --strict --no-check-version
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r scenario/runtime "$work/runtime"
protobuf=$(dpkg-query -W -f '${Version}' php-google-protobuf)
sed -i "s/@PROTOBUF@/${protobuf%%-*}/" "$work/runtime/composer.json"
mkdir "$work/runtime/generated"
protoc -I ../third_party --php_out="$work/runtime/generated" google/rpc/error_details.proto google/rpc/status.proto

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
COMPOSER_AUTOLOAD=$work/vendor/autoload.php php scenario/scenario.php
