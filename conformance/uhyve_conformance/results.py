# SPDX-License-Identifier: MIT OR Apache-2.0
"""From the results of runs to a verdict on every requirement: the one tree that all
reports are made from. Its form is described in conformance/schema.md."""

from __future__ import annotations

import datetime
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .capabilities import BASE, VERSIONS, of_version
from .causes import find_causes
from .conditions import with_conditions
from .coverage import claims
from .errors import Exit, SuiteError, UsageError
from .json_text import json_text
from .plan import Plan
from .runs import RunResult
from .severity import Severity
from .spec import Requirement
from .verdicts import FAULTS, Verdict, fails, worst

SCHEMA = "uhyve-conformance-results/1"


def build_results(
    plan: Plan,
    runs: Mapping[str, RunResult],
    machine: Mapping[str, str],
    selected: bool,
    seconds: float,
) -> dict[str, Any]:
    """The tree. `runs` are those that were asked for, by name; `selected` says that this
    was only a part."""
    asked = [runs[e.run.name] for e in plan.entries if e.run.name in runs]
    promised = claims(plan.guests)
    asked = with_conditions(plan.spec, asked)
    by_id: dict[str, list[tuple[RunResult, Any]]] = {}
    for run in asked:
        for check in run.checks:
            by_id.setdefault(check.id, []).append((run, check))
    unsupported = _unsupported(plan)
    requirements = [
        _requirement(
            plan,
            requirement,
            by_id.get(requirement.id, []),
            unsupported,
            requirement.id in promised,
            selected,
        )
        for requirement in plan.spec.requirements.values()
    ]
    problems = _problems(plan, by_id)
    hypervisor = [r for r in requirements if r["binds"] == "hypervisor"]
    failed = [r for r in hypervisor if r["fails"]]
    results = {
        "schema": SCHEMA,
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 2),
        "conforms": not failed and not problems and not selected,
        "exit_status": int(Exit.FAILURES if failed or problems else Exit.OK),
        "selected": selected,
        "arch": plan.arch,
        "hypervisor": {
            "name": plan.adapter.name,
            "summary": plan.adapter.summary,
            "version": plan.version,
            "command": list(plan.adapter.command),
            "adapter": plan.adapter.selector,
            "sha256": plan.adapter.digest(),
        },
        "machine": dict(machine),
        "specification": {
            "requirements": len(requirements),
            "digest": plan.spec.digest,
        },
        "summary": {
            str(verdict): Counter(r["verdict"] for r in hypervisor)[verdict] for verdict in Verdict
        },
        "blocked_by": plan.blocked,
        "capabilities": [
            asdict(c) | {"finding": c.finding, "present": c.present}
            for c in plan.capabilities.values()
        ],
        "problems": problems,
        "requirements": requirements,
        "guests": [run.to_json() for run in asked],
    }
    return results | {"causes": find_causes(results, plan.adapter.cause or None)}


def _requirement(
    plan: Plan,
    requirement: Requirement,
    pairs: list[tuple[RunResult, Any]],
    unsupported: Mapping[str, int],
    promised: bool,
    selected: bool,
) -> dict[str, Any]:
    """One row of the report: the requirement, its verdict, and what that comes from."""
    checks = [
        {
            "guest": run.name,
            "verdict": str(check.verdict),
            "what": check.what,
            "source": check.source,
            "reason": check.reason,
            "expected": check.expected,
            "actual": check.actual,
            "details": check.details,
        }
        for run, check in pairs
    ]
    counted = _of_supported_versions(unsupported, requirement, pairs)
    verdict = worst(check.verdict for _, check in counted)
    reason = next((check.reason for _, check in counted if check.verdict is verdict), "")
    if not pairs:
        verdict, reason = _unchecked(plan, requirement, promised, selected)
    elif verdict in (Verdict.SKIP, Verdict.NOT_TESTED):
        passed = sum(check.verdict is Verdict.PASS for _, check in counted)
        if passed:
            reason = f"{passed} of {len(counted)} checks passed; {reason}"
    binds_hypervisor = requirement.binds == "hypervisor"
    return {
        "id": requirement.id,
        "level": requirement.level,
        "binds": requirement.binds,
        "since": requirement.since,
        "provenance": requirement.provenance,
        "severity": str(requirement.severity),
        "upstream": requirement.upstream,
        "needs": list(requirement.needs),
        "arch": requirement.arch,
        "sentence": requirement.sentence,
        "why": requirement.why,
        "where": requirement.where,
        "verdict": str(verdict),
        "fails": binds_hypervisor and fails(verdict, requirement.hard),
        "reason": reason,
        "checks": checks,
    }


def _unsupported(plan: Plan) -> dict[str, int]:
    """The version of each run's image that the hypervisor does not support."""
    known = {n: plan.capabilities.get(of_version(n)) for n in VERSIONS}
    absent = {n for n, capability in known.items() if capability and not capability.present}
    if not absent:
        return {}
    return {e.run.name: e.run.interface for e in plan.entries if e.run.interface in absent}


def _of_supported_versions(
    unsupported: Mapping[str, int], requirement: Requirement, pairs: list[tuple[RunResult, Any]]
) -> list[tuple[RunResult, Any]]:
    """Without the checks by images of a version that came after the requirement, and that the
    hypervisor does not support: it meets the requirement without them."""
    left = [
        (run, check)
        for run, check in pairs
        if check.verdict is not Verdict.SKIP
        or unsupported.get(run.name, requirement.since) <= requirement.since
    ]
    return left or pairs


