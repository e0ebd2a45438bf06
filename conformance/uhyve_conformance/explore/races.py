# SPDX-License-Identifier: MIT OR Apache-2.0
"""Can the explorer find a race? Variants of the reference VMM that do in two steps what is one.

python -m uhyve_conformance.explore.races [MUTANT ...]
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

from .. import paths
from ..errors import Exit

# None of them shows on one vCPU.
RACES = (
    "conc-write", "conc-read", "conc-excl", "conc-close", "conc-unlink", "conc-private",
    "conc-same-number",
)  # fmt: skip
SECONDS = 60  # each is found in a few, unless the machine is busy
SEED = 11


def wrapper(place: Path, mutant: str) -> Path:
    """A program that is the mutant."""
    program = place / mutant
    command = shlex.join([str(paths.BUILD / "uhyve-ref-mutants"), "--mutant", mutant])
    program.write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return program


def find(mutant: str, place: Path) -> tuple[str, str]:
    """What tells the race, and after how long; ("", why not) otherwise."""
    out = place / f"{mutant}.results"
    done = subprocess.run(
        [
            sys.executable, "-m", "uhyve_conformance", "explore", "--hypervisor", "reference",
            "--program", wrapper(place, mutant), "--vcpus", "4", "--findings", "1",
            "--seconds", str(SECONDS), "--seed", str(SEED), "--output", out,
        ],
        stdin=subprocess.DEVNULL, capture_output=True, check=False, text=True,
    )  # fmt: skip
    if done.returncode not in (Exit.OK, Exit.FAILURES):
        return "", f"BROKEN: {done.stderr.strip()[-300:]}"
    findings = json.loads((out / "results.json").read_text(encoding="utf-8"))["findings"]
    if not findings or not findings[0]["name"].startswith("vCPUs"):
        return "", findings[0]["name"] if findings else f"nothing in {SECONDS} s"
    return f"{findings[0]['name']}: {findings[0]['sequence']}", f"{findings[0]['seconds']:5.1f} s"


def main(names: list[str]) -> int:
    """Every race is found by some order of calls that explains nothing."""
    place = paths.BUILD / "explore/races-planted"
    place.mkdir(parents=True, exist_ok=True)
    missed = 0
    for mutant in names or RACES:
        what, when = find(mutant, place)
        missed += not what
        print(f"{when if what else ' MISSED'}  {mutant}: {what or when}", flush=True)
    print(f"{len(names or RACES) - missed} passed, {missed} failed")
    return Exit.FAILURES if missed else Exit.OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
