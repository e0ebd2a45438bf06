# SPDX-License-Identifier: MIT OR Apache-2.0
"""A host that has nothing of what Linux alone has: the same verdicts, and none of it is used."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tools import HERE, PLAYER, World
from uhyve_conformance import host, paths
from uhyve_conformance.machine.choose import kvm_problem

WITHOUT = {**os.environ, "UHYVE_CONFORMANCE_PORTABLE": "1"}


def test_jobs_and_their_files_are_handled_in_the_same_way() -> None:
    tests = [HERE / "test_local.py", HERE / "test_trees.py"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests],
        env=WITHOUT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0 and " passed" in done.stdout, done.stdout


def traced(world: World, place: Path, environment: dict[str, str]) -> str:
    """What a session asks of Linux alone, a call a line."""
    log = place / "calls"
    done = subprocess.run(
        ["strace", "-f", "-qq", "-o", log, "-e", "trace=openat,prctl,pidfd_open", "--",
         sys.executable, "-m", "uhyve_conformance", "run", "--hypervisor", world.adapter(),
         "--spec", world.spec, "--guests", world.guests, "--guest-lock", world.guest_lock,
         "--output", place / "out", "--jobs", "1"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    wanted = re.compile(
        r'"/proc/(self/fd|\d|cpuinfo)|"/dev/full"|PR_SET_(PDEATHSIG|CHILD)|O_PATH|pidfd'
    )
    return "\n".join(line for line in log.read_text().splitlines() if wanted.search(line))


def test_nothing_that_only_linux_has_is_asked_for(world: World, tmp_path: Path) -> None:
    world.requirements("UHY-EXIT-001")
    world.guest("g", 'summary = "fine", tests = ["UHY-EXIT-001"]')
    world.write_guest_lock()
    for name in ("with", "without"):
        (tmp_path / name).mkdir()
    used = traced(world, tmp_path / "with", dict(os.environ))
    assert "PR_SET_CHILD_SUBREAPER" in used and "O_PATH" in used, "this test sees nothing"
    assert traced(world, tmp_path / "without", WITHOUT) == ""
    assert str(PLAYER)


class Elsewhere:
    """Commands on a Python that has lost what Linux alone has (elsewhere/sitecustomize.py)."""

    def __init__(self, world: World) -> None:
        self.world = world
        path = os.pathsep.join([str(HERE / "elsewhere"), str(paths.ROOT / "conformance")])
        self.environment = {**WITHOUT, "PYTHONPATH": path}
        world.requirements("UHY-EXIT-001", "UHY-OPEN-001", "UHY-READ-001")
        world.guest("g", 'summary = "fine", tests = ["UHY-EXIT-001"]')
        world.guest("h", 'summary = "false-check", tests = ["UHY-OPEN-001"]')
        world.guest("i", 'summary = "crash", tests = ["UHY-READ-001"]')
        world.write_guest_lock()

    def __call__(self, status: int, what: str, *words: str | Path) -> None:
        """A command ends with this status and says this."""
        done = subprocess.run(
            [sys.executable, "-m", "uhyve_conformance", *words],
            env=self.environment, cwd=paths.ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        said = done.stdout + done.stderr
        assert (done.returncode, what in said) == (status, True), said

    def judged(self, output: Path, *words: str | Path) -> None:
        """A part of the runs; both parts have a failure."""
        world = self.world
        self(1, "player", "run",
             "--hypervisor", world.adapter(), "--spec", world.spec, "--guests", world.guests,
             "--guest-lock", world.guest_lock, "--output", output, *words)  # fmt: skip


def test_the_other_host_is_another_one(world: World) -> None:
    program = (
        "import os, sys, ctypes; assert sys.platform != 'linux' and not hasattr(os, 'O_PATH')\n"
        "for do in (lambda: open('/proc/self/stat'), lambda: os.listdir('/dev/shm'),\n"
        "           lambda: ctypes.CDLL(None).prctl):\n"
        "    try: do()\n"
        "    except (FileNotFoundError, AttributeError): pass\n"
        "    else: sys.exit(1)"
    )
    environment = Elsewhere(world).environment
    assert subprocess.run([sys.executable, "-c", program], env=environment).returncode == 0


def test_the_commands_of_the_wheel_run_on_another_host(world: World, tmp_path: Path) -> None:
    run, out, parts = Elsewhere(world), tmp_path / "out", []
    for shard in ("1", "2"):
        run.judged(out, "--shard", f"{shard}/2", "--jobs", "2")
        part = out / f"player-x86_64.{shard}-of-2.uhyve.tar.xz"
        parts.append(part.rename(tmp_path / part.name))  # the next run would remove it
    run(1, "player does not conform", "merge", *parts, "--output", tmp_path / "merged")
    bundle = tmp_path / "merged" / "player-x86_64.uhyve.tar.xz"
    run(0, "3 outcomes give the verdicts", "verify", bundle)
    run(0, "open: player", "gate", "--against", bundle, bundle)
    image = paths.BUILD / "guests" / "x86_64" / "exit-basic.elf"
    run(0, "breaks no requirement", "guest", "--image-only", image)


@pytest.mark.skipif(bool(kvm_problem()), reason="no KVM here")
def test_the_explorer_and_the_judge_run_on_another_host(world: World, tmp_path: Path) -> None:
    run = Elsewhere(world)
    run(0, "0 differences", "explore", "--seconds", "1", "--output", tmp_path / "explored")
    image = paths.BUILD / "guests" / "x86_64" / "exit-basic.elf"
    run(0, "breaks no requirement", "guest", "--no-freedoms", image)


def test_memory_that_is_not_ours_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may write anywhere, so that the question is answered here."""
    monkeypatch.setattr(host, "PORTABLE", False)
    monkeypatch.setattr(host, "_MEMORY", tmp_path)
    assert host.in_memory() == str(tmp_path)
    monkeypatch.setattr(host, "_MEMORY", tmp_path / "none")
    assert host.in_memory() is None
    monkeypatch.setattr(host, "_MEMORY", tmp_path)
    monkeypatch.setattr(host.os, "access", lambda *_: False)
    assert host.in_memory() is None


GUESTS = ("exit-basic", "swbuf-refused", "swbyte-refused", "write-refused", "read-console-full")


@pytest.mark.skipif(bool(kvm_problem()), reason="no KVM here")
def test_the_reference_vmm_is_judged_in_the_same_way(tmp_path: Path) -> None:
    only = [word for name in GUESTS for word in ("--only", name)]
    done = subprocess.run(
        [sys.executable, "-m", "uhyve_conformance", "run", "--output", tmp_path, *only],
        env=WITHOUT, cwd=paths.ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
