#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# Checks the models of this folder over all interleavings (SPIN), and that they can
# fail: the old designs are refused.
# usage: models.sh BUILD-DIRECTORY
set -u
build=$1
here=$(cd "$(dirname "$0")" && pwd)
passed=0

command -v spin >/dev/null || {
	echo 'models: spin is missing (Debian: spin)'
	echo '0 passed, 0 failed, 1 skipped'
	exit 0
}
mkdir -p "$build"
cd "$build" || exit 3

# The number of errors, "" when the search was not complete.
errors() { # MODEL OPTION...
	model=$1
	shift
	rm -f pan pan.* ./*.trail
	spin -a "$@" "$here/$model.pml" >spin.log 2>&1 &&
		gcc -O2 -DSAFETY -DMEMLIM=2048 -w -o pan pan.c >>spin.log 2>&1 &&
		./pan -m1000000 -E >pan.log 2>&1
	grep -q 'max search depth too small\|out of memory' pan.log && return
	sed -n 's/.*errors: \([0-9]*\).*/\1/p' pan.log
}

model() { # holds|fails WHAT MODEL OPTION...
	want=$1 what=$2
	shift 2
	found=$(errors "$@")
	case $want$found in
	holds0 | fails[1-9]*) ;;
	*)
		cat spin.log pan.log >&2
		echo "models: $what: expected that it $want; errors: ${found:-not complete}" >&2
		exit 1
		;;
	esac
	states=$(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' pan.log)
	echo "  $what: $want, ${states:-?} states"
	passed=$((passed + 1))
}

model holds 'the end of a machine' end -DCHECK_REMOVED=1 -DCHECK_RELEASED=1
model fails 'old end: gone before private storage is' end -DOLD -DCHECK_REMOVED=1 -DCHECK_RELEASED=0
model fails 'old end: a call uses what was released' end -DOLD -DCHECK_REMOVED=0 -DCHECK_RELEASED=1
model holds 'a slot of the table of descriptors' descriptors
model fails 'a slot without the second look' descriptors -DOLD
model fails 'a FileClose that looks, then changes' descriptors -DLOOKS
echo "$passed passed, 0 failed"
