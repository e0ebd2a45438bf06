# SPDX-License-Identifier: MIT OR Apache-2.0
"""A new architecture is the files that CONTRIBUTING.md lists: riscv64, on which nothing is judged
yet, has guests and text, and they are sound."""

from __future__ import annotations

import fnmatch
import re
import shutil
import struct
import subprocess

import pytest
from tools import ROOT
from uhyve_conformance.architectures import ARCHITECTURES, JUDGED
from uhyve_conformance.guest_lock import guest_faults
from uhyve_conformance.guests import Guest, read_guests
from uhyve_conformance.judged import elf
from uhyve_conformance.pages.checks import find_checks
from uhyve_conformance.paths import GUEST_LOCK
from uhyve_conformance.spec import read_spec

NEW = "riscv64"
GUESTS = ROOT / "build" / "guests" / NEW
SERIAL_WRITE_BUFFER = 0x1030
# Where it is only told of, tried or counted.
TOLD = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "*/README.md", "docs/*", "*/tests/*",
        "conformance/browser/*", "*.lock")  # fmt: skip


@pytest.fixture(scope="module")
def guests() -> list[Guest]:
    if not shutil.which(f"{NEW}-linux-gnu-gcc"):
        pytest.skip(f"no guests of {NEW}: its compiler is missing")
    assert any(GUESTS.glob("*.elf")), f"no guests of {NEW}, though its compiler is here"
    return read_guests(GUESTS)


def test_no_hypervisor_is_judged_on_it() -> None:
    assert NEW in ARCHITECTURES and NEW not in JUDGED
    assert not (ROOT / "reference-vmm" / "src" / NEW).exists()


def naming() -> set[str]:
    """The files of the project that name it."""
    grep = ["git", "-C", str(ROOT), "grep", "--untracked", "-lE", f"{NEW}|__riscv"]
    found = subprocess.run(grep, capture_output=True, text=True, check=True).stdout.split()
    named = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"],
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    every = {*found, *(path for path in named if NEW in path)}
    return {p for p in every if not any(fnmatch.fnmatch(p, told) for told in TOLD)}


def test_contributing_lists_its_files() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("no git checkout")
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text.partition("## A new architecture\n")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    # The VMM's folder is the one part that is missing.
    listed = [name.replace("ARCH", NEW) for row in rows[1:] for name in re.findall("`(.*?)`", row)]
    files = naming()
    unlisted = {p for p in files if not any(fnmatch.fnmatch(p, name) for name in listed)}
    idle = {name for name in listed if not fnmatch.filter(files, name)}
    assert not unlisted and not idle
    assert f"in {len(files)} files" in section.replace("\n", " ")


def test_images(guests: list[Guest]) -> None:
    for guest in guests:
        image = elf.look(guest.path.read_bytes(), NEW)
        assert not image.found and not guest.fault, (guest.name, image.found, guest.fault)
        assert image.interface == guest.interface, guest.name
        assert SERIAL_WRITE_BUFFER in image.calls, guest.name
    machine = guests[0].path.read_bytes()
    assert struct.unpack_from("<H", machine, 18) == (ARCHITECTURES[NEW].machine,)
    assert elf.look(machine, "aarch64").found


def test_the_set_of_guests(guests: list[Guest]) -> None:
    faults = guest_faults(guests, NEW, GUEST_LOCK)
    assert not [fault for fault in faults if "is missing" not in fault]
    sources = {path.stem for path in (ROOT / "guests").glob("*/*.c")}
    if len(guests) > len(sources) / 2:  # all were built, not a sample
        assert not faults


def test_each_of_its_sentences_has_a_guest(guests: list[Guest]) -> None:
    own = {r.id for r in read_spec().of("hypervisor") if r.arch == NEW}
    assert own and own <= find_checks(guests).keys()


@pytest.mark.parametrize(
    ("code", "loads"),
    [
        ("b7120000 93820203", True),  # lui t0, 1; addi t0, t0, 0x30
        ("8562 9b820203", True),  # c.lui t0, 1; addiw t0, t0, 0x30
        ("b7220000 93820203", False),  # another page
        ("8562 1b830203", False),  # another register
        ("93820203", False),  # nothing before it
        ("8562" + "0100" * 20 + "93820203", False),  # too far away
        ("856", False),
    ],
)
def test_numbers_in_code(code: str, loads: bool) -> None:
    digits = code.replace(" ", "")
    data = bytes.fromhex(digits[: len(digits) // 2 * 2])
    assert ARCHITECTURES[NEW].loads(data, SERIAL_WRITE_BUFFER) is loads


def test_small_and_negative_halves() -> None:
    """Compressed forms; above 0x17ff the second half is negative."""
    assert ARCHITECTURES[NEW].loads(bytes.fromhex("8562c102"), 0x1010)  # c.addi t0, 16
    assert ARCHITECTURES[NEW].loads(bytes.fromhex("8962f112"), 0x1FFC)  # c.lui t0, 2; c.addi t0, -4
