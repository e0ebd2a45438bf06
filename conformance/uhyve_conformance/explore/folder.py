# SPDX-License-Identifier: MIT OR Apache-2.0
"""The files of a campaign: a folder for each difference, and the reports of the whole run."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from ..executor import Job
from ..paths import shown
from ..report_junit import add_exploration
from ..spec import Specification
from . import requirements
from .campaign import Campaign
from .findings import Finding
from .subject import IMAGE


def slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower()[:80]


def write_finding(
    place: Path,
    finding: Finding,
    job: Job,
    campaign: Campaign,
    version: str,
    spec: Specification | None,
) -> None:
    """Everything that someone needs who never saw this program."""
    place.mkdir(parents=True, exist_ok=True)
    (place / "sequence.txt").write_text(finding.text + "\n", encoding="utf-8")
    _write_host_files(place, job)
    repeat = _repeat(job)
    (place / "repeat.sh").write_text(repeat, encoding="utf-8")
    (place / "repeat.sh").chmod(0o755)
    ids = finding.ids
    (place / "issue.md").write_text(
        _issue(finding, campaign, version, ids, spec, job), encoding="utf-8"
    )


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
    marks = [
        "  <- this one" if index == finding.blamed else "" for index in range(len(finding.sequence))
    ]
    if finding.group is not None:
        begin, *bodies = finding.text.split(" || ")
        first = [f"* first, on vCPU 0: {begin}"] if begin else []
        return first + [f"* on vCPU {cpu}, at the same time: {b}" for cpu, b in enumerate(bodies)]
    return [
        f"{number}. {step}{mark}"
        for number, (step, mark) in enumerate(zip(finding.sequence, marks), 1)
    ]


def _issue(
    finding: Finding,
    campaign: Campaign,
    version: str,
    ids: Sequence[str],
    spec: Specification | None,
    job: Job,
) -> str:
    title = finding.name.replace(" -> ", ": ")
    says = (
        "\n".join(f"> {line}" for line in requirements.sentences(tuple(ids), spec))
        or "> (none named)"
    )
    steps = "\n".join(_numbered_steps(finding))
    difference = finding.difference
    where = (
        "of calls at the same time"
        if finding.group is not None
        else "after the sequence"
        if difference.index >= len(finding.sequence)
        else f"in step {difference.index + 1}"
    )
    return f"""# {title}

{campaign.subject.name} ({version}) does something else than the specification of the Uhyve interface allows.

## Calls

{steps}

/m is a directory that is mapped, with the files of `host/`; /s is a file that is mapped by itself. /i/d and
/i/j/f are another directory and another file that are mapped; nothing is mapped at /p. `last` is the descriptor that the last FileOpen returned.

## Difference ({where})

expected: {difference.expected}
actual: {difference.actual}

## What the specification says

{says}

## To repeat it

    {command_line(job)}

`repeat.sh` runs it in a fresh copy of the host files; `guest.elf` holds the sequence. With the conformance suite:

    python -m uhyve_conformance explore --hypervisor {campaign.subject.name} --replay {shlex.quote(finding.text)}
"""


# ---- The whole run ---------------------------------------------------------------


def write_reports(directory: Path, results: Mapping[str, Any]) -> None:
    """results.json and junit.xml."""
    (directory / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    found = len(results["findings"])
    suite = ElementTree.Element(
        "testsuite",
        name=f"explore {results['hypervisor']}",
        time=f"{results['seconds']:.1f}",
        tests=str(found + 1),
        failures=str(found),
    )
    add_exploration(suite, results)
    ElementTree.ElementTree(suite).write(
        directory / "junit.xml", encoding="utf-8", xml_declaration=True
    )


def summary(
    campaign: Campaign, directory: Path, folders: dict[str, str], version: str
) -> dict[str, Any]:
    """What results.json holds."""
    named = requirements.named()
    reached = named & set(campaign.coverage.reached)
    return {
        "hypervisor": campaign.subject.name,
        "version": version,
        "interface": campaign.subject.interface,
        "seed": campaign.seed,
        "seconds": round(campaign.elapsed, 1),
        "sequences": campaign.sequences,
        "steps": campaign.steps,
        "requirements": {
            "named": len(named),
            "reached": sorted(reached),
            "not_reached": sorted(named - reached),
        },
        "unmet": dict(sorted(campaign.coverage.unmet.items())),
        "suppressed": campaign.screen.suppressed,
        "findings": [
            {
                "name": finding.name,
                "folder": shown(directory / folders[finding.name]),
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
