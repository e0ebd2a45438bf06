#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# usage: check.sh SDK WORK VMM|none
#
# Builds each example of the SDK in a folder of its own, as a stranger would, and
# runs it: console, status and file have to be right. Without its compiler an
# example is skipped, and without a VMM that runs here it is only built.
set -u
sdk=$(cd "$1" && pwd) work=$2 vmm=$3
passed=0 failed=0 skipped=0
rm -rf "$work" && mkdir -p "$work" || exit 3
work=$(cd "$work" && pwd)
case $vmm in none) ;; *) vmm=$(cd "$(dirname "$vmm")" && pwd)/$(basename "$vmm") ;; esac

fail() {
	failed=$((failed + 1))
	echo "failed: $*"
}

# example NAME COMPILER ARCH: NAME.elf is built in its folder, then run.
example() {
	name=$1
	if ! command -v "$2" >/dev/null 2>&1; then
		skipped=$((skipped + 1))
		echo "skipped: $name for $3: no $2"
		return
	fi
	if ! make -s -C "$work/$name" UHYVE_ARCH="$3" "$name.elf" >"$work/log" 2>&1; then
		cat "$work/log"
		fail "$name for $3 does not build"
		return
	fi
	if [ "$vmm" = none ] || [ "$3" != "$(uname -m)" ]; then
		passed=$((passed + 1))
		echo "built: $name for $3"
		return
	fi
	rm -rf "$work/data" && mkdir "$work/data"
	said=$(timeout 20 "$vmm" --file-mapping "$work/data:/data" "$work/$name/$name.elf" </dev/null)
	status=$?
	if [ "$status" = 0 ] && [ "$said" = hello ] && [ "$(cat "$work/data/hello.txt")" = hello ]; then
		passed=$((passed + 1))
		echo "ran: $name for $3"
	else
		fail "$name for $3: status $status, console '$said'"
	fi
}

for name in hello hello-cpp; do
	mkdir "$work/$name"
	cp "$sdk/$name".c* "$work/$name"
	printf 'include %s/uhyve.mk\n' "$sdk" >"$work/$name/Makefile"
done
cp -R "$sdk/hello-rs" "$work/hello-rs"
rm -rf "$work/hello-rs/target"
example hello gcc x86_64
example hello-cpp g++ x86_64
rm -f "$work"/hello*/*.elf
example hello aarch64-linux-gnu-gcc aarch64
example hello-cpp aarch64-linux-gnu-g++ aarch64
if why=$(mk/crates.sh "$sdk/hello-rs/Cargo.toml" x86_64-unknown-none); then
	example hello-rs cargo x86_64
elif [ $? = 75 ]; then
	skipped=$((skipped + 1))
	echo "skipped: hello-rs: $why"
else
	failed=$((failed + 1))
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
