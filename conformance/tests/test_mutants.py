# SPDX-License-Identifier: MIT OR Apache-2.0
"""The mutant gate tells killed, survived, broken and no verdict apart."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from tools import HERE, World, command
from uhyve_conformance.errors import SuiteError, UsageError
from uhyve_conformance.mutants import Mutant, coverage_faults, list_mutants, read_excuses
from uhyve_conformance.spec import read_spec

A, B, C = "UHY-OPEN-001", "UHY-OPEN-002", "UHY-OPEN-003"
PLAYER = HERE / "mutants_player.py"


@pytest.fixture
def laboratory(world: World) -> World:
    """Two requirements with a check, and a guest about something else."""
    world.requirements(A, B, C)
    world.guest("g", f'summary = "good", tests = ["{A}", "{B}"]')
    world.guest("other", 'summary = "good", tests = ["UHY-OPEN-003"], needs = []')
    return world


def gate(world: World, *options: str):  # noqa: ANN201
    done = command(
        "mutants", "--program", PLAYER, "--spec", world.spec, "--guests", world.guests,
        "--machine", "here", "--jobs", "1", "--output", world.output, *options,
    )  # fmt: skip
    path = world.output / "mutants.json"
    rows = json.loads(path.read_text())["mutants"] if path.exists() else []
    return done, {row["mutant"]: row for row in rows}


def test_the_four_fates(laboratory: World) -> None:
    (laboratory.guests / "other.elf").unlink()
    laboratory.guest("other", 'summary = "good", tests = ["UHY-READ-001"]')
    laboratory.requirements(A, B, C, "UHY-READ-001")
    done, rows = gate(laboratory)
    fates = {name: row["fate"] for name, row in rows.items()}
    assert fates == {
        "killed": "KILLED",
        "crashes": "KILLED",
        "survives": "SURVIVED",
        "does-not-start": "BROKEN",
        "another-check": "SURVIVED",
        "unchecked": "NO VERDICT",
    }, done.text
    assert rows["killed"]["by"] == "g"
    assert done.status == 1 and "2 passed, 5 failed" in done.text
    assert "1 checked requirements have no mutant" in done.text and "UHY-READ-001" in done.text


def test_only_some(laboratory: World) -> None:
    done, rows = gate(laboratory, "--only", "killed")
    assert done.status == 0 and list(rows) == ["killed"] and "1 passed, 0 failed" in done.text
    assert gate(laboratory, "--only", "nonsense")[0].status == 4


def test_the_unmutated_binary_has_to_be_green(laboratory: World) -> None:
    laboratory.guest("bad", f'summary = "false-check", tests = ["{C}"]')
    done, _ = gate(laboratory, "--only", "killed")
    assert done.status == 1 and f"unmutated, bad: FAIL of {C}" in done.text


def test_the_matrix(laboratory: World) -> None:
    done, _ = gate(laboratory, "--matrix")
    lines = (laboratory.output / "matrix.tsv").read_text().splitlines()
    rows = {line.split("\t")[0]: line.split("\t") for line in lines}
    assert rows["mutant"][3:] == ["g", "other"], done.text
    assert rows["killed"][3:] == ["x", "+"]
    assert rows["survives"][3:] == ["", ""]


@pytest.mark.parametrize(
    ("output", "message"),
    [("a b c", "not NAME<TAB>"), ("a\tUHY-OPEN-001\tx\na\tUHY-OPEN-002\ty", "same name")],
)
def test_a_list_that_is_not_in_order(tmp_path: Path, output: str, message: str) -> None:
    program = tmp_path / "vmm"
    program.write_text(f"#!{sys.executable}\nprint({output!r})\n")
    program.chmod(0o755)
    with pytest.raises(SuiteError, match=message):
        list_mutants(program)


def test_no_binary_and_no_mutants(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="mutants-build"):
        list_mutants(tmp_path / "no")
    assert command("mutants", "--program", "/bin/true", "--machine", "here").status == 5


def test_excuses(laboratory: World) -> None:
    spec, path = read_spec(laboratory.spec), laboratory.place / "no-mutant.toml"
    assert read_excuses(spec, path) == {}
    path.write_text(f'{A} = "cannot be broken alone"\n')
    assert list(read_excuses(spec, path)) == [A]
    for text in ('UHY-OPEN-999 = "x"', f'{A} = ""', f"{A} = 1", "x"):
        path.write_text(text + "\n")
        with pytest.raises(UsageError, match="no-mutant.toml"):
            read_excuses(spec, path)


def test_what_fits_nothing(laboratory: World) -> None:
    spec = read_spec(laboratory.spec)
    faults = coverage_faults(
        spec, [], [Mutant("m", "UHY-OPEN-999", "w"), Mutant("n", A, "w")], {A: "x"}
    )
    assert "m: breaks UHY-OPEN-999, which does not exist" in faults
    assert any(f"{A} is excused" in fault for fault in faults)
