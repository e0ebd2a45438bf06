# SPDX-License-Identifier: MIT OR Apache-2.0
"""How an answer differs from the one that is due, in words, and which differences are alike."""

from __future__ import annotations

import errno
import re
from collections.abc import Mapping
from typing import Any

from .interface import read_calls
from .last_words import like

UNANSWERED = -77777  # guests/lib/test.h: what ret holds before a call
ERRNO_MAX = 133  # the greatest of Hermit's error numbers
# Calls whose answer depends on a path above all: one walk decides for all of them.
PATH_CALLS = ("FileOpen", "FileUnlink", "FileStat", "Mkdir")
# The call that an area is about, whichever other call shows what became of it.
AREA_CALLS = {call.area: call.name for call in read_calls()}
_INTEGER = re.compile(r"(?<![\w.])-?\d+(?![\w.])")


def named(value: str) -> str:
    """A value for a human: error numbers by name, and what was never written as such."""

    def word(match: re.Match[str]) -> str:
        number = int(match[0])
        if number == UNANSWERED:
            return "never written"
        name = errno.errorcode.get(-number) if -ERRNO_MAX <= number < 0 else None
        return f"{number} ({name})" if name else match[0]

    if value == f"-{ERRNO_MAX} to -1":
        return "an error number"
    if value == "3 to 2147483647":
        return "a descriptor"
    return (
        _INTEGER.sub(word, value)
        if re.fullmatch(r"[-\d ]*(?:(?: or | to )-?\d+)*", value)
        else value
    )


def field(value: str) -> str:
    """A field of a block, which a guest shows as it stands there: what is an error number, or
    was never written, says so."""
    head, arrow, rest = value.partition(" ")
    if not re.fullmatch(r"0x[0-9a-f]+", head):
        return value
    for bits in (32, 64):
        number = int(head, 16) - (1 << bits)
        if number == UNANSWERED or -ERRNO_MAX <= number < 0:
            return f"{head} = {named(str(number))}{arrow}{rest}"
    return value


def difference(check: Mapping[str, Any], guest: str) -> tuple[str, str]:
    """The key of its kind, and the same in words."""
    source, call = check["source"], check["details"].get("call")
    expected, actual = check["expected"], check["actual"]
    if source in ("status", "refusal") and re.search(r"(?:^|status )0$", actual):
        return "status 0", "the exit status is 0 where it has to say that something went wrong"
    if source == "files":
        return f"files {like(check['reason'])}", f"{check['what']}: {check['reason']}"
    if source != "console" or not call:
        what = check["reason"] or check["what"]
        return f"{guest} {source}", f"{what}{_gave(expected, actual)}"
    area = check["id"].split("-")[1]
    subject = AREA_CALLS.get(area, call)
    text = f"{_bare(check['reason'])}{_gave(expected, actual)}"
    if not _accepts(expected, actual):
        kind = subject if area in AREA_CALLS else f"{area} {call}"
        return f"{kind} otherwise", f"{subject}: {text}"
    if call in PATH_CALLS:
        return "path accepts", f"a path that has to give an error is accepted: {text}"
    return f"{subject} accepts", f"{subject} accepts what has to give an error: {text}"


def _bare(what: str) -> str:
    """An expectation without parentheses around it, which are the source's."""
    return what[1:-1] if what.startswith("(") and what.endswith(")") else what


def _gave(expected: str, actual: str) -> str:
    """What came of it. A hexadecimal value is a byte of some memory, and may be any other one
    next time: the evidence shows it."""
    if re.fullmatch(r"0x[0-9a-f]+", actual):
        return f" is not {named(expected)}"
    return f" gives {named(actual)}, not {named(expected)}" if expected or actual else ""


def _accepts(expected: str, actual: str) -> bool:
    """True if a call succeeds that has to give an error."""
    numbers = [int(n) for n in _INTEGER.findall(expected)]
    due = bool(numbers) and all(-ERRNO_MAX <= n < 0 for n in numbers)
    return due and actual.isdecimal()
