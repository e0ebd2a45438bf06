# SPDX-License-Identifier: MIT OR Apache-2.0
"""The interface at a glance: constants, and parameter blocks drawn to scale."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..interface import Field
from ..paths import CALLS

_DEFINE = re.compile(r"^#define UHYVE_([A-Z0-9_]+) (0x[0-9a-f]+|[0-9]+)$", re.M)
ROW = 8  # bytes


def constants(prefix: str) -> list[tuple[str, str]]:
    """Name and value of the header's numbers that begin so, without UHYVE_."""
    header = CALLS.with_name("v2.h").read_text(encoding="utf-8")
    rows = [(m[1], m[2]) for m in _DEFINE.finditer(header) if m[1].startswith(prefix)]
    return [(name, value) for name, value in rows if name not in ("EXIT", "ERRNO_MAX")]


@dataclass(frozen=True)
class Cell:
    """A field's part of one row."""

    name: str
    direction: str
    begin: int  # byte in the row
    size: int
    first: bool  # the field begins here


def diagram(fields: Sequence[Field]) -> list[tuple[int, list[Cell]]]:
    """Rows of eight bytes, each with the offset of its first byte and its cells. Of fields that
    share bytes (a union) the first is drawn."""
    rows: dict[int, list[Cell]] = {}
    end = 0
    for field in fields:
        if field.offset < end:
            continue
        end = field.offset + field.size
        for row, cell in _cells(field):
            rows.setdefault(row, []).append(cell)
    return sorted(rows.items())


def _cells(field: Field) -> Iterator[tuple[int, Cell]]:
    at, end = field.offset, field.offset + field.size
    while at < end:
        row = at - at % ROW
        size = min(end, row + ROW) - at
        yield row, Cell(field.name, field.direction, at - row, size, at == field.offset)
        at += size
