# SPDX-License-Identifier: MIT OR Apache-2.0
"""Two to four vCPUs at a time: some order of all their calls must explain what they saw.

A call that was shown before another began came before it; everything else is open.
So the search goes over how far each vCPU has come, and keeps the states of the model
that explain getting there.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..executor import Job, Node, Outcome
from ..limits import EXPLORE
from . import steps, world
from .check import HELLO, Coverage, Difference, Memory, Verdict
from .generate import PLAIN_PATHS, Generator, Screen
from .layout import SCRIPT
from .model import MOST_STATES, Call, Observed, Ram, State, explain
from .model.errors import name_of
from .script import NEVER_OPEN, Group, Planned, Script
from .steps import Step, parse
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
IN_A_GUEST = 12  # groups
# Of each vCPU, by how many there are: the orders of all calls are to stay few.
MOST_STEPS = {2: 4, 3: 3, 4: 2}
MOST_ORDERS = 12  # in which the calls of a group are tried on one vCPU


# ---- What is tried ----------------------------------------------------------------


@dataclass
class Groups:
    """Draws groups; names and descriptors are the same on all sides, so that they meet."""

    rnd: random.Random
    calls: frozenset[str]

    def draw(self, screen: Screen, cpus: int) -> Group:
        generator = Generator(self.rnd, self.calls & CALLS, links=False, longest=5)
        most = MOST_STEPS[cpus]
        while True:
            # Half of them are about one name alone.
            generator.only_path = self.rnd.choice(PLAIN_PATHS) if self.rnd.randrange(2) else ""
            begin = self._plain(generator, screen, 2, before=True) if self.rnd.randrange(2) else ()
            bodies = tuple(self._plain(generator, screen, most, begin) for _ in range(cpus))
            if all(bodies):
                return Group(begin, bodies if self.rnd.randrange(4) else self._alike(bodies))

    def _alike(self, bodies: tuple[tuple[Step, ...], ...]) -> tuple[tuple[Step, ...], ...]:
        """All vCPUs do the same: what only one of them can succeed in shows here."""
        return (bodies[0],) * len(bodies)

    def _plain(
        self,
        generator: Generator,
        screen: Screen,
        most: int,
        begin: Sequence[Step] = (),
        before: bool = False,
    ) -> tuple[Step, ...]:
        drawn = [step for step in generator.plain_sequence() if _private_memory(step)]
        if before:
            drawn = [step for step in drawn if step.call == "FileOpen"]
        kept = screen.sequence([*begin, *drawn])
        return tuple(kept[len(begin) :][:most])


def _private_memory(step: Step) -> bool:
    """Neither edges of RAM, which both would use, nor the console."""
    return (step.block == step.buf == step.at == steps.HERE) and isinstance(step.fd, str)


def parse_group(text: str) -> Group:
    """The group that a line of text describes; ValueError where it does not."""
    begin, *bodies = (tuple(parse(part.strip())) for part in text.split("||"))
    if len(bodies) not in MOST_STEPS or not all(bodies):
        raise ValueError("a group is BEGIN || CALLS || CALLS, with calls of two to four vCPUs")
    return Group(begin, bodies)


# ---- Running -------------------------------------------------------------------------


@dataclass(frozen=True)
class GroupBatch:
    job: Job
    groups: list[Group]
    plans: list[list[list[Planned]]]  # of each group, of each vCPU


def batch_of(subject: Subject, name: str, groups: list[Group]) -> GroupBatch:
    """One guest for groups of the same size."""
    cpus = len(groups[0].bodies)
    script, plans = Script(cpus), []
    files: dict[str, Node] = {}
    mappings: dict[str, str] = {}
    for index, group in enumerate(groups):
        plans.append(script.add_group(group, index))
        parts = world.parts_of(group.steps, subject.links)
        files |= world.host_files(index, parts)
        mappings |= world.mappings(index, parts)
    files[IMAGE] = Node(content=script.image(subject.elf, subject.interface), mode=0o755)
    job = Job(name, subject.command(mappings, cpus), files, timeout=EXPLORE, ignore=(IMAGE,))
    return GroupBatch(job, groups, plans)


# ---- Judging ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Event:
    """A call of one vCPU, and when it was shown."""

    call: Call
    seen: Observed
    at: int
    index: int


def judge_groups(
    subject: Subject, batch: GroupBatch, outcome: Outcome, coverage: Coverage
) -> list[Verdict]:
    out, verdicts = outcome.stdout, []
    if len(out) < HELLO.size:
        how = subject.ended_badly(outcome) or f"ended with status {outcome.status}"
        return [
            Verdict(Difference("vCPUs", "no hello", 0, "the guest runs", f"the hypervisor {how}"))
        ]
    bases = HELLO.unpack_from(out)[1:5]
    trees = world.split(outcome.tree)
    for index, (group, plans) in enumerate(zip(batch.groups, batch.plans)):
        try:
            events = [_events(out, bases, index, plan) for plan in plans]
        except _CutOffError as cut:
            how = subject.ended_badly(outcome) or f"ended with status {outcome.status}"
            problem = Difference(
                f"vCPUs: {cut}", "CRASH", 0, "the guest continues", f"the hypervisor {how}"
            )
            problem.ids = _together(group, problem.label)
            return [
                *verdicts,
                Verdict(problem),
                *(Verdict(ran=False) for _ in batch.plans[len(verdicts) + 1 :]),
            ]
        parts = world.parts_of(group.steps, subject.links)
        start = world.initial_state(Ram(bases[2], bases[3]), 0o022, parts)
        states, problem = explained(start, events, len(group.begin), coverage)
        if problem is None:
            found = [
                world.differs(state, trees.get(world.directory(index), {})) for state in states
            ]
            if all(found):
                problem = Difference(
                    "vCPUs: host files",
                    found[0].split(":")[0],
                    0,
                    "what some order leaves",
                    found[0],
                )
        if problem is None:
            coverage.reached.update(_together(group))
        else:
            problem.ids = _together(group, problem.label)
        again = len(group.begin) * (len(events) - 1)
        verdicts.append(Verdict(problem, steps=sum(map(len, events)) - again))
    return verdicts


class _CutOffError(Exception):
    """The output ends before a call that should have come back."""


def _events(out: bytes, bases: tuple[int, ...], index: int, plan: list[Planned]) -> list[Event]:
    events: list[Event] = []
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
        events.append(Event(call, seen, at, len(events)))
    return events


def explained(
    start: State, events: Sequence[list[Event]], common: int, coverage: Coverage
) -> tuple[list[State], Difference | None]:
    """The states after all calls, or how far every order comes. A place says how many calls of
    each vCPU are over."""
    sides = [side[common if cpu else 0 :] for cpu, side in enumerate(events)]
    first = (0,) * len(sides)
    reached: dict[tuple[int, ...], list[State]] = {first: [start]}
    furthest = first
    for place in itertools.product(*(range(len(side) + 1) for side in sides)):
        if place[0] < common and any(place[1:]):
            continue
        states = reached.setdefault(place, [])
        for cpu, done in enumerate(place):
            if done and _may_follow(sides, cpu, place):
                before = (*place[:cpu], done - 1, *place[cpu + 1 :])
                _extend(states, reached.get(before, []), sides[cpu][done - 1], coverage)
        if states and sum(place) > sum(furthest):
            furthest = place
    if end := reached[tuple(map(len, sides))]:
        return end, None
    stuck = [side[n] for side, n in zip(sides, furthest) if n < len(side)]
    names = " / ".join(sorted({event.call.name for event in stuck}))
    actual = "; ".join(f"{event.call.name} gave {name_of(event.seen.result)}" for event in stuck)
    return [], Difference(
        f"vCPUs: {names}",
        "no order explains it",
        furthest[0],
        "some order of the calls",
        actual,
    )


def _together(group: Group, label: str = "") -> tuple[str, ...]:
    """The requirements on concurrency that these calls are about; first those on calls that the
    label names."""
    made = [{step.call for step in body} for body in group.bodies]
    both = {call for call in CALLS if sum(call in calls for calls in made) > 1}
    shared = any(step.call == "FileOpen" for step in group.begin)
    opened = [step for step in group.steps if step.call == "FileOpen"]
    creates = any(step.flags & 0o300 == 0o300 for step in opened)
    private = any(step.path.startswith("/p") for step in group.steps)
    reads_back = any(
        "FileWrite" in a and "FileRead" in b for a, b in itertools.permutations(made, 2)
    )
    # Requirement, the call that it is about, and whether it applies.
    rules = (
        ("UHY-CONC-006", "FileOpen", creates and "FileOpen" in both),
        ("UHY-CONC-012", "FileOpen", private and "FileOpen" in both),
        ("UHY-CONC-002", "FileOpen", "FileOpen" in both),
        ("UHY-CONC-003", "FileWrite", "FileWrite" in both),
        ("UHY-CONC-004", "FileWrite", shared and "FileWrite" in both),
        ("UHY-CONC-005", "FileRead", shared and "FileRead" in both),
        ("UHY-CONC-007", "FileClose", shared and "FileClose" in both),
        ("UHY-CONC-008", "FileUnlink", "FileUnlink" in both),
        ("UHY-CONC-010", "FileRead", reads_back),
        ("UHY-CONC-009", "", True),
        ("UHY-CALL-009", "", True),
        ("UHY-CONC-001", "", shared),
        ("UHY-SWBUF-009", "", True),
    )
    applying_ = [
        (call not in label.split() if call else True, i) for i, call, is_so in rules if is_so
    ]
    return tuple(i for _, i in sorted(applying_, key=lambda row: row[0]))


def _may_follow(sides: Sequence[list[Event]], cpu: int, place: tuple[int, ...]) -> bool:
    """True if the last call of this vCPU may be the latest of all: what was shown before it began
    is over."""
    if place[cpu] < 2:
        return True
    begin = sides[cpu][place[cpu] - 2].at
    return all(
        done >= sum(event.at < begin for event in side)
        for other, (side, done) in enumerate(zip(sides, place))
        if other != cpu
    )


def _extend(states: list[State], before: list[State], event: Event, coverage: Coverage) -> None:
    if not before:
        return
    explanation = explain(before, event.call, event.seen)
    if explanation.states:
        coverage.add(f"{event.call.name} {explanation.outcome.label}", explanation)
    for state in explanation.states:
        if state not in states and len(states) < MOST_STATES:
            states.append(state)


# ---- On one vCPU ---------------------------------------------------------------------------


def one_after_the_other(group: Group) -> Iterator[list[Step]]:
    """The same calls on one vCPU, in some of their orders; first one vCPU after the other."""
    cpus = [cpu for cpu, body in enumerate(group.bodies) for _ in body]
    for order in dict.fromkeys([tuple(cpus), tuple(reversed(cpus)), *_orders(cpus)]):
        yield _merged(group, order)


def _orders(cpus: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Up to MOST_ORDERS ways in which calls of these vCPUs can follow each other."""
    rnd = random.Random(0)
    for _ in range(MOST_ORDERS):
        yield tuple(rnd.sample(cpus, len(cpus)))


