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
from test_machine import running
from uhyve_conformance.architectures import ARCHITECTURES
from uhyve_conformance.executor import COLLECT_LIMIT, INHERITED, OUTPUT_LIMIT, Job, Node
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


def test_one_boot(tmp_path: Path) -> None:
    everything = bytes(range(256)) * 400
    jobs = [
        sh("status", "echo out; echo err >&2; exit 7"),
        sh("signal", "kill -ABRT $$"),
        sh("timeout", "echo begun; while :; do :; done", timeout=0.5),
        Job("absent", ("/bin/sh", "data/absent")),
        sh("stdin", "while read -r line; do echo $line; done", stdin=b"one\ntwo\n"),
        sh("held", "read -r x; echo $x; read -r x", stdin=b"x\n", hold_stdin=True, timeout=1),
        sh("unread", "exec <&-; exit 4", stdin=everything),
        sh("orphan", "while :; do :; done & echo $!", timeout=20),
        sh("silent", "exec >&- 2>&-; x=0; while [ $x -lt 2000 ]; do x=$((x+1)); done; exit 3"),
        sh("flood", "while :; do printf '%65536s' ''; done", timeout=60),
        sh("full", "printf x || exit 5", full_stdout=True),
        sh("enough", "printf '> '; while :; do :; done", enough=2, timeout=20),
        sh("less", "printf '>'; while :; do :; done", enough=2, timeout=0.5),
        sh("over", "printf '> '; exit 6", enough=2),
        sh("empty", "for f in * /jobs/0/work/*; do echo $f; done", umask=0o27),
        sh("set", "umask; echo $MINE", env={"MINE": "my own"}, umask=0o27),
        sh(
            "files",
            "echo new > data/new; printf '\\0\\0a\\0' > data/zeros; read -r l <data/link; echo $l",
            files={
                "data/f": Node(content=b"abc\n", mode=0o640),
                "data/sparse": Node(content=b"s", size=5 << 30),
                "data/large": Node(size=COLLECT_LIMIT),
                "data/link": Node("symlink", target="f"),
                "data/dir": Node("dir", mode=0o700),
                "guest.elf": Node(content=b"elf"),
                "other/f": Node(),
            },
            umask=0o077,
            collect=("data",),
        ),
        sh("inherited", f"[ -c /proc/self/fd/{INHERITED} ] && echo yes", inherited=True),
        sh("fifo", "[ -p data/fifo ] && echo yes", files={"data/fifo": Node("fifo")}),
        sh("kvm", "[ -r /dev/kvm ] && [ -w /dev/kvm ]"),
    ]  # fmt: skip
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

    assert (done["status"].status, done["status"].stdout, done["status"].stderr) == (
        7,
        b"out\n",
        b"err\n",
    )
    assert done["signal"].signal == signal.SIGABRT
    assert done["timeout"].timed_out and done["timeout"].stdout == b"begun\n"
    assert done["absent"].status == 2
    assert (done["stdin"].status, done["stdin"].stdout) == (0, b"one\ntwo\n")
    assert done["held"].timed_out and done["held"].stdout == b"x\n"
    assert done["unread"].status == 4
    assert done["orphan"].status == 0 and done["orphan"].seconds < 5
    assert done["silent"].status == 3
    assert done["flood"].flooded and len(done["flood"].stdout) == OUTPUT_LIMIT
    assert (done["full"].status, done["full"].stdout) == (5, b"")
    assert done["enough"].enough and done["enough"].stdout == b"> "
    assert done["enough"].seconds < 5
    assert done["less"].timed_out and not done["less"].enough
    assert done["over"].status == 6
    assert done["empty"].stdout == b"*\n/jobs/0/work/*\n"
    assert done["inherited"].stdout == done["fifo"].stdout == b"yes\n"
    assert done["set"].stdout == b"0027\nmy own\n"
    tree = done["files"].tree
    assert (done["files"].status, done["files"].stdout) == (0, b"abc\n")
    assert set(tree) == {"data"} | {
        f"data/{name}" for name in ("f", "sparse", "large", "link", "dir", "new", "zeros")
    }
    assert tree["data/new"] == Node("file", b"new\n", 4, 0o600)
    assert tree["data/zeros"].content == b"\0\0a\0"
    assert tree["data/f"] == Node("file", b"abc\n", 4, 0o640)
    assert tree["data/sparse"] == Node("file", None, 5 << 30, 0o644)
    assert tree["data/large"].content == bytes(COLLECT_LIMIT)
    assert tree["data/link"].target == "f" and tree["data/dir"].mode == 0o700
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
