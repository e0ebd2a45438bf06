# SPDX-License-Identifier: MIT OR Apache-2.0
"""Changes that need not be noticed, each with its reason, by place and text:

    [[entry]]
    file = "names.c"
    function = "open_beneath"        # optional: without it the whole file is meant
    text = "tries == 100"            # optional: the line holds this
    before = "tries "                # optional: the line up to the change ends so
    old = "=="                       # optional: what is changed
    new = "!="                       # optional: what it becomes
    reason = "how often it is tried is no matter"

An entry that matches no change of today's sources is stale.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import UsageError
from ..paths import shown
from .sites import Site

_KEYS = {"file", "function", "text", "before", "old", "new", "reason"}


@dataclass(frozen=True)
class Known:
    """One entry."""

    file: str
    reason: str
    function: str = ""
    text: str = ""
    before: str = ""
    old: str = ""
    new: str = ""

    def names(self, site: Site) -> bool:
        """True if it speaks of this change."""
        return (
            site.file == self.file
            and self.function in ("", site.function)
            and self.text in site.text
            and site.before.endswith(self.before)
            and self.old in ("", site.old)
            and self.new in ("", site.new)
        )

    def __str__(self) -> str:
        named = (self.file, self.function, self.text, self.before, self.old, self.new)
        return " ".join(filter(None, named))


def read_known(path: Path, sites: Sequence[Site]) -> tuple[list[Known], list[str]]:
    """The entries, and those that are stale; UsageError for a bad file."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise UsageError(f"{shown(path)}: {problem}") from None
    entries = []
    for number, entry in enumerate(table.get("entry", []), 1):
        if set(entry) - _KEYS or not entry.get("file") or not entry.get("reason"):
            raise UsageError(f"{shown(path)}: entry {number}: keys are {', '.join(sorted(_KEYS))}")
        entries.append(Known(**entry))
    stale = [str(known) for known in entries if not any(known.names(site) for site in sites)]
    return entries, stale
