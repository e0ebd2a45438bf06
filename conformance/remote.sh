#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# A `prefix` for a hypervisor on another machine, see README.md:
#   remote.sh USER@HOST PROGRAM [WORD]...
# brings this directory there, runs the program in it, and brings it back as it is then, but for
# files that their owner may not read.
# REMOTE_SHELL is what reaches the machine and takes HOST and a command line, as ssh does.
set -eu

[ $# -ge 2 ] || { echo "usage: remote.sh USER@HOST PROGRAM [WORD]..." >&2; exit 3; }
host=$1
shift
words=
for word do
	words="$words '$(printf %s "$word" | sed "s/'/'\\\\''/g")'"
done

there() {
	${REMOTE_SHELL:-ssh} "$host" "$1"
}

failed() {
	echo "remote.sh: $host: $1" >&2
	exit 3
}

place=$(there 'mktemp -d') </dev/null || failed 'no directory can be made'
tar -cf - . | there "tar -xpf - --no-same-owner -C '$place'" || failed 'the files cannot be brought there'
status=0
there "cd '$place' && umask $(umask) && exec $words" || status=$?
find . -mindepth 1 -delete
there "tar -cf - -C '$place' ." </dev/null | tar -xpf - --no-same-owner || failed 'the files cannot be brought back'
there "rm -rf '$place'" </dev/null || failed "$place stays there"
exit "$status"
