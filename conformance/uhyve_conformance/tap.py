# SPDX-License-Identifier: MIT OR Apache-2.0
"""Reads a guest's console: the Test Anything Protocol, version 14, with the plan after the
tests, and our comments in it.

# response 0x…      the answer to the challenge
# begin ID          a test begins
# may end ID        the hypervisor may end the machine from here
# went on           … but it did not
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_PLAN = re.compile(r"1\.\.(\d+)$")
_TEST = re.compile(r"(not )?ok (\d+) - (\S+) ?(.*)$")
_ANY_TEST = re.compile(r"(not )?ok\b")
_COMMENT = re.compile(r"# (response|begin|may end|went on)(?: (\S+))?$")
_DIRECTIVE = re.compile(r"#\s*(skip|todo)", re.IGNORECASE)


@dataclass
class TapTest:
    """One test line and its diagnosis."""

    id: str
    text: str
    ok: bool
    details: dict[str, object] = field(default_factory=dict)


@dataclass
class Tap:
    """The parsed contents of a console."""

    plan: int | None = None  # printed when the guest ends by itself
    response: int | None = None
    tests: list[TapTest] = field(default_factory=list)
    begun: str | None = None  # the id of the test that has begun and not ended
    may_end: bool = False  # … and the machine may end now
    bail_out: str | None = None
    faults: list[str] = field(default_factory=list)  # what is not TAP of ours

    @property
    def all_ok(self) -> bool:
        """All tests ended well."""
        return all(test.ok for test in self.tests)


def parse_tap(console: bytes) -> Tap:
    """Lines that are not TAP are ignored; lines that nearly are become faults."""
    tap = Tap()
    lines = console.decode("utf-8", "backslashreplace").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    at = 0
    while at < len(lines):
        line = lines[at].rstrip("\r")
        at += 1
        if match := _PLAN.match(line):
            if tap.plan is not None:
                tap.faults.append("the plan comes twice")
            tap.plan = int(match[1])
        elif match := _COMMENT.match(line):
            _comment(tap, match[1], match[2])
        elif line.startswith("Bail out!"):
            tap.bail_out = line.removeprefix("Bail out!").strip() or "no reason given"
        elif match := _TEST.match(line):
            at, details = _details(lines, at)
            _test(tap, match, details)
        elif _ANY_TEST.match(line):
            tap.faults.append(f"not a test line of ours: {line}")
    if tap.plan not in (None, len(tap.tests)):
        tap.faults.append(f"{len(tap.tests)} tests, {tap.plan} planned")
    return tap


def _comment(tap: Tap, word: str, value: str | None) -> None:
    if word == "response":
        try:
            tap.response = int(value or "", 0)
        except ValueError:
            tap.faults.append(f"the response is not a number: {value}")
    elif word == "begin":
        tap.begun, tap.may_end = value, False
    else:
        tap.may_end = word == "may end"


def _test(tap: Tap, match: re.Match[str], details: dict[str, object]) -> None:
    failed, number, id_, text = match.groups()
    if tap.plan is not None:
        tap.faults.append(f"test {number} comes after the plan")
    if int(number) != len(tap.tests) + 1:
        tap.faults.append(f"test {number} where {len(tap.tests) + 1} was due")
    if _DIRECTIVE.search(text):
        tap.faults.append(f"test {number}: a guest never skips: {text}")
    if tap.begun is not None and tap.begun != id_:
        tap.faults.append(f"test {number} is of {id_}, but {tap.begun} had begun")
    tap.tests.append(TapTest(id_, text, not failed, details))
    # A test that failed continues until the next one begins.
    tap.may_end = False
    if not failed:
        tap.begun = None
    elif tap.begun is None:
        tap.faults.append(f"test {number} did not begin")


def _details(lines: list[str], at: int) -> tuple[int, dict[str, object]]:
    """The YAML block that begins at this line, if there is one: scalars, lists and maps of them."""
    if at >= len(lines) or lines[at].rstrip("\r") != "  ---":
        return at, {}
    details: dict[str, object] = {}
    key = ""
    for index in range(at + 1, len(lines)):
        line = lines[index].rstrip("\r")
        if line == "  ...":
            return index + 1, details
        if line.startswith("    - "):
            details[key] = [*(details.get(key) or []), line[6:]]
        elif line.startswith("    ") and ":" in line:
            name, _, value = line.strip().partition(":")
            details[key] = {**(details.get(key) or {}), name: value.strip()}
        elif line.startswith("  ") and ":" in line:
            key, _, value = line.strip().partition(":")
            details[key] = _unquoted(value.strip())
        else:
            break
    return at + 1, details


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
