# SPDX-License-Identifier: MIT OR Apache-2.0
"""The pytest plug-in: one item for each run of a guest. What concerns the session as a whole is
in controller.py."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .manifest import Guest
from .plan import Plan
from .runners import Runners
from .runs import Entry, RunResult
from .verdicts import Verdict, fails

PLAN = pytest.StashKey[Plan]()
RUNNERS = pytest.StashKey[Runners]()
_RESULT = pytest.StashKey[RunResult]()


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector:
    """The directory of the guests. The plan knows what is in it."""
    return Guests.from_parent(parent, path=path)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In another order, if one is asked for; with several rounds, one for each."""
    plan = config.stash[PLAN]
    rounds: dict[int, list[pytest.Item]] = {}
    for item in items:
        rounds.setdefault(item.entry.round if isinstance(item, GuestRun) else 0, []).append(item)
    for number, part in sorted(rounds.items()):
        if plan.shuffle or number:
            random.Random(f"{plan.shuffle} {number}").shuffle(part)
    items[:] = [item for _, part in sorted(rounds.items()) for item in part]


class Guests(pytest.Directory):
    """All that the plan wants: a collector for each guest would cost as much as the runs of
    some of them."""

    def collect(self) -> Iterator[pytest.Item]:
        """One item for each run; one that fails for a guest whose manifest is bad."""
        plan = self.config.stash[PLAN]
        for guest in plan.guests:
            if guest.fault:
                yield BadGuest.from_parent(self, name=guest.name, guest=guest)
        for entry in plan.wanted:
            yield GuestRun.from_parent(self, name=entry.key, entry=entry)


class RunFailure(Exception):
    """A run with a verdict that a conforming hypervisor does not have."""


class BadGuest(pytest.Item):
    """A guest whose manifest cannot be read."""

    def __init__(self, *, guest: Guest, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.guest = guest

    def runtest(self) -> None:
        """Always fails."""
        raise RunFailure(f"ERROR: the manifest of {self.guest.path.name}: {self.guest.fault}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> str:
        """Only the message."""
        return str(excinfo.value)


class GuestRun(pytest.Item):
    """One run of one guest."""

    def __init__(self, *, entry: Entry, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.entry = entry

    def runtest(self) -> None:
        """Waits for the run, which the controller began."""
        result = self.config.stash[RUNNERS].result(self.entry)
        self.stash[_RESULT] = result
        bad = [check for check in result.checks if fails(check.verdict, self._hard(check.id))]
        if bad and all(check.verdict is Verdict.BLOCKED for check in bad):
            pytest.skip(f"BLOCKED: {bad[0].reason}")
        if bad:
            raise RunFailure("\n".join(f"{c.verdict} {c.id}: {c.what}: {c.reason}" for c in bad))
        if result.verdict is Verdict.SKIP:
            pytest.skip(f"SKIP: {result.checks[0].reason}")

    def _hard(self, id_: str) -> bool:
        requirement = self.config.stash[PLAN].spec.requirements.get(id_)
        return requirement is None or requirement.hard

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> Any:
        """The checks, and how to repeat the run; a traceback only for a fault of the suite."""
        if not isinstance(excinfo.value, RunFailure) or _RESULT not in self.stash:
            return super().repr_failure(excinfo)
        result = self.stash[_RESULT]
        again = f"\nrepeat it with {result.directory}/repeat.sh" if result.ran else ""
        return f"{excinfo.value}{again}"

    def reportinfo(self) -> tuple[Path, None, str]:
        """Its name in lists."""
        return self.entry.guest.path, None, self.name


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Hangs the result on the report, for the controller."""
    report = yield
    if call.when == "call" and _RESULT in item.stash:
        report.uhyve = item.stash[_RESULT]
    return report
