# SPDX-License-Identifier: MIT OR Apache-2.0
"""The gate: what shuts it, what does not, and that waivers decay."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest
from test_bundle import bundle_of, changed, edit, manifest, passes
from tools import World, command
from uhyve_conformance.bundle.gate import Gate, decide
from uhyve_conformance.bundle.gate_text import write
from uhyve_conformance.bundle.waivers import Waiver, read_waivers
from uhyve_conformance.errors import UsageError

TODAY = datetime.date(2026, 11, 28)


def row(id_: str, verdict: str, fails: bool | None = None, sentence: str = "It MUST.") -> Any:
    """A requirement in results."""
    bad = verdict in ("FAIL", "CRASH", "TIMEOUT", "BLOCKED", "ERROR")
    return {
        "id": id_, "binds": "hypervisor", "level": "MUST", "verdict": verdict, "reason": "because",
        "fails": bad if fails is None else fails, "sentence": sentence, "upstream": None,
        "checks": [{"guest": "g[1]", "verdict": verdict}],
    }  # fmt: skip


def results(*rows: Any, problems: tuple[str, ...] = (), seconds: float = 1.0) -> dict[str, Any]:
    """The results of a run."""
    return {
        "hypervisor": {"name": "h", "version": "1"},
        "problems": list(problems),
        "requirements": list(rows),
        "guests": [{"name": "g", "verdict": "PASS", "seconds": seconds}],
    }


def waiver(id_: str, until: datetime.date = TODAY, **more: Any) -> Waiver:
    """One that counts today."""
    return Waiver(id_, "reason", "link", "owner", until, **more)


def gate(old: Any, new: Any, *waivers: Waiver) -> Gate:
    """Decided today."""
    return decide(new, old, waivers, TODAY)


@pytest.mark.parametrize(
    ("was", "now", "where", "closed"),
    [
        ("PASS", "FAIL", "regressions", True),
        ("PASS", "CRASH", "regressions", True),
        ("SKIP", "FAIL", "regressions", True),
        ("FAIL", "CRASH", "regressions", True),
        ("FAIL", "FAIL", "still", False),
        ("CRASH", "FAIL", "still", False),
        ("PASS", "SKIP", "untested", True),
        ("FAIL", "NOT_TESTED", "untested", True),
        ("FAIL", "PASS", "fixed", False),
    ],
)
def test_each_change_has_its_place(was: str, now: str, where: str, closed: bool) -> None:
    found = gate(results(row("A", was)), results(row("A", now)))
    assert [r["id"] for r in getattr(found, where)] == ["A"]
    assert found.closed is closed


def test_a_run_and_itself_leave_it_open() -> None:
    same = results(row("A", "PASS"), row("B", "FAIL"), row("C", "SKIP"))
    assert not gate(same, same).closed


def test_what_fails_as_before_is_folded() -> None:
    ids = [f"UHY-A-{number:03}" for number in range(30)]
    rows = [row(id_, "CRASH") for id_ in ids]
    text = write(gate(results(*rows, row("B", "CRASH")), results(*rows, row("B", "FAIL"))), "text")
    assert all(id_ in text for id_ in ids) and "B: CRASH" not in text
    assert text.count("\n") < 8 and "    CRASH: UHY-A-000, UHY-A-001" in text
    assert "    CRASH -> FAIL: B\n" in text


def test_what_a_newer_specification_asks_for_is_told_and_does_not_shut_it() -> None:
    found = gate(
        results(row("A", "PASS")),
        results(row("A", "FAIL", sentence="It MUST NOT."), row("B", "FAIL")),
    )
    assert ([r["id"] for r in found.changed], [r["id"] for r in found.added]) == (["A"], ["B"])
    assert not found.closed
    assert "B: FAIL" in write(found, "text")


def test_a_requirement_that_is_gone_shuts_it() -> None:
    assert gate(results(row("A", "PASS")), results(row("B", "PASS"))).closed


def test_a_problem_of_the_run_shuts_it() -> None:
    assert gate(results(row("A", "PASS")), results(row("A", "PASS"), problems=("lost",))).closed


def test_without_an_earlier_run_every_failure_shuts_it() -> None:
    assert gate(None, results(row("A", "FAIL"))).closed
    assert not gate(None, results(row("A", "PASS"), row("B", "SKIP"))).closed
    assert not gate(None, results(row("A", "FAIL")), waiver("A")).closed


def test_slower_is_told_and_never_shuts_it() -> None:
    found = gate(results(row("A", "PASS")), results(row("A", "PASS"), seconds=2.0))
    assert (found.slower, found.closed) == (2.0, False)
    assert "2.0 times as long" in write(found, "text")


@pytest.mark.parametrize(
    ("given", "what"),
    [
        (waiver("A", TODAY - datetime.timedelta(days=1)), "past its last day"),
        (waiver("B"), "is stale"),
        (waiver("Z"), "is not a requirement"),
        (waiver("A", verdict="CRASH"), "is for CRASH, now it is FAIL"),
        (waiver("A", guests=("h",)), "A: g[1] fails too"),
    ],
)
def test_a_waiver_that_does_not_count_shuts_it(given: Waiver, what: str) -> None:
    new = results(row("A", "FAIL"), row("B", "PASS"))
    found = gate(results(row("A", "FAIL"), row("B", "PASS")), new, given)
    assert found.closed
    assert what in write(found, "text")


def test_a_waiver_lets_pass_on_its_last_day() -> None:
    old, new = results(row("A", "PASS")), results(row("A", "FAIL"))
    assert gate(old, new).closed
    found = gate(old, new, waiver("A"))
    assert not found.closed
    assert not gate(old, new, waiver("A", guests=("g",), verdict="FAIL")).closed
    assert "waived until 2026-11-28 by owner: A" in write(found, "text")


def test_markdown_of_a_hostile_reason_stays_text() -> None:
    bad = row("A", "FAIL") | {"reason": "<script>|`@everyone` [x](http://y)"}
    text = write(gate(results(row("A", "PASS")), results(bad)), "markdown")
    assert "<script>" not in text
    assert "@everyone" not in text
    assert "[x](" not in text


def test_json_says_the_same() -> None:
    tree = json.loads(write(gate(results(row("A", "PASS")), results(row("A", "FAIL"))), "json"))
    assert (tree["closed"], [r["id"] for r in tree["regressions"]]) == (True, ["A"])


GOOD = 'requirement = "A"\nreason = "r"\nlink = "l"\nowner = "o"\nuntil = 2027-01-01\n'


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[[waiver]]\n" + GOOD.replace('owner = "o"', 'owner = ""'), "'owner' is missing or empty"),
        ("[[waiver]]\n" + GOOD.replace("2027-01-01", '"soon"'), "'until' has to be a day"),
        ("[[waiver]]\n" + GOOD + 'oops = "x"\n', "keys are"),
        ("[[waiver]]\n" + GOOD + 'guests = "g"\n', "'guests' has to be a list"),
        (("[[waiver]]\n" + GOOD) * 2, "is there twice"),
        ("[[waivers]]\n" + GOOD, "holds [[waiver]]"),
        ("waiver = 3", "holds [[waiver]]"),
        ("=", "not TOML"),
    ],
)
def test_a_bad_file_of_waivers_is_one_message(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "waivers.toml"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        read_waivers(path)
    assert what in str(caught.value)


def test_the_command_has_a_status_for_each_answer(world: World, tmp_path: Path) -> None:
    world.requirements("UHY-EXIT-001", "UHY-OPEN-001")
    world.guest("a", manifest("fine", "UHY-EXIT-001"))
    world.guest("b", manifest("fine", "UHY-OPEN-001"))
    old = bundle_of(world).rename(tmp_path / "old.uhyve.tar.xz")
    world.guest("b", manifest("false-check", "UHY-OPEN-001"))
    new = bundle_of(world)
    assert command("gate", "--against", old, old).status == 0
    shut = command("gate", "--against", old, new)
    assert (shut.status, "UHY-OPEN-001: PASS -> FAIL" in shut.text) == (1, True)
    first = tmp_path / "waivers.toml"
    assert command("gate", "--against", old, new, "--write-waivers", first).status == 1
    assert command("gate", "--against", old, new, "--waivers", first).status == 4, "no owner yet"
    first.write_text(
        first.read_text().replace('owner = ""', 'owner = "o"').replace('link = ""', 'link = "l"')
    )
    assert command("gate", "--against", old, new, "--waivers", first).status == 0
    late = command("gate", "--against", old, new, "--waivers", first, "--today", "2999-01-01")
    assert (late.status, "past its last day" in late.text) == (1, True)
    forged = changed(new, edit("results.json", passes), seal=True)
    assert command("gate", "--against", old, forged).status == 3
    assert command("gate", "--against", old, tmp_path / "none").status == 3
    assert command("gate").status == 4
    for place in (tmp_path, tmp_path / "no" / "where"):
        assert command("gate", new, "--write-waivers", place).status == 4
