# SPDX-License-Identifier: MIT OR Apache-2.0
"""The places of things in the project's tree."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SPEC = ROOT / "spec"
LOCK = SPEC / "requirements.lock"
EDITION = SPEC / "edition.toml"
LAST_VERSION = SPEC / "last-version.toml"
CALLS = ROOT / "include" / "uhyve_interface" / "calls.def"
GUESTS = ROOT / "guests"
GUEST_LOCK = GUESTS / "guests.lock"
ADAPTERS = ROOT / "conformance" / "adapters"
NO_MUTANT = ROOT / "conformance" / "no-mutant.toml"
BUILD = ROOT / "build"


def shown(path: Path) -> str:
    """The path as a human would write it: relative to the project when inside."""
    path = Path(path)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
