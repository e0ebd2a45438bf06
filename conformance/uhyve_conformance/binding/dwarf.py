# SPDX-License-Identifier: MIT OR Apache-2.0
"""Types, enumerators and constants from the DWARF of objects, archives and linked files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from elftools.common.exceptions import DWARFError, ELFError
from elftools.dwarf.die import DIE
from elftools.elf.elffile import ELFFile

from ..architectures import OF_ELF
from ..errors import UsageError

_STRUCTS = ("DW_TAG_structure_type", "DW_TAG_class_type", "DW_TAG_union_type")
_SCOPES = (*_STRUCTS, "DW_TAG_namespace", "DW_TAG_module")
_ALIASES = ("DW_TAG_typedef", "DW_TAG_const_type", "DW_TAG_volatile_type", "DW_TAG_atomic_type")
_SIGNED, _UNSIGNED = (0x05, 0x06), (0x02, 0x07, 0x08, 0x10)  # DW_ATE_*
_DEPTH = 8  # of structures in structures


@dataclass(frozen=True)
class Leaf:
    """A field that is not a structure, with the way to it."""

    path: tuple[str, ...]
    offset: int
    size: int
    signed: bool | None  # None: neither an integer nor known
    variant: str = ""  # of a tagged union


@dataclass(frozen=True)
class Type:
    """A structure as the compiler laid it out."""

    path: tuple[str, ...]
    size: int
    align: int | None  # only some compilers say it
    leaves: tuple[Leaf, ...]
    tags: tuple[tuple[str, int], ...] = ()  # of a tagged union that it is or holds

    @property
    def name(self) -> str:
        return "::".join(self.path)


@dataclass
class Found:
    """The contents of a file."""

    arch: str
    types: dict[str, list[Type]] = field(default_factory=dict)  # by the last part of the name
    constants: dict[tuple[str, ...], set[int]] = field(default_factory=dict)
    units: int = 0


def read_dwarf(path: Path) -> list[Found]:
    """The file's types for each architecture; UsageError if it is not such a file."""
    try:
        data = path.read_bytes()
    except OSError as problem:
        raise UsageError(f"{path}: {problem.strerror}") from None
    found: dict[str, Found] = {}
    members = 0
    for member in _members(data):
        if not member.startswith(b"\x7fELF"):
            continue
        members += 1
        try:
            _read_elf(member, found)
        except (ELFError, DWARFError, KeyError, ValueError, IndexError) as problem:
            raise UsageError(f"{path}: not to be read as ELF with DWARF: {problem}") from None
    if not members:
        raise UsageError(f"{path}: neither an ELF file nor an archive of them")
    return list(found.values())


def _members(data: bytes) -> Iterator[bytes]:
    """The members of an ar archive (.a, .rlib), or the file itself."""
    if not data.startswith(b"!<arch>\n"):
        yield data
        return
    at = 8
    while at + 60 <= len(data):
        size = int(data[at + 48 : at + 58])
        yield data[at + 60 : at + 60 + size]
        at += 60 + size + size % 2


def _read_elf(data: bytes, found: dict[str, Found]) -> None:
    elf = ELFFile(BytesIO(data))
    arch = OF_ELF.get(elf["e_machine"])
    if arch is None or not elf.has_dwarf_info():
        return
    into = found.setdefault(arch, Found(arch))
    for unit in elf.get_dwarf_info().iter_CUs():
        into.units += 1
        _Unit(into).scope(unit.get_top_DIE(), ())


class _Unit:
    def __init__(self, found: Found) -> None:
        self.found = found

    def scope(self, parent: DIE, path: tuple[str, ...]) -> None:
        for die in parent.iter_children():
            here = (*path, name) if (name := _name(die)) else path
            if die.tag in _STRUCTS and name and "DW_AT_byte_size" in die.attributes:
                self.type(die, here)
            elif die.tag == "DW_TAG_typedef" and name:
                target = _target(die)
                if target is not None and target.tag in _STRUCTS and not _name(target):
                    self.type(target, here)
            elif die.tag == "DW_TAG_enumeration_type":
                for item in die.iter_children():
                    if item.tag == "DW_TAG_enumerator":
                        self.constant((*here, _name(item)), item)
            elif die.tag == "DW_TAG_variable" and name:
                self.constant(here, die)
            if die.tag in _SCOPES:
                self.scope(die, here)

    def constant(self, path: tuple[str, ...], die: DIE) -> None:
        value = die.attributes.get("DW_AT_const_value")
        if value is not None and isinstance(value.value, int):
            self.found.constants.setdefault(path, set()).add(value.value)

    def type(self, die: DIE, path: tuple[str, ...]) -> None:
        if "DW_AT_byte_size" not in die.attributes:
            return
        leaves, tags = [], []
        _flatten(die, (), 0, "", leaves, tags, 0)
        align = die.attributes.get("DW_AT_alignment")
        type_ = Type(
            path,
            die.attributes["DW_AT_byte_size"].value,
            align.value if align else None,
            tuple(leaves),
            tuple(tags),
        )
        known = self.found.types.setdefault(path[-1], [])
        if type_ not in known:
            known.append(type_)


