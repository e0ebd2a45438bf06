# SPDX-License-Identifier: MIT OR Apache-2.0
"""Fixtures of the self-tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools import A, B, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """An empty world."""
    return World(tmp_path)


@pytest.fixture
def pair(world: World) -> World:
    """Two requirements, no guest yet."""
    world.requirements(A, B)
    return world
