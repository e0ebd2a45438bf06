#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# Proves that gmem.c keeps the contracts of gmem.h for all inputs (Frama-C WP with
# Z3), and that the proof can fail: the same with a planted bug is refused.
# usage: prove.sh BUILD-DIRECTORY
set -u
build=$1
source=reference-vmm/src/gmem.c

for tool in frama-c why3 z3; do
	command -v "$tool" >/dev/null || {
		echo "error: $tool is missing (Debian: frama-c-base why3 z3)" >&2
		exit 3
	}
done
mkdir -p "$build"
WHY3CONFIG=$(cd "$build" && pwd)/why3.conf
export WHY3CONFIG
[ -s "$WHY3CONFIG" ] || why3 config detect >"$build/why3.log" 2>&1 || {
	cat "$build/why3.log" >&2
	exit 3
}

# One prover at a time: on a machine that is busy the answers stay the same.
# _Alignof, which Frama-C does not know, is only in the header's assertions.
wp() { # FILE LOG [OPTION...]
	file=$1 log=$2
	shift 2
	frama-c -c11 -machdep gcc_x86_64 \
		-cpp-extra-args="-D_Alignof=__alignof__ -Iinclude -Ireference-vmm/src" \
		-wp -wp-rte -wp-model Typed+Cast -wp-prover z3 -wp-par 1 \
		"$@" "$file" >"$log" 2>&1
}

proved() { # LOG: "N N", the goals proved and all of them
	sed -n 's,.*Proved goals: *\([0-9]*\) / \([0-9]*\).*,\1 \2,p' "$1"
}

wp "$source" "$build/gmem.log" -wp-timeout 60 || { cat "$build/gmem.log" >&2; exit 3; }
set -- $(proved "$build/gmem.log")
if [ "${1:-0}" -lt 60 ] || [ "$1" != "$2" ]; then
	grep -v ': Valid' "$build/gmem.log" >&2
	echo "prove: ${1:-0} of ${2:-0} goals of $source proved" >&2
	exit 1
fi
echo "  $source: all $2 goals proved"
total=1

# The sum wraps around; then RAM is left by one byte; then nothing is checked.
plant() { # NAME FUNCTION SED-SCRIPT
	sed "$3" "$source" >"$build/$1.c"
	if cmp -s "$source" "$build/$1.c"; then
		echo "prove: the bug '$1' could not be planted in $source" >&2
		exit 3
	fi
	wp "$build/$1.c" "$build/$1.log" -wp-fct "$2" -wp-timeout 5 || { cat "$build/$1.log" >&2; exit 3; }
	bug=$1
	set -- $(proved "$build/$1.log")
	if [ "${1:-0}" = 0 ] || [ "$1" = "$2" ]; then
		echo "prove: the planted bug '$bug' was not refused ($1 of $2 goals)" >&2
		exit 1
	fi
	echo "  planted bug '$bug': refused, $(($2 - $1)) of $2 goals not proved"
	total=$((total + 1))
}
plant wrap-around gmem_valid \
	's/return offset < mem->size && .*/return addr + len <= mem->start + mem->size;/'
plant one-byte-more gmem_valid 's/len <= mem->size - offset/len - 1 <= mem->size - offset/'
plant scan-behind-ram gmem_string 's/if (i == rest)/if (i > rest)/'
echo "$total passed, 0 failed"
