#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Runs the steps of `make check`, each a make target, and sums up what they say.

usage: check.py LOGDIR JOBS STEP[:CORES]...

Steps that keep one core busy run side by side; without a number a step has all JOBS cores
to itself. The first steps build what later ones share, so that no two make the same file.
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
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
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
        with log.open("a") as out:
            print(f"{step}: its test runner ran no test", file=out)
        return 3, Counts(failed=1)
    return status, counts


@dataclass(frozen=True)
class Step:
    """A make target, and how many cores it keeps busy."""

    name: str
    cores: int

    @classmethod
    def parse(cls, text: str, jobs: int) -> Step:
        name, _, cores = text.partition(":")
        return cls(name, min(int(cores or jobs), jobs))


def finished(step: Step, logs: Path) -> tuple[Step, int, Counts, float]:
    """Runs a step: its exit status, counts and seconds."""
    begin = time.monotonic()
    status, counts = run(step.name, str(step.cores), logs / f"{step.name}.log")
    return step, status, counts, time.monotonic() - begin


def told(step: Step, status: int, counts: Counts, seconds: float, log: Path) -> None:
    if status:
        print(log.read_text(errors="replace")[-20000:])
    verdict = "ok" if status == 0 else f"FAILED with status {status}, see {log}"
    print(f"  {step.name}: {verdict}: {counts} in {seconds:.0f} s", flush=True)


def main(logdir: str, jobs: str, *steps: str) -> int:
    """Runs all steps, also after one that fails, so that one run shows everything.

    A step begins, in the order given, when the cores that it keeps busy are free.
    """
    logs, total, worst = Path(logdir), Counts(), 0
    logs.mkdir(parents=True, exist_ok=True)
    waiting = [Step.parse(text, int(jobs)) for text in steps]
    free, number, running = int(jobs), 0, set[Future[tuple[Step, int, Counts, float]]]()
    with ThreadPoolExecutor(int(jobs)) as pool:
        while waiting or running:
            while waiting and waiting[0].cores <= free:
                step, number = waiting.pop(0), number + 1
                free -= step.cores
                print(f"[{number}/{len(steps)}] {step.name} ...", flush=True)
                running.add(pool.submit(finished, step, logs))
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for step, status, counts, seconds in (future.result() for future in done):
                free += step.cores
                total += counts
                worst = max(worst, min(status, 1), 3 if status == 3 else 0)
                told(step, status, counts, seconds, logs / f"{step.name}.log")
    print(f"check: {total}")
    return worst


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
