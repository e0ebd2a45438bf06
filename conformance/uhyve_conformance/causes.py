# SPDX-License-Identifier: MIT OR Apache-2.0
"""Requirements that are not met, grouped by what they have in common.

1. A hypervisor that died: the place in its sources that it names itself (last_words.py), or
   else the signal or status.
2. A wrong answer: how the first expectation of the run differs, and in which call. What fails
   later in the same guest belongs to it.
3. BLOCKED: the cause of what blocks it.

The results of a run make the causes, so this is a pure function of their tree.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .differences import difference
from .last_words import common_lines, death, death_text, last_words, like, steady
from .severity import Severity, rank
from .spec import ID
from .verdicts import Verdict

Tree = Mapping[str, Any]
_DEATHS = (Verdict.CRASH, Verdict.TIMEOUT)


@dataclass(frozen=True)
class Sign:
    """The evidence of a failing check."""

    title: str
    check: Tree | None


class _Finder:
    """Finds the causes in one tree of results."""

    def __init__(self, results: Tree, rule: str | None) -> None:
        self.results, self.rule = results, rule
        self.runs = {run["name"]: run for run in results["guests"]}
        self.unmet = {
            r["id"]: r for r in results["requirements"] if r["binds"] == "hypervisor" and r["fails"]
        }
        self.rows = {r["id"]: r for r in results["requirements"]}
        ran = [run["stderr"] for run in results["guests"] if run["ran"]]
        self.common = common_lines(ran)
        self.deaths = {name: death(run["stderr"], rule) for name, run in self.runs.items()}
        self.first = self._first_failures()

    def _first_failures(self) -> dict[str, Tree]:
        """The first check of each guest, variants folded, that fails plainly."""
        first: dict[str, Tree] = {}
        for run in self.results["guests"]:
            for check in run["checks"]:
                if check["verdict"] == Verdict.FAIL and check["id"] in self.unmet:
                    first.setdefault(run["guest"], check)
        return first

    def signs(self, row: Tree) -> dict[str, Sign]:
        """The evidence of each of its failing checks, by its key, from the smallest run."""
        shown = [c for c in row["checks"] if c["verdict"] == row["verdict"]]
        signs: dict[str, Sign] = {}
        for check in sorted(shown, key=lambda c: _effort(self.runs[c["guest"]])):
            key, title = self._sign({"id": row["id"]} | dict(check))
            signs.setdefault(key, Sign(title, check))
        return signs or {like(row["reason"]): Sign(row["reason"], None)}

    def _sign(self, check: Tree) -> tuple[str, str]:
        run = self.runs[check["guest"]]
        if check["verdict"] in _DEATHS or self._ended(check, run):
            return self._end(check, run)
        if check["verdict"] == Verdict.FAIL:
            return difference(self.first.get(run["guest"], check), run["guest"])
        return like(check["reason"]), check["reason"]

    def _ended(self, check: Tree, run: Tree) -> bool:
        """True if it is the machine's end that fails."""
        return check["verdict"] == Verdict.FAIL and bool(
            re.match(r"(during this test|between two tests): ", check["reason"])
        )

    def _end(self, check: Tree, run: Tree) -> tuple[str, str]:
        said = self.deaths[run["name"]]
        if said and check["verdict"] != Verdict.TIMEOUT:
            return said.key, ": ".join(
                filter(None, (said.where, steady(said.message, lengths=True)))
            )
        words = last_words(run["stderr"], self.common, 1)
        if check["verdict"] == Verdict.FAIL:  # in an orderly way, but at the wrong time
            return f"{run['end']} {like(words)}", f"{words or 'no message'} ({run['end']})"
        if check["verdict"] == Verdict.TIMEOUT:
            return f"{run['end']} {run['guest']}", f"{run['end']} in {run['guest']}"
        return run["end"], run["end"]

    def severity(self, row: Tree, check: Tree | None) -> Severity:
        """What is at stake for this verdict: an orderly death, with a message, keeps memory
        and files as they are."""
        severity = Severity(row["severity"])
        if row["verdict"] not in _DEATHS or severity is Severity.RECOMMENDATION:
            return severity
        orderly = not check or "signal" not in self.runs[check["guest"]]["end"]
        return Severity.AVAILABILITY if orderly else min(severity, Severity.AVAILABILITY, key=rank)

    def run(self, sign: Sign) -> Tree | None:
        """The run that shows it."""
        return self.runs[sign.check["guest"]] if sign.check else None

    def last_words(self, run: Tree) -> str:
        """Its death in its own words, or the last that it said of this run."""
        said = death_text(run["stderr"], self.rule)
        return said or last_words(run["stderr"], self.common)

    def blocker(self, row: Tree) -> str | None:
        """The id of the requirement that a BLOCKED one waits for."""
        ids = [i for i in ID.findall(row["reason"]) if i != row["id"] and i in self.rows]
        return ids[0] if ids else None


