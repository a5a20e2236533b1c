#!/usr/bin/env bash
# Runs the program of an image as Kubernetes does: alone on its network, with a root that cannot be written, as user 65532,
# without a capability. It is run by `unshare --mount --net`, with --user --map-root-user where the caller is not root.
#
#   pod.sh ROOT [SOURCE:TARGET:ro|rw]... -- COMMAND...
set -euo pipefail

root=$1
shift
mount --make-rprivate /
mount --bind "$root" "$root"
while [[ $1 != -- ]]; do
    IFS=: read -r source target access <<<"$1"
    mount --bind "$source" "$root$target"
    [[ $access == rw ]] || mount -o remount,bind,ro "$root$target"
    shift
done
shift
mount --rbind /proc "$root/proc"
mount -o remount,bind,ro "$root"
ip link set lo up
cd /
# hold OPTION...: a process that ends with the program, as its child. Who looks in from outside enters the network by it.
hold() { setpriv "$@" --pdeathsig KILL sleep infinity </dev/null >/dev/null 2>&1 & }
# In a namespace of one user there is no other to become: that user gets the number.
if [[ $(awk '{ print $3 }' /proc/self/uid_map) == 1 ]]; then
    hold
    exec setpriv --no-new-privs --inh-caps=-all unshare --user --map-user=65532 --map-group=65532 --root="$root" "$@"
fi
hold --reuid 65532 --regid 65532 --clear-groups
exec setpriv --no-new-privs --inh-caps=-all chroot --groups= --userspec=65532:65532 "$root" "$@"
