# SPDX-License-Identifier: MIT OR Apache-2.0
"""The user's request, and the plan that follows from it."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from . import paths
from .adapter import load_adapter
from .environment import check_limits, claim
from .errors import NothingError, UsageError
from .executor import Executor
from .guest_lock import guest_faults
from .guests import read_guests
from .local import LocalExecutor
from .machine.choose import Choice, executor, settle
from .manifest import Guest
from .plan import Plan, check_guests
from .spec import Specification, read_spec
from .text import did_you_mean


@dataclass(frozen=True)
class Request:
    """The options of `run`."""

    hypervisor: str = "reference"
    arch: str = "x86_64"
    machine: str = "auto"
    spec: Path = paths.SPEC
    guests: Path | None = None
    output: Path | None = None
    shuffle: str | None = None  # seed of another order
    guest_lock: Path = paths.GUEST_LOCK
    repeat: int = 1
    timeout_scale: float = 1.0
    only: tuple[str, ...] = ()  # guests, guest[variant]s and requirements
    shard: str | None = None  # "2/5"
    program: Path | None = None  # instead of the adapter's

    @property
    def guest_directory(self) -> Path:
        """The directory of the guests."""
        return (self.guests or paths.BUILD / "guests" / self.arch).resolve()


def make_plan(request: Request) -> Plan:
    """Reads all that the session needs. SuiteError when something is not in order."""
    adapter = load_adapter(request.hypervisor)
    elsewhere = adapter.prefix or not adapter.kvm
    machine = "kvm" if elsewhere else settle(request.machine, request.arch)
    adapter = adapter.for_machine(request.arch, machine)
    if request.program:
        adapter = replace(adapter, command=(str(request.program.absolute()), *adapter.command[1:]))
    adapter.program()
    # On another machine it is asked when that runs.
    here = machine == "kvm" or request.arch == platform.machine()
    version = adapter.ask_version() if here else ""
    directory = request.output or paths.OUTPUT / "conformance" / f"{adapter.name}-{request.arch}"
    guests = read_guests(request.guest_directory)
    check_guests(guests, request.arch, request.guest_directory)
    spec = read_spec(request.spec)
    only = _selection(request.only, guests, spec)
    if request.shard:
        if only:
            raise UsageError("--shard and --only: a shard is a part of everything")
        from .bundle.shards import shard_of  # which judges bundles, too

        only = shard_of(request.shard, guests)
    # Foundation and probes are run, whatever was selected.
    runs = [run for guest in guests for run in guest.runs]
    adapter.check_runs(
        run for run in runs if not only or run.name in only or run.foundation or run.probe
    )
    check_limits()
    claim(directory)
    return Plan(
        spec=spec,
        adapter=adapter,
        arch=request.arch,
        machine=machine,
        version=version,
        directory=directory.resolve(),
        guests=guests,
        shuffle=request.shuffle,
        repeat=request.repeat,
        timeout_scale=request.timeout_scale,
        guest_faults=guest_faults(guests, request.arch, request.guest_lock),
        only=only,
        shard=request.shard,
        spec_directory=request.spec,
    )


def _selection(words: tuple[str, ...], guests: list[Guest], spec: Specification) -> frozenset[str]:
    """The names of the runs that the words mean; UsageError for a word that means none."""
    meant: dict[str, set[str]] = {}
    for run in (run for guest in guests for run in guest.runs):
        for word in (run.name, run.guest, *run.requirements):
            meant.setdefault(word, set()).add(run.name)
    names: set[str] = set()
    for word in words:
        if word not in meant and word in spec.requirements:
            raise NothingError(f"no guest for this architecture checks {word}")
        if word not in meant:
            raise UsageError(
                f"'{word}' is not a guest, guest[variant] or requirement"
                f"{did_you_mean(word, [*spec.requirements, *meant]) or '; see `list`'}"
            )
        names |= meant[word]
    return frozenset(names)


def make_executor(plan: Plan) -> Executor:
    """The executor for the machine of the plan."""
    if plan.machine == "kvm":
        return LocalExecutor(plan.runs_directory)
    return make_machine("qemu", plan.arch, plan.runs_directory, plan.adapter.bundle())


def make_machine(
    choice: Choice, arch: str, directory: Path, bring: Sequence[Path] = ()
) -> Executor:
    """An executor for jobs of this architecture in this directory."""
    return executor(choice, arch, directory, paths.machines(), bring)


def mutants_program(arch: str) -> Path:
    """The reference VMM with mutants: for this host, or static for an emulated machine."""
    if arch == platform.machine():
        return paths.BUILD / "uhyve-ref-mutants"
    return paths.BUILD / "static" / arch / "uhyve-ref-mutants"
