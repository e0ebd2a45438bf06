# SPDX-License-Identifier: MIT OR Apache-2.0
"""A lazy hypervisor: the reference VMM, of whose console only the beginning is seen.

usage: console.py cut|dies PROGRAM ARGUMENT…

Everything is done as it should be, and the answer to the challenge is right; after it the
console is silent. `cut` ends as the VMM does. `dies` kills the VMM at that moment and ends
with status 0, as if the guest had ended well. Guests of the foundation and probes of
capabilities are run in full, so that the rest is run at all.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

IMAGE = Path("guest.elf")
IN_FULL = re.compile(rb"\b(foundation = true|probe = )")
LAST = b"# response "


def main(how: str, command: list[str]) -> int:
    """The status as above."""
    in_full = IN_FULL.search(IMAGE.read_bytes()) is not None
    with subprocess.Popen(command, stdin=sys.stdin, stdout=subprocess.PIPE) as process:
        seen = False
        for line in process.stdout:
            if not seen:
                sys.stdout.buffer.write(line)
                sys.stdout.buffer.flush()
            seen |= line.startswith(LAST) and not in_full
            if seen and how == "dies":
                process.kill()
                return 0
    return process.returncode if process.returncode >= 0 else 128 - process.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
