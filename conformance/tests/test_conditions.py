# SPDX-License-Identifier: MIT OR Apache-2.0
"""A failure whose condition was not established is BLOCKED by its cause."""

from __future__ import annotations

from pathlib import Path

from tools import A, B, requirement
from uhyve_conformance.conditions import with_conditions
from uhyve_conformance.judge import Check
from uhyve_conformance.runs import RunResult
from uhyve_conformance.spec import Specification, read_spec
from uhyve_conformance.verdicts import Verdict, fails


def spec(place: Path) -> Specification:
    text = requirement(A).replace("· observed", f"· observed · given {B}") + requirement(B)
    (place / "00-x.md").write_text(text)
    return read_spec(place)


def run(name: str, id_: str, verdict: Verdict) -> RunResult:
    return RunResult(name, name, None, "s", [id_], [Check(id_, verdict, "", "console")], "")


def verdict_of(place: Path, one: Verdict, other: Verdict) -> Verdict:
    runs = with_conditions(spec(place), [run("one", A, one), run("other", B, other)])
    assert runs[1].checks[0].verdict is other
    return runs[0].checks[0].verdict


def test_a_consequence_is_blocked_by_name(tmp_path: Path) -> None:
    runs = [run("one", A, Verdict.CRASH), run("other", B, Verdict.FAIL)]
    (check, *_) = with_conditions(spec(tmp_path), runs)[0].checks
    assert check.verdict is Verdict.BLOCKED
    assert f"FAIL of {B} in other" in check.reason


def test_a_failure_with_its_condition_stays(tmp_path: Path) -> None:
    assert verdict_of(tmp_path, Verdict.FAIL, Verdict.PASS) is Verdict.FAIL


def test_a_pass_stays(tmp_path: Path) -> None:
    assert verdict_of(tmp_path, Verdict.PASS, Verdict.CRASH) is Verdict.PASS


def test_a_recommendation_is_never_unmet() -> None:
    for verdict in (Verdict.FAIL, Verdict.CRASH, Verdict.TIMEOUT, Verdict.BLOCKED):
        assert fails(verdict, True)
        assert not fails(verdict, False)
    assert fails(Verdict.ERROR, False)
