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
from uhyve_conformance import paths
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


GUESTS = ("exit-basic", "swbuf-refused", "swbyte-refused", "write-refused", "read-console-full")


@pytest.mark.skipif(bool(kvm_problem()), reason="no KVM here")
def test_the_reference_vmm_is_judged_in_the_same_way(tmp_path: Path) -> None:
    only = [word for name in GUESTS for word in ("--only", name)]
    done = subprocess.run(
        [sys.executable, "-m", "uhyve_conformance", "run", "--output", tmp_path, *only],
        env=WITHOUT, cwd=paths.ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
