#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Runs the steps of `make check`, each a make target, and sums up what they say.

usage: check.py LOGDIR JOBS STEP...

A step's output goes to LOGDIR/STEP.log and is shown when the step fails. The
counts are what its test runners printed (pytest, cmocka, or a plain line
"N passed, N failed"); a step without such a line counts as one, and a step that says
only "N skipped" found that it cannot run here. The exit status
is 0 when every step succeeded, 1 otherwise, 3 when a step ran no test that it
was meant to run.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

# The closing line of pytest ("== 3 failed, 12 passed in 0.1s ==") and the plain one.
CLOSING = re.compile(
    r"^(?:=+ )?(?=.*\b\d+ (?:passed|failed)\b)[\w ,:.()]*?(?: in [\d.:()s ]+)?(?: =+)?$"
)
COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped)\b")
CMOCKA = re.compile(r"^\[  (PASSED |FAILED )\s*\] (\d+) test\(s\)")


@dataclass
class Counts:
    """Tests of one step, or of all."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __iadd__(self, other: Counts) -> Counts:
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        return self

    def __str__(self) -> str:
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


def counted(log: str) -> Counts | None:
    """The counts of the test runners in a log; None if there are none."""
    total, seen = Counts(), False
    for line in log.splitlines():
        if match := CMOCKA.match(line):
            seen = True
            if match[1].startswith("PASSED"):
                total.passed += int(match[2])
            else:
                total.failed += int(match[2])
        elif CLOSING.match(line):
            seen = True
            for number, word in COUNT.findall(line):
                field = "failed" if word.startswith("error") else word
                setattr(total, field, getattr(total, field) + int(number))
    return total if seen else None


def run(step: str, jobs: str, log: Path) -> tuple[int, Counts]:
    """Runs one target with its output in a file; (exit status, counts)."""
    # A make of its own: the flags of the one that runs this would limit it.
    environment = {key: value for key, value in os.environ.items() if key != "MAKEFLAGS"}
    with log.open("wb") as out:
        status = subprocess.run(
            ["make", "--no-print-directory", f"-j{jobs}", step],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode
    counts = counted(log.read_text(errors="replace"))
    if counts is None:
        counts = Counts(passed=int(status == 0), failed=int(status != 0))
    elif status and not counts.failed:
        counts.failed = 1
    elif not status and not counts.passed and not counts.skipped:
        print(f"  {step}: its test runner ran no test", flush=True)
        return 3, Counts(failed=1)
    return status, counts


def main(logdir: str, jobs: str, *steps: str) -> int:
    """Runs all steps, also after one that fails, so that one run shows everything."""
    logs, total, worst = Path(logdir), Counts(), 0
    logs.mkdir(parents=True, exist_ok=True)
    for number, step in enumerate(steps, 1):
        print(f"[{number}/{len(steps)}] {step} ...", flush=True)
        begin, log = time.monotonic(), logs / f"{step}.log"
        status, counts = run(step, jobs, log)
        total += counts
        if status:
            worst = max(worst, 3 if status == 3 else 1)
            print(log.read_text(errors="replace")[-20000:])
        verdict = "ok" if status == 0 else f"FAILED with status {status}, see {log}"
        print(f"  {verdict}: {counts} in {time.monotonic() - begin:.0f} s", flush=True)
    print(f"check: {total}")
    return worst


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
