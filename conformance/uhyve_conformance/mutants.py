# SPDX-License-Identifier: MIT OR Apache-2.0
"""The mutant gate: does every check notice when its requirement is broken?

A mutant is the reference VMM with one requirement broken. It is run with the guests that
promise the requirement, and comes out as

    KILLED      a check of that requirement failed, crashed or timed out
    SURVIVED    all of them passed: a check that cannot fail
    BROKEN      it does not even start, or runs no unrelated guest: it proves nothing
    NO VERDICT  no guest promises the requirement, or none came to a verdict

The unmutated binary has to be green first.
"""

from __future__ import annotations

import subprocess
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from .adapter import Adapter, load_adapter
from .capabilities import VERSIONS, of_version
from .coverage import claims
from .environment import claim, empty
from .errors import NothingError, SuiteError, UsageError
from .executor import Executor, Job, Outcome
from .limits import MUTANT_BATCH, MUTANT_LEAST, MUTANT_PATIENCE, VERSION
from .local import LocalExecutor
from .manifest import Guest, Run
from .parts import Report, write_report
from .paths import NO_MUTANT, shown
from .runs import Attempt, Entry, RunResult, attempt
from .spec import Specification
from .trees import remove_tree
from .verdicts import FAULTS, RED, Verdict

# The reference VMM's statuses for "this host cannot do it" and "wrong command line".
NOT_STARTED = (1, 2)
LAZY = "lazy"
UNMUTATED = "unmutated"
REPORT = "mutants.json"


class Fate(StrEnum):
    """The fate of a mutant."""

    KILLED = "KILLED"
    SURVIVED = "SURVIVED"
    BROKEN = "BROKEN"
    NO_VERDICT = "NO VERDICT"


@dataclass(frozen=True)
class Mutant:
    """One line of --list-mutants."""

    name: str
    id: str
    what: str


@dataclass
class MutantResult:
    """A mutant and what became of it."""

    mutant: Mutant
    fate: Fate
    by: str = ""  # the run that killed it, or the reason
    red: dict[str, list[str]] = field(default_factory=dict)  # run -> ids that were red


@dataclass
class Gate:
    """The outcome of the gate."""

    verdicts: list[MutantResult]
    faults: list[str]

    @property
    def green(self) -> bool:
        """True if the suite has shown that it can fail."""
        return not self.faults and all(v.fate is Fate.KILLED for v in self.verdicts)


def list_mutants(program: Path, machine: Executor | None = None) -> list[Mutant]:
    """Asks the binary, on the machine that it is for; SuiteError when that fails, NothingError
    when there are none."""
    if not program.is_file():
        raise SuiteError(f"no {shown(program)}; `make mutants-build` makes it")
    argv = (str(program.absolute()), "--list-mutants")
    if machine and machine.batch:
        (outcome,) = machine.run([Job("list-mutants", argv)])
        status, text, error = outcome.status, outcome.stdout, outcome.stderr
        error = error or (outcome.error or "").encode()
    else:
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=VERSION, check=False
        )
        status, text, error = done.returncode, done.stdout, done.stderr
    if status != 0:
        message = error.decode(errors="replace").strip()
        raise SuiteError(f"{shown(program)} --list-mutants: {message}")
    rows = [line.split("\t") for line in text.decode(errors="replace").splitlines()]
    if any(len(row) != 3 for row in rows):
        raise SuiteError(f"{shown(program)} --list-mutants: not NAME<TAB>ID<TAB>what")
    # The lazy hypervisors of conformance/lazy live in the same binary, and are not mutants.
    mutants = [Mutant(*row) for row in rows if row[1] != LAZY]
    names = Counter(m.name for m in mutants)
    if twice := [name for name, n in names.items() if n > 1]:
        raise SuiteError(f"mutants of the same name: {', '.join(twice)}")
    if not mutants:
        raise NothingError(f"{shown(program)} has no mutants")
    return mutants


