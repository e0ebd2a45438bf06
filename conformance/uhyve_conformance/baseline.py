# SPDX-License-Identifier: MIT OR Apache-2.0
"""Known failures: a TOML file that turns them into XFAIL, and notices when they are gone.

    version = "0.10.0"              # of the hypervisor, for every entry

    [[known]]
    requirement = "UHY-OPEN-008"
    guest = "open-excl"             # or guest[variant]; optional
    verdict = "FAIL"
    reason = "O_EXCL is masked"
    link = "https://example.org/1"

An entry that matches nothing is stale, and red: what it excused passes now (XPASS), or
no one checks it any longer.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from .errors import UsageError
from .judge import Check
from .paths import shown
from .runs import RunResult
from .spec import Specification
from .verdicts import RED, Verdict

_KEYS = {"requirement", "guest", "verdict", "reason", "link"}
_EXCUSABLE = {Verdict.FAIL, Verdict.CRASH, Verdict.TIMEOUT, Verdict.BLOCKED}


@dataclass(frozen=True)
class Known:
    """One known failure."""

    requirement: str
    verdict: Verdict
    reason: str
    link: str
    guest: str | None = None

    def names(self, run: RunResult, check: Check) -> bool:
        """True if it speaks of this check, whatever came out."""
        return check.id == self.requirement and self.guest in (None, run.name, run.guest)

    @property
    def text(self) -> str:
        """Its subject for messages."""
        return self.requirement + (f" in {self.guest}" if self.guest else "")


@dataclass
class Delta:
    """The baseline's entries compared with the results."""

    excused: list[str] = field(default_factory=list)
    unexpected_passes: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)

    @property
    def red(self) -> bool:
        """True if the baseline has to be brought up to date."""
        return bool(self.unexpected_passes or self.stale)


@dataclass(frozen=True)
class Baseline:
    """All known failures of one version of a hypervisor."""

    version: str = ""
    known: tuple[Known, ...] = ()
    path: Path | None = None

    def applied(self, run: RunResult) -> RunResult:
        """The run with its known failures as XFAIL."""
        return replace(run, checks=[self._excused(run, check) for check in run.checks])

    def _excused(self, run: RunResult, check: Check) -> Check:
        for entry in self.known:
            if entry.names(run, check) and check.verdict is entry.verdict:
                reason = f"known {entry.verdict}: {entry.reason} ({entry.link}); {check.reason}"
                return replace(check, verdict=Verdict.XFAIL, reason=reason)
        return check

    def delta(self, runs: Iterable[RunResult], selected: bool) -> Delta:
        """Compares with runs to which the baseline was applied. With only a selection of runs
        an entry of which nothing ran is not stale."""
        delta = Delta()
        pairs = [(run, check) for run in runs for check in run.checks]
        for entry in self.known:
            checks = [check for run, check in pairs if entry.names(run, check)]
            if any(check.verdict is Verdict.XFAIL for check in checks):
                delta.excused.append(entry.text)
            elif checks and all(check.verdict is Verdict.PASS for check in checks):
                delta.unexpected_passes.append(entry.text)
            elif checks or not selected:
                delta.stale.append(f"{entry.text}: no check with {entry.verdict}")
        return delta


def with_unexpected_passes(
    baseline: Baseline, runs: Iterable[RunResult], delta: Delta
) -> list[RunResult]:
    """The runs with the checks as XPASS that an entry says to fail and that all pass."""
    entries = [entry for entry in baseline.known if entry.text in delta.unexpected_passes]
    reason = "the baseline says that it fails; take the entry out"

    def checked(run: RunResult, check: Check) -> Check:
        if any(entry.names(run, check) for entry in entries):
            return replace(check, verdict=Verdict.XPASS, reason=reason)
        return check

    return [replace(run, checks=[checked(run, c) for c in run.checks]) for run in runs]


def read_baseline(path: Path, spec: Specification, version: str) -> Baseline:
    """UsageError names what is wrong with it."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise UsageError(f"{shown(path)}: {problem}") from None
    entries = table.get("known", [])
    if set(table) - {"version", "known"} or not isinstance(entries, list):
        raise UsageError(f"{shown(path)}: keys are version and [[known]]")
    if table.get("version") != version:
        raise UsageError(
            f"{shown(path)}: is for version '{table.get('version')}', the hypervisor says "
            f"'{version}'; write a new one with --write-baseline"
        )
    known = [_known(path, number, entry, spec) for number, entry in enumerate(entries, 1)]
    subjects = [(entry.requirement, entry.guest) for entry in known]
    for subject in subjects:
        if subjects.count(subject) > 1:
            raise UsageError(f"{shown(path)}: {subject[0]} is there twice for the same guest")
    return Baseline(version, tuple(known), path)


def _known(path: Path, number: int, entry: object, spec: Specification) -> Known:
    where = f"{shown(path)}: entry {number}"
    if not isinstance(entry, dict) or set(entry) - _KEYS:
        raise UsageError(f"{where}: keys are {', '.join(sorted(_KEYS))}")
    for key in _KEYS - {"guest"}:
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            raise UsageError(f"{where}: '{key}' is missing or empty")
    if entry["requirement"] not in spec.requirements:
        raise UsageError(f"{where}: {entry['requirement']} does not exist")
    if entry["verdict"] not in _EXCUSABLE:
        raise UsageError(f"{where}: verdict is one of {', '.join(sorted(_EXCUSABLE))}")
    return Known(
        entry["requirement"],
        Verdict(entry["verdict"]),
        entry["reason"],
        entry["link"],
        entry.get("guest"),
    )


def write_baseline(path: Path, runs: Iterable[RunResult], version: str, spec: Specification) -> int:
    """One entry for each failed check; reasons from what was seen, links to be filled in."""
    lines = [
        "# Known failures; see conformance/README.md. Look at every reason and link before",
        "# relying on it.",
        f"version = {json.dumps(version, ensure_ascii=False)}",
    ]
    written: set[tuple[str, str]] = set()
    for run in runs:
        for check in run.checks:
            if check.verdict not in _EXCUSABLE & RED or (check.id, run.name) in written:
                continue
            requirement = spec.requirements.get(check.id)
            if requirement is None:
                continue
            written.add((check.id, run.name))
            values = {
                "requirement": check.id,
                "guest": run.name,
                "verdict": str(check.verdict),
                "reason": check.reason or "no reason was reported",
                "link": requirement.upstream or "none",
            }
            lines.append("\n[[known]]")
            lines += [f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in values.items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(written)
