# SPDX-License-Identifier: MIT OR Apache-2.0
"""The same verdicts whatever the order, the load and the user?

    python -m uhyve_conformance.shuffled OUTPUT HYPERVISOR RUNS USERS [OPTION ...]

RUNS whole runs, each in another order, while four processes do nothing but keep the
processors busy; the last USERS of them as another user, by mk/as-user.sh. Options are those of
`run`. The first run tells what the others are compared with.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from .compare import compare, describe
from .errors import Exit
from .paths import ROOT, shown

LOOPS = 4
_LOOP = "import ctypes, signal; ctypes.CDLL(None).prctl(1, signal.SIGKILL)\nwhile True: pass"


@contextlib.contextmanager
def busy(loops: int = LOOPS) -> Iterator[None]:
    """Processes that use up the processors; they end with this one, however it ends."""
    running = [subprocess.Popen([sys.executable, "-c", _LOOP]) for _ in range(loops)]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def _verdicts(results: dict[str, Any]) -> dict[str, str]:
    """Of each check of each run, by what names it."""
    return {
        f"{run['name']} {check['id']} {check['what']}": check["verdict"]
        for run in results["guests"]
        for check in run["checks"]
    }


def _one(
    number: int, place: Path, hypervisor: str, other_user: bool, options: Sequence[str]
) -> tuple[dict[str, Any] | None, str]:
    shutil.rmtree(place, ignore_errors=True)
    wish = ["--hypervisor", hypervisor, "--shuffle", str(number), *options]
    if other_user:
        command = [str(ROOT / "mk/as-user.sh"), str(place), "run", *wish]
    else:
        command = [sys.executable, "-m", "uhyve_conformance", "run", "--output", str(place), *wish]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if "skipped: no ordinary user" in done.stdout:
        return None, done.stdout.splitlines()[0]
    found = sorted(place.rglob("results.json"))
    if not found:
        return None, f"no results: {(done.stdout + done.stderr).strip()[-300:]}"
    return json.loads(found[0].read_text(encoding="utf-8")), ""


def main(arguments: Sequence[str]) -> int:
    """A line a run; the status says whether all agree."""
    directory, hypervisor = Path(arguments[0]), arguments[1]
    runs, users = int(arguments[2]), int(arguments[3])
    first: dict[str, Any] | None = None
    passed = failed = skipped = 0
    with busy():
        for number in range(1, runs + 1):
            other = number > runs - users
            results, trouble = _one(
                number, directory / f"{number:02}", hypervisor, other, arguments[4:]
            )
            who = " as another user" if other else ""
            if results is None:
                fine = trouble.startswith("skipped")
                skipped, failed = skipped + fine, failed + (not fine)
                print(f"run {number}{who}: {trouble}", flush=True)
                continue
            first = first or results
            before, now = _verdicts(first), _verdicts(results)
            changed = [k for k in sorted(before | now) if before.get(k) != now.get(k)]
            same = not changed and compare(first, results).same
            passed, failed = passed + same, failed + (not same)
            print(f"run {number}{who}: {'the same verdicts' if same else 'OTHER VERDICTS'}")
            for key in changed[:20]:
                print(f"    {key}: {before.get(key)} -> {now.get(key)}")
            if not same:
                print(describe(compare(first, results)))
            sys.stdout.flush()
    print(f"results: {shown(directory)}")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return Exit.FAILURES if failed or not passed else Exit.OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
