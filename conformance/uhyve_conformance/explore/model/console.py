# SPDX-License-Identifier: MIT OR Apache-2.0
"""The console, the end of the machine, and numbers that are no call."""

from __future__ import annotations

from .call import NO_BYTE, Call
from .outcome import Alternative, Kind, Outcome, applying
from .ranges import buffer
from .state import State


def _high_bits(call: Call, bits: int) -> str:
    return ",high-bits" if call.argument >> bits else ""


def exit_(state: State, call: Call) -> Outcome:
    return Outcome((Alternative(call.argument & 0xFF, applying({"UHY-EXIT-001": True, "UHY-EXIT-003": True, "UHY-EXIT-020": True, "UHY-EXIT-021": True,
                    "UHY-EXIT-022": bool(state.open), "UHY-EXIT-004": call.argument >> 32 & 0xFFFFF > 0,
                    "UHY-EXIT-005": call.argument >> 52 > 0, "UHY-EXIT-006": True}), kind=Kind.ENDED),),
                   case="exit" + _high_bits(call, 32))


def serial_write_byte(state: State, call: Call) -> Outcome:
    return Outcome((Alternative(0, applying({"UHY-SWBYTE-001": True, "UHY-SWBYTE-002": True, "UHY-SWBYTE-005": True, "UHY-SWBYTE-006": True,
                    "UHY-SWBYTE-003": call.argument >> 8 & (1 << 44) - 1 > 0, "UHY-SWBYTE-004": call.argument >> 52 > 0}), prints=bytes([call.argument & 0xFF])),),
                   case="byte" + _high_bits(call, 8))


def serial_write_buffer(state: State, call: Call) -> Outcome:
    source = buffer(state, call.buffer, call.length)
    if source.errors:  # nothing can be reported: nothing is printed, and the machine may end
        return Outcome((Alternative(0, ("UHY-SWBUF-007", "UHY-SWBUF-008")),
                        Alternative(lambda status: status != 0, ("UHY-SWBUF-007", "UHY-SWBUF-008"), kind=Kind.ENDED)), source.faults)
    rules = {"UHY-SWBUF-001": call.length > 0, "UHY-SWBUF-002": call.length > 0, "UHY-SWBUF-006": True,
             "UHY-SWBUF-010": True, "UHY-SWBUF-003": call.length == 0 and not source.faults,
             "UHY-SWBUF-004": bool(source.faults)}
    ids = applying(rules) + source.ids
    return Outcome((Alternative(0, ids, prints=call.data),), source.faults, "text" + source.case)


def serial_read_byte(state: State, call: Call) -> Outcome:
    """A read; the explorer gives no input."""
    return Outcome((Alternative(NO_BYTE, ("SR02",)), Alternative(0, ("SR02",))), case="read")


def serial_read_buffer(state: State, call: Call) -> Outcome:
    into = buffer(state, call.buffer, call.length)
    absent = Alternative(lambda result: True, ("SR02",), kind=Kind.UNANSWERED)
    if into.errors:
        return Outcome((Alternative(0, ("SR05",)), absent,
                        Alternative(lambda status: status != 0, ("SR05",), kind=Kind.ENDED)), into.faults)
    return Outcome((Alternative(0, ("SR04",)), absent), into.faults, "read" + into.case)


def nothing(state: State, call: Call) -> Outcome:
    """A number that no call has: nothing happens, whatever the argument is."""
    reserved = call.name in ("SharedMemOpen", "SharedMemClose")
    rules = {"UHY-CALL-050": True, "UHY-CALL-051": True, "UHY-CALL-052": call.argument >> 52 > 0,
             "UHY-CALL-053": not reserved}
    return Outcome((Alternative(0, applying(rules)),),
                   case=("reserved" if reserved else "unknown") + _high_bits(call, 52))
