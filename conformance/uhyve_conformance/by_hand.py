# SPDX-License-Identifier: MIT OR Apache-2.0
"""How a human repeats a run, in commands that hold wherever the checkout lies."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from typing import Any

from .local import WORK
from .paths import ROOT


def commands(results: Mapping[str, Any], run: Mapping[str, Any]) -> list[str]:
    """The script that creates all files again, the command alone, and the suite."""
    return [
        shlex.join([f"{run['directory']}/repeat.sh"]),
        command(run),
        suite(results["hypervisor"]["adapter"], results["arch"], run["name"]),
    ]


def command(run: Mapping[str, Any]) -> str:
    """The command line of a run, with paths relative to the project and to its directory."""
    place = f"{run['directory']}/{WORK}"
    words = [_relative(word, place) for word in run["command"]]
    return f"cd {shlex.quote(place)} && {shlex.join(words)}"


def suite(adapter: str, arch: str, run: str) -> str:
    """The same by the suite."""
    more = "" if arch == "x86_64" else f" ARCH={arch}"
    only = shlex.quote(f"--only {shlex.quote(run)}")
    return f"make conformance HYPERVISOR={shlex.quote(adapter)}{more} OPTIONS={only}"


def _relative(word: str, place: str) -> str:
    if place.startswith("/") or not word.startswith(f"{ROOT}/"):
        return word
    return os.path.relpath(word, ROOT / place)
