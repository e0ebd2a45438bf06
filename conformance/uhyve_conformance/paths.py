# SPDX-License-Identifier: MIT OR Apache-2.0
"""The places of things: in the project's tree, or in an installed package, which has the needed
parts of that tree, as built, in a folder of its own (mk/release/dist.py makes it)."""

from __future__ import annotations

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_PARTS = _PACKAGE / "installed"
# True without a checkout: nothing can be built, and nothing below ROOT is written.
INSTALLED = _PARTS.is_dir()

ROOT = _PARTS if INSTALLED else _PACKAGE.parents[1]
SPEC = ROOT / "spec"
LOCK = SPEC / "requirements.lock"
EDITION = SPEC / "edition.toml"
CALLS = ROOT / "include" / "uhyve_interface" / "calls.def"
GUESTS = ROOT / "guests"
GUEST_LOCK = GUESTS / "guests.lock"
ADAPTERS = ROOT / "conformance" / "adapters"
SECONDS = ROOT / "conformance" / "seconds.json"  # what each run takes, for shards
NO_MUTANT = ROOT / "conformance" / "no-mutant.toml"
BUILD = ROOT / "build"  # what was built: guests, programs
OUTPUT = Path("uhyve-results") if INSTALLED else BUILD  # what commands leave


def version() -> str:
    """The project's version."""
    return (ROOT / "VERSION").read_text(encoding="utf-8").strip()


def machines() -> Path:
    """The cache of kernels for emulated machines."""
    if not INSTALLED:
        return BUILD / "machines"
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(caches) / "uhyve-conformance" / "machines"


def shown(path: Path) -> str:
    """The path as a human would write it: relative when inside the project, or where an
    installed package is used."""
    path = Path(path)
    home = Path.cwd() if INSTALLED else ROOT
    return str(path.relative_to(home)) if path.is_relative_to(home) else str(path)
