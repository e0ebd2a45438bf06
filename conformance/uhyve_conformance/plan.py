# SPDX-License-Identifier: MIT OR Apache-2.0
"""What a session is going to do: which runs, on which hypervisor, and which of them can run.

The foundation guests and the probes of capabilities run first. When the foundation does
not hold, everything else is BLOCKED by that one cause; a run that needs an absent
capability is skipped, or BLOCKED by its probe when the hypervisor claims to have it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from .adapter import Adapter
from .bundle.outcomes import Observed, write_outcome
from .capabilities import BASE, CAPABILITIES, of_version
from .errors import UsageError
from .executor import Executor, Job, Outcome
from .limits import AT_ONCE, LATEST_START
from .manifest import Guest, Run
from .paths import shown
from .runs import Attempt, Entry, RunResult, attempt, not_run
from .spec import Specification
from .verdicts import Verdict


@dataclass
class Capability:
    """One capability: what the adapter says, and what its probe found (None: no probe)."""

    name: str
    declared: bool
    probed: bool | None = None
    probe: str | None = None  # name of the run
    reason: str = ""

    @property
    def present(self) -> bool:
        """True if runs that need it are made."""
        return self.declared if self.probed is None else self.probed

    @property
    def finding(self) -> str:
        """In a word, for the report."""
        if self.probed is None:
            return "declared" if self.declared else "not declared"
        if self.declared:
            return "present" if self.probed else "declared, but absent"
        return "present, but not declared" if self.probed else "absent"


@dataclass
class Plan:
    """Everything that a session needs to know."""

    spec: Specification
    adapter: Adapter
    arch: str
    machine: str
    version: str
    directory: Path  # where results go
    guests: list[Guest]
    shuffle: str | None = None  # the seed of another order of the runs
    only: frozenset[str] = frozenset()  # names of the runs that were asked for; none: all
    repeat: int = 1  # rounds of each run
    timeout_scale: float = 1.0
    guest_faults: list[str] = field(default_factory=list)  # how the guests differ from the lock
    spec_directory: Path | None = None  # of the chapters
    shard: str | None = None  # "2/5": `only` is that part of all
    # Filled in by the pre-flight, and by an executor that runs everything at once.
    blocked: str | None = None
    capabilities: dict[str, Capability] = field(default_factory=dict)
    done: dict[str, RunResult] = field(default_factory=dict)

    @property
    def runs_directory(self) -> Path:
        """The directory that holds each run's own."""
        return self.directory / "runs"

    @property
    def outcomes(self) -> Path:
        """The folder that keeps what each run did, before it is judged."""
        return self.directory / "outcomes"

    @property
    def entries(self) -> list[Entry]:
        """All runs."""
        return [Entry(guest, run) for guest in self.guests for run in guest.runs]

    @property
    def wanted(self) -> list[Entry]:
        """The runs that were asked for, all rounds."""
        asked = [e for e in self.entries if not self.only or e.run.name in self.only]
        return [replace(e, round=n) for n in range(self.repeat) for e in asked]

    def owed(self, run: Run) -> bool:
        """True if the hypervisor supports the version of this run's image, or says so."""
        capability = self.capabilities[of_version(run.interface)]
        return capability.declared or bool(capability.probed)

    def blocks(self, entry: Entry) -> RunResult | None:
        """The result of a run that must not take place; None when it may."""
        run = entry.run
        if self.blocked and self.owed(run):
            return not_run(run, Verdict.BLOCKED, self.blocked, entry.round)
        absent = [self.capabilities[n] for n in run.needs if not self.capabilities[n].present]
        if not absent:
            return None
        first = absent[0]
        if first.declared:
            reason = f"declares {first.name}, but {first.reason}"
            return not_run(run, Verdict.BLOCKED, reason, entry.round)
        return not_run(run, Verdict.SKIP, f"no {first.name}: {first.reason}", entry.round)


def check_guests(guests: list[Guest], arch: str, directory: Path) -> None:
    """UsageError when they cannot be the guests of a session."""
    for guest in guests:
        if guest.arch != arch:
            raise UsageError(f"{shown(guest.path)} is for {guest.arch}, not for {arch}")
    if not any(guest.runs or guest.fault for guest in guests):
        raise UsageError(f"no test guest for {arch} in {shown(directory)}")


