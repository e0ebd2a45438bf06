# SPDX-License-Identifier: MIT OR Apache-2.0
"""The summary at the end of a session."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from .differences import named
from .paths import shown
from .results import answer, remarks
from .text import printable
from .verdicts import Verdict

_COLOURS = {
    "PASS": "green",
    "FLAKY": "red",
    "FAIL": "red",
    "CRASH": "red",
    "TIMEOUT": "red",
    "ERROR": "red",
}
LINE = 150


def print_summary(
    results: Mapping[str, Any], directory: Path, terminal: pytest.TerminalReporter
) -> None:
    """Counts, what is not PASS with a line each, the answer, and where the report is."""
    hypervisor, machine = results["hypervisor"], results["machine"]
    terminal.write_sep("=", f"{hypervisor['name']} ({hypervisor['version']}), {results['arch']}")
    ours = [r for r in results["requirements"] if r["binds"] == "hypervisor"]
    for cause in results["causes"]:
        _cause(terminal, results, cause)
    quiet: dict[tuple[str, str], list[str]] = {}  # verdict and reason -> ids
    for requirement in sorted(ours, key=lambda r: (list(Verdict).index(r["verdict"]), r["id"])):
        verdict, reason = requirement["verdict"], requirement["reason"]
        if verdict in ("SKIP", "NOT_TESTED"):
            quiet.setdefault((verdict, reason), []).append(requirement["id"])
        elif verdict != "PASS" and not requirement["fails"]:
            _row(terminal, requirement)
    if results["selected"]:  # what is the same at every selection is not repeated
        quiet = {}
    for (verdict, reason), ids in quiet.items():
        names = ids[0] if len(ids) == 1 else f"{len(ids)} ids, {ids[0]} to {ids[-1]}"
        _line(terminal, verdict, f"{names}: {reason}")
    if results["blocked_by"]:
        terminal.write_line(f"BLOCKED by one cause: {printable(results['blocked_by'])}", red=True)
    for capability in results["capabilities"]:
        if capability["finding"] in ("declared, but absent", "present, but not declared"):
            terminal.write_line(
                f"capability {capability['name']}: {capability['finding']}", yellow=True
            )
    for problem in results["problems"]:
        terminal.write_line(f"ERROR {printable(problem)}", red=True)
    counts = ", ".join(f"{n} {verdict}" for verdict, n in results["summary"].items() if n)
    terminal.write_line(f"\n{len(ours)} requirements on hypervisors: {counts}")
    terminal.write_line(
        f"machine: {machine['executor']}, {machine.get('accelerator', '?')}, "
        f"{machine.get('cpu', '?')}"
    )
    also = remarks(results)
    terminal.write_line(
        answer(results) + (f" ({also})" if also else ""),
        **{"green" if results["conforms"] else "red": True},
    )
    terminal.write_line(f"report: {shown(directory / 'index.html')}")


def _cause(
    terminal: pytest.TerminalReporter, results: Mapping[str, Any], cause: Mapping[str, Any]
) -> None:
    """A cause: what it is, what the hypervisor said last, what is not met, how to repeat it."""
    rows = {r["id"]: r for r in results["requirements"]}
    terminal.write(f"{cause['number']:>3}. {cause['severity']}: ", bold=True)
    terminal.write_line(_cut(cause["title"]))
    words = cause["last_words"].splitlines()
    if words and words[-1] not in cause["title"]:
        terminal.write_line(f"     {results['hypervisor']['name']}: {_cut(words[-1])}")
    by_verdict: dict[str, list[str]] = {}
    for id_ in cause["requirements"]:
        by_verdict.setdefault(rows[id_]["verdict"], []).append(id_ + _how_often(rows[id_]))
    for verdict, ids in by_verdict.items():
        terminal.write(f"     {verdict:<8} ", **{_COLOURS.get(verdict, "yellow"): True})
        terminal.write_line(_few(ids))
    if cause["consequences"]:
        terminal.write_line(f"     not judged because of it: {_few(cause['consequences'])}")
    if cause["run"]:
        terminal.write_line(f"     shortest guest: {printable(cause['run'])}")


def _how_often(row: Mapping[str, Any]) -> str:
    """Of a flaky requirement: in how many of its runs it was not met."""
    rounds = next((r for c in row["checks"] if (r := c["details"].get("rounds"))), None)
    if row["verdict"] != Verdict.FLAKY or not rounds:
        return ""
    runs = sum(rounds.values())
    return f" ({runs - rounds.get(Verdict.PASS, 0)} of {runs})"


def _few(ids: list[str], limit: int = 6) -> str:
    more = f" and {len(ids) - limit} more" if len(ids) > limit else ""
    return ", ".join(ids[:limit]) + more


def _cut(text: str) -> str:
    text = printable(text.replace("\n", " "))
    return text if len(text) <= LINE else text[: LINE - 1] + "…"


def _row(terminal: pytest.TerminalReporter, requirement: Mapping[str, Any]) -> None:
    """The failures: where, why, and for a wrong value what was expected."""
    verdict = requirement["verdict"]
    level = "" if requirement["fails"] else f" ({requirement['level']})"
    check = next((c for c in requirement["checks"] if c["verdict"] == verdict), None)
    text = f"{requirement['id']}{level} {check['guest'] + ': ' if check else ''}"
    text += requirement["reason"]
    if check and verdict == Verdict.FAIL and (check["expected"] or check["actual"]):
        between = " gives" if check["source"] == "console" else ":"
        text += f"{between} {named(check['actual'])}, not {named(check['expected'])}"
    _line(terminal, verdict, text)


def _line(terminal: pytest.TerminalReporter, verdict: str, text: str) -> None:
    terminal.write(f"{verdict:<10} ", **{_COLOURS.get(verdict, "yellow"): True})
    terminal.write_line(_cut(text))
