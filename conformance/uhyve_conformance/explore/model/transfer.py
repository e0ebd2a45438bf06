# SPDX-License-Identifier: MIT OR Apache-2.0
"""FileRead, FileWrite, FileLseek: bytes and positions."""

from __future__ import annotations

from . import errors
from .call import (
    O_ACCMODE,
    O_APPEND,
    O_RDONLY,
    O_RDWR,
    O_WRONLY,
    SEEK_CUR,
    SEEK_DATA,
    SEEK_END,
    SEEK_HOLE,
    SEEK_SET,
    Call,
)
from .descriptors import bad_descriptor, not_open
from .outcome import Alternative, Observed, Outcome, applying, fails, fails_somehow, fails_with
from .ranges import buffer
from .state import Directory, File, Scan, State, Store

FAR = 1 << 40  # a host may refuse to go so far
LARGEST = (1 << 63) - 1


def read(state: State, call: Call) -> Outcome:
    faults, case = bad_descriptor(state, call.fd)
    into = buffer(state, call.buffer, call.length)
    bad = [a.because("UHY-READ-051", "UHY-READ-052") for a in into.errors]
    descriptor = state.open.get(call.fd)

    def outcome(*found: Alternative, more: str = "", fault: str = "") -> Outcome:
        wrong = (*faults, *((fault,) if fault else ()), *into.faults)
        return Outcome((*found, *bad), wrong, case + into.case + more)

    if call.fd == 0:  # the explorer gives no input
        return (
            outcome()
            if bad
            else outcome(
                Alternative(0, ("UHY-READ-037",)),
                *(a.tolerated("UHY-READ-037") for a in fails_somehow()),
            )
        )
    if call.fd in (1, 2):
        return outcome(
            *fails(errors.EBADF, "UHY-READ-039", *into.ids),
            Alternative(0).tolerated("UHY-READ-039"),
            *(a.tolerated("UHY-READ-039") for a in fails_somehow()),
        )
    if descriptor is None:
        rules = {not_open(call.fd): True, "UHY-READ-056": bool(bad)}
        return outcome(*fails(errors.EBADF, *applying(rules)))
    access = descriptor.flags & O_ACCMODE
    node = state.nodes[descriptor.node]
    if access not in (O_RDONLY, O_RDWR) and isinstance(node, File):
        rule = "UHY-READ-033" if access == O_WRONLY else "UHY-OPEN-042"
        return outcome(*fails(errors.EBADF, rule), fault="fd:write-only")
    if isinstance(node, Directory):
        empty = [Alternative(0, ("UHY-READ-020",))] if call.length == 0 else []
        ids = ("UHY-READ-034", "UHY-READ-035")
        return outcome(
            *fails(errors.EISDIR, *ids),
            Alternative(-errors.EBADF, ids),
            *empty,
        )
    if bad:
        return outcome()

    far = (
        [a.tolerated() for a in fails_with((errors.EINVAL, errors.EOVERFLOW))]
        if descriptor.position > FAR
        else []
    )
    count = max(0, min(call.length, node.size - descriptor.position))
    data = node.read(descriptor.position, count) if count <= 1 << 16 else b""

    def moved(after: State, seen: Observed) -> None:
        after.move(call.fd, descriptor.position + seen.result)

    rules = {
        "UHY-READ-001": count > 0,
        "UHY-READ-002": True,
        "UHY-READ-003": count > 0,
        "UHY-READ-004": True,
        "UHY-READ-005": call.length > 0 and descriptor.position == node.size,
        "UHY-READ-006": descriptor.position > node.size,
        "UHY-READ-007": count == call.length > 0,
        "UHY-READ-009": 0 < count < call.length,
        "UHY-READ-008": count < call.length,
        "UHY-READ-011": 0 in data,
        "UHY-READ-020": call.length == 0,
        "UHY-READ-021": bool(into.faults),
        "UHY-READ-012": not state.has_name(descriptor.node),
        "UHY-OPEN-036": bool(descriptor.flags & O_APPEND),
        "UHY-CLOSE-013": node.size > 0,
    }
    stores = (lambda seen: True) if call.overlaps_block(count) else data
    return outcome(
        Alternative(count, applying(rules) + into.ids, moved, stores),
        *far,
        more=("" if count else ",eof") + ",far" * bool(far),
    )


