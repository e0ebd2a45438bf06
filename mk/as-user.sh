#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# usage: mk/as-user.sh OUTPUT COMMAND ARGUMENT...
#
# Runs the harness (uhyve_conformance COMMAND ARGUMENT...) as an ordinary user, whose results go
# below OUTPUT. A user who is not root stays that user. Root becomes `nobody`, in a mount namespace
# of its own, where this project, Python and /dev/kvm can be reached by everyone; nothing
# outside changes. Where that is not possible, says "skipped".
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
venv=$root/build/venv
output=$1 command=$2
shift 2

if [ "$(id -u)" != 0 ]; then
	exec "$venv/bin/python" -m uhyve_conformance "$command" --output "$output" "$@"
fi

skip() {
	echo "skipped: no ordinary user to be had here: $1"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
}
for program in unshare setpriv mount mknod; do
	command -v $program >/dev/null || skip "no program $program"
done
unshare --mount true 2>/dev/null || skip "no mount namespace"

rm -rf "$output"
mkdir -p "$(dirname "$output")"
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
chmod 755 "$place"
mkdir "$place/tree" "$place/python" "$place/out"
chown 65534:65534 "$place/out"
export place root command
prefix=$("$venv/bin/python" -c 'import sys; print(sys.base_prefix)')
program=$("$venv/bin/python" -c 'import os, sys; print(os.path.relpath(os.path.realpath(sys.executable), sys.base_prefix))')
packages=$("$venv/bin/python" -c 'import os, sys, sysconfig; print(os.path.relpath(sysconfig.get_path("purelib"), sys.prefix))')
export prefix program packages
status=0
# The single quotes are meant: the inner shell has these variables.
# shellcheck disable=SC2016
unshare --mount sh -c '
	set -eu
	mount --bind "$root" "$place/tree"
	mount --bind "$prefix" "$place/python"
	if [ -e /dev/kvm ]; then
		mount -t tmpfs -o mode=755 device "$place/out"
		mknod -m 666 "$place/out/kvm" c 10 232
		mount --bind "$place/out/kvm" /dev/kvm
		umount -l "$place/out"
	fi
	cd "$place/tree"
	exec setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs \
		env HOME=/nonexistent LD_LIBRARY_PATH="$place/python/lib" PYTHONDONTWRITEBYTECODE=1 \
		PYTHONPATH="$place/tree/conformance:$place/tree/build/venv/$packages" \
		"$place/python/$program" -m uhyve_conformance "$command" --output "$place/out/results" "$@"
' sh "$@" || status=$?
[ -d "$place/out/results" ] && cp -r "$place/out/results" "$output"
exit $status
