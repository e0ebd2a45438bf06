# SPDX-License-Identifier: MIT OR Apache-2.0
"""What this process gives a hypervisor to live in, and the place for results.

A hypervisor that dies because this shell has a limit has no fault: what is too little is
one message, and no verdict.
"""

from __future__ import annotations

import errno
import fcntl
import os
import resource
from pathlib import Path

from .errors import SuiteError, UsageError
from .paths import shown
from .trees import remove_tree

MIB = 1 << 20
# Limit, its name for the shell, what a hypervisor needs, and for what.
_NEEDS = (
    (resource.RLIMIT_NOFILE, "ulimit -n", 256, "guests open up to 200 files"),
    (resource.RLIMIT_FSIZE, "ulimit -f", 6 << 30, "guests write to positions above 5 GiB"),
    (resource.RLIMIT_AS, "ulimit -v", 8 << 30, "a guest's RAM is mapped whole"),
    (resource.RLIMIT_DATA, "ulimit -d", 8 << 30, "a guest's RAM is mapped whole"),
    (resource.RLIMIT_STACK, "ulimit -s", 1 * MIB, "programs expect a stack"),
    (resource.RLIMIT_CPU, "ulimit -t", 600, "a session takes minutes of CPU time"),
)


def check_limits() -> None:
    """Raises a limit that is too low for a sound verdict; SuiteError when it may not."""
    for limit, name, need, why in _NEEDS:
        soft, hard = resource.getrlimit(limit)
        if soft == resource.RLIM_INFINITY or soft >= need:
            continue
        if hard != resource.RLIM_INFINITY and hard < need:
            raise SuiteError(
                f"the limit of this shell is too low for any hypervisor: `{name}` allows {hard}, "
                f"{need} are needed ({why})"
            )
        resource.setrlimit(limit, (need, hard))


_claimed: list[int] = []


def claim(directory: Path) -> None:
    """Makes the directory of results, and keeps other sessions out of it until this process
    ends. SuiteError when one is in it."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        place = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as problem:
        raise UsageError(f"{shown(directory)} cannot hold results: {problem.strerror}") from None
    if not os.access(directory, os.W_OK):
        raise UsageError(f"{shown(directory)} cannot hold results: it may not be written")
    try:
        fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        os.close(place)
        if problem.errno != errno.EWOULDBLOCK:
            return  # a file system without locks
        raise SuiteError(
            f"another session writes to {shown(directory)}; wait for its end, or give this one "
            "another place with --output"
        ) from None
    _claimed.append(place)


def check_writable(path: Path) -> None:
    """UsageError when this file cannot be written later, after a long run."""
    parent = path.absolute().parent
    if path.is_dir() or not parent.is_dir() or not os.access(parent, os.W_OK):
        raise UsageError(f"{shown(path)} cannot be written")


def empty(directory: Path) -> None:
    """Removes all that is in a directory, which stays the same."""
    for path in directory.iterdir():
        remove_tree(path)
