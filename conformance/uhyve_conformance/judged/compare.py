# SPDX-License-Identifier: MIT OR Apache-2.0
"""Compares a guest's runs with and without a freedom: console, end, files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .run import Observation

WHAT = ("console", "status", "files")
_NUMBER = re.compile(r"0x[0-9a-fA-F]+|[0-9]+")
SHOWN = 100  # characters of a line


@dataclass(frozen=True)
class Difference:
    """A difference: one of WHAT, and a phrase."""

    what: str
    text: str


@dataclass(frozen=True)
class Comparison:
    """The facts to compare, from two plain runs: what differs between those is left out."""

    plain: Observation
    console: bool  # exactly
    numbers: bool  # the console without its numbers
    status: bool
    files: bool
    ignored_lines: tuple[re.Pattern[str], ...] = ()

    def differences(self, other: Observation) -> list[Difference]:
        """From the plain run to the other."""
        found = []
        if self.status and (self.plain.ended, self.plain.status) != (other.ended, other.status):
            found.append(
                Difference("status", f"it ended by {_end(self.plain)}, now by {_end(other)}")
            )
        if self.console or self.numbers:
            before, after = self._lines(self.plain), self._lines(other)
            if before != after:
                found.append(Difference("console", _first(before, after)))
        if self.files and self.plain.files != other.files:
            found.append(Difference("files", _file(self.plain, other)))
        return found

    def _lines(self, run: Observation) -> list[str]:
        text = run.console if self.console else _NUMBER.sub("#", run.console)
        return [
            line
            for line in text.splitlines()
            if not any(p.search(line) for p in self.ignored_lines)
        ]


def prepare(
    first: Observation, second: Observation, ignored: Sequence[str], lines: Sequence[str]
) -> Comparison:
    """The facts that can be compared at all."""
    same = first.console == second.console
    similar = _NUMBER.sub("#", first.console) == _NUMBER.sub("#", second.console)
    wanted = "console" not in ignored
    return Comparison(
        plain=first,
        console=wanted and same,
        numbers=wanted and not same and similar,
        status="status" not in ignored
        and (first.ended, first.status) == (second.ended, second.status),
        files="files" not in ignored and first.files == second.files,
        ignored_lines=tuple(re.compile(line) for line in lines),
    )


def _end(run: Observation) -> str:
    names = {
        "exit": f"Exit({run.status})",
        "signal": "the time limit",
        "asleep": "the sleep of every vCPU",
        "fault": "a broken rule",
        "crash": "a crash",
        "refused": "a refusal of the image",
    }
    return names[run.ended]


def _first(before: list[str], after: list[str]) -> str:
    """The first line that is different."""
    for i in range(max(len(before), len(after))):
        old = before[i][:SHOWN] if i < len(before) else None
        new = after[i][:SHOWN] if i < len(after) else None
        if old != new:
            return f"line {i + 1} of the console was {_quoted(old)}, now {_quoted(new)}"
    return "the console ends otherwise"


def _quoted(line: str | None) -> str:
    return "missing" if line is None else repr(line)


def _file(before: Observation, after: Observation) -> str:
    for name in sorted({*before.files, *after.files}):
        if name not in after.files:
            return f"the file {name} is missing"
        if name not in before.files:
            return f"the file {name} is there"
        if before.files[name] != after.files[name]:
            return f"the file {name} has another content"
    return "the files differ"
