# SPDX-License-Identifier: MIT OR Apache-2.0
"""From addresses to functions, files and lines, by addr2line of binutils, which reads DWARF
and demangles C++ and Rust. The image is untrusted: the program runs with limits."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..host import limit_memory
from ..limits import SYMBOLS

MEMORY = 2 << 30  # bytes of address space
# Files that only make the call: their caller is the place that a reader looks for.
_PLUMBING = re.compile(
    r"/(uhyve_interface/guest\.h|sdk/(wrappers|start)\.h|uhyve-interface-[^/]*/.*|core/src/arch/.*)$"
)


@dataclass(frozen=True)
class Frame:
    """A function that is at the address: the innermost of inlined ones comes first."""

    function: str
    source: str  # "file:line", or "" without debug information

    def __str__(self) -> str:
        return f"{self.function} ({self.source})" if self.source else self.function


def frames(image: Path, addresses: Iterable[int]) -> dict[int, list[Frame]]:
    """The frames at each linked address; none for those of which nothing is known."""
    wanted = sorted(set(addresses))
    if not wanted:
        return {}
    command = ["addr2line", "--addresses", "--functions", "--inlines", "--demangle"]
    command += ["--exe", str(image), *(f"{address:#x}" for address in wanted)]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            timeout=SYMBOLS,
            stdin=subprocess.DEVNULL,
            preexec_fn=lambda: limit_memory(MEMORY),
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return {}
    return _parse(done.stdout.decode(errors="replace").splitlines())


def _parse(lines: list[str]) -> dict[int, list[Frame]]:
    found: dict[int, list[Frame]] = {}
    current: list[Frame] = []
    at = 0
    while at < len(lines):
        if re.fullmatch(r"0x[0-9a-f]+", lines[at]):
            current = found.setdefault(int(lines[at], 16), [])
            at += 1
        elif at + 1 < len(lines):
            function, source = lines[at], lines[at + 1]
            source = re.sub(r" \(discriminator \d+\)$", "", source)
            known = not source.startswith("??") and not source.endswith((":0", ":?"))
            if function != "??":
                current.append(Frame(function, source if known else ""))
            at += 2
        else:
            break
    return found


def relevant(all_frames: list[Frame]) -> Frame | None:
    """The frame to name: the first that is not plumbing of the interface."""
    for frame in all_frames:
        if not _PLUMBING.search(frame.source.rsplit(":", 1)[0]):
            return frame
    return all_frames[-1] if all_frames else None
