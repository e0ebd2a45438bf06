#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# Compiles the canonical headers in every way that they promise to support.
# usage: check.sh INCLUDE_DIRECTORY; a compiler that is missing is skipped, and
# named.
set -u
include=$1
here=$(dirname "$0")
warnings="-Wall -Wextra -Wshadow -Wconversion -Wpedantic -Werror"
passed=0 failed=0 skipped=0

# compile COMPILER... SOURCE
compile() {
	if "$@" $warnings -I"$include" -c -o /dev/null; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "failed: $*"
	fi
}

# can COMPILER...: whether it compiles a hosted, empty program
can() {
	echo '#include <stdint.h>' | "$@" -c -o /dev/null - 2>/dev/null && return
	skipped=$((skipped + 1))
	echo "skipped, does not work here: $*"
	return 1
}

# every COMPILER...: each language and environment, all headers and each alone
every() {
	for language in '-std=c11 -x c' '-std=c++17 -x c++'; do
		can "$@" $language || continue
		for environment in '' -ffreestanding; do
			compile "$@" $environment $language "$here/all.c"
			for header in v2 v1 boot guest calls; do
				compile "$@" $environment \
					-DONLY="<uhyve_interface/$header.h>" \
					$language "$here/all.c"
			done
		done
	done
	can "$@" -x c && compile "$@" "$here/numbers.S"
}

every gcc
every clang
every aarch64-linux-gnu-gcc
every clang --target=aarch64-linux-gnu
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
