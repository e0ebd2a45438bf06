# SPDX-License-Identifier: MIT OR Apache-2.0
"""The table of calls and fields, as calls.def has it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from .errors import SuiteError
from .paths import CALLS, shown

_ROW = re.compile(r"^(UHYVE_CALL|UHYVE_FIELD)\(([^()]*)\)$")


@dataclass(frozen=True)
class Field:
    """One field of a parameter block."""

    name: str
    offset: int
    size: int
    direction: str
    kind: str
    length: str | None


@dataclass(frozen=True)
class Call:
    """One call and its parameter block, if it has one."""

    name: str
    number: int
    since: int
    argument: str
    block: str | None
    fields: tuple[Field, ...]


def read_calls(path: Path = CALLS) -> list[Call]:
    """The calls in the order of the file."""
    calls: dict[str, Call] = {}
    fields: dict[str, list[Field]] = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not (row := _ROW.match(line.strip())):
            continue
        values = [value.strip() for value in row[2].split(",")]
        try:
            if row[1] == "UHYVE_CALL":
                name, value, since, argument, block = values
                calls[name] = Call(
                    name, int(value, 0), int(since), argument, _none(block), fields=()
                )
                fields[name] = []
            else:
                name, _, field, offset, size, direction, kind, length = values
                fields[name].append(
                    Field(field, int(offset), int(size), direction, kind, _none(length))
                )
        except (KeyError, ValueError) as problem:
            raise SuiteError(f"{shown(path)}:{number}: not a row: {line} ({problem})") from None
    if not calls:
        raise SuiteError(f"{shown(path)}: holds no row")
    return [
        Call(c.name, c.number, c.since, c.argument, c.block, tuple(fields[c.name]))
        for c in calls.values()
    ]


def _none(word: str) -> str | None:
    return None if word == "none" else word
