# SPDX-License-Identifier: MIT OR Apache-2.0
"""The executor of this machine, besides what test_jobs.py asks of every one."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tools import ROOT
from uhyve_conformance.executor import INHERITED, OUTPUT_LIMIT, Job, Node, Outcome
from uhyve_conformance.guarded import scratch
from uhyve_conformance.host import PORTABLE
from uhyve_conformance.local import LocalExecutor


def run(place: Path, *argv: str, **more: object) -> Outcome:
    return LocalExecutor(place).run([Job("job", argv, **more)])[0]


def sh(place: Path, script: str, **more: object) -> Outcome:
    return run(place, "/bin/sh", "-c", script, **more)


def test_a_job_begins_with_a_fresh_directory(tmp_path: Path) -> None:
    sh(tmp_path, "touch left-over")
    assert sh(tmp_path, "ls").stdout == b""


@pytest.mark.parametrize("path", ["/etc/x", "../x", "a/../../x"])
def test_files_stay_in_the_directory(tmp_path: Path, path: str) -> None:
    assert "leads out" in (sh(tmp_path, "true", files={path: Node()}).error or "")


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    assert "/no/such could not be started" in (run(tmp_path, "/no/such").error or "")


@pytest.mark.skipif(PORTABLE, reason="there it cannot be read")
def test_an_output_that_takes_nothing_says_why_and_can_be_read(tmp_path: Path) -> None:
    full = sh(tmp_path, "printf x || exit 5", full_stdout=True).stderr
    assert b"No space" in full or b"I/O" in full
    assert sh(tmp_path, "head -c 2 <&1 >&2", full_stdout=True).stderr == bytes(2)


def test_nothing_of_a_killed_job_is_left(tmp_path: Path) -> None:
    sh(tmp_path, "sleep 54321 & sleep 54321", timeout=0.2)
    time.sleep(0.1)
    assert b"sleep\00054321\0" not in command_lines()


def command_lines() -> list[bytes]:
    """The command lines of all processes; arguments end in NUL."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found.append(path.read_bytes())
    return found


def test_an_end_is_noticed_while_a_child_holds_the_pipes(tmp_path: Path) -> None:
    done = sh(tmp_path, "sleep 20 & echo hi", timeout=5)
    assert done.status == 0 and done.stdout == b"hi\n" and done.seconds < 2


def test_output_is_bounded(tmp_path: Path) -> None:
    flood = run(tmp_path, "/usr/bin/yes", timeout=20)
    assert flood.flooded and len(flood.stdout) == OUTPUT_LIMIT and flood.status is None


def test_a_large_standard_input_comes_back(tmp_path: Path) -> None:
    data = bytes(range(256)) * 2000
    assert run(tmp_path, "/bin/cat", stdin=data).stdout == data
    assert run(tmp_path, "/bin/cat").status == 0


def test_the_descriptor_that_a_job_inherits(tmp_path: Path) -> None:
    script = f"head -c 2 </proc/self/fd/{INHERITED}"
    assert sh(tmp_path, script, inherited=True).stdout == bytes(2)
    assert sh(tmp_path, script).status != 0


def test_what_a_job_removes_and_makes(tmp_path: Path) -> None:
    files = {"data/f": Node(content=b"abc"), "data/dir": Node("dir", mode=0o700)}
    done = sh(tmp_path, "rm data/f; mkfifo data/p", files=files)
    assert set(done.tree) == {"data", "data/dir", "data/p"}
    assert done.tree["data/dir"].mode == 0o700 and done.tree["data/p"].kind == "other"


def test_the_environment_is_small(tmp_path: Path) -> None:
    lines = sh(tmp_path, "env", env={"MINE": "1"}).stdout.decode().splitlines()
    assert "MINE=1" in lines and not any(line.startswith("PYTEST") for line in lines)


def test_several_jobs_each_reported(tmp_path: Path) -> None:
    seen: list[str] = []
    jobs = [Job(name, ("/bin/true",)) for name in "abc"]
    outcomes = LocalExecutor(tmp_path).run(jobs, lambda job, _: seen.append(job.name))
    assert seen == ["a", "b", "c"]
    assert [o.status for o in outcomes] == [0, 0, 0]


DIES_WHEN_IT_HAS_A_DIRECTORY = """
import os, signal, sys
from uhyve_conformance import guarded

made = os.mkdir
def mkdir(*arguments, **options):
    made(*arguments, **options)
    os.kill(os.getpid(), signal.SIGKILL)
os.mkdir = mkdir
with guarded.scratch("s-"):
    pass
"""


def test_a_scratch_directory_is_gone_when_its_maker_dies_at_once(tmp_path: Path) -> None:
    """Killed between the call that makes it and the next line."""
    process = subprocess.run(
        [sys.executable, "-c", DIES_WHEN_IT_HAS_A_DIRECTORY],
        cwd=ROOT, env=os.environ | {"TMPDIR": str(tmp_path)}, check=False,
    )  # fmt: skip
    assert process.returncode == -signal.SIGKILL
    deadline = time.monotonic() + 90
    while list(tmp_path.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not list(tmp_path.iterdir())


def test_a_scratch_directory_is_gone_whatever_was_left_in_it(tmp_path: Path) -> None:
    with scratch("s-", str(tmp_path)) as place:
        (place / "locked").mkdir()
        (place / "locked" / "f").write_text("x")
        (place / "locked").chmod(0)
        deep = os.open(place, os.O_RDONLY)
        for _ in range(1200):
            os.mkdir("d", dir_fd=deep)
            deeper = os.open("d", os.O_RDONLY, dir_fd=deep)
            os.close(deep)
            deep = deeper
        os.close(deep)
    assert not list(tmp_path.iterdir())
