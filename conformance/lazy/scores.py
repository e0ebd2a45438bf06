# SPDX-License-Identifier: MIT OR Apache-2.0
"""Runs the lazy hypervisors and compares their scores with README.md.

usage: scores.py [--write]

A lazy hypervisor shows what a pass is worth. Those that run nothing must pass nothing; the
scores of the others are written down, so that a new test that passes by itself is noticed.
Those that take away the console are judged by the runs that have one and of which the host
judges something by itself: nothing else can be fooled.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from uhyve_conformance.guests import read_guests
from uhyve_conformance.paths import BUILD

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
README = HERE / "README.md"
TABLE = re.compile(r"(?<=<!-- scores -->\n).*?(?=<!-- end -->)", re.DOTALL)
WITHOUT_CONSOLE = ("cut", "dies")
WORTH_NOTHING = ("exit", "echo", "ignores", *WITHOUT_CONSOLE)


def judged_by_host() -> list[str]:
    """The runs that speak TAP and of which the host judges something, too."""
    runs = [run for guest in read_guests(BUILD / "guests/x86_64") for run in guest.runs]
    early = [run for run in runs if run.foundation or run.probe]  # these are run in full
    return [run.name for run in runs if run.tap and run.host_judged and run not in early]


def score(name: str) -> tuple[str, dict[str, int]]:
    """Its summary and the number of requirements for each verdict."""
    place = ROOT / "build/conformance" / f"lazy-{name}-x86_64"
    only = judged_by_host() if name in WITHOUT_CONSOLE else []
    results = (place / "selection" if only else place) / "results.json"
    results.unlink(missing_ok=True)
    command = [
        sys.executable,
        "-m",
        "uhyve_conformance",
        "run",
        "--hypervisor",
        HERE / f"{name}.toml",
    ]
    command += [f"--only={run}" for run in only]
    log = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if not results.exists():
        sys.exit(f"lazy hypervisor {name}:\n{log.stdout}{log.stderr}")
    tree = json.loads(results.read_text())
    if log.returncode != 1 or tree["conforms"]:
        sys.exit(f"lazy hypervisor {name} was not found out, status {log.returncode}")
    return tree["hypervisor"]["summary"], tree["summary"]


def table() -> str:
    """All scores as a table for the README."""
    lines = ["| hypervisor | what it does | PASS |", "|---|---|---|"]
    names = ("zero", "einval", *WORTH_NOTHING)  # the longest first
    with ThreadPoolExecutor(2) as pool:  # one of them only waits
        scores = list(pool.map(score, names))
    rows = dict(zip(names, scores, strict=True))
    for name in (*WORTH_NOTHING, "zero", "einval"):
        summary, counts = rows[name]
        passed = counts["PASS"]
        if name in WORTH_NOTHING and passed:
            sys.exit(f"lazy hypervisor {name} is worth nothing and passes {passed} requirements")
        lines.append(f"| {name} | {summary} | {passed} |")
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """0 when the README has these scores."""
    text, scores = README.read_text(encoding="utf-8"), table()
    print(scores, end="")
    if arguments == ["--write"]:
        README.write_text(TABLE.sub(lambda _: scores, text), encoding="utf-8")
        return 0
    if TABLE.search(text)[0] != scores:
        print(
            f"{README.relative_to(ROOT)} has other scores; "
            "look at what changed, then `make lazy-write`"
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
