# SPDX-License-Identifier: MIT OR Apache-2.0
"""What the gate found, for a terminal, a program, or a pull request."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping
from typing import Any

from .gate import SLOWER, Gate

LINE = 100
FORMATS = ("text", "json", "markdown")
_TITLES = {
    "regressions": "broken",
    "untested": "no longer tested",
    "gone": "no longer in the specification",
    "fixed": "fixed",
    "changed": "the sentence is another one",
    "added": "new in the specification",
    "flaky": "not the same each time",
    "still": "fail as before",
}
# These are told one by one only where something is not fine.
_QUIET = ("added", "changed")


def write(gate: Gate, form: str) -> str:
    """As text of this form, with its last line's end."""
    if form == "json":
        return json.dumps(_tree(gate), indent=1, ensure_ascii=False) + "\n"
    return _markdown(gate) if form == "markdown" else _text(gate)


def headline(gate: Gate) -> str:
    """The one sentence."""
    what = f"{gate.new} after {gate.old}" if gate.old else gate.new
    if not gate.closed:
        return f"open: {what}"
    parts = [
        f"{len(rows)} {_TITLES[name]}" for name, rows in _lists(gate) if rows and name in _SHUT
    ]
    parts += [f"{len(gate.faults)} problems"] * bool(gate.faults)
    return f"SHUT: {what}: {', '.join(parts)}"


_SHUT = ("regressions", "untested", "gone")


def _lists(gate: Gate) -> list[tuple[str, list[Mapping[str, Any]]]]:
    return [(name, getattr(gate, name)) for name in _TITLES]


def _said(name: str, rows: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [row for row in rows if name not in _QUIET or row["fails"]]


def _change(row: Mapping[str, Any]) -> str:
    return f"{row['was']} -> {row['verdict']}" if row["was"] else str(row["verdict"])


def _reason(row: Mapping[str, Any]) -> str:
    return row["reason"].splitlines()[0] if row["reason"] else ""


def _text(gate: Gate) -> str:
    lines = [headline(gate)]
    if not gate.old:
        lines.append("without an earlier run: every failure counts")
    for fault in gate.faults:
        lines.append(f"    {fault}")
    for name, rows in _lists(gate):
        if rows:
            lines.append(f"{_TITLES[name]} ({len(rows)}):")
        if name == "still":
            lines += _folded(rows)
            continue
        for row in _said(name, rows):
            reason = f" ({_reason(row)})" if _reason(row) else ""
            lines.append(f"    {row['id']}: {_change(row)}{reason}")
    for row, waiver in gate.waived:
        lines.append(
            f"waived until {waiver.until} by {waiver.owner}: {row['id']}: {_change(row)}: "
            f"{waiver.reason} ({waiver.link})"
        )
    if gate.slower and gate.slower >= SLOWER:
        lines.append(f"slower: the same runs take {gate.slower} times as long")
    return "\n".join(lines) + "\n"


def _folded(rows: list[Mapping[str, Any]]) -> list[str]:
    """What is no news takes no line each."""
    ids: dict[str, list[str]] = {}
    for row in rows:
        change = str(row["verdict"]) if row["was"] == row["verdict"] else _change(row)
        ids.setdefault(change, []).append(row["id"])
    return [
        line
        for change, some in ids.items()
        for line in textwrap.wrap(
            f"{change}: {', '.join(some)}",
            LINE,
            initial_indent="    ",
            subsequent_indent="        ",
            break_on_hyphens=False,
        )
    ]


def _markdown(gate: Gate) -> str:
    lines = [f"### Uhyve conformance: {_escaped(headline(gate))}", ""]
    lines += [f"- {_escaped(fault)}" for fault in gate.faults] + [""] * bool(gate.faults)
    for name, rows in _lists(gate):
        if not rows:
            continue
        mark = " open" if name in _SHUT else ""
        lines += [f"<details{mark}><summary>{_TITLES[name]}: {len(rows)}</summary>", ""]
        if said := _said(name, rows):
            lines += ["| requirement | verdict | sentence | reason |", "|---|---|---|---|"]
            lines += [
                f"| {row['id']} | {_change(row)} | {_escaped(row['sentence'])} | {_escaped(_reason(row))} |"
                for row in said
            ]
        lines += ["", "</details>", ""]
    for row, waiver in gate.waived:
        lines.append(
            f"- waived until {waiver.until} by {_escaped(waiver.owner)}: {row['id']} "
            f"({row['verdict']}): {_escaped(waiver.reason)} ({_escaped(waiver.link)})"
        )
    if gate.slower and gate.slower >= SLOWER:
        lines.append(f"\nThe same runs take {gate.slower} times as long.")
    return "\n".join(lines).rstrip() + "\n"


def _escaped(text: str) -> str:
    """What a hypervisor printed makes no Markdown of its own, and mentions no one."""
    for letter, safe in (("&", "&amp;"), ("<", "&lt;"), ("|", "\\|"), ("`", "\\`"), ("@", "&#64;")):
        text = text.replace(letter, safe)
    for letter in "*_[]":
        text = text.replace(letter, f"\\{letter}")
    return " ".join(text.split())


def _tree(gate: Gate) -> dict[str, Any]:
    keys = ("id", "was", "verdict", "fails", "level", "sentence", "reason")
    return {
        "schema": "uhyve-conformance-gate/1",
        "closed": gate.closed,
        "old": gate.old,
        "new": gate.new,
        "faults": gate.faults,
        **{name: [{key: row[key] for key in keys} for row in rows] for name, rows in _lists(gate)},
        "waived": [
            {"id": row["id"], "verdict": row["verdict"], "owner": w.owner, "until": str(w.until),
             "reason": w.reason, "link": w.link}
            for row, w in gate.waived
        ],
        "slower": gate.slower,
    }  # fmt: skip
