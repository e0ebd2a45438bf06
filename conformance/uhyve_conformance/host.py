# SPDX-License-Identifier: MIT OR Apache-2.0
"""What Linux has and other hosts may not have. Nothing but this module, guardian.py and
trees.py looks for it, and each has a way without it."""

from __future__ import annotations

import contextlib
import os
import platform
import resource
from pathlib import Path

# Set in the environment, this makes any host one that has none of it: for tests.
PORTABLE = bool(os.environ.get("UHYVE_CONFORMANCE_PORTABLE"))
# Handles of files that are not opened, and their paths.
HANDLES = not PORTABLE and hasattr(os, "O_PATH") and Path("/proc/self/fd").is_dir()
_FULL = Path("/dev/full")
_MEMORY = Path("/dev/shm")


def open_full() -> int:
    """A descriptor for output that takes nothing: of a full device, or of one that cannot be
    written."""
    if not PORTABLE and _FULL.exists():
        return os.open(_FULL, os.O_RDWR)
    return os.open(os.devnull, os.O_RDONLY)


def full_for_shell() -> str:
    """The same as a redirection of a shell."""
    return f"1<>{_FULL}" if not PORTABLE and _FULL.exists() else f"1<{os.devnull}"


def in_memory() -> str | None:
    """A directory in memory, if there is one: where thousands of small files are made."""
    there = not PORTABLE and _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK)
    return str(_MEMORY) if there else None


def limit_memory(size: int) -> None:
    """No more address space than this for the process from now on, where the host has such a
    limit."""
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (size, size))


def name_of(pid: int) -> str:
    """A process in words."""
    try:
        return f"{_proc(f'{pid}/comm').strip()} ({pid})"
    except OSError:
        return f"process {pid}"


def cpu_model() -> str:
    """Of this machine's processor."""
    try:
        lines = _proc("cpuinfo").splitlines()
    except OSError:
        lines = []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()


def _proc(name: str) -> str:
    if PORTABLE:
        raise FileNotFoundError
    return Path("/proc", name).read_text(errors="replace")
