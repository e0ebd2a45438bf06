# SPDX-License-Identifier: MIT OR Apache-2.0
"""Every verdict reaches every report; what a failure shows is enough to act upon."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from tools import A, B, World, command
from uhyve_conformance.compare import compare
from uhyve_conformance.json_text import json_text
from uhyve_conformance.report_html import write_html
from uhyve_conformance.report_junit import write_junit
from uhyve_conformance.results import SCHEMA, answer, with_causes
from uhyve_conformance.verdicts import FAULTS, RED, Verdict, fails, worst


def tree(**verdicts: str) -> dict[str, Any]:
    """Results with one requirement for each keyword."""
    requirements = []
    for number, (reason, verdict) in enumerate(verdicts.items(), 1):
        check = {
            "guest": "g",
            "verdict": verdict,
            "what": "w",
            "source": "console",
            "reason": reason,
            "expected": "one",
            "actual": "two",
            "details": {"block": {"fd": "0x3"}, "call": "FileOpen"},
        }
        requirements.append({
            "id": f"UHY-OPEN-{number:03}", "level": "MUST", "binds": "hypervisor", "since": 2,
            "provenance": "observed", "severity": "behaviour", "upstream": None, "needs": [], "arch": None,
            "sentence": "A < B & C MUST.", "why": None, "where": "spec/x.md:1", "verdict": verdict,
            "fails": fails(Verdict(verdict), True), "reason": reason, "checks": [check],
        })  # fmt: skip
    run = {
        "name": "g", "guest": "g", "variant": None, "summary": "s", "requirements": [],
        "checks": [], "end": "status 1", "ran": True, "seconds": 0.1, "status": 1,
        "challenge": "0x1", "command": ["/bin/vmm", "a b"], "directory": "build/runs/g",
        "console": "<ok>\x00\x1b", "stderr": "e", "verdict": "FAIL",
    }  # fmt: skip
    counts = {str(v): sum(r["verdict"] == v for r in requirements) for v in Verdict}
    return with_causes({
        "schema": SCHEMA, "created": "2026-01-01T00:00:00+00:00", "seconds": 1,
        "conforms": False, "exit_status": 1, "selected": False, "arch": "x86_64",
        "summary": counts, "blocked_by": None,
        "hypervisor": {"name": "h", "summary": "", "version": "1", "command": ["x"],
                       "adapter": "h.toml", "sha256": "0"},
        "machine": {"executor": "local"}, "specification": {"requirements": 1, "digest": "0"},
        "capabilities": [], "problems": [], "requirements": requirements,
        "guests": [run],
    })  # fmt: skip


ALL = {f"reason_{v.lower()}": str(v) for v in Verdict}


def test_no_pass_hides_anything() -> None:
    for verdict in Verdict:
        assert worst([Verdict.PASS, verdict]) is verdict
    assert worst([]) is Verdict.NOT_TESTED
    assert FAULTS < RED
    assert all(fails(v, hard=True) for v in RED)
    assert not any(fails(v, hard=True) for v in set(Verdict) - RED)
    assert {v for v in RED if fails(v, hard=False)} == {Verdict.ERROR}


def test_junit_has_every_verdict(tmp_path: Path) -> None:
    write_junit(tree(**ALL), tmp_path / "junit.xml")
    root = ElementTree.parse(tmp_path / "junit.xml").getroot()
    cases = {case.get("name"): case for case in root.iter("testcase")}
    assert len(cases) == len(Verdict)
    for number, verdict in enumerate(Verdict, 1):
        children = list(cases[f"UHY-OPEN-{number:03}"])
        assert [c.get("type") for c in children] == (
            [] if verdict is Verdict.PASS else [str(verdict)]
        )
        if verdict in RED:
            assert children[0].tag in ("failure", "error")
    assert int(root.get("failures", 0)) + int(root.get("errors", 0)) == len(RED)


def test_html_has_every_verdict_and_escapes(tmp_path: Path) -> None:
    write_html(tree(**ALL), tmp_path / "index.html")
    page = (tmp_path / "index.html").read_text()
    for reason, verdict in ALL.items():
        assert f'class="v {verdict}"' in page
        assert reason in page or verdict == "PASS"
    assert "A &lt; B &amp; C MUST." in page and "&lt;ok&gt;" in page and "<ok>" not in page
    for evidence in (
        "FileOpen",
        "fd = 0x3",
        "one",
        "two",
        "build/runs/g/repeat.sh",
        "/bin/vmm &#39;a b&#39;",
    ):
        assert evidence in page
    assert "src=" not in page and 'href="http' not in page  # self-contained


def test_sentences_are_set_as_prose(tmp_path: Path) -> None:
    results = tree(a="FAIL", b="PASS")
    for row in results["requirements"]:
        row["sentence"] = "`len` of vCPU *n* MUST be <b>."
    results = with_causes(results)
    write_html(results, tmp_path / "index.html")
    page = (tmp_path / "index.html").read_text()
    assert page.count("<code>len</code> of vCPU <em>n</em> MUST be &lt;b&gt;.") > 2
    assert "`len`" not in page


def test_the_answer() -> None:
    def said(offered: str, **since: tuple[int, str]) -> str:
        results = tree(**{name: verdict for name, (_, verdict) in since.items()})
        for requirement, (version, _) in zip(results["requirements"], since.values(), strict=True):
            requirement["since"] = version
        results["capabilities"] = [
            {"name": f"interface-{n}", "present": str(n) in offered, "declared": False}
            for n in (1, 2, 3)
        ]
        return answer(results)

    good, bad = "PASS", "FAIL"
    assert said("23", a=(2, good)) == "h conforms to interface 3"
    assert said("2", a=(2, good)) == "h conforms to interface 2"
    assert said("1", a=(1, good)) == "h conforms to interface 1"
    assert said("123", a=(2, good)) == "h conforms to interface 3 and interface 1"
    assert "h does not conform: 1 req" in said("23", a=(2, bad))
    assert "h does not conform: 1 req" in said("1", a=(1, bad))
    assert "h conforms to interface 2 but not to interface 3: 1 req" in said(
        "23", a=(2, good), b=(3, bad)
    )
    assert "h conforms to interface 3 but not to interface 1: 1 req" in said(
        "123", a=(2, good), b=(1, bad)
    )
    assert "h conforms to interface 1 but not to interface 3: 1 req" in said(
        "123", a=(2, bad), b=(1, good)
    )
    assert "no answer" in answer(tree(a="PASS") | {"problems": ["x"]})


# ---- Comparing ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "kind", "worse"),
    [
        ("PASS", "PASS", None, False),
        ("PASS", "FAIL", "broken", True),
        ("PASS", "CRASH", "broken", True),
        ("PASS", "SKIP", "newly_untested", True),
        ("FAIL", "NOT_TESTED", "newly_untested", True),
        ("FAIL", "PASS", "fixed", False),
        ("FAIL", "CRASH", "other", False),
        ("SKIP", "PASS", "newly_tested", False),
        ("NOT_TESTED", "FAIL", "broken", True),
    ],
)
def test_compare(old: str, new: str, kind: str | None, worse: bool) -> None:
    difference = compare(tree(a=old), tree(a=new))
    assert difference.worse == worse
    assert [name for name, rows in vars(difference).items() if rows] == ([kind] if kind else [])


def test_compare_requirements_that_come_and_go() -> None:
    assert compare(tree(a="PASS", b="PASS"), tree(a="PASS")).gone
    assert compare(tree(a="PASS"), tree(a="PASS", b="FAIL")).broken
    assert compare(tree(a="PASS"), tree(a="PASS", b="PASS")).new


def test_compare_as_a_command(tmp_path: Path) -> None:
    for name, verdict in (("old", "PASS"), ("new", "FAIL")):
        (tmp_path / f"{name}.json").write_text(json.dumps(tree(a=verdict)))
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    assert command("compare", old, old).status == 0
    worse = command("compare", old, new)
    assert worse.status == 1 and "new failures (1)" in worse.text
    assert command("compare", new, old).status == 0
    assert command("compare", "--same", new, old).status == 1
    assert command("compare", old, tmp_path / "no.json").status == 4
    new.write_text("{}")
    assert command("compare", old, new).status == 3


# ---- What is left behind ----------------------------------------------------------------------


def test_a_run_can_be_repeated(world: World) -> None:
    world.requirements(A, B)
    world.guest(
        "g",
        f'summary = "good", tests = ["{A}", "{B}"], '
        'files = { "data/f" = "it\'s \\u00e4\\n", "data/l" = { symlink = "f" }, '
        '"data/s" = { size = 5000000000, mode = "0600" } }, stdin = "a\'b"',
    )
    done = world.run()
    assert done.status == 0
    place = world.output / "runs" / "g"
    first = (place / "console.txt").read_bytes()
    (place / "work" / "data" / "f").write_text("changed")
    again = subprocess.run(
        [place / "repeat.sh"], capture_output=True, check=True, env=dict(os.environ)
    )
    assert again.stdout == first
    assert (place / "work" / "data" / "f").read_text() == "it's ä\n"
    assert (place / "work" / "data" / "s").stat().st_size == 5_000_000_000
    assert (place / "work" / "data" / "l").readlink() == Path("f")


def test_the_schema_has_what_it_promises(world: World) -> None:
    world.requirements(A, B)
    world.guest("g", f'summary = "false-check", tests = ["{A}", "{B}"]')
    results = world.run().results
    promised = (Path(__file__).parents[1] / "schema.md").read_text()
    for key in results:
        assert f"`{key}`" in promised, key
    for key in results["times"]:
        assert f"`{key}`" in promised, key
    for key in results["requirements"][0]:
        assert f"`{key}`" in promised, key
    for key in results["guests"][0]:
        assert f"`{key}`" in promised, key
    for key in results["guests"][0]["checks"][0]:
        assert f"`{key}`" in promised, key
    assert results["schema"] == SCHEMA and SCHEMA in promised


def test_json_has_a_line_for_each_row() -> None:
    tree = {"name": "ä\n", "none": [], "list": [1, 2], "rows": [{"a": [{}]}, {}], "map": {"k": {}}}
    text = json_text(tree)
    assert json.loads(text) == tree
    assert [line for line in text.splitlines() if line.startswith('{"')] == ['{"a": [{}]},']
    assert text.splitlines()[1:4] == ['"name": "ä\\n",', '"none": [],', '"list": [1, 2],']
    assert '"k": {}' in text.splitlines()


def test_the_report_says_where_the_time_went(world: World) -> None:
    world.requirements(A, B)
    world.guest("slow", f'summary = "sleeps", tests = ["{A}"]')
    world.guest("quick", f'summary = "good", tests = ["{B}"]')
    done = world.run(adapter=world.adapter('environment = { PLAYER_SLEEP = "0.3" }'))
    assert done.status == 0, done.text
    times = done.results["times"]
    jobs = sum(run["seconds"] for run in done.results["guests"])
    assert times["workers"] == 1 and times["jobs"] == pytest.approx(jobs, abs=0.01) and jobs > 0.3
    assert times["before"] > 0 and times["around"] > 0
    assert (
        sum(times[phase] for phase in ("before", "jobs", "around")) < done.results["seconds"] + 0.1
    )
    page = (world.output / "index.html").read_text()
    table = page[page.index("slowest guests") :]
    assert table.index("<td>slow</td>") < table.index("<td>quick</td>")
    assert f"{times['jobs']:.2f} s, from the start of each process to its end" in page
