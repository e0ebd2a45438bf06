# SPDX-License-Identifier: MIT OR Apache-2.0
"""How far a session is: one line that changes, on a terminal only."""

from __future__ import annotations

import sys
import time

INTERVAL = 0.2  # seconds between two changes


class Progress:
    """Counts the runs."""

    def __init__(self, runs: int) -> None:
        self.runs, self.done, self.failed = runs, 0, 0
        self._live, self._last = sys.stdout.isatty(), 0.0

    def count(self, failed: bool) -> None:
        """One run more."""
        self.done += 1
        self.failed += failed
        if self._live and time.monotonic() - self._last >= INTERVAL:
            self._last = time.monotonic()
            text = f"{self.done} of {self.runs} runs, {self.failed} failed"
            print(f"\r\033[K{text}", end="", flush=True)

    def clear(self) -> None:
        """Before anything else is printed."""
        if self._live:
            print("\r\033[K", end="", flush=True)
