# SPDX-License-Identifier: MIT OR Apache-2.0
"""`--repeat`: the rounds of a run become one result, in which what disagrees is FLAKY."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from .judge import Check
from .runs import RunResult
from .verdicts import Verdict, worst


def rounds_as_one(results: Iterable[RunResult]) -> dict[str, RunResult]:
    """One result for each run, by its name."""
    rounds: dict[str, list[RunResult]] = {}
    for result in results:
        rounds.setdefault(result.name, []).append(result)
    return {name: _as_one(sorted(r, key=lambda one: one.round)) for name, r in rounds.items()}


def _as_one(rounds: list[RunResult]) -> RunResult:
    """Its evidence is that of the first round with the worst verdict."""
    if len(rounds) == 1:
        return rounds[0]
    bad = worst(result.verdict for result in rounds)
    shown = next(result for result in rounds if result.verdict is bad)
    verdicts = {
        id_: [worst(c.verdict for c in result.checks if c.id == id_) for result in rounds]
        for id_ in dict.fromkeys(check.id for result in rounds for check in result.checks)
    }
    steady = [c for c in shown.checks if len(set(verdicts[c.id])) == 1]
    flaky = [_flaky(id_, seen, rounds) for id_, seen in verdicts.items() if len(set(seen)) > 1]
    return replace(shown, checks=[*steady, *flaky], round=0)


def _flaky(id_: str, seen: list[Verdict], rounds: list[RunResult]) -> Check:
    """The check of an id that did not come out the same each time."""
    counts = Counter(seen)
    told = ", ".join(f"{verdict} {counts[verdict]}" for verdict in Verdict if counts[verdict])
    worst_round = rounds[seen.index(worst(seen))]
    example = next(
        (c for c in worst_round.checks if c.id == id_ and c.verdict is worst(seen)), None
    )
    if example is None:
        example = Check(id_, Verdict.FLAKY, "", "suite", reason="no check of it")
    return replace(
        example,
        verdict=Verdict.FLAKY,
        reason=f"of {len(seen)} runs: {told}; {example.reason}",
        details={**example.details, "rounds": dict(counts)},
    )
