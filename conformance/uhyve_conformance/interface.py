# SPDX-License-Identifier: MIT OR Apache-2.0
"""The description of the interface: the rows of calls.def, v2.def, boot.def and v1.def.

Read strictly, and with nothing but the standard library: what needs no more than the
description (`make interface.json`) needs no more than Python.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from .architectures import ARCHITECTURES
from .errors import SuiteError
from .paths import CALLS, shown

HEADERS = CALLS.parent
FILES = ("calls.def", "v2.def", "boot.def", "v1.def")
ANY = "any"  # architecture
DIRECTIONS = ("IN", "OUT", "INOUT", "PAD")
ARGUMENTS = ("BLOCK", "I32", "U8", "READ", "RESERVED")
KINDS = (
    "PATH", "SRC", "DST", "LEN", "FD", "FLAGS", "MODE", "WHENCE", "KIND", "OFFSET",
    "RET", "TAG", "ERRNO", "COUNT", "GVA", "NONE",
)  # fmt: skip

_ROW = re.compile(r"^UHYVE_([A-Z0-9_]+)\(([^()]*)\)$")
_COLUMNS = {
    "CALL": 7, "FIELD": 8, "TAG": 5, "SAMPLE": 3, "STRUCT": 3, "MEMBER": 5, "CONSTANT": 3,
    "NOTE": 4, "V1_CALL": 4, "V1_FIELD": 8,
}  # fmt: skip
_INTEGER = re.compile(r"([ui])(8|16|32|64)$")
_ARRAY = re.compile(r"(\w+?)x(\d+)$")
_PAD = re.compile(r"pad(\d+)$")
_WORDS = {"gpa": 8, "timespec": 16}


def size_of(type_: str) -> int:
    """Bytes of a type of the description; ValueError for none of them."""
    if match := _INTEGER.match(type_):
        return int(match[2]) // 8
    if match := _PAD.match(type_):
        return int(match[1])
    if match := _ARRAY.match(type_):
        return size_of(match[1]) * int(match[2])
    if type_ in _WORDS:
        return _WORDS[type_]
    raise ValueError(f"'{type_}' is not a type")


@dataclass(frozen=True)
class Field:
    """One field of a parameter block, or of another structure."""

    name: str
    offset: int
    type: str
    direction: str = ""
    kind: str = "NONE"
    length: str | None = None
    arch: str = ANY

    @cached_property
    def size(self) -> int:
        return size_of(self.type)

    @property
    def padding(self) -> bool:
        return bool(_PAD.match(self.type))


@dataclass(frozen=True)
class Tag:
    """The meaning of one value of a call's tag."""

    constant: str
    value: int
    label: str
    payload: str | None


@dataclass(frozen=True)
class Call:
    """One call and its parameter block, if it has one."""

    name: str
    number: int
    since: int
    argument: str
    block: str | None
    fields: tuple[Field, ...]
    constant: str = ""
    area: str = ""
    tags: tuple[Tag, ...] = ()
    samples: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Struct:
    """A structure as it lies in memory."""

    name: str
    size: int
    align: int
    header: str
    fields: tuple[Field, ...]

    def on(self, arch: str) -> list[Field]:
        """The fields on an architecture, in the order of their offsets."""
        return sorted((f for f in self.fields if f.arch in (ANY, arch)), key=lambda f: f.offset)


@dataclass(frozen=True)
class Constant:
    group: str
    name: str
    value: int
    header: str


@dataclass(frozen=True)
class Note:
    """An ELF note of an image."""

    name: str
    owner: str
    type: int
    size: int


@dataclass
class Interface:
    """Everything that the description holds."""

    calls: list[Call] = field(default_factory=list)
    v1_calls: list[Call] = field(default_factory=list)
    structs: list[Struct] = field(default_factory=list)
    constants: list[Constant] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def struct(self, name: str) -> Struct:
        return next(s for s in self.structs if s.name == name)

    def group(self, name: str) -> list[Constant]:
        return [c for c in self.constants if c.group == name]


@dataclass(frozen=True)
class _Row:
    kind: str
    values: list[str]
    where: str
    header: str


def _rows(directory: Path) -> Iterator[_Row]:
    for name in FILES:
        path = directory / name
        found = 0
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.startswith("UHYVE_"):
                continue
            where = f"{shown(path)}:{number}"
            match = _ROW.match(line)
            if not match or match[1] not in _COLUMNS:
                raise SuiteError(f"{where}: not a row: {line}")
            values = [value.strip() for value in match[2].split(",")]
            if len(values) != _COLUMNS[match[1]]:
                raise SuiteError(f"{where}: not a row: {line} ({_COLUMNS[match[1]]} columns)")
            found += 1
            header = "v2" if name == CALLS.name else path.stem
            yield _Row(match[1], values, where, header)
        if not found:
            raise SuiteError(f"{shown(path)}: holds no row")


