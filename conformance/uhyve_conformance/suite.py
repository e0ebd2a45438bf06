# SPDX-License-Identifier: MIT OR Apache-2.0
"""Runs a plan under pytest."""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest

from .controller import Controller
from .paths import ROOT
from .plan import Plan

# Below this many runs, starting workers costs more than they gain.
FEW = 8


def run_suite(plan: Plan, jobs: int, options: Sequence[str] = ()) -> int:
    """Makes the wanted runs and the reports; the exit status."""
    controller = Controller(plan, options)
    files = sorted({str(e.guest.path) for e in plan.wanted})
    files += [str(guest.path) for guest in plan.guests if guest.fault]
    arguments = [
        f"--rootdir={ROOT}",
        f"--config-file={os.devnull}",
        "-p", "no:cacheprovider",
        "-p", "uhyve_conformance.plugin",
        "-o", "norecursedirs=",
        "--assert=plain",
        "-o", "console_output_style=classic",
        "--tb=no", "-q", "-rN", "--no-header",
    ]  # fmt: skip
    if jobs > 1 and len(plan.wanted) >= FEW and plan.machine == "kvm":
        arguments += [f"--numprocesses={jobs}", "--maxschedchunk=2"]
    places = files if plan.only else [str(plan.guests[0].path.parent)]
    return int(pytest.main([*arguments, *options, *places], plugins=[controller]))
