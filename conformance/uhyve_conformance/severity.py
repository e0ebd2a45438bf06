# SPDX-License-Identifier: MIT OR Apache-2.0
"""How bad it is when a requirement is not met, in a word; the worst first."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """What is at stake. The head of a requirement may name one (`severity memory`)."""

    MEMORY = "memory"  # memory that is not the guest's is read or written, or the wrong part of it
    CONFINEMENT = "confinement"  # the guest gets at files of the host that it was not given
    DATA_LOSS = "data loss"  # files that it was given are lost or damaged
    AVAILABILITY = "availability"  # the hypervisor dies or hangs, or one guest stops another
    BEHAVIOUR = "behaviour"  # another answer than the one that is due
    RECOMMENDATION = "recommendation"


# Areas that are wholly about one thing; any other is about behaviour.
OF_AREA = {
    "BLOCK": Severity.MEMORY,
    "PTR": Severity.MEMORY,
    "CONC": Severity.AVAILABILITY,
    "EXIT": Severity.AVAILABILITY,
    "ROB": Severity.AVAILABILITY,
}


def severity_of(area: str, hard: bool, named: str | None) -> Severity:
    """The severity of a requirement, by its head or else its area."""
    if named:
        return Severity(named)
    if not hard:
        return Severity.RECOMMENDATION
    return OF_AREA.get(area, Severity.BEHAVIOUR)


def rank(severity: str) -> int:
    """0 is the worst."""
    return list(Severity).index(Severity(severity))
