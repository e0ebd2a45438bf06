# SPDX-License-Identifier: MIT OR Apache-2.0
"""What a guest sees of the host's processor."""

from __future__ import annotations

from collections.abc import Callable

from conftest import Machine, guest


def test_cpuid_hides_virtualization_and_counters(start: Callable[..., Machine]) -> None:
    assert start(guest("cpuid")).end()[0] == 0
