# SPDX-License-Identifier: MIT OR Apache-2.0
"""FileStat and FileFstat: what a file is, without its content."""

from __future__ import annotations

import struct

from . import errors
from .call import S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, Call
from .descriptors import bad_descriptor, not_open
from .outcome import Alternative, Observed, Outcome, applying, fails
from .paths import Place, resolve
from .ranges import buffer
from .state import ROOT, Described, Directory, File, State, Store, Symlink

ATTR = struct.Struct("<QQQIIIIQqqqqi4xqi4xqi4x")  # struct uhyve_file_attr
# Bytes of each field that is not padding: where, how many.
FIELDS = [(at, 8) for at in (0, 8, 16, 40, 48, 56, 64, 72, 88, 104)] + [
    (at, 4) for at in (24, 28, 32, 80, 96, 112)
]
PADDING = [at for start in (36, 84, 100, 116) for at in range(start, start + 4)]
BILLION = 1_000_000_000


_PATHS = {
    "path:empty": ("UHY-STAT-025",),
    "path:not-utf8": ("UHY-STAT-026",),
    "name:outside": ("UHY-STAT-027",),
    "path:file-as-dir": ("UHY-STAT-029", "UHY-STAT-030"),
}


def stat(state: State, call: Call) -> Outcome:
    into = buffer(state, call.buffer, ATTR.size)
    place = resolve(state, call.path, follow=call.kind == 0)
    faults = place.faults + into.faults
    bad = [a.because("UHY-STAT-040", "UHY-STAT-043") for a in into.errors]
    found = [*(a.because(*_PATHS.get(place.case, ())) for a in place.errors), *place.also, *bad]
    if call.kind > 1:
        faults += ("kind",)
        found += fails(errors.EINVAL, "UHY-STAT-023", "UHY-STAT-043")
        if place.node is None and not place.errors:
            found += fails(errors.ENOENT, "UHY-STAT-024")
    elif place.node is not None:
        if not bad:
            found.append(
                _described(
                    state, place.node, _rules(state, place, call) + place.ids + into.ids, call
                )
            )
        if place.slash:
            found += fails(errors.ENOTDIR)
    elif not place.errors:
        found += fails(errors.ENOENT, "UHY-STAT-024", "UHY-STAT-043", *place.ids)
    if place.is_root:
        found += [a.tolerated("UHY-STAT-015") for a in fails(errors.ENOENT)]
    elif place.node is not None and state.nodes[place.node].store.invented:
        found += fails(errors.ENOENT)
    return Outcome(tuple(found), faults, place.case + (",lstat" if call.kind == 1 else ""))


def _rules(state: State, place: Place, call: Call) -> tuple[str, ...]:
    assert place.node is not None
    node, linked = state.nodes[place.node], ",via-link" in place.case
    return applying(
        {
            "UHY-STAT-001": True,
            "UHY-STAT-031": True,
            "UHY-STAT-013": place.case == "path:mapping",
            "UHY-STAT-015": place.is_root,
            "UHY-STAT-014": place.private and isinstance(node, File),
            "UHY-STAT-020": linked and call.kind == 0,
            "UHY-STAT-021": isinstance(node, Symlink),
            "UHY-STAT-022": linked and call.kind == 1,
        }
    )


def fstat(state: State, call: Call) -> Outcome:
    faults, case = bad_descriptor(state, call.fd)
    into = buffer(state, call.buffer, ATTR.size)
    found = [a.because("UHY-STAT-041", "UHY-STAT-043") for a in into.errors]
    descriptor = state.open.get(call.fd)
    if 0 <= call.fd < 3:
        found += fails(errors.EBADF, "UHY-STAT-065")
        if not into.errors:
            found.append(Alternative(0, stores=_well_formed).tolerated("UHY-STAT-065"))
    elif descriptor is None:
        found += fails(errors.EBADF, not_open(call.fd), "UHY-STAT-043")
    elif not into.errors:
        node = state.nodes[descriptor.node]
        rules = {
            "UHY-STAT-060": True,
            "UHY-STAT-061": not state.has_name(descriptor.node),
            "UHY-STAT-068": True,
            "UHY-STAT-066": isinstance(node, Directory),
            "UHY-STAT-008": isinstance(node, File),
        }
        found.append(_described(state, descriptor.node, applying(rules) + into.ids, call))
    return Outcome(tuple(found), faults + into.faults, case + into.case)


def _described(state: State, number: int, ids: tuple[str, ...], call: Call) -> Alternative:
    """The attributes of a node; what only the host knows must be what it was before."""

    def learned(after: State, seen: Observed) -> None:
        if len(seen.stored) == ATTR.size:
            after.described[number] = Described(seen.stored[:16], _modified(seen.stored))

    if call.overlaps_block(ATTR.size):
        return Alternative(0, ("UHY-PTR-020",), stores=lambda seen: True)
    ids += (
        "UHY-STAT-002",
        "UHY-STAT-003",
        "UHY-STAT-004",
        "UHY-STAT-005",
        "UHY-STAT-006",
        "UHY-STAT-007",
        "UHY-STAT-009",
        "UHY-STAT-010",
        "UHY-STAT-011",
        "UHY-STAT-047",
        "UHY-BLOCK-014",
    )
    return Alternative(
        0, ids, learned, lambda seen: _well_formed(seen) and _describes(state, number, seen.stored)
    )


def _well_formed(seen: Observed) -> bool:
    """Every field is written, padding carries nothing, and the times are times."""
    if len(seen.stored) != ATTR.size:
        return False
    stored, before = seen.stored, seen.before
    return (
        all(stored[at] in (0, before[at]) for at in PADDING)
        and all(stored[at : at + size] != before[at : at + size] for at, size in FIELDS)
        and all(0 <= nanoseconds < BILLION for nanoseconds in ATTR.unpack(stored)[12::2])
    )


def _describes(state: State, number: int, attr: bytes) -> bool:
    node, known = state.nodes[number], state.described.get(number)
    _, _, links, mode, _, _, _, _, size, *_ = ATTR.unpack(attr)
    host = node.store is Store.HOST
    if known and (known.identity != attr[:16] or known.modified > _modified(attr)):
        return False
    if host and any(
        other != number
        and seen.identity == attr[:16]
        and state.has_name(other)
        and state.nodes[other].store is Store.HOST
        for other, seen in state.described.items()
    ):
        return False
    if links < 1 and state.has_name(number):
        return False
    if isinstance(node, Symlink):
        return mode & S_IFMT == S_IFLNK
    if host and number != ROOT and mode & 0o777 != node.mode & 0o777:
        return False
    if isinstance(node, Directory):
        return mode & S_IFMT == S_IFDIR
    return mode & S_IFMT == S_IFREG and size == node.size


def _modified(attr: bytes) -> tuple[int, int]:
    values = ATTR.unpack(attr)
    return values[13], values[14]
