# SPDX-License-Identifier: MIT OR Apache-2.0
"""Several runs as one answer: the history of releases, the explorer's findings, parts of gates."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from test_bundle import IDS, manifest
from tools import ROOT, World, command
from uhyve_conformance.bundle.history import headline, history
from uhyve_conformance.errors import SuiteError, UsageError
from uhyve_conformance.parts import part

# ---- History -----------------------------------------------------------------------------------

HEAD = {"name": "h", "release": "", "arch": "x86_64", "suite": "1",
        "digests": {"specification": "s", "guests": "g", "harness": "h"}}  # fmt: skip


def release(version: str, **verdicts: str) -> tuple[str, Any, Any]:
    """Name, head and results of one."""
    rows = [
        {"id": id_, "binds": "hypervisor", "level": "MUST", "since": 2, "sentence": "It MUST.",
         "verdict": verdict, "fails": verdict not in ("PASS", "SKIP"), "reason": "because"}
        for id_, verdict in verdicts.items()
    ]  # fmt: skip
    causes = [{"title": f"cause of {r['id']}", "requirements": [r["id"]], "consequences": []}
              for r in rows if r["fails"]]  # fmt: skip
    hypervisor = {"version": version, "sha256": "0"}
    tree = {"hypervisor": hypervisor, "conforms": False, "causes": causes, "problems": [],
            "requirements": rows}  # fmt: skip
    return version, HEAD, tree


def test_when_a_requirement_was_broken_and_when_it_was_mended() -> None:
    made = history(
        [
            release("1", a="PASS", b="SKIP", c="FAIL", d="PASS"),
            release("2", a="FAIL", b="CRASH", c="PASS", d="PASS"),
            release("3", a="PASS", b="SKIP", c="FAIL", d="PASS"),
        ]
    )
    told = {
        row["id"]: [(e["from"], e["new"], e["until"], e["mended"]) for e in row["broken"]]
        for row in made["requirements"]
    }
    assert told == {
        "a": [("2", False, "3", True)],
        "b": [("2", True, "3", False)],
        "c": [("1", True, "2", True), ("3", False, None, False)],
        "d": [],
    }
    assert made["requirements"][0]["broken"][0]["causes"] == ["cause of a"]
    assert "not met in some release: 3, mended: 2, not met in the last one: 1" in headline(made)


def test_releases_that_another_suite_judged_are_refused() -> None:
    name, head, tree = release("2", a="PASS")
    other = head | {"digests": head["digests"] | {"guests": "x"}}
    with pytest.raises(SuiteError, match="another guests"):
        history([release("1", a="PASS"), (name, other, tree)])
    with pytest.raises(SuiteError, match="twice"):
        history([release("1", a="PASS"), release("1", a="PASS")])


def test_a_history_as_a_command(world: World, tmp_path: Path) -> None:
    world.requirements(*IDS[:2])
    world.guest("g0", manifest("fine", IDS[0]))
    world.guest("g1", manifest("false-check", IDS[1]))
    bundles = []
    for version in ("1.5", "1.6"):
        world.adapter(f'version = ["-c", "print({version})"]')
        done = world.run(adapter=world.place / "player.toml")
        bundles.append(
            (world.output / "player-x86_64.uhyve.tar.xz").rename(
                tmp_path / f"{version}.uhyve.tar.xz"
            )
        )
        assert done.status == 1, done.text
    last = {row["id"]: row["verdict"] for row in done.results["requirements"]}
    assert sorted(last.values()) == ["FAIL", "PASS"]
    done = command("history", "--output", tmp_path / "out", *bundles)
    assert done.status == 0, done.text
    tree = json.loads((tmp_path / "out" / "history.json").read_text())
    assert {row["id"]: row["verdicts"][-1] for row in tree["requirements"]} == last
    assert [r["version"] for r in tree["releases"]] == ["1.5", "1.6"]
    assert IDS[0] in (tmp_path / "out" / "index.html").read_text()
    assert command("history", "--output", tmp_path / "out", bundles[0]).status == 4


def test_the_history_has_the_releases_of_the_adapter() -> None:
    adapter = tomllib.loads((ROOT / "conformance/adapters/uhyve.toml").read_text())
    line = next(
        line
        for line in (ROOT / "conformance/conformance.mk").read_text().splitlines()
        if line.startswith("UHYVE_RELEASES :=")
    )
    assert set(line.split()[2:]) == {adapter["release"], *adapter["releases"]}


# ---- The explorer ------------------------------------------------------------------------------


def search(place: Path, seed: int, *findings: tuple[str, int], **more: Any) -> Path:
    """Results of explore, with a folder for each finding."""
    rows = []
    for number, (name, steps) in enumerate(findings, 1):
        folder = place / f"{number:02}-x"
        folder.mkdir(parents=True)
        (folder / "sequence.txt").write_text(f"{name} of seed {seed}\n")
        rows.append({"name": name, "folder": f"any/where/{folder.name}", "steps": steps,
                     "sequence": "s", "requirements": [], "expected": "e", "actual": "a"})  # fmt: skip
    place.mkdir(exist_ok=True)
    tree = {
        "hypervisor": "h", "version": "1", "interface": 3, "seed": seed, "seconds": 1.0,
        "sequences": 10, "steps": 20, "unmet": {"A": 1}, "suppressed": {"n": 2},
        "requirements": {"named": 2, "reached": [f"R{seed}"], "not_reached": ["R1", "R2"]},
        "findings": rows,
    } | more  # fmt: skip
    (place / "results.json").write_text(json.dumps(tree))
    return place


def test_findings_are_joined_by_difference_and_the_shortest_stays(tmp_path: Path) -> None:
    one = search(tmp_path / "1", 1, ("open", 5), ("read", 2))
    two = search(tmp_path / "2", 2, ("stat", 1), ("open", 3))
    out = tmp_path / "out"
    done = command("explore", "--merge", one, two, "--output", out)
    assert done.status == 1, done.text
    tree = json.loads((out / "results.json").read_text())
    assert [(f["name"], f["steps"], f["seeds"]) for f in tree["findings"]] == [
        ("open", 3, [1, 2]), ("read", 2, [1]), ("stat", 1, [2])
    ]  # fmt: skip
    assert (out / "01-open" / "sequence.txt").read_text() == "open of seed 2\n"
    assert (tree["sequences"], tree["unmet"], tree["suppressed"]) == (20, {"A": 2}, {"n": 4})
    assert (tree["requirements"]["reached"], tree["requirements"]["not_reached"]) == (
        ["R1", "R2"],
        [],
    )
    assert "open" in (out / "junit.xml").read_text()


def test_nothing_found_anywhere_is_status_0(tmp_path: Path) -> None:
    places = [search(tmp_path / str(seed), seed) for seed in (1, 2)]
    assert command("explore", "--merge", *places, "--output", tmp_path / "out").status == 0


@pytest.mark.parametrize(
    ("more", "status", "what"),
    [
        ({"version": "2"}, 3, "version is 2"),
        ({"interface": 2}, 3, "interface is 2"),
        ({"seed": 1}, 3, "the same seed"),
        ({"findings": [{}]}, 3, "not results of explore"),
        ({"findings": [{"name": "x", "folder": "gone", "steps": 1}]}, 3, "cannot be copied"),
    ],
)
def test_searches_that_do_not_belong_together_are_refused(
    tmp_path: Path, more: dict[str, Any], status: int, what: str
) -> None:
    one, two = search(tmp_path / "1", 1), search(tmp_path / "2", **{"seed": 2} | more)
    done = command("explore", "--merge", one, two, "--output", tmp_path / "out")
    assert (done.status, what in done.text) == (status, True), done.text


def test_a_lost_search_is_refused(tmp_path: Path) -> None:
    one = search(tmp_path / "1", 1)
    done = command("explore", "--merge", one, tmp_path / "none", "--output", tmp_path / "out")
    assert (done.status, "No such file" in done.text) == (4, True)


# ---- Parts -------------------------------------------------------------------------------------


def test_the_parts_of_a_gate_are_the_whole_and_nothing_twice() -> None:
    things = list(range(11))
    parts = [part(f"{k}/3", things, "mutants") for k in (1, 2, 3)]
    assert sorted(sum(parts, [])) == things
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


@pytest.mark.parametrize("text", ["0/3", "4/3", "3", "1/0", "1/12", "x/y", "-1/2"])
def test_what_is_no_part_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        part(text, list(range(11)), "mutants")
