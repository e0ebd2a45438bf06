# SPDX-License-Identifier: MIT OR Apache-2.0
"""All that is known about one requirement or one guest, as text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .by_hand import command, suite
from .coverage import claims
from .edition import LastVersion, read_last_version
from .errors import SuiteError, UsageError
from .lock import WITHDRAWN, read_lock
from .manifest import Guest, Run
from .paths import LOCK, OUTPUT, SPEC, shown
from .results import read_results
from .spec import Requirement, Specification
from .text import did_you_mean, printable


def show(word: str, spec: Specification, guests: list[Guest], directory: Path = SPEC) -> str:
    """The text for an id, a guest or a guest[variant]; UsageError for anything else. The chapters
    and their lock are in the directory."""
    if requirement := spec.requirements.get(word):
        return "\n".join(_requirement(requirement, claims(guests).get(word, [])))
    if read_lock(directory / LOCK.name).get(word) == WITHDRAWN:
        return "\n".join(_withdrawn(word, read_last_version(directory)))
    runs = [run for guest in guests for run in guest.runs if word in (run.name, run.guest)]
    if not runs:
        every = [run for guest in guests for run in guest.runs]
        known = [*spec.requirements, *(r.name for r in every), *(r.guest for r in every)]
        raise UsageError(
            f"'{word}' is neither a requirement nor a guest{did_you_mean(word, known) or '; see `list`'}"
        )
    return "\n\n".join("\n".join(_run(run, spec)) for run in runs)


def last_results() -> list[tuple[Path, dict[str, Any]]]:
    """The results that lie here, the newest first."""
    found = []
    for path in sorted(OUTPUT.glob("conformance/*/results.json")):
        try:
            found.append((path, read_results(path)))
        except SuiteError:
            continue
    return sorted(found, key=lambda pair: pair[1]["created"], reverse=True)


def _requirement(requirement: Requirement, runs: list[Run]) -> Iterable[str]:
    yield f"{requirement.id}  ({requirement.where})"
    facts = [
        requirement.binds,
        requirement.level,
        f"since {requirement.since}",
        requirement.provenance,
    ]
    facts += [f"needs {name}" for name in requirement.needs]
    for key in ("arch", "upstream", "untested", "divergence"):
        if value := getattr(requirement, key):
            facts.append(f"{key} {value}")
    yield " · ".join(facts)
    yield ""
    yield textwrap.fill(requirement.sentence, 100)
    if requirement.why:
        yield textwrap.fill(f"Why: {requirement.why}", 100)
    yield ""
    if runs:
        yield "checked by"
    elif requirement.binds == "guest":
        yield "binds guests: `make guest IMAGE=app.elf` judges one (reference-vmm/src/judge/rules.def)"
    else:
        yield f"checked by no one: {requirement.untested or 'no guest promises it'}"
    for run in runs:
        yield f"    {run.name}: {run.summary}"
    yield from _verdicts(requirement.id)
    if runs:
        yield ""
        yield from _by_hand(runs[0])


def _withdrawn(id_: str, last: LastVersion | None) -> Iterable[str]:
    yield f"{id_} is withdrawn. Its number stays unused."
    if last and (old := last.requirements.get(id_)):
        yield f"In version {last.version} it was"
        yield textwrap.indent(textwrap.fill(old.sentence, 96), "    ")


def _verdicts(id_: str) -> Iterable[str]:
    results = last_results()
    yield "last verdicts" if results else "no results yet: `make conformance`"
    for path, tree in results:
        row = next((r for r in tree["requirements"] if r["id"] == id_), None)
        name = f"{tree['hypervisor']['name']} {tree['arch']}"
        verdict = row["verdict"] if row else "not in its specification"
        reason = f": {printable(row['reason'])}" if row and row["reason"] else ""
        yield f"    {name}: {verdict}{reason}  ({tree['created']}, {shown(path)})"


def _run(run: Run, spec: Specification) -> Iterable[str]:
    yield f"{run.name}: {run.summary}"
    for id_ in run.requirements:
        sentence = spec.requirements[id_].sentence if id_ in spec.requirements else "does not exist"
        yield f"    {id_}: {sentence}"
    yield from _by_hand(run)


def _by_hand(run: Run) -> Iterable[str]:
    yield f"by hand, for example {run.name}:"
    judged = last_results()
    last = judged[0][1] if judged else {"hypervisor": {"adapter": "reference"}, "arch": "x86_64"}
    yield f"    {suite(last['hypervisor']['adapter'], last['arch'], run.name)}"
    for path, tree in judged:
        made = next((r for r in tree["guests"] if r["name"] == run.name and r["ran"]), None)
        if made and (path.parent / "runs" / run.slug / "repeat.sh").exists():
            yield f"    {made['directory']}/repeat.sh"
            yield f"    {printable(command(made))}"
