# SPDX-License-Identifier: MIT OR Apache-2.0
"""What several commands take on the command line. A number that is out of range, or none at all,
is wrong usage."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from . import paths
from .architectures import JUDGED
from .guests import read_guests
from .manifest import Guest

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


def several(parser: argparse.ArgumentParser, name: str, **more: Any) -> None:
    """An option that may be given several times."""
    parser.add_argument(name, action="append", default=[], **more)


def guest_options(parser: argparse.ArgumentParser, archs: Iterable[str] = JUDGED) -> None:
    """The options that say which guests, and by which texts they are judged."""
    parser.add_argument("--arch", choices=tuple(archs), default="x86_64")
    parser.add_argument("--guests", type=Path, help="directory of the test guests")
    parser.add_argument("--spec", type=Path, default=paths.SPEC, help="directory of the chapters")
    parser.add_argument(
        "--guest-lock", type=Path, default=paths.GUEST_LOCK, help="file with the guests' digests"
    )


def guests_of(options: argparse.Namespace) -> list[Guest]:
    """The guests that these options mean."""
    directory = options.guests or paths.BUILD / "guests" / options.arch
    return read_guests(directory)
