# SPDX-License-Identifier: MIT OR Apache-2.0
"""A judgement for people (text, one page) and for programs (JSON, JUnit)."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from ..pages.environment import write_page
from ..paths import shown
from .verdict import Finding, Judgement, Row, Verdict

# The classes of the pages' style sheet.
_COLOURS = {
    Verdict.BROKEN: "bad",
    Verdict.OBEYED: "good",
    Verdict.SILENT: "BLOCKED",
    Verdict.UNDECIDED: "SKIP",
}
_ENDS = {
    "signal": "it was stopped at the time limit",
    "asleep": "no vCPU could continue",
    "fault": "the VMM had to end it",
    "crash": "it crashed",
    "refused": "the image is refused",
}
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def answer(judgement: Judgement) -> str:
    """The headline."""
    name, broken = shown(judgement.image), len(judgement.broken)
    warnings = len(judgement.warnings)
    also = f", {warnings} warning{'s' if warnings != 1 else ''}" if warnings else ""
    if judgement.unusable:
        also += "; the image is refused"
    elif not judgement.ended_by_exit:
        also += f"; {_ENDS[judgement.ended]}"
    if not broken:
        return f"{name} breaks no requirement that was exercised{also}"
    return f"{name} breaks {broken} requirement{'s' if broken != 1 else ''}{also}"


def ending(judgement: Judgement) -> list[str]:
    """The VMM's last words about a guest that did not end by Exit."""
    return [] if judgement.ended_by_exit else judgement.messages.strip().splitlines()[-6:]


def stops(judgement: Judgement) -> list[str]:
    """Where every vCPU was when the guest was stopped."""
    return [
        f"vCPU {stop.vcpu} was at {stop.place}{', ' if stop.source else ''}{stop.source}: "
        f"{stop.what}"
        for stop in judgement.stops
    ]


def where(finding: Finding) -> str:
    """The place of a finding in one line."""
    if finding.pc is None:
        return "in the image" if finding.under == "image" else "in its behaviour"
    place = f"vCPU {finding.vcpu}, {finding.place}"
    if finding.function and finding.function not in finding.place:
        place += f", {finding.function}"
    return place + (f", {finding.source}" if finding.source else "")


def counts(judgement: Judgement) -> str:
    """The number of requirements for each verdict."""
    number = Counter(row.verdict for row in judgement.rows)
    return (
        f"{len(judgement.rows)} requirements on guests: {number[Verdict.OBEYED]} obeyed, "
        f"{number[Verdict.BROKEN]} broken, {number[Verdict.SILENT]} not exercised, "
        f"{number[Verdict.UNDECIDED]} cannot be decided"
    )


# ---- Text ------------------------------------------------------------------------------------------


def text(judgement: Judgement, everything: bool) -> Iterator[str]:
    """Line by line."""
    for row in judgement.broken:
        yield f"BROKEN   {row.requirement.id}: {row.requirement.sentence}"
        for finding in row.findings:
            yield from _finding(finding)
    for finding in judgement.warnings:
        yield f"WARNING  {finding.rule}"
        yield from _finding(finding)
    if not judgement.ended_by_exit:
        yield f"It did not end by Exit: {_ENDS[judgement.ended]}"
        yield from ("    " + line for line in stops(judgement) or ending(judgement))
    for verdict in (Verdict.OBEYED, Verdict.SILENT, Verdict.UNDECIDED):
        rows = [row for row in judgement.rows if row.verdict is verdict]
        if rows and everything:
            yield verdict.replace("_", " ").lower()
            yield from (_line(row) for row in rows)
    yield counts(judgement)
    if judgement.runs:
        yield f"runs: {', '.join(judgement.runs)}"
    yield answer(judgement)


