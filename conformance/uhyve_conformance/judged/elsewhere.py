# SPDX-License-Identifier: MIT OR Apache-2.0
"""Runs of guests on the judging VMM in a machine that QEMU emulates: plain ones, all of them
in one start of the machine."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from ..errors import SuiteError
from ..executor import Job, Node, Outcome
from ..guarded import scratch
from ..machine.choose import Choice, choose, executor
from ..paths import BUILD, machines, shown
from .run import Observation, Settings

REPORT = "judge.json"
IMAGE = "guest.elf"
GRACE = 20.0  # seconds that a run may take beyond the limit that the VMM is told


def is_elsewhere(machine: Choice, arch: str) -> bool:
    """True if guests of arch run under QEMU, and not on this machine's KVM."""
    return choose(machine, arch)[0] == "qemu"


def run_all(settings: Sequence[Settings], arch: str) -> list[Observation]:
    """The outcome of each, in their order."""
    program = BUILD / "static" / arch / "uhyve-ref"
    if not program.exists():
        raise SuiteError(f"{shown(program)} is missing; `make {shown(program)}` builds it")
    jobs = [_job(f"{number:04}", each, program) for number, each in enumerate(settings)]
    with scratch("uhyve-judged-") as place:
        machine = executor("qemu", arch, place, machines())
        try:
            outcomes = machine.run(jobs)
        finally:
            machine.close()
    return [_observe(outcome) for outcome in outcomes]


def _job(name: str, settings: Settings, program: Path) -> Job:
    argv = [
        str(program), f"--judge=json:{REPORT}", f"--cpu-count={settings.cpus}",
        f"--memory-size={settings.memory}", f"--time-limit={max(round(settings.time_limit), 1)}",
    ]  # fmt: skip
    files = {IMAGE: Node(content=settings.image.read_bytes())}
    for number, (host, guest) in enumerate(settings.mappings):
        place = f"mapped-{number}"
        files |= {f"{place}{name}": node for name, node in _nodes(host)}
        argv.append(f"--file-mapping={place}:{guest}")
    argv += [f"--env-vars={variable}" for variable in settings.variables]
    return Job(
        name,
        (*argv, IMAGE, "--", *settings.arguments),
        files,
        settings.stdin,
        settings.hold_stdin,
        timeout=settings.time_limit + GRACE,
        collect=(REPORT,),
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


def _observe(outcome: Outcome) -> Observation:
    if outcome.error is not None:
        raise SuiteError(f"the machine did not run the guest: {outcome.error}")
    node = outcome.tree.get(REPORT)
    report = json.loads(node.content) if node and node.content else None
    return Observation(
        ended=report["ended"] if report else "refused",
        status=outcome.status if outcome.status is not None else -(outcome.signal or 9),
        console=outcome.stdout.decode("utf-8", "backslashreplace"),
        messages=outcome.stderr.decode("utf-8", "backslashreplace"),
        report=report,
    )
