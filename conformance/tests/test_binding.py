# SPDX-License-Identifier: MIT OR Apache-2.0
"""check-binding: the headers pass, every planted error is refused by name, and nothing found
is never a success."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from tools import Finished, command
from uhyve_conformance.interface import HEADERS

USE = "#define UHYVE_STRUCT(name, size, align) struct uhyve_##name use_##name;\n"
PROGRAM = "".join(f'#include "{h}.h"\n' for h in ("v2", "v1", "boot")) + "".join(
    f'{USE}#include "{d}.def"\n' for d in ("calls", "v2", "v1", "boot")
)
NUMBERS = (
    "enum uhyve_number { UHYVE_N_NONE, FILE_OPEN = 0x1110, O_CREAT = 0x40, EBADF = 9 };\n"
    "enum uhyve_tag { GETDENTS_END = 2 };\n"
    "enum uhyve_number number; enum uhyve_tag tag;\n"
)


def build(
    place: Path, file: str = "", old: str = "", new: str = "", extra: str = NUMBERS,
    compiler: str = "gcc", language: str = "c",
) -> Path:  # fmt: skip
    """An object with all structures; one place in a header may be another."""
    shutil.copytree(HEADERS, place / "h")
    if file:
        text = (place / "h" / file).read_text()
        assert text.count(old) == 1, old
        (place / "h" / file).write_text(text.replace(old, new))
    # The headers' own assertions must not refuse the planted error.
    text = (place / "h/v2.h").read_text()
    for word in ("_Static_assert", "static_assert"):
        text = text.replace(f" {word}(what, text)", " struct uhyve_nothing")
    (place / "h/v2.h").write_text(text)
    source = PROGRAM + extra
    target = place / "binding.o"
    subprocess.run(
        [compiler, "-g", "-c", f"-I{place / 'h'}", f"-x{language}", "-", "-o", target],
        input=source, text=True, check=True,
    )  # fmt: skip
    return target


def check(target: Path, *options: str | Path) -> Finished:
    return command("check-binding", target, *options)


def test_the_headers_match(tmp_path: Path) -> None:
    report = tmp_path / "facts.json"
    done = check(build(tmp_path), "--json", report, "--junit", tmp_path / "facts.xml")
    assert done.status == 0, done.text
    assert " 0 different" in done.text
    counts = json.loads(report.read_text())["counts"]
    assert counts["same"] > 340 and counts["different"] == 0
    assert "<testsuite" in (tmp_path / "facts.xml").read_text()


def test_the_headers_match_in_cpp(tmp_path: Path) -> None:
    done = check(build(tmp_path, compiler="g++", language="c++"))
    assert done.status == 0 and " 0 different" in done.text, done.text


PLANTED = [  # header, old, new, the field that is named
    ("v2.h", "	int32_t flags;         /* IN, UHYVE_O_* */\n", "", "open_params.flags"),
    ("v2.h", "	uint64_t st_ino;\n	uint64_t st_nlink;\n", "	uint64_t st_nlink;\n	uint64_t st_ino;\n",
     "file_attr.st_nlink"),
    ("v2.h", "	uint32_t whence; /* IN, UHYVE_SEEK_* */\n	int32_t fd;      /* IN */\n",
     "	int32_t fd;\n	uint32_t whence;\n", "lseek_params.whence"),

    ("v2.h", "struct UHYVE_PACKED uhyve_open_params", "struct uhyve_open_params", "open_params"),
    ("v2.h", "	int32_t mode;          /* IN, permission bits of a new file */", "	uint32_t mode;", "open_params.mode"),
    ("v2.h", "	int32_t ret;           /* OUT, descriptor from 3 on, or -errno */", "	int64_t ret;", "open_params.ret"),
    ("v2.h", "	uint32_t st_gid;\n", "", "file_attr.st_gid"),
    ("v2.h", "	uint64_t st_nlink;\n", "	uint64_t st_nlink;\n	uint8_t hole[8];\n", "file_attr.st_mode"),
    ("v2.h", "	int32_t tv_nsec; /* nanoseconds, 0 to 999,999,999 */", "	int64_t tv_nsec;", "timespec.tv_nsec"),
    ("v1.h", "	int64_t offset; /* IN/OUT, bytes; then the position, or -1 */", "	int32_t offset;", "v1_lseek_params.offset"),
]  # fmt: skip


@pytest.mark.parametrize(("compiler", "language"), [("gcc", "c"), ("g++", "c++")])
@pytest.mark.parametrize(("file", "old", "new", "word"), PLANTED)
def test_planted_layouts(
    tmp_path: Path, file: str, old: str, new: str, word: str, compiler: str, language: str
) -> None:
    done = check(build(tmp_path, file, old, new, compiler=compiler, language=language))
    assert done.status == 1, done.text
    assert any(word in line for line in done.text.splitlines() if line.startswith("DIFFERENT"))


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("0x1110", "0x1111", "FILE_OPEN"),
        ("0x40", "0x80", "O_CREAT"),
        ("= 9", "= 10", "EBADF"),
        ("END = 2", "END = 3", "GETDENTS_END"),
    ],
)
def test_planted_constants(tmp_path: Path, old: str, new: str, word: str) -> None:
    done = check(build(tmp_path, extra=NUMBERS.replace(old, new)))
    assert done.status == 1
    assert any(word in line for line in done.text.splitlines() if line.startswith("DIFFERENT"))


def test_nothing_found_is_no_success(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("text")
    assert check(tmp_path / "text").status == 4
    assert check(tmp_path / "absent").status == 4
    for flag, status in (("-g", 5), ("-g0", 5)):
        target = tmp_path / f"{flag}.o"
        subprocess.run(
            ["gcc", flag, "-c", "-xc", "-", "-o", target], input="int x;", text=True, check=True
        )
        done = check(target)
        assert done.status == status and "Traceback" not in done.text


def test_maps_are_checked(tmp_path: Path) -> None:
    names = tmp_path / "map.toml"
    target = build(tmp_path)
    for text in ("types = 3", "[types]\nno_such = 'X'", "[other]\na = 'b'", "not toml ["):
        names.write_text(text)
        assert check(target, "--map", names).status == 4
    names.write_text("[types]\nwrite_params = 'uhyve_read_params'\n")
    assert check(target, "--map", names).status == 0
    names.write_text("[types]\nwrite_params = 'uhyve_open_params'\n")
    assert check(target, "--map", names).status == 1


RUST = """
#![no_std]
#[repr(C)]
pub enum GetdentResult { None, Success(u64), EndOfDirectory, Error(i32) }
#[no_mangle]
pub fn uhyve_keep(it: &GetdentResult) -> bool { matches!(it, GetdentResult::None) }
"""


@pytest.mark.skipif(not shutil.which("rustc"), reason="no rustc")
@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("", "", ""),
        ("EndOfDirectory, Error(i32)", "Error(i32), EndOfDirectory", "GETDENTS_END"),
        ("Success(u64)", "Success(u32)", "getdents_result.len"),
        ("Error(i32)", "Error(u32)", "getdents_result.error"),
    ],
)
def test_planted_in_a_tagged_union(tmp_path: Path, old: str, new: str, word: str) -> None:
    source, names = tmp_path / "uhyve_planted.rs", tmp_path / "map.toml"
    source.write_text(RUST.replace(old, new) if old else RUST)
    names.write_text("[types]\ngetdents_result = 'GetdentResult'\n")
    target = tmp_path / "libuhyve_planted.rlib"
    subprocess.run(
        ["rustc", "-g", "--crate-type=lib", "--edition=2021", source, "-o", target], check=True
    )
    done = check(target, "--map", names)
    assert done.status == (1 if word else 0), done.text
    different = [line for line in done.text.splitlines() if line.startswith("DIFFERENT")]
    assert any(word in line for line in different) == bool(word), done.text


def test_strict_asks_for_what_is_not_skipped(tmp_path: Path) -> None:
    names = tmp_path / "map.toml"
    target = build(tmp_path)
    assert check(target, "--strict").status == 1
    names.write_text("skip = ['nothing']\n")
    assert check(target, "--map", names).status == 4
    names.write_text("version_1 = 1\n")
    assert check(target, "--map", names).status == 4
