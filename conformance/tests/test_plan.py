# SPDX-License-Identifier: MIT OR Apache-2.0
"""The pre-flight of an executor that wants all jobs at once; no process is started."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from uhyve_conformance import plan as plan_module
from uhyve_conformance.adapter import Adapter
from uhyve_conformance.executor import Job, Outcome
from uhyve_conformance.judge import Check
from uhyve_conformance.manifest import Guest, Run
from uhyve_conformance.plan import Plan, preflight
from uhyve_conformance.runs import Entry, RunResult
from uhyve_conformance.spec import Specification
from uhyve_conformance.verdicts import Verdict

A = "UHY-OPEN-001"


class Machine:
    """A batch executor that only notes what it was given."""

    batch = True

    def __init__(self) -> None:
        self.boots: list[list[str]] = []

    def by_hand(self, job: Job) -> tuple[str, ...]:
        """A shell does it."""
        return ()

    def run(self, jobs: Sequence[Job], finished: Callable[[Job, Outcome], None]) -> list[Outcome]:
        """Every job ends; what finished raises ends the boot."""
        self.boots.append([])
        for job in jobs:
            self.boots[-1].append(job.name)
            finished(job, Outcome(status=0))
        return []


class Made:
    """Stands for an attempt: red when the run is one of those that fail."""

    failing: frozenset[str] = frozenset()

    def __init__(self, entry: Entry) -> None:
        self.entry, self.job = entry, Job(entry.run.slug, ("/bin/true",))
        self.challenge = 0

    def result(self, *_: object) -> RunResult:
        run = self.entry.run
        verdict = Verdict.FAIL if run.guest in self.failing else Verdict.PASS
        return RunResult(run.name, run.guest, None, "", [A], [Check(A, verdict, "", "x")], "")


RUNS = (
    Run("smoke", "s", (A,), foundation=True),
    Run("probe", "s", (A,), probe="interface-1"),
    Run("early", "s", (A,)),
    Run("old-1", "s", (A,), needs=("interface-1",)),
    Run("old-2", "s", (A,), needs=("interface-1",)),
    Run("late", "s", (A,)),
)


def planned(
    monkeypatch: pytest.MonkeyPatch, *failing: str, runs: tuple[Run, ...] = RUNS, **adapter: object
) -> tuple[Plan, Machine]:
    guests = [Guest(run.guest, Path(run.guest), "x86_64", 0, 2, (run,)) for run in runs]
    made = Adapter(
        name="a", summary="s", command=("/bin/true", "{image}"), path=Path("a.toml"), **adapter
    )
    plan = Plan(Specification({}), made, "x86_64", "qemu", "1", Path("/nonexistent"), guests)
    monkeypatch.setattr(Made, "failing", frozenset(failing))
    monkeypatch.setattr(plan_module, "Attempt", Made)
    monkeypatch.setattr(plan_module, "attempt", lambda entry, *_: Made(entry))
    monkeypatch.setattr(plan_module, "write_outcome", lambda *_: None)
    machine = Machine()
    preflight(plan, machine)
    return plan, machine


def test_one_boot_when_everything_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    plan, machine = planned(monkeypatch)
    assert machine.boots == [["smoke", "probe", "early", "old-1", "old-2", "late"]]
    assert {result.verdict for result in plan.done.values()} == {Verdict.PASS}


def test_what_needs_an_absent_capability_is_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    plan, machine = planned(monkeypatch, "probe")
    assert machine.boots == [["smoke", "probe"], ["early", "late"]]
    verdicts = {name: str(result.verdict) for name, result in plan.done.items()}
    assert verdicts == {
        "smoke": "PASS", "probe": "SKIP", "early": "PASS",
        "old-1": "SKIP", "old-2": "SKIP", "late": "PASS",
    }  # fmt: skip


def test_a_broken_foundation_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    plan, machine = planned(monkeypatch, "smoke")
    assert machine.boots == [["smoke"]] and plan.blocked


OLD = ("interface-1",)
OF_EACH = (
    Run("base", "s", (A,), foundation=True, probe="interface-2"),
    Run("smp", "s", (A,), needs=("interface-2",), probe="smp"),
    Run("new", "s", (A,), needs=("interface-2",)),
    Run("old-probe", "s", (A,), interface=1, probe="interface-1"),
    Run("old", "s", (A,), interface=1, needs=OLD),
)


def test_a_hypervisor_of_version_1_alone_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """The foundation of version 2 does not block it, and what version 2 probes stays claimed."""
    plan, _ = planned(monkeypatch, "base", "smp", "new", runs=OF_EACH, capabilities=(*OLD, "smp"))
    assert not plan.blocked
    verdicts = {name: str(result.verdict) for name, result in plan.done.items()}
    assert verdicts == {
        "base": "SKIP", "smp": "SKIP", "new": "SKIP", "old-probe": "PASS", "old": "PASS",
    }  # fmt: skip
    assert plan.capabilities["smp"].finding == "declared"


def test_who_claims_version_2_is_blocked_by_its_foundation(monkeypatch: pytest.MonkeyPatch) -> None:
    plan, _ = planned(monkeypatch, "base", runs=OF_EACH, capabilities=(*OLD, "interface-2"))
    assert plan.blocked and "base" in plan.blocked