def preflight(plan: Plan, executor: Executor) -> None:
    """Runs foundation and probes and fills in what they found. The foundation counts where
    the hypervisor supports version 2, whose probe is a part of it. An executor that wants all
    jobs at once makes the other runs, too: it begins with everything, and begins again
    without what needs a capability when its probe says that it is absent. A call that a
    hypervisor does not have may cost each of its guests the whole time limit."""
    foundation = [e for e in plan.entries if e.run.foundation]
    probes = [e for e in plan.entries if e.run.probe]
    plan.capabilities = {
        name: Capability(name, name in plan.adapter.capabilities, reason="it is not declared")
        for name in CAPABILITIES
    }
    if executor.batch:
        everything = [*foundation, *probes, *plan.wanted]
        execute(plan, executor, everything, lambda: _wanted_in_vain(plan, probes))
    elif plan.capabilities[of_version(BASE)].declared:
        _lay(plan, executor, foundation)
    plan.blocked = _broken_foundation(plan, foundation)
    if plan.blocked:
        return
    # The versions first: what is probed by an image of one that is absent stays unknown.
    versions = [e for e in probes if e.run.probe == of_version(e.run.interface)]
    for some in (versions, [e for e in probes if e not in versions]):
        known = [e for e in some if e in versions or plan.owed(e.run)]
        execute(plan, executor, known)
        for entry in known:
            _probe(plan, entry)
    if not executor.batch and plan.capabilities[of_version(BASE)].present:
        _lay(plan, executor, foundation)
    plan.blocked = _broken_foundation(plan, foundation)
    # Also what was made already, which must not count.
    for entry in plan.wanted:
        if (executor.batch or entry.key in plan.done) and (blocked := plan.blocks(entry)):
            plan.done[entry.key] = blocked
    if executor.batch:
        execute(plan, executor, plan.wanted)


def _lay(plan: Plan, executor: Executor, foundation: list[Entry]) -> None:
    """Runs the foundation, unless what was made before (as a bundle has it) shows that it does
    not hold: the session stopped there, too."""
    if not _broken_foundation(plan, foundation):
        execute(plan, executor, foundation)


def _wanted_in_vain(plan: Plan, probes: list[Entry]) -> bool:
    """True if the probes are all made, and a run is still to come that needs what is absent."""
    if any(e.run.name not in plan.done for e in probes):
        return False
    absent = {e.run.probe for e in probes if plan.done[e.run.name].red}
    return any(absent & set(e.run.needs) for e in plan.wanted if e.key not in plan.done)


_VERSION = "version"  # the job that asks for it


class _Stop(Exception):
    """The rest is not worth running, or not in this way."""


def execute(
    plan: Plan,
    executor: Executor,
    entries: Iterable[Entry],
    stop: Callable[[], bool] = lambda: False,
) -> None:
    """Makes those runs that have not been made; their results go into plan.done. Stops when
    the foundation turns out to be broken, and after a probe when `stop` says so."""
    attempts: dict[str, Attempt] = {}
    for entry in entries:
        if entry.key in plan.done or entry.slug in attempts:
            continue
        result = attempt(entry, plan.adapter, LATEST_START if executor.batch else AT_ONCE)
        if isinstance(result, Attempt):
            attempts[result.job.name] = result
        else:
            plan.done[entry.key] = result

    jobs = [a.job for a in attempts.values()]
    if not plan.version and (argv := plan.adapter.version_argv()):
        jobs.insert(0, Job(name=_VERSION, argv=argv))

    def finished(job: Job, outcome: Outcome) -> None:
        if job.name == _VERSION:
            answer = outcome.stdout or outcome.stderr or (outcome.error or "").encode()
            plan.version = plan.adapter.read_version(outcome.status, answer)
            return
        made = attempts[job.name]
        result = made.result(outcome, plan.runs_directory, executor.by_hand(made.job))
        observed = Observed(made.entry.key, made.challenge, made.job.argv, outcome)
        try:
            write_outcome(plan.outcomes, made.entry.slug, observed)
        except OSError as problem:
            reason = f"the outcome cannot be written: {problem}"
            result = not_run(made.entry.run, Verdict.ERROR, reason, made.entry.round)
        plan.done[result.key] = result
        if _broken_foundation(plan, [made.entry]):
            raise _Stop
        if made.entry.run.probe and stop():
            raise _Stop

    if attempts:
        with contextlib.suppress(_Stop):
            executor.run(jobs, finished)


def _broken_foundation(plan: Plan, entries: Iterable[Entry]) -> str | None:
    for entry in entries:
        result = plan.done.get(entry.run.name)
        if entry.run.foundation and plan.owed(entry.run) and result and result.red:
            check = result.red[0]
            return (
                f"the foundation does not hold: {check.verdict} of {check.id} "
                f"in {result.name}: {check.reason}"
            )
    return None


def _probe(plan: Plan, entry: Entry) -> None:
    """The probe's answer about a capability that need not be present."""
    capability = plan.capabilities[entry.run.probe or ""]
    result = plan.done[entry.run.name]
    red = result.red
    capability.probe = result.name
    capability.probed = not red and capability.probed is not False
    if not red:
        return
    capability.reason = f"its probe {result.name} says: {red[0].verdict}: {red[0].reason}"
    if not capability.declared:
        reason = f"no {capability.name}: {capability.reason}"
        plan.done[result.name] = not_run(entry.run, Verdict.SKIP, reason)
