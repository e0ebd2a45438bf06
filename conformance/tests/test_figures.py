# SPDX-License-Identifier: MIT OR Apache-2.0
"""The page of bench and growth: ratios are what the figures say, refused sizes are said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from uhyve_conformance.errors import SuiteError
from uhyve_conformance.pages.figures import in_markdown, plot, write_figures

BENCH = {
    "machine": "a <machine>",
    "noise": 0.02,
    "cycles": {
        "floor": {"loop": [10.0, 10.0], "FileLseek": [110.0, 110.0]},
        "mine": {"loop": [20.0, 20.0], "FileLseek": [170.0, 170.0]},
        "host": {"FileLseek": [5.0]},
    },
    "start ms": {"floor": [10.0, 10.0], "mine": [12.5, 12.5]},
}
TABLE = {
    "table": "start, mappings", "unit": "directories", "cost": "ms",
    "points": [
        {"size": 1, "cost": {"mine": 10.0, "other": 20.0}},
        {"size": 1000, "cost": {"mine": 15.0, "other": None}},
    ],
}  # fmt: skip


def test_ratios_and_growth(tmp_path: Path) -> None:
    (tmp_path / "figures.json").write_text(json.dumps(BENCH))
    (tmp_path / "growth.json").write_text(json.dumps({"machine": "m", "tables": [TABLE]}))
    page = write_figures(tmp_path)
    assert page
    text = page.read_text()
    # 150 beyond the loop against 100, and 12.5 ms against 10.
    assert 'aria-label="mine: 1.50"' in text and 'aria-label="mine: 1.25"' in text
    assert "a &lt;machine&gt;" in text and "refused" in text


def test_a_plot() -> None:
    drawn = plot(TABLE)
    mine, other = drawn.curves
    assert len(mine.points) == 2 and len(other.points) == 1
    assert mine.points[1][1] < mine.points[0][1]  # dearer is higher
    assert drawn.rows[1] == (1000, (15.0, None), (1.5, None))


def test_growth_as_ratios() -> None:
    rows = in_markdown([TABLE], ["mine", "other"]).splitlines()
    assert rows[0] == "| what grows | sizes | mine: each over the first | over other |"
    assert rows[2] == "| start, mappings (directories) | 1, 1,000 | 1.00, 1.50 | 0.50, refused |"
    assert len(rows) == 3


def test_nothing_and_something_else(tmp_path: Path) -> None:
    assert write_figures(tmp_path) is None
    (tmp_path / "figures.json").write_text('{"machine": "m"}')
    with pytest.raises(SuiteError):
        write_figures(tmp_path)
    (tmp_path / "figures.json").write_text("{")
    with pytest.raises(SuiteError, match=r"figures\.json"):
        write_figures(tmp_path)
