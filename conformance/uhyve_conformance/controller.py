# SPDX-License-Identifier: MIT OR Apache-2.0
"""The controlling side of a session: pre-flight, plan, results, reports, exit status."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from .bundle.make import pack
from .errors import Exit, SuiteError
from .plan import Plan, preflight
from .plugin import PLAN, RUNNERS, GuestRun
from .progress import Progress
from .report import remove_reports, write_reports
from .report_terminal import print_summary
from .results import build_results, ran_anything
from .rounds import rounds_as_one
from .runners import Runners
from .runs import RunResult, not_run
from .session import make_executor
from .times import Clock
from .trees import remove_tree
from .verdicts import Verdict


class error(pytest.exit.Exception):  # noqa: N801 - pytest prints this name and the message
    """Ends the session: the suite or the machine failed."""


class Controller:
    """Makes a session of the plan: begins its runs, and makes reports of what comes of them."""

    def __init__(self, plan: Plan, threads: int, options: Sequence[str] = ()) -> None:
        self.plan, self.options = plan, options
        self.executor = make_executor(plan)
        self.runners = Runners(plan, self.executor, threads)
        self.wanted = {entry.key: entry for entry in plan.wanted}
        self.collected: set[str] = set()  # of the wanted, what pytest was told to run
        self.runs: dict[str, RunResult] = {}
        self.lost: dict[str, str] = {}  # key of a run without a result, and what pytest said
        self.results: dict[str, Any] | None = None
        self.clock = Clock()
        self.early: frozenset[str] = frozenset()  # runs of the pre-flight
        self.progress: Progress | None = None  # instead of pytest's; with `-- -v`, it has its own

    @property
    def place(self) -> Path:
        """The directory for reports; reports of a selection do not replace those of a full run."""
        part = self.results and self.results["selected"]
        return self.plan.directory / "selection" if part else self.plan.directory

    def pytest_configure(self, config: pytest.Config) -> None:
        """Hands the plan to the items."""
        self.config = config
        config.stash[PLAN], config.stash[RUNNERS] = self.plan, self.runners

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """The pre-flight; a batch executor makes all runs here."""
        if self.config.option.verbose < 0:
            self.progress = Progress(len(self.wanted))
        # If this session does not end, its results cannot be mistaken for an earlier one's.
        if not self.options:
            remove_reports(self.plan.directory / "selection" if self.plan.only else self.place)
        remove_tree(self.plan.outcomes)
        try:
            preflight(self.plan, self.executor)
        except SuiteError as problem:
            raise error(str(problem), problem.status) from None
        self.early = frozenset(result.name for result in self.plan.done.values())

    def pytest_report_teststatus(
        self, report: pytest.TestReport, config: pytest.Config
    ) -> tuple[str, str, str] | None:
        """Counts a run; a letter for each says nothing that the summary does not say better."""
        if not self.progress or report.when in ("setup", "teardown"):
            return None
        self.progress.count(report.failed)
        return report.outcome, "", ""

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """One line says that the session was cancelled, instead of pytest's."""
        cancelled = excinfo.errisinstance(KeyboardInterrupt)
        said = f"cancelled after {len(self.runs)} of {len(self.wanted)} runs: no verdicts"
        reporter = self.config.pluginmanager.getplugin("terminalreporter")
        reporter.summary_stats = lambda: None
        reporter._report_keyboardinterrupt = lambda: cancelled and reporter.write_line(said)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Begins the runs that pytest was told of, in its order."""
        entries = [item.entry for item in session.items if isinstance(item, GuestRun)]
        self.collected = {entry.key for entry in entries}
        gc.freeze()  # plan and items stay until the end: no use to look through them again
        self.clock.ready()
        self.runners.begin(entries)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Takes in the result of a run."""
        if result := getattr(report, "uhyve", None):
            self.runs[result.key] = result
        elif report.failed:
            lines = report.longreprtext.strip().splitlines()
            self.lost[report.nodeid.partition("::")[2]] = lines[-1] if lines else report.outcome

    def _complete(self) -> None:
        """A planned run without a result is an error, whatever became of it."""
        for key in self.collected - self.runs.keys():
            entry = self.wanted[key]
            reason = f"the run was lost: {self.lost.get(key, 'nothing reported it')}"
            self.runs[key] = not_run(entry.run, Verdict.ERROR, reason, entry.round)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Builds and writes the reports; the exit status follows from the results. A cancelled
        session does not wait for its jobs."""
        self.runners.stop()
        if exitstatus not in (Exit.OK, Exit.FAILURES, Exit.SETUP):
            return
        if exitstatus == Exit.SETUP and not self.collected:
            self.collected = set(self.wanted)
        self._complete()
        if not self.runs and not any(guest.fault for guest in self.plan.guests):
            session.exitstatus = Exit.NOTHING
            return
        machine = self.executor.describe()
        asked = {self.wanted[key].run.name for key in self.collected}
        selected = len(asked) < len(self.plan.entries)
        runs = rounds_as_one(self.runs.values())
        results = build_results(self.plan, runs, machine, selected, self.clock.seconds())
        results["times"] = self.clock.phases(
            results["guests"], self.early, self.runners.threads, self.runners.seconds
        )
        self.results = results
        try:
            self.place.mkdir(exist_ok=True)
            with ThreadPoolExecutor(1) as beside:  # most of it is compression, without the lock
                packed = beside.submit(pack, self.plan, self.results)
                write_reports(self.results, self.place)
                packed.result()
        except OSError as problem:
            remove_reports(self.place)
            raise error(f"the reports cannot be written: {problem}", Exit.SETUP) from None
        session.exitstatus = max(exitstatus, self.results["exit_status"])
        if session.exitstatus == Exit.OK and not ran_anything(self.results):
            session.exitstatus = Exit.NOTHING

    def pytest_unconfigure(self) -> None:
        """Ends what the executor left running."""
        self.executor.close()

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Ours instead of a list of tracebacks."""
        if self.progress:
            self.progress.clear()
        if self.results:
            print_summary(self.results, self.place, terminalreporter)
