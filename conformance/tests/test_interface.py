# SPDX-License-Identifier: MIT OR Apache-2.0
"""The description of the interface: what is made from it, and that a difference is noticed.

Each planted error is one that a person could make, in a copy of the headers or the chapters.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import fastjsonschema
import pytest
from tools import ROOT
from uhyve_conformance.errors import SuiteError
from uhyve_conformance.explore import generate, groups, model, probe, steps
from uhyve_conformance.interface import HEADERS, read_interface
from uhyve_conformance.interface_json import as_json
from uhyve_conformance.paths import SPEC
from uhyve_conformance.spec import AREAS
from uhyve_conformance.spec_tables import header_faults, table_faults

SCHEMA = json.loads((ROOT / "conformance" / "interface.schema.json").read_text())


def edited(source: Path, to: Path, file: str, old: str, new: str) -> Path:
    """A copy of a folder in which one file differs in one place."""
    shutil.copytree(source, to)
    text = (to / file).read_text()
    assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {file}"
    (to / file).write_text(text.replace(old, new))
    return to


def compiles(include: Path) -> bool:
    """True if the headers below a folder still agree with their description."""
    program = "".join(f"#include <uhyve_interface/{h}.h>\n" for h in ("calls", "v1", "boot"))
    command = ["gcc", "-std=c11", "-fsyntax-only", f"-I{include}", "-xc", "-"]
    return subprocess.run(command, input=program, text=True, capture_output=True).returncode == 0


def test_json_fits_its_schema() -> None:
    check = fastjsonschema.compile(SCHEMA)
    document = as_json(read_interface())
    check(document)
    assert len(document["calls"]) >= 31 and len(document["types"]) >= 27
    numbers = {call["name"]: call["number"] for call in document["calls"]}
    assert numbers["FileOpen"] == 0x1110 and numbers["V1_EXIT"] == 0x540
    document["calls"][0]["number"] = "0x1010"
    with pytest.raises(fastjsonschema.JsonSchemaException):
        check(document)


def test_text_and_headers_agree() -> None:
    interface = read_interface()
    assert table_faults(interface, SPEC) == []
    assert header_faults(interface, HEADERS) == []


ROWS = [  # file, old, new: the compiler has to refuse it
    ("calls.def", "FILE_OPEN, 0x1110", "FILE_OPEN, 0x1118"),
    ("calls.def", "write_params, fd, 24, i32", "write_params, fd, 20, i32"),
    ("calls.def", "write_params, ret, 8, i64", "write_params, ret, 8, u64"),
    ("calls.def", "GETDENTS_END, 2", "GETDENTS_END, 4"),
    ("calls.def", "UHYVE_STRUCT(open_params, 20, 1)", "UHYVE_STRUCT(open_params, 20, 4)"),
    ("v2.def", "SEEK_HOLE, 4", "SEEK_HOLE, 5"),
    ("v2.def", "st_mode, 24, u32", "st_mode, 24, i32"),
    ("boot.def", "image_end, 40", "image_end, 48"),
    ("boot.def", '"HERMIT", 0x5a00', '"HERMIT", 0x5a01'),
    ("v1.def", "V1_CMDSIZE, 0x740", "V1_CMDSIZE, 0x750"),
    ("v2.h", "#define UHYVE_O_EXCL 0x80", "#define UHYVE_O_EXCL 0x100"),
    ("v2.h", "	uint32_t whence; /* IN, UHYVE_SEEK_* */\n	int32_t fd;      /* IN */\n",
     "	int32_t fd;      /* IN */\n	uint32_t whence; /* IN, UHYVE_SEEK_* */\n"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new"), ROWS)
def test_the_compiler_compares(tmp_path: Path, file: str, old: str, new: str) -> None:
    edited(HEADERS, tmp_path / "uhyve_interface", file, old, new)
    assert not compiles(tmp_path)


def test_the_compiler_accepts_what_is_there() -> None:
    assert compiles(HEADERS.parent)


FORGOTTEN = [  # a row that is gone, or a number that has none
    ("calls.def", "UHYVE_FIELD(FileWrite, write_params, fd, 24, i32, IN, FD, none)\n", ""),
    ("calls.def", "UHYVE_TAG(Mkdir, RESULT_NONE", "UHYVE_TOG(Mkdir, RESULT_NONE"),
    ("calls.def", "IN, SRC, len)\n\nUHYVE_CALL(SerialReadByte", "IN, SRC, size)\n\nUHYVE_CALL(SerialReadByte"),
    ("calls.def", "open_params, flags, 8, i32, IN, FLAGS", "open_params, flags, 8, i33, IN, FLAGS"),
    ("calls.def", "name, 0, gpa, IN, PATH, none)\nUHYVE_FIELD(FileOpen", "name, 0, gpa, INN, PATH, none)\nUHYVE_FIELD(FileOpen"),
    ("calls.def", "UHYVE_STRUCT(mkdir_params, 24, 8)\n", ""),
    ("v2.def", "UHYVE_MEMBER(file_attr, st_gid, 32, u32, any)\n", ""),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new"), FORGOTTEN)
def test_rows_that_do_not_fit(tmp_path: Path, file: str, old: str, new: str) -> None:
    with pytest.raises(SuiteError):
        read_interface(edited(HEADERS, tmp_path / "h", file, old, new))


@pytest.mark.parametrize(
    ("file", "line"),
    [("v2.h", "#define UHYVE_FILE_RENAME 0x11a0"), ("boot.h", "#define UHYVE_BOOT_MORE 0x39000")],
)
def test_a_number_without_a_row(tmp_path: Path, file: str, line: str) -> None:
    shutil.copytree(HEADERS, tmp_path / "h")
    path = tmp_path / "h" / file
    path.write_text(path.read_text() + f"\n{line}\n")
    faults = header_faults(read_interface(), tmp_path / "h")
    assert len(faults) == 1 and line.split()[1] in faults[0]


TEXTS = [  # chapter, old, new, a word of the message
    ("20-blocks.md", "| 0x1110 | FileOpen | 2 |", "| 0x1111 | FileOpen | 2 |", "FileOpen"),
    ("20-blocks.md", "### FileOpen: 20 bytes, packed", "### FileOpen: 24 bytes, packed", "size of FileOpen"),
    ("20-blocks.md", "### FileClose: 8 bytes, packed", "### FileClose: 8 bytes", "packed"),
    ("20-blocks.md", "| 8 | 4 | u32 | `whence` | in |", "| 8 | 4 | i32 | `whence` | in |", "type of FileLseek.whence"),
    ("20-blocks.md", "| 0 | 8 | u64 | `maxlen` | in |", "| 0 | 8 | u64 | `maxlen` | out |", "direction"),
    ("20-blocks.md", "2 end of directory, 3 error |", "3 end of directory, 2 error |", "ret.tag"),
    ("20-blocks.md", "out with tag 3, positive", "out with tag 2, positive", "tag of Getdents.ret.error"),
    ("20-blocks.md", "| 48 | 8 | i64 | `st_size` |\n", "", "st_"),
    ("20-blocks.md", "| O_TRUNC | 0x200 |", "| O_TRUNC | 0x400 |", "O_TRUNC"),
    ("30-errors.md", "| 17 | EEXIST |", "| 18 | EEXIST |", "EEXIST"),
    ("61-file-open.md", "| `mode` | 12 | 4 |", "| `mode` | 16 | 4 |", "FileOpen"),
    ("61-file-open.md", "The block has 20 bytes", "The block has 24 bytes", "size of the block"),
    ("65-file-lseek.md", "Number 0x1140", "Number 0x1150", "number"),
    ("70-getdents.md", "| 2 EndOfDirectory |", "| 4 EndOfDirectory |", "tags of Getdents"),
    ("70-getdents.md", "10 symbolic link", "11 symbolic link", "d_type"),
    ("71-file-stat.md", "| `st_size` | 48 | 8 |", "| `st_size` | 56 | 8 |", "st_size"),
    ("72-mkdir.md", "| `len` | 8 | 8 | in |", "| `length` | 8 | 8 | in |", "Mkdir"),
    ("80-boot.md", "| 104 | u32 | `cpu_freq_khz`", "| 104 | u64 | `cpu_freq_khz`", "cpu_freq_khz"),
    ("80-boot.md", "| `UHYVEIF` (8) | 0x5b00 |", "| `UHYVEIF` (8) | 0x5b01 |", "notes"),
    ("80-boot.md", "| 0x5000 | 0x1000 | boot information |", "| 0x6000 | 0x1000 | boot information |", "offsets"),
    ("90-version-1.md", "`code` i32 at 0; 4 bytes", "`code` i64 at 0; 8 bytes", "V1_EXIT"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "word"), TEXTS)
def test_the_text_is_compared(tmp_path: Path, file: str, old: str, new: str, word: str) -> None:
    faults = table_faults(read_interface(), edited(SPEC, tmp_path / "spec", file, old, new))
    assert any(word in fault for fault in faults), faults


def test_a_table_that_is_gone(tmp_path: Path) -> None:
    shutil.copytree(SPEC, tmp_path / "spec")
    (tmp_path / "spec" / "62-file-close.md").unlink()
    assert table_faults(read_interface(), tmp_path / "spec") == [
        "spec: no table has the fields of FileClose"
    ]


def lists() -> dict[str, Callable[[], set[str]]]:
    """The explorer's lists that name calls by hand."""
    return {
        "weights": lambda: set(generate.WEIGHTS) - {"Unknown"},
        "probes": lambda: set(probe.PROBES),
        "groups": lambda: set(groups.CALLS),
        "model": lambda: set(model._CALLS),
        "layouts": lambda: set(model._OF_CALL),
    }


@pytest.mark.parametrize("name", lists())
def test_the_explorer_knows_calls_of_the_description_only(name: str) -> None:
    assert lists()[name]() <= {call.name for call in read_interface().calls}


def test_the_explorer_knows_every_call() -> None:
    calls = read_interface().calls
    assert set(steps.RELEVANT) == set(generate.WEIGHTS) == {c.name for c in calls} | {"Unknown"}
    assert set(model._CALLS) == {c.name for c in calls if c.argument != "RESERVED"}
    assert set(model._OF_CALL) == {c.name for c in calls if c.block}
    assert set(probe.PROBES) >= {c.name for c in calls if c.since > 2}


def test_areas_are_those_of_the_calls() -> None:
    assert {call.area for call in read_interface().calls} < set(AREAS)
    assert len(AREAS) == len(set(AREAS)) == 25