def _name(die: DIE) -> str:
    attribute = die.attributes.get("DW_AT_name")
    return attribute.value.decode(errors="replace") if attribute else ""


def _target(die: DIE) -> DIE | None:
    """The type that an attribute DW_AT_type refers to, without aliases."""
    while "DW_AT_type" in die.attributes:
        die = die.get_DIE_from_attribute("DW_AT_type")
        if die.tag not in _ALIASES:
            return die
    return None


def _flatten(
    die: DIE, path: tuple[str, ...], base: int, variant: str, leaves: list[Leaf],
    tags: list[tuple[str, int]], depth: int,
) -> None:  # fmt: skip
    """The leaves of a structure, those of its members and of its variants included."""
    for child in die.iter_children():
        if child.tag == "DW_TAG_member":
            _member(child, path, base, variant, leaves, tags, depth)
        elif child.tag == "DW_TAG_variant_part":
            if "DW_AT_discr" in child.attributes:
                discriminant = child.get_DIE_from_attribute("DW_AT_discr")
                _leaf(discriminant, (*path, "tag"), base, "", leaves, tags, depth)
            for item in child.iter_children():
                if item.tag != "DW_TAG_variant":
                    continue
                value = item.attributes.get("DW_AT_discr_value")
                for member in item.iter_children():
                    if member.tag == "DW_TAG_member":
                        label = _name(member)
                        if value is not None:
                            tags.append((label, value.value))
                        _member(member, path, base, label, leaves, tags, depth)


def _member(
    die: DIE, path: tuple[str, ...], base: int, variant: str, leaves: list[Leaf],
    tags: list[tuple[str, int]], depth: int,
) -> None:  # fmt: skip
    name = _name(die)
    _leaf(die, (*path, name) if name else path, base, variant, leaves, tags, depth)


def _leaf(
    die: DIE, path: tuple[str, ...], base: int, variant: str, leaves: list[Leaf],
    tags: list[tuple[str, int]], depth: int,
) -> None:  # fmt: skip
    location = die.attributes.get("DW_AT_data_member_location")
    offset = base + (location.value if location and isinstance(location.value, int) else 0)
    target = _target(die)
    if target is None:
        return
    if target.tag in _STRUCTS and depth < _DEPTH:
        before = len(leaves)
        _flatten(target, path, offset, variant, leaves, tags, depth + 1)
        inner = leaves[before:]
        size = _size(target)
        # An address or a descriptor in a structure of its own is what it holds.
        if len(inner) == 1 and inner[0].size == size and inner[0].offset == offset:
            leaves[before:] = [Leaf(path, offset, size, inner[0].signed, variant)]
        return
    size = _size(target)
    if size == 16:  # 128 bits, which are described as two halves
        whole = target.tag == "DW_TAG_base_type"
        leaves.append(Leaf((*path, "low"), offset, 8, False if whole else None, variant))
        leaves.append(
            Leaf((*path, "high"), offset + 8, 8, _signed(target) if whole else None, variant)
        )
    elif size > 0:
        leaves.append(Leaf(path, offset, size, _signed(target), variant))


def _size(die: DIE) -> int:
    if "DW_AT_byte_size" in die.attributes:
        return int(die.attributes["DW_AT_byte_size"].value)
    if die.tag in ("DW_TAG_pointer_type", "DW_TAG_reference_type"):
        return int(die.cu["address_size"])
    if die.tag == "DW_TAG_array_type":
        element = _target(die)
        size = _size(element) if element is not None else 0
        for child in die.iter_children():
            if child.tag == "DW_TAG_subrange_type":
                size *= _count(child)
        return size
    return 0


def _count(die: DIE) -> int:
    if "DW_AT_count" in die.attributes:
        return int(die.attributes["DW_AT_count"].value)
    upper = die.attributes.get("DW_AT_upper_bound")
    return int(upper.value) + 1 if upper and isinstance(upper.value, int) else 0


def _signed(die: DIE) -> bool | None:
    if die.tag in ("DW_TAG_pointer_type", "DW_TAG_reference_type"):
        return False
    if die.tag == "DW_TAG_enumeration_type":
        target = _target(die)
        return _signed(target) if target is not None else False
    if die.tag == "DW_TAG_array_type":
        element = _target(die)
        return _signed(element) if element is not None else None
    encoding = die.attributes.get("DW_AT_encoding")
    if encoding is None:
        return None
    return True if encoding.value in _SIGNED else False if encoding.value in _UNSIGNED else None
