# SPDX-License-Identifier: MIT OR Apache-2.0
"""Getdents: the entries of a directory, some at a time."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from . import errors
from .call import DT_DIR, DT_LNK, DT_REG, DT_UNKNOWN, O_ACCMODE, O_WRONLY, Call
from .descriptors import bad_descriptor, not_open
from .outcome import Alternative, Observed, Outcome, applying, fails, fails_somehow
from .ranges import buffer
from .state import ROOT, Directory, File, Node, Scan, State, Store

HEAD = struct.Struct("<QqHB")  # struct uhyve_dirent up to the name
SMALLEST = 24
DOTS = frozenset({b".", b".."})


def records(data: bytes) -> Iterator[tuple[bytes, int]]:
    """(name, type) of each record; ValueError where the layout is wrong."""
    at = 0
    while at < len(data):
        if len(data) - at < SMALLEST:
            raise ValueError(f"{len(data) - at} bytes left over")
        _, _, length, kind = HEAD.unpack_from(data, at)
        record = data[at : at + length]
        if length < SMALLEST or length % 8 or len(record) < length:
            raise ValueError(f"d_reclen {length}")
        name, nul, _ = record[HEAD.size :].partition(b"\0")
        if not nul or not name or b"/" in name:
            raise ValueError(f"name {name!r}")
        yield name, kind
        at += length


def _padding_is_clean(seen: Observed) -> bool:
    """After the NUL of a name there is nothing new."""
    at = 0
    for name, _ in records(seen.stored):
        end = at + HEAD.unpack_from(seen.stored, at)[2]
        begin = at + HEAD.size + len(name) + 1
        if any(seen.stored[i] not in (0, seen.before[i]) for i in range(begin, end)):
            return False
        at = end
    return True


def room_for(name: bytes) -> int:
    return (HEAD.size + len(name) + 1 + 7) & ~7


def getdents(state: State, call: Call) -> Outcome:
    faults, case = bad_descriptor(state, call.fd)
    into = buffer(state, call.buffer, call.length)
    bad = [a.because("UHY-DENTS-025") for a in into.errors]
    descriptor = state.open.get(call.fd)
    faults += into.faults

    if 0 <= call.fd < 3:
        return Outcome((*fails_somehow("UHY-DENTS-035"), *bad), faults, case + into.case)
    if descriptor is None:
        return Outcome((*fails(errors.EBADF, not_open(call.fd)), *bad), faults, case)
    directory = state.nodes[descriptor.node]
    if not isinstance(directory, Directory):
        found = [
            *fails(errors.ENOTDIR, "UHY-DENTS-033", "UHY-DENTS-034"),
            *(a.tolerated("UHY-DENTS-034") for a in fails_somehow("UHY-DENTS-033")),
        ]
        return Outcome((*found, *bad), faults + ("fd:file",), case)

    scan = descriptor.scan
    small = call.length < SMALLEST
    case += into.case + (",small" if small else ",ended" if scan and scan.ended else "")
    ends = Alternative(
        0,
        ("UHY-DENTS-003", "UHY-DENTS-004", "UHY-DENTS-005", "UHY-DENTS-021"),
        lambda after, seen: _ended(after, call.fd),
    )
    if scan is None or descriptor.node == ROOT:  # nothing is known of what comes next
        anything = Alternative(
            lambda result: result > 0, ("UHY-DENTS-001", "UHY-DENTS-002"), stores=_well_formed
        )
        return Outcome((anything, ends, *fails(errors.EINVAL, "UHY-DENTS-020"), *bad), faults, case)

    steady = scan.changes in (None, directory.changes)
    left = set(directory.entries) - scan.delivered
    shown = left - _need_not_show(state, directory)
    dots_left = DOTS - scan.delivered
    found = list(bad)
    if not bad:
        if not shown or not steady:
            found.append(
                ends
                if not dots_left or directory.store is not Store.HOST
                else ends.tolerated("UHY-DENTS-009")
            )
        if not small and not (scan.ended and steady):
            found.append(_delivers(state, call, directory, scan))
        next_may_not_fit = any(
            call.length < room_for(name) for name in left | (dots_left if small else set())
        )
        if next_may_not_fit or small and not scan.ended:
            rules = {"UHY-DENTS-020": True, "UHY-DENTS-027": call.length == 0}
            found += fails(errors.EINVAL, *applying(rules))
        if small and not found:
            found += fails(errors.EINVAL, "UHY-DENTS-020")
    if descriptor.flags & O_ACCMODE == O_WRONLY:  # a private one may be opened so
        found += fails(errors.EBADF)
    return Outcome(tuple(found), faults, case)


def _need_not_show(state: State, directory: Directory) -> set[bytes]:
    """Names that only mappings give a directory: the text asks for them in the root alone."""
    if directory.store is not Store.PARENT:
        return set()
    return {
        name
        for name, number in directory.entries.items()
        if state.nodes[number].store in (Store.HOST, Store.PARENT)
    }


def _delivers(state: State, call: Call, directory: Directory, scan: Scan) -> Alternative:
    """Whole records of entries that were not delivered yet, each with its type."""

    def good(seen: Observed) -> bool:
        try:
            found = list(records(seen.stored))
        except ValueError:
            return False
        names = [name for name, _ in found]
        fresh = (
            len(set(names)) == len(names)
            and not set(names) & scan.delivered
            and _padding_is_clean(seen)
        )
        changed = scan.changes not in (None, directory.changes)
        return fresh and all(
            kind in (DT_UNKNOWN, DT_DIR)
            if name in DOTS
            else changed
            if name not in directory.entries
            else kind in (DT_UNKNOWN, _type(state.nodes[directory.entries[name]]))
            for name, kind in found
        )

    def delivered(after: State, seen: Observed) -> None:
        names = {name for name, _ in records(seen.stored)}
        changes = directory.changes if scan.changes is None else scan.changes
        after.scanned(call.fd, Scan(scan.delivered | names, changes))

    if call.overlaps_block(call.length):
        return Alternative(
            lambda result: 0 < result <= call.length,
            ("UHY-PTR-020",),
            lambda after, seen: after.scanned(call.fd, None),
            lambda seen: True,
        )
    return Alternative(
        lambda result: 0 < result <= call.length,
        _rules(state, call, directory, scan),
        delivered,
        good,
    )


def _rules(state: State, call: Call, directory: Directory, scan: Scan) -> tuple[str, ...]:
    changed = scan.changes not in (None, directory.changes)
    return applying(
        {
            "UHY-DENTS-001": True,
            "UHY-DENTS-002": True,
            "UHY-DENTS-005": not changed,
            "UHY-DENTS-006": True,
            "UHY-DENTS-007": True,
            "UHY-DENTS-008": True,
            "UHY-DENTS-010": True,
            "UHY-DENTS-015": changed,
            "UHY-DENTS-012": directory.store is not Store.HOST,
            "UHY-DENTS-013": True,
            "UHY-DENTS-022": True,
            "UHY-DENTS-009": scan.delivered >= DOTS,
            "UHY-DENTS-014": True,
            "UHY-DENTS-019": True,
        }
    )


def _ended(after: State, fd: int) -> None:
    scan = after.open[fd].scan
    if scan is not None:
        after.scanned(fd, Scan(scan.delivered, scan.changes, ended=True))


def _well_formed(seen: Observed) -> bool:
    try:
        return bool(list(records(seen.stored)))
    except ValueError:
        return False


def _type(node: Node) -> int:
    return DT_REG if isinstance(node, File) else DT_DIR if isinstance(node, Directory) else DT_LNK