def read_excuses(spec: Specification, path: Path = NO_MUTANT) -> dict[str, str]:
    """Requirements that no mutant can break, with the reason."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except tomllib.TOMLDecodeError as problem:
        raise UsageError(f"{shown(path)}: {problem}") from None
    for id_, reason in table.items():
        if id_ not in spec.requirements:
            raise UsageError(f"{shown(path)}: {id_} does not exist")
        if not isinstance(reason, str) or not reason.strip():
            raise UsageError(f"{shown(path)}: {id_} needs a reason")
    return table


def coverage_faults(
    spec: Specification, guests: Iterable[Guest], mutants: Iterable[Mutant], excuses: dict[str, str]
) -> list[str]:
    """Checked requirements without a mutant, and mutants and excuses that fit nothing."""
    checked, mutated = claims(guests), {m.id for m in mutants}
    faults = [
        f"{m.name}: breaks {m.id}, which does not exist"
        for m in mutants
        if m.id not in spec.requirements
    ]
    bare = [
        r.id
        for r in spec.of("hypervisor")
        if r.id in checked and r.id not in mutated and r.id not in excuses
    ]
    if bare:
        faults.append(
            f"{len(bare)} checked requirements have no mutant (make one, or give the reason in "
            f"{shown(NO_MUTANT)}): {', '.join(bare)}"
        )
    return faults + [
        f"{id_} is excused in {shown(NO_MUTANT)}, but has a mutant"
        for id_ in excuses
        if id_ in mutated
    ]


def _plain(run: Run) -> bool:
    """True if it speaks for itself, and needs nothing but a version of the interface."""
    return run.tap and set(run.needs) <= {of_version(version) for version in VERSIONS}


class Laboratory:
    """Runs mutants on guests: on this machine one by one, on one that wants all jobs at once
    everything that may be asked for in advance."""

    def __init__(
        self,
        guests: Sequence[Guest],
        program: Path,
        directory: Path,
        machine: Executor | None = None,
    ) -> None:
        self.entries = [Entry(guest, run) for guest in guests for run in guest.runs]
        self.directory = directory
        reference = load_adapter("reference")
        self.adapter = replace(reference, command=(str(program), *reference.command[1:]))
        self._machine = machine if machine and machine.batch else None
        self._seconds: dict[str, float] = {}
        self._known: dict[tuple[str, str], RunResult] = {}

    def narrow(self, ids: set[str]) -> None:
        """Keeps the guests that promise one of these, and one that promises none."""
        claiming = [e for e in self.entries if ids & set(e.run.requirements)]
        others = [e for e in self.entries if _plain(e.run) and e not in claiming]
        self.entries = [*claiming, *others[:1]]

    def prepare(self, mutants: Sequence[Mutant], full: bool) -> None:
        """Makes all runs of all mutants on a machine that wants them at once."""
        if not self._machine:
            return
        pairs = [(e, UNMUTATED) for e in self.entries]
        for mutant in mutants:
            mine = self.entries if full else self._claiming(mutant)
            pairs += [(e, mutant.name) for e in [*mine, *self._unrelated(mutant)]]
        made: dict[str, tuple[Attempt, str]] = {}
        once = {(name, entry.run.name): entry for entry, name in pairs}
        for (name, _), entry in once.items():
            if name != UNMUTATED:
                timeout = min(entry.run.timeout, MUTANT_BATCH)
                entry = replace(entry, run=replace(entry.run, timeout=timeout))
            result = attempt(entry, self._mutated(name))
            if isinstance(result, Attempt):
                result.job = replace(result.job, name=f"{name}.{result.job.name}")
                made[result.job.name] = (result, name)
            else:
                self._known[name, entry.run.name] = result

        def finished(job: Job, outcome: Outcome) -> None:
            result, name = made[job.name]
            judged = result.result(outcome, self.directory)
            self._known[name, judged.name] = judged

        self._machine.run([result.job for result, _ in made.values()], finished)

    def _claiming(self, mutant: Mutant) -> list[Entry]:
        return [e for e in self.entries if mutant.id in e.run.requirements]

    def _unrelated(self, mutant: Mutant) -> list[Entry]:
        """A sound guest about something else, for each version that images name: a mutant may
        refuse a whole version."""
        sound = [e for e in self.entries if mutant.id not in e.run.requirements and _plain(e.run)]
        return list({e.run.interface: e for e in reversed(sound)}.values())

    def _mutated(self, name: str) -> Adapter:
        return self.adapter if name == UNMUTATED else self.adapter.with_options("--mutant", name)

    def unmutated(self, jobs: int) -> list[str]:
        """Runs everything as it is; what is not green, and is left out from then on."""
        faults, red = [], set()
        with ThreadPoolExecutor(jobs) as pool:
            for result in pool.map(lambda e: self._run(e, UNMUTATED), self.entries):
                self._seconds[result.name] = result.seconds
                if result.verdict in RED:
                    check = result.red[0]
                    faults.append(
                        f"unmutated, {result.name}: {check.verdict} of {check.id}: {check.reason}"
                    )
                    red.add(result.name)
        self.entries = [e for e in self.entries if e.run.name not in red]
        return faults

    def judge(self, mutant: Mutant, full: bool) -> MutantResult:
        """Runs one mutant; with `full` on all guests, else on those that promise its id."""
        mine = self._claiming(mutant)
        red: dict[str, list[str]] = {}
        by, weak, judged = "", False, False
        for entry in mine:
            result = self._run(entry, mutant.name)
            faults = [c for c in result.checks if c.id == mutant.id and c.verdict in FAULTS]
            judged |= any(
                c.id == mutant.id and c.verdict in FAULTS | {Verdict.PASS} for c in result.checks
            )
            self._note(red, result)
            if faults and not by:
                by, weak = result.name, all(c.source == "suite" for c in faults)
                if not full:
                    break
        if full:
            for entry in self.entries:
                if mutant.id not in entry.run.requirements:
                    self._note(red, self._run(entry, mutant.name))
        fate = Fate.KILLED if by else Fate.SURVIVED if judged else Fate.NO_VERDICT
        if (weak or fate is Fate.SURVIVED) and (reason := self._broken(mutant)):
            fate, by = Fate.BROKEN, reason
        if fate is Fate.NO_VERDICT:
            by = "no guest came to a verdict" if mine else "no guest promises it"
        if fate is Fate.KILLED:
            remove_tree(self.directory / mutant.name)
        return MutantResult(mutant, fate, by, red)

    def _broken(self, mutant: Mutant) -> str | None:
        """True if the mutant cannot even start: as seen on guests of other requirements."""
        results = [self._run(entry, mutant.name) for entry in self._unrelated(mutant)]
        if not results or any(r.status not in NOT_STARTED or r.console for r in results):
            return None
        return f"does not start: {results[0].stderr.strip()[:200]}"

    @staticmethod
    def _note(red: dict[str, list[str]], result: RunResult) -> None:
        if ids := sorted({c.id for c in result.red}):
            red[result.name] = ids

    def _run(self, entry: Entry, name: str) -> RunResult:
        if known := self._known.get((name, entry.run.name)):
            return known
        if entry.run.name in self._seconds:
            patience = max(MUTANT_LEAST, MUTANT_PATIENCE * self._seconds[entry.run.name])
            entry = replace(entry, run=replace(entry.run, timeout=min(entry.run.timeout, patience)))
        made = attempt(entry, self._mutated(name))
        if not isinstance(made, Attempt):
            return made
        place = self.directory / name
        outcome = LocalExecutor(place).run([made.job])[0]
        return made.result(outcome, place)


def run_gate(
    laboratory: Laboratory,
    mutants: Sequence[Mutant],
    jobs: int,
    full: bool = False,
    say: Callable[[MutantResult], None] = lambda _: None,
) -> Gate:
    """The whole gate: the unmutated binary, then every mutant."""
    claim(laboratory.directory)
    empty(laboratory.directory)
    laboratory.prepare(mutants, full)
    faults = laboratory.unmutated(jobs)
    verdicts = []
    with ThreadPoolExecutor(jobs) as pool:
        for verdict in pool.map(lambda mutant: laboratory.judge(mutant, full), mutants):
            verdicts.append(verdict)
            say(verdict)
    return Gate(verdicts, faults)


def report_of(
    gate: Gate, shard: str | None, common: dict[str, Any], planned: Sequence[Mutant]
) -> Report:
    """The gate as it is written down."""
    rows = {
        v.mutant.name: {
            "id": v.mutant.id,
            "what": v.mutant.what,
            "fate": str(v.fate),
            "by": v.by,
        }
        | ({"red": v.red} if common["matrix"] else {})
        for v in gate.verdicts
    }
    return Report("mutant", shard, common, [m.name for m in planned], rows, gate.faults)


def gate_of(report: Report) -> Gate:
    """The gate that was written down; SuiteError."""
    try:
        verdicts = [
            MutantResult(
                Mutant(name, row["id"], row["what"]),
                Fate(row["fate"]),
                row["by"],
                dict(row.get("red", {})),
            )
            for name, row in report.rows.items()
        ]
    except (KeyError, ValueError, TypeError) as problem:
        raise SuiteError(f"a report of mutants is damaged: {problem!r}") from None
    return Gate(verdicts, list(report.faults))


def write_gate(gate: Gate, report: Report, directory: Path) -> Path:
    """mutants.json, and the whole matrix as a table when there is one."""
    path = directory / REPORT
    write_report(path, report)
    if report.common["matrix"]:
        path = directory / "matrix.tsv"
        names = sorted({name for v in gate.verdicts for name in v.red})
        lines = ["\t".join(["mutant", "requirement", "fate", *names])]
        for v in gate.verdicts:
            marks = [
                "x" if v.mutant.id in v.red.get(n, ()) else "+" if n in v.red else "" for n in names
            ]
            lines.append("\t".join([v.mutant.name, v.mutant.id, str(v.fate), *marks]))
        path.write_text("\n".join(lines) + "\n")
    return path
