# SPDX-License-Identifier: MIT OR Apache-2.0
"""Which guest checks which requirement, and what the specification's own check finds."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .edition import edition_fault
from .lock import Drift, drift, read_lock
from .manifest import Guest, Run
from .spec import Specification


def claims(guests: Iterable[Guest]) -> dict[str, list[Run]]:
    """The runs that promise each id."""
    found: dict[str, list[Run]] = {}
    for guest in guests:
        for run in guest.runs:
            for id_ in run.requirements:
                found.setdefault(id_, []).append(run)
    return found


@dataclass(frozen=True)
class Finding:
    """Something that is not in order; `fatal` or only worth knowing."""

    text: str
    fatal: bool = True


def check_spec(
    spec: Specification, guests: list[Guest], arch: str, lock: Path, touched: Iterable[Path] = ()
) -> list[Finding]:
    """True if lock, guests and requirements fit together (the text itself is in order)."""
    findings = [Finding(f"{guest.path.name}: {guest.fault}") for guest in guests if guest.fault]
    # What is stricter than upstream, or than upstream ever said, is argued.
    findings += [
        Finding(f"{r.where}: {r.id} is {r.provenance} and needs a reason (> Why: …)")
        for r in spec.of("hypervisor")
        if r.hard and r.provenance in ("proposed", "diverges") and not r.why
    ]
    claimed = claims(guests)
    for id_, runs in claimed.items():
        names = ", ".join(sorted({run.guest for run in runs}))
        if id_ not in spec.requirements:
            findings.append(Finding(f"{names}: promises {id_}, which does not exist"))
        elif spec.requirements[id_].untested:
            findings.append(Finding(f"{names}: checks {id_}, which is marked 'untested'"))
    if guests:
        for requirement in spec.of("hypervisor"):
            here = requirement.arch in (None, arch)
            if here and not requirement.untested and requirement.id not in claimed:
                text = f"{requirement.where}: no guest checks {requirement.id}"
                findings.append(Finding(text))
    changes = drift(spec, read_lock(lock))
    if changes:
        findings.append(Finding(_stale(changes, claimed, touched)))
    if fault := edition_fault(spec, lock.parent):
        findings.append(Finding(fault))
    return findings


def _stale(changes: Drift, claimed: dict[str, list[Run]], sources: Iterable[Path]) -> str:
    """The lock is stale: what has to be looked at before it is rewritten."""
    lines = [f"the lock is stale ({changes}); look at what it touches, then `lock`"]
    texts = {path: path.read_text(errors="replace") for path in sources}
    for id_ in changes.changed + changes.withdrawn:
        users = sorted({run.guest for run in claimed.get(id_, [])})
        users += [str(p) for p, text in texts.items() if re.search(rf"\b{id_}\b", text)]
        lines.append(f"    {id_}: {', '.join(users) or 'nothing refers to it'}")
    return "\n".join(lines)
