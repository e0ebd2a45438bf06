# SPDX-License-Identifier: MIT OR Apache-2.0
"""Known defects: both a defect that nothing reports and a verdict without one are faults."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools import ROOT
from uhyve_conformance.defects import read_defects, table
from uhyve_conformance.errors import UsageError
from uhyve_conformance.spec import read_spec

HEAD = 'hypervisor = "h"\nversion = "1.0"\n'
ONE = '[[defect]]\nid = "E1"\nwhat = "w"\nrequirement = "UHY-A-001"\nconsequences = ["UHY-A-002"]\n'
HIDDEN = '[[defect]]\nid = "E2"\nwhat = "w"\nhidden = "it does not show"\n'


def judged(tmp_path: Path, text: str, **verdicts: str) -> tuple[list[str], list[str]]:
    path = tmp_path / "defects.toml"
    path.write_text(HEAD + text)
    results = {
        "hypervisor": {"version": "h 1.0"},
        "requirements": [
            {"id": name.replace("_", "-"), "binds": "hypervisor", "verdict": v, "reason": "r"}
            for name, v in verdicts.items()
        ],
    }
    return table(read_defects(path), results)


def test_what_fits(tmp_path: Path) -> None:
    lines, faults = judged(
        tmp_path, ONE + HIDDEN, UHY_A_001="CRASH", UHY_A_002="BLOCKED", UHY_A_003="PASS"
    )
    assert not faults and "| E1 | w | UHY-A-001 | CRASH | UHY-A-002 |" in lines
    assert "| E2 | w | none | it does not show |  |" in lines


def test_what_does_not_fit(tmp_path: Path) -> None:
    _, faults = judged(tmp_path, ONE, UHY_A_001="PASS", UHY_A_002="FAIL")
    assert faults == ["E1: UHY-A-001 does not report it: PASS"]
    _, faults = judged(tmp_path, ONE, UHY_A_001="FAIL")
    assert faults == ["E1: UHY-A-002 does not report it: does not exist"]
    _, faults = judged(tmp_path, ONE, UHY_A_001="FAIL", UHY_A_002="FAIL", UHY_A_003="FAIL")
    assert faults == ["UHY-A-003 is FAIL, and no defect explains it: r"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the keys are"),
        (ONE + ONE, "twice"),
        (ONE + ONE.replace("E1", "E2"), "is of E1 and of E2"),
        (ONE + 'hidden = "x"\n', "either"),
        (ONE + "more = 1\n", "unknown key more"),
    ],
)
def test_faults_of_the_file(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        judged(tmp_path, text)


def test_the_file_of_uhyve_names_what_there_is() -> None:
    known = read_defects(ROOT / "conformance" / "uhyve-defects.toml")
    rules = read_spec().requirements
    assert not [id_ for defect in known.defects for id_ in defect.ids if id_ not in rules]
