#!/usr/bin/env bash
# Assembles the content of the image in a folder: the program, the libraries that it needs, certificate authorities, licences, the
# bill of materials, and the user that it runs as. Nothing else is in it, no shell either. The same program and Cargo.lock
# make the same bytes, with times of $SOURCE_DATE_EPOCH (0 if unset).
#
#   assemble.sh PROGRAM FOLDER    FOLDER is made, and must not be there
set -euo pipefail

die() {
    echo "assemble: $*" >&2
    exit 1
}

[[ $# == 2 ]] || die "expected PROGRAM and FOLDER"
program=$1 image=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
authorities=/etc/ssl/certs/ca-certificates.crt
[[ -x $program ]] || die "$program is no program"
[[ -r $authorities ]] || die "$authorities is missing (Debian: ca-certificates)"
umask 022
mkdir "$image" || die "$image is there already"

# put MODE SOURCE TARGET
put() { install -D -m "$1" "$2" "$image$3"; }

put 0755 "$program" /usr/local/bin/smsmux
# The libraries by the paths under which the loader looks for them: none of a program that is linked with them.
libraries=$(ldd "$program" 2>/dev/null || true)
{ grep -o '/[^ ]*' <<<"$libraries" || true; } | sort -u | while read -r library; do
    put 0755 "$library" "$library"
done
put 0644 "$authorities" "$authorities"

documents=/usr/share/doc/smsmux
put 0644 "$here/../../LICENSE" $documents/LICENSE
for package in libc6 libgcc-s1 ca-certificates; do
    [[ ! -r /usr/share/doc/$package/copyright ]] ||
        put 0644 "/usr/share/doc/$package/copyright" "/usr/share/doc/$package/copyright"
done
python3 "$here/components.py" "$image$documents"

mkdir -p "$image"/{dev,proc,tmp,etc/smsmux,var/lib/smsmux}
chmod 1777 "$image/tmp"
echo 'smsmux:x:65532:65532:smsmux:/var/lib/smsmux:/sbin/nologin' >"$image/etc/passwd"
echo 'smsmux:x:65532:' >"$image/etc/group"
# Names are looked up in the hosts file first, as everywhere.
echo 'hosts: files dns' >"$image/etc/nsswitch.conf"
# Only root can give the folder of the store away; elsewhere a volume is mounted there.
[[ $(id -u) != 0 ]] || chown 65532:65532 "$image/var/lib/smsmux"
find "$image" -exec touch --no-dereference --date="@${SOURCE_DATE_EPOCH:-0}" {} +
