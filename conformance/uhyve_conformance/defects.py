# SPDX-License-Identifier: MIT OR Apache-2.0
"""Known defects of a hypervisor against what the suite says of it.

    hypervisor = "uhyve"
    version = "0.10.0"

    [[defect]]
    id = "E14"
    what = "a triple fault is taken for success"
    requirement = "UHY-EXIT-030"  # what reports it
    consequences = ["UHY-EXIT-033"]  # what cannot be met because of it

    [[defect]]
    id = "E36"
    what = "FileWrite loops when the host writes nothing"
    hidden = "no file of the host does that"

Both directions are faults: a defect that nothing reports, and a verdict that no defect
explains. Each requirement belongs to one defect, its cause; `hidden` says why one does not
show.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import UsageError
from .paths import shown
from .verdicts import RED, Verdict

_KEYS = {"id", "what", "requirement", "consequences", "hidden"}


@dataclass(frozen=True)
class Defect:
    """One defect: the requirement that reports it and those that suffer, or why none does."""

    id: str
    what: str
    requirement: str = ""
    consequences: tuple[str, ...] = ()
    hidden: str = ""

    @property
    def ids(self) -> tuple[str, ...]:
        """All requirements that are not met because of it."""
        return (*filter(None, (self.requirement,)), *self.consequences)


@dataclass(frozen=True)
class Defects:
    """Those of one release."""

    path: Path
    hypervisor: str
    version: str
    defects: tuple[Defect, ...]


def read_defects(path: Path) -> Defects:
    """UsageError names the file and the entry."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise UsageError(f"{shown(path)}: {problem}") from None
    if set(table) != {"hypervisor", "version", "defect"}:
        raise UsageError(f"{shown(path)}: the keys are hypervisor, version and [[defect]]")
    defects: dict[str, Defect] = {}
    owners: dict[str, str] = {}
    for entry in table["defect"]:
        name = entry.get("id", "?")
        unknown = set(entry) - _KEYS
        if unknown or not entry.get("what") or name in defects:
            what = f"unknown key {', '.join(unknown)}" if unknown else "'what' is missing, or twice"
            raise UsageError(f"{shown(path)}: {name}: {what}")
        if ("requirement" in entry) == ("hidden" in entry):
            raise UsageError(f"{shown(path)}: {name}: either 'requirement' or 'hidden'")
        entry["consequences"] = tuple(entry.get("consequences", ()))
        defects[name] = Defect(**entry)
        for id_ in defects[name].ids:
            if id_ in owners:
                raise UsageError(f"{shown(path)}: {id_} is of {owners[id_]} and of {name}")
            owners[id_] = name
    return Defects(path, table["hypervisor"], table["version"], tuple(defects.values()))


def table(known: Defects, results: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """The lines of a Markdown table, and what does not fit together."""
    rows = {r["id"]: r for r in results["requirements"] if r["binds"] == "hypervisor"}
    lines = ["| defect | what | requirement | verdict | consequences |", "|---|---|---|---|---|"]
    faults = []
    if known.version not in results["hypervisor"]["version"]:
        version = results["hypervisor"]["version"]
        faults.append(f"the defects are of {known.version}, the results of {version}")
    for defect in known.defects:
        verdicts = {i: rows[i]["verdict"] if i in rows else "does not exist" for i in defect.ids}
        cells = [defect.requirement or "none", defect.hidden or verdicts[defect.requirement]]
        cells.append(", ".join(defect.consequences))
        lines.append(f"| {defect.id} | {defect.what} | {' | '.join(cells)} |")
        faults += [
            f"{defect.id}: {id_} does not report it: {verdict}"
            for id_, verdict in verdicts.items()
            if verdict not in RED
        ]
    explained = {id_ for defect in known.defects for id_ in defect.ids}
    for id_, row in rows.items():
        red = row["verdict"] in RED and row["verdict"] != Verdict.BLOCKED
        if red and id_ not in explained:
            faults.append(f"{id_} is {row['verdict']}, and no defect explains it: {row['reason']}")
    return lines, faults
