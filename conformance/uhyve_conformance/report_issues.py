# SPDX-License-Identifier: MIT OR Apache-2.0
"""A text for each cause that can be sent to the maintainers of the hypervisor as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from .by_hand import commands
from .differences import field, named
from .results import counted
from .text import printable
from .trees import remove_tree

FOLDER = "causes"
_LINES = 40  # of a console


def folder_of(cause: Mapping[str, Any]) -> str:
    """The folder of a cause, below that of the report."""
    slug = re.sub(r"[^a-z0-9]+", "-", cause["title"].lower()).strip("-")[:50].rstrip("-")
    return f"{FOLDER}/{cause['number']:02}-{slug}"


def write_issues(results: Mapping[str, Any], directory: Path) -> None:
    """causes/NN-…/issue.md for each; those of an earlier session go away."""
    remove_tree(directory / FOLDER)
    for cause in results["causes"]:
        path = directory / folder_of(cause) / "issue.md"
        path.parent.mkdir(parents=True)
        path.write_text("\n".join(issue(results, cause)) + "\n", encoding="utf-8")


def issue(results: Mapping[str, Any], cause: Mapping[str, Any]) -> Iterable[str]:
    """Its lines."""
    rows = {row["id"]: row for row in results["requirements"]}
    run = next((r for r in results["guests"] if r["name"] == cause["run"]), None)
    hypervisor, check = results["hypervisor"], cause["check"]
    yield f"# {printable(cause['title'])}"
    yield ""
    yield (
        f"{hypervisor['name']} ({hypervisor['version']}), {results['arch']}: "
        f"{counted(len(cause['requirements']), 'requirement')} of the Uhyve hypercall interface "
        f"not met. What is at stake: {cause['severity']}."
    )
    yield ""
    yield "## What happens"
    yield ""
    if check:
        yield f"{printable(run['summary'])} (test guest `{run['name']}`)"
        yield ""
        for key in ("reason", "expected", "actual"):
            if check[key]:
                yield f"- {key}: `{printable(named(check[key]))}`"
        for key, value in check["details"].items():
            texts = value.items() if isinstance(value, dict) else [(key, value)]
            shown = ", ".join(f"{name} {field(str(text))}" for name, text in texts)
            yield f"- {key.replace('_', ' ')}: `{printable(shown.removeprefix(f'{key} '))}`"
        yield f"- how it ended: {run['end']}"
        yield ""
    else:
        yield rows[cause["requirement"]]["reason"]
        yield ""
    if cause["last_words"]:
        yield from _block(f"{hypervisor['name']} says", cause["last_words"])
    yield "## What the specification says"
    yield ""
    for id_ in cause["requirements"]:
        yield f"> {id_}: {rows[id_]['sentence']}"
        yield ">"
    if cause["consequences"]:
        yield ""
        yield f"Not judged because of it: {', '.join(cause['consequences'])}."
    yield ""
    if run and run["ran"]:
        yield "## To repeat it"
        yield ""
        yield "Each line does it; the first creates the files of the run again."
        yield ""
        for line in commands(results, run):
            yield f"    {printable(line)}"
        yield ""
        yield from _block("The guest's console", "\n".join(run["console"].splitlines()[-_LINES:]))


def _block(title: str, text: str) -> Iterable[str]:
    """A text as it is: indented, so that nothing in it ends it."""
    yield f"{title}:"
    yield ""
    for line in printable(text).splitlines():
        yield f"    {line}"
    yield ""
