# SPDX-License-Identifier: MIT OR Apache-2.0
"""Every way in which another suite has come out green without reason, tried on this one.

The guests are played (player.py), so that this runs without KVM; test_bad_guests.py does
the same with compiled guests on a real hypervisor.
"""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest
from tools import PLAYER, A, B, World, manifest
from uhyve_conformance.results import _unchecked
from uhyve_conformance.verdicts import Verdict


def test_a_good_run_is_green(pair: World) -> None:
    pair.guest("g", manifest("good"))
    done = pair.run()
    assert (done.status, done.verdict(A), done.verdict(B)) == (0, "PASS", "PASS"), done.text
    assert done.results["conforms"] and "1 passed" in done.text


@pytest.mark.parametrize(
    ("role", "first", "second"),
    [
        ("false-check", "PASS", "FAIL"),
        ("early-return", "PASS", "FAIL"),
        ("silent", "FAIL", "FAIL"),
        ("no-tests", "FAIL", "FAIL"),
        ("no-plan", "FAIL", "FAIL"),
        ("crash", "PASS", "CRASH"),
        ("panic", "PASS", "CRASH"),
        ("crash-at-end", "CRASH", "CRASH"),
        ("wrong-status", "FAIL", "FAIL"),
        ("wrong-response", "FAIL", "FAIL"),
        ("never-reports", "PASS", "ERROR"),
        ("bail", "ERROR", "ERROR"),
        ("loop", "PASS", "TIMEOUT"),
        ("silent-loop", "TIMEOUT", "TIMEOUT"),
        ("flood", "PASS", "FAIL"),
        ("may-end", "PASS", "PASS"),
        ("may-end-with-0", "PASS", "FAIL"),
        ("may-end-with-panic", "PASS", "CRASH"),
        ("went-on-then-ends", "PASS", "FAIL"),
        ("refuses", "FAIL", "FAIL"),
    ],
)
def test_each_role(pair: World, role: str, first: str, second: str) -> None:
    pair.guest("g", manifest(role, "timeout = 1" if "loop" in role else "timeout = 20"))
    done = pair.run(adapter=pair.adapter("crash = [101]"))
    assert (done.verdict(A), done.verdict(B)) == (first, second), done.text
    assert done.status == (0 if role == "may-end" else 1), done.text
    assert done.results["conforms"] == (role == "may-end")


def test_a_hypervisor_that_always_ends_with_0(pair: World) -> None:
    pair.guest("g", manifest("false-check"))
    script = f"{sys.executable} {PLAYER} $0; exit 0"
    command = f'["/bin/sh", "-c", "{script}", "{{image}}", "{{mappings}}"]'
    done = pair.run(adapter=pair.adapter(command=command))
    assert (done.status, done.verdict(B)) == (1, "FAIL"), done.text


def test_a_failure_in_one_variant_counts(pair: World) -> None:
    pair.guest("g", manifest("false-in-one-variant", 'variants = ["a", "b", "c"]'))
    done = pair.run()
    assert (done.status, done.verdict(A), done.verdict(B)) == (1, "PASS", "FAIL")
    assert "1 failed, 2 passed" in done.text


def test_a_malformed_manifest_does_not_make_a_test_vanish(pair: World) -> None:
    pair.guest("good", manifest("good"))
    pair.guest("bad", manifest("good", "reqirements = []"))
    done = pair.run()
    assert done.status == 1
    assert "bad.elf" in done.text and "unknown key 'reqirements'" in done.text
    assert not done.results["conforms"] and done.results["problems"]


def test_a_guest_whose_every_run_is_lost(pair: World) -> None:
    pair.guest("bad", "nonsense")
    done = pair.run()
    assert done.status == 1 and "bad.elf" in done.text


def test_ids_that_the_specification_does_not_have(pair: World) -> None:
    pair.requirements(A)
    pair.guest("g", manifest("good"))
    done = pair.run()
    assert done.status == 1 and "UHY-OPEN-002" in done.results["problems"][0]
    assert not done.results["conforms"]


def test_the_denominator_is_the_specification(pair: World) -> None:
    pair.requirements(A, B, "UHY-OPEN-003")
    pair.guest("g", manifest("good"))
    done = pair.run()
    assert done.verdict("UHY-OPEN-003") == "NOT_TESTED"
    assert sum(done.results["summary"].values()) == 3
    assert "UHY-OPEN-003" in done.text


# ---- Nothing selected, nothing run --------------------------------------------------------


def test_nothing_selected_is_5(pair: World) -> None:
    pair.guest("g", manifest("good"))
    assert pair.run("--", "-k", "nonsense").status == 5


