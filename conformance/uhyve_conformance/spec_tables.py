# SPDX-License-Identifier: MIT OR Apache-2.0
"""The chapters' tables of numbers, fields and constants against the description.

The text is written by hand, so it is compared: each table whose head is known here has to
say what the description says, and everything that is described has to be in the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .interface import Call, Constant, Field, Interface, Struct
from .paths import shown

_HEADING = re.compile(r"^(#{1,4}) (.*)$")
_NAMES = re.compile(r"`([^`]+)`")
_NUMBER = re.compile(r"^Number (0x[0-9a-f]+), since version (\d+)")
_BLOCK = re.compile(r"^The block has (\d+) bytes(?:(,| and) (any alignment|aligned to (\d+)))?")
_LAYOUT = re.compile(r"^(.*?): (\d+) bytes(, packed)?")
_V1_FIELD = re.compile(r"`(\w+)` (?:(\d+) × )?([\w ]+?) at (\d+)")
_ARGUMENTS = {
    "BLOCK": "block", "READ": "none, it is a read", "RESERVED": "reserved",
    "I32": "code, low 32 bits", "U8": "byte, low 8 bits",
}  # fmt: skip
_DIRECTIONS = {"IN": "in", "OUT": "out", "INOUT": "in/out", "PAD": "pad"}


@dataclass(frozen=True)
class Table:
    """A table of a chapter, and what stands over it."""

    chapter: str  # title
    heading: str  # the nearest one
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    where: str


def read_tables(path: Path) -> Iterator[Table]:
    title = heading = ""
    block: list[tuple[str, ...]] = []
    begin = 0
    for number, line in enumerate([*path.read_text(encoding="utf-8").splitlines(), ""], 1):
        if match := _HEADING.match(line):
            heading = match[2]
            title = title or heading
        if line.startswith("|"):
            begin = begin if block else number
            block.append(tuple(cell.strip() for cell in line.strip().strip("|").split("|")))
        elif block:
            where = f"{shown(path)}:{begin}"
            yield Table(title, heading, block[0], tuple(block[2:]), where)
            block = []


@dataclass
class _Comparison:
    interface: Interface
    faults: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)  # what the text has said

    def __post_init__(self) -> None:
        self.calls = {call.name: call for call in self.interface.calls}
        self.by_head: dict[str, Callable[[Table], None]] = {
            "number call since argument chapter": self.numbers,
            "offset size type field": self.layout,
            "name value name value": self.constants,
            "number name number name number name": self.errors,
            "field offset size direction meaning": self.fields,
            "field offset size meaning": self.members,
            "ret.tag meaning": self.tags,
            "number call block": self.version_1,
            "name type descriptor meaning": self.notes,
            "offset type field": self.boot_info,
            "offset size content": self.memory,
        }

    def fault(self, where: str, text: str) -> None:
        self.faults.append(f"{where}: {text}; the description says otherwise")

    def same(self, where: str, what: str, said: object, described: object) -> None:
        if said != described:
            self.faults.append(f"{where}: {what} is {said}, in the description {described}")

    # ---- Chapter 20

    def numbers(self, table: Table) -> None:
        rows = [(row[0], row[1], row[2], row[3]) for row in table.rows]
        described = [
            (f"0x{c.number:04x}", c.name, str(c.since), _ARGUMENTS[c.argument])
            for c in self.interface.calls
        ]
        for said, call in _paired(rows, described):
            self.same(table.where, "a row of the numbers", said, call)
        self.seen.add("numbers")

    def layout(self, table: Table) -> None:
        """`### NAME and NAME: N bytes, packed`, or what attr and buf point to."""
        title = _LAYOUT.match(table.heading)
        names = title[1].split(" and ") if title else [table.heading.split(",")[0]]
        for name in names:
            struct = self._struct(name)
            if struct is None:
                self.fault(table.where, f"'{name}' is not a call or structure")
                continue
            self.seen.add(f"layout of {struct.name}")
            if title:
                self.same(table.where, f"size of {name}", int(title[2]), struct.size)
                self.same(table.where, f"{name} packed", bool(title[3]), struct.align == 1)
            call = self.calls.get(name)
            for row, item in _paired(table.rows, struct.fields):
                self._layout_row(table.where, name, row, item, call)

    def _struct(self, name: str) -> Struct | None:
        words = {"FileAttr": "file_attr", "Directory entries": "dirent"}
        call = self.calls.get(name)
        wanted = call.block if call else words.get(name)
        return next((s for s in self.interface.structs if s.name == wanted), None)

    def _layout_row(
        self, where: str, name: str, row: tuple[str, ...] | None, item: Field | None,
        call: Call | None,
    ) -> None:  # fmt: skip
        if row is None or item is None:
            self.fault(where, f"{name} has {'no ' + item.name if item else row[3] or 'a field'}")
            return
        what = f"{name}.{item.name}"
        self.same(where, f"offset of {what}", row[0], str(item.offset))
        if name == "Directory entries" and item.padding:  # the name, which has no end
            return
        self.same(where, f"size of {what}", row[1], str(item.size))
        if item.padding:
            self.same(where, f"{what}", row[-1], "pad")
            return
        self.same(where, f"type of {what}", row[2], item.type)
        self.same(where, "field", _NAMES.findall(row[3])[:1], [item.name])
        if call:
            direction, _, more = row[4].partition(":")
            direction, _, of_tag = direction.partition(" with tag ")
            self.same(where, f"direction of {what}", direction, _DIRECTIONS[item.direction])
            self._more(where, what, more.strip(), of_tag, item, call)

    def _more(self, where: str, what: str, more: str, of_tag: str, item: Field, call: Call) -> None:
        values = [int(value) for value in re.findall(r"(?:^|, )(\d+) ", more)]
        if item.kind == "TAG":
            said = [(int(v), _letters(t)) for v, t in re.findall(r"(\d+) ([a-z ]+)", more)]
            described = [(t.value, _letters(t.label)) for t in call.tags]
            self.same(where, f"values of {what}", said, described)
        elif item.kind == "KIND":
            self.same(
                where, f"values of {what}", values, [c.value for c in self._group("stat_kind")]
            )
        elif item.length and item.length.isdigit():
            self.same(where, f"length of {what}", values, [int(item.length)])
        if item.name.startswith("ret.") and item.kind != "TAG":
            tags = [str(t.value) for t in call.tags if t.payload == item.name]
            self.same(where, f"tag of {what}", [of_tag.split(",")[0]], tags)

    def _group(self, name: str) -> list[Constant]:
        return self.interface.group(name)

    def _pairs(self, table: Table, groups: tuple[str, ...], name: int, value: int) -> None:
        """A table of several pairs beside each other, which holds whole groups."""
        cells = [row[at : at + 2] for row in table.rows for at in range(0, len(row), 3)]
        said = {pair[name]: int(pair[value], 0) for pair in cells if any(pair)}
        described = {
            c.name: c.value
            for group in groups
            for c in self._group(group)
            if c.name not in ("O_ACCMODE", "O_ALLOWED")
        }
        for constant in sorted({*said, *described}):
            self.same(table.where, constant, said.get(constant), described.get(constant))
        self.seen.update(groups)

    def constants(self, table: Table) -> None:
        self._pairs(table, ("open_flag", "whence"), 0, 1)

    def errors(self, table: Table) -> None:
        self._pairs(table, ("error",), 1, 0)

    # ---- The calls' chapters

    def fields(self, table: Table) -> None:
        """The table of a chapter: `field`, or `field of NAME` where there are two."""
        name = table.head[0].removeprefix("field").removeprefix(" of ") or table.chapter
        call = self.calls.get(name)
        if call is None:
            self.fault(table.where, f"'{name}' is not a call")
            return
        self.seen.add(f"fields of {name}")
        for row, item in _paired(table.rows, call.fields):
            if row is None or item is None:
                self.fault(table.where, f"{name} has {'no ' + item.name if item else row[0]}")
                continue
            directions = {"in": "IN", "out": "OUT", "in, out": "INOUT", "-": "PAD"}
            said = (row[0].strip("`"), row[1], row[2], directions.get(row[3]))
            described = (item.name, str(item.offset), str(item.size), item.direction)
            self.same(table.where, f"a field of {name}", said, described)

    def members(self, table: Table) -> None:
        """Attributes and directory entries; a row may have several members."""
        name = "file_attr" if "st_" in table.rows[0][0] else "dirent"
        members = {f.name: f for f in self.interface.struct(name).fields}
        said: set[str] = set()
        for row in table.rows:
            names = _NAMES.findall(row[0]) or ["pad"]
            for member, offset in zip(names, row[1].split(", ")):
                item = members.get(member)
                if item is None:
                    self.fault(table.where, f"'{member}' is not a member of {name}")
                    continue
                said.add(member)
                self.same(table.where, f"offset of {member}", offset, str(item.offset))
                if row[2]:
                    size = row[2].removesuffix(" each")
                    self.same(table.where, f"size of {member}", size, str(item.size))
            if names == ["d_type"]:
                values = [int(v) for v in re.findall(r"(?:^|, )(\d+) ", row[3])]
                described = [c.value for c in self._group("dirent_type")]
                self.same(table.where, "values of d_type", values, described)
        self.same(table.where, f"members of {name}", sorted(said), sorted(members))
        self.seen.add(f"members of {name}")

    def tags(self, table: Table) -> None:
        said = [tuple(row[0].split(" ", 1)) for row in table.rows]
        for name in table.chapter.split(" and "):
            call = self.calls.get(name)
            described = [(str(t.value), t.label) for t in call.tags if t.value] if call else []
            self.same(table.where, f"tags of {name}", said, described)

    def sentences(self, path: Path) -> None:
        """`Number 0x..., since version N` and `The block has N bytes ...`."""
        call = None
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            where = f"{shown(path)}:{number}"
            if line.startswith("# "):
                call = self.calls.get(line.removeprefix("# "))
            if call and (match := _NUMBER.match(line)):
                self.seen.add(f"number of {call.name}")
                self.same(where, "number", int(match[1], 0), call.number)
                self.same(where, "since", int(match[2]), call.since)
            if call and call.block and (match := _BLOCK.match(line)):
                struct = self.interface.struct(call.block)
                self.same(where, "size of the block", int(match[1]), struct.size)
                if match[3]:
                    self.same(where, "its alignment", int(match[4] or 1), struct.align)

    # ---- Boot information, notes, version 1

    def notes(self, table: Table) -> None:
        said = [
            (*re.findall(r"`(\w+)` \((\d+)\)", row[0])[0], int(row[1], 0)) for row in table.rows
        ]
        described = [(n.owner, str(len(n.owner) + 1), n.type) for n in self.interface.notes]
        self.same(table.where, "the notes", said, described)
        self.seen.add("notes")

    def boot_info(self, table: Table) -> None:
        members = {f.name: f for f in self.interface.struct("boot_info").on("x86_64")}
        said = set()
        for row in table.rows:
            offsets = [int(offset) for offset in row[0].split(", ")]
            names = _NAMES.findall(row[2].split(":")[0].split(";")[0])[: len(offsets)]
            if row[1] == "i128":
                names, row = ["boot_time_ns_low"], (row[0], "u64", row[2])
            for name, offset in _paired(names, offsets):
                item = members.get(str(name))
                if item is None:
                    self.fault(table.where, f"'{name}' is not a member of the boot information")
                    continue
                said.add(name)
                self.same(table.where, f"offset of {name}", offset, item.offset)
                self.same(table.where, f"type of {name}", row[1], item.type)
        wanted = {n for n, f in members.items() if not f.padding} - {"boot_time_ns_high"}
        self.same(table.where, "members", sorted(said), sorted(wanted))
        self.seen.add("boot information")

    def memory(self, table: Table) -> None:
        said = {int(row[0], 0) for row in table.rows}
        names = ("BOOT_GDT", "BOOT_FDT", "BOOT_INFO", "BOOT_PAGE_TABLES", "BOOT_PAGE_TABLES_END",
                 "BOOT_IMAGE")  # fmt: skip
        described = {c.value for c in self._group("memory") if c.name in names}
        self.same(table.where, "the offsets", sorted(said), sorted(described))
        self.seen.add("memory")

    def version_1(self, table: Table) -> None:
        calls = {call.number: call for call in self.interface.v1_calls}
        said: set[int] = set()
        for row in table.rows:
            numbers = [int(number, 0) for number in row[0].split(", ")]
            said.update(numbers)
            for number in numbers:
                call = calls.get(number)
                if call is None:
                    self.fault(table.where, f"{number:#x} is not a number of version 1")
                elif match := _V1_FIELD.findall(row[2]):
                    size = re.search(r"(\d+) bytes", row[2])
                    self._v1_block(table.where, call, match, int(size[1]) if size else None)
                else:
                    self._v1_plain(table.where, call, row)
        self.same(table.where, "numbers of version 1", sorted(said), sorted(calls))
        self.seen.add("version 1")

    def _v1_block(
        self, where: str, call: Call, said: list[tuple[str, str, str, str]], size: int | None
    ) -> None:
        types = {"virtual address": "u64"}
        fields = [
            (name, f"{types.get(type_, type_)}{'x' + count if count else ''}", int(offset))
            for name, count, type_, offset in said
        ]
        described = [(f.name, f.type, f.offset) for f in call.fields]
        self.same(where, f"the block of {call.name}", fields, described)
        if size is not None and call.block:
            self.same(where, f"size of {call.name}", size, self.interface.struct(call.block).size)

    def _v1_plain(self, where: str, call: Call, row: tuple[str, ...]) -> None:
        if row[2] == "as in version 2":
            same = self.calls.get(row[1])
            self.same(where, f"block of {row[1]}", same and same.block, call.block)
        else:
            self.same(
                where, f"{call.name} reserved", row[1] == "reserved", call.argument == "RESERVED"
            )

    # ---- Everything is there

    def complete(self) -> None:
        wanted = {"numbers", "notes", "boot information", "memory", "version 1", "open_flag",
                  "whence", "error", "members of file_attr", "members of dirent",
                  "layout of file_attr", "layout of dirent"}  # fmt: skip
        for call in self.interface.calls:
            if call.block:
                wanted.add(f"layout of {call.block}")
            # The console's blocks have two or three fields; chapter 20 is enough.
            if call.block and not call.name.startswith("Serial"):
                wanted.add(f"fields of {call.name}")
        for missing in sorted(wanted - self.seen):
            self.faults.append(f"spec: no table has the {missing}")


def _paired(left: Iterable, right: Iterable) -> list[tuple]:  # type: ignore[type-arg]
    """Side by side; None where one is shorter."""
    from itertools import zip_longest

    return list(zip_longest(left, right))


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower())


def _head(table: Table) -> str:
    words = [word.strip("`") for word in table.head if word]
    if words and words[0].startswith("field of "):
        words[0] = "field"
    return " ".join(words)


def table_faults(interface: Interface, directory: Path) -> list[str]:
    """Statements of the description that the chapters contradict or lack."""
    comparison = _Comparison(interface)
    for path in sorted(directory.glob("*.md")):
        comparison.sentences(path)
        for table in read_tables(path):
            if compare := comparison.by_head.get(_head(table)):
                compare(table)
    comparison.complete()
    return comparison.faults


# ---- The headers' numbers -------------------------------------------------------------------

_DEFINE = re.compile(r"^#define UHYVE_(\w+)[ \t]+(0x[0-9a-f]+|[0-9]+|\"[^\"]*\")", re.MULTILINE)


def header_faults(interface: Interface, directory: Path) -> list[str]:
    """Numbers that a header defines and no row has: the compiler cannot miss a row."""
    described = {c.constant for c in [*interface.calls, *interface.v1_calls]}
    described |= {c.name for c in interface.constants}
    described |= {tag.constant for call in interface.calls for tag in call.tags}
    strings = {f"NOTE_{n.name}_NAME": n.owner for n in interface.notes}
    described |= {f"NOTE_{n.name}_TYPE" for n in interface.notes}
    faults, found = [], 0
    for name in ("v2.h", "v1.h", "boot.h"):
        text = (directory / name).read_text(encoding="utf-8")
        for match in _DEFINE.finditer(text):
            found += 1
            constant, value = match[1], match[2]
            where = f"{shown(directory / name)}: UHYVE_{constant}"
            if value.startswith('"'):
                if strings.get(constant) != value.strip('"'):
                    faults.append(f"{where} is {value}, in the description {strings.get(constant)}")
            elif constant not in described:
                faults.append(f"{where} has no row in a .def file")
    if not found:
        faults.append(f"{shown(directory)}: the headers define no number")
    return faults
