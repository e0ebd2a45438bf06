# SPDX-License-Identifier: MIT OR Apache-2.0
"""Running sequences on a hypervisor: one guest for a batch of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..executor import Job, Node, Outcome
from ..limits import EXPLORE
from . import world
from .script import Planned, Script
from .steps import Step

IMAGE = "guest.elf"
MEMORY = 64  # MiB

Sequence_ = list[Step]
CommandLine = Callable[[dict[str, str], int], tuple[str, ...]]  # mappings, vCPUs


@dataclass(frozen=True)
class Batch:
    """A job with the plans of its sequences."""

    job: Job
    plans: list[list[Planned]]
    umask: int


@dataclass
class Subject:
    """A hypervisor: how it is started, what its exit statuses mean."""

    name: str
    command: CommandLine
    elf: bytes
    crash_statuses: frozenset[int] = frozenset()
    interface: int = 3
    links: bool = True
    shrinks: bool = True  # what differs is run again alone

    def batch(self, name: str, sequences: Sequence[Sequence_], umask: int = 0o022) -> Batch:
        script = Script()
        files: dict[str, Node] = {}
        mappings: dict[str, str] = {}
        plans = []
        for index, sequence in enumerate(sequences):
            alone = index == len(sequences) - 1  # it may end the machine
            plans.append(script.add_sequence(sequence, index, self.shrinks and not alone))
            parts = world.parts_of(sequence, self.links)
            files |= world.host_files(index, parts)
            mappings |= world.mappings(index, parts)
        files[IMAGE] = Node(content=script.image(self.elf, self.interface), mode=0o755)
        job = Job(
            name, self.command(mappings, 1), files, umask=umask, timeout=EXPLORE, ignore=(IMAGE,)
        )
        return Batch(job, plans, umask)

    def ended_badly(self, outcome: Outcome) -> str:
        """Why this end is a crash, "" when it is an orderly one."""
        if outcome.timed_out:
            return "hung"
        if outcome.signal is not None:
            return f"ended by signal {outcome.signal}"
        if outcome.status is not None and (
            outcome.status in self.crash_statuses or outcome.status >= 128
        ):
            return f"ended with status {outcome.status}"
        return "" if outcome.error is None else outcome.error
