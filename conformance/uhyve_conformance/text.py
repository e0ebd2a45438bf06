# SPDX-License-Identifier: MIT OR Apache-2.0
"""Text of others on a terminal."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def printable(text: str) -> str:
    """Without what a terminal would obey: control characters and the like, as \\x1b."""
    return "".join(
        c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text
    )


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint for a misspelt word, to go after it; empty when nothing is near."""
    near = difflib.get_close_matches(word, list(known), 1, 0.6)
    return f"; did you mean '{near[0]}'?" if near else ""
