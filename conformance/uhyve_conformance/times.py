# SPDX-License-Identifier: MIT OR Apache-2.0
"""Where the time of a session goes: by phase, and by guest."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

# So many guests are named.
SLOWEST = 10


class Clock:
    """The phases of one session, in seconds."""

    def __init__(self) -> None:
        self._begin = time.monotonic()
        self._ready = self._begin

    def ready(self) -> None:
        """The runs begin now."""
        self._ready = time.monotonic()

    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self._begin

    def phases(
        self,
        runs: Iterable[Mapping[str, Any]],
        early: Collection[str],
        threads: int,
        seconds: float,
    ) -> dict[str, float]:
        """For the results. The runs `early` were made before the others, and count there; the
        others took these seconds on the threads, added up."""
        jobs = sum(run["seconds"] for run in runs if run["name"] not in early)
        return {
            "workers": threads,
            "before": round(self._ready - self._begin, 2),
            "jobs": round(jobs, 2),
            "around": round(max(seconds - jobs, 0.0), 2),
        }


def slowest(runs: Iterable[Mapping[str, Any]], most: int = SLOWEST) -> list[tuple[str, int, float]]:
    """Guests with their runs and the seconds of these together, the slowest first."""
    by_guest: dict[str, list[float]] = defaultdict(list)
    for run in runs:
        if run["ran"]:
            by_guest[run["guest"]].append(run["seconds"])
    rows = [(guest, len(times), sum(times)) for guest, times in by_guest.items()]
    return sorted(rows, key=lambda row: (-row[2], row[0]))[:most]
