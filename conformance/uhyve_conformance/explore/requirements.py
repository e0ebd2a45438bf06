# SPDX-License-Identifier: MIT OR Apache-2.0
"""The requirements that the model names, and why random sequences do not reach the others."""

from __future__ import annotations

import re
from pathlib import Path

from ..spec import Specification

_ID = re.compile(r"UHY-[A-Z]+[0-9]?-\d{3}")

# By id or by area, the most exact entry counts. What is named here is checked by test guests.
OUT_OF_REACH = {
    "UHY-BOOT": "happens before the first call",
    "UHY-VER": "happens before the first call",
    "UHY-V1": "the script guest speaks interface 2 and 3",
    "UHY-CONC": "needs vCPUs that wait for each other",
    "UHY-CALL-0": "about the instruction; the script guest makes calls in one way only",
    "UHY-CALL-00": "about the instruction; the script guest makes calls in one way only",
    "UHY-CALL-02": "registers are not looked at",
    "UHY-CALL-04": "about reads, which only SerialReadByte has here",
    "UHY-BLOCK-0": "every call depends on its layout; the layouts themselves are checked by guests",
}


def named() -> frozenset[str]:
    """Every requirement that stands in the model."""
    model = Path(__file__).parent / "model"
    return frozenset(i for path in model.glob("*.py") for i in _ID.findall(path.read_text()))


def unknown(spec: Specification) -> list[str]:
    """What the model names and the chapters do not have."""
    return sorted(named() - set(spec.requirements))


def sentences(ids: tuple[str, ...], spec: Specification | None) -> list[str]:
    """The sentences behind ids, those that are in the chapters."""
    if spec is None:
        return list(ids)
    return [f"{i}: {spec.requirements[i].sentence}" for i in ids if i in spec.requirements]
