#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Runs the hostile guest on the reference VMM with sanitizers, seed after seed.

usage: soak.py VMM GUEST [--seeds N] [--first N] [--calls N] [--vcpus N] [--jobs N]

Each seed runs three times: with blocks in RAM, which has to end with the guest's
own status 42 after all of its calls; the same on two or more vCPUs at once, a
tenth as long; and with blocks anywhere, which the VMM may end as a broken rule (status 3).
A sanitizer's report, a crash, a run that does not end, a changed file outside the
mapping, or private storage that remains is a failure and shown with its command line.
Exits with 1 if there is one.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

GUEST_STATUS, RULE_BROKEN = 42, 3
SECRET = b"outside the mapping"


@dataclass(frozen=True)
class Run:
    """One run of the guest: how often vCPU 0 calls, and whether blocks may be anywhere."""

    seed: int
    calls: int
    vcpus: int = 1
    anywhere: bool = False

    def words(self) -> list[str]:
        return [f"seed={self.seed}", f"calls={self.calls}", f"anywhere={self.anywhere:d}"]


def make_world(base: Path) -> None:
    """data/, which is mapped, with a file and two ways out; outside/; tmp/."""
    for name in ("data", "outside", "tmp"):
        (base / name).mkdir()
    (base / "data/a").write_text("a file that the guest may have")
    (base / "outside/secret").write_bytes(SECRET)
    (base / "data/link").symlink_to("../outside")
    (base / "data/b").symlink_to(base / "outside/secret")


def damage(base: Path) -> str:
    """A forbidden trace that a run left, or nothing."""
    if [entry.name for entry in (base / "outside").iterdir()] != ["secret"]:
        return "names outside the mapping changed"
    if (base / "outside/secret").read_bytes() != SECRET:
        return "a file outside the mapping changed"
    if any((base / "tmp").iterdir()):
        return "private storage was left behind"
    return ""


def verdict(run: Run, status: int, said: str) -> str:
    """The fault in the end of a run, or nothing."""
    if "Sanitizer" in said or "runtime error" in said:
        return "a sanitizer speaks"
    if status == GUEST_STATUS:
        return ""
    if run.anywhere and status == RULE_BROKEN and said.startswith("uhyve-ref: "):
        return ""
    return f"status {status}"


def problem_of(vmm: Path, guest: Path, run: Run) -> str:
    """Runs it; what is wrong, with the command to see it again, or nothing."""
    with tempfile.TemporaryDirectory(prefix="uhyve-soak-") as folder:
        base = Path(folder)
        make_world(base)
        command = [str(vmm.resolve()), "-m", "64MiB", "-c", str(run.vcpus)]
        command += ["--file-mapping", f"{base}/data:/data", str(guest), "--", "--", *run.words()]
        said, wrong = "", ""
        try:
            with guest.open("rb") as typed:
                done = subprocess.run(
                    command,
                    stdin=typed,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    env={**os.environ, "TMPDIR": f"{base}/tmp"},
                    timeout=60 + run.calls / 100,
                )
            said = done.stderr.decode(errors="replace")
            wrong = verdict(run, done.returncode, said)
        except subprocess.TimeoutExpired:
            wrong = "it does not end"
        wrong = wrong or damage(base)
    return f"{wrong}\n  {' '.join(command)}\n{said[-2000:]}" if wrong else ""


def soak(vmm: Path, guest: Path, runs: list[Run], jobs: int) -> int:
    """Runs all of them; how many went wrong."""
    failures = 0
    with ThreadPoolExecutor(jobs) as pool:
        pending = {pool.submit(problem_of, vmm, guest, run): run for run in runs}
        for ended, future in enumerate(as_completed(pending), 1):
            if problem := future.result():
                failures += 1
                print(f"seed {pending[future].seed}: {problem}", flush=True)
            if ended % max(1, len(runs) // 20) == 0:
                print(f"{ended} of {len(runs)} runs, {failures} failed", flush=True)
    return failures


def main() -> int:
    parser = argparse.ArgumentParser(description="Runs the hostile guest with many seeds.")
    parser.add_argument("vmm", type=Path)
    parser.add_argument("guest", type=Path)
    parser.add_argument("--seeds", type=int, default=20, help="number of them (20)")
    parser.add_argument("--first", type=int, default=1, help="the first seed (1)")
    parser.add_argument("--calls", type=int, default=100_000, help="calls per seed (100000)")
    parser.add_argument("--vcpus", type=int, default=2, help="vCPUs that call at once (2)")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, help="number of concurrent runs"
    )
    options = parser.parse_args()
    if options.seeds < 1 or options.calls < 1 or options.jobs < 1:
        parser.error("--seeds, --calls and --jobs are at least 1")
    if not 2 <= options.vcpus <= 64:
        parser.error("--vcpus is 2 to 64")
    for needed in (options.vmm, options.guest):
        if not needed.is_file():
            parser.error(f"{needed}: no such file")

    seeds = range(options.first, options.first + options.seeds)
    runs: list[Run] = []
    for seed in seeds:
        runs += [
            Run(seed, options.calls),
            Run(seed, max(1, options.calls // 10), vcpus=options.vcpus),
            Run(seed, options.calls, anywhere=True),
        ]
    failures = soak(options.vmm, options.guest, runs, options.jobs)
    print(
        f"{options.seeds} seeds of {options.calls} calls, in RAM, of {options.vcpus} vCPUs and anywhere: "
        f"{len(runs) - failures} runs in order, {failures} not"
    )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