def write(state: State, call: Call) -> Outcome:
    faults, case = bad_descriptor(state, call.fd)
    source = buffer(state, call.buffer, call.length)
    bad = [a.because("UHY-WRITE-051") for a in source.errors]
    empty = [Alternative(0).tolerated()] if call.length == 0 else []
    descriptor = state.open.get(call.fd)

    def outcome(*found: Alternative, fault: str = "") -> Outcome:
        wrong = (*faults, *((fault,) if fault else ()), *source.faults)
        return Outcome((*found, *bad), wrong, case + source.case)

    if call.fd == 0:
        return outcome(
            *fails(errors.EBADF, "UHY-WRITE-038"),
            Alternative(call.length).tolerated("UHY-WRITE-038"),
            *(a.tolerated("UHY-WRITE-038") for a in fails_somehow()),
        )
    if call.fd in (1, 2):
        if bad:
            return outcome()
        ids = (
            ("UHY-WRITE-035", "UHY-WRITE-039")
            if call.fd == 1
            else ("UHY-WRITE-036", "UHY-WRITE-037")
        )
        elsewhere = (
            [Alternative(call.length).tolerated("UHY-WRITE-037")]
            if call.fd == 2 and call.length
            else []
        )
        return outcome(Alternative(call.length, ids + source.ids, prints=call.data), *elsewhere)
    if descriptor is None:
        rules = {not_open(call.fd): True, "UHY-WRITE-055": bool(bad)}
        return outcome(*fails(errors.EBADF, *applying(rules)))
    node = state.nodes[descriptor.node]
    if isinstance(node, Directory):
        return outcome(
            *fails_with((errors.EBADF, errors.EISDIR), "UHY-WRITE-034"), *empty, fault="fd:dir"
        )
    if descriptor.flags & O_ACCMODE not in (O_WRONLY, O_RDWR):
        return outcome(*fails(errors.EBADF, "UHY-WRITE-033"), *empty, fault="fd:read-only")
    if bad:
        return outcome()
    if call.length == 0:
        rules = {"UHY-WRITE-020": True, "UHY-WRITE-021": True, "UHY-WRITE-022": bool(source.faults)}
        return outcome(Alternative(0, applying(rules) + source.ids))

    appends = bool(descriptor.flags & O_APPEND)
    start = node.size if appends else descriptor.position
    end = start + call.length

    def written(after: State, seen: Observed) -> None:
        after.nodes[descriptor.node] = node.written(start, call.data[: seen.result])
        after.move(call.fd, start + seen.result)

    rules = {
        "UHY-OPEN-034": appends and descriptor.position != start,
        "UHY-OPEN-033": appends,
        "UHY-OPEN-035": appends,
        "UHY-WRITE-001": True,
        "UHY-WRITE-003": True,
        "UHY-WRITE-004": True,
        "UHY-WRITE-005": node.size > 0,
        "UHY-WRITE-006": True,
        "UHY-WRITE-007": start > node.size,
        "UHY-WRITE-008": start >> 32 > 0,
        "UHY-WRITE-011": True,
        "UHY-WRITE-012": True,
        "UHY-WRITE-015": not state.has_name(descriptor.node),
    }
    ids = applying(rules) + source.ids
    some = Alternative(lambda result: 0 < result < call.length, ids, written).tolerated(
        "UHY-WRITE-002"
    )
    refused = (
        fails_with((errors.EINVAL, errors.EFBIG, errors.EOVERFLOW), "UHY-WRITE-013")
        if end > FAR
        else []
    )
    if end > LARGEST:
        return outcome(*refused, some, fault="pos:far")
    # The host may look at the position before it looks for the end.
    fault = (
        "pos:far" if end > FAR else "append:far" if appends and descriptor.position > FAR else ""
    )
    return outcome(
        Alternative(call.length, ids, written).because("UHY-WRITE-002"),
        some,
        *(a.tolerated() for a in refused),
        fault=fault,
    )


