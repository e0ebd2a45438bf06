# SPDX-License-Identifier: MIT OR Apache-2.0
"""Builds changed VMMs, runs the suite on each until a check notices, and counts."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from ..adapter import load_adapter
from ..errors import SuiteError
from ..guests import read_guests
from ..limits import MUTATE_BUILD, MUTATE_RUN
from ..local import LocalExecutor
from ..parts import Report, digest_of, part, write_report
from ..paths import BUILD, ROOT
from ..runs import Attempt, Entry, RunResult, attempt
from ..spec import read_spec
from ..verdicts import FAULTS, Verdict
from .known import Known, read_known
from .sites import Site, sites

SOURCES = ROOT / "reference-vmm" / "src"
REPORT = "mutate.json"
EQUIVALENT = ROOT / "conformance" / "mutate-equivalent.toml"


class Fate(StrEnum):
    """The fate of a change."""

    KILLED = "killed"
    SAME = "the same program"  # the compiler makes no difference of it
    EQUIVALENT = "equivalent"  # listed, with a reason
    WEAK = "noticed by a recommendation"
    SURVIVED = "survived"
    BROKEN = "does not compile"


@dataclass(frozen=True)
class Result:
    """One change and its fate."""

    site: Site
    fate: Fate
    by: str = ""


class Workshop:
    """Makes programs and judges them, in a directory of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        guests = read_guests(BUILD / "guests" / "x86_64")
        runs = [Entry(guest, run) for guest in guests for run in guest.runs]
        # The foundation first: what breaks everything is noticed at once.
        self.entries = sorted(runs, key=lambda e: not e.run.foundation)
        self.hard = {r.id for r in read_spec().requirements.values() if r.hard}
        self.adapter = load_adapter("reference")

    def unmutated(self) -> None:
        """SuiteError when the sources as they are do not build in this way, or do not pass."""
        place = self.directory / "unmutated"
        program = self.build("main.c", (SOURCES / "main.c").read_bytes(), place)
        if program is None:
            raise SuiteError("the sources as they are do not build; `make mutate` prepares that")
        for entry in self.entries:
            result = self._run(entry, program, place)
            if result.red:
                raise SuiteError(f"unmutated, {result.name}: {result.red[0].reason}")

    def build(self, file: str, content: bytes, place: Path) -> Path | None:
        """The program with this content of a file; None when it does not compile."""
        place.mkdir(parents=True, exist_ok=True)
        source, program = place / Path(file).name, place / "uhyve-ref"
        source.write_bytes(content)
        made = subprocess.run(
            ["make", "-s", "mutate-build", f"FILE={file}",
             f"MUTATED={source}", f"OUT={program}"],
            cwd=ROOT, capture_output=True, timeout=MUTATE_BUILD, check=False,
        )  # fmt: skip
        return program if made.returncode == 0 else None

    def judge(self, site: Site, number: int, order: Sequence[Entry]) -> Result:
        """Builds it and runs the guests until a requirement that has to be met is not."""
        place = self.directory / str(number)
        changed = site.applied((SOURCES / site.file).read_bytes())
        program = self.build(site.file, changed, place)
        if program is None:
            return Result(site, Fate.BROKEN)
        original = BUILD / "vmm" / Path(site.file).with_suffix(".o")
        if _code(original) == _code(place / "uhyve-ref.o"):
            return Result(site, Fate.SAME)
        weak = ""
        for entry in order:
            result = self._run(entry, program, place, MUTATE_RUN)
            if result.verdict is Verdict.TIMEOUT:  # or the machine is busy
                result = self._run(entry, program, place)
            for check in result.red:
                text = f"{check.id} in {result.name}"
                if check.id in self.hard and check.verdict in FAULTS:
                    shutil.rmtree(place, ignore_errors=True)
                    return Result(site, Fate.KILLED, text)
                weak = weak or text
        return Result(site, Fate.WEAK if weak else Fate.SURVIVED, weak)

    def _run(
        self, entry: Entry, program: Path, place: Path, limit: float | None = None
    ) -> RunResult:
        adapter = replace(self.adapter, command=(str(program), *self.adapter.command[1:]))
        if limit:
            entry = replace(entry, run=replace(entry.run, timeout=min(entry.run.timeout, limit)))
        made = attempt(entry, adapter)
        if not isinstance(made, Attempt):
            return made
        return made.result(LocalExecutor(place).run([made.job])[0], place)


def _code(path: Path) -> bytes:
    """The machine code and the data of an object file, without what debuggers read."""
    stripped = path.with_suffix(f".{path.stat().st_ino}.bin")
    subprocess.run(["strip", "--strip-debug", "-o", stripped, path], check=True)
    try:
        return stripped.read_bytes()
    finally:
        stripped.unlink()


def choose(every: Sequence[Site], seed: int, count: int) -> list[Site]:
    """A sample: the same for the same seed and sources."""
    return random.Random(seed).sample(list(every), min(count, len(every)))


def run(
    seed: int,
    count: int,
    shard: str | None,
    jobs: int,
    directory: Path,
    say: Callable[[str, Mapping[str, Any]], None],
) -> Report:
    """Tries a sample, or a part of one, and writes down what came of it."""
    every = sites(SOURCES)
    chosen = dict(enumerate(choose(every, seed, count), 1))
    numbers = part(shard, list(chosen), "changes") if shard else list(chosen)
    known, stale = read_known(EQUIVALENT, every)
    shutil.rmtree(directory, ignore_errors=True)
    workshop = Workshop(directory)
    workshop.unmutated()
    killers: Counter[str] = Counter()
    rows = {}

    def one(number: int) -> Result:
        site = chosen[number]
        if entry := _known(known, site):
            return Result(site, Fate.EQUIVALENT, entry.reason)
        # Tries first what killed others.
        order = sorted(workshop.entries, key=lambda e: -killers[e.run.name])
        result = workshop.judge(site, number, order)
        if result.fate is Fate.KILLED:
            killers[result.by.partition(" in ")[2]] += 1
        return result

    with ThreadPoolExecutor(jobs) as pool:
        for number, result in zip(numbers, pool.map(one, numbers), strict=True):
            name, what = _name(number, result.site), asdict(result.site)
            rows[name] = what | {"fate": str(result.fate), "by": result.by}
            say(name, rows[name])
    common = {
        "seed": seed,
        "sources": digest_of(SOURCES.rglob("*.[ch]")),
        "guests": digest_of(entry.guest.path for entry in workshop.entries),
    }
    planned = [_name(number, site) for number, site in chosen.items()]
    faults = [f"stale entry: {entry}" for entry in stale]
    report = Report("change", shard, common, planned, rows, faults)
    write_report(directory / REPORT, report)
    return report


def _name(number: int, site: Site) -> str:
    """Its place in the sample, and what it is; two changes may be the same in words."""
    return f"{number}: {site.what}"


def _known(known: Sequence[Known], site: Site) -> Known | None:
    return next((entry for entry in known if entry.names(site)), None)
