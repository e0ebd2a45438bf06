# SPDX-License-Identifier: MIT OR Apache-2.0
"""Which machine runs the jobs: this one, or one that QEMU emulates."""

import fcntl
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..architectures import JUDGED
from ..errors import UsageError
from ..executor import Executor
from ..local import LocalExecutor
from ..paths import BUILD
from .errors import MachineError

Choice = Literal["auto", "kvm", "qemu"]
_KVM_GET_API_VERSION = 0xAE00
_KVM_CREATE_VM = 0xAE01


@dataclass(frozen=True)
class Settings:
    """The user's settings for the emulated machine; the environment gives the defaults."""

    kernel: Path | None = None  # UHYVE_KERNEL
    modules: Path | None = None  # UHYVE_KERNEL_MODULES, as lib/modules/VERSION
    cpu: str | None = None  # UHYVE_QEMU_CPU, as for QEMU's -cpu

    @classmethod
    def from_environment(cls) -> "Settings":
        def path(name: str) -> Path | None:
            return Path(os.environ[name]) if os.environ.get(name) else None

        return cls(
            path("UHYVE_KERNEL"),
            path("UHYVE_KERNEL_MODULES"),
            os.environ.get("UHYVE_QEMU_CPU") or None,
        )


def kvm_problem(device: Path = Path("/dev/kvm")) -> str | None:
    """Why this machine's KVM cannot be used; None when it can."""
    try:
        kvm = os.open(device, os.O_RDWR | os.O_CLOEXEC)
    except OSError as problem:
        return f"{device}: {problem.strerror}"
    try:
        if fcntl.ioctl(kvm, _KVM_GET_API_VERSION) != 12:
            return f"{device} has an unknown version"
        os.close(fcntl.ioctl(kvm, _KVM_CREATE_VM, 0))
    except OSError as problem:
        return f"{device} makes no virtual machine: {problem.strerror}"
    finally:
        os.close(kvm)
    return None


def choose(choice: Choice, arch: str) -> tuple[Literal["kvm", "qemu"], str]:
    """The machine for arch and why it is that one."""
    if arch not in JUDGED:
        raise UsageError(f"no hypervisor is judged on {arch}; there are {' and '.join(JUDGED)}")
    if choice == "qemu":
        return "qemu", "as asked for"
    here = platform.machine()
    problem = f"this machine is {here}, not {arch}" if here != arch else kvm_problem()
    if choice == "kvm":
        if problem:
            raise MachineError(f"no KVM for {arch}: {problem}; QEMU needs none: --machine qemu")
        return "kvm", "as asked for"
    return ("qemu", problem) if problem else ("kvm", "/dev/kvm works")


def settle(choice: Choice, arch: str) -> Literal["kvm", "qemu"]:
    """The machine for arch; says so when it had to be QEMU's."""
    machine, reason = choose(choice, arch)
    if machine == "qemu" and choice == "auto":
        print(f"machine: {reason}; using QEMU", file=sys.stderr, flush=True)
    return machine


def executor(
    choice: Choice,
    arch: str,
    directory: Path,
    machines: Path,
    bring: Sequence[Path] = (),
    settings: Settings | None = None,
) -> Executor:
    """The executor for jobs of arch in `directory`; `machines` is the cache of kernels."""
    if settle(choice, arch) == "kvm":
        return LocalExecutor(directory)
    from .kernel import cached_kernel, own_kernel  # what runs here does without pyelftools
    from .qemu import QemuExecutor

    settings = settings or Settings.from_environment()
    if settings.kernel:
        kernel = own_kernel(arch, settings.kernel, settings.modules)
    else:
        kernel = cached_kernel(machines, arch)
    return QemuExecutor(kernel, BUILD / "machines" / arch / "init", directory, bring, settings.cpu)
