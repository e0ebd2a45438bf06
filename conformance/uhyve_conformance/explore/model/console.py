# SPDX-License-Identifier: MIT OR Apache-2.0
"""The console, the end of the machine, and numbers that are not calls."""

from __future__ import annotations

from .call import NO_BYTE, Call
from .outcome import Alternative, Kind, Outcome, applying, orderly_end
from .ranges import buffer
from .state import State


def _high_bits(call: Call, bits: int) -> str:
    return ",high-bits" if call.argument >> bits else ""


def exit_(state: State, call: Call) -> Outcome:
    rules = {
        "UHY-EXIT-005": call.argument >> 52 > 0,
        "UHY-EXIT-004": call.argument >> 32 & 0xFFFFF > 0,
        "UHY-EXIT-001": True,
        "UHY-EXIT-003": True,
        "UHY-EXIT-006": True,
        "UHY-EXIT-020": True,
        "UHY-EXIT-021": True,
        "UHY-EXIT-022": bool(state.open),
    }
    status = call.argument & 0xFF
    ends = Alternative(
        status, applying(rules), kind=Kind.ENDED, words=f"the end with status {status}"
    )
    return Outcome((ends,), case="exit" + _high_bits(call, 32))


def serial_write_byte(state: State, call: Call) -> Outcome:
    rules = {
        "UHY-SWBYTE-004": call.argument >> 52 > 0,
        "UHY-SWBYTE-003": call.argument >> 8 & (1 << 44) - 1 > 0,
        "UHY-SWBYTE-001": True,
        "UHY-SWBYTE-002": True,
        "UHY-SWBYTE-005": True,
        "UHY-SWBYTE-006": True,
    }
    printed = Alternative(0, applying(rules), prints=bytes([call.argument & 0xFF]))
    return Outcome((printed,), case="byte" + _high_bits(call, 8))


def serial_write_buffer(state: State, call: Call) -> Outcome:
    source = buffer(state, call.buffer, call.length)
    if source.errors:  # nothing can be reported: nothing is printed, and the machine may end
        return Outcome(
            (
                Alternative(0, ("UHY-SWBUF-007", "UHY-SWBUF-008"), words="nothing"),
                orderly_end("UHY-SWBUF-007", "UHY-SWBUF-008"),
            ),
            source.faults,
        )
    rules = {
        "UHY-SWBUF-001": call.length > 0,
        "UHY-SWBUF-002": call.length > 0,
        "UHY-SWBUF-006": True,
        "UHY-SWBUF-010": True,
        "UHY-SWBUF-003": call.length == 0 and not source.faults,
        "UHY-SWBUF-004": bool(source.faults),
    }
    ids = applying(rules) + source.ids
    return Outcome((Alternative(0, ids, prints=call.data),), source.faults, "text" + source.case)


def serial_read_byte(state: State, call: Call) -> Outcome:
    """A read; the explorer gives no input. Where the call is not offered, nothing is promised but the guest's life."""
    found = [
        Alternative(NO_BYTE, ("UHY-SRBYTE-004", "UHY-SRBYTE-006")),
        Alternative(0, ("UHY-CALL-041", "UHY-CALL-042")),
    ]
    other = Alternative(lambda value: True, ("UHY-CALL-042",)).tolerated("UHY-CALL-041")
    return Outcome((*found, other), case="read")


def serial_read_buffer(state: State, call: Call) -> Outcome:
    into = buffer(state, call.buffer, call.length)
    absent = Alternative(lambda result: True, ("UHY-CALL-051",), kind=Kind.UNANSWERED)
    rules = {
        "UHY-SRBUF-010": bool(into.errors),
        "UHY-SRBUF-011": bool(into.errors),
        "UHY-SRBUF-009": call.length == 0,
        "UHY-SRBUF-001": not into.errors,
        "UHY-SRBUF-002": True,
        "UHY-SRBUF-003": True,
        "UHY-SRBUF-008": True,
        "UHY-SRBUF-006": call.length > 0 and not into.errors,
    }
    return Outcome((Alternative(0, applying(rules)), absent), into.faults, "read" + into.case)


def nothing(state: State, call: Call) -> Outcome:
    """A number that no call has: nothing happens, whatever the argument is."""
    reserved = call.name in ("SharedMemOpen", "SharedMemClose")
    rules = {
        "UHY-CALL-052": call.argument >> 52 > 0,
        "UHY-CALL-051": True,
        "UHY-CALL-050": True,
        "UHY-CALL-053": not reserved,
        "UHY-SHM-001": reserved,
        "UHY-SHM-002": reserved,
        "UHY-SHM-003": reserved,
    }
    return Outcome(
        (Alternative(0, applying(rules), words="nothing"),),
        case=("reserved" if reserved else "unknown") + _high_bits(call, 52),
    )
