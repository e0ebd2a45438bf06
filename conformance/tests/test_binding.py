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
    f'{USE}#include "{d}.def"\n' for d in ("v2", "v1", "boot")
)
NUMBERS = "enum uhyve_number { UHYVE_N_NONE, FILE_OPEN = 0x1110, O_CREAT = 0x40, EBADF = 9 };\nenum uhyve_number number;\n"


def build(place: Path, file: str = "", old: str = "", new: str = "", extra: str = NUMBERS) -> Path:
    """An object with all structures; one place in a header may be another."""
    shutil.copytree(HEADERS, place / "h")
    if file:
        text = (place / "h" / file).read_text()
        assert text.count(old) == 1, old
        (place / "h" / file).write_text(text.replace(old, new))
    # What is planted must not be refused by the headers' own assertions.
    for name in ("v2.h",):
        text = (place / "h" / name).read_text()
        text = text.replace("_Static_assert(what, text)", "struct uhyve_nothing")
        (place / "h" / name).write_text(text)
    source = PROGRAM + extra
    target = place / "binding.o"
    subprocess.run(
        ["gcc", "-g", "-c", f"-I{place / 'h'}", "-xc", "-", "-o", target],
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


PLANTED = [  # header, old, new, the field that is named
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


@pytest.mark.parametrize(("file", "old", "new", "word"), [p for p in PLANTED if p[3]])
def test_planted_layouts(tmp_path: Path, file: str, old: str, new: str, word: str) -> None:
    done = check(build(tmp_path, file, old, new))
    assert done.status == 1, done.text
    assert any(word in line for line in done.text.splitlines() if line.startswith("DIFFERENT"))


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [("0x1110", "0x1111", "FILE_OPEN"), ("0x40", "0x80", "O_CREAT"), ("= 9", "= 10", "EBADF")],
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
