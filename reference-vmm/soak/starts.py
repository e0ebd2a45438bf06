#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Starts guests again and again, each time with RAM at another random place.

usage: starts.py VMM GUEST... [--starts N] [--memory MIB]... [--jobs N]

Every guest starts N times (200) with each size of memory (64, 1000 and 2048 MiB), and has
to end with status 0. A start that does not is shown with its command line. Status 1 when
there was one.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

TIMEOUT = 120  # seconds, for a machine that is busy


def start(vmm: Path, guest: Path, memory: int) -> str:
    """What is wrong with one start, or nothing."""
    with tempfile.TemporaryDirectory(prefix="uhyve-starts-") as folder:
        (Path(folder) / "data").mkdir()
        command = [str(vmm.resolve()), "-m", f"{memory}MiB"]
        command += ["--file-mapping", f"{folder}/data:/data", str(guest.resolve())]
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                env={**os.environ, "TMPDIR": folder},
                timeout=TIMEOUT,
            )
        except subprocess.TimeoutExpired:
            return f"it does not end\n  {' '.join(command)}"
    if done.returncode == 0:
        return ""
    said = (done.stdout + done.stderr).decode(errors="replace")[-1000:]
    return f"status {done.returncode}\n  {' '.join(command)}\n{said}"


def main() -> int:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("vmm", type=Path)
    parser.add_argument("guests", type=Path, nargs="+")
    parser.add_argument("--starts", type=int, default=200)
    parser.add_argument("--memory", type=int, action="append", help="MiB")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    if options.starts < 1 or options.jobs < 1:
        parser.error("--starts and --jobs are at least 1")
    for needed in (options.vmm, *options.guests):
        if not needed.is_file():
            parser.error(f"{needed}: no such file")
    failures = total = 0
    with ThreadPoolExecutor(options.jobs) as pool:
        for guest in options.guests:
            for memory in options.memory or (64, 1000, 2048):
                runs = [
                    pool.submit(start, options.vmm, guest, memory) for _ in range(options.starts)
                ]
                wrong = [problem for run in runs if (problem := run.result())]
                print(*wrong[:3], sep="\n", end="\n" if wrong else "")
                print(f"{guest.name}, {memory} MiB: {len(wrong)} of {len(runs)} failed", flush=True)
                failures += len(wrong)
                total += len(runs)
    print(f"{total - failures} passed, {failures} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
