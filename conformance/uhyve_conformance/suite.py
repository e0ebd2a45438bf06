# SPDX-License-Identifier: MIT OR Apache-2.0
"""Runs a plan under pytest."""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest

from .controller import Controller
from .options import at_once
from .plan import Plan

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
    controller = Controller(plan, at_once(jobs), options)
    place = plan.guests[0].path.parent
    # Whatever else is installed for pytest is about other tests. `-- -p NAME` loads it.
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
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
    return int(pytest.main([*arguments, *options, str(place)], plugins=[controller]))
