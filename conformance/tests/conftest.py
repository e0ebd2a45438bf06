# SPDX-License-Identifier: MIT OR Apache-2.0
"""Fixtures of the self-tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """An empty world."""
    return World(tmp_path)
