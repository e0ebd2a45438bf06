# SPDX-License-Identifier: MIT OR Apache-2.0
"""A lazy hypervisor: it reads what the guest promises and prints that all is well.

usage: echo.py IMAGE …

It answers the challenge 0, as in a recording of a guest that was run by hand; the answer
of this run is what it cannot know without running the guest.
"""

from __future__ import annotations

import sys
from pathlib import Path

from uhyve_conformance.guests import NotOursError, read_guest
from uhyve_conformance.image import response
from uhyve_conformance.manifest import Run

RECORDED = response(0)


def make_files(run: Run) -> None:
    """The files as they should be afterwards."""
    for after in run.after:
        path = Path(after.path)
        if after.absent:
            path.unlink(missing_ok=True)
        elif after.type != "dir":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes((after.content or b"").ljust(min(after.size or 0, 1 << 20), b"\0"))
            path.chmod(0o644 if after.mode is None else after.mode)


def console(run: Run) -> bytes:
    """The output as it should be, but for the answer."""
    if run.stdout:
        return run.stdout.due(RECORDED)
    lines = ["TAP version 14", f"# response {RECORDED:#x}"]
    for number, id_ in enumerate(run.tests, 1):
        lines += [f"# begin {id_}", f"ok {number} - {id_} as it should be"]
    lines.append(f"1..{len(run.tests)}")
    return ("\n".join(lines) + "\n").encode()


def main(image: Path) -> int:
    """The status as it should be."""
    try:
        runs = read_guest(image).runs
    except NotOursError:
        runs = ()
    if not runs or runs[0].refused:
        print("this image is not for me", file=sys.stderr)
        return 1
    make_files(runs[0])
    sys.stdout.buffer.write(console(runs[0]))
    if status := runs[0].status:
        return status.any_of[0] if status.any_of else 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
