# SPDX-License-Identifier: MIT OR Apache-2.0
"""The mutant gate tells killed, survived, broken and no verdict apart."""

from __future__ import annotations

import json
import shlex
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


def parts_of_the_gate(world: World, count: int, *options: str) -> list[Path]:
    """The directories of all parts."""
    places = []
    for number in range(1, count + 1):
        place = world.place / f"part-{number}-of-{count}"
        gate(world, *options, "--shard", f"{number}/{count}", "--output", place)
        places.append(place)
    return places


def merged(place: Path, *parts: Path) -> tuple[int, str, list[dict[str, object]]]:
    """Status, text and rows of all parts together."""
    done = command("mutants", "--merge", *parts, "--output", place)
    path = place / "mutants.json"
    return done.status, done.text, json.loads(path.read_text())["mutants"] if path.exists() else []


def test_all_parts_are_the_whole_gate(laboratory: World, tmp_path: Path) -> None:
    whole, rows = gate(laboratory, "--matrix")
    status, text, joined = merged(
        tmp_path / "all", *reversed(parts_of_the_gate(laboratory, 4, "--matrix"))
    )
    assert joined == list(rows.values()) and len(joined) == 6
    assert status == whole.status == 1
    told = [line for line in whole.text.splitlines() if not line.startswith("report: ")]
    assert [line for line in text.splitlines() if not line.startswith("report: ")] == told
    tables = [place / "matrix.tsv" for place in (tmp_path / "all", laboratory.output)]
    assert tables[0].read_text() == tables[1].read_text()


def test_a_green_gate_is_green_in_parts(laboratory: World, tmp_path: Path) -> None:
    parts = parts_of_the_gate(laboratory, 2, "--only", "killed", "--only", "crashes")
    status, text, _ = merged(tmp_path / "all", *parts)
    assert (status, "2 passed, 0 failed" in text) == (0, True), text


def test_a_part_that_is_lost_doubled_or_of_another_gate_is_refused(
    laboratory: World, tmp_path: Path
) -> None:
    one, two, three = parts_of_the_gate(laboratory, 3)
    (other, _) = parts_of_the_gate(laboratory, 2)
    for chosen, status, what in (
        ((one, three), 3, "shard 2 of 3 is missing"),
        ((one, two, three, two), 3, "shard 2/3 is there twice"),
        ((other, two, three), 3, "of different runs: of 2 and of 3"),
        ((one, two, tmp_path / "none"), 4, "No such file"),
    ):
        done = merged(tmp_path / "all", *chosen)
        assert (done[0], what in done[1], done[2]) == (status, True, []), done
    tree = json.loads((two / "mutants.json").read_text())

    def with_change(**keys: object) -> tuple[int, str]:
        (two / "mutants.json").write_text(json.dumps(tree | keys))
        return merged(tmp_path / "all", one, two, three)[:2]

    assert with_change()[0] == 1
    for keys, what in (
        ({"mutants": tree["mutants"][1:]}, "was planned but not tried"),
        ({"mutants": json.loads((one / "mutants.json").read_text())["mutants"]}, "another shard"),
        ({"planned": tree["planned"][1:]}, "what is tried differs"),
        ({"common": tree["common"] | {"program": "x"}}, "program differs"),
        ({"mutants": [{"mutant": row["mutant"]} for row in tree["mutants"]]}, "is damaged"),
        ({"mutants": 3}, "not a report of mutants"),
    ):
        status, text = with_change(**keys)
        assert (status, what in text) == (3, True), text
    whole, _ = gate(laboratory)
    assert whole.status == 1
    done = merged(tmp_path / "all", laboratory.output)
    assert (done[0], "not a shard" in done[1]) == (3, True), done[1]
    assert command("mutants", "--merge", one, "--output", one).status == 4


@pytest.mark.parametrize(
    ("output", "message"),
    [("a b c", "not NAME<TAB>"), ("a\tUHY-OPEN-001\tx\na\tUHY-OPEN-002\ty", "same name")],
)
def test_a_list_that_is_not_in_order(tmp_path: Path, output: str, message: str) -> None:
    program = tmp_path / "vmm"
    program.write_text(f"#!/bin/sh\nprintf %s {shlex.quote(output)}\n")
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