def _merged(group: Group, order: Sequence[int]) -> list[Step]:
    """The calls in this order of vCPUs, with descriptors that mean what they meant."""
    merged = list(group.begin)
    opens = sum(step.call == "FileOpen" for step in merged)
    known = [list(range(opens)) for _ in group.bodies]  # which of all opens a vCPU knows
    bodies = [iter(body) for body in group.bodies]
    for cpu in order:
        step, mine = next(bodies[cpu]), known[cpu]
        if "fd" in steps.RELEVANT[step.call] and isinstance(step.fd, str):
            back = int(step.fd[4:] or 1) - 1
            fd = f"last{opens - mine[-1 - back % len(mine)]}" if mine else NEVER_OPEN
            step = replace(step, fd="last" if fd == "last1" else fd)
        merged.append(step)
        if step.call == "FileOpen":
            mine.append(opens)
            opens += 1
    return merged


# ---- Shrinking -----------------------------------------------------------------------------


def shrink(group: Group, same: Callable[[Group], bool]) -> Group:
    """Drops vCPUs and steps while the difference still shows now and then."""
    smaller = True
    while smaller:
        smaller = False
        for candidate in _smaller(group):
            if same(candidate):
                group, smaller = candidate, True
                break
    return group


def _smaller(group: Group) -> Iterator[Group]:
    bodies = group.bodies
    for cpu in range(len(bodies) if len(bodies) > 2 else 0):
        yield Group(group.begin, bodies[:cpu] + bodies[cpu + 1 :])
    for cpu, body in enumerate(bodies):
        for at in range(len(body) if len(body) > 1 else 0):
            less = body[:at] + body[at + 1 :]
            yield Group(group.begin, (*bodies[:cpu], less, *bodies[cpu + 1 :]))
    for at in range(len(group.begin)):
        yield Group(group.begin[:at] + group.begin[at + 1 :], bodies)