def test_a_name_that_selects_nothing_is_4(pair: World) -> None:
    pair.guest("g", manifest("good"))
    done = pair.run("--only", "opne")
    assert done.status == 4 and "'opne' is not a guest" in done.text


def test_a_misspelt_name_has_a_hint(pair: World) -> None:
    pair.guest("open-flags", manifest("good", 'variants = ["one", "two"]'))
    for word, hint in (
        ("open-flgas", "open-flags"), ("UHY-OPEN-01", A), ("open-flags[tow]", "open-flags[two]"),
    ):  # fmt: skip
        done = pair.run("--only", word)
        assert done.status == 4 and f"did you mean '{hint}'" in done.text, done.text


def test_an_adapter_that_lacks_a_placeholder_runs_nothing(pair: World) -> None:
    pair.guest("g", manifest("good"))
    adapter = pair.adapter(command=f'["{sys.executable}", "{PLAYER}", "{{image}}"]')
    done = pair.run(adapter=adapter)
    assert done.status == 4 and '"{mappings}", and the line: mapping' in done.text, done.text
    assert not pair.output.exists()


def test_a_requirement_that_no_guest_checks_is_5(pair: World) -> None:
    pair.requirements(A, B, "UHY-OPEN-003")
    pair.guest("g", manifest("good"))
    assert pair.run("--only", "UHY-OPEN-003").status == 5


def test_no_guests_is_4(pair: World) -> None:
    done = pair.run()
    assert done.status == 4 and "no test guests" in done.text and "passed" not in done.text


def test_a_selection_never_conforms(pair: World) -> None:
    pair.guest("g", manifest("good"))
    pair.guest("h", manifest("good"))
    done = pair.run("--only", "g")
    assert done.status == 0 and not done.results["conforms"] and done.results["selected"]


def test_only_skips_are_no_success(pair: World) -> None:
    pair.guest("g", manifest("good", 'needs = ["smp"]'))
    done = pair.run()
    assert (done.status, done.verdict(A)) == (5, "SKIP")
    assert "no smp: it is not declared" in done.reason(A)


# ---- Set-up ---------------------------------------------------------------------------------


def test_a_file_that_is_not_ours_is_one_message(pair: World) -> None:
    pair.guest("g", manifest("good"))
    (pair.guests / "x.elf").write_bytes(b"nonsense")
    done = pair.run()
    assert (
        done.status == 4 and "x.elf is not a test guest" in done.text and "failed" not in done.text
    )


def test_guests_of_another_architecture_are_one_message(pair: World) -> None:
    pair.guest("g", manifest("good"), machine=183)
    done = pair.run()
    assert done.status == 4 and "is for aarch64" in done.text


def test_a_hypervisor_that_is_not_there_is_one_message(pair: World) -> None:
    pair.guest("g", manifest("good"))
    done = pair.run(adapter=pair.adapter(command='["/no/such/vmm", "{image}"]'))
    assert done.status == 3 and done.text.count("\n") == 1 and "/no/such/vmm" in done.text


def test_a_hypervisor_that_cannot_say_its_version_is_one_message(pair: World) -> None:
    pair.guest("g", manifest("good"))
    command = '["/bin/false", "{image}"]'
    done = pair.run(adapter=pair.adapter('version = ["--version"]', command=command))
    assert done.status == 3 and done.text.count("\n") == 1


def test_a_misspelt_key_is_one_message(pair: World) -> None:
    pair.guest("g", manifest("good"))
    done = pair.run(adapter=pair.adapter('capabilites = ["smp"]'))
    assert done.status == 4 and "did you mean 'capabilities'" in done.text


def test_broken_chapters_are_one_message(pair: World) -> None:
    pair.guest("g", manifest("good"))
    (pair.spec / "10-x.md").write_text("A guest MUST not.\n")
    done = pair.run()
    assert done.status == 3 and "10-x.md:1:" in done.text


def test_reports_that_cannot_be_written_are_no_success(pair: World) -> None:
    pair.guest("g", manifest("good"))
    (pair.output / "index.html").mkdir(parents=True)
    done = pair.run()
    assert done.status == 3 and "cannot be written" in done.text


