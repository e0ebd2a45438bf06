# SPDX-License-Identifier: MIT OR Apache-2.0
"""The page of a hypervisor's releases."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..bundle.history import headline
from .environment import write_page


def write_history(tree: Mapping[str, Any], path: Path, home: str | None = None) -> None:
    """From history.json. `home` is the relative path of the site's first page."""
    rows = tree["requirements"]
    write_page(
        path,
        "history.html.j2",
        history=tree,
        headline=headline(tree),
        broken=[row for row in rows if row["broken"]],
        sound=[row for row in rows if not row["broken"]],
        home=home,
    )
