# SPDX-License-Identifier: MIT OR Apache-2.0
"""What a guest gets of the host: its processor, its files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Machine, guest


def test_cpuid_hides_virtualization_and_counters(start: Callable[..., Machine]) -> None:
    assert start(guest("cpuid")).end()[0] == 0


def test_a_mapped_file_that_is_not_there_yet(start: Callable[..., Machine], tmp_path: Path) -> None:
    machine = start(f"--file-mapping={tmp_path}/new:/m/new", guest("creates"))
    status, said = machine.end()
    assert status == 42, said
    assert (tmp_path / "new").read_text() == "made"


@pytest.mark.parametrize("host", ["/proc", "/sys", "/dev/zero", "/proc/self/mem"])
def test_special_mappings_are_refused(start: Callable[..., Machine], host: str) -> None:
    machine = start(f"--file-mapping={host}:/x", guest("crash"))
    status, said = machine.end()
    assert status == 1 and "--allow-special" in said
    allowed = start("--allow-special", f"--file-mapping={host}:/x", guest("cpuid"))
    assert allowed.end()[0] == 0
