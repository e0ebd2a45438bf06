# SPDX-License-Identifier: MIT OR Apache-2.0
"""Counting system calls: what lies between two marks, and the gate of an emulated machine."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "reference-vmm" / "bench"))

from counts import NoCount, between_marks
from emulated import ONE, more_than_one


def trace(*calls: str) -> str:
    """Two rounds of one call, and another one whose first mark comes with a byte in front."""
    body = "".join(f"7 {call}\n" for call in calls)
    once = f'7 write(1, "<FileRead\\n")\n7 ioctl(6, KVM_RUN)\n{body}7 write(1, ">FileRead\\n")\n'
    byte = '7 write(1, "<SerialWriteByte\\n")\n7 write(1, ".>SerialWriteByte\\n")\n'
    return 2 * (once + byte)


def test_what_lies_between_two_marks() -> None:
    found = between_marks(trace("read(9, )"))
    assert found == {"FileRead": ["read"], "SerialWriteByte": []}
    with pytest.raises(NoCount, match="no mark"):
        between_marks("7 read(9, )\n")
    other = trace("read(9, )", "read(9, )")
    with pytest.raises(NoCount, match="FileRead: the rounds differ"):
        between_marks(trace("read(9, )") + other[: len(other) // 2])


def test_the_gate_wants_one_system_call_where_one_is_enough() -> None:
    right = {name: [call] for name, call in ONE.items()}
    assert more_than_one({"right": right}) == []
    asks = right | {"FileRead": ["ioctl", "read"]}
    del asks["FileLseek"]
    assert more_than_one({"right": right, "asks": asks}) == [
        "asks: FileLseek makes none, not lseek alone",
        "asks: FileRead makes ioctl, read, not read alone",
    ]
