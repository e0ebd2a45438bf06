#!/bin/sh
# crates.sh MANIFEST [TARGET]: whether cargo can build the crate here, with what it depends on.
# Status 0; 75 when it cannot be built here, with the reason on standard output: no cargo, no
# such target, or crates that are neither cached nor to be had; otherwise cargo's own failure.
set -u
manifest=$1 target=${2:-}

command -v cargo >/dev/null || { echo 'no cargo'; exit 75; }
if [ -n "$target" ] && ! [ -d "$(rustc --print target-libdir --target "$target" 2>/dev/null)" ]; then
	echo "cargo has no target $target"
	exit 75
fi
cargo fetch --quiet --locked --offline --manifest-path "$manifest" 2>/dev/null && exit 0
said=$(CARGO_NET_RETRY=0 CARGO_HTTP_TIMEOUT=10 cargo fetch --quiet --locked \
	--manifest-path "$manifest" 2>&1) && exit 0
# A damaged manifest or lock file is not a missing network.
if printf '%s\n' "$said" | grep -Eqi \
	'could not resolve host|could ?n.t connect|failed to connect|download of .* failed|timed? ?out|failed to download|using offline mode|network|proxy'; then
	echo "the crates of $manifest are not cached, and cannot be fetched"
	exit 75
fi
printf '%s\n' "$said" >&2
exit 1
