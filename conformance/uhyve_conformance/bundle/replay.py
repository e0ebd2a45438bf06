# SPDX-License-Identifier: MIT OR Apache-2.0
"""Judges again what a bundle holds: from the outcomes alone, by the same rules as the session
that saw them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ..adapter import Adapter, parse_adapter
from ..errors import SuiteError
from ..guarded import scratch
from ..guests import guest_of
from ..limits import scale, set_scale
from ..local import LocalExecutor
from ..manifest import Guest
from ..paths import shown
from ..plan import Plan, preflight
from ..results import build_results
from ..rounds import rounds_as_one
from ..runs import Entry, RunResult, judged, not_run
from ..spec import read_spec
from ..verdicts import Verdict
from .archive import Bundle, digest
from .make import ADAPTER, GUESTS, RESULTS, harness_digest
from .outcomes import Observed, from_json

# Facts in no outcome: when, where, on which machine, how long all of it took.
STATED = ("created", "seconds", "times", "hypervisor", "machine")
# What another version of the harness has to say just as well. Its words, and how it groups
# failures, may be others.
VERDICTS = ("conforms", "exit_status", "selected", "arch")


@dataclass(frozen=True)
class RecordedAdapter(Adapter):
    """An adapter whose program need not be here."""

    sha256: str = ""

    def program(self) -> str:
        """As its file names it."""
        return self.command[0]

    def digest(self) -> str:
        """As it was."""
        return self.sha256


def results_of(bundle: Bundle) -> dict[str, Any]:
    """The results of the session."""
    return bundle.json(RESULTS)


def replayed(bundle: Bundle) -> dict[str, Any]:
    """The results as they follow from the outcomes; what is STATED is taken over."""
    with plan_of(bundle) as plan:
        return judge_again(plan, observed_of(bundle), results_of(bundle))


def of_this_harness(bundle: Bundle) -> bool:
    """True if the code that judged is the one here."""
    return bundle.head["digests"].get("harness") == harness_digest()


def verified(bundle: Bundle) -> dict[str, Any]:
    """Its results, if they are what its outcomes say; SuiteError names what is not. Those of
    another version of the harness are given in the words of this one."""
    said, found, same = results_of(bundle), replayed(bundle), of_this_harness(bundle)
    if faults := differences(said, found, words=same):
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        raise SuiteError(f"{shown(bundle.path)}: refused: {faults[0]}{more}")
    return said if same else found


def observed_of(bundle: Bundle) -> dict[str, Observed]:
    """The outcome of each run, by its key."""
    found: dict[str, Observed] = {}
    for name, data in sorted(bundle.below("outcomes").items()):
        observed = from_json(data, f"{bundle.path.name}: outcomes/{name}")
        if observed.key in found:
            raise SuiteError(f"{bundle.path.name}: outcomes/{name}: {observed.key} is there twice")
        found[observed.key] = observed
    return found


@contextmanager
def plan_of(bundle: Bundle) -> Iterator[Plan]:
    """The plan of the session, from what the bundle says; its chapters lie in a folder that
    is gone afterwards."""
    results, head = results_of(bundle), bundle.head
    with scratch("uhyve-bundle-") as directory:
        (directory / "spec").mkdir()
        for name, data in bundle.below("spec").items():
            if "/" in name:
                raise SuiteError(f"{bundle.path.name}: spec/{name} is no chapter")
            (directory / "spec" / name).write_bytes(data)
        (directory / ADAPTER).write_bytes(bundle.member(ADAPTER))
        try:
            yield _plan(bundle, directory, results, head)
        except (KeyError, TypeError, AttributeError, ValueError) as problem:
            raise SuiteError(f"{bundle.path.name}: not in order: {problem!r}") from problem


def _plan(
    bundle: Bundle, directory: Path, results: Mapping[str, Any], head: Mapping[str, Any]
) -> Plan:
    text = bundle.member(ADAPTER).decode()
    adapter = parse_adapter(directory / ADAPTER, text, head["release"])
    adapter = adapter.for_machine(head["arch"], "recorded")
    values = {field.name: getattr(adapter, field.name) for field in fields(Adapter)}
    spec = read_spec(directory / "spec")
    return Plan(
        spec=spec,
        adapter=RecordedAdapter(**values, sha256=head["digests"]["hypervisor"]),
        arch=head["arch"],
        machine="recorded",
        version=results["hypervisor"]["version"],
        directory=directory,
        guests=_guests(bundle, directory),
        repeat=head["repeat"],
        timeout_scale=head["timeout_scale"],
        guest_faults=list(head["guest_faults"]),
        only=frozenset(head["wanted"]),
        shard=head["shard"],
        spec_directory=directory / "spec",
    )


def _guests(bundle: Bundle, directory: Path) -> list[Guest]:
    return [
        guest_of(
            directory / f"{name}.elf",
            g["arch"],
            g["manifest"],
            g["patch_offset"],
            g["interface"],
            g["tests"],
        )
        for name, g in bundle.json(GUESTS).items()
    ]


def judge_again(
    plan: Plan, observed: Mapping[str, Observed], stated: Mapping[str, Any]
) -> dict[str, Any]:
    """The results of the plan with these outcomes in place of a hypervisor."""
    before = scale()
    set_scale(plan.timeout_scale)
    try:
        runs = _runs(plan, observed, stated)
    finally:
        set_scale(before)
    asked = {result.name for result in runs}
    selected = len(asked) < len(plan.entries)
    tree = build_results(plan, rounds_as_one(runs), stated["machine"], selected, stated["seconds"])
    tree |= {name: stated[name] for name in STATED if name in stated}
    where = {r["id"]: r["where"] for r in stated["requirements"]}
    for row in tree["requirements"]:
        row["where"] = where.get(row["id"], row["where"])
    return json.loads(json.dumps(tree))


def _runs(
    plan: Plan, observed: Mapping[str, Observed], stated: Mapping[str, Any]
) -> list[RunResult]:
    said = {run["name"]: run for run in stated["guests"]}
    rounds = range(plan.repeat)
    for entry in (Entry(e.guest, e.run, n) for e in plan.entries for n in rounds):
        run = said.get(entry.run.name)
        if (saw := observed.get(entry.key)) is not None:
            place = run["directory"] if run else ""
            outcome, crash = saw.outcome, plan.adapter.crash
            result = judged(entry, outcome, saw.challenge, crash, saw.command, place)
            plan.done[entry.key] = result
        elif run and not run["ran"] and run["verdict"] == Verdict.ERROR:
            # The suite could not do it, which favours neither side.
            plan.done[entry.key] = RunResult.from_json(run)
    preflight(plan, LocalExecutor(plan.runs_directory))
    return list(_complete(plan))


def _complete(plan: Plan) -> Iterable[RunResult]:
    for entry in plan.wanted:
        result = plan.done.get(entry.key) or plan.blocks(entry)
        if result is None:
            result = not_run(entry.run, Verdict.ERROR, "the bundle has no outcome", entry.round)
        yield result


def differences(said: Mapping[str, Any], found: Mapping[str, Any], words: bool = True) -> list[str]:
    """The contradictions between results and outcomes, a sentence each; with or without those
    that are no verdicts."""
    faults = []
    for kind, key in (("requirements", "id"), ("guests", "name")):
        theirs = {row[key]: row for row in said[kind]}
        ours = {row[key]: row for row in found[kind]}
        faults += [f"{name} is not in its results" for name in ours if name not in theirs]
        faults += [f"{name} is in its results alone" for name in theirs if name not in ours]
        for name in ours.keys() & theirs.keys():
            faults += _row(name, theirs[name], ours[name], words)
    faults.sort()
    rest = (said.keys() | found.keys()) - {"requirements", "guests"}
    for key in sorted(rest) if words else VERDICTS:
        if said.get(key) != found.get(key):
            faults.append(f"'{key}' of its results is not what the outcomes say")
    return faults


def _row(name: str, said: Mapping[str, Any], found: Mapping[str, Any], words: bool) -> list[str]:
    if said["verdict"] != found["verdict"]:
        return [f"{name} is {found['verdict']}, its results say {said['verdict']}"]
    if not words:
        return []
    keys = [key for key in sorted(said.keys() | found.keys()) if said.get(key) != found.get(key)]
    return [f"{name}: {', '.join(keys)} is not what the outcomes say"] if keys else []


def strangers(bundle: Bundle, guests: Iterable[Guest], specification: str) -> list[str]:
    """The differences of its specification and guests from those that are here."""
    notes = []
    if bundle.head["digests"]["specification"] != specification:
        notes.append("its specification is another one than the one here")
    here = {guest.name: digest(guest.path.read_bytes()) for guest in guests}
    theirs = {name: row["sha256"] for name, row in bundle.json(GUESTS).items()}
    other = sorted(n for n in here.keys() | theirs.keys() if here.get(n) != theirs.get(n))
    if other:
        notes.append(f"{len(other)} of its guests are not those here, {other[0]} for one")
    return notes
