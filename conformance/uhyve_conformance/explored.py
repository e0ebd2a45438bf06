# SPDX-License-Identifier: MIT OR Apache-2.0
"""The results of the last `explore`, for the suite's own reports."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import paths


def place(name: str, arch: str) -> Path:
    """The directory of a hypervisor's results."""
    return paths.OUTPUT / "explore" / (name if arch == "x86_64" else f"{name}-{arch}")


def last_exploration(results: Mapping[str, Any]) -> dict[str, Any] | None:
    """The findings on the hypervisor of these results, if its version is the same."""
    hypervisor = results["hypervisor"]
    path = place(hypervisor["name"], results["arch"]) / "results.json"
    try:
        explored = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return explored if explored.get("version") == hypervisor["version"] else None
