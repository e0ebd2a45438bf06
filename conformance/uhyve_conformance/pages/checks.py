# SPDX-License-Identifier: MIT OR Apache-2.0
"""Which lines of which guest check a requirement."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..manifest import Guest
from ..paths import GUESTS, ROOT

_TOKEN = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|/\*.*?\*/|//[^\n]*|[{}]', re.S)


@dataclass(frozen=True)
class Check:
    """A guest that checks a requirement."""

    guest: str
    variants: int  # how many of its runs check it
    source: str  # path of the C file in the project; empty when it is not there
    lines: tuple[tuple[int, int], ...]  # first and last


def find_checks(guests: Iterable[Guest], sources: Path = GUESTS) -> dict[str, list[Check]]:
    """The checks of each id, in the order of the guests."""
    files = {path.stem: path for path in sorted(sources.glob("*/*.c"))}
    found: dict[str, dict[str, Check]] = {}
    for guest in guests:
        path = files.get(guest.name)
        text = path.read_text(encoding="utf-8") if path else ""
        source = str(path.relative_to(ROOT)) if path and path.is_relative_to(ROOT) else ""
        for id_ in dict.fromkeys(id_ for run in guest.runs for id_ in run.requirements):
            count = sum(id_ in run.requirements for run in guest.runs)
            lines = tuple(lines_of(text, id_))
            found.setdefault(id_, {}).setdefault(
                guest.name, Check(guest.name, count, source, lines)
            )
    return {id_: list(checks.values()) for id_, checks in found.items()}


def lines_of(text: str, id_: str) -> list[tuple[int, int]]:
    """The code about an id in a C file: the block after the line, or else the line."""
    places: list[tuple[int, int]] = []
    for match in re.finditer(rf'"{id_}"', text):
        line = text.count("\n", 0, match.start())
        first = line + 1
        in_test = re.search(r"\bTEST(_IN)?\s*\([^{;]*$", text[: match.start()])
        last = _block_end(text, match.end()) if in_test else first
        if places and places[-1][1] >= first - 1:
            places[-1] = (places[-1][0], max(last, places[-1][1]))
        else:
            places.append((first, last))
    return places


def _block_end(text: str, begin: int) -> int:
    """The line of the brace that closes the first block from there."""
    depth = 0
    for token in _TOKEN.finditer(text, begin):
        if token[0] == "{":
            depth += 1
        elif token[0] == "}":
            depth -= 1
            if depth <= 0:
                return text.count("\n", 0, token.start()) + 1
    return text.count("\n", 0, begin) + 1
