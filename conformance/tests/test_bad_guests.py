# SPDX-License-Identifier: MIT OR Apache-2.0
"""Compiled guests that misbehave, on the reference VMM: the whole path, with KVM."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tools import ROOT, A, B, Finished, World
from uhyve_conformance.machine.choose import kvm_problem

ELFS = ROOT / "build/selftest/x86_64"
pytestmark = pytest.mark.skipif(kvm_problem() is not None, reason=f"no KVM: {kvm_problem()}")


def run(world: World, name: str) -> Finished:
    world.requirements(A, B)
    shutil.copy(ELFS / f"{name}.elf", world.guests)
    return world.run(adapter=Path("reference"))


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("sound", "PASS", "PASS"),
        ("false-check", "PASS", "FAIL"),
        ("no-expectation", "PASS", "FAIL"),
        ("early-return", "PASS", "ERROR"),
        ("skips-one", "PASS", "ERROR"),
        ("early-exit", "PASS", "FAIL"),
        ("silence", "FAIL", "FAIL"),
        ("endless", "PASS", "TIMEOUT"),
        ("falls-over", "PASS", "FAIL"),
        ("reports-another", "PASS", "ERROR"),
        ("canned", "FAIL", "FAIL"),
    ],
)
def test_each(world: World, name: str, first: str, second: str) -> None:
    done = run(world, name)
    assert (done.verdict(A), done.verdict(B)) == (first, second), done.text
    assert done.status == (0 if name == "sound" else 1)


def test_a_guest_that_falls_asleep(world: World) -> None:
    """A hypervisor may notice that nothing can wake it, or wait: never a PASS."""
    done = run(world, "halts")
    assert done.verdict(B) in ("TIMEOUT", "FAIL") and done.status == 1


def test_a_malformed_manifest(world: World) -> None:
    done = run(world, "malformed")
    assert done.status == 1 and "unknown key 'colour'" in done.text


def test_a_failure_tells_what_was_expected(world: World) -> None:
    done = run(world, "false-check")
    check = next(c for c in done.results["guests"][0]["checks"] if c["verdict"] == "FAIL")
    assert (check["reason"], check["expected"], check["actual"]) == ("2", "3", "2")


def test_a_failure_shows_what_pointers_point_to_and_bytes_around_the_first_that_differs(
    world: World,
) -> None:
    done = run(world, "shows")
    first, second = done.results["guests"][0]["checks"]
    assert first["details"]["block"]["name"].endswith('-> "/data/absent"')
    assert first["details"]["block"]["ret"] == "0xfffffffe"
    assert second["details"]["block"]["buf"].endswith('-> "written"')
    assert (second["expected"], second["actual"]) == ("0x79", "0x78")
    assert second["details"]["at_byte"] == "15"
    assert second["details"]["expected_there"] == "68 65 6e 20 79"
    assert second["details"]["actual_there"] == "68 65 6e 20 78"
    page = (world.output / "index.html").read_text()
    assert "ret = 0xfffffffe = -2 (ENOENT)" in page and "/data/absent" in page
    issue = next(world.output.glob("causes/*/issue.md")).read_text()
    assert "-2 (ENOENT)" in issue