def lseek(state: State, call: Call) -> Outcome:
    faults, case = bad_descriptor(state, call.fd)
    known = call.whence <= SEEK_HOLE
    case += f",whence{call.whence if known else '>4'}"
    descriptor = state.open.get(call.fd)
    unknown_whence = [] if known else fails(errors.EINVAL, "UHY-LSEEK-023")
    if not known:
        faults += ("whence",)
    if 0 <= call.fd < 3:  # whatever the host has there
        some_position = Alternative(lambda result: result >= 0)
        return Outcome(
            (
                *fails(errors.ESPIPE, "UHY-LSEEK-030"),
                some_position.tolerated("UHY-LSEEK-030"),
                *(a.tolerated("UHY-LSEEK-030") for a in fails_somehow()),
            ),
            faults,
            case,
        )
    if descriptor is None:
        return Outcome((*fails(errors.EBADF, not_open(call.fd)), *unknown_whence), faults, case)
    if not known:
        return Outcome(tuple(unknown_whence), faults, case)
    if isinstance(state.nodes[descriptor.node], Directory):
        return _lseek_directory(state, call, faults, case)

    def moved(after: State, seen: Observed) -> None:
        after.move(call.fd, seen.result)

    file = state.file(descriptor.node)
    if call.whence in (SEEK_DATA, SEEK_HOLE):
        some = Alternative(
            lambda result: 0 <= result <= file.size, ("UHY-LSEEK-024", "UHY-LSEEK-025"), moved
        )
        return Outcome((some, *fails_somehow("UHY-LSEEK-024", "UHY-LSEEK-025")), faults, case)
    start, rule = {
        SEEK_SET: (0, "UHY-LSEEK-001"),
        SEEK_CUR: (descriptor.position, "UHY-LSEEK-002"),
        SEEK_END: (file.size, "UHY-LSEEK-003"),
    }[call.whence]
    target = start + call.offset
    if target < 0:
        found = fails(errors.EINVAL, "UHY-LSEEK-020", "UHY-LSEEK-021")
        return Outcome(tuple(found), faults + ("pos:negative",), case)
    if target > LARGEST:
        found = fails_with((errors.EOVERFLOW, errors.EINVAL), "UHY-LSEEK-022", "UHY-LSEEK-021")
        return Outcome(tuple(found), faults + ("pos:overflow",), case)
    far = target > FAR
    rules = {
        rule: True,
        "UHY-LSEEK-004": True,
        "UHY-LSEEK-005": True,
        "UHY-LSEEK-010": len(state.open) > 1,
        "UHY-LSEEK-006": target > file.size,
        "UHY-LSEEK-007": target > file.size,
        "UHY-LSEEK-008": target >> 32 > 0,
        "UHY-LSEEK-009": (call.whence, call.offset) == (SEEK_CUR, 0),
        "UHY-LSEEK-012": call.whence == SEEK_END,
        "UHY-LSEEK-013": file.store is not Store.HOST,
        "UHY-LSEEK-026": far,
    }
    found = [Alternative(target, applying(rules), moved)]
    if far:  # a host may refuse to go there
        found += fails_with((errors.EINVAL, errors.EOVERFLOW), "UHY-LSEEK-026")
    return Outcome(tuple(found), faults, case + (",far" if far else ""))


def _lseek_directory(state: State, call: Call, faults: tuple[str, ...], case: str) -> Outcome:
    """Positions in a directory mean nothing, but for its beginning."""

    def rewound(after: State, seen: Observed) -> None:
        after.scanned(call.fd, Scan())

    def lost(after: State, seen: Observed) -> None:
        after.scanned(call.fd, None)

    if (call.whence, call.offset) == (SEEK_SET, 0):
        found = [Alternative(0, ("UHY-DENTS-014",), rewound)]
    elif (call.whence, call.offset) == (SEEK_CUR, 0):
        found = [Alternative(lambda result: result >= 0), *fails_somehow()]
    else:
        found = [Alternative(lambda result: result >= 0, effect=lost), *fails_somehow()]
    return Outcome(
        tuple(found), faults, case + (",rewind" if call.offset == 0 == call.whence else "")
    )
