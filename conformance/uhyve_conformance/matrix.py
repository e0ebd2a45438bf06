# SPDX-License-Identifier: MIT OR Apache-2.0
"""Variants made from calls.def, so that a new call gets them for free.

A manifest's `matrix` is a list of tables, one after the other:

    matrix = [{ over = "pointers", cells = [
        { name = "zero", requirement = "UHY-PTR-012" },
        { name = "2-to-31", requirement = "UHY-PTR-016", only = "lengths" }
    ] }]

Rows are, in the order of calls.def, the calls with a parameter block (blocks), the
guest pointers (pointers) or the descriptors (descriptors) of calls that report
errors, or the interface versions from 2 that have such calls (versions); each cell
is a variant of each row. `requirement` names which of the guest's tests it makes; without
it, all. `only` limits a cell to rows that are buffers, or buffers whose length is a field.
The variants of a call that interface 2 does not have need the capability of its version.
The guest walks the same rows in the same order (guests/lib/fields.h).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .capabilities import BASE, of_version
from .errors import ManifestError
from .interface import Call, Field, read_calls

_RESULTS = ("RET", "OFFSET", "TAG")
_BUFFERS = ("SRC", "DST")
_POINTERS = ("PATH", *_BUFFERS)


def variants(matrices: Any, needs: list[str]) -> dict[str, dict[str, Any]]:
    """From the name of a variant to the keys in which its run differs.

    `needs` are the capabilities that every run needs.
    """
    if not isinstance(matrices, list) or not matrices:
        raise ManifestError("'matrix' has to be a list of tables")
    table: dict[str, dict[str, Any]] = {}
    for matrix in matrices:
        over, cells = _columns(matrix, ("over", "cells"), "matrix")
        if over not in _ROWS:
            raise ManifestError(f"'matrix': over is one of {', '.join(_ROWS)}, not '{over}'")
        for call, row, field in _ROWS[over]():
            extra = [of_version(call.since)] if call.since > BASE else []
            for cell in cells:
                (name,) = _columns(cell, ("name",), "cells", "requirement", "only")
                if not _holds(cell.get("only"), field):
                    continue
                if f"{row}-{name}" in table:
                    raise ManifestError(f"'matrix': {row}-{name} is there twice")
                table[f"{row}-{name}"] = {
                    "cell": cell.get("requirement"),
                    "needs": [*needs, *extra],
                }
    if not table:
        raise ManifestError("'matrix': no call of calls.def has such a row")
    return table


def _columns(table: Any, keys: tuple[str, ...], what: str, *optional: str) -> list[Any]:
    if not isinstance(table, dict):
        raise ManifestError(f"'{what}' has to hold tables")
    if set(keys) - set(table) or set(table) - {*keys, *optional}:
        raise ManifestError(f"'{what}': a table has {', '.join((*keys, *optional))}")
    return [table[key] for key in keys]


def _holds(only: Any, field: Field | None) -> bool:
    if only is None:
        return True
    if only not in ("buffers", "lengths") or field is None:
        raise ManifestError("'cells': only is buffers or lengths, of pointers")
    buffer = field.kind in _BUFFERS
    return buffer and (only == "buffers" or not str(field.length).isdigit())


def _blocks() -> Iterator[tuple[Call, str, None]]:
    return ((call, call.name, None) for call in read_calls() if call.argument == "BLOCK")


def _reporting() -> Iterator[Call]:
    return (c for c in read_calls() if any(field.kind in _RESULTS for field in c.fields))


def _pointers() -> Iterator[tuple[Call, str, Field]]:
    for call in _reporting():
        for field in call.fields:
            if field.kind in _POINTERS:
                yield call, f"{call.name}.{field.name}", field


def _descriptors() -> Iterator[tuple[Call, str, None]]:
    for call in _reporting():
        if any(field.kind == "FD" for field in call.fields):
            yield call, call.name, None


def _versions() -> Iterator[tuple[Call, str, None]]:
    first = {call.since: call for call in reversed(list(_reporting()))}
    return ((first[since], f"interface-{since}", None) for since in sorted(first))


_ROWS = {
    "blocks": _blocks,
    "pointers": _pointers,
    "descriptors": _descriptors,
    "versions": _versions,
}
