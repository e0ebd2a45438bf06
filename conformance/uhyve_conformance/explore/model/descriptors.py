# SPDX-License-Identifier: MIT OR Apache-2.0
"""Descriptors that a call names."""

from __future__ import annotations

from .call import O_ACCMODE
from .state import Directory, State

_ACCESS = ("r", "w", "rw", "none")


def not_open(fd: int) -> str:
    """The requirement to report a descriptor that is not open."""
    return "UHY-ERR-008" if fd < 0 else "UHY-ERR-009"


def bad_descriptor(state: State, fd: int) -> tuple[tuple[str, ...], str]:
    """(what is wrong with a descriptor, or what kind of descriptor it is)."""
    if fd < 0:
        return ("fd<0",), ""
    if fd < 3:
        return (), f"fd{fd}"
    if fd not in state.open:
        return ("fd:closed" if fd in state.closed else "fd:never",), ""
    descriptor = state.open[fd]
    if isinstance(state.nodes[descriptor.node], Directory):
        return (), "fd:dir"
    return (), "fd:" + _ACCESS[descriptor.flags & O_ACCMODE]
