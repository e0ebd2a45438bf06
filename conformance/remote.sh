#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# A `prefix` for a hypervisor on another machine, see README.md:
#   remote.sh USER@HOST PROGRAM [WORD]...
# brings this directory there, runs the program in it, and brings it back as it is then, but for
# files that their owner may not read. The status is the program's; 128 and the number for a signal.
# REMOTE_SHELL is what reaches the machine and takes HOST and a command line, as ssh does.
#
# What goes wrong on the way ends this script by a signal: a status could pass for the guest's.
set -eu

[ $# -ge 2 ] || { echo "usage: remote.sh USER@HOST PROGRAM [WORD]..." >&2; exit 3; }
host=$1
shift
words=
for word do
	words="$words '$(printf %s "$word" | sed "s/'/'\\\\''/g")'"
done
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT

# 9 is the guard's: only this script may hold it.
there() {
	${REMOTE_SHELL:-ssh} "$host" "$1" 9>&-
}

failed() {
	echo "remote.sh: $host: $1" >&2
	rm -rf "$here"
	kill -s KILL $$
}

place=$(there 'umask 077 && d=$(mktemp -d) && mkdir "$d/work" && echo "$d"' </dev/null) ||
	failed 'no directory can be made'

# A connection of its own that waits for this end to go, however it goes: then the program ends and
# nothing stays there.
mkfifo "$here/guard"
there "cat; p=\$(cat '$place/pid' 2>/dev/null) && kill -s KILL -- -\$p; rm -rf '$place'" \
	<"$here/guard" >/dev/null 2>&1 &
exec 9>"$here/guard"

tar -cf - . | there "tar -xpf - --no-same-owner -C '$place/work'" ||
	failed 'the files cannot be brought there'
there "cd '$place/work' && echo \$\$ >../pid && umask $(umask) && $words; echo \$? >../status" ||
	failed 'the connection was lost while the program ran'
there "rm '$place/pid' && cat '$place/status' && tar -cf - -C '$place/work' ." </dev/null >"$here/back" ||
	failed 'the files cannot be brought back'
find . -mindepth 1 -delete
{
	read -r status
	tar -xpf - --no-same-owner
} <"$here/back" || failed 'the files that came back are incomplete'
exec 9>&-
wait
exit "$status"
