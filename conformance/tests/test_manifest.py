# SPDX-License-Identifier: MIT OR Apache-2.0
"""Manifests are read strictly: what is not understood is never ignored."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from pathlib import Path

import pytest
from tools import AARCH64, elf
from uhyve_conformance.errors import ManifestError, UsageError
from uhyve_conformance.executor import Node
from uhyve_conformance.guests import NotOursError, find_guests, read_guest
from uhyve_conformance.image import EDITS, ImageError, prepare, response
from uhyve_conformance.manifest import EVERY_VARIANT, Owed, Run, parse_manifest

BASE = 'summary = "x"'
IMAGE = BASE + ', tests = ["UHY-OPEN-001"]'
TESTS = [("UHY-OPEN-001", EVERY_VARIANT)]


def parse(text: str, interface: int = 2, tests: Iterable[Owed] = TESTS) -> list[Run]:
    return parse_manifest("g", text, "x86_64", interface, tests)


def test_the_defaults() -> None:
    (run,) = parse(BASE)
    assert (run.name, run.memory, run.vcpus, run.umask, run.tap, run.timeout) == (
        "g",
        64,
        1,
        0o22,
        True,
        10,
    )
    assert run.mappings == {"/data": "data"}


def test_everything() -> None:
    (run,) = parse(
        BASE
        + ', memory = 128, vcpus = 2, args = ["a b"], env = { A = "1" }, stdin = { hex = "00ff" }, '
        'files = { "data/f" = "text", "data/d" = { dir = true, mode = "0700" }, '
        '"data/l" = { symlink = "f" }, "data/s" = { size = 9, hex = "41" } }, umask = "077", '
        'after = [{ path = "data/f", content = "text", mode = "644", id = "UHY-OPEN-001" }], '
        'status = { any_of = [1, 2], id = "UHY-OPEN-001" }, needs = ["smp"], probe = "stdin", '
        'foundation = true, timeout = 0.5, image = ["interface=9"]',
    )
    assert run.stdin == b"\0\xff"
    assert run.files["data/d"] == Node("dir", mode=0o700)
    assert run.files["data/s"] == Node(content=b"A", size=9)
    assert run.status and run.status.any_of == (1, 2)
    assert run.after[0].mode == 0o644


def test_variants_are_runs() -> None:
    runs = parse(BASE + ', variants = ["-1", "never opened"]')
    assert [(r.name, r.index, r.slug) for r in runs] == [
        ("g[-1]", 0, "g.0--1"),
        ("g[never opened]", 1, "g.1-never-opened"),
    ]


MATRIX = (
    BASE
    + ', matrix = [{ over = "pointers", cells = [{ name = "zero", requirement = "UHY-A-001" },'
    + ' { name = "long", requirement = "UHY-A-002", only = "lengths" }] }]'
)


def versions(text: str, interface: int = 2) -> dict[str, tuple[int, tuple[str, ...]]]:
    runs = parse(BASE + text, interface)
    return {run.name: (run.interface, run.needs) for run in runs}


def test_an_image_names_the_lowest_version() -> None:
    assert versions("") == {"g": (2, ("interface-2",))}
    assert versions("", 1) == {"g": (1, ("interface-1",))}
    assert versions(', needs = ["smp", "interface-3"]') == {"g": (3, ("interface-3", "smp"))}
    assert versions(', also = [3], variants = ["a"]') == {
        "g[a]": (2, ("interface-2",)),
        "g[a as 3]": (3, ("interface-3",)),
    }
    # A probe does not need what it is to find out.
    assert versions(', probe = "interface-3"') == {"g": (3, ())}
    assert versions(', probe = "smp"') == {"g": (2, ("interface-2",))}


def test_a_matrix_has_a_variant_for_each_row() -> None:
    tests = [("UHY-A-001", EVERY_VARIANT), ("UHY-A-002", EVERY_VARIANT)]
    runs = {run.variant: run for run in parse(MATRIX, tests=tests)}
    assert runs["FileWrite.buf-long"].requirements == ("UHY-A-002",)
    assert runs["FileOpen.name-zero"].needs == ("interface-2",)
    assert runs["FileStat.attr-zero"].needs == ("interface-3",)
    assert "FileStat.attr-long" not in runs  # its length is a number, not a field
    assert "FileOpen.name-long" not in runs  # a path has no length
    assert "SerialWriteBuffer.buf-zero" not in runs  # it cannot report an error
    assert [run.index for run in runs.values()] == list(range(len(runs)))


def test_a_cell_without_a_requirement_makes_all_tests() -> None:
    text = BASE + ', matrix = [{ over = "blocks", cells = [{ name = "a" }] }]'
    assert {run.tests for run in parse(text)} == {("UHY-OPEN-001",)}


def test_a_run_owes_the_tests_of_its_variant() -> None:
    tests = [("UHY-B-001", 0b01), ("UHY-A-001", EVERY_VARIANT), ("UHY-A-001", 0b10)]
    first, second = parse(BASE + ', variants = ["a", "b"]', tests=tests)
    assert first.tests == ("UHY-A-001", "UHY-B-001")
    assert second.tests == ("UHY-A-001", "UHY-A-001") and second.requirements == ("UHY-A-001",)
    many = ", ".join(f'"{n}"' for n in range(40))
    runs = parse(BASE + f", variants = [{many}]", tests=tests)
    assert [len(run.tests) for run in runs[:3]] == [2, 2, 1] and len(runs[32].tests) == 1


def test_the_host_adds_what_it_judges() -> None:
    text = BASE + ', status = { code = 0, id = "UHY-EXIT-001" }'
    assert parse(text)[0].requirements == ("UHY-OPEN-001", "UHY-EXIT-001")
    (silent,) = parse(text + ", tap = false", tests=())
    assert silent.requirements == ("UHY-EXIT-001",)


@pytest.mark.parametrize(
    ("text", "tests", "message"),
    [
        (BASE, (), "without a TEST"),
        (BASE + ", tap = false", TESTS, "speaks no TAP"),
        (BASE + ", tap = false", (), "judges nothing"),
        (BASE + ', variants = ["a"]', [*TESTS, ("UHY-B-001", 0b10)], "no run makes the test of"),
        (
            BASE + ', matrix = [{ over = "blocks", cells = [{ name = "a", requirement = "X" }] }]',
            TESTS,
            "no test of X",
        ),
    ],
)
def test_code_and_manifest_may_not_differ(text: str, tests: Iterable[Owed], message: str) -> None:
    with pytest.raises(ManifestError, match=message):
        parse(text, tests=tests)


def test_variants_may_differ() -> None:
    runs = parse(BASE + ", variants = { a = { memory = 32 }, b = {} }")
    assert [r.memory for r in runs] == [32, 64]


def test_a_guest_for_another_architecture_has_no_runs() -> None:
    assert parse(BASE + ', arch = ["aarch64"]') == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("summary = ", "not TOML"),
        ("memory = 1", "'summary' is missing"),
        (BASE + ', requirements = ["UHY-OPEN-001"]', "unknown key 'requirements'"),
        (BASE + ", requirement = 1", "unknown key 'requirement'"),
        (BASE + ", memory = 0", "positive"),
        (BASE + ", memory = true", "positive"),
        (BASE + ', args = "a"', "list of strings"),
        (BASE + ', needs = ["wings"]', "unknown capability"),
        (BASE + ', arch = ["mips"]', "unknown architecture"),
        (BASE + ', umask = "9"', "octal"),
        (BASE + ', files = { "../x" = "" }', "not a path in the work directory"),
        (BASE + ', files = { "/x" = "" }', "not a path in the work directory"),
        (BASE + ', files = { x = { contents = "" } }', "unknown key 'contents'"),
        (BASE + ', files = { x = { content = "", hex = "" } }', "both"),
        (BASE + ", stdin = { hold = false }", "stdin"),
        (BASE + ', after = [{ path = "x", id = "UHY-OPEN-001" }]', "needs a condition"),
        (
            BASE + ', after = [{ path = "x", absent = true, size = 1, id = "UHY-OPEN-001" }]',
            "stands alone",
        ),
        (BASE + ', after = [{ path = "x", absent = true }]', "needs an 'id'"),
        (BASE + ', status = { code = 1, nonzero = true, id = "UHY-OPEN-001" }', "exactly one"),
        (BASE + ', status = { id = "UHY-OPEN-001" }', "exactly one"),
        (BASE + ', stdout = { text = "", id = "UHY-OPEN-001" }', "tap = false"),
        (BASE + ", console_full = true", "tap = false"),
        (
            BASE
            + ', tap = false, console_full = true, stdout = { text = "", id = "UHY-OPEN-001" }',
            "exclude each other",
        ),
        (
            BASE
            + ', tap = false, stdout = { text = "x", early = true, id = "UHY-OPEN-001" }'
            + ', status = { code = 0, id = "UHY-OPEN-001" }',
            "stopped early",
        ),
        (BASE + ', image = ["nonsense"]', "unknown edit"),
        (BASE + ", variants = []", "variants"),
        (BASE + ", matrix = []", "matrix"),
        (BASE + ', matrix = [{ over = "x", cells = [] }]', "over is one of"),
        (BASE + ', matrix = [{ over = "blocks", cells = [] }]', "no call"),
        (BASE + ', matrix = [{ over = "blocks" }]', "over, cells"),
        (BASE + ', variants = ["a", "a"]', "variants"),
        (BASE + ', variants = ["a[b]"]', "brackets"),
        (BASE + ", also = [2]", "versions above 2"),
        (BASE + ", also = 3", "versions above 2"),
        (
            BASE + ', tap = false, stdout = { text = "x", terminate = true, id = "UHY-OPEN-001" }',
            "only a guest that is stopped early",
        ),
        (BASE + ', tmpdir = "/tmp"', "not a path in the work directory"),
        (BASE + ", descriptors = 0", "positive"),
        (BASE + ", timeout = -1", "positive"),
        (BASE + ", foundation = 1", "true or false"),
    ],
)
def test_faults(text: str, message: str) -> None:
    tests = () if "tap = false" in text else TESTS
    with pytest.raises(ManifestError) as problem:
        parse(text, tests=tests)
    assert message in str(problem.value)


def test_an_image_of_version_1_has_no_calls_of_3() -> None:
    with pytest.raises(ManifestError, match="of version 1 cannot need interface-3"):
        parse(BASE + ', needs = ["interface-3"]', 1)


def test_a_bad_manifest_is_kept_as_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "g.elf"
    path.write_bytes(elf("summary = "))
    guest = read_guest(path)
    assert guest.runs == ()
    assert guest.fault and "not TOML" in guest.fault


@pytest.mark.parametrize("tests", ['tests = ["OPEN-1"]', 'tests = ["UHY-OPEN-0001-and-more"]'])
def test_a_test_of_no_requirement(tmp_path: Path, tests: str) -> None:
    path = tmp_path / "g.elf"
    path.write_bytes(elf(f"{BASE}, {tests}"))
    with pytest.raises(NotOursError, match="not an id"):
        read_guest(path)


def section_names(name: bytes) -> bytes:
    """A guest one of whose sections has another name."""
    return elf(IMAGE).replace(name, name[::-1])


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "not a little-endian ELF file"),
        (b"#!/bin/sh\n", "not a little-endian ELF file"),
        (b"\x7fELF" + bytes(60), "not a little-endian ELF file"),
        (b"\x7fELF\2\1" + bytes(58), "no names"),
        (b"\x7fELF\2\1" + bytes(9), "outside the file"),
        (b"\x7fELF\2\1" + bytes(34) + b"\xff" * 24, "outside the file"),
        (elf(IMAGE)[:-64], "outside the file"),
        (elf(None), "no section .uhyve.manifest"),
        (section_names(b".uhyve.patch"), "no section .uhyve.patch"),
    ],
)
def test_files_that_are_not_ours(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "g.elf"
    path.write_bytes(content)
    with pytest.raises(NotOursError, match=f"is not a test guest: .*{why}"):
        read_guest(path)


def test_a_section_outside_the_file_is_none(tmp_path: Path) -> None:
    content = bytearray(elf(IMAGE))
    (headers,) = struct.unpack_from("<Q", content, 40)
    struct.pack_into("<Q", content, headers + 64 + 24, 1 << 63)  # the offset of the manifest
    path = tmp_path / "g.elf"
    path.write_bytes(content)
    with pytest.raises(NotOursError, match="no section .uhyve.manifest"):
        read_guest(path)


def test_no_guests_at_all(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no test guests"):
        find_guests(tmp_path)


def test_the_architecture_is_that_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "g.elf"
    path.write_bytes(elf(IMAGE, AARCH64))
    assert read_guest(path).arch == "aarch64"


# ---- Images ------------------------------------------------------------------------------


def test_the_challenge_is_written_where_the_guest_looks(tmp_path: Path) -> None:
    path = tmp_path / "g.elf"
    path.write_bytes(elf(IMAGE))
    guest = read_guest(path)
    image = prepare(path.read_bytes(), guest.patch_offset, 0x1122334455667788, 3, ())
    at = image.index(b"UHYPATCH")
    assert image[at + 8 : at + 20] == bytes.fromhex("887766554433221103000000")


def test_the_response_is_that_of_a_guest_on_its_own() -> None:
    assert response(0) == 0xE220A8397B1DCDAF


def test_an_image_without_the_magic() -> None:
    with pytest.raises(ImageError):
        prepare(bytes(64), 0, 1, 0, ())


@pytest.mark.parametrize("edit", sorted(EDITS))
def test_each_edit_changes_a_real_guest(edit: str) -> None:
    path = Path(__file__).parents[2] / "build/selftest/x86_64/sound.elf"
    if not path.exists():
        pytest.skip("needs `make selftest-guests`")
    elf_, offset = path.read_bytes(), read_guest(path).patch_offset
    plain = {"no-notes", "segments-overlap", "truncated", "empty", "not-elf"}
    value = {"tls": "8:8:16:8", "dynamic": "9:9"}.get(edit, "9")
    named = edit if edit in plain or edit.endswith("-note") else f"{edit}={value}"
    assert prepare(elf_, offset, 1, 0, (named,)) != prepare(elf_, offset, 1, 0, ())
