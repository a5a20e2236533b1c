#!/usr/bin/env bash
# Builds the gem, installs it into a folder of its own and runs the scenario (../scenario/README.md) with it, on Debian's
# gRPC runtime.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

xargs ../../tests/foreign/debian.sh <scenario/packages.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
gem build --strict --output "$work/smsmux.gem" smsmux.gemspec >/dev/null
GEM_PATH=$work/gems:$(ruby -e 'puts Gem.path.join(":")')
export GEM_PATH GEM_HOME=$work/gems
gem install --local --no-document "$work/smsmux.gem" >/dev/null
ruby scenario/scenario.rb
