# SPDX-License-Identifier: MIT OR Apache-2.0
"""Chooses the executor of a session."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from .errors import SuiteError
from .executor import Executor
from .local import LocalExecutor
from .plan import Plan

MACHINES = ("auto", "kvm", "qemu")
KVM = Path("/dev/kvm")


def choose_machine(asked: str, arch: str, needs_kvm: bool) -> str:
    """kvm or qemu; SuiteError when this machine cannot do what was asked."""
    if not needs_kvm:
        return "kvm"
    here = platform.machine() == arch and os.access(KVM, os.R_OK | os.W_OK)
    if asked == "kvm" and not here:
        if platform.machine() != arch:
            raise SuiteError(f"this machine is {platform.machine()}; for {arch} use --machine qemu")
        raise SuiteError(f"{KVM} cannot be opened; use --machine qemu, or get access to it")
    return "kvm" if here and asked != "qemu" else "qemu"


def make_executor(plan: Plan) -> Executor:
    """The executor that the plan names."""
    if plan.machine == "kvm":
        return LocalExecutor(plan.runs_directory)
    from .machine import make_qemu_executor

    return make_qemu_executor(
        arch=plan.arch, program=Path(plan.adapter.program()), bundle=plan.adapter.bundle()
    )
