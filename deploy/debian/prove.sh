#!/usr/bin/env bash
# Installs a package in a root of its own, starts the installed program, upgrades, removes and purges it, and looks at what is there
# after each step. Nothing of this machine is changed: anyone but root runs dpkg under fakeroot, and root in a namespace with an empty
# /run, where no systemd is found that would be spoken to.
#
#   prove.sh PACKAGE
set -euo pipefail

die() {
    echo "prove: $*" >&2
    exit 1
}

[[ $# == 1 && -f $1 ]] || die "expected the path of the package"
if [[ $(id -u) == 0 && ${SMSMUX_PROVE_INSIDE:-} != 1 ]]; then
    export SMSMUX_PROVE_INSIDE=1
    exec unshare --mount --pid --fork --kill-child --mount-proc "$0" "$1"
fi

package=$(realpath "$1")
work=$(mktemp -d)
root=$work/root
server=
finish() {
    [[ -z $server ]] || kill -9 "$server" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

say() { echo "prove: $*"; }
has() { [[ -e $root$1 ]] || die "$1 is missing"; }
has_not() { [[ ! -e $root$1 ]] || die "$1 is still there"; }

if [[ $(id -u) == 0 ]]; then
    mount -t tmpfs tmpfs /run
    as_root() { "$@"; }
else
    touch "$work/owners"
    as_root() { fakeroot -i "$work/owners" -s "$work/owners" -- "$@"; }
fi
package() {
    as_root dpkg --root="$root" --force-script-chrootless --force-depends "$@" >"$work/log" 2>&1 ||
        { cat "$work/log" >&2 && die "dpkg $* failed"; }
}
permissions() {
    local found group
    group=$(sed -n 's/^smsmux:[^:]*:\([0-9]*\):.*/\1/p' "$root/etc/group")
    found=$(as_root stat -c '%u %g %a' "$root/etc/smsmux/smsmux.toml")
    [[ $found == "0 $group 640" ]] || die "/etc/smsmux/smsmux.toml has $found, expected 0 $group 640"
}
smsmux() { "$root/usr/bin/smsmux" "$@"; }
check() { smsmux check --config "$root/etc/smsmux/smsmux.toml" >/dev/null 2>&1; }

mkdir -p "$root"/etc "$root"/var/lib/dpkg/{info,updates,triggers} "$root"/{usr/bin,tmp,var/log}
touch "$root/var/lib/dpkg/status"

say "installing"
package --install "$package"
version=$(dpkg-deb --field "$package" Version)
[[ "$(smsmux --version) " == "smsmux ${version%-*} "* ]] || die "$(smsmux --version) is not $version"
grep -q '^smsmux:' "$root/etc/passwd" || die "there is no user smsmux"
permissions
has /usr/share/man/man1/smsmux.1.gz
has /usr/share/man/man1/smsmux-serve.1.gz
has /usr/share/bash-completion/completions/smsmux
has /usr/share/zsh/vendor-completions/_smsmux
has /usr/share/fish/vendor_completions.d/smsmux.fish
has /usr/share/doc/smsmux/copyright
unit=$(find "$root" -name smsmux.service -path '*/systemd/system/*' -type f)
[[ -n $unit ]] || die "there is no unit"
has "$(sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' "$unit")"
if type -P systemd-analyze >/dev/null; then
    say "having systemd read the unit"
    system=$work/systemd/usr/lib/systemd/system
    mkdir -p "$work"/systemd/usr/bin "$system"
    ln -s usr/bin "$work/systemd/bin"
    cp /usr/lib/systemd/system/*.target "$unit" "$system"
    ln "$root/usr/bin/smsmux" "$work/systemd/usr/bin/smsmux"
    install -m 0755 /dev/null "$work/systemd/usr/bin/kill"
    # It warns of what it does not know, and ends with 0.
    said=$(systemd-analyze verify --root="$work/systemd" --man=no smsmux.service 2>&1) || true
    [[ -z $said ]] || die "$said"
fi
# The package starts nothing by itself: the sample has no account.
[[ ! -e $root/etc/systemd/system/multi-user.target.wants/smsmux.service ]] || die "the unit is enabled"
code=0
check || code=$?
[[ $code == 64 ]] || die "the sample has no account, yet check ended with $code"
printf '%s\n' '[accounts.acme]' 'vendor = "lox24"' 'token = "1:a"' >>"$root/etc/smsmux/smsmux.toml"
check || die "an account is all that the sample lacks, yet check ended with $?"

say "starting what was installed"
mkdir -p "$root/var/lib/smsmux"
mkfifo "$work/serving"
STATE_DIRECTORY=$root/var/lib/smsmux smsmux serve --config "$root/etc/smsmux/smsmux.toml" --listen 127.0.0.1:0 2>"$work/serving" &
server=$!
address=
while read -r line; do
    [[ $line != *"serving address="* ]] || { address=${line##*serving address=} && break; }
done <"$work/serving"
[[ -n $address ]] || die "the program ended before it served"
smsmux health "$address" >/dev/null || die "the program does not serve"
kill -9 "$server"
wait "$server" 2>/dev/null || true
server=
has /var/lib/smsmux/smsmux.db

say "upgrading: the configuration of the administrator stays"
dpkg-deb --raw-extract "$package" "$work/next"
sed -i "s/^Version: .*/Version: $version.1/" "$work/next/DEBIAN/control"
as_root dpkg-deb -Znone --root-owner-group --build "$work/next" "$work/next.deb" >/dev/null
package --install "$work/next.deb"
[[ $(dpkg-query --admindir="$root/var/lib/dpkg" -W -f '${Version}' smsmux) == "$version.1" ]] || die "the version is the old one"
check || die "the configuration was replaced"
permissions

say "removing: the configuration and the store stay"
package --remove smsmux
has_not /usr/bin/smsmux
[[ ! -e $unit ]] || die "the unit is still there"
has /etc/smsmux/smsmux.toml
has /var/lib/smsmux/smsmux.db

say "purging: the store stays"
package --purge smsmux
has_not /etc/smsmux/smsmux.toml
has /var/lib/smsmux/smsmux.db
say "all of it holds"
