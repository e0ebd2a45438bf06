# SPDX-License-Identifier: MIT OR Apache-2.0
"""The interface at a glance: constants, and parameter blocks drawn to scale."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..interface import Field, read_interface

ROW = 8  # bytes


def constants(group: str) -> list[tuple[str, str]]:
    """Name and value of the description's constants of a group, without UHYVE_."""
    shown = "#x" if group == "open_flag" else "d"
    return [(c.name, format(c.value, shown)) for c in read_interface().group(group)]


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
