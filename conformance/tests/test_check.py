# SPDX-License-Identifier: MIT OR Apache-2.0
"""make check's runner: steps side by side, counts added up, nothing lost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from uhyve_conformance.paths import ROOT

MAKE = """#!/bin/sh
seen() { # waits for the other step's line; only side by side does it come
	tries=0
	until grep -q "$1" order; do
		tries=$((tries + 1)); [ $tries -lt 100 ] || exit 1; sleep 0.05
	done
}
for step; do :; done # the last word
echo "$step began" >>order
case $step in
first) seen 'second ended'; echo '2 passed, 0 failed' ;;
second) seen 'first began'; echo '1 passed, 0 failed' ;;
two) echo '2 passed, 0 failed' ;;
quick) echo '1 passed, 0 failed' ;;
red) echo '1 passed, 1 failed'; exit 1 ;;
none) echo '0 passed, 0 failed' ;;
absent) echo '0 passed, 0 failed, 1 skipped: no tool' ;;
esac
echo "$step ended" >>order
"""


def check(place: Path, jobs: int, *steps: str) -> tuple[int, str, list[str]]:
    (place / "make").write_text(MAKE)
    (place / "make").chmod(0o755)
    done = subprocess.run(
        [sys.executable, ROOT / "mk/check.py", "logs", str(jobs), *steps],
        cwd=place, env={"PATH": f"{place}:/usr/bin:/bin"}, text=True, capture_output=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout, (place / "order").read_text().split("\n")


def test_steps_of_one_core_run_side_by_side(tmp_path: Path) -> None:
    status, said, order = check(tmp_path, 2, "first:1", "second:1", "two")
    assert status == 0
    assert set(order[:2]) == {"first began", "second began"}
    assert order[2:5] == ["second ended", "first ended", "two began"]
    assert said.splitlines()[-1] == "check: 5 passed, 0 failed"


@pytest.mark.parametrize(
    ("steps", "status", "last"),
    [
        (("red:1", "quick:1"), 1, "check: 2 passed, 1 failed"),
        (("none", "quick"), 3, "check: 1 passed, 1 failed"),
        (("absent", "quick"), 0, "check: 1 passed, 0 failed, 1 skipped"),
        (("two:4",), 0, "check: 2 passed, 0 failed"),
    ],
)
def test_status_and_counts(tmp_path: Path, steps: tuple[str, ...], status: int, last: str) -> None:
    got, said, _ = check(tmp_path, 2, *steps)
    assert (got, said.splitlines()[-1]) == (status, last)
