# SPDX-License-Identifier: MIT OR Apache-2.0
"""Two vCPUs at a time: some order of all their calls must explain what both of them saw.

A call that was shown before another began came before it; everything else is open.
So the search goes over how far each vCPU has come, and keeps the states of the model
that explain getting there.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..executor import Job, Node, Outcome
from ..limits import EXPLORE
from . import steps, world
from .check import HELLO, Coverage, Difference, Memory, Verdict
from .generate import Generator, Screen
from .layout import SCRIPT
from .model import MOST_STATES, Call, Observed, Ram, State, explain
from .model.errors import name_of
from .model.outcome import applying
from .script import Pair, Planned, Script
from .steps import Step
from .subject import IMAGE, Subject

CALLS = frozenset(
    {
        "FileOpen",
        "FileRead",
        "FileWrite",
        "FileClose",
        "FileLseek",
        "FileUnlink",
        "FileStat",
        "FileFstat",
        "Mkdir",
    }
)
IN_A_GUEST = 12  # pairs


# ---- What is tried ----------------------------------------------------------------


@dataclass
class Pairs:
    """Draws pairs; names and descriptors are the same on both sides, so that they meet."""

    rnd: random.Random
    calls: frozenset[str]

    def draw(self, screen: Screen) -> Pair:
        generator = Generator(self.rnd, self.calls & CALLS, links=False, longest=5)
        while True:
            begin = self._plain(generator, screen, 2) if self.rnd.randrange(2) else ()
            bodies = tuple(self._plain(generator, screen, 4, begin) for _ in (0, 1))
            if all(bodies):
                return Pair(begin, (bodies[0], bodies[1]))

    def _plain(
        self, generator: Generator, screen: Screen, most: int, begin: Sequence[Step] = ()
    ) -> tuple[Step, ...]:
        drawn = [step for step in generator.plain_sequence() if _private_memory(step)]
        if not begin and drawn and most == 2:
            drawn = [step for step in drawn if step.call == "FileOpen"]
        kept = screen.sequence([*begin, *drawn])
        return tuple(kept[len(begin) :][:most])


def _private_memory(step: Step) -> bool:
    """Neither edges of RAM, which both would use, nor the console."""
    return (step.block == step.buf == step.at == steps.HERE) and isinstance(step.fd, str)


# ---- Running -------------------------------------------------------------------------


@dataclass(frozen=True)
class PairBatch:
    job: Job
    pairs: list[Pair]
    plans: list[tuple[list[Planned], list[Planned]]]


def batch_of(subject: Subject, name: str, pairs: list[Pair]) -> PairBatch:
    script, plans = Script(), []
    files: dict[str, Node] = {}
    mappings: dict[str, str] = {}
    for index, pair in enumerate(pairs):
        plans.append(script.add_pair(pair, index))
        files |= world.host_files(index, subject.links)
        mappings |= world.mappings(index)
    files[IMAGE] = Node(content=script.image(subject.elf, subject.interface), mode=0o755)
    job = Job(name, subject.command(mappings, 2), files, timeout=EXPLORE, ignore=(IMAGE,))
    return PairBatch(job, pairs, plans)


# ---- Judging ---------------------------------------------------------------------------


@dataclass(frozen=True)
class _Event:
    """A call of one vCPU, and when it was shown."""

    call: Call
    seen: Observed
    at: int
    index: int


def judge_pairs(
    subject: Subject, batch: PairBatch, outcome: Outcome, coverage: Coverage
) -> list[Verdict]:
    out, verdicts = outcome.stdout, []
    if len(out) < HELLO.size:
        how = subject.ended_badly(outcome) or f"ended with status {outcome.status}"
        return [
            Verdict(
                Difference("two vCPUs", "no hello", 0, "the guest runs", f"the hypervisor {how}")
            )
        ]
    bases = HELLO.unpack_from(out)[1:5]
    trees = world.split(outcome.tree)
    for index, (pair, plans) in enumerate(zip(batch.pairs, batch.plans)):
        try:
            events = tuple(_events(out, bases, index, plan) for plan in plans)
        except _CutOffError as cut:
            how = subject.ended_badly(outcome) or f"ended with status {outcome.status}"
            problem = Difference(
                f"two vCPUs: {cut}", "CRASH", 0, "the guest goes on", f"the hypervisor {how}"
            )
            return [
                *verdicts,
                Verdict(problem),
                *(Verdict(ran=False) for _ in batch.plans[len(verdicts) + 1 :]),
            ]
        states, problem = _explained(_start(subject, bases), events, len(pair.begin), coverage)
        if problem is None:
            found = [
                world.differs(state, trees.get(world.directory(index), {}), index)
                for state in states
            ]
            if all(found):
                problem = Difference(
                    "two vCPUs: host files",
                    found[0].split(":")[0],
                    0,
                    "what some order leaves",
                    found[0],
                )
        if problem is None:
            coverage.reached.update(_together(pair))
        verdicts.append(Verdict(problem, steps=sum(map(len, events)) - len(pair.begin)))
    return verdicts


class _CutOffError(Exception):
    """The output ends before a call that should have come back."""


def _start(subject: Subject, bases: tuple[int, ...]) -> State:
    return world.initial_state(Ram(bases[2], bases[3]), 0o022, subject.links)


def _events(out: bytes, bases: tuple[int, ...], index: int, plan: list[Planned]) -> list[_Event]:
    events: list[_Event] = []
    for planned in plan:
        at = out.find(planned.frame)
        slab = out[at : at + len(planned.slab)]
        name = planned.layout.step.call
        if at < 0 or len(slab) < len(planned.slab):
            raise _CutOffError(name)
        fd = events[planned.source].seen.result if planned.source is not None else planned.fd
        call = planned.layout.call(bases, bases[SCRIPT] + planned.at, fd)
        memory = Memory(bases, index, planned, call, fd, slab, b"")
        seen = memory.observe(b"")
        if problem := memory.changed():
            seen = Observed(seen.kind, seen.result, problem.encode())
        events.append(_Event(call, seen, at, len(events)))
    return events


def _explained(
    start: State, events: tuple[list[_Event], ...], common: int, coverage: Coverage
) -> tuple[list[State], Difference | None]:
    """The states after all calls, or how far every order comes."""
    first, second = events[0], events[1][common:]
    reached: dict[tuple[int, int], list[State]] = {(0, 0): [start]}
    furthest = (0, 0)
    for i in range(len(first) + 1):
        for j in range(len(second) + 1 if i >= common else 1):
            states = reached.setdefault((i, j), [])
            if i and _may_follow(first, i, second, j):
                _extend(
                    states,
                    reached.get((i - 1, j), []),
                    first[i - 1],
                    coverage,
                )
            if j and _may_follow(second, j, first, i):
                _extend(states, reached[i, j - 1], second[j - 1], coverage)
            if states and i + j > sum(furthest):
                furthest = (i, j)
    if end := reached[len(first), len(second)]:
        return end, None
    i, j = furthest
    stuck = [side[n] for side, n in ((first, i), (second, j)) if n < len(side)]
    names = " / ".join(sorted({event.call.name for event in stuck}))
    actual = "; ".join(f"{event.call.name} gave {name_of(event.seen.result)}" for event in stuck)
    return [], Difference(
        f"two vCPUs: {names}",
        "no order explains it",
        furthest[0],
        "some order of the calls",
        actual,
    )


def _together(pair: Pair) -> tuple[str, ...]:
    """The requirements on concurrency that these calls are about."""
    first, second = ({step.call for step in body} for body in pair.bodies)
    both = first & second
    shared = any(step.call == "FileOpen" for step in pair.begin)
    creates = any(step.flags & 0o300 == 0o300 for step in pair.steps if step.call == "FileOpen")
    return applying(
        {
            "UHY-CONC-001": shared,
            "UHY-CONC-002": "FileOpen" in both,
            "UHY-CONC-003": "FileWrite" in both,
            "UHY-CONC-004": shared and "FileWrite" in both,
            "UHY-CONC-005": shared and "FileRead" in both,
            "UHY-CONC-006": creates and "FileOpen" in both,
            "UHY-CONC-007": shared and "FileClose" in both,
            "UHY-CONC-008": "FileUnlink" in both,
            "UHY-CONC-009": True,
            "UHY-CONC-010": "FileWrite" in first and "FileRead" in second,
            "UHY-CALL-009": True,
            "UHY-CONC-012": any(step.path.startswith("/p") for step in pair.steps)
            and "FileOpen" in both,
            "UHY-SWBUF-009": True,
        }
    )


def _may_follow(mine: list[_Event], n: int, others: list[_Event], done: int) -> bool:
    """True if my n-th call may be the next one: what was shown before it began is over."""
    if n < 2:
        return True
    return done >= sum(event.at < mine[n - 2].at for event in others)


def _extend(states: list[State], before: list[State], event: _Event, coverage: Coverage) -> None:
    if not before:
        return
    explanation = explain(before, event.call, event.seen)
    if explanation.states:
        coverage.add(f"{event.call.name} {explanation.outcome.label}", explanation)
    for state in explanation.states:
        if state not in states and len(states) < MOST_STATES:
            states.append(state)


# ---- On one vCPU ---------------------------------------------------------------------------


def one_after_the_other(pair: Pair) -> Iterator[list[Step]]:
    """The same calls on one vCPU, in both orders."""
    first, second = pair.bodies
    yield [*pair.begin, *first, *_behind(pair.begin, first, second)]
    yield [*pair.begin, *second, *_behind(pair.begin, second, first)]


def _behind(begin: Sequence[Step], between: Sequence[Step], body: Sequence[Step]) -> Iterator[Step]:
    """A body whose descriptors mean what they meant before others were opened in between."""
    shared, more = _opens(begin), _opens(between)
    own = 0
    for step in body:
        back = int(step.fd[4:] or 1) if isinstance(step.fd, str) else 0
        if "fd" in steps.RELEVANT[step.call] and back and shared + own:
            back = (back - 1) % (shared + own) + 1
            if back > own:
                back += more
            step = replace(step, fd=f"last{back}" if back > 1 else "last")
        yield step
        own += step.call == "FileOpen"


def _opens(sequence: Sequence[Step]) -> int:
    return sum(step.call == "FileOpen" for step in sequence)


# ---- Shrinking -----------------------------------------------------------------------------


def shrink(pair: Pair, same: Callable[[Pair], bool]) -> Pair:
    """Drops steps while the difference still shows now and then."""
    smaller = True
    while smaller:
        smaller = False
        for candidate in _without_one_step(pair):
            if same(candidate):
                pair, smaller = candidate, True
                break
    return pair


def _without_one_step(pair: Pair) -> Iterator[Pair]:
    first, second = pair.bodies
    for at in range(len(first) if len(first) > 1 else 0):
        yield Pair(pair.begin, (first[:at] + first[at + 1 :], second))
    for at in range(len(second) if len(second) > 1 else 0):
        yield Pair(pair.begin, (first, second[:at] + second[at + 1 :]))
    for at in range(len(pair.begin)):
        yield Pair(pair.begin[:at] + pair.begin[at + 1 :], pair.bodies)
