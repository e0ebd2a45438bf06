# SPDX-License-Identifier: MIT OR Apache-2.0
"""A difference, shrunk and named after the call that is to blame."""

from __future__ import annotations

from dataclasses import dataclass

from .check import Difference, Traced
from .generate import Features, features
from .script import Group
from .steps import Step, text_of


@dataclass(frozen=True)
class Finding:
    name: str
    sequence: tuple[Step, ...]
    difference: Difference
    blamed: int  # index of the step to blame
    seconds: float
    sequences_before: int
    umask: int = 0o022
    only_in_batch: bool = False
    group: Group | None = None  # for several vCPUs; the sequence is then all their steps

    @property
    def text(self) -> str:
        return self.group.text if self.group else text_of(list(self.sequence))

    @property
    def ids(self) -> tuple[str, ...]:
        trace = self.difference.trace
        if self.blamed < len(trace) and self.blamed != self.difference.index:
            return trace[self.blamed].ids
        return self.difference.ids


def label_features(label: str) -> Features:
    call, _, rest = label.partition(" ")
    return features(call, rest)


def blame(difference: Difference, sequence: list[Step]) -> tuple[Features, str, int]:
    """(what to leave out from now on, name of the defect, index of the step to blame).

    All steps of a minimal sequence are needed. One that changed nothing by the
    model, and whose result is not used, has an effect that it must not have:
    that is the one to blame, and not the one that showed it.
    """
    before: list[Traced] = difference.trace[
        : len(difference.trace) - (difference.index == len(sequence))
    ]
    for index in reversed(range(len(before))):
        if not before[index].matters:
            label = before[index].label
            return label_features(label), f"{label} -> lasting effect", index
    if difference.label in ("host files", "end") and difference.trace:
        last = difference.trace[-1].label
        return label_features(last), f"{last} -> {difference.signature}", len(difference.trace) - 1
    return label_features(difference.label), difference.signature, difference.index
