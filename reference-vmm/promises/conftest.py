# SPDX-License-Identifier: MIT OR Apache-2.0
"""Runs of the reference VMM as a program, for the promises of SECURITY.md.

UHYVE_REF and PROMISE_GUESTS name another program and another folder of guests.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

# A shell starts what runs in the background with these ignored, and programs inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)

ROOT = Path(__file__).resolve().parents[2]
VMM = Path(os.environ.get("UHYVE_REF", ROOT / "build/uhyve-ref")).resolve()
GUESTS = Path(os.environ.get("PROMISE_GUESTS", ROOT / "build/promises")).resolve()
PLANTED = GUESTS / "planted"  # a VMM with a mistake (planted.c)
LONG = 60.0  # seconds; nothing here takes as long on a machine that works


def guest(name: str) -> Path:
    return GUESTS / f"{name}.elf"


class Machine:
    """A run that is in progress: its process, and its private storage."""

    def __init__(self, tmp: Path, argv: list[str], vmm: Path = VMM, **more: object) -> None:
        self.tmp = tmp
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        self.process = subprocess.Popen(
            [str(vmm), *argv],
            env={"PATH": os.environ["PATH"], "TMPDIR": str(tmp)},
            **(pipes | more),
        )

    def ready(self) -> None:
        """Waits until the guest says so."""
        assert self.process.stdout.readline() == b"ready\n"

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def end(self, timeout: float = LONG) -> tuple[int, str]:
        """Its status, as subprocess has it, and what it said on standard error."""
        _, said = self.process.communicate(timeout=timeout)
        return self.process.returncode, (said or b"").decode()

    def left(self) -> list[str]:
        """The private storage that exists."""
        return sorted(entry.name for entry in self.tmp.iterdir())


def wait_until(condition: Callable[[], bool], timeout: float = LONG) -> None:
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.01)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Machine]]:
    """Starts machines, whose temporary directory is empty and their own."""
    machines: list[Machine] = []

    def begin(*argv: object, **more: object) -> Machine:
        tmp = tmp_path / f"tmp{len(machines)}"
        tmp.mkdir()
        machines.append(Machine(tmp, [str(word) for word in argv], **more))
        return machines[-1]

    yield begin
    for machine in machines:
        machine.process.kill()
        machine.process.communicate()


def pytest_configure(config: pytest.Config) -> None:
    for need in (VMM, PLANTED, guest("crash"), Path("/dev/kvm")):
        if not need.exists():
            raise pytest.UsageError(f"{need} is missing; the promises cannot be tried")
