# SPDX-License-Identifier: MIT OR Apache-2.0
"""The gate of freedoms: is a hypervisor that behaves differently, where it may, judged fairly?

Each freedom of the chapters has a variant of the reference VMM that takes it. The suite
runs on the variant that takes all that go together, then on each alone, with the guests that
it touched, then without any capability, and without each. It must find no MUST that is not met.
A freedom that no run takes proves nothing and is a fault too.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from .adapter import load_adapter
from .errors import NothingError, SuiteError, UsageError
from .executor import Executor, Job, Outcome
from .limits import VERSION
from .local import LocalExecutor
from .manifest import Guest
from .options import at_once
from .paths import shown
from .runs import Attempt, Entry, RunResult, attempt
from .spec import Freedom, Specification
from .verdicts import RED

ALL, BARE = "all", "bare"
TOGETHER, APART, WITHOUT = "together", "apart", "without "
# A variant records here what it took; reference-vmm/freedoms/runner.c reads the variable.
TAKEN, TAKEN_VARIABLE = "freedoms-taken", "UHYVE_FREEDOMS_TAKEN"
# One that every guest takes is tried alone with so many runs of its own area.
ALONE = 12


@dataclass(frozen=True)
class Variant:
    """One line of --list-freedoms."""

    name: str
    how: str  # together, apart, or `without` a capability
    what: str

    @property
    def absent(self) -> str | None:
        """The capability that is absent."""
        return self.how.removeprefix(WITHOUT) if self.how.startswith(WITHOUT) else None


@dataclass(frozen=True)
class Trial:
    """One run under one or more freedoms."""

    freedom: str
    result: RunResult
    taken: frozenset[str]


@dataclass
class Report:
    """The outcome of the gate."""

    trials: list[Trial] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def list_variants(program: Path) -> list[Variant]:
    """Asks the binary; SuiteError when that fails, NothingError when there are none."""
    if not program.is_file():
        raise SuiteError(f"no {shown(program)}; `make freedoms-build` makes it")
    done = subprocess.run(
        [program, "--list-freedoms"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=VERSION,
        check=False,
        text=True,
    )
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    if done.returncode or any(len(row) != 3 for row in rows):
        raise SuiteError(f"{shown(program)} --list-freedoms: not NAME<TAB>HOW<TAB>what")
    if not rows:
        raise NothingError(f"{shown(program)} takes no freedoms")
    return [Variant(*row) for row in rows]


def pair_faults(spec: Specification, variants: Sequence[Variant]) -> list[str]:
    """Freedoms without a variant or a reason, and variants of no freedom."""
    names = {variant.name for variant in variants}
    faults = []
    for freedom in spec.freedoms.values():
        if freedom.name in names and freedom.no_variant:
            faults.append(
                f"{freedom.where}: {freedom.name} has a variant, and says why it has none"
            )
        if freedom.name not in names and not freedom.no_variant:
            faults.append(
                f"{freedom.where}: no variant takes {freedom.name} (make one, or say 'No variant: …')"
            )
    return faults + [
        f"variant {name}: no chapter has a freedom of that name"
        for name in sorted(names - spec.freedoms.keys())
    ]


class Trials:
    """Runs guests on variants."""

    def __init__(self, guests: Iterable[Guest], program: Path, directory: Path, arch: str) -> None:
        reference = load_adapter("reference")
        self._adapter = replace(
            reference, command=(str(program.absolute()), *reference.command[1:])
        )
        self._directory = directory
        self.entries = [
            Entry(guest, run) for guest in guests for run in guest.runs if arch == guest.arch
        ]

    def run(
        self,
        wanted: Iterable[tuple[str, str, Entry, Sequence[str]]],
        machine: Executor,
        jobs: int,
    ) -> list[Trial]:
        """One trial for each (label, value of --freedoms, run, absent capabilities)."""
        made: dict[str, tuple[Attempt, str]] = {}
        trials: list[Trial] = []
        for label, value, entry, absent in wanted:
            capabilities = tuple(c for c in self._adapter.capabilities if c not in absent)
            if not set(entry.run.needs) <= set(capabilities) or entry.run.probe in absent:
                continue
            option = f"--freedoms={value}" if value else "--freedoms"
            adapter = replace(self._adapter.with_options(option), capabilities=capabilities)
            result = attempt(entry, adapter)
            if not isinstance(result, Attempt):
                trials.append(Trial(label, result, frozenset()))
                continue
            result.job = replace(
                result.job,
                name=f"{label}.{result.job.name}",
                env={**result.job.env, TAKEN_VARIABLE: TAKEN},
                collect=(*result.job.collect, TAKEN),
            )
            made[result.job.name] = (result, label)

        def finished(job: Job, outcome: Outcome) -> None:
            run, label = made[job.name]
            judged = run.result(outcome, self._directory)
            trials.append(Trial(label, judged, _taken(outcome)))

        _run_all([run.job for run, _ in made.values()], finished, machine, jobs)
        return trials


def _run_all(
    planned: list[Job], finished: Callable[[Job, Outcome], None], machine: Executor, jobs: int
) -> None:
    if machine.batch:
        machine.run(planned, finished)
        return
    with ThreadPoolExecutor(at_once(jobs)) as pool:
        list(pool.map(lambda job: machine.run([job], finished), planned))


def _taken(outcome: Outcome) -> frozenset[str]:
    node = outcome.tree.get(TAKEN)
    lines = (node.content or b"").decode(errors="replace").splitlines() if node else []
    return frozenset(line.split()[0] for line in lines if line.endswith(" 1"))


def _area(freedom: Freedom) -> str | None:
    return freedom.requirement.split("-")[1] if freedom.requirement else None


def _alone(freedom: Freedom, candidates: Sequence[Entry]) -> list[Entry]:
    """Those of the runs that a freedom touches that are worth a run under it alone."""
    area = _area(freedom)
    near = [e for e in candidates if any(id_.split("-")[1] == area for id_ in e.run.requirements)]
    return (near or list(candidates))[:ALONE]


def run_gate(
    spec: Specification,
    variants: Sequence[Variant],
    trials: Trials,
    machine: Executor,
    jobs: int,
    only: Sequence[str] = (),
    seed: str | None = None,
) -> Report:
    """The variant that takes all, then each freedom alone; with a seed that one only."""
    report = Report()
    known = {variant.name for variant in variants}
    if odd := [name for name in only if name not in known]:
        raise UsageError(f"no freedom {odd[0]}; --list-freedoms of the binary has all")
    if only:
        value = ",".join(only)
        absent = [v.absent for v in variants if v.name in only and v.absent]
        report.trials = trials.run(
            ((value, value, entry, absent) for entry in trials.entries), machine, jobs
        )
    elif seed:
        report.trials = trials.run(
            ((f"seed-{seed}", seed, entry, ()) for entry in trials.entries), machine, jobs
        )
    else:
        report.faults += pair_faults(spec, variants)
        report.trials = trials.run(((ALL, "", e, ()) for e in trials.entries), machine, jobs)
        report.trials += _each_alone(spec, variants, trials, report.trials, machine, jobs)
        bare = _bare(variants, trials, machine, jobs)
        report.trials += bare
        report.trials += _each_absent(variants, trials, bare, machine, jobs)
        used = frozenset().union(*(trial.taken for trial in report.trials))
        idle = [v.name for v in variants if not v.absent and v.name not in used]
        report.faults += [f"{name}: no guest makes the variant take it" for name in idle]
    report.faults += _unfair(spec, report.trials)
    return report


def _each_alone(
    spec: Specification,
    variants: Sequence[Variant],
    trials: Trials,
    together: Sequence[Trial],
    machine: Executor,
    jobs: int,
) -> list[Trial]:
    took = {trial.result.name: trial.taken for trial in together}
    wanted = []
    for variant in variants:
        freedom = spec.freedoms.get(variant.name)
        if not freedom or variant.absent:
            continue
        if variant.how == TOGETHER:
            touched = [e for e in trials.entries if variant.name in took.get(e.run.name, ())]
        else:
            area = _area(freedom)
            touched = [
                e
                for e in trials.entries
                if any(id_.split("-")[1] == area for id_ in e.run.requirements)
            ]
        wanted += [(variant.name, variant.name, e, ()) for e in _alone(freedom, touched)]
    return trials.run(wanted, machine, jobs)


def _bare(variants: Sequence[Variant], trials: Trials, machine: Executor, jobs: int) -> list[Trial]:
    """A hypervisor that has no capability at all: what needs none has to keep working."""
    absent = [v.absent for v in variants if v.absent]
    value = ",".join(v.name for v in variants if v.absent)
    return trials.run(((BARE, value, e, absent) for e in trials.entries), machine, jobs)


def _each_absent(
    variants: Sequence[Variant],
    trials: Trials,
    bare: Sequence[Trial],
    machine: Executor,
    jobs: int,
) -> list[Trial]:
    """One capability absent, with guests that do not need it and met its absence."""
    took = {trial.result.name: trial.taken for trial in bare}
    wanted = []
    for variant in (v for v in variants if v.absent):
        met = [e for e in trials.entries if variant.name in took.get(e.run.name, ())]
        near = [e for e in trials.entries if variant.absent in e.run.needs]
        areas = {id_.split("-")[1] for e in near for id_ in e.run.requirements}
        others = [
            e
            for e in trials.entries
            if variant.absent not in e.run.needs
            and any(id_.split("-")[1] in areas for id_ in e.run.requirements)
        ]
        chosen = list({e.run.name: e for e in (*met, *others)}.values())[:ALONE]
        wanted += [(variant.name, variant.name, e, [variant.absent]) for e in chosen]
    return trials.run(wanted, machine, jobs)


def _unfair(spec: Specification, trials: Iterable[Trial]) -> list[str]:
    """Every MUST that a variant did not meet, and whatever came to no verdict."""
    faults = []
    for trial in trials:
        for check in trial.result.checks:
            requirement = spec.requirements.get(check.id)
            if check.verdict in RED and (requirement is None or requirement.hard):
                faults.append(
                    f"{trial.freedom}: {trial.result.name}: {check.verdict} of {check.id}: "
                    f"{check.what}: {check.reason} (expected {check.expected}, got {check.actual})"
                )
    return faults


def gate(
    spec: Specification,
    guests: Iterable[Guest],
    program: Path,
    directory: Path,
    arch: str,
    jobs: int,
    only: Sequence[str] = (),
    seed: str | None = None,
) -> int:
    """Runs everything and says what came of it: the number of faults."""
    variants = list_variants(program)
    machine = LocalExecutor(directory)
    report = run_gate(
        spec, variants, Trials(guests, program, directory, arch), machine, jobs, only, seed
    )
    for fault in report.faults:
        print(fault)
    excused = sum(bool(freedom.no_variant) for freedom in spec.freedoms.values())
    print(
        f"freedoms: {len(spec.freedoms)} in the text, {len(variants)} with a variant, {excused} "
        f"with a reason why not; {len(report.trials)} runs: {len(report.faults) or 'no'} faults"
    )
    return len(report.faults)
