# SPDX-License-Identifier: MIT OR Apache-2.0
"""The executable specification of interfaces 2 and 3.

    outcome = allowed(state, call)            what a call may do in a state
    explanation = explain(states, call, seen) the states that explain what it did

It parses no chapter and knows no hypervisor; each alternative names the
requirements that it stands for. Read it in this order: state, outcome, call,
ranges, paths, then the calls: files, transfer, attributes, listing, console; general is for a call without a model.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ...interface import read_interface
from . import attributes, console, files, general, listing, transfer
from .call import Call, Name
from .outcome import Alternative, Kind, Level, Observed, Outcome
from .ranges import bad_block, placed
from .state import ROOT, Directory, File, Ram, State, Store, Symlink

__all__ = [
    "MOST_STATES",
    "ROOT",
    "Alternative",
    "Call",
    "Directory",
    "Explanation",
    "File",
    "Kind",
    "Level",
    "Name",
    "Observed",
    "Outcome",
    "Ram",
    "State",
    "Store",
    "Symlink",
    "allowed",
    "explain",
]

MOST_STATES = 32

_CALLS: dict[str, Callable[[State, Call], Outcome]] = {
    "Exit": console.exit_,
    "SerialWriteByte": console.serial_write_byte,
    "SerialWriteBuffer": console.serial_write_buffer,
    "SerialReadByte": console.serial_read_byte,
    "SerialReadBuffer": console.serial_read_buffer,
    "FileWrite": transfer.write,
    "FileOpen": files.open_,
    "FileClose": files.close,
    "FileRead": transfer.read,
    "FileLseek": transfer.lseek,
    "FileUnlink": files.unlink,
    "Getdents": listing.getdents,
    "FileStat": attributes.stat,
    "FileFstat": attributes.fstat,
    "Mkdir": files.mkdir,
}


_DESCRIBED = read_interface()
_PACKED = tuple(
    call.name
    for call in _DESCRIBED.calls
    if call.block and _DESCRIBED.struct(call.block).align == 1
)

# Requirements on every call that returns, which are checked for each.
_ALWAYS = (
    "UHY-CALL-001",
    "UHY-CALL-002",
    "UHY-CALL-003",
    "UHY-CALL-008",
    "UHY-CALL-026",
    "UHY-CALL-030",
    "UHY-CALL-031",
    "UHY-BLOCK-001",
    "UHY-BLOCK-020",
    "UHY-BLOCK-021",
    "UHY-BLOCK-022",
    "UHY-BLOCK-027",
)
_ON_ERROR = (
    "UHY-ERR-003",
    "UHY-ERR-007",
    "UHY-ERR-010",
    "UHY-ERR-011",
    "UHY-ROB-003",
    "UHY-ROB-007",
)
# The layout of a call's block, and what its path shows.
_PATH = ("UHY-PATH-006", "UHY-PATH-001")
_OF_CALL: dict[str, tuple[str, ...]] = {
    "SerialWriteBuffer": ("UHY-BLOCK-002",),
    "SerialReadBuffer": ("UHY-BLOCK-003",),
    "FileWrite": ("UHY-BLOCK-004",),
    "FileRead": ("UHY-BLOCK-005",),
    "FileOpen": ("UHY-BLOCK-006", *_PATH),
    "FileClose": ("UHY-BLOCK-007",),
    "FileLseek": ("UHY-BLOCK-008",),
    "FileUnlink": ("UHY-BLOCK-009", *_PATH),
    "Getdents": ("UHY-BLOCK-010",),
    "FileStat": ("UHY-BLOCK-011", *_PATH),
    "FileFstat": ("UHY-BLOCK-012",),
    "Mkdir": ("UHY-BLOCK-013", *_PATH),
}
_INTERFACE_3 = tuple(call.name for call in _DESCRIBED.calls if call.since >= 3)


def _always(state: State, call: Call, seen: Observed) -> tuple[str, ...]:
    """The requirements that a call shows whatever the model says of its result."""
    if seen.kind is not Kind.RETURNED:
        return ()
    ids = _ALWAYS + _OF_CALL.get(call.name, ())
    if not call.block:
        return ids
    newer = call.name in _INTERFACE_3
    ids += ("UHY-ROB-002" if newer else "UHY-ROB-001", "UHY-BLOCK-023", "UHY-BLOCK-024")
    if seen.result < 0:
        ids += _ON_ERROR + (
            ("UHY-ERR-002", "UHY-BLOCK-025", "UHY-BLOCK-026") if newer else ("UHY-ERR-001",)
        )
    return ids + placed(state, call, call.name in _PACKED)


def allowed(state: State, call: Call) -> Outcome:
    """All that a call may do in a state; a name that is not a call's is a number without meaning."""
    other = general.known_by_its_row if call.block else console.nothing
    return bad_block(state, call) or _CALLS.get(call.name, other)(state, call)


@dataclass
class Explanation:
    """Why what was seen is allowed: the states it may have led to, none when it is not."""

    states: list[State] = field(default_factory=list)
    alternatives: list[Alternative] = field(default_factory=list)
    outcome: Outcome = Outcome(())  # of the first state
    ids: tuple[str, ...] = ()  # what is shown whatever the result is

    @property
    def level(self) -> Level:
        return min((a.level for a in self.alternatives), default=Level.ASKED)

    @property
    def changed(self) -> bool:
        """True if the call had an effect."""
        return any(a.effect for a in self.alternatives)


def explain(states: list[State], call: Call, seen: Observed) -> Explanation:
    """Follows every state along every alternative that fits."""
    result = Explanation(outcome=allowed(states[0], call))
    result.ids = _always(states[0], call, seen)
    for index, state in enumerate(states):
        outcome = allowed(state, call) if index else result.outcome
        for alternative in outcome.alternatives:
            if alternative.explains(seen):
                after = state
                if alternative.effect:
                    after = state.copy()
                    alternative.effect(after, seen)
                result.states.append(after)
                result.alternatives.append(alternative)
    del result.states[MOST_STATES:]
    return result
