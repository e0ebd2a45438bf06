# SPDX-License-Identifier: MIT OR Apache-2.0
"""Facts of the description against what a file says of itself."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from ..architectures import ARCHITECTURES
from ..errors import UsageError
from ..interface import Call, Field, Interface, Struct
from ..paths import shown
from .dwarf import Found, Leaf, Type

_OWN = ("uhyve", "hermit")  # a name with these is meant, whatever else has it, too


class Verdict(StrEnum):
    SAME = "same"
    DIFFERENT = "different"
    MISSING = "missing"  # the file does not have it


@dataclass(frozen=True)
class Fact:
    subject: str  # "write_params.fd", "FileOpen"
    what: str  # offset, size, sign, number, ...
    verdict: Verdict
    expected: str
    actual: str = ""
    arch: str = ""


@dataclass(frozen=True)
class Map:
    """Names that differ in the file: types by their whole name, constants, fields."""

    types: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    skip: tuple[str, ...] = ()  # types, constants and groups of constants that it does not have
    version_1: bool = False  # it describes version 1 alone, under plain names

    def with_(self, other: Map) -> Map:
        """Both; what the other one says counts."""
        return Map(
            self.types | other.types, self.constants | other.constants,
            self.fields | other.fields, self.skip + other.skip,
            self.version_1 or other.version_1,
        )  # fmt: skip


def read_map(path: Path, interface: Interface) -> Map:
    """A TOML file of the tables types, constants, fields, the list skip and version_1, each
    checked."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise UsageError(f"{path}: {problem.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise UsageError(f"{shown(path)}: {problem}") from None
    structs = {s.name: s for s in interface.structs}
    known = {
        "types": set(structs),
        "fields": {f"{s.name}.{f.name}" for s in structs.values() for f in s.fields},
        "constants": {c.name for c in interface.constants}
        | {c.constant for c in [*interface.calls, *interface.v1_calls]},
    }
    groups = {group for group, _, _ in _constants(interface)}
    for key, value in table.items():
        if key == "skip":
            names = known["types"] | known["constants"] | groups | _tags(interface)
            if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
                raise UsageError(f"{shown(path)}: skip is a list of names")
            if unknown := sorted(set(value) - names):
                raise UsageError(f"{shown(path)}: skip: the description has no '{unknown[0]}'")
        elif key == "version_1":
            if not isinstance(value, bool):
                raise UsageError(f"{shown(path)}: version_1 is true or false")
        elif key not in known or not isinstance(value, dict):
            raise UsageError(f"{shown(path)}: unknown key '{key}'")
        elif unknown := sorted(set(value) - known[key]):
            raise UsageError(f"{shown(path)}: {key}: the description has no '{unknown[0]}'")
        elif not all(isinstance(name, str) and name for name in value.values()):
            raise UsageError(f"{shown(path)}: {key}: names are strings")
    return Map(
        table.get("types", {}), table.get("constants", {}), table.get("fields", {}),
        tuple(table.get("skip", [])), table.get("version_1", False),
    )  # fmt: skip


def plain(name: str) -> str:
    """A name without what languages write differently: case, "_", "uhyve", "r#", generics."""
    name = re.sub(r"<.*", "", name.removeprefix("r#")).lower().replace("_", "")
    return name.removeprefix("uhyve")


def compare(interface: Interface, found: Found, names: Map) -> list[Fact]:
    """A fact for everything that is described."""
    facts: list[Fact] = []
    for struct in interface.structs:
        if struct.name not in names.skip:
            facts += _struct(interface, struct, found, names)
    tagged = {fact.subject for fact in facts if fact.what.startswith("tag of")}
    for group, constant, value in _constants(interface):
        if not {constant, group} & {*names.skip} and constant not in tagged:
            facts.append(_constant(group, constant, value, found, names))
    return facts


# ---- Types


def _candidates(struct: Struct, found: Found, names: Map, twins: set[str]) -> list[Type]:
    if wanted := names.types.get(struct.name):
        parts = tuple(wanted.split("::"))
        return [t for t in found.types.get(parts[-1], []) if t.path[-len(parts) :] == parts]
    old = struct.name.startswith("v1_")
    name = plain(struct.name.removeprefix("v1_"))
    types = [
        t
        for last, types in found.types.items()
        if plain(last) in (name, plain(struct.name))
        for t in types
    ]
    in_v1 = [
        t for t in types if names.version_1 or "v1" in t.path or plain(t.path[-1]).startswith("v1")
    ]
    if old:
        types = in_v1
    else:
        newer = [t for t in types if t not in in_v1]
        types = newer if newer or f"v1_{struct.name}" in twins else in_v1
    own = [t for t in types if any(word in part.lower() for part in t.path for word in _OWN)]
    return own or types


def _struct(interface: Interface, struct: Struct, found: Found, names: Map) -> Iterator[Fact]:
    twins = {s.name for s in interface.structs}
    types = _candidates(struct, found, names, twins)
    if not types:
        wanted = names.types.get(struct.name, f"uhyve_{struct.name}")
        yield Fact(struct.name, "type", Verdict.MISSING, wanted, "no such type", found.arch)
    for type_ in types:  # each definition of that name has to be right
        yield from _type(interface, struct, type_, found.arch, names)


def _fact(subject: str, what: str, expected: object, actual: object, arch: str) -> Fact:
    verdict = Verdict.SAME if expected == actual else Verdict.DIFFERENT
    return Fact(subject, what, verdict, str(expected), str(actual), arch)


def _type(
    interface: Interface, struct: Struct, type_: Type, arch: str, names: Map
) -> Iterator[Fact]:
    yield _fact(struct.name, "size", struct.size, type_.size, arch)
    if type_.align is not None:
        yield _fact(struct.name, "alignment", struct.align, type_.align, arch)
    call = _call_of(interface, struct)
    used: set[Leaf] = set()
    described = [part for f in struct.on(arch) if not f.padding for part in _parts(interface, f)]
    by_name = {_leaf_name(leaf): leaf for leaf in type_.leaves}
    for item in described:
        subject = f"{struct.name}.{item.name}"
        leaf = _leaf(item, subject, type_, by_name, described, call, names)
        if leaf is None:
            yield Fact(subject, "field", Verdict.DIFFERENT, f"at {item.offset}", "missing", arch)
            continue
        used.add(leaf)
        yield _fact(subject, "offset", item.offset, leaf.offset, arch)
        yield _fact(subject, "size", item.size, leaf.size, arch)
        if leaf.signed is not None:
            sign = {True: "signed", False: "unsigned"}
            yield _fact(subject, "sign", sign[item.type.startswith("i")], sign[leaf.signed], arch)
    for leaf in type_.leaves:
        inside = any(
            leaf.offset < f.offset + f.size and f.offset < leaf.offset + leaf.size
            for f in described
        )
        # A variant that the interface does not use may hold anything there.
        if leaf not in used and inside and not (leaf.variant and not call):
            subject = f"{struct.name}.{'.'.join(leaf.path)}"
            yield Fact(subject, "field", Verdict.DIFFERENT, "none there", f"at {leaf.offset}", arch)
    if call and type_.tags:
        said = {plain(label): value for label, value in type_.tags}
        for tag in call.tags:
            actual = said.get(plain(tag.label), "missing")
            yield _fact(tag.constant, f"tag of {struct.name}", tag.value, actual, arch)


def _call_of(interface: Interface, struct: Struct) -> Call | None:
    """The call that has this block, or this result in its block."""
    names = {f"ret.{f.name}" for f in struct.fields}
    for call in interface.calls:
        results = {f.name for f in call.fields if f.name.startswith("ret.")}
        if call.block == struct.name or (results and results == names):
            return call
    return None


def _parts(interface: Interface, item: Field) -> list[Field]:
    """A field, or those of the structure that it is."""
    if item.type != "timespec":
        return [item]
    return [
        Field(f"{item.name}.{f.name}", item.offset + f.offset, f.type)
        for f in interface.struct("timespec").fields
        if not f.padding
    ]


def _leaf_name(leaf: Leaf) -> str:
    return ".".join(plain(part.lstrip("_")) for part in leaf.path)


def _leaf(
    item: Field, subject: str, type_: Type, by_name: dict[str, Leaf], described: list[Field],
    call: Call | None, names: Map,
) -> Leaf | None:  # fmt: skip
    """By name, by its tag's variant, or by its place where no other field has that name."""
    wanted = names.fields.get(subject, item.name)
    if leaf := by_name.get(".".join(plain(part) for part in wanted.split("."))):
        return leaf
    if call and type_.tags:
        labels = [plain(t.label) for t in call.tags if t.payload in (item.name, f"ret.{item.name}")]
        for leaf in type_.leaves:
            if leaf.variant and plain(leaf.variant) in labels:
                return leaf
    taken = {".".join(plain(part) for part in f.name.split(".")) for f in described}
    for leaf in type_.leaves:
        last = leaf.path[-1].lstrip("_").lower() if leaf.path else ""
        if (
            (leaf.offset, leaf.size) == (item.offset, item.size)
            and _leaf_name(leaf) not in taken
            and not last.startswith(("pad", "reserved"))  # padding is not a field in its place
        ):
            return leaf
    return None


# ---- Constants


def _tags(interface: Interface) -> set[str]:
    return {tag.constant for call in interface.calls for tag in call.tags}


def _constants(interface: Interface) -> Iterator[tuple[str, str, int]]:
    for call in interface.calls:
        yield "number", call.constant, call.number
    for call in interface.v1_calls:
        yield "number of version 1", call.constant, call.number
    for tag in {t.constant: t for c in interface.calls for t in c.tags}.values():
        yield "tag", tag.constant, tag.value
    for constant in interface.constants:
        yield constant.group, constant.name, constant.value


def _constant(group: str, constant: str, value: int, found: Found, names: Map) -> Fact:
    values: set[int] = set()
    for path, numbers in found.constants.items():
        if _means(constant, path, names):
            values |= numbers
    if not values:
        return Fact(constant, group, Verdict.MISSING, hex(value), "not there", found.arch)
    bits = (1 << 64) - 1
    wrong = sorted(v for v in values if v & bits != value & bits)
    verdict = Verdict.DIFFERENT if wrong else Verdict.SAME
    actual = ", ".join(hex(v) for v in (wrong or sorted(values)))
    return Fact(constant, group, verdict, hex(value), actual, found.arch)


def _means(constant: str, path: tuple[str, ...], names: Map) -> bool:
    if wanted := names.constants.get(constant):
        parts = tuple(wanted.split("::"))
        return path[-len(parts) :] == parts
    own = any(word in part.lower() for part in path for word in _OWN)
    last = path[-1]
    if last.upper() == f"UHYVE_{constant}":
        return True
    old = names.version_1 or "v1" in path
    if not own or old != constant.startswith("V1_"):
        return False
    return plain(last) == plain(constant.removeprefix("V1_"))


def architectures(arch: str | None, found: list[Found]) -> list[Found]:
    """Those that are requested; UsageError for one that does not exist."""
    if arch is not None and arch not in ARCHITECTURES:
        raise UsageError(f"'{arch}' is not an architecture")
    return [f for f in found if arch in (None, f.arch)]
