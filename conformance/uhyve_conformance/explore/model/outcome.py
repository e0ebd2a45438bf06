# SPDX-License-Identifier: MIT OR Apache-2.0
"""The permitted outcomes of a call: alternatives, each with the sentences that allow it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum, IntEnum
from functools import cache

from . import errors
from .state import State


class Kind(Enum):
    """The way in which a call returned."""

    RETURNED = "returned"
    UNANSWERED = "no answer"  # the result still holds what the guest had put there
    ENDED = "ended"  # the virtual machine ended, and in an orderly way
    CRASHED = "crashed"  # the hypervisor died or hung: never allowed


@dataclass(frozen=True)
class Observed:
    """The observed effects of one call, in the model's terms."""

    kind: Kind = Kind.RETURNED
    result: int = 0  # a negative one is -errno, whatever form the call gives it; status when ended
    stored: bytes = b""  # what lies in the guest's buffer as far as the result says
    before: bytes = b""  # what lay there before the call
    console: bytes = b""  # what the call printed


class Level(IntEnum):
    ASKED = 0
    TOLERATED = 1  # a SHOULD is not met


Effect = Callable[[State, Observed], None]
Result = int | Callable[[int], bool]


@dataclass(frozen=True)
class Alternative:
    """One thing that is allowed to happen."""

    result: Result
    ids: tuple[str, ...] = ()
    effect: Effect | None = None  # on the state
    stores: bytes | Callable[[Observed], bool] = b""  # what must be in the buffer
    prints: bytes = b""
    level: Level = Level.ASKED
    kind: Kind = Kind.RETURNED
    unmet: tuple[str, ...] = ()  # with TOLERATED
    words: str = ""  # for a reader, where the result says little

    def explains(self, seen: Observed) -> bool:
        return (
            seen.kind is self.kind
            and (self.result(seen.result) if callable(self.result) else self.result == seen.result)
            and (self.stores(seen) if callable(self.stores) else self.stores == seen.stored)
            and self.prints == seen.console
        )

    def tolerated(self, *ids: str) -> Alternative:
        """The same where it is not as asked: these SHOULDs are not met."""
        return replace(self, level=Level.TOLERATED, unmet=self.unmet + ids)

    def because(self, *ids: str) -> Alternative:
        return replace(self, ids=self.ids + ids)

    def __str__(self) -> str:
        if self.words or self.kind is not Kind.RETURNED:
            return self.words or self.kind.value
        return "a value" if callable(self.result) else errors.name_of(self.result)


@dataclass(frozen=True)
class Outcome:
    """All that a call may do in a state."""

    alternatives: tuple[Alternative, ...]
    faults: tuple[str, ...] = ()  # what is wrong with the call, the whole list
    case: str = ""  # what is special about it when nothing is wrong

    @property
    def label(self) -> str:
        return "+".join(self.faults) or self.case or "plain"

    def expected(self) -> str:
        """The results as asked, for a reader."""
        return " or ".join(
            dict.fromkeys(str(a) for a in self.alternatives if a.level is Level.ASKED)
        )


def applying(rules: Mapping[str, bool]) -> tuple[str, ...]:
    """The requirements that apply."""
    return tuple(rule for rule, applies in rules.items() if applies)


def fails(code: int, *ids: str) -> list[Alternative]:
    """The call reports code. One that a hypervisor may not know can arrive as EPERM or EIO."""
    return list(_fails(code, ids))


@cache
def _fails(code: int, ids: tuple[str, ...]) -> list[Alternative]:
    exact = Alternative(
        -code, ids + (("UHY-ERR-004",) if code in errors.UNCHANGED else ("UHY-ERR-005",))
    )
    if code in errors.UNCHANGED:
        return [exact]
    others = [Alternative(-other, (*ids, "UHY-ERR-006")) for other in (errors.EPERM, errors.EIO)]
    return [exact, *(other.tolerated("UHY-ERR-005") for other in others)]


def fails_with(codes: Iterable[int], *ids: str) -> list[Alternative]:
    return [alternative for code in codes for alternative in fails(code, *ids)]


def orderly_end(*ids: str) -> Alternative:
    """The hypervisor ends the machine, with a status that is not success."""
    return Alternative(lambda status: status != 0, ids, kind=Kind.ENDED, words="an orderly end")


def fails_somehow(*ids: str) -> list[Alternative]:
    """Any error number will do."""
    return [Alternative(lambda result: -errors.LAST <= result < 0, ids)]
