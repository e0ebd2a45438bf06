# SPDX-License-Identifier: MIT OR Apache-2.0
"""What a failure says when its condition was not established.

A requirement may be about something that another one promises: "a call that reports EFAULT"
says nothing of a call that reports none. Its head names the other one (`given`). Where that
one has failed, a failure of the first is a consequence: BLOCKED, and by whom.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .judge import Check
from .runs import RunResult
from .spec import Specification
from .verdicts import FAULTS, Verdict


def with_conditions(spec: Specification, runs: Sequence[RunResult]) -> list[RunResult]:
    """The runs with such failures BLOCKED."""
    failed: dict[str, str] = {}  # id -> what it came out as, and where
    for run in runs:
        for check in run.checks:
            if check.verdict in FAULTS:
                failed.setdefault(check.id, f"{check.verdict} of {check.id} in {run.name}")
    return [
        replace(run, checks=[_judged(spec, failed, check) for check in run.checks]) for run in runs
    ]


def _judged(spec: Specification, failed: dict[str, str], check: Check) -> Check:
    requirement = spec.requirements.get(check.id)
    if check.verdict not in FAULTS or not requirement:
        return check
    causes = [failed[id_] for id_ in requirement.given if id_ in failed]
    if not causes:
        return check
    reason = f"its condition does not hold: {causes[0]} ({check.verdict}: {check.reason})"
    return replace(check, verdict=Verdict.BLOCKED, reason=reason)
