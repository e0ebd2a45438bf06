# SPDX-License-Identifier: MIT OR Apache-2.0
"""What is left on disk: a folder for each difference, and the reports of the whole run."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence
from html import escape
from pathlib import Path
from xml.etree import ElementTree

from ..executor import Job
from ..spec import Specification
from . import requirements
from .campaign import Campaign
from .findings import Finding
from .subject import IMAGE


def slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower()[:80]


def write_finding(place: Path, finding: Finding, job: Job, campaign: Campaign, version: str,
                  spec: Specification | None) -> None:
    """Everything that somebody needs who never saw this program."""
    place.mkdir(parents=True, exist_ok=True)
    (place / "sequence.txt").write_text(finding.text + "\n", encoding="utf-8")
    _write_host_files(place, job)
    repeat = _repeat(job)
    (place / "repeat.sh").write_text(repeat, encoding="utf-8")
    (place / "repeat.sh").chmod(0o755)
    ids = finding.ids
    (place / "issue.md").write_text(_issue(finding, campaign, version, ids, spec, job), encoding="utf-8")


def _write_host_files(place: Path, job: Job) -> None:
    for path, node in job.files.items():
        target = place / (IMAGE if path == IMAGE else f"host/{path}")
        target.parent.mkdir(parents=True, exist_ok=True)
        if node.kind == "dir":
            target.mkdir(exist_ok=True)
        elif node.kind == "symlink":
            if not target.is_symlink():
                target.symlink_to(node.target or "")
        else:
            target.write_bytes(node.content or b"")


def command_line(job: Job) -> str:
    return shlex.join(job.argv)


def _repeat(job: Job) -> str:
    return f"""#!/bin/sh
# Runs the sequence once, in a fresh copy of the host files. The guest shows raw memory.
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d) && cp -R "$here/host/." "$work" && cp "$here/{IMAGE}" "$work" && cd "$work" || exit 3
umask {job.umask:04o}
{command_line(job)} </dev/null | od -A d -t x1z
echo "host files: $work"
"""


def _numbered_steps(finding: Finding) -> list[str]:
    marks = ["  <- this one" if index == finding.blamed else "" for index in range(len(finding.sequence))]
    return [f"{number}. {step}{mark}" for number, (step, mark) in enumerate(zip(finding.sequence, marks), 1)]


def _issue(finding: Finding, campaign: Campaign, version: str, ids: Sequence[str], spec: Specification | None,
           job: Job) -> str:
    title = finding.name.replace(" -> ", ": ")
    says = "\n".join(f"> {line}" for line in requirements.sentences(tuple(ids), spec)) or "> (none named)"
    steps = "\n".join(_numbered_steps(finding))
    shown = finding.difference
    where = "after the sequence" if shown.index >= len(finding.sequence) else f"in step {shown.index + 1}"
    return f"""# {title}

{campaign.subject.name} ({version}) does something else than the specification of the Uhyve interface allows.

## Calls

{steps}

/m is a directory that is mapped, with the files of `host/`; /s is a file that is mapped by itself; nothing is
mapped at /p. `last` is the descriptor that the last FileOpen returned.

## Difference ({where})

expected: {shown.expected}
actual: {shown.actual}

## What the specification says

{says}

## To repeat it

    {command_line(job)}

`repeat.sh` runs it in a fresh copy of the host files; `guest.elf` holds the sequence. With the conformance suite:

    python -m uhyve_conformance explore --hypervisor {campaign.subject.name} --replay {shlex.quote(finding.text)}
"""


# ---- The whole run ---------------------------------------------------------------


def write_reports(directory: Path, campaign: Campaign, folders: dict[str, str], version: str) -> None:
    """results.json, junit.xml and section.html."""
    (directory / "results.json").write_text(json.dumps(summary(campaign, folders, version), indent=1) + "\n")
    _junit(campaign, folders).write(directory / "junit.xml", encoding="utf-8", xml_declaration=True)
    (directory / "section.html").write_text(section(campaign, folders, version), encoding="utf-8")


def summary(campaign: Campaign, folders: dict[str, str], version: str) -> dict[str, object]:
    named = requirements.named()
    reached = sorted(named & set(campaign.coverage.reached))
    return {
        "hypervisor": campaign.subject.name,
        "version": version,
        "seed": campaign.seed,
        "seconds": round(campaign.elapsed, 1),
        "sequences": campaign.sequences,
        "steps": campaign.steps,
        "requirements": {"named": len(named), "reached": reached, "not_reached": sorted(named - set(reached))},
        "unmet": dict(sorted(campaign.coverage.unmet.items())),
        "suppressed": campaign.screen.suppressed,
        "findings": [
            {
                "name": finding.name,
                "folder": folders[finding.name],
                "sequence": finding.text,
                "steps": len(finding.sequence),
                "requirements": list(finding.ids),
                "expected": finding.difference.expected,
                "actual": finding.difference.actual,
                "seconds": round(finding.seconds, 2),
            }
            for finding in campaign.findings.values()
        ],
    }


def _junit(campaign: Campaign, folders: dict[str, str]) -> ElementTree.ElementTree:
    findings = campaign.findings
    suite = ElementTree.Element("testsuite", name=f"explore {campaign.subject.name}", tests=str(len(findings) + 1),
                                failures=str(len(findings)), time=f"{campaign.elapsed:.1f}")
    text = f"{campaign.sequences} sequences, {campaign.steps} steps, seed {campaign.seed}"
    ElementTree.SubElement(suite, "testcase", classname="explore", name=text, time=f"{campaign.elapsed:.1f}")
    for finding in findings.values():
        case = ElementTree.SubElement(suite, "testcase", classname="explore", name=finding.name)
        shown = finding.difference
        failure = ElementTree.SubElement(case, "failure", message=f"expected {shown.expected}; actual {shown.actual}")
        failure.text = f"{finding.text}\nrequirements: {', '.join(finding.ids)}\nfolder: {folders[finding.name]}\n"
    return ElementTree.ElementTree(suite)


def section(campaign: Campaign, folders: dict[str, str], version: str) -> str:
    """A piece of HTML for the suite's report; it stands for itself, too."""
    rows = "".join(
        f"<tr><td><a href='{escape(folders[f.name])}/issue.md'>{escape(f.name)}</a></td>"
        f"<td><code>{escape(f.text)}</code></td><td>{escape(f.difference.expected)}</td>"
        f"<td>{escape(f.difference.actual)}</td><td>{escape(', '.join(f.ids))}</td></tr>\n"
        for f in campaign.findings.values()
    )
    head = "<tr><th>difference</th><th>calls</th><th>expected</th><th>actual</th><th>requirements</th></tr>"
    table = f"<table>{head}\n{rows}</table>" if rows else "<p>No difference.</p>"
    return (
        f"<section id='explore'><h2>Random sequences</h2><p>{escape(campaign.subject.name)} {escape(version)}, "
        f"seed {campaign.seed}: {campaign.sequences:,} sequences, {campaign.steps:,} steps in "
        f"{campaign.elapsed:.0f} s, {len(campaign.findings)} differences.</p>{table}</section>\n"
    )


