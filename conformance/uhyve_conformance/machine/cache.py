# SPDX-License-Identifier: MIT OR Apache-2.0
"""Common code for the caches below build/machines/<arch>/."""

import contextlib
import errno
import fcntl
from collections.abc import Iterator
from pathlib import Path

from .errors import MachineError


@contextlib.contextmanager
def filling(place: Path, what: str, advice: str) -> Iterator[None]:
    """Around whatever reads or fills a cache: one process at a time, problems explained."""
    try:
        place.mkdir(parents=True, exist_ok=True)
        with (place / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    except OSError as problem:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            raise MachineError(f"no {what}: no space left in {place}") from None
        raise MachineError(f"no {what}: {place} cannot be used: {problem}") from None
    except MachineError as problem:
        raise MachineError(f"no {what}: {problem}; {advice}") from None
