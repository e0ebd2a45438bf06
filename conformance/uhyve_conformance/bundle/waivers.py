# SPDX-License-Identifier: MIT OR Apache-2.0
"""Waivers: what a gate lets pass, for a while and with somebody who answers for it.

[[waiver]]
requirement = "UHY-OPEN-008"
verdict = "FAIL"                 # optional: another one is not let pass
guests = ["open-excl"]           # optional: the failure of another guest is not let pass
reason = "O_EXCL is masked"
link = "https://example.org/1"
owner = "jane@example.org"
until = 2027-01-31               # the last day on which it counts
"""

from __future__ import annotations

import datetime
import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..paths import shown
from ..verdicts import RED

_TEXTS = ("requirement", "reason", "link", "owner")
_KEYS = (*_TEXTS, "until", "verdict", "guests")
_FIRST_TERM = datetime.timedelta(days=90)


@dataclass(frozen=True)
class Waiver:
    """One of them."""

    requirement: str
    reason: str
    link: str
    owner: str
    until: datetime.date
    verdict: str | None = None
    guests: tuple[str, ...] | None = None

    def other(self, row: Mapping[str, Any]) -> str:
        """What is not as it says; empty when it covers the requirement."""
        if self.verdict not in (None, row["verdict"]):
            return f"it is for {self.verdict}, now it is {row['verdict']}"
        if self.guests is None:
            return ""
        strange = [
            name for name in failing(row) if not {name, name.partition("[")[0]} & {*self.guests}
        ]
        return f"{strange[0]} fails too" if strange else ""


def failing(row: Mapping[str, Any]) -> list[str]:
    """The guests that find a requirement unmet."""
    return sorted({check["guest"] for check in row["checks"] if check["verdict"] in RED})


def read_waivers(path: Path) -> list[Waiver]:
    """UsageError names entry and key."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise UsageError(f"{shown(path)}: {problem.strerror}") from None
    except ValueError as problem:
        raise UsageError(f"{shown(path)}: not TOML: {problem}") from None
    entries = table.get("waiver", [])
    if set(table) - {"waiver"} or not isinstance(entries, list):
        raise UsageError(f"{shown(path)}: it holds [[waiver]] and nothing else")
    found: dict[str, Waiver] = {}
    for number, entry in enumerate(entries, 1):
        waiver = _waiver(entry, f"{shown(path)}: waiver {number}")
        if found.setdefault(waiver.requirement, waiver) is not waiver:
            raise UsageError(f"{shown(path)}: {waiver.requirement} is there twice")
    return list(found.values())


def _waiver(entry: object, where: str) -> Waiver:
    if not isinstance(entry, dict) or set(entry) - set(_KEYS):
        raise UsageError(f"{where}: keys are {', '.join(_KEYS)}")
    for key in _TEXTS:
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            raise UsageError(f"{where}: '{key}' is missing or empty")
    if type(entry.get("until")) is not datetime.date:
        raise UsageError(f"{where}: 'until' has to be a day, for example 2027-01-31")
    if not isinstance(entry.get("verdict", ""), str):
        raise UsageError(f"{where}: 'verdict' has to be a string")
    guests = entry.get("guests")
    if guests is None:
        return Waiver(**entry)
    if not isinstance(guests, list) or not guests or not all(isinstance(g, str) for g in guests):
        raise UsageError(f"{where}: 'guests' has to be a list of names")
    return Waiver(**entry | {"guests": tuple(guests)})


def write_waivers(path: Path, rows: Iterable[Mapping[str, Any]], today: datetime.date) -> None:
    """A first file. Its owners are empty, so that it does not count before somebody looked."""
    lines = ["# What the gate lets pass. Fill in each owner and link, and look at each reason."]
    for row in rows:
        values = {
            "requirement": row["id"],
            "verdict": row["verdict"],
            "guests": failing(row),
            "reason": (row["reason"].splitlines() or ["no reason was reported"])[0],
            "link": row.get("upstream") or "",
            "owner": "",
        }
        lines.append("\n[[waiver]]")
        lines += [
            f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in values.items() if v != []
        ]
        lines.append(f"until = {today + _FIRST_TERM}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
