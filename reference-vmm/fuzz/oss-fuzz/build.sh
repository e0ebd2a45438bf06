#!/bin/bash -eu
# SPDX-License-Identifier: MIT OR Apache-2.0
# Builds every fuzz target as OSS-Fuzz wants it: its compiler and flags, its engine, and
# targets, corpora and options in $OUT. Runs at the root of the repository.

: "${CC:?}" "${CFLAGS?}" "${LIB_FUZZING_ENGINE:?}" "${OUT:?}"
: "${CXX:=$CC}" "${CXXFLAGS:=$CFLAGS}"
vmm=reference-vmm
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
targets="calls image devicetree bootargs crash change"
flags="-std=c11 -D_GNU_SOURCE -pthread -Iinclude -I$vmm/src -DUHYVE_REF_VERSION=\"fuzz\""

objects=()
for source in "$vmm"/src/*.c "$vmm"/src/judge/*.c "$vmm"/src/x86_64/*.c "$vmm"/fuzz/*.c; do
	case $source in */main.c | */entry.c) continue ;; esac
	object=$work/$(echo "${source%.c}" | tr / -).o
	# The flags are several words.
	# shellcheck disable=SC2086
	$CC $CFLAGS $flags -c -o "$object" "$source"
	objects+=("$object")
done
for target in $targets; do
	# shellcheck disable=SC2086
	$CC $CFLAGS $flags "-DFUZZ=fuzz_$target" -c -o "$work/entry.o" "$vmm/fuzz/entry.c"
	# The libraries of the machine that builds are not on the one that runs.
	# shellcheck disable=SC2086
	$CXX $CXXFLAGS -pthread -Wl,--wrap=pread -o "$OUT/fuzz-$target" "$work/entry.o" \
		"${objects[@]}" $LIB_FUZZING_ENGINE -Wl,-Bstatic -lfdt -lseccomp -Wl,-Bdynamic
	(cd "$vmm/fuzz/corpus/$target" && python3 -m zipfile -c "$OUT/fuzz-${target}_seed_corpus.zip" .)
	printf '[libfuzzer]\nrss_limit_mb = 1024\ntimeout = 20\n' >"$OUT/fuzz-$target.options"
done
