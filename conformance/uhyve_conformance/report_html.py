# SPDX-License-Identifier: MIT OR Apache-2.0
"""The results as one self-contained page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from .by_hand import commands
from .differences import field, named
from .pages.environment import write_page
from .report_issues import folder_of
from .results import answer, counted, remarks
from .times import slowest
from .verdicts import FAULTS

# Anchor, title, explanation, requirements.
Section = tuple[str, str, str, list[Mapping[str, Any]]]


def write_html(
    results: Mapping[str, Any],
    path: Path,
    explored: Mapping[str, Any] | None = None,
    home: str | None = None,
) -> None:
    """Fills in the template. `home` is the relative path of the site's first page."""
    write_page(path, "report.html.j2", **_view(results), explored=explored, home=home)


def _view(results: Mapping[str, Any]) -> dict[str, Any]:
    """The data that the template shows, sorted into its sections."""
    runs = {run["name"]: run for run in results["guests"]}
    ours = [r for r in results["requirements"] if r["binds"] == "hypervisor"]
    sections = [section for section in _sections(ours) if section[3]]
    untested = [r for r in ours if r["verdict"] in ("NOT_TESTED", "SKIP")]
    return {
        "results": results,
        "answer": answer(results),
        "remarks": remarks(results),
        "runs": runs,
        "slowest": slowest(results["guests"]),
        "counts": {verdict: n for verdict, n in results["summary"].items() if n},
        "total": len(ours),
        "versions": [
            _version(ours, since) for since in sorted({r["since"] for r in ours}, reverse=True)
        ],
        "sections": sections,
        "untested": untested,
        # Verdicts with a section of their own; the table of all has the rest.
        "shown": {r["id"] for _, _, _, rows in sections for r in rows}
        | {r["id"] for r in untested}
        | {
            id_
            for cause in results["causes"]
            for id_ in (*cause["requirements"], *cause["consequences"])
        },
        "ours": ours,
        "guests_bound": [r for r in results["requirements"] if r["binds"] == "guest"],
        "rows": {r["id"]: r for r in results["requirements"]},
        "commands": commands,
        "named": named,
        "field": field,
        "counted": counted,
        "folder_of": folder_of,
    }


def _sections(ours: list[Mapping[str, Any]]) -> Iterator[Section]:
    """Requirements to show with evidence, besides the causes."""
    yield (
        "advice",
        "Recommendations not followed",
        "They do not keep it from conforming.",
        [r for r in ours if r["verdict"] in FAULTS and not r["fails"]],
    )


def _version(requirements: Iterable[Mapping[str, Any]], since: int) -> dict[str, Any]:
    """The row of one interface version in the table on top."""
    counts: Counter[str] = Counter()
    for requirement in requirements:
        if requirement["since"] == since:
            hard = requirement["level"].startswith("MUST")
            verdict = requirement["verdict"]
            if verdict in ("SKIP", "NOT_TESTED"):
                counts["untested"] += 1
            elif requirement["fails"]:
                counts["unmet"] += 1
            elif verdict == "PASS":
                counts["must" if hard else "should"] += 1
            else:
                counts["advice"] += 1
    return {"since": since, "counts": counts}