def _effort(run: Tree | None) -> tuple[int, int, int, str]:
    """The shortest first: what a reader has to look through. One that says on its console what
    it tests comes before others, which may do hundreds of calls at random."""
    if run is None:
        return 2, 0, 0, ""
    silent = not run["console"].startswith("TAP")
    lines = run["console"].count("\n")  # not its length: numbers in it differ each time
    return int(silent), len(run["requirements"]), lines, run["name"]


def find_causes(results: Tree, rule: str | None = None) -> list[dict[str, Any]]:
    """The causes: first what is flaky, then the worst. `rule` is the adapter's `cause`."""
    finder = _Finder(results, rule)
    blocked = [r for r in finder.unmet.values() if r["verdict"] == Verdict.BLOCKED]
    groups = _fewest(
        {
            id_: finder.signs(row)
            for id_, row in finder.unmet.items()
            if row["verdict"] != Verdict.BLOCKED
        }
    )
    consequences = _consequences(finder, blocked, groups)
    causes = [_cause(finder, members, consequences.get(key, [])) for key, members in groups.items()]
    rows = finder.rows
    causes.sort(
        key=lambda c: (
            not any(rows[id_]["verdict"] == Verdict.FLAKY for id_ in c["requirements"]),
            rank(c["severity"]),
            -len(c["requirements"]),
            c["requirements"][0],
        )
    )
    return [{"number": number} | cause for number, cause in enumerate(causes, 1)]


def _fewest(signs: Mapping[str, Mapping[str, Sign]]) -> dict[str, dict[str, Sign]]:
    """The fewest causes that explain everything, found greedily: what most requirements have in
    common comes first. The signs of the requirements of each, by its key."""
    left, groups = dict(signs), {}
    while left:
        counts = Counter(key for some in left.values() for key in some)
        key = max(counts, key=lambda k: (counts[k], k))
        groups[key] = {id_: some[key] for id_, some in left.items() if key in some}
        left = {id_: some for id_, some in left.items() if key not in some}
    return groups


def _consequences(
    finder: _Finder, blocked: Sequence[Tree], groups: dict[str, dict[str, Sign]]
) -> dict[str, list[str]]:
    """BLOCKED requirements under the cause of what blocks them; one whose blocker is no
    requirement makes a cause of its own."""
    owner = {id_: key for key, members in groups.items() for id_ in members}
    found: dict[str, list[str]] = {}
    foundation = finder.results["blocked_by"]
    for row in blocked:
        blocker: str | None = row["id"]
        seen: set[str] = set()
        while blocker and blocker not in owner and blocker not in seen:
            seen.add(blocker)
            blocker = finder.blocker(finder.rows[blocker])
        key = owner.get(blocker or "")
        if key is None and foundation and row["reason"] == foundation:
            key = next(iter(groups), None)
        if key is None:
            groups.setdefault(like(row["reason"]), {})[row["id"]] = Sign(row["reason"], None)
        else:
            found.setdefault(key, []).append(row["id"])
    return found


def _cause(finder: _Finder, members: Mapping[str, Sign], consequences: list[str]) -> dict[str, Any]:
    severities = {id_: finder.severity(finder.unmet[id_], s.check) for id_, s in members.items()}
    severity = min(severities.values(), key=rank)
    worst = [id_ for id_ in members if severities[id_] is severity]
    shown = min(worst, key=lambda i: _effort(finder.run(members[i])))
    sign = members[shown]
    run = finder.run(sign)
    guests: Counter[str] = Counter()
    places: Counter[str] = Counter()
    for id_ in members:
        row = finder.unmet[id_]
        for name in {c["guest"] for c in row["checks"] if c["verdict"] == row["verdict"]}:
            guests[finder.runs[name]["guest"]] += 1
            said = finder.deaths[name]
            if said and said.where:
                places[said.where] += 1
    return {
        "title": steady(sign.title),
        "severity": str(severity),
        "requirements": list(members),
        "consequences": consequences,
        "requirement": shown,
        "run": run["name"] if run else None,
        "check": dict(sign.check) if sign.check else None,
        "guests": dict(guests),
        "places": dict(places.most_common()),
        "last_words": finder.last_words(run) if run else "",
    }
