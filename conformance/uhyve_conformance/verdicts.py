# SPDX-License-Identifier: MIT OR Apache-2.0
"""The verdicts, and how several make one."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Verdict(StrEnum):
    """The outcome of a check, a run or a requirement; the worst first."""

    FLAKY = "FLAKY"  # repeated runs disagree
    CRASH = "CRASH"  # the hypervisor died: signal, abort, panic
    TIMEOUT = "TIMEOUT"
    FAIL = "FAIL"
    ERROR = "ERROR"  # the suite or its set-up is at fault
    BLOCKED = "BLOCKED"  # did not run because of something else, which is named
    NOT_TESTED = "NOT_TESTED"  # no check ran
    SKIP = "SKIP"  # needs a capability that is absent
    PASS = "PASS"


_ORDER = {verdict: rank for rank, verdict in enumerate(Verdict)}

# Verdicts with which a requirement that has to be met is not met.
RED = frozenset(
    {
        Verdict.FLAKY,
        Verdict.CRASH,
        Verdict.TIMEOUT,
        Verdict.FAIL,
        Verdict.ERROR,
        Verdict.BLOCKED,
    }
)
# Verdicts that show a fault of the hypervisor itself.
FAULTS = frozenset({Verdict.CRASH, Verdict.TIMEOUT, Verdict.FAIL})


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The one that counts; a PASS never hides another. Of nothing: NOT_TESTED."""
    return min(verdicts, key=_ORDER.__getitem__, default=Verdict.NOT_TESTED)


def fails(verdict: Verdict, hard: bool) -> bool:
    """True if a hypervisor with this verdict on a MUST is not fine. On a recommendation only
    what is the suite's own fault is held against a session."""
    return verdict in RED and (hard or verdict is Verdict.ERROR)
