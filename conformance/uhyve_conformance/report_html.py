# SPDX-License-Identifier: MIT OR Apache-2.0
"""The results as one self-contained page."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from .pages.environment import write_page
from .results import answer, remarks

# Provenances of which upstream may rightly say that it was never asked to.
DECIDED = ("proposed", "diverges")
# No text lets a hypervisor die or hang, so these are defects wherever a sentence is from.
DEATHS = ("CRASH", "TIMEOUT")

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
    """What the template shows, sorted into its sections."""
    runs = {run["name"]: run for run in results["guests"]}
    ours = [r for r in results["requirements"] if r["binds"] == "hypervisor"]
    return {
        "results": results,
        "answer": answer(results),
        "remarks": remarks(results),
        "runs": runs,
        "counts": {verdict: n for verdict, n in results["summary"].items() if n},
        "total": len(ours),
        "versions": [
            _version(ours, since) for since in sorted({r["since"] for r in ours}, reverse=True)
        ],
        "sections": [section for section in _sections(ours) if section[3]],
        "blocked": [r for r in ours if r["verdict"] == "BLOCKED"],
        "untested": [r for r in ours if r["verdict"] in ("NOT_TESTED", "SKIP")],
        "ours": ours,
        "guests_bound": [r for r in results["requirements"] if r["binds"] == "guest"],
        "shell": shlex.join,
    }


def _sections(ours: list[Mapping[str, Any]]) -> Iterator[Section]:
    """What deserves evidence, plain defects apart from decisions of this specification."""
    failed = [r for r in ours if r["fails"] and r["verdict"] != "BLOCKED"]
    alive = [r for r in failed if r["verdict"] not in DEATHS]
    yield (
        "deaths",
        "Not met: the hypervisor died or hung",
        "Whatever a guest does, a hypervisor answers it or ends it in an orderly way.",
        [r for r in failed if r["verdict"] in DEATHS],
    )
    yield (
        "defects",
        "Not met: defects",
        "What the interface's documents or the observed behaviour of upstream ask for.",
        [r for r in alive if r["provenance"] not in DECIDED],
    )
    yield (
        "decisions",
        "Not met: decisions of this specification",
        "Open or unsafe points that this specification decides (proposed), or decides otherwise "
        "than upstream (diverges).",
        [r for r in alive if r["provenance"] in DECIDED],
    )
    yield (
        "advice",
        "Recommendations not followed",
        "They do not keep it from conforming.",
        [r for r in ours if r["verdict"] == "FAIL" and not r["fails"]],
    )
    yield (
        "known",
        "Known failures",
        "Excused by the baseline.",
        [r for r in ours if r["verdict"] == "XFAIL"],
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
            elif verdict == "XFAIL":
                counts["known"] += 1
            elif requirement["fails"]:
                counts["unmet"] += 1
            elif verdict == "PASS":
                counts["must" if hard else "should"] += 1
            else:
                counts["advice"] += 1
    return {"since": since, "counts": counts}