# ---- Root cause first --------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["silent", "crash", "false-check", "early-return"])
def test_a_broken_foundation_blocks_the_rest(pair: World, role: str) -> None:
    pair.requirements(A, B, "UHY-OPEN-003")
    pair.guest("base", manifest(role, "foundation = true"))
    for name in "xyz":
        pair.guest(name, f'summary = "good", tests = ["UHY-OPEN-003"], variants = ["{name}"]')
    done = pair.run()
    assert done.status == 1 and done.verdict("UHY-OPEN-003") == "BLOCKED"
    assert "the foundation does not hold" in done.reason("UHY-OPEN-003")
    assert "1 failed, 3 skipped" in done.text
    assert not done.results["conforms"]


# ---- Capabilities: declared and probed -----------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "probe", "verdict", "status"),
    [
        (True, "good", "PASS", 0),
        (True, "false-check", "BLOCKED", 1),
        (False, "false-check", "SKIP", 0),
        (False, "crash", "SKIP", 0),
        (False, "good", "PASS", 0),
    ],
)
def test_declared_and_probed(
    pair: World, declared: bool, probe: str, verdict: str, status: int
) -> None:
    pair.requirements(A, B, "UHY-OPEN-003", "UHY-OPEN-004")
    pair.guest("probe", manifest(probe, 'probe = "smp"'))
    pair.guest("user", 'summary = "good", tests = ["UHY-OPEN-003"], needs = ["smp"]')
    pair.guest("other", 'summary = "good", tests = ["UHY-OPEN-004"]')
    done = pair.run(adapter=pair.adapter(*['capabilities = ["interface-2", "smp"]'] * declared))
    assert (done.verdict("UHY-OPEN-003"), done.status) == (verdict, status), done.text
    # A claimed, absent capability fails only the probe.
    assert done.verdict(B) == ("FAIL" if verdict == "BLOCKED" else verdict)
    finding = next(c for c in done.results["capabilities"] if c["name"] == "smp")["finding"]
    assert finding == {
        (True, "good"): "present",
        (True, "false-check"): "declared, but absent",
        (False, "good"): "present, but not declared",
    }.get((declared, probe), "absent")
    assert sum(done.results["summary"].values()) == 4


def test_one_bad_probe_of_several_is_enough(pair: World) -> None:
    pair.requirements(A, B, "UHY-OPEN-003")
    pair.guest("p1", f'summary = "false-check", tests = ["{A}"], probe = "smp"')
    pair.guest("p2", f'summary = "good", tests = ["{B}"], probe = "smp"')
    pair.guest("user", 'summary = "good", tests = ["UHY-OPEN-003"], needs = ["smp"]')
    done = pair.run(adapter=pair.adapter('capabilities = ["interface-2", "smp"]'))
    assert (done.status, done.verdict("UHY-OPEN-003")) == (1, "BLOCKED"), done.text


# ---- The challenge, and what was promised ------------------------------------------------------


def test_no_two_runs_have_the_same_challenge(pair: World) -> None:
    pair.guest("g", manifest("good", 'variants = ["a", "b"]'))
    seen = [run["challenge"] for _ in "12" for run in pair.run().results["guests"]]
    assert len(set(seen)) == 4


def test_a_promise_without_any_report_is_an_error() -> None:
    plan = SimpleNamespace(arch="x86_64", guest_faults=[])
    rule = SimpleNamespace(binds="hypervisor", arch=None, untested=None)
    assert _unchecked(plan, rule, promised=True, selected=False)[0] is Verdict.ERROR
    assert _unchecked(plan, rule, promised=True, selected=True)[0] is Verdict.NOT_TESTED
    assert _unchecked(plan, rule, promised=False, selected=False)[0] is Verdict.NOT_TESTED
    plan.guest_faults = ["one is missing"]
    assert _unchecked(plan, rule, promised=False, selected=False)[0] is Verdict.ERROR
    verdict, reason = _unchecked(plan, SimpleNamespace(binds="guest"), False, False)
    assert verdict is Verdict.NOT_TESTED and "`make guest IMAGE=app.elf`" in reason


# ---- Levels ------------------------------------------------------------------------------------


def test_a_recommendation_that_is_not_followed(world: World) -> None:
    world.requirements(A, UHY_OPEN_002="hypervisor · SHOULD · since 2 · observed")
    world.guest("g", manifest("false-check"))
    done = world.run()
    assert (done.status, done.verdict(B)) == (0, "FAIL")
    assert done.results["conforms"] and "1 recommendation not followed" in done.text


def test_a_crash_in_a_recommendation_is_shown_and_not_held_against_it(world: World) -> None:
    world.requirements(A, UHY_OPEN_002="hypervisor · SHOULD · since 2 · observed")
    world.guest("g", manifest("crash"))
    done = world.run()
    assert (done.status, done.verdict(B)) == (0, "CRASH") and done.results["conforms"]
