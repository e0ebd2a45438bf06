# SPDX-License-Identifier: MIT OR Apache-2.0
"""Changes of sources: what is changed, what is left alone, and what is excused."""

from __future__ import annotations

from pathlib import Path

import pytest
from uhyve_conformance.errors import UsageError
from uhyve_conformance.mutate.gate import EQUIVALENT, SOURCES, choose
from uhyve_conformance.mutate.known import read_known
from uhyve_conformance.mutate.sites import Site, sites

SOURCE = """
/* if (a < b) */
#define LIMIT 7
static const char *text = "a < b";
int f(int a, int b)
{
	if (a < b && b)
		return -EINVAL;
	a += 2;
	g(a);
	return a;
}
"""


def changed(tmp_path: Path) -> list[Site]:
    (tmp_path / "f.c").write_text(SOURCE)
    return sites(tmp_path)


def test_each_change_is_one_small_mistake(tmp_path: Path) -> None:
    found = changed(tmp_path)
    assert {(s.old, s.new) for s in found} == {
        ("<", "<="), ("<", ">="), ("&&", "||"), ("(a < b && b)", "(!(a < b && b))"),
        ("-EINVAL", "EINVAL"), ("-EINVAL", "-EIO"), ("+=", "-="), ("2", "(2 + 1)"),
        ("a += 2;", ";"), ("g(a);", ";"),
    }  # fmt: skip
    assert {s.function for s in found} == {"f"}
    for site in found:
        text = site.applied(SOURCE.encode()).decode()
        assert text != SOURCE and '"a < b"' in text and "LIMIT 7" in text


def test_a_sample_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    found = changed(tmp_path)
    assert choose(found, 3, 4) == choose(found, 3, 4) != choose(found, 4, 4)
    assert len(choose(found, 1, 1000)) == len(found)


def test_entries_are_matched_and_grow_stale(tmp_path: Path) -> None:
    found = changed(tmp_path)
    path = tmp_path / "known.toml"
    path.write_text(
        '[[entry]]\nfile = "f.c"\nfunction = "f"\ntext = "a < b"\nold = "<"\nreason = "r"\n'
        '[[entry]]\nfile = "f.c"\ntext = "a > b"\nreason = "r"\n'
    )
    entries, stale = read_known(path, found)
    assert [s.new for s in found if entries[0].names(s)] == ["<=", ">="]
    assert stale == ["f.c a > b"]
    path.write_text('[[entry]]\nfile = "f.c"\n')
    with pytest.raises(UsageError, match="entry 1"):
        read_known(path, found)


def test_no_entry_of_the_project_is_stale() -> None:
    assert read_known(EQUIVALENT, sites(SOURCES))[1] == []
