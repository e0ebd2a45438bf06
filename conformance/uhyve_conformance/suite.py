# SPDX-License-Identifier: MIT OR Apache-2.0
"""Runs a plan under pytest."""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest

from .controller import Controller
from .options import at_once
from .plan import Plan

# Below this many runs, starting workers costs more than they gain.
FEW = 8
# Parts of pytest that run around each item and have nothing to do here: no item prints or logs.
UNUSED = (
    "cacheprovider",
    "logging",
    "capture",
    "unraisableexception",
    "threadexception",
    "doctest",
)


def run_suite(plan: Plan, jobs: int, options: Sequence[str] = ()) -> int:
    """Makes the wanted runs and the reports, on so many processors; the exit status."""
    controller = Controller(plan, options)
    place = plan.guests[0].path.parent
    arguments = [
        f"--rootdir={place}",
        f"--confcutdir={place}",
        f"--config-file={os.devnull}",
        "--noconftest",
        *(f"-pno:{part}" for part in UNUSED),
        "-p", "uhyve_conformance.plugin",
        "--assert=plain",
        "-o", "console_output_style=classic",
        "--tb=no", "-q", "-rN", "--no-header",
    ]  # fmt: skip
    if jobs > 1 and len(plan.wanted) >= FEW and plan.machine == "kvm":
        arguments += [f"--numprocesses={at_once(jobs)}", "--maxschedchunk=2"]
    return int(pytest.main([*arguments, *options, str(place)], plugins=[controller]))
