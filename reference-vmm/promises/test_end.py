# SPDX-License-Identifier: MIT OR Apache-2.0
"""Every end but SIGKILL leaves nothing behind, and signals are obeyed."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import LONG, VMM, Machine, guest, wait_until

Start = Callable[..., Machine]

REQUESTS = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGXCPU]
CRASHES = [signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGFPE, signal.SIGILL]


def plain() -> None:
    """No core file, and no signal ignored, as nohup(1) does: the VMM would ignore it, too."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for number in REQUESTS:
        signal.signal(number, signal.SIG_DFL)


@pytest.mark.parametrize("number", REQUESTS + CRASHES, ids=lambda n: n.name)
@pytest.mark.parametrize("vcpus", [1, 2])
def test_ends_by_the_signal(start: Start, number: signal.Signals, vcpus: int) -> None:
    machine = start("-c", vcpus, guest("waits"), preexec_fn=plain)
    machine.ready()
    assert len(machine.left()) == 1
    machine.signal(number)
    assert machine.end()[0] == -number
    assert machine.left() == []


@pytest.mark.parametrize(("vcpus", "how"), [(2, "exit"), (4, "other")])
def test_storage_that_takes_long_to_remove(start: Start, vcpus: int, how: str) -> None:
    """Also where the helper threads have long been done (deep and wide trees)."""
    machine = start("-c", vcpus, guest("litter"), "--", "--", how)
    machine.ready()
    status, said = machine.end()
    assert status == 42, said
    assert machine.left() == []


def test_few_descriptors(start: Start) -> None:
    """A tree that is deeper than there are descriptors."""
    limit = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))  # noqa: E731
    machine = start(guest("litter"), "--", "--", "exit", preexec_fn=limit)
    status, said = machine.end()
    assert status == 42, said
    assert machine.left() == []


def test_signal_while_storage_is_filled(start: Start) -> None:
    machine = start(guest("litter"), "--", "--", "wait")
    machine.ready()
    machine.signal(signal.SIGTERM)
    assert machine.end()[0] == -signal.SIGTERM
    assert machine.left() == []


def test_the_same_request_twice_is_one(start: Start) -> None:
    """timeout(1) signals its child and then its group."""
    machine = start(guest("litter"), "--", "--", "wait")
    machine.ready()
    machine.signal(signal.SIGTERM)
    time.sleep(0.02)
    machine.signal(signal.SIGTERM)
    assert machine.end()[0] == -signal.SIGTERM
    assert machine.left() == []


def test_timeout_leaves_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        ["timeout", "0.5", VMM, guest("litter"), "--", "--", "wait"],
        env={"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        check=False,
        timeout=LONG,
    )
    assert done.returncode == 124
    assert list(tmp_path.iterdir()) == []


def grow(tmp: Path, files: int) -> None:
    """Makes private storage larger from outside, so that its removal takes a while."""
    (storage,) = tmp.iterdir()
    for number in range(files):
        (storage / f"f{number}").touch()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda n: n.name)
@pytest.mark.parametrize("ended_by_itself", [False, True])
def test_a_second_request_ends_it_at_once(
    start: Start, number: signal.Signals, ended_by_itself: bool
) -> None:
    """Also while private storage is removed, however long that takes."""
    machine = start(guest("waits"))
    machine.ready()
    (storage,) = machine.tmp.iterdir()
    # As fast as it is removed: a process that refills it.
    filler = subprocess.Popen(
        ["/bin/sh", "-c", 'i=0; while :; do : >"$1/$i" || exit; i=$((i+1)); done', "sh", storage],
        stderr=subprocess.DEVNULL,
    )
    try:
        grow(machine.tmp, 2000)
        if ended_by_itself:
            machine.process.stdin.close()
            machine.process.stdin = None
        else:
            machine.signal(number)
        time.sleep(0.05)
        begin = time.monotonic()
        while machine.process.poll() is None and time.monotonic() - begin < 10:
            machine.signal(number)
            time.sleep(0.05)
        assert machine.process.poll() is not None
        assert time.monotonic() - begin < 2
    finally:
        filler.kill()
        filler.wait()


@pytest.mark.parametrize("mapping", ["/nonexistent/x:/m"])
def test_a_start_that_fails_leaves_nothing(start: Start, mapping: str) -> None:
    machine = start(f"--file-mapping={mapping}", guest("waits"))
    assert machine.end()[0] == 1
    assert machine.left() == []


def test_a_start_that_fails_late_leaves_nothing(start: Start) -> None:
    """The device tree does not fit: after private storage was made."""
    words = ["x" * 100000] * 20
    machine = start(guest("waits"), "--", "--", *words)
    status, said = machine.end()
    assert status == 1 and "uhyve-ref: " in said
    assert machine.left() == []


def test_what_a_killed_run_left_can_be_removed(start: Start, tmp_path: Path) -> None:
    killed = start(guest("litter"), "--", "--", "wait")
    killed.ready()
    killed.signal(signal.SIGKILL)
    killed.end()
    assert len(killed.left()) == 1

    # In the same directory: one that lives, and what is none of ours.
    alive = Machine(killed.tmp, [str(guest("waits"))])
    alive.ready()
    (killed.tmp / "uhyve-ref-notours").mkdir()
    (killed.tmp / "other").mkdir()
    done = subprocess.run(
        [VMM, "--remove-leftovers", f"--tempdir={killed.tmp}"], capture_output=True, check=True
    )
    assert done.stdout.startswith(b"removed ")
    assert len(done.stdout.splitlines()) == 1
    assert len(killed.left()) == 3
    alive.signal(signal.SIGTERM)
    assert alive.end()[0] == -signal.SIGTERM
    assert killed.left() == ["other", "uhyve-ref-notours"]


def user_time(pid: int) -> float:
    """Seconds of processor time of all threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_stray_signal_does_not_stop_a_vcpu(start: Start) -> None:
    """After SIGUSR1 the guest waits in its call, and nothing spins."""
    machine = start(guest("waits"))
    machine.ready()
    for _ in range(3):
        machine.signal(signal.SIGUSR1)
        time.sleep(0.01)
    before = user_time(machine.process.pid)
    time.sleep(0.5)
    assert user_time(machine.process.pid) - before < 0.1
    machine.process.stdin.close()
    machine.process.stdin = None
    assert machine.end()[0] == 42


def test_a_stray_signal_in_guest_code(start: Start, tmp_path: Path) -> None:
    """The guest's calls continue; seen in the trace."""
    trace = tmp_path / "trace"
    with trace.open("wb") as file:
        machine = start("--trace", guest("calls"), stderr=file)
    machine.ready()
    for _ in range(20):
        machine.signal(signal.SIGUSR1)
        time.sleep(0.01)
    before = trace.stat().st_size
    wait_until(lambda: trace.stat().st_size > before + 2000)
    machine.signal(signal.SIGTERM)
    assert machine.end()[0] == -signal.SIGTERM
