# SPDX-License-Identifier: MIT OR Apache-2.0
"""Runs of guests on the judging VMM in a machine that QEMU emulates, many in one start of it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from ..errors import SuiteError
from ..executor import Job, Node, Outcome
from ..guarded import scratch
from ..machine.choose import Choice, choose, executor
from ..paths import BUILD, machines, shown
from .run import (
    FREEDOMS,
    LIST_FREEDOMS,
    TAKEN,
    VMM,
    Observation,
    Request,
    Settings,
    freedoms_of,
    observed,
    options_of,
)

REPORT = "judge.json"
WHICH = "taken"
IMAGE = "guest.elf"
GRACE = 20.0  # seconds that a run may take beyond the limit that the VMM is told


def is_elsewhere(machine: Choice, arch: str) -> bool:
    """True if guests of arch run under QEMU, and not on this machine's KVM."""
    return choose(machine, arch)[0] == "qemu"


class Elsewhere:
    """A machine that QEMU emulates. Starting it is dear, so all runs of a call share one start, and
    runs that will be asked for can be made beforehand."""

    def __init__(self, arch: str) -> None:
        self._arch = arch
        self._made: dict[Request, list[Observation]] = {}
        self._freedoms: list[tuple[str, str, str]] | None = None

    def make(self, requests: Sequence[Request], listing: bool = True) -> None:
        """Makes these runs, which `run` then gives; listing: freedoms will be asked for, too."""
        static = BUILD / "static" / self._arch
        listing = listing and self._freedoms is None
        jobs = [_job(f"{number:04}", each, static) for number, each in enumerate(requests)]
        if listing:
            jobs.append(Job("freedoms", (str(static / FREEDOMS.name), LIST_FREEDOMS)))
        for program in {Path(job.argv[0]) for job in jobs}:
            if not program.exists():
                raise SuiteError(f"{shown(program)} is missing; `make {shown(program)}` builds it")
        with scratch("uhyve-judged-") as place:
            machine = executor("qemu", self._arch, place, machines())
            try:
                outcomes = machine.run(jobs)
            finally:
                machine.close()
        if listing:
            self._freedoms = freedoms_of(_sound(outcomes.pop()).stdout.decode())
        for request, outcome in zip(requests, outcomes, strict=True):
            self._made.setdefault(request, []).append(_observe(request.settings, outcome))

    def run(self, requests: Sequence[Request]) -> list[Observation]:
        wanted = Counter(requests)
        wanted.subtract({request: len(self._made.get(request, [])) for request in wanted})
        if missing := list(wanted.elements()):
            self.make(missing, listing=False)
        return [self._made[request].pop(0) for request in requests]

    def freedoms(self) -> list[tuple[str, str, str]]:
        if self._freedoms is None:
            self.make([])
        return self._freedoms or []


def _job(name: str, request: Request, static: Path) -> Job:
    settings = request.settings
    argv = [
        str(static / (FREEDOMS if request.freedoms else VMM).name),
        *options_of(settings, request.freedoms, Path(REPORT)),
        f"--time-limit={max(round(settings.time_limit), 1)}",
    ]
    files = {IMAGE: Node(content=settings.image.read_bytes())}
    for number, (host, guest) in enumerate(settings.mappings):
        place = f"mapped-{number}"
        files |= {f"{place}{name}": node for name, node in _nodes(host)}
        argv.append(f"--file-mapping={place}:{guest}")
    return Job(
        name,
        (*argv, IMAGE, "--", *settings.arguments),
        files,
        settings.stdin,
        settings.hold_stdin,
        timeout=settings.time_limit + GRACE,
        env={TAKEN: WHICH},
    )


def _nodes(root: Path) -> list[tuple[str, Node]]:
    """A file, or a directory and all below it, by their paths from root on."""
    found = [("", _node(root))]
    if root.is_dir():
        found += [(f"/{path.relative_to(root)}", _node(path)) for path in sorted(root.rglob("*"))]
    return found


def _node(path: Path) -> Node:
    if path.is_symlink():
        return Node("symlink", target=str(path.readlink()))
    mode = path.stat().st_mode & 0o7777
    return Node("dir", mode=mode) if path.is_dir() else Node(content=path.read_bytes(), mode=mode)


def _sound(outcome: Outcome) -> Outcome:
    if outcome.error is not None:
        raise SuiteError(f"the machine did not run the guest: {outcome.error}")
    return outcome


def _observe(settings: Settings, outcome: Outcome) -> Observation:
    _sound(outcome)
    return observed(
        _text(outcome, REPORT),
        outcome.status if outcome.status is not None else -(outcome.signal or 9),
        outcome.stdout,
        outcome.stderr,
        _digests(settings, outcome),
        _text(outcome, WHICH),
    )


def _text(outcome: Outcome, path: str) -> str:
    node = outcome.tree.get(path)
    return (node.content or b"").decode("utf-8", "replace") if node else ""


def _digests(settings: Settings, outcome: Outcome) -> dict[str, str]:
    """A digest for each file below a mapping, by its path in the guest."""
    found = {}
    for path, node in outcome.tree.items():
        place, _, name = path.partition("/")
        if place.startswith("mapped-"):
            guest = settings.mappings[int(place.removeprefix("mapped-"))][1]
            found[f"{guest.rstrip('/')}/{name}" if name else guest] = _digest(node)
    return found


def _digest(node: Node) -> str:
    if node.kind == "symlink":
        return node.target or ""
    if node.kind != "file":
        return node.kind
    return hashlib.sha256(node.content).hexdigest() if node.content is not None else f"{node.size}"
