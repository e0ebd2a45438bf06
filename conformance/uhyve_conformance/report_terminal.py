# SPDX-License-Identifier: MIT OR Apache-2.0
"""The summary at the end of a session."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from .paths import shown
from .results import answer, remarks
from .verdicts import Verdict

_COLOURS = {
    "PASS": "green",
    "FAIL": "red",
    "CRASH": "red",
    "TIMEOUT": "red",
    "ERROR": "red",
    "XPASS": "red",
}
LINE = 150


def print_summary(
    results: Mapping[str, Any], directory: Path, terminal: pytest.TerminalReporter
) -> None:
    """Counts, what is not PASS with a line each, the answer, and where the report is."""
    hypervisor, machine = results["hypervisor"], results["machine"]
    terminal.write_sep("=", f"{hypervisor['name']} ({hypervisor['version']}), {results['arch']}")
    ours = [r for r in results["requirements"] if r["binds"] == "hypervisor"]
    for requirement in sorted(ours, key=lambda r: (list(Verdict).index(r["verdict"]), r["id"])):
        if requirement["verdict"] != "PASS" and requirement["reason"] != "not selected":
            _row(terminal, requirement, results["blocked_by"])
    if results["blocked_by"]:
        terminal.write_line(f"BLOCKED by one cause: {results['blocked_by']}", red=True)
    for capability in results["capabilities"]:
        if capability["finding"] in ("declared, but absent", "present, but not declared"):
            terminal.write_line(
                f"capability {capability['name']}: {capability['finding']}", yellow=True
            )
    for problem in results["problems"]:
        terminal.write_line(f"ERROR {problem}", red=True)
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


def _row(
    terminal: pytest.TerminalReporter, requirement: Mapping[str, Any], cause: str | None
) -> None:
    verdict = requirement["verdict"]
    if verdict == "BLOCKED" and cause and requirement["reason"] == cause:
        return
    level = (
        ""
        if requirement["fails"] or verdict in ("SKIP", "NOT_TESTED")
        else f" ({requirement['level']})"
    )
    guest = next((c["guest"] for c in requirement["checks"] if c["verdict"] == verdict), "")
    text = f"{requirement['id']}{level} {guest and guest + ': '}{requirement['reason']}"
    check = next((c for c in requirement["checks"] if c["verdict"] == verdict), None)
    if check and check["source"] != "suite" and (check["expected"] or check["actual"]):
        text += f" gave {check['actual']}, expected {check['expected']}"
    text = text.replace("\n", " ")
    colour = _COLOURS.get(verdict, "yellow")
    terminal.write(f"{verdict:<10} ", **{colour: True})
    terminal.write_line(text if len(text) <= LINE else text[: LINE - 1] + "…")
