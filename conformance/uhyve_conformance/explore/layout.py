# SPDX-License-Identifier: MIT OR Apache-2.0
"""From a step to bytes: the slab of memory that its call may touch.

A slab is frame, block, guard, rooms with a guard after each, newline. The guest
shows it as it is after the call, so that every byte in it can be compared. What
is placed at an edge of RAM lies in a window of its own, shown in a slab of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from ..interface import read_interface
from . import steps
from .blocks import CALLS, CallInfo
from .model import Call, Name
from .steps import Step

ZERO, SCRIPT, RAM_START, RAM_END, RESULT = range(5)  # enum base of script.c

FRAME = 8
GUARD = b"\xa5" * 8
FILLER = b"\xa5"
WINDOW = 128  # bytes at either end of RAM that are looked at
WINDOW_IMAGE = bytes(0x80 + at % 0x60 for at in range(WINDOW))
READ_ROOM = 96
GETDENTS_ROOM = 512
ATTR_SIZE = read_interface().struct("file_attr").size
PATTERNS = (
    bytes(range(0x41, 0x41 + 64)),
    bytes(range(0x30, 0x30 + 32)) * 2,
    b"\x00\xff\r\n\x1b\xc3(~" * 8,
)

# The top-level names of a sequence get its number where this stands.
ANYBODY = b"@@"
_TOP = re.compile(rb"(?<![^/])([imsp])(?=x?(?:/|$))")

# The place of the slab until it has one in a script.
Address = tuple[int, int]  # base, offset from it


@dataclass(frozen=True)
class Fix:
    """A value that the guest stores before the call: an address, or a descriptor."""

    at: int
    size: int
    base: int
    value: int


@dataclass(frozen=True)
class Layout:
    step: Step
    info: CallInfo
    slab: bytes  # the frame's number is still missing
    block_at: int  # in the slab
    argument: Address  # SCRIPT offsets are within the slab
    fixes: tuple[Fix, ...] = ()  # in the slab
    window: int | None = None  # RAM_START, RAM_END: that edge is used
    window_image: bytes = b""
    window_fixes: tuple[Fix, ...] = ()
    block_window: int | None = None  # the block lies in the window, there
    path: Address = (ZERO, 0)
    path_bytes: bytes = b""
    terminated: bool = True
    buffer: Address = (ZERO, 0)
    length: int = 0
    data: bytes = b""
    fd_at: int | None = None  # of the fix-up that is a descriptor, in the block

    def window_base(self, bases: tuple[int, ...]) -> int:
        return bases[RAM_START] if self.window == RAM_START else bases[RAM_END] - WINDOW

    def call(self, bases: tuple[int, ...], slab_address: int, fd: int) -> Call:
        """The call in the model's terms, with RAM where bases say and the slab where it lies."""

        def resolve(address: Address) -> int:
            base, offset = address
            return ((slab_address if base == SCRIPT else bases[base]) + offset) % (1 << 64)

        step = self.step
        return Call(
            step.call if step.call != "Unknown" else "number",
            argument=resolve(self.argument),
            block=self.info.size,
            path=Name(resolve(self.path), self.path_bytes, self.terminated),
            fd=fd,
            flags=step.flags,
            mode=step.mode,
            buffer=resolve(self.buffer),
            length=self.length,
            data=self.data,
            offset=step.off,
            whence=step.whence,
            kind=step.kind,
        )


def own_names(path: bytes) -> bytes:
    """The path with the sequence's own top-level names."""
    return _TOP.sub(rb"\1" + ANYBODY, path)


def number_of(step: Step) -> int:
    return step.number if step.call == "Unknown" else CALLS[step.call].number


@lru_cache(maxsize=1 << 16)
def layout(step: Step) -> Layout:
    """The place in memory of each part of a step."""
    info = CallInfo(step.number, 2, "RESERVED", {}) if step.call == "Unknown" else CALLS[step.call]
    if step.call in ("Exit", "SerialWriteByte"):
        return _immediate(step, info)
    if not info.fields:
        return _without_block(step, info)
    return _Builder(step, info).build()


def _slab(*parts: bytes) -> bytes:
    """Frame, parts with a guard after each, filler, newline; a multiple of 8 bytes."""
    slab = b"@" + bytes(7) + b"".join(part + GUARD for part in parts)
    return slab + FILLER * (-(len(slab) + 1) % 8) + b"\n"


def _immediate(step: Step, info: CallInfo) -> Layout:
    bits = 32 if step.call == "Exit" else 8
    argument = step.code % (1 << bits) | step.high << bits
    return Layout(step, info, _slab(b""), FRAME, (ZERO, argument % (1 << 64)))


def _without_block(step: Step, info: CallInfo) -> Layout:
    """A number without meaning: whatever lies at the argument stays as it is."""
    argument = (ZERO, (0xFFFF << 48) | 0x1234) if step.high else (SCRIPT, FRAME)
    if step.call == "SerialReadByte":
        argument = (ZERO, info.number)
    return Layout(step, info, _slab(PATTERNS[1][:40]), FRAME, argument)


