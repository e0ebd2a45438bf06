# SPDX-License-Identifier: MIT OR Apache-2.0
"""What several machines found on one hypervisor, by difference: of each the shortest sequence."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

from ..errors import SuiteError, UsageError
from ..paths import shown
from .folder import slug, write_reports

# Of one hypervisor by one model; else differences of the same name are not the same.
_COMMON = ("hypervisor", "version", "interface")


def merge(directories: Sequence[Path], output: Path) -> dict[str, Any]:
    """Writes the joined results; SuiteError when they do not belong together or are damaged."""
    if output.exists() and any(output.iterdir()):
        raise UsageError(f"{shown(output)}: is not empty")
    searches = [(place, _read(place)) for place in directories]
    first_place, first = searches[0]
    seeds: dict[int, Path] = {}
    for place, search in searches:
        for key in _COMMON:
            if search[key] != first[key]:
                raise SuiteError(
                    f"{shown(place)}: {key} is {search[key]}, in {shown(first_place)} {first[key]}"
                )
        if search["requirements"]["named"] != first["requirements"]["named"]:
            raise SuiteError(f"{shown(place)}: by another model than {shown(first_place)}")
        if (other := seeds.setdefault(search["seed"], place)) is not place:
            raise SuiteError(
                f"{shown(place)} and {shown(other)} have the same seed: the same sequences"
            )
    output.mkdir(parents=True, exist_ok=True)
    results = _joined([search for _, search in searches])
    results["findings"] = [
        _finding(number, name, searches, output) for number, name in enumerate(_names(searches), 1)
    ]
    write_reports(output, results)
    return results


def _read(place: Path) -> dict[str, Any]:
    path = place / "results.json"
    try:
        search = json.loads(path.read_text(encoding="utf-8"))
        for key in (*_COMMON, "seed", "seconds", "sequences", "steps", "unmet", "suppressed"):
            search[key]  # noqa: B018 - is it there?
        for finding in search["findings"]:
            finding["name"], finding["folder"], finding["steps"]  # noqa: B018
        search["requirements"]["named"], search["requirements"]["reached"]  # noqa: B018
    except OSError as problem:
        raise UsageError(f"{shown(path)}: {problem.strerror}") from None
    except (ValueError, KeyError, TypeError) as problem:
        raise SuiteError(f"{shown(path)}: not results of explore: {problem!r}") from None
    return search


def _joined(searches: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    first = searches[0]
    ids = [s["requirements"] for s in searches]
    reached = {i for r in ids for i in r["reached"]}
    every = {i for r in ids for i in (*r["reached"], *r["not_reached"])}
    unmet, suppressed = Counter[str](), Counter[str]()
    for search in searches:
        unmet.update(search["unmet"])
        suppressed.update(search["suppressed"])
    return {
        **{key: first[key] for key in _COMMON},
        "seed": ", ".join(str(s["seed"]) for s in searches),
        **{key: sum(s[key] for s in searches) for key in ("seconds", "sequences", "steps")},
        "requirements": {
            "named": first["requirements"]["named"],
            "reached": sorted(reached),
            "not_reached": sorted(every - reached),
        },
        "unmet": dict(sorted(unmet.items())),
        "suppressed": dict(sorted(suppressed.items())),
    }


def _names(searches: Sequence[tuple[Path, Mapping[str, Any]]]) -> list[str]:
    """The differences, in the order in which they come up first."""
    return list(dict.fromkeys(f["name"] for _, search in searches for f in search["findings"]))


def _finding(
    number: int, name: str, searches: Sequence[tuple[Path, Mapping[str, Any]]], output: Path
) -> dict[str, Any]:
    """The shortest sequence that shows it, with its folder, and the seeds that came upon it."""
    rows = [(p, s["seed"], f) for p, s in searches for f in s["findings"] if f["name"] == name]
    place, _, best = min(rows, key=lambda row: row[2]["steps"])
    source = place / PurePath(best["folder"]).name
    target = output / f"{number:02}-{slug(name)}"
    try:
        shutil.copytree(source, target, symlinks=True)
    except (OSError, shutil.Error) as problem:
        raise SuiteError(f"{shown(source)}: cannot be copied: {problem}") from None
    return {**best, "folder": shown(target), "seeds": [seed for _, seed, _ in rows]}
