# SPDX-License-Identifier: MIT OR Apache-2.0
"""Ranges of guest memory that a call names (UHY-PTR, UHY-BLOCK)."""

from __future__ import annotations

from dataclasses import dataclass

from . import errors
from .call import Call
from .outcome import Alternative, Outcome, applying, fails, orderly_end
from .state import Ram, State


@dataclass(frozen=True)
class Buffer:
    faults: tuple[str, ...] = ()
    case: str = ""
    errors: tuple[Alternative, ...] = ()
    ids: tuple[str, ...] = ()  # what lets it be accepted


def buffer(state: State, address: int, length: int) -> Buffer:
    """A buffer is good when all of it lies in RAM, and a buffer of no bytes always is."""
    ram = state.ram
    begins_inside = ram.start <= address < ram.end
    if not ram.holds(address, length):
        ids = ("UHY-PTR-017", "UHY-PTR-018", "UHY-PTR-019")
        found = fails(errors.EFAULT, *_out_of_ram(ram, address, length), *ids)
        if length > ram.end - ram.start:
            found += fails(errors.EINVAL, "UHY-PTR-016", *ids)
        return Buffer(("buf:straddles" if begins_inside else "buf:outside",), "", tuple(found))
    if length == 0:
        return Buffer(() if begins_inside else ("buf:len0,outside",), ",len0", (), ("UHY-PTR-008",))
    rules = {
        "UHY-PTR-001": True,
        "UHY-PTR-002": address == ram.start,
        "UHY-PTR-003": address + length == ram.end,
        "UHY-PTR-005": address // 4096 != (address + length - 1) // 4096,
        "UHY-PTR-007": address % 8 > 0,
    }
    return Buffer(case=",tail" if address + length == ram.end else "", ids=applying(rules))


def _out_of_ram(ram: Ram, address: int, length: int) -> tuple[str, ...]:
    """The requirements about a range that does not lie in RAM."""
    return applying(
        {
            "UHY-PTR-010": ram.start <= address < ram.end,
            "UHY-PTR-011": address < ram.start < address + length,
            "UHY-PTR-012": address == 0,
            "UHY-PTR-013": address == ram.end,
            "UHY-PTR-014": address + length > 1 << 64,
            "UHY-PTR-015": address >> 52 > 0,
            "UHY-PTR-016": length > ram.end - ram.start,
        }
    )


def bad_block(state: State, call: Call) -> Outcome | None:
    """A parameter block that is not in RAM: the call is ignored, or the machine ends as it should."""
    ram, first = state.ram, call.argument
    if not call.block or ram.holds(first, call.block):
        return None
    begins_inside = ram.start <= first < ram.end
    ids = applying(
        {
            "UHY-BLOCK-040": first == 0,
            "UHY-BLOCK-041": first == ram.end,
            "UHY-BLOCK-042": begins_inside,
            "UHY-BLOCK-043": first < ram.start < first + call.block,
            "UHY-BLOCK-044": first + call.block > 1 << 64,
            "UHY-BLOCK-045": first >> 52 > 0,
            "UHY-BLOCK-046": True,
        }
    )
    return Outcome(
        (Alternative(0, ids, words="nothing"), orderly_end(*ids)),
        ("block:straddles" if begins_inside else "block:outside",),
    )


def placed(state: State, call: Call, packed: bool) -> tuple[str, ...]:
    """The requirements about the place of a block that is in RAM."""
    ram, first, end = state.ram, call.argument, call.argument + call.block
    return applying(
        {
            "UHY-BLOCK-030": packed and first % 8 > 0,
            "UHY-BLOCK-031": not packed and first % 8 > 0,
            "UHY-BLOCK-032": first % 8 > 0,
            "UHY-BLOCK-033": first == ram.start,
            "UHY-BLOCK-034": end == ram.end,
            "UHY-BLOCK-035": first // 4096 != (end - 1) // 4096,
            "UHY-BLOCK-037": end == ram.end,
        }
    )