@dataclass
class _Builder:
    step: Step
    info: CallInfo
    rooms: list[bytes] = field(default_factory=list)
    window: int | None = None
    image: bytearray = field(default_factory=lambda: bytearray(WINDOW_IMAGE))

    def build(self) -> Layout:
        step, info, fields = self.step, self.info, self.info.fields
        block = bytearray(FILLER * info.size)
        name_field = info.of_kind("PATH")
        buffer_field = info.of_kind("SRC", "DST")
        path: Address = (ZERO, 0)
        text, terminated = b"", True
        shift = FILLER * step.shift
        block_at = FRAME + step.shift
        self.next_room = block_at + info.size + len(GUARD)

        if name_field:
            path, text, terminated = self.place_path()
        data, length = b"", 0
        buffer: Address = (ZERO, 0)
        if buffer_field:
            length = int(buffer_field.length) if str(buffer_field.length).isdigit() else step.len
            buffer, data = self.place_buffer(length, block_at)
        if step.call == "Mkdir":
            length = len(text) + 1 + step.room
        values = dict(  # noqa: C408
            flags=step.flags,
            mode=step.mode,
            len=length,
            maxlen=length,
            whence=step.whence,
            kind=step.kind,
            offset=step.off,
            ret=step.preset,
        )
        for name, place in fields.items():
            if name in values and place.kind not in ("TAG", "COUNT"):
                block[place.offset : place.offset + place.size] = _bytes(values[name], place.size)
            elif place.kind == "TAG":
                block[place.offset : place.offset + place.size] = bytes(place.size)
            elif place.kind == "COUNT" and step.call == "SerialReadBuffer":
                block[place.offset : place.offset + place.size] = _bytes(step.preset, place.size)

        fixes = []
        if buffer_field:
            fixes.append(Fix(buffer_field.offset, 8, *buffer))
        if name_field:
            fixes.append(Fix(name_field.offset, 8, *path))
        fd_field = info.of_kind("FD")
        argument, block_window = self.place_block(block, block_at)
        slab = _slab(shift + block, *self.rooms)
        in_slab = tuple(Fix(block_at + f.at, f.size, f.base, f.value) for f in fixes)
        in_window = ()
        if block_window is not None:
            in_window = tuple(Fix(block_window + f.at, f.size, f.base, f.value) for f in fixes)
        return Layout(
            step,
            info,
            slab,
            block_at,
            argument,
            in_slab,
            self.window,
            bytes(self.image) if self.window else b"",
            in_window,
            block_window,
            path,
            text,
            terminated,
            buffer,
            length,
            data if step.call in ("FileWrite", "SerialWriteBuffer") else b"",
            fd_field.offset if fd_field else None,
        )

    def add_room(self, content: bytes) -> Address:
        at = self.next_room
        self.rooms.append(content)
        self.next_room += len(content) + len(GUARD)
        return (SCRIPT, at)

    def place_path(self) -> tuple[Address, bytes, bool]:
        text, at = own_names(self.step.raw_path), self.step.at
        here = self.add_room(text + b"\0")
        if at == steps.TAIL and len(text) < WINDOW:
            self.window = RAM_END
            self.image[WINDOW - len(text) - 1 :] = text + b"\0"
            return (RAM_END, -len(text) - 1), text, True
        if at == steps.NO_NUL:
            text = (text or b"x")[:WINDOW]
            self.window = RAM_END
            self.image[WINDOW - len(text) :] = text
            return (RAM_END, -len(text)), text, False
        outside = _outside(at)
        return (outside or here), text, True

    def place_buffer(self, length: int, block_at: int) -> tuple[Address, bytes]:
        step = self.step
        if step.call in ("FileWrite", "SerialWriteBuffer"):
            content = PATTERNS[step.data]
        elif step.call == "Getdents":
            content = FILLER * GETDENTS_ROOM
        else:
            content = FILLER * (ATTR_SIZE if length == ATTR_SIZE else READ_ROOM)
        here = self.add_room(content)
        if step.buf == steps.BLOCK:
            return (SCRIPT, block_at), _bytes(length, 8)[: min(length, 8)]
        if step.buf == steps.TAIL and self.window is None:
            self.window = RAM_END
            return (RAM_END, -step.k), bytes(self.image[WINDOW - step.k :][:length])
        if step.buf == steps.HEAD and self.window is None:
            self.window = RAM_START
            return (RAM_START, 0), bytes(self.image[:length])
        outside = _outside(step.buf)
        return (outside or here), content[:length]

    def place_block(self, block: bytearray, block_at: int) -> tuple[Address, int | None]:
        place, size = self.step.block, len(block)
        if place == steps.TAIL and self.window is None:
            self.window = RAM_END
            self.image[WINDOW - size :] = block
            return (RAM_END, -size), WINDOW - size
        if place == steps.HEAD and self.window is None:
            self.window = RAM_START
            self.image[:size] = block
            return (RAM_START, 0), 0
        if place == steps.STRADDLE and self.window is None:
            self.window = RAM_END
            inside = max(1, size - self.step.k)
            self.image[WINDOW - inside :] = block[:inside]
            return (RAM_END, -inside), None
        return _outside(place) or (SCRIPT, block_at), None


def _outside(place: str) -> Address | None:
    return {
        steps.NULL: (ZERO, 0),
        steps.END: (RAM_END, 0),
        steps.WRAP: (ZERO, (1 << 64) - 256),
        steps.BELOW: (RAM_START, -16),
    }.get(place)


def _bytes(value: int, size: int) -> bytes:
    return (value % (1 << 8 * size)).to_bytes(size, "little")
