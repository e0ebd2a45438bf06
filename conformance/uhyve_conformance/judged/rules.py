# SPDX-License-Identifier: MIT OR Apache-2.0
"""The rules for guests: the rows of rules.def, which the VMM uses too."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ..errors import SuiteError
from ..paths import ROOT, shown
from ..spec import Specification

RULES = ROOT / "reference-vmm" / "src" / "judge" / "rules.def"
HOWS = ("STATIC", "PASSIVE", "FREEDOM", "NEVER")
# A warning that has no row: it is of no detector, but of a comparison.
RELIES = "relies-on-a-freedom"

_STRING = r'"((?:[^"\\]|\\.)*)"'
_RULE = re.compile(rf"^JUDGE_RULE\((\w+), {_STRING}, (\w+),\s*{_STRING}\)", re.M)
_WARNING = re.compile(rf"^JUDGE_WARNING\((\w+), {_STRING},\s*{_STRING}\)", re.M)
_FREEDOMS = re.compile(r"\[([^]]*)\] (.*)")


@dataclass(frozen=True)
class Rule:
    """One row."""

    id: str  # of a requirement, or a word
    how: str  # one of HOWS
    mend: str  # why it cannot be decided, where how is NEVER
    freedoms: tuple[str, ...] = ()
    warning: bool = False


def read_rules(path: Path = RULES) -> dict[str, Rule]:
    """All rows by their ids."""
    text = path.read_text(encoding="utf-8")
    rules: dict[str, Rule] = {}
    for _, id_, how, mend in _RULE.findall(text):
        if how not in HOWS:
            raise SuiteError(f"{shown(path)}: {id_}: '{how}' is none of {', '.join(HOWS)}")
        freedoms: tuple[str, ...] = ()
        if how == "FREEDOM":
            found = _FREEDOMS.fullmatch(_plain(mend))
            if not found:
                raise SuiteError(f"{shown(path)}: {id_}: it names no freedom")
            freedoms, mend = tuple(found[1].split()), found[2]
        rules[id_] = Rule(id_, how, _plain(mend), freedoms)
    for _, word, mend in _WARNING.findall(text):
        rules[word] = Rule(word, "PASSIVE", _plain(mend), warning=True)
    rules[RELIES] = Rule(
        RELIES,
        "FREEDOM",
        "the text leaves this open: do not depend on what one hypervisor does",
        warning=True,
    )
    return rules


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def faults(rules: dict[str, Rule], spec: Specification) -> list[str]:
    """The contradictions between the table and the chapters."""
    bound = {requirement.id for requirement in spec.of("guest")}
    judged = {id_ for id_, rule in rules.items() if not rule.warning}
    where = shown(RULES)
    return [f"{where}: {id_} binds guests and has no row" for id_ in sorted(bound - judged)] + [
        f"{where}: {id_} is not a requirement on guests" for id_ in sorted(judged - bound)
    ]
