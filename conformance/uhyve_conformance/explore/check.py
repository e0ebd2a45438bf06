# SPDX-License-Identifier: MIT OR Apache-2.0
"""Compares what a batch showed with what the model allows, byte for byte."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..executor import Node, Outcome
from ..interface import Field
from . import world
from .layout import FRAME, SCRIPT, WINDOW
from .model import Alternative, Call, Explanation, Kind, Level, Observed, Ram, explain
from .model import Outcome as Allowed
from .model.errors import name_of
from .script import Planned
from .subject import Batch, Subject

HELLO = struct.Struct("<8s4Q8s")


class Difference(Exception):
    """The observed behaviour is not allowed."""

    def __init__(self, label: str, outcome: str, index: int, expected: str, actual: str) -> None:
        super().__init__(f"{label} -> {outcome}")
        self.label, self.outcome, self.index = label, outcome, index
        self.expected, self.actual = expected, actual
        self.trace: list[Traced] = []
        self.ids: tuple[str, ...] = ()
        self.fatal = False  # the guest did not continue

    @property
    def signature(self) -> str:
        return f"{self.label} -> {self.outcome}"


# Where the rules about a fault stand, by the begin of its name.
_ABOUT = {"path:": "UHY-PATH", "name:": "UHY-PATH", "buf:": "UHY-PTR", "block:": "UHY-BLOCK"}


def in_order(outcome: Allowed, alternatives: Iterable[Alternative]) -> tuple[str, ...]:
    """The requirements of alternatives: first those about the fault, last those about any error."""
    about = tuple(
        area for begin, area in _ABOUT.items() for f in outcome.faults if f.startswith(begin)
    )
    ids = dict.fromkeys(i for a in alternatives for i in a.ids)
    return tuple(sorted(ids, key=lambda i: (i.startswith("UHY-ERR"), not i.startswith(about))))


@dataclass(frozen=True)
class Traced:
    """A step that was explained."""

    label: str
    matters: bool  # it changed something, or a later step used its result
    why: Explanation

    @property
    def ids(self) -> tuple[str, ...]:
        return in_order(self.why.outcome, self.why.alternatives)


@dataclass
class Coverage:
    """Which requirements explain what was seen, and which SHOULDs were not met."""

    reached: Counter[str] = field(default_factory=Counter)
    unmet: Counter[str] = field(default_factory=Counter)
    cases: Counter[str] = field(default_factory=Counter)

    def add(self, label: str, explanation: Explanation) -> None:
        self.cases[label] += 1
        self.reached.update(explanation.ids)
        best = explanation.level
        for alternative in explanation.alternatives:
            if alternative.level == best:
                self.reached.update(alternative.ids)
                self.unmet.update(alternative.unmet)


@dataclass
class Verdict:
    """The verdict on one sequence: explained, a difference, or not run."""

    difference: Difference | None = None
    ran: bool = True
    steps: int = 0


def judge(
    subject: Subject, batch: Batch, outcome: Outcome, coverage: Coverage | None = None
) -> list[Verdict]:
    """One verdict for each sequence of the batch."""
    coverage = coverage or Coverage()
    out = outcome.stdout
    if not out.startswith(b"UHYHELLO") or len(out) < HELLO.size:
        how = subject.ended_badly(outcome) or f"ended with status {outcome.status}"
        problem = Difference(
            "start",
            "no hello",
            0,
            "the guest runs",
            f"the hypervisor {how}; {outcome.stderr[-300:]!r}",
        )
        problem.fatal = True
        return [Verdict(problem) for _ in batch.plans]
    bases = HELLO.unpack_from(out)[1:5]
    at, verdicts, trees = HELLO.size, [], world.split(outcome.tree)
    gone = False
    for index, plan in enumerate(batch.plans):
        if gone:
            verdicts.append(Verdict(ran=False))
            continue
        watch = _Watch(subject, batch, outcome, bases, index, at, coverage, trees)
        begin = at
        try:
            at = watch.follow(plan)
            watch.compare_files(plan)
            verdicts.append(Verdict(steps=len(plan)))
        except Difference as difference:
            difference.trace = watch.trace
            verdicts.append(Verdict(difference, steps=len(watch.trace) + 1))
            last = plan[-1]
            tail = last.window_slab or last.slab
            found = out.find(tail[:FRAME], begin)
            gone = difference.fatal or found < 0
            at = found + len(tail)
        gone = gone or watch.ended
    if not gone and (outcome.status != 0 or len(out) != at):
        how = subject.ended_badly(outcome) or f"ended with status {outcome.status}"
        left = out[at : at + 40]
        for verdict in verdicts[-1:]:
            if verdict.difference is None:
                verdict.difference = Difference(
                    "end",
                    "ends otherwise",
                    len(batch.plans[-1]),
                    "Exit(0), status 0",
                    f"the hypervisor {how}; further output {left!r}",
                )
    return verdicts


@dataclass
class _Watch:
    """Follows one sequence through the output."""

    subject: Subject
    batch: Batch
    outcome: Outcome
    bases: tuple[int, ...]
    index: int
    at: int
    coverage: Coverage
    trees: dict[str, dict[str, Node]]
    trace: list[Traced] = field(default_factory=list)
    ended: bool = False

    def __post_init__(self) -> None:
        ram = Ram(self.bases[2], self.bases[3])
        steps = [planned.layout.step for planned in self.batch.plans[self.index]]
        parts = world.parts_of(steps, self.subject.links)
        self.states = [world.initial_state(ram, self.batch.umask, parts)]
        self.results: list[int] = []

    def follow(self, plan: list[Planned]) -> int:
        for index, planned in enumerate(plan):
            self.step(index, planned)
            if self.ended:
                break
        return self.at

    def step(self, index: int, planned: Planned) -> None:
        out = self.outcome.stdout
        laid = planned.layout
        fd = self.results[planned.source] if planned.source is not None else planned.fd
        call = laid.call(self.bases, self.bases[SCRIPT] + planned.at, fd)
        found = out.find(planned.frame, self.at)
        if found < 0:
            self.without_slab(index, call, out[self.at :])
            return
        console = out[self.at : found]
        slab = out[found : found + len(planned.slab)]
        self.at = found + len(slab)
        window = b""
        if planned.window_slab:
            window = out[self.at : self.at + len(planned.window_slab)]
            self.at += len(window)
        if len(slab) < len(planned.slab) or len(window) < len(planned.window_slab):
            self.without_slab(index, call, b"", "after the call came back")
            return
        memory = Memory(
            self.bases, self.index, planned, call, fd, slab, window[FRAME : FRAME + WINDOW]
        )
        seen = memory.observe(console)
        self.results.append(seen.result)
        explanation = explain(self.states, call, seen)
        label = f"{planned.layout.step.call} {explanation.outcome.label}"
        if not explanation.states:
            raise self.unexplained(label, index, seen, explanation)
        if problem := memory.changed():
            raise self.difference(
                label, "changed memory", index, explanation, "no other byte changes", problem
            )
        self.accept(label, planned, explanation)

    def accept(self, label: str, planned: Planned, explanation: Explanation) -> None:
        self.states = explanation.states
        self.coverage.add(label, explanation)
        self.trace.append(Traced(label, explanation.changed or planned.used, explanation))

    def without_slab(self, index: int, call: Call, console: bytes, when: str = "") -> None:
        """The guest did not come back from this call."""
        asked = call.name == "Exit" and self.outcome.status == call.argument & 0xFF
        how = "" if asked else self.subject.ended_badly(self.outcome)
        seen = Observed(
            Kind.CRASHED if how else Kind.ENDED, self.outcome.status or 0, console=console
        )
        explanation = explain(self.states, call, seen)
        name = call.name if call.name != "number" else "Unknown"
        label = f"{name} {explanation.outcome.label}"
        if explanation.states:
            self.states, self.ended = explanation.states, True
            self.coverage.add(label, explanation)
            self.trace.append(Traced(label, True, explanation))
            return
        message = self.outcome.stderr.decode(errors="replace").strip().splitlines()
        text = next((line for line in message if "panicked" in line or "error" in line.lower()), "")
        actual = (
            f"the hypervisor {how or f'ended with status {self.outcome.status}'} {when}".strip()
        )
        problem = self.difference(
            label,
            "CRASH" if how else "ended",
            index,
            explanation,
            explanation.outcome.expected(),
            f"{actual}{': ' + text if text else ''}",
        )
        problem.fatal = True
        raise problem

    def unexplained(
        self, label: str, index: int, seen: Observed, explanation: Explanation
    ) -> Difference:
        outcome = explanation.outcome
        expected = outcome.expected()
        fitting = [
            a
            for a in outcome.alternatives
            if a.kind is seen.kind
            and (a.result(seen.result) if callable(a.result) else a.result == seen.result)
        ]
        if seen.kind is Kind.UNANSWERED:
            return self.difference(
                label, "no answer", index, explanation, expected, "the result field is as it was"
            )
        if not fitting:
            words = name_of(seen.result) if seen.result < 0 else "success"
            return self.difference(label, words, index, explanation, expected, name_of(seen.result))
        if any(a.stores(seen) if callable(a.stores) else a.stores == seen.stored for a in fitting):
            prints = " or ".join(sorted({repr(a.prints) for a in fitting}))
            return self.difference(
                label, "other output", index, explanation, prints, repr(seen.console)
            )
        stores = " or ".join(
            a.stores.hex(" ") if isinstance(a.stores, bytes) else "what the model describes"
            for a in fitting
        )
        return self.difference(
            label, "other data", index, explanation, stores, seen.stored.hex(" ")
        )

    def difference(
        self,
        label: str,
        outcome: str,
        index: int,
        explanation: Explanation,
        expected: str,
        actual: str,
    ) -> Difference:
        problem = Difference(label, outcome, index, expected, actual)
        allowed = explanation.outcome
        problem.ids = in_order(allowed, [a for a in allowed.alternatives if a.level is Level.ASKED])
        return problem

    def compare_files(self, plan: list[Planned]) -> None:
        """One of the states must describe what lies on the host now."""
        tree = self.trees.get(world.directory(self.index), {})
        found = [world.differs(state, tree) for state in self.states]
        if all(found):
            what = found[0].split(":")[0]
            raise Difference(
                "host files", what, len(plan), "the files that the calls left", found[0]
            )


@dataclass
class Memory:
    """The memory that a call may touch, before and after."""

    bases: tuple[int, ...]
    index: int
    planned: Planned
    call: Call
    fd: int
    slab: bytes
    window: bytes

    def __post_init__(self) -> None:
        laid, bases = self.planned.layout, self.bases
        self.laid = laid
        self.slab_address = bases[SCRIPT] + self.planned.at
        self.window_address = laid.window_base(bases) if laid.window is not None else 0
        self.before = bytearray(self.planned.slab)
        self.window_before = (
            bytearray(_numbered(laid.window_image, self.index)) if self.window else bytearray()
        )
        for fixes, memory in ((laid.fixes, self.before), (laid.window_fixes, self.window_before)):
            for fix in fixes:
                base = self.slab_address if fix.base == SCRIPT else bases[fix.base]
                _put(memory, fix.at, (base + fix.value) % (1 << 8 * fix.size), fix.size)
        if laid.fd_at is not None:
            _put(self.before, laid.block_at + laid.fd_at, self.fd % (1 << 32), 4)
            if laid.block_window is not None:
                _put(self.window_before, laid.block_window + laid.fd_at, self.fd % (1 << 32), 4)

    def visible(self, address: int, length: int) -> tuple[bytes, bytearray, int] | None:
        """(after, before, offset) of the memory in which a range begins."""
        for base, after, before in (
            (self.slab_address, self.slab, self.before),
            (self.window_address, self.window, self.window_before),
        ):
            if after and base <= address < base + len(after):
                return after, before, address - base
        return None

    def observe(self, console: bytes) -> Observed:
        laid, call = self.laid, self.call
        if laid.step.call == "SerialReadByte":
            value = int.from_bytes(self.slab[FRAME : FRAME + 4], "little")
            self.before[FRAME : FRAME + 4] = self.slab[FRAME : FRAME + 4]
            return Observed(result=value, console=console)
        place = self.visible(call.argument, call.block) if call.block else None
        if place is None or place[2] + call.block > len(place[0]):
            return Observed(console=console)
        after, before, at = place
        kind, result = self.result(after[at : at + call.block], before[at : at + call.block])
        for name, item in laid.info.fields.items():
            if item.direction in ("OUT", "INOUT"):
                begin = at + item.offset
                before[begin : begin + item.size] = after[begin : begin + item.size]
            elif name == "ret.pad":
                begin = at + item.offset
                if after[begin : begin + item.size] == bytes(item.size):
                    before[begin : begin + item.size] = bytes(item.size)
        stored, was = self.stored(kind, result)
        return Observed(kind, result, stored, was, console)

    def result(self, after: bytes, before: bytes) -> tuple[Kind, int]:
        info, step = self.laid.info, self.laid.step
        if tag := info.of_kind("TAG"):
            value = _value(after, tag)
            row = next((row for row in info.tags if row.value == value), None)
            if row is None or row.label == "None":
                return Kind.UNANSWERED, value
            if row.payload is None:
                return Kind.RETURNED, 0
            payload = info.fields[row.payload]
            failed = payload.kind == "ERRNO"
            number = _value(after, payload, signed=failed)
            return Kind.RETURNED, -number if failed else number
        if item := info.of_kind("RET", "OFFSET"):
            value = _value(after, item, signed=True)
            silent = item.kind == "RET" and value == step.preset == -77777
            return (Kind.UNANSWERED if silent else Kind.RETURNED), value
        if item := info.of_kind("COUNT"):
            value = _value(after, item, signed=True)
            return (Kind.UNANSWERED if value == step.preset else Kind.RETURNED), value
        return Kind.RETURNED, 0

    def stored(self, kind: Kind, result: int) -> tuple[bytes, bytes]:
        """The buffer's contents by the result, and those before the call."""
        if kind is not Kind.RETURNED or result < 0:
            return b"", b""
        buffer = self.laid.info.of_kind("DST")
        if buffer is None:
            return b"", b""
        length = int(buffer.length) if str(buffer.length).isdigit() else result
        place = self.visible(self.call.buffer, length)
        if not length or place is None:
            return b"", b""
        after, before, at = place
        end = min(at + length, len(after))
        data, was = after[at:end], bytes(before[at:end])
        before[at:end] = data
        return data, was

    def changed(self) -> str:
        """The byte that changed and must not have, "" if none did."""
        for name, after, before in (
            ("slab", self.slab, self.before),
            ("edge of RAM", self.window, self.window_before),
        ):
            if after != bytes(before):
                at = next(i for i, (a, b) in enumerate(zip(after, before)) if a != b)
                return (
                    f"byte {at - self.laid.block_at} from the block's begin"
                    if name == "slab"
                    else f"byte {at} of the {name}"
                ) + f" is {after[at]:#x}, was {before[at]:#x}"
        return ""


def _numbered(image: bytes, index: int) -> bytes:
    return image.replace(b"@@", b"%02d" % index)


def _value(block: bytes, field: Field, signed: bool = False) -> int:
    return int.from_bytes(block[field.offset : field.offset + field.size], "little", signed=signed)


def _put(memory: bytearray, at: int, value: int, size: int) -> None:
    memory[at : at + size] = value.to_bytes(size, "little")