class _Reader:
    """Collects the rows, and refuses what does not fit."""

    def __init__(self) -> None:
        self.calls: dict[str, Call] = {}
        self.v1: dict[str, Call] = {}
        self.parts: dict[str, list[Field | Tag | tuple[str, str]]] = {}
        self.layouts: dict[str, tuple[int, int, str]] = {}
        self.members: dict[str, list[Field]] = {}
        self.constants: dict[str, Constant] = {}
        self.notes: list[Note] = []

    def row(self, row: _Row) -> None:
        getattr(self, f"_{row.kind.lower()}")(row, *row.values)

    def _call(self, row: _Row, name: str, constant: str, number: str, since: str, argument: str,
              block: str, area: str) -> None:  # fmt: skip
        _new(name, self.calls)
        self.parts[name] = []
        self.calls[name] = Call(
            name, int(number, 0), int(since), _one(argument, ARGUMENTS), _none(block), (),
            constant, area,
        )  # fmt: skip

    def _v1_call(self, row: _Row, name: str, number: str, argument: str, block: str) -> None:
        _new(name, self.v1)
        self.parts[name] = []
        self.v1[name] = Call(
            name, int(number, 0), 1, _one(argument, ARGUMENTS), _none(block), (), name, "V1"
        )

    def _field(self, row: _Row, name: str, block: str, *rest: str) -> None:
        known = self.calls if row.kind == "FIELD" else self.v1
        if known[name].block != block:
            raise ValueError(f"the block of {name} is {known[name].block}")
        self.parts[name].append(_field(*rest))

    _v1_field = _field

    def _tag(
        self, row: _Row, name: str, constant: str, value: str, label: str, payload: str
    ) -> None:
        self.parts[name].append(Tag(constant, int(value), label, _none(payload)))

    def _sample(self, row: _Row, name: str, field: str, sample: str) -> None:
        self.parts[name].append((field, sample))

    def _struct(self, row: _Row, name: str, size: str, align: str) -> None:
        _new(name, self.layouts)
        self.layouts[name] = (int(size), int(align), row.header)

    def _member(
        self, row: _Row, name: str, member: str, offset: str, type_: str, arch: str
    ) -> None:
        size_of(type_)
        _one(arch, (ANY, *ARCHITECTURES))
        if name not in self.layouts:
            raise ValueError(f"no UHYVE_STRUCT of {name} before it")
        self.members.setdefault(name, []).append(Field(member, int(offset), type_, arch=arch))

    def _constant(self, row: _Row, group: str, name: str, value: str) -> None:
        _new(name, self.constants)
        octal = value.startswith("0") and value.isdigit()
        number = int(value, 8) if octal else int(value, 0)
        self.constants[name] = Constant(group, name, number, row.header)

    def _note(self, row: _Row, name: str, owner: str, type_: str, size: str) -> None:
        self.notes.append(Note(name, owner.strip('"'), int(type_, 0), int(size)))

    def whole(self) -> Interface:
        calls = [self._with_parts(call) for call in self.calls.values()]
        v1 = [self._with_parts(call) for call in self.v1.values()]
        blocks = {call.block: call.fields for call in [*v1, *calls] if call.block}
        missing = sorted(set(blocks) - set(self.layouts))
        if missing:
            raise SuiteError(f"no UHYVE_STRUCT of the block {missing[0]}")
        structs = []
        for name, (size, align, header) in self.layouts.items():
            fields = blocks.get(name) or tuple(self.members.get(name, ()))
            struct = Struct(name, size, align, header, fields)
            _gapless(struct)
            structs.append(struct)
        return Interface(calls, v1, structs, list(self.constants.values()), self.notes)

    def _with_parts(self, call: Call) -> Call:
        parts = self.parts[call.name]
        fields = tuple(part for part in parts if isinstance(part, Field))
        names = {f.name for f in fields}
        tags = tuple(part for part in parts if isinstance(part, Tag))
        samples = tuple(part for part in parts if isinstance(part, tuple))
        if bool(fields) != (call.argument == "BLOCK"):
            raise SuiteError(f"{call.name}: fields and argument {call.argument} do not fit")
        if bool(tags) != any(f.kind == "TAG" for f in fields):
            raise SuiteError(f"{call.name}: a field of kind TAG and UHYVE_TAG need each other")
        named = [t.payload for t in tags if t.payload] + [s[0] for s in samples]
        named += [f.length for f in fields if f.length and not f.length.isdigit()]
        for name in named:
            if name not in names:
                raise SuiteError(f"{call.name}: has no field {name}")
        return Call(
            call.name, call.number, call.since, call.argument, call.block, fields, call.constant,
            call.area, tags, samples,
        )  # fmt: skip


def _field(name: str, offset: str, type_: str, direction: str, kind: str, length: str) -> Field:
    size_of(type_)
    return Field(
        name, int(offset), type_, _one(direction, DIRECTIONS), _one(kind, KINDS), _none(length)
    )


def _gapless(struct: Struct) -> None:
    """Every byte belongs to a field: what has no meaning is named as padding."""
    for arch in ARCHITECTURES:
        end = 0
        for item in struct.on(arch):
            if item.offset > end:
                raise SuiteError(f"{struct.name}: nothing describes byte {end}")
            end = max(end, item.offset + item.size)
        if end != struct.size:
            raise SuiteError(f"{struct.name}: its fields end at {end}, its size is {struct.size}")


def _one(word: str, allowed: tuple[str, ...]) -> str:
    if word not in allowed:
        raise ValueError(f"'{word}' is none of {', '.join(allowed)}")
    return word


def _none(word: str) -> str | None:
    return None if word == "none" else word


def _new(name: str, known: dict[str, object] | dict[str, Call]) -> None:
    if name in known:
        raise ValueError(f"{name} is there twice")


@cache
def read_interface(directory: Path = HEADERS) -> Interface:
    """The whole description, read once; SuiteError where a row is not in order."""
    reader = _Reader()
    for row in _rows(directory):
        try:
            reader.row(row)
        except KeyError as problem:
            raise SuiteError(f"{row.where}: {problem} has no row before it") from None
        except (ValueError, TypeError) as problem:
            raise SuiteError(f"{row.where}: {problem}") from None
    return reader.whole()


def read_calls(path: Path = CALLS) -> list[Call]:
    """The calls in the order of calls.def."""
    return read_interface(path.parent).calls
