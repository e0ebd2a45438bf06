# SPDX-License-Identifier: MIT OR Apache-2.0
"""The gate of a release: what a run says, beside what came before and what is let pass.

Shut by: a requirement that fails and did not (without an earlier run: that fails), one that is
no longer tested or gone, a crash where there was another failure, a problem of the run itself,
and a waiver that is stale or past its last day. What a newer specification asks for and is not
met is told, and does not shut it: a hypervisor is no worse because the suite is better.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from ..verdicts import Verdict
from .waivers import Waiver

UNTESTED = (Verdict.NOT_TESTED, Verdict.SKIP)
# Starts are reported as slower from this factor on, by the median of the runs that both made.
SLOWER = 1.25

Row = Mapping[str, Any]


@dataclass
class Gate:
    """The findings; each list has rows of requirements, with `was`, their verdict before."""

    old: str | None
    new: str
    regressions: list[Row] = field(default_factory=list)
    untested: list[Row] = field(default_factory=list)
    gone: list[Row] = field(default_factory=list)
    fixed: list[Row] = field(default_factory=list)
    added: list[Row] = field(default_factory=list)
    changed: list[Row] = field(default_factory=list)  # their sentence is another one
    flaky: list[Row] = field(default_factory=list)
    still: list[Row] = field(default_factory=list)  # fail as before
    waived: list[tuple[Row, Waiver]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)  # of the run, and of waivers
    slower: float | None = None  # ratio of the medians

    @property
    def shut(self) -> list[Row]:
        """The requirements that shut it."""
        return [*self.regressions, *self.untested, *self.gone]

    @property
    def closed(self) -> bool:
        """True if anything does."""
        return bool(self.shut or self.faults)


def decide(
    new: Mapping[str, Any],
    old: Mapping[str, Any] | None,
    waivers: Sequence[Waiver],
    today: datetime.date,
) -> Gate:
    """By the results of two runs of the same architecture."""
    gate = Gate(_named(old) if old else None, _named(new))
    gate.faults += [f"the run itself: {problem}" for problem in new["problems"]]
    after = {r["id"]: r for r in new["requirements"] if r["binds"] == "hypervisor"}
    before = (
        {r["id"]: r for r in old["requirements"] if r["binds"] == "hypervisor"} if old else None
    )
    for id_, row in after.items():
        _place(gate, row, None if before is None else before.get(id_), before is None)
    if before is not None:
        gate.gone = [
            r | {"was": r["verdict"], "verdict": "GONE", "reason": ""}
            for id_, r in before.items()
            if id_ not in after
        ]
        gate.slower = _slower(old or {}, new)
    _waive(gate, after, waivers, today)
    return gate


def _named(results: Mapping[str, Any]) -> str:
    """Its name and version; many programs say their name with the version."""
    name, version = results["hypervisor"]["name"], results["hypervisor"]["version"]
    same = version.split(" ")[0] == name.partition("-")[0]
    return version if same else f"{name} {version}"


def _place(gate: Gate, row: Row, was: Row | None, alone: bool) -> None:
    """Puts a requirement where it belongs."""
    told = row | {"was": was["verdict"] if was else None}
    if row["verdict"] == Verdict.FLAKY:
        gate.flaky.append(told)
    if alone:
        if row["fails"]:
            gate.regressions.append(told)
        return
    if was is None:
        gate.added.append(told)
    elif was["sentence"] != row["sentence"] or was["level"] != row["level"]:
        gate.changed.append(told)
    elif (
        row["fails"]
        and not was["fails"]
        or row["fails"]
        and row["verdict"] == Verdict.CRASH != was["verdict"]
    ):
        gate.regressions.append(told)
    elif row["verdict"] in UNTESTED and was["verdict"] not in UNTESTED:
        gate.untested.append(told)
    elif was["fails"] and not row["fails"]:
        gate.fixed.append(told)
    elif row["fails"]:
        gate.still.append(told)


def _slower(old: Mapping[str, Any], new: Mapping[str, Any]) -> float | None:
    """The factor by which the runs that passed in both take longer."""
    before = {r["name"]: r["seconds"] for r in old["guests"] if r["verdict"] == Verdict.PASS}
    ratios = [
        run["seconds"] / before[run["name"]]
        for run in new["guests"]
        if run["verdict"] == Verdict.PASS and before.get(run["name"])
    ]
    return round(median(ratios), 2) if ratios else None


def _waive(
    gate: Gate, after: Mapping[str, Row], waivers: Sequence[Waiver], today: datetime.date
) -> None:
    rows = {row["id"]: row for row in gate.shut}
    for waiver in waivers:
        id_, row = waiver.requirement, rows.get(waiver.requirement) or after.get(waiver.requirement)
        if row is None:
            gate.faults.append(f"waiver: {id_} is not a requirement on hypervisors")
        elif not (id_ in rows or row["fails"] or row["verdict"] in UNTESTED):
            gate.faults.append(f"waiver: {id_} is stale: it is {row['verdict']}; take it out")
        elif other := waiver.other(row):
            gate.faults.append(f"waiver: {id_}: {other}")
        elif today > waiver.until:
            gate.faults.append(
                f"waiver: {id_} is past its last day, {waiver.until} ({waiver.owner})"
            )
        else:
            gate.waived.append((row, waiver))
    passed = {waiver.requirement for _, waiver in gate.waived}
    for name in ("regressions", "untested", "gone"):
        setattr(gate, name, [row for row in getattr(gate, name) if row["id"] not in passed])