def _unchecked(
    plan: Plan, requirement: Requirement, promised: bool, selected: bool
) -> tuple[Verdict, str]:
    """Why a requirement has no check in these results."""
    if requirement.binds == "guest":
        return Verdict.NOT_TESTED, "binds guests: `make guest IMAGE=app.elf` judges one"
    if requirement.arch not in (None, plan.arch):
        return Verdict.SKIP, f"is about {requirement.arch} only"
    if requirement.untested:
        return Verdict.NOT_TESTED, requirement.untested
    if promised and selected:
        return Verdict.NOT_TESTED, "not selected"
    if promised:
        return Verdict.ERROR, "a guest promises it and has not reported"
    if plan.guest_faults and not selected:
        return Verdict.ERROR, "no guest checks it, and the guests are not those of the suite"
    return Verdict.NOT_TESTED, "no guest checks it"


def _problems(plan: Plan, by_id: Mapping[str, Any]) -> list[str]:
    """Faults besides the verdicts; a single one makes a session fail."""
    problems = list(plan.guest_faults)
    problems += [f"{guest.path.name}: {guest.fault}" for guest in plan.guests if guest.fault]
    return problems + [
        f"{id_}: reported by {pairs[0][0].name}, but not in the specification"
        for id_, pairs in by_id.items()
        if id_ not in plan.spec.requirements
    ]


def ran_anything(results: Mapping[str, Any]) -> bool:
    """True if any check came to a verdict: a session of nothing but skips is not a success."""
    return any(n for v, n in results["summary"].items() if v not in ("SKIP", "NOT_TESTED"))


def answer(results: Mapping[str, Any]) -> str:
    """The one sentence that everybody looks for."""
    name = results["hypervisor"]["name"]
    ours = [r for r in results["requirements"] if r["binds"] == "hypervisor"]
    unmet = Counter(r["since"] for r in ours if r["fails"])
    if results["blocked_by"]:
        return f"{name} does not conform: it does not even run the foundation"
    offered = [
        n
        for n in VERSIONS
        for c in results["capabilities"]
        if c["name"] == of_version(n) and (c["present"] or c["declared"])
    ]
    met = [n for n in offered if not unmet[n] and not (n > BASE and unmet[BASE])]
    missed = [n for n in offered if n not in met]
    if unmet:
        much = f"{counted(unmet.total(), 'requirement')} not met"
        if causes := results["causes"]:
            much += f", from {counted(len(causes), 'cause')}"
        if not met or not missed or results["selected"]:
            return f"{name} does not conform: {much}"
        return f"{name} conforms to {_interfaces(met)} but not to {_interfaces(missed)}: {much}"
    if results["problems"]:
        return f"{name}: no answer before the problems of the run are solved"
    if results["selected"]:
        return f"{name}: what was selected is met; only a whole run says whether it conforms"
    return f"{name} conforms to {_interfaces(met)}"


def counted(number: int, what: str) -> str:
    """1 cause, 2 causes"""
    return f"{number} {what}{'' if number == 1 else 's'}"


def _interfaces(versions: list[int]) -> str:
    """Versions in words, the newest first. A version from 2 holds those below it down to 2."""
    newest = max(versions)
    rest = [1] if newest > 1 and 1 in versions else []
    return " and ".join(f"interface {n}" for n in (newest, *rest))


def remarks(results: Mapping[str, Any]) -> str:
    """Remarks that do not change the answer; may be empty."""
    left = {name: results["summary"][name] for name in ("NOT_TESTED", "SKIP")}
    notes = [
        f"{n} {words}"
        for n, words in zip(left.values(), ("not tested", "skipped"), strict=True)
        if n
    ]
    advice = sum(
        r["verdict"] in FAULTS and not r["fails"]
        for r in results["requirements"]
        if r["binds"] == "hypervisor"
    )
    if advice:
        notes.append(f"{counted(advice, 'recommendation')} not followed")
    return ", ".join(notes)


def write_json(results: Mapping[str, Any], path: Path) -> None:
    """Writes it whole or not at all."""
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json_text(results), encoding="utf-8")
    temporary.replace(path)


# Keys that every reader of results relies on.
_READ = {"arch": str, "created": str, "hypervisor": dict, "requirements": list, "guests": list}
_ROW = {"id", "verdict", "fails", "reason", "arch", "binds"}


def read_results(path: Path) -> dict[str, Any]:
    """Results of an earlier session; UsageError when there are none, or of another schema."""
    try:
        results = json.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise UsageError(f"{path}: {problem.strerror}") from None
    except ValueError as problem:
        raise UsageError(f"{path}: not JSON: {problem}") from None
    if not isinstance(results, dict) or results.get("schema") != SCHEMA:
        raise SuiteError(f"{path}: not results of schema {SCHEMA}")
    for key, kind in _READ.items():
        if not isinstance(results.get(key), kind):
            raise SuiteError(f"{path}: damaged: no '{key}'")
    rows = results["requirements"]
    if not all(isinstance(row, dict) and row.keys() >= _ROW for row in rows):
        raise SuiteError(f"{path}: damaged: a requirement is incomplete")
    try:
        return with_causes(results)
    except (KeyError, TypeError, AttributeError) as problem:
        raise SuiteError(f"{path}: damaged: {problem}") from None


def with_causes(results: dict[str, Any]) -> dict[str, Any]:
    """The same with what results from before there were causes do not have."""
    for row in results["requirements"]:
        row.setdefault("severity", str(Severity.BEHAVIOUR))
    if "causes" not in results:
        results["causes"] = find_causes(results)
    return results
