# SPDX-License-Identifier: MIT OR Apache-2.0
"""The interface at a glance: constants, and structures drawn to scale in place of their tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from ..architectures import ARCHITECTURES
from ..interface import Call, Field, Interface, read_interface
from . import text

ROW = 8  # bytes
# The columns that a drawing shows; what else a table says stays a table.
_DRAWN = ("offset", "size", "type", "direction")
_STRUCTURES = {"FileAttr": "file_attr", "Directory entries": "dirent"}  # as chapter 20 names them


def constants(group: str) -> list[tuple[str, str]]:
    """Name and value of the description's constants of a group, without UHYVE_."""
    shown = "#x" if group == "open_flag" else "d"
    return [(c.name, format(c.value, shown)) for c in read_interface().group(group)]


@dataclass(frozen=True)
class Cell:
    """A field's part of one row."""

    field: Field
    begin: int  # byte in the row
    size: int
    first: bool  # the field begins here


@dataclass(frozen=True)
class Row:
    """Eight bytes, or what else they can hold (a union)."""

    offset: int
    cells: tuple[Cell, ...]
    instead: bool = False  # of the row above


@dataclass(frozen=True)
class Drawing:
    """A structure drawn to scale."""

    anchor: str
    title: str
    size: int  # bytes; of what has no fixed end, those before it
    packed: bool
    fields: tuple[Field, ...]
    call: Call | None = None
    open: bool = False  # the last field has no fixed end

    @property
    def rows(self) -> list[Row]:
        return diagram(self.fields)


def diagram(fields: Sequence[Field]) -> list[Row]:
    """Rows of eight bytes. A field that shares bytes with one before it (a union) has rows of
    its own below those."""
    rows: dict[tuple[int, bool], list[Cell]] = {}
    end = 0
    for field in fields:
        instead = field.offset < end
        end = max(end, field.offset + field.size)
        for row, cell in _cells(field):
            rows.setdefault((row, instead), []).append(cell)
    return [Row(offset, tuple(cells), instead) for (offset, instead), cells in sorted(rows.items())]


def _cells(field: Field) -> Iterator[tuple[int, Cell]]:
    at, end = field.offset, field.offset + field.size
    while at < end:
        row = at - at % ROW
        size = min(end, row + ROW) - at
        yield row, Cell(field, at - row, size, at == field.offset)
        at += size


class Drawings:
    """Draws each structure where its table stands in the text."""

    def __init__(self, calls: Sequence[Call]) -> None:
        self._interface = read_interface()
        self._calls = {call.name: call for call in calls}

    def of(self, block: text.Block, chapter: str, heading: str) -> list[Drawing | Markup]:
        """A block of a chapter as the page shows it: for a table of fields a drawing, with the
        columns that remain; for the layouts of chapter 20 links to the drawings."""
        head = " ".join(block.head).strip()
        if head == "offset size type field":
            return [self._links(heading)]
        if block.head[1:] == ("offset", "size", "direction", "meaning"):
            name = block.head[0].removeprefix("field").removeprefix(" of ") or chapter
            found = [self._block(self._calls[name])]
        elif head == "field offset size meaning":
            found = [self._structure("file_attr" if "st_" in block.html else "dirent")]
        elif head == "offset type field":
            found = [self._boot_info(arch) for arch in ARCHITECTURES]
        else:
            return [block.html]
        return [*found, text.without(block, _DRAWN)]

    def _links(self, heading: str) -> Markup:
        names = heading.split(":")[0].split(",")[0].split(" and ")
        places = [
            (f"layout-{_STRUCTURES[n]}" if n in _STRUCTURES else f"block-{n}", n) for n in names
        ]
        links = Markup(", ").join(Markup('<a href="#{}">{}</a>').format(*p) for p in places)
        return Markup("<p>Drawn to scale: {}.</p>").format(links)

    def _block(self, call: Call) -> Drawing:
        struct = self._interface.struct(str(call.block))
        return Drawing(
            f"block-{call.name}", call.name, struct.size, struct.align == 1, call.fields, call
        )

    def _structure(self, name: str) -> Drawing:
        struct = self._interface.struct(name)
        fields = tuple(_flat(struct.fields, self._interface))
        if name == "dirent":
            fields = (*fields[:-1], replace(fields[-1], name="name …", type="u8x5"))
            return Drawing(f"layout-{name}", name, fields[-1].offset, False, fields, open=True)
        return Drawing(f"layout-{name}", name, struct.size, False, fields)

    def _boot_info(self, arch: str) -> Drawing:
        struct = self._interface.struct("boot_info")
        fields = tuple(struct.on(arch))
        return Drawing(
            f"layout-boot_info-{arch}", f"boot_info of {arch}", struct.size, False, fields
        )


def _flat(fields: Sequence[Field], interface: Interface) -> Iterator[Field]:
    """With the members of a timespec in its place."""
    for field in fields:
        if field.type != "timespec":
            yield field
            continue
        for part in interface.struct(field.type).fields:
            yield replace(part, name=f"{field.name}.{part.name}", offset=field.offset + part.offset)
