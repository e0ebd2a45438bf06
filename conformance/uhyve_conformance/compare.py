# SPDX-License-Identifier: MIT OR Apache-2.0
"""Two results, and what lies between them: a gate for releases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

UNTESTED = ("NOT_TESTED", "SKIP")


@dataclass
class Difference:
    """Requirement ids with their old and new verdict."""

    broken: list[str] = field(default_factory=list)
    fixed: list[str] = field(default_factory=list)
    newly_untested: list[str] = field(default_factory=list)
    newly_tested: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)

    @property
    def worse(self) -> bool:
        """True if a gate should stay shut."""
        return bool(self.broken or self.newly_untested or self.gone)

    @property
    def same(self) -> bool:
        """True if there is no difference at all."""
        return not any(vars(self).values())


def compare(
    old: Mapping[str, Any], new: Mapping[str, Any], ignore_arch: bool = False
) -> Difference:
    """By requirement. With ignore_arch, those that are for one architecture are left out."""
    before = {r["id"]: r for r in old["requirements"] if not (ignore_arch and r["arch"])}
    after = {r["id"]: r for r in new["requirements"] if not (ignore_arch and r["arch"])}
    difference = Difference(
        gone=[f"{id_}: was {r['verdict']}" for id_, r in before.items() if id_ not in after],
    )
    for id_, now in after.items():
        was = before.get(id_)
        text = f"{id_}: {was['verdict'] if was else 'new'} -> {now['verdict']}"
        if now["reason"] and now["verdict"] != "PASS":
            text += f" ({now['reason'].splitlines()[0]})"
        if was is None:
            (difference.broken if now["fails"] else difference.new).append(text)
        elif now["verdict"] == was["verdict"]:
            continue
        elif now["verdict"] in UNTESTED and was["verdict"] not in UNTESTED:
            difference.newly_untested.append(text)
        elif now["fails"] and not was["fails"]:
            difference.broken.append(text)
        elif was["fails"] and now["verdict"] == "PASS":
            difference.fixed.append(text)
        elif was["verdict"] in UNTESTED:
            difference.newly_tested.append(text)
        else:
            difference.other.append(text)
    return difference


def describe(difference: Difference) -> str:
    """A heading and a line each; one sentence when there is nothing."""
    if difference.same:
        return "no requirement has another verdict"
    titles = {
        "broken": "new failures",
        "newly_untested": "no longer tested",
        "gone": "no longer in the specification",
        "fixed": "fixed",
        "newly_tested": "newly tested",
        "new": "new in the specification",
        "other": "other changes",
    }
    lines = []
    for name, title in titles.items():
        if rows := getattr(difference, name):
            lines.append(f"{title} ({len(rows)}):")
            lines += [f"    {row}" for row in rows]
    return "\n".join(lines)
