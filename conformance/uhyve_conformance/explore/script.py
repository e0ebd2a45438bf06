# SPDX-License-Identifier: MIT OR Apache-2.0
"""The image that the script guest runs: sequences become memory and steps (guests/script/script.c)."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass

from .blocks import CALLS
from .layout import (
    ANYBODY,
    FRAME,
    GUARD,
    RAM_END,
    RAM_START,
    RESULT,
    SCRIPT,
    WINDOW,
    ZERO,
    Fix,
    Layout,
    layout,
    number_of,
)
from .steps import Step, text_of

MAGIC = b"UHYSCRPT"
SIZE = 512 << 10
MOST_CPUS = 4
HEAD = 16 + 8 * MOST_CPUS
STORE, FETCH, READ, MEET, SHOW = range(5)
LATER = 1 << 16  # with an action: the memory is not shown, or by a later step
NEVER_OPEN = 4000  # a descriptor that is never open
_STEP = struct.Struct("<IIqIIII")
_FIX = struct.Struct("<IHHq")


class TooLong(ValueError):
    """The script does not fit."""


@dataclass
class Planned:
    """A step with its place in the script."""

    layout: Layout
    at: int  # of the slab, from the script's begin
    slab: bytes  # with its frame
    source: int | None = None  # index of the FileOpen whose result is the descriptor
    fd: int = NEVER_OPEN  # the descriptor when it is a number
    window_slab: bytes = b""
    used: bool = False  # a later step uses what this one returned

    @property
    def frame(self) -> bytes:
        return self.slab[:FRAME]


@dataclass(frozen=True)
class Group:
    """Sequences for two to four vCPUs at a time, after calls that the first of them makes before."""

    begin: tuple[Step, ...]
    bodies: tuple[tuple[Step, ...], ...]

    @property
    def steps(self) -> tuple[Step, ...]:
        return sum(self.bodies, self.begin)

    @property
    def text(self) -> str:
        return " || ".join(text_of(list(part)) for part in (self.begin, *self.bodies))


class Script:
    """Collects what is to be run by so many vCPUs."""

    def __init__(self, cpus: int = 1) -> None:
        self._cpus = cpus
        self._memory = bytearray()
        self._code = [bytearray() for _ in range(cpus)]
        self._steps = [0] * cpus
        self._number = self._meetings = 0
        self._later: tuple[int, int] | None = None  # what is still to be shown
        self._waits = False  # steps are shown together

    def add_sequence(
        self, sequence: list[Step], index: int, together: bool = False
    ) -> list[Planned]:
        """The plan of a sequence; index tells its top-level names from others'. together: what
        its steps touched is shown when they are done, which costs less; where the machine ends
        in between, no one knows in which step. Descriptors stay open: the next sequence gets
        other ones."""
        plan: list[Planned] = []
        opens: list[tuple[int, int]] = []  # index of the step, where its result lies
        self._waits = together
        self._add_steps(plan, opens, sequence, index, 0)
        self._show_later()
        self._waits = False
        return plan

    def add_group(self, group: Group, index: int) -> list[list[Planned]]:
        """The plans of the vCPUs, each with the common begin in front, which vCPU 0 runs alone."""
        begin: list[Planned] = []
        shared: list[tuple[int, int]] = []
        self._add_steps(begin, shared, group.begin, index, 0)
        plans = [list(begin) for _ in group.bodies]
        opens = [list(shared) for _ in group.bodies]
        self._meet()
        for cpu, sequence in enumerate(group.bodies):
            self._add_steps(plans[cpu], opens[cpu], sequence, index, cpu)
        self._meet()
        for cpu, opened in enumerate(opens):
            self._add_closes(opened[len(shared) if cpu else 0 :], cpu)
        self._meet()  # a number that is closed late must not be one of the next group
        return plans

    def _add_steps(
        self,
        plan: list[Planned],
        opens: list[tuple[int, int]],
        sequence: Iterable[Step],
        index: int,
        cpu: int,
    ) -> None:
        for step in sequence:
            plan.append(self._add_step(plan, opens, layout(step), index, cpu))

    def _add_closes(self, opens: list[tuple[int, int]], cpu: int) -> None:
        """Nothing stays open for the next sequence."""
        for _, result in opens:
            self._add_close(result, cpu)

    def _meet(self) -> None:
        self._meetings += 1
        for cpu in range(self._cpus):
            self._emit(cpu, MEET, (ZERO, self._meetings), (0, 0))

    def _remember(self, content: bytes) -> int:
        at = HEAD + len(self._memory)
        self._memory += content
        self._memory += bytes(-len(content) % 8)
        return at

    def _frame(self, slab: bytes) -> bytes:
        self._number += 1
        return b"@%07d" % self._number + slab[FRAME:]

    def _add_step(
        self, plan: list[Planned], opens: list[tuple[int, int]], laid: Layout, index: int, cpu: int
    ) -> Planned:
        slab = self._frame(_named(laid, laid.slab, index))
        at = self._remember(slab)
        step = laid.step
        fixes = list(laid.fixes)
        source = None
        fd = step.fd if isinstance(step.fd, int) else NEVER_OPEN
        if laid.fd_at is not None:
            if isinstance(step.fd, str) and opens:
                source, result = opens[-1 - (int(step.fd[4:] or 1) - 1) % len(opens)]
                plan[source].used = True
                fixes.append(Fix(laid.block_at + laid.fd_at, 4, RESULT, result))
            else:
                fixes.append(Fix(laid.block_at + laid.fd_at, 4, ZERO, fd))
        planned = Planned(laid, at, slab, source, fd)
        result_at = at + laid.block_at
        if laid.window is not None:
            self._prepare_window(laid, at, index, cpu, fixes)
        action = READ if step.call == "SerialReadByte" else number_of(step)
        self._emit_shown(
            cpu,
            action,
            _shifted(laid.argument, at),
            (at, len(slab)),
            [_moved(f, at) for f in fixes],
            _prints(step),
        )
        if laid.window is not None:
            planned.window_slab = self._frame(b"\0" * FRAME + bytes(WINDOW) + GUARD[:7] + b"\n")
            window_at = self._remember(planned.window_slab)
            address = (RAM_START, 0) if laid.window == RAM_START else (RAM_END, -WINDOW)
            self._emit_shown(cpu, FETCH, address, (window_at, len(planned.window_slab)))
            if laid.block_window is not None:
                result_at = window_at + FRAME + laid.block_window
        if step.call == "FileOpen":
            opens.append((len(plan), result_at + laid.info.fields["ret"].offset))
        return planned

    def _prepare_window(
        self, laid: Layout, slab_at: int, index: int, cpu: int, fixes: list[Fix]
    ) -> None:
        image_at = self._remember(_named(laid, laid.window_image, index))
        address = (RAM_START, 0) if laid.window == RAM_START else (RAM_END, -WINDOW)
        inside = [
            (image_at + f.at, f.size, f.base, f.value + (slab_at if f.base == SCRIPT else 0))
            for f in laid.window_fixes
        ]
        if laid.block_window is not None:
            inside += [
                (image_at + laid.block_window + f.at - laid.block_at, f.size, f.base, f.value)
                for f in fixes[len(laid.fixes) :]
            ]
        self._emit(cpu, STORE | LATER, address, (image_at, WINDOW), inside)

    def _add_close(self, result: int, cpu: int) -> None:
        at = self._remember(bytes(8))
        self._emit(
            cpu,
            CALLS["FileClose"].number,
            (SCRIPT, at),
            (0, 0),
            [(at, 4, RESULT, result)],
            skip=result,
        )

    def _emit_shown(
        self,
        cpu: int,
        action: int,
        argument: tuple[int, int],
        shown: tuple[int, int],
        fixes: list[tuple[int, int, int, int]] | None = None,
        at_once: bool = False,
    ) -> None:
        """A step after which memory is shown: at once, or with that of the steps around it."""
        if at_once or not self._waits:
            self._show_later()
            self._emit(cpu, action, argument, shown, fixes)
            return
        if self._later and sum(self._later) != shown[0]:
            self._show_later()
        begin = self._later[0] if self._later else shown[0]
        self._later = begin, sum(shown) - begin
        self._emit(cpu, action | LATER, argument, shown, fixes)

    def _show_later(self) -> None:
        if self._later:
            self._emit(0, SHOW, (ZERO, 0), self._later)
            self._later = None

    def _emit(
        self,
        cpu: int,
        action: int,
        argument: tuple[int, int],
        shown: tuple[int, int],
        fixes: list[tuple[int, int, int, int]] | None = None,
        skip: int = 0,
    ) -> None:
        fixes = fixes or []
        self._steps[cpu] += 1
        code = self._code[cpu]
        code += _STEP.pack(action, argument[0], _signed(argument[1]), *shown, skip, len(fixes))
        for at, size, base, value in fixes:
            code += _FIX.pack(at, base, size, _signed(value))

    def image(self, elf: bytes, interface: int = 3) -> bytes:
        """The ELF with the script in it."""
        at = elf.index(MAGIC)
        place = HEAD + len(self._memory)
        table = []
        for code, steps in zip(self._code, self._steps):
            table += [place, steps]
            place += len(code)
        table += [0] * (2 * MOST_CPUS - len(table))
        head = MAGIC + struct.pack(f"<{2 * MOST_CPUS + 2}I", *table, self._cpus, 0)
        script = head + self._memory + b"".join(self._code)
        if len(script) > SIZE:
            raise TooLong(f"{len(script)} bytes")
        image = elf[:at] + script + elf[at + len(script) :]
        note = image.index(b"UHYVEIF\0") + 8
        return image[:note] + struct.pack(">I", interface) + image[note + 4 :]


def _prints(step: Step) -> bool:
    """True if a call prints, which has to come between what the steps around it show."""
    return step.call in ("SerialWriteByte", "SerialWriteBuffer") or (
        step.call == "FileWrite" and isinstance(step.fd, int)
    )


def _shifted(address: tuple[int, int], slab_at: int) -> tuple[int, int]:
    return (SCRIPT, slab_at + address[1]) if address[0] == SCRIPT else address


def _moved(fix: Fix, slab_at: int) -> tuple[int, int, int, int]:
    value = fix.value + (slab_at if fix.base == SCRIPT else 0)
    return slab_at + fix.at, fix.size, fix.base, value


def _signed(value: int) -> int:
    value %= 1 << 64
    return value - (1 << 64) if value >> 63 else value


def _named(laid: Layout, content: bytes, index: int) -> bytes:
    """Puts the number of the sequence into its top-level names."""
    return content.replace(ANYBODY, b"%02d" % index) if laid.path_bytes else content
