# SPDX-License-Identifier: MIT OR Apache-2.0
"""The controlling side of a session: pre-flight, plan, results, reports, exit status."""

from __future__ import annotations

import json
import pickle
import time
from pathlib import Path
from typing import Any

import pytest

from .errors import Exit, SuiteError
from .plan import Plan, preflight
from .plugin import EXECUTOR, PLAN
from .report import write_reports
from .report_terminal import print_summary
from .results import build_results, ran_anything
from .runs import RunResult
from .session import make_executor


class Controller:
    """What only the controlling process does."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.runs: dict[str, RunResult] = {}
        self.results: dict[str, Any] | None = None
        self.begin = time.monotonic()

    @property
    def place(self) -> Path:
        """Where reports go: those of a part do not replace those of the whole."""
        part = self.results and self.results["selected"]
        return self.plan.directory / "selection" if part else self.plan.directory

    def pytest_configure(self, config: pytest.Config) -> None:
        """Hands the plan to the items."""
        self.config = config
        config.stash[PLAN], config.stash[EXECUTOR] = self.plan, make_executor(self.plan)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """The pre-flight, before there are workers; a batch executor makes all runs here."""
        executor = self.config.stash[EXECUTOR]
        try:
            preflight(self.plan, executor)
        except SuiteError as problem:
            pytest.exit(f"error: {problem}", returncode=problem.status)
        path = self.plan.directory / "plan.pickle"
        path.write_bytes(pickle.dumps(self.plan))

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tells a worker where the plan is."""
        node.workerinput["uhyve_plan"] = str(self.plan.directory / "plan.pickle")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Takes in the result of a run."""
        if data := getattr(report, "uhyve", None):
            result = RunResult.from_json(json.loads(data))
            self.runs[result.name] = result

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Builds and writes the reports; the exit status follows from the results."""
        (self.plan.directory / "plan.pickle").unlink(missing_ok=True)
        if exitstatus not in (Exit.OK, Exit.FAILURES):
            return
        if not self.runs and not any(guest.fault for guest in self.plan.guests):
            session.exitstatus = Exit.NOTHING
            return
        machine = self.config.stash[EXECUTOR].describe()
        selected = len(self.runs) < len(self.plan.entries)
        seconds = time.monotonic() - self.begin
        self.results = build_results(self.plan, self.runs, machine, selected, seconds)
        try:
            self.place.mkdir(exist_ok=True)
            write_reports(self.results, self.place)
        except OSError as problem:
            pytest.exit(f"error: the reports cannot be written: {problem}", returncode=Exit.SETUP)
        session.exitstatus = max(exitstatus, self.results["exit_status"])
        if session.exitstatus == Exit.OK and not ran_anything(self.results):
            session.exitstatus = Exit.NOTHING

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Ours instead of a list of tracebacks."""
        if self.results:
            print_summary(self.results, self.place, terminalreporter)
