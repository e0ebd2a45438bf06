# SPDX-License-Identifier: MIT OR Apache-2.0
"""Known failures: excused, noticed when gone, never silently kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools import World

A, B = "UHY-OPEN-001", "UHY-OPEN-002"
VERSION = 'version = ["-c", "print(1.5)"]'


@pytest.fixture
def pair(world: World) -> World:
    """A guest of which the second check fails."""
    world.requirements(A, B)
    world.guest("g", f'summary = "false-check", requirements = ["{A}", "{B}"]')
    return world


def entry(id_: str = B, verdict: str = "FAIL", **more: str) -> str:
    values = {"requirement": id_, "verdict": verdict, "reason": "known", "link": "a/b#1"} | more
    return "[[known]]\n" + "".join(f'{k} = "{v}"\n' for k, v in values.items())


def baseline(world: World, *entries: str, version: str = "1.5") -> Path:
    path = world.place / "baseline.toml"
    path.write_text(f'version = "{version}"\n' + "".join(entries))
    return path


def run(world: World, path: Path):  # noqa: ANN201
    return world.run("--baseline", path, adapter=world.adapter(VERSION))


def test_a_known_failure_is_excused(pair: World) -> None:
    done = run(pair, baseline(pair, entry()))
    assert (done.status, done.verdict(A), done.verdict(B)) == (0, "PASS", "XFAIL"), done.text
    assert "known FAIL: known (a/b#1)" in done.reason(B)
    assert "1 known failures" in done.text
    assert done.results["baseline"]["excused"] == [B]


def test_for_one_guest_only(pair: World) -> None:
    pair.guest("h", f'summary = "false-check", requirements = ["{B}", "{A}"]')
    done = run(pair, baseline(pair, entry(guest="g")))
    assert (done.status, done.verdict(A), done.verdict(B)) == (1, "FAIL", "XFAIL"), done.text


def test_another_verdict_is_not_excused(pair: World) -> None:
    done = run(pair, baseline(pair, entry(verdict="CRASH")))
    assert (done.status, done.verdict(B)) == (1, "FAIL")
    assert "stale" in done.text


def test_an_unexpected_pass_is_red(pair: World) -> None:
    done = run(pair, baseline(pair, entry(), entry(A)))
    assert (done.status, done.verdict(A), done.verdict(B)) == (1, "XPASS", "XFAIL"), done.text
    assert "passes now" in done.text


def test_an_entry_of_a_guest_that_is_gone_is_red(pair: World) -> None:
    done = run(pair, baseline(pair, entry(), entry(guest="gone")))
    assert done.status == 1 and "stale entry" in done.text
    assert not done.results["conforms"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (entry("UHY-OPEN-999"), "does not exist"),
        (entry(verdict="PASS"), "verdict is one of"),
        (entry(reason=""), "'reason' is missing"),
        (entry().replace('link = "a/b#1"\n', ""), "'link' is missing"),
        (entry(excuse="x"), "keys are"),
        (entry() + entry(), "twice"),
        ("knwon = 1\n", "keys are"),
        ("x", "baseline.toml"),
    ],
)
def test_faults(pair: World, text: str, message: str) -> None:
    done = run(pair, baseline(pair, text))
    assert done.status == 4 and message in done.text, done.text


def test_it_ends_with_its_version(pair: World) -> None:
    done = run(pair, baseline(pair, entry(), version="1.4"))
    assert done.status == 4 and "is for version '1.4'" in done.text


def test_a_written_baseline_excuses_the_run_that_it_came_from(pair: World) -> None:
    pair.guest("h", f'summary = "crash", requirements = ["{A}", "{B}"]')
    path = pair.place / "new.toml"
    first = pair.run("--write-baseline", path, adapter=pair.adapter(VERSION))
    assert first.status == 1 and "2 known failures" in first.text
    second = run(pair, path)
    assert (second.status, second.verdict(B)) == (0, "XFAIL"), second.text
