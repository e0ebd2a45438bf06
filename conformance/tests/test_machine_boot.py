# SPDX-License-Identifier: MIT OR Apache-2.0
"""A machine under real QEMU, for the architecture of this host. One boot answers most
questions; it needs the cache that `make machine` fills, and is left out without it."""

from __future__ import annotations

import os
import platform
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from jobs import CASES, FOREVER
from test_machine import running
from uhyve_conformance.architectures import ARCHITECTURES
from uhyve_conformance.executor import OUTPUT_LIMIT, Job
from uhyve_conformance.limits import GRACE
from uhyve_conformance.machine import qemu
from uhyve_conformance.machine.choose import executor
from uhyve_conformance.paths import BUILD

ARCH = platform.machine()
MACHINES = BUILD / "machines"
READY = (
    ARCH in ARCHITECTURES
    and shutil.which(ARCHITECTURES[ARCH].board.program)
    and (MACHINES / ARCH / "init").exists()
    and (MACHINES / ARCH / "kernel").exists()
)
pytestmark = pytest.mark.skipif(not READY, reason=f"`make machine ARCH={ARCH}` was not run")


def sh(name: str, script: str, **more: object) -> Job:
    return Job(name, ("/bin/sh", "-c", script), **more)


def test_one_boot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qemu, "GRACE", GRACE / 10)
    jobs = [
        Job("absent", ("/bin/sh", "data/absent")),
        sh("orphan", f"{FOREVER} & echo $!", timeout=20),
        sh("flood", "while :; do printf '%65536s' ''; done", timeout=60),
        sh("empty", "for f in * /jobs/0/work/*; do echo $f; done"),
        Job("too-many", ("/bin/sh", *["x"] * 1100)),
        sh("kvm", "[ -r /dev/kvm ] && [ -w /dev/kvm ]"),
        *(case.job for case in CASES),
    ]
    if os.geteuid() == 0:
        jobs.append(
            sh("reboot", "echo going; echo b > /proc/sysrq-trigger; read -r x", hold_stdin=True)
        )
    jobs.append(sh("last", "echo still here"))
    machine = executor("qemu", ARCH, tmp_path, MACHINES)
    seen: list[str] = []
    outcomes = machine.run(jobs, lambda job, _: seen.append(job.name))
    assert seen == [job.name for job in jobs]
    done = dict(zip(seen, outcomes, strict=True))

    for case in CASES:
        case.check(done[case.job.name])
    assert done["absent"].status == 2
    assert done["orphan"].status == 0 and done["orphan"].seconds < 5
    assert done["flood"].flooded and len(done["flood"].stdout) == OUTPUT_LIMIT
    assert done["empty"].stdout == b"*\n/jobs/0/work/*\n"
    assert done["enough"].seconds < 5
    assert "too large" in (done["too-many"].error or "")
    assert done["kvm"].status == 0
    if "reboot" in done:
        assert "the machine died twice in it" in (done["reboot"].error or "")
    assert done["last"].stdout == b"still here\n"
    assert not running(str(tmp_path))


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_of_an_interrupted_run(tmp_path: Path, how: signal.Signals) -> None:
    command = [sys.executable, "-m", "uhyve_conformance.machine", "run", ARCH, "--"]
    process = subprocess.Popen(
        [*command, "/bin/sh", "-c", "while :; do :; done"],
        cwd=tmp_path,
        env=dict(os.environ, TMPDIR=str(tmp_path)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # A shell starts background jobs with SIGINT ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert waited_for(lambda: running(str(tmp_path))), "QEMU did not start"
    process.send_signal(how)
    status = process.wait(20)
    assert status == (2 if how is signal.SIGINT else -signal.SIGKILL)
    assert waited_for(lambda: not running(str(tmp_path))), "QEMU is still there"


def test_qemu_killed_from_outside(tmp_path: Path) -> None:
    kills = 0

    def kill(job: Job, outcome: object) -> None:
        """In the middle of the run, once."""
        nonlocal kills
        if job.name == "first":
            kills += 1
            for process in running(str(tmp_path / "initramfs-1")):
                os.kill(process, signal.SIGKILL)

    jobs = [sh("first", "exit 1"), sh("second", "exit 2")]
    outcomes = executor("qemu", ARCH, tmp_path, MACHINES).run(jobs, kill)
    assert [o.status for o in outcomes] == [1, 2] and kills == 1


def test_a_kernel_that_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image = tmp_path / "vmlinuz"
    image.write_bytes((MACHINES / ARCH / "kernel" / "image").read_bytes()[:1_000_000])
    monkeypatch.setenv("UHYVE_KERNEL", str(image))
    command = [sys.executable, "-m", "uhyve_conformance.machine", "run", ARCH, "--", "/bin/true"]
    done = subprocess.run(
        command, cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    assert done.returncode == 3
    assert "cut off" in done.stderr


def waited_for(condition: object, seconds: float = 20) -> bool:
    """True if it becomes true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False
