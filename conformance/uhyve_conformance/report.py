# SPDX-License-Identifier: MIT OR Apache-2.0
"""Writes all reports of a session into its directory."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .bundle.archive import SUFFIX
from .explored import last_exploration
from .report_html import write_html
from .report_issues import FOLDER, write_issues
from .report_junit import write_junit
from .results import write_json
from .trees import remove_tree

NAMES = ("results.json", "junit.xml", "index.html")


def remove_reports(directory: Path) -> None:
    """Those of an earlier session."""
    for name in NAMES:
        with contextlib.suppress(OSError):
            (directory / name).unlink()
    with contextlib.suppress(OSError):
        remove_tree(directory / FOLDER)
    for bundle in directory.glob(f"*{SUFFIX}"):
        bundle.unlink(missing_ok=True)


def write_reports(results: Mapping[str, Any], directory: Path) -> None:
    """results.json, junit.xml, index.html, the last two with what `explore` found last; and
    causes/NN-…/issue.md."""
    explored = last_exploration(results)
    write_json(results, directory / "results.json")
    write_junit(results, directory / "junit.xml", explored)
    write_issues(results, directory)
    write_html(results, directory / "index.html", explored)
