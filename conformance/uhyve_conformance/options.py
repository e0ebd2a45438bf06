# SPDX-License-Identifier: MIT OR Apache-2.0
"""Numbers on the command line. What is out of range, or no number at all, is wrong usage."""

from __future__ import annotations

import argparse
from collections.abc import Callable

LONGEST = 365 * 86400.0  # seconds: a year


def count(text: str) -> int:
    """A whole number from 1 on."""
    if not (text.isascii() and text.isdigit()) or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number from 1 upwards")
    return int(text)


def at_once(processors: int) -> int:
    """How many runs keep so many processors busy: a half more, for a run only waits while the
    kernel takes its virtual machine apart."""
    return processors + processors // 2


def between(low: float, high: float) -> Callable[[str], float]:
    """A number in this range, which `nan` is not."""

    def number(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"'{text}' is not a number from {low:g} to {high:.0f}")
        return value

    return number


seconds = between(0.01, LONGEST)
