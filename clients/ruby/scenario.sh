#!/usr/bin/env bash
# Builds the gem, installs it into a folder of its own and runs with it the scenario (../scenario/README.md), the example,
# and what README.md says, on Debian's gRPC runtime.
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
ruby example/send.rb "$SMSMUX_ADDRESS" "$SMSMUX_KEY"
GEM_HOME=$work/pasted ../paste.sh ruby
