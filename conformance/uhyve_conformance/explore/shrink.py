# SPDX-License-Identifier: MIT OR Apache-2.0
"""Makes a sequence as small and as plain as it can be while the same difference shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace

from . import steps
from .script import NEVER_OPEN
from .steps import Step

Same = Callable[[list[Step]], bool]  # one guest run

# Tried in this order, before what is there is kept; the default comes first, but for descriptors.
PLAINER: dict[str, list[object]] = {
    "fd": [NEVER_OPEN, -1, "last"],
    "path": ["/m/n", "/m/d", "/p", "/m/lf"],
    "len": [1, 10],
    "flags": [2, 1, 0o102],
    "off": [1, -1],
    "whence": [1, 2, 5],
}
_DEFAULTS = {f.name: f.default for f in fields(Step)}


def shrink(sequence: list[Step], same: Same) -> list[Step]:
    while True:
        smaller = _plainer(_shorter(sequence, same), same)
        if smaller == sequence:
            return sequence
        sequence = smaller


def _shorter(sequence: list[Step], same: Same) -> list[Step]:
    """Drops steps, in big pieces first."""
    piece = len(sequence)
    while piece:
        at = 0
        while at < len(sequence) and len(sequence) > 1:
            candidate = sequence[:at] + sequence[at + piece :]
            if candidate and same(candidate):
                sequence = candidate
            else:
                at += piece
        piece //= 2
    return sequence


def _plainer(sequence: list[Step], same: Same) -> list[Step]:
    """Moves each field towards its default."""
    for at in range(len(sequence)):
        for name in dict.fromkeys(steps.RELEVANT[sequence[at].call] + steps.PLACES):
            for value in (
                PLAINER[name] if name == "fd" else [_DEFAULTS[name], *PLAINER.get(name, [])]
            ):
                if value == getattr(sequence[at], name):
                    break
                candidate = [
                    *sequence[:at],
                    replace(sequence[at], **{name: value}),
                    *sequence[at + 1 :],
                ]
                if same(candidate):
                    sequence = candidate
                    break
    return sequence