def _finding(finding: Finding) -> Iterator[str]:
    yield f"    what   {finding.what}"
    if finding.call:
        yield f"    call   {finding.call}"
    yield f"    where  {where(finding)}"
    if finding.under not in ("", "image"):
        yield f"    under  the freedom {finding.under}"
    if finding.count > 1:
        yield f"    count  {finding.count}"
    yield f"    mend   {finding.mend}"


def _line(row: Row) -> str:
    if row.verdict is Verdict.OBEYED:
        return f"    {row.requirement.id}  {row.count} times"
    reason = f": {row.reason}" if row.reason else ""
    return f"    {row.requirement.id}{reason}"


# ---- JSON and JUnit ------------------------------------------------------------------------------------


def tree(judgement: Judgement, unmet: list[str]) -> dict[str, Any]:
    """All of it, for programs."""
    return {
        "format": 1,
        "image": shown(judgement.image),
        "arch": judgement.arch,
        "runs": judgement.runs,
        "ended": judgement.ended,
        "stopped": [asdict(stop) for stop in judgement.stops],
        "broken": len(judgement.broken),
        "required_and_not_exercised": unmet,
        "requirements": [
            {
                "id": row.requirement.id,
                "level": row.requirement.level,
                "sentence": row.requirement.sentence,
                "decided_by": row.rule.how.lower(),
                "verdict": row.verdict,
                "obeyed": row.count,
                "reason": row.reason,
                "findings": [asdict(finding) for finding in row.findings],
            }
            for row in judgement.rows
        ],
        "warnings": [asdict(finding) for finding in judgement.warnings],
    }


def junit(judgement: Judgement, unmet: list[str]) -> ElementTree.Element:
    """A case for each requirement; broken ones fail, those without a verdict are skipped."""
    root = ElementTree.Element("testsuites", name=shown(judgement.image))
    suite = ElementTree.SubElement(root, "testsuite", name="requirements on guests")
    for row in judgement.rows:
        id_ = row.requirement.id
        case = ElementTree.SubElement(suite, "testcase", classname=id_.rsplit("-", 1)[0], name=id_)
        if row.verdict is Verdict.BROKEN or id_ in unmet:
            what = row.findings[0].what if row.findings else "required, and not exercised"
            failure = ElementTree.SubElement(
                case, "failure", type=row.verdict, message=_clean(what)
            )
            lines = [line for finding in row.findings for line in _finding(finding)]
            failure.text = _clean("\n".join([row.requirement.sentence, *lines]))
        elif row.verdict is not Verdict.OBEYED:
            message = _clean(row.reason or "not exercised")
            ElementTree.SubElement(case, "skipped", type=row.verdict, message=message)
    for tag, attribute in (("testcase", "tests"), ("failure", "failures"), ("skipped", "skipped")):
        for element in (root, suite):
            element.set(attribute, str(sum(1 for _ in suite.iter(tag))))
    output = ElementTree.SubElement(suite, "system-out")
    output.text = _clean("\n".join(text(judgement, everything=False)))
    ElementTree.indent(root)
    return root


def _clean(words: str) -> str:
    return _FORBIDDEN.sub("\ufffd", words)


# ---- Files ------------------------------------------------------------------------------------------------


def write(judgement: Judgement, directory: Path, unmet: list[str]) -> Path:
    """guest.json, guest.xml and index.html; the page's path."""
    directory.mkdir(parents=True, exist_ok=True)
    data = json.dumps(tree(judgement, unmet), indent=1, default=str)
    (directory / "guest.json").write_text(data + "\n", encoding="utf-8")
    ElementTree.ElementTree(junit(judgement, unmet)).write(
        directory / "guest.xml", encoding="utf-8", xml_declaration=True
    )
    path = directory / "index.html"
    write_page(
        path,
        "guest.html.j2",
        judgement=judgement,
        good=not judgement.bad and not unmet,
        answer=answer(judgement),
        counts=counts(judgement),
        ending=stops(judgement) or ending(judgement),
        unmet=unmet,
        where=where,
        colours=_COLOURS,
    )
    return path
