# SPDX-License-Identifier: MIT OR Apache-2.0
"""The chapters are read strictly, and the lock notices every change."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools import requirement
from uhyve_conformance.errors import SuiteError
from uhyve_conformance.lock import drift, read_lock, write_lock
from uhyve_conformance.spec import SpecError, read_spec


def chapter(place: Path, text: str) -> Path:
    (place / "00-x.md").write_text(text)
    return place


def faults(place: Path, text: str) -> list[str]:
    with pytest.raises(SpecError) as problem:
        read_spec(chapter(place, text))
    return problem.value.faults


def test_a_requirement_with_everything(tmp_path: Path) -> None:
    keys = "needs smp, stdin · arch x86_64 · upstream a/b#1"
    head = f"*hypervisor · MUST NOT · since 3 · diverges · {keys}*"
    text = f"# Title\n\nFree text.\n\n#### UHY-OPEN-008\n{head}\n\n"
    text += "A call\nMUST NOT fail.\n\n> Why: it\n> hurts.\n"
    found = read_spec(chapter(tmp_path, text)).requirements["UHY-OPEN-008"]
    assert found.sentence == "A call MUST NOT fail."
    assert found.why == "it hurts."
    assert (found.level, found.since, found.provenance) == ("MUST NOT", 3, "diverges")
    assert (found.needs, found.arch, found.upstream) == (("smp", "stdin"), "x86_64", "a/b#1")
    assert (found.area, found.line, found.hard) == ("OPEN", 5, True)


GOOD = requirement("UHY-OPEN-001")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("#### UHY-OPEN-1\n", 1, "is not an id"),
        ("### UHY-OPEN-001\n", 1, "has to be of level 4"),
        (GOOD.replace("OPEN", "NOSUCH"), 1, "unknown area"),
        ("#### UHY-OPEN-001\n\nSomething MUST be.\n", 3, "its head is missing"),
        (GOOD.replace("· observed", ""), 2, "fewer than four parts"),
        (GOOD.replace("hypervisor", "host"), 2, "'host' is not a target"),
        (GOOD.replace("since 2", "since 4"), 2, "'since 4' is not a version"),
        (GOOD.replace("observed", "seen"), 2, "'seen' is not a provenance"),
        (GOOD.replace("observed", "observed · colour red"), 2, "unknown key 'colour'"),
        (GOOD.replace("observed", "observed · needs wings"), 2, "unknown capability 'wings'"),
        (GOOD.replace("observed", "observed · arch mips"), 2, "unknown architecture"),
        (GOOD.replace("observed", "observed · arch"), 2, "'arch' has no value"),
        (GOOD.replace("MUST happen", "happens"), 4, "it holds none"),
        (GOOD.replace("happen.", "happen, and it SHOULD shine."), 4, "no other level word"),
        (GOOD.replace("MUST happen", "SHOULD happen"), 4, "has to hold MUST exactly once"),
        (GOOD.replace("happen.", "happen"), 4, "does not end with a full stop"),
        (GOOD.replace("happen.", "happen. It does."), 4, "more than one sentence"),
        (GOOD.replace("observed", "diverges"), 1, "needs a reason"),
        (GOOD.replace("The thing MUST happen.", ""), 1, "its sentence is missing"),
        (GOOD + "> Because.\n", 6, "begins with 'Why: '"),
        (GOOD + GOOD, 6, "was given to"),
        (GOOD + "\nA guest MUST behave.\n", 7, "free text binds no one"),
        (GOOD + "\n*guest · MUST · since 2 · observed*\n", 7, "without its heading"),
        (GOOD + "\nSee UHY-OPEN-002.\n", 7, "UHY-OPEN-002 does not exist"),
        (
            GOOD.replace("hypervisor", "guest").replace("observed", "observed · untested x"),
            1,
            "untested",
        ),
    ],
)
def test_every_fault_has_its_place(tmp_path: Path, text: str, line: int, message: str) -> None:
    found = faults(tmp_path, text)
    assert any(f"00-x.md:{line}:" in fault and message in fault for fault in found), found


def test_all_faults_are_reported_at_once(tmp_path: Path) -> None:
    assert (
        len(faults(tmp_path, GOOD.replace("observed", "seen") + GOOD.replace("since 2", "ever")))
        == 2
    )


def test_no_chapters(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="no chapters"):
        read_spec(tmp_path)


def test_the_lock_notices(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    write_lock(read_spec(chapter(tmp_path, GOOD + requirement("UHY-OPEN-002"))), lock)
    same = read_spec(chapter(tmp_path, "Other free text.\n\n" + GOOD + requirement("UHY-OPEN-002")))
    assert not drift(same, read_lock(lock))
    other = read_spec(
        chapter(tmp_path, GOOD.replace("thing", "deed") + requirement("UHY-OPEN-003"))
    )
    changes = drift(other, read_lock(lock))
    assert changes.changed == ["UHY-OPEN-001"]
    assert changes.new == ["UHY-OPEN-003"]
    assert changes.withdrawn == ["UHY-OPEN-002"]
    write_lock(other, lock)
    assert not drift(other, read_lock(lock))


def test_a_withdrawn_id_never_comes_back(tmp_path: Path) -> None:
    lock, second = tmp_path / "requirements.lock", requirement("UHY-OPEN-002")
    write_lock(read_spec(chapter(tmp_path, GOOD + second)), lock)
    write_lock(read_spec(chapter(tmp_path, GOOD)), lock)
    with pytest.raises(SuiteError, match="never given again"):
        write_lock(read_spec(chapter(tmp_path, GOOD + second)), lock)


@pytest.mark.parametrize(
    "line", ["UHY-OPEN-001", "UHY-OPEN-001 a b", "x y", "UHY-OPEN-001 a\nUHY-OPEN-001 b"]
)
def test_a_broken_lock(tmp_path: Path, line: str) -> None:
    (tmp_path / "requirements.lock").write_text(line + "\n")
    with pytest.raises(SuiteError, match="requirements.lock:"):
        read_lock(tmp_path / "requirements.lock")


FREEDOM = "> Freedom: x-y — What\n> differs. Guests: UHY-OPEN-002, UHY-OPEN-003. No variant: it is hard.\n"


def test_a_freedom_stands_at_its_sentence(tmp_path: Path) -> None:
    guests = "".join(requirement(f"UHY-OPEN-00{n}") for n in (2, 3))
    text = f"{GOOD}> Why: so.\n\n{FREEDOM}\n{guests}\n> Freedom: free — In free text.\n\nMore.\n"
    spec = read_spec(chapter(tmp_path, text))
    found = spec.freedoms["x-y"]
    assert (found.requirement, found.text) == ("UHY-OPEN-001", "What differs.")
    assert found.guests == ("UHY-OPEN-002", "UHY-OPEN-003")
    assert found.no_variant == "it is hard."
    assert spec.requirements["UHY-OPEN-001"].why == "so."
    assert spec.freedoms["free"].text == "In free text."
    lock = tmp_path / "requirements.lock"
    write_lock(spec, lock)
    chapter(tmp_path, text.replace("In free", "In the free"))
    assert drift(read_spec(tmp_path), read_lock(lock)).changed == ["freedom:free"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("> Freedom: No Name — Text.\n", "not of the form"),
        ("> Freedom: name - Text.\n", "not of the form"),
        ("> Freedom: name — Text. Guests: everybody.\n", "is not an id"),
        ("> Freedom: name — Text. Guests: UHY-OPEN-099.\n", "does not exist"),
        ("> Freedom: name — It MAY.\n", "binds no one"),
        ("> Freedom: name — One.\n\n> Freedom: name — Two.\n", "already"),
    ],
)
def test_a_freedom_is_read_strictly(tmp_path: Path, text: str, message: str) -> None:
    assert message in faults(tmp_path, GOOD + text)[0]


def test_a_condition_is_an_id_that_exists(tmp_path: Path) -> None:
    given = GOOD.replace("· observed", "· observed · given UHY-OPEN-002")
    spec = read_spec(chapter(tmp_path, given + requirement("UHY-OPEN-002")))
    assert spec.requirements["UHY-OPEN-001"].given == ("UHY-OPEN-002",)
    assert "does not exist" in faults(tmp_path, given)[0]
    assert "is not an id" in faults(tmp_path, given.replace("UHY-OPEN-002", "that"))[0]
