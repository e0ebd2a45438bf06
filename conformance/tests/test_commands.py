# SPDX-License-Identifier: MIT OR Apache-2.0
"""The other commands, and what they say to a wrong word."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from importlib import import_module

import pytest
from tools import A, B, World, command, requirement
from uhyve_conformance.cli import FAMILIES, families_of


@pytest.fixture
def pair(world: World) -> World:
    """Two requirements and a guest for them."""
    world.requirements(A, B)
    world.guest("g", f'summary = "good", tests = ["{A}", "{B}"]')
    return world


EDITION = 'version = "1.2.3"\nstatus = "draft"\ndate = 2026-01-31\n'


def here(world: World) -> tuple[str, ...]:
    world.write_guest_lock()
    return places(world)


def places(world: World) -> tuple[str, ...]:
    lock = str(world.guest_lock)
    return "--spec", str(world.spec), "--guests", str(world.guests), "--guest-lock", lock


def test_show(pair: World) -> None:
    done = command("show", A, *here(pair))
    assert done.status == 0
    for word in (A, "The thing MUST happen.", "hypervisor · MUST · since 2", "g: good", "--only g"):
        assert word in done.text
    assert B in command("show", "g", *here(pair)).text
    wrong = command("show", "UHY-OPEN-999", *here(pair))
    assert wrong.status == 4 and wrong.text.count("\n") == 1
    (pair.spec / "requirements.lock").write_text("UHY-OPEN-999 withdrawn\n")
    gone = command("show", "UHY-OPEN-999", *here(pair))
    assert gone.status == 0 and "is withdrawn" in gone.text


def test_list(pair: World) -> None:
    assert "g  good" in command("list", *here(pair)).text
    assert A in command("list", "requirements", *here(pair)).text
    assert "uhyve" in command("list", "hypervisors").text
    assert "smp" in command("list", "capabilities").text


@pytest.mark.parametrize(
    "words",
    [(), ("nonsense",), ("run", "--arch", "mips"), ("run", "--jobs", "0"), ("show",), ("list", "x"),
     ("run", "--hypervisor", "nonsense"), ("run", "--nonsense")],
)  # fmt: skip
def test_wrong_words_are_4(words: tuple[str, ...]) -> None:
    done = command(*words)
    assert done.status == 4 and "Traceback" not in done.text and "error: " in done.text


def test_spec_check(pair: World) -> None:
    fresh = command("spec-check", *here(pair))
    assert fresh.status == 1 and "the lock is stale" in fresh.text
    assert command("lock", "--spec", pair.spec).status == 0
    assert command("spec-check", *here(pair)).status == 0
    (pair.spec / "10-more.md").write_text(requirement("UHY-OPEN-003"))
    command("lock", "--spec", pair.spec)
    unchecked = command("spec-check", *here(pair))
    assert unchecked.status == 1 and "no guest checks UHY-OPEN-003" in unchecked.text
    head = "hypervisor · MUST · since 2 · observed · untested it cannot be seen"
    (pair.spec / "10-more.md").write_text(requirement("UHY-OPEN-003", head))
    assert command("spec-check", *here(pair)).status == 0
    pair.guest("h", 'summary = "x", tests = ["UHY-OPEN-004"]')
    assert "promises UHY-OPEN-004" in command("spec-check", *here(pair)).text


def test_spec_check_without_sound_guests_is_red(pair: World) -> None:
    command("lock", "--spec", pair.spec)
    assert command("spec-check", *here(pair)).status == 0
    path = pair.guests / "g.elf"
    whole = path.read_bytes()
    for damage in (b"", whole[: len(whole) // 2], b"\0" * len(whole)):
        path.write_bytes(damage)
        done = command("spec-check", *places(pair))
        assert done.status == 4 and "g.elf is not a test guest" in done.text, done.text
    path.unlink()
    done = command("spec-check", *places(pair))
    assert done.status == 4 and "no test guests" in done.text and "no faults" not in done.text


def test_a_changed_sentence_names_what_it_touches(pair: World) -> None:
    command("lock", "--spec", pair.spec)
    chapter = pair.spec / "00-all.md"
    chapter.write_text(chapter.read_text().replace("The thing", "It", 1))
    done = command("spec-check", *here(pair))
    assert done.status == 1 and f"changed: {A}" in done.text and f"{A}: g" in done.text


def test_the_page_of_the_specification(pair: World) -> None:
    (pair.spec / "10-text.md").write_text(f"# Text\n\nSee {A}; `{B}` is code. <b>no</b>\n")
    (pair.spec / "edition.toml").write_text(EDITION)
    page = pair.place / "spec.html"
    assert command("spec", "--spec", pair.spec, "--output", page).status == 0
    text = page.read_text()
    assert f'id="{A}"' in text and f'<a href="#{A}">' in text and f"<code>{B}</code>" in text
    assert "<b>MUST</b>" in text and "&lt;b&gt;no&lt;/b&gt;" in text and "1.2.3" in text
    data = json.loads((pair.place / "requirements.json").read_text())
    assert data["version"] == "1.2.3" and [r["id"] for r in data["requirements"]] == [A, B]


def test_a_chapter_of_a_released_version_does_not_change(pair: World) -> None:
    edition = pair.spec / "edition.toml"
    edition.write_text(EDITION)
    assert command("lock", "--spec", pair.spec, "--release").status == 3
    edition.write_text(EDITION.replace("draft", "released"))
    assert command("lock", "--spec", pair.spec, "--release").status == 0
    assert command("spec-check", *here(pair)).status == 0
    chapter = pair.spec / "00-all.md"
    chapter.write_text(chapter.read_text().replace("The thing", "It", 1))
    command("lock", "--spec", pair.spec)
    done = command("spec-check", *here(pair))
    assert done.status == 1 and "differ from version 1.2.3" in done.text
    edition.write_text(EDITION.replace("1.2.3", "1.3.0"))
    assert command("spec-check", *here(pair)).status == 0
    page = pair.place / "spec.html"
    assert command("spec", "--spec", pair.spec, "--output", page).status == 0
    text = page.read_text()
    assert "0 new, 1 changed and 0 withdrawn since version 1.2.3" in text
    assert "<del>The thing</del> <ins>It</ins>" in text


def test_the_order_does_not_matter(pair: World) -> None:
    for name in "abcdefgh":
        pair.guest(name, f'summary = "good", tests = ["{A}", "{B}"]')
    pair.guest("z", f'summary = "false-check", tests = ["{A}", "{B}"]')
    seen = {}
    for seed in "123":
        done = pair.run("--shuffle", seed, "--jobs", "2", "--", "-v")
        seen[seed] = {r["id"]: r["verdict"] for r in done.results["requirements"]}
    assert seen["1"] == seen["2"] == seen["3"] == {A: "PASS", B: "FAIL"}


@pytest.mark.parametrize("family", FAMILIES)
def test_each_module_adds_the_commands_that_the_table_says(family: str) -> None:
    added: list[str] = []

    def note(name: str, *_: object) -> argparse.ArgumentParser:
        added.append(name)
        return argparse.ArgumentParser()

    import_module(f"uhyve_conformance.{family}").add_parsers(note)
    assert tuple(added) == FAMILIES[family]


@pytest.mark.parametrize("words", [[], ["--help"], ["-h", "run"], ["rum"]])
def test_whatever_is_no_command_is_told_of_all(words: list[str]) -> None:
    assert families_of(words) == list(FAMILIES)


def test_run_imports_no_other_command() -> None:
    script = (
        "import sys; from uhyve_conformance.cli import parser_for; parser_for(['run'])\n"
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert not loaded & {f"uhyve_conformance.{family}" for family in FAMILIES}
    assert not loaded & {"pytest", "markdown_it", "uhyve_conformance.mutants"}
