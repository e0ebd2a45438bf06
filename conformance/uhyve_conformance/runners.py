# SPDX-License-Identifier: MIT OR Apache-2.0
"""Makes the runs of a session on several threads, each of which has a guardian for its jobs. They
mostly wait for the hypervisor, so they are in no one's way."""

from __future__ import annotations

import time
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait

from .executor import Executor
from .guarded import abandon_jobs
from .plan import Plan, execute
from .runs import Entry, RunResult
from .trees import remove_tree


class Runners:
    """Begins runs in the order in which they are asked for."""

    def __init__(self, plan: Plan, executor: Executor, threads: int) -> None:
        self.plan, self.executor, self.threads = plan, executor, threads
        self.seconds = 0.0  # that the runs took, with all that is around their jobs
        self._pool = ThreadPoolExecutor(threads)
        self._runs: dict[str, Future[tuple[RunResult, float]]] = {}

    def begin(self, entries: Iterable[Entry]) -> None:
        """Asks for them."""
        for entry in entries:
            self._runs[entry.key] = self._pool.submit(self._made, entry)

    def result(self, entry: Entry) -> RunResult:
        """Waits for it. Whatever went wrong in the harness itself is raised again."""
        result, seconds = self._runs[entry.key].result()
        self.seconds += seconds
        return result

    def stop(self) -> None:
        """Begins no more runs, and ends the jobs of those that are under way."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        while left := [run for run in self._runs.values() if not run.done()]:
            abandon_jobs()  # again, for a thread that was about to start one
            wait(left, timeout=0.1)

    def _made(self, entry: Entry) -> tuple[RunResult, float]:
        """Makes the run, unless the plan knows its result already."""
        begin = time.monotonic()
        result = self.plan.done.get(entry.key) or self.plan.blocks(entry)
        if result is None:
            execute(self.plan, self.executor, [entry])
            result = self.plan.done[entry.key]
        if entry.round and not result.red:  # a hundred times the same fills the disk
            remove_tree(self.plan.runs_directory / entry.slug)
        return result, time.monotonic() - begin
