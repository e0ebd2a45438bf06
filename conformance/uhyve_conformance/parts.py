# SPDX-License-Identifier: MIT OR Apache-2.0
"""Something large in parts, on several machines: K/N is the K-th of N. All parts are needed to
have it again, each once. A gate's report says what the whole gate was to do, so that nothing
is lost on the way."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from .errors import SuiteError, UsageError
from .paths import shown

_SHARD = re.compile(r"([1-9]\d{0,3})/([1-9]\d{0,3})")

T = TypeVar("T")


def numbers(text: str, things: Sequence[object], what: str) -> tuple[int, int]:
    """K and N of K/N, for so many things; UsageError."""
    match = _SHARD.fullmatch(text)
    number, count = (int(match[1]), int(match[2])) if match else (0, 0)
    if not 1 <= number <= count:
        raise UsageError(f"'{text}' is not a shard: 2/5 is the second of five")
    if count > len(things):
        raise UsageError(f"{text}: there are only {len(things)} {what}")
    return number, count


def part(text: str, things: Sequence[T], what: str) -> list[T]:
    """Shard K/N of things that take about the same time: each N-th."""
    number, count = numbers(text, things, what)
    return list(things[number - 1 :: count])


def beside(directory: Path, shard: str | None) -> Path:
    """The directory of a part: that of the whole, with the shard in its name."""
    return (
        directory.with_name(f"{directory.name}.{shard.replace('/', '-of-')}")
        if shard
        else directory
    )


def in_order(parts: Iterable[tuple[str | None, str, T]]) -> list[T]:
    """The parts by their numbers: of each its shard, its name, and what it is. SuiteError when
    one is missing or there twice, or when they are not of one whole."""
    by_number: dict[int, tuple[str, T]] = {}
    counts = set()
    for shard, name, thing in parts:
        match = _SHARD.fullmatch(str(shard))
        if not match:
            raise SuiteError(f"{name}: not a shard of a run")
        counts.add(int(match[2]))
        if int(match[1]) in by_number:
            raise SuiteError(f"shard {shard} is there twice: {by_number[int(match[1])][0]}, {name}")
        by_number[int(match[1])] = name, thing
    if len(counts) != 1:
        raise SuiteError(
            f"shards of different runs: of {' and of '.join(map(str, sorted(counts)))}"
        )
    lost = [n for n in range(1, max(counts) + 1) if n not in by_number]
    if lost:
        raise SuiteError(f"shard {', '.join(map(str, lost))} of {max(counts)} is missing")
    return [thing for _, (_, thing) in sorted(by_number.items())]


@dataclass(frozen=True)
class Report:
    """A gate's report, of the whole or of a part."""

    kind: str  # what is tried: "mutant"
    shard: str | None
    common: Mapping[str, Any]  # the same for all parts: what is tried on what, and how
    planned: Sequence[str]  # all that the whole gate tries, in order
    rows: Mapping[str, Mapping[str, Any]]  # what came of it, by these names
    faults: Sequence[str]  # of the gate itself


def write_report(path: Path, report: Report) -> None:
    """As JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tree = {
        "shard": report.shard,
        "common": report.common,
        "planned": report.planned,
        f"{report.kind}s": [{report.kind: name, **row} for name, row in report.rows.items()],
        "faults": report.faults,
    }
    path.write_text(json.dumps(tree, indent=1) + "\n", encoding="utf-8")


def read_report(path: Path, kind: str) -> Report:
    """UsageError when there is none, SuiteError when it is not one."""
    try:
        tree = json.loads(path.read_text(encoding="utf-8"))
        rows = {row.pop(kind): row for row in tree[f"{kind}s"]}
        common, planned, faults = dict(tree["common"]), list(tree["planned"]), list(tree["faults"])
        return Report(kind, tree["shard"], common, planned, rows, faults)
    except OSError as problem:
        raise UsageError(f"{shown(path)}: {problem.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise SuiteError(f"{shown(path)}: not a report of {kind}s: {problem!r}") from None


def join(paths: Sequence[Path], kind: str) -> Report:
    """The reports of all parts as that of one gate; SuiteError when they are not just that."""
    reports = [(shown(path), read_report(path, kind)) for path in paths]
    named = in_order((report.shard, name, (name, report)) for name, report in reports)
    first_name, first = named[0]
    rows: dict[str, Mapping[str, Any]] = {}
    for name, report in named:
        for key in sorted(first.common.keys() | report.common.keys()):
            if first.common.get(key) != report.common.get(key):
                raise SuiteError(f"{name}: of another gate than {first_name}: {key} differs")
        if list(report.planned) != list(first.planned):
            raise SuiteError(f"{name}: of another gate than {first_name}: what is tried differs")
        if twice := rows.keys() & report.rows.keys():
            raise SuiteError(f"{name}: {min(twice)} was tried by another shard, too")
        rows |= report.rows
    if rows.keys() != set(first.planned):
        odd = min(rows.keys() ^ set(first.planned))
        raise SuiteError(f"{odd} was planned but not tried, or the other way about")
    faults = dict.fromkeys(fault for _, report in named for fault in report.faults)
    ordered = {name: rows[name] for name in first.planned}
    return Report(kind, None, first.common, first.planned, ordered, list(faults))


def digest_of(paths: Iterable[Path]) -> str:
    """One digest of these files, by their names."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()
