#!/usr/bin/env bash
# Has a systemd of its own run the unit: it starts, is watched, reloads, is started again when it is killed and not when its
# configuration is wrong, and stops; and its sandbox holds. That systemd is process 1 of namespaces, on a copy of this machine's root that is thrown
# away. It needs root, overlayfs and cgroups that can be written, as a virtual machine has.
#
#   prove.sh PROGRAM
set -euo pipefail

say() { echo "prove: $*"; }
die() {
    echo "prove: $*" >&2
    [[ -z ${manager:-} ]] || inside journalctl --no-pager --boot --unit smsmux.service | tail -n 30 >&2 || true
    exit 1
}

if [[ ${1:-} == --inside ]]; then
    # Process 1 of the namespaces.
    work=$2 root=$2/root
    mount --make-rprivate /
    mount -t tmpfs tmpfs "$work"
    mkdir "$work"/{upper,scratch,root}
    mount -t overlay overlay -o "lowerdir=/,upperdir=$work/upper,workdir=$work/scratch" "$root"
    for folder in run tmp dev; do mount -t tmpfs tmpfs "$root/$folder"; done
    mount -t proc proc "$root/proc"
    mount -t sysfs -o ro sysfs "$root/sys"
    if [[ -e /sys/fs/cgroup/cgroup.controllers ]]; then
        mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
    else
        mount -t tmpfs tmpfs "$root/sys/fs/cgroup"
        mkdir "$root/sys/fs/cgroup/systemd"
        mount -t cgroup -o none,name=systemd,xattr systemd "$root/sys/fs/cgroup/systemd"
    fi
    mkdir "$root"/dev/{shm,pts}
    cp -a /dev/{null,zero,full,random,urandom,tty} "$root/dev"
    mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
    ln -s pts/ptmx "$root/dev/ptmx"
    ln -s /proc/self/fd "$root/dev/fd"
    # Nothing else of this machine is started.
    rm -rf "${root:?}"/etc/systemd/system/*
    mkdir -p "$root/etc/smsmux"
    cp "$4" "$root/etc/systemd/system/smsmux.service"
    cp "$3" "$root/usr/bin/smsmux"
    echo 'smsmux:x:64997:64997::/:/usr/sbin/nologin' >>"$root/etc/passwd"
    echo 'smsmux:x:64997:' >>"$root/etc/group"
    # In a chroot, no namespace of users can be made.
    cd "$root"
    pivot_root . mnt
    umount --lazy /mnt
    exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin \
        /usr/lib/systemd/systemd --system --unit=basic.target --log-target=journal
fi

[[ $# == 1 && -x $1 ]] || die "expected the path of the program"
[[ $(id -u) == 0 ]] || die "only root can start a systemd"
[[ -x /usr/lib/systemd/systemd ]] || die "systemd is missing (Debian: systemd)"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
program=$(realpath "$1")
work=$(mktemp -d)
# So that this systemd sees no other processes than its own.
groups=()
for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
    [[ ! -e $hierarchy/cgroup.procs ]] || groups+=("$hierarchy/smsmux-prove-$$")
done
mkdir "${groups[@]}"
holder=
finish() {
    [[ -z $holder ]] || { kill -9 "$holder" && wait "$holder"; } 2>/dev/null || true
    for group in "${groups[@]}"; do
        # What was in it may still be ending.
        for _ in {1..50}; do
            find "$group" -depth -type d -exec rmdir {} \; 2>/dev/null || true
            [[ -e $group ]] || break
            sleep 0.1
        done
    done
    rmdir "$work"
}
trap finish EXIT

for group in "${groups[@]}"; do echo $$ >"$group/cgroup.procs"; done
unshare --mount --pid --fork --kill-child --uts --ipc --net --cgroup \
    "${BASH_SOURCE[0]}" --inside "$work" "$program" "$here/smsmux.service" &
holder=$!
for group in "${groups[@]}"; do echo $$ >"${group%/*}/cgroup.procs"; done
manager=
while [[ -z $manager || ! -S /proc/$manager/root/run/systemd/private ]]; do
    kill -0 "$holder" 2>/dev/null || die "no systemd can be started here"
    sleep 0.1
    read -r manager _ </proc/"$holder"/task/"$holder"/children || true
done
root=/proc/$manager/root
inside() { nsenter --target "$manager" --mount --pid --net --ipc --uts --root="$root" "$@"; }
shown() { inside systemctl show --property "$1" --value smsmux.service; }
# expect PROPERTY VALUE: waits for it
expect() {
    local found
    for _ in {1..600}; do
        found=$(shown "$1")
        [[ $found != "$2" ]] || return 0
        sleep 0.1
    done
    die "$1 is $found, expected $2"
}
configure() { printf '%s\n' '[accounts.acme]' 'vendor = "lox24"' "token = \"$1\"" >"$root/etc/smsmux/smsmux.toml"; }

say "starting"
configure 1:a
inside systemctl start smsmux.service || die "it does not start"
expect ActiveState active
expect StatusText serving
process=$root/proc/$(shown MainPID)
field() { sed -n "s/^$1:[[:space:]]*\([^[:space:]]*\).*/\1/p" "$process/status"; }
for sandbox in CapEff:0000000000000000 CapBnd:0000000000000000 NoNewPrivs:1 Seccomp:2; do
    [[ $(field "${sandbox%:*}") == "${sandbox#*:}" ]] || die "${sandbox%:*} is $(field "${sandbox%:*}")"
done
[[ $(field Uid) == 64997 ]] || die "it runs as $(field Uid)"
grep -q ' / / ro,' "$process/mountinfo" || die "its root can be written"
[[ $(stat -c '%u %a' "$root/var/lib/smsmux") == "64997 700" ]] || die "its folder is not its own"
[[ -s $root/var/lib/smsmux/smsmux.db ]] || die "its store is not in its folder"
[[ $(shown WatchdogTimestampMonotonic) != 0 ]] || die "it is not watched"

say "reloading"
first=$(shown MainPID)
configure 1:b
inside systemctl reload smsmux.service || die "it does not reload"
expect ActiveState active
expect MainPID "$first"

say "killing it: it is started again"
inside systemctl kill --kill-whom=main --signal=KILL smsmux.service
expect NRestarts 1
expect ActiveState active
[[ $(shown MainPID) != "$first" ]] || die "it was not killed"

say "stopping"
inside systemctl stop smsmux.service
expect Result success
expect ExecMainStatus 0

say "starting it with a wrong configuration: it is not started again"
configure wrong
! inside systemctl start smsmux.service 2>/dev/null || die "it starts with a wrong configuration"
expect ActiveState failed
expect ExecMainStatus 64
[[ $(shown NRestarts) == 0 ]] || die "it was started again $(shown NRestarts) times"
say "all of it holds"
