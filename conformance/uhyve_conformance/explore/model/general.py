# SPDX-License-Identifier: MIT OR Apache-2.0
"""A call of calls.def that has no model of its own yet: what holds for every call."""

from __future__ import annotations

from ...interface import read_interface
from . import errors
from .call import Call
from .descriptors import bad_descriptor
from .outcome import Alternative, Outcome, fails
from .state import State

_NAMING_DESCRIPTORS = frozenset(
    call.name for call in read_interface().calls if any(f.kind == "FD" for f in call.fields)
)


def known_by_its_row(state: State, call: Call) -> Outcome:
    """A bad descriptor is EBADF; any other result is taken, and nothing else may change."""
    faults, kind = bad_descriptor(state, call.fd) if call.name in _NAMING_DESCRIPTORS else ((), "")
    if faults:
        return Outcome(tuple(fails(errors.EBADF, "UHY-ERR-008", "UHY-ERR-009")), faults)
    anything = Alternative(
        lambda result: result >= -errors.LAST, stores=lambda seen: True, words="any result"
    )
    return Outcome((anything,), case=kind)
