# SPDX-License-Identifier: MIT OR Apache-2.0
"""The executor of this machine."""

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


def test_files_before_and_after(tmp_path: Path) -> None:
    files = {
        "data/f": Node(content=b"abc", mode=0o640),
        "data/sparse": Node(size=5 << 30),
        "data/link": Node("symlink", target="f"),
        "data/dir": Node("dir", mode=0o700),
        "guest.elf": Node(content=b"elf"),
    }
    done = sh(tmp_path, "echo new > data/new; rm data/f; mkfifo data/p", files=files, umask=0o077)
    assert done.status == 0
    assert set(done.tree) == {"data", "data/sparse", "data/link", "data/dir", "data/new", "data/p"}
    assert done.tree["data/new"].content == b"new\n"
    assert done.tree["data/new"].mode == 0o600
    assert done.tree["data/sparse"] == Node("file", None, 5 << 30, 0o644)
    assert done.tree["data/link"].target == "f"
    assert done.tree["data/dir"].mode == 0o700
    assert done.tree["data/p"].kind == "other"


def test_a_job_begins_with_a_fresh_directory(tmp_path: Path) -> None:
    sh(tmp_path, "touch left-over")
    assert sh(tmp_path, "ls").stdout == b""


@pytest.mark.parametrize("path", ["/etc/x", "../x", "a/../../x"])
def test_files_stay_in_the_directory(tmp_path: Path, path: str) -> None:
    assert "leads out" in (sh(tmp_path, "true", files={path: Node()}).error or "")


def test_ends(tmp_path: Path) -> None:
    assert sh(tmp_path, "exit 7").status == 7
    assert sh(tmp_path, "kill -ABRT $$").signal == 6
    assert run(tmp_path, "/no/such").error
    slow = sh(tmp_path, "echo begun; sleep 20", timeout=0.2)
    assert slow.timed_out and slow.stdout == b"begun\n" and slow.seconds < 5


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


def test_a_process_that_closes_its_outputs_is_still_watched(tmp_path: Path) -> None:
    assert sh(tmp_path, "exec >&- 2>&-; sleep 0.2; exit 3").status == 3


def test_output_is_bounded(tmp_path: Path) -> None:
    flood = run(tmp_path, "/usr/bin/yes", timeout=20)
    assert flood.flooded and len(flood.stdout) == OUTPUT_LIMIT and flood.status is None


def test_an_output_that_takes_nothing(tmp_path: Path) -> None:
    assert sh(tmp_path, "ulimit -n; ulimit -Hn", descriptors=77).stdout == b"77\n77\n"
    done = sh(tmp_path, "printf x || exit 5", full_stdout=True)
    assert (done.status, done.stdout) == (5, b"")
    if PORTABLE:
        return
    assert b"No space" in done.stderr or b"I/O" in done.stderr
    assert sh(tmp_path, "head -c 2 <&1 >&2", full_stdout=True).stderr == bytes(2)


def test_a_descriptor_that_a_job_inherits(tmp_path: Path) -> None:
    script = f"head -c 2 </proc/self/fd/{INHERITED}"
    assert sh(tmp_path, script, inherited=True).stdout == bytes(2)
    assert sh(tmp_path, script).status != 0


def test_a_fifo_among_the_files_of_a_job(tmp_path: Path) -> None:
    files = {"data/fifo": Node("fifo")}
    assert sh(tmp_path, "[ -p data/fifo ] && echo yes", files=files).stdout == b"yes\n"


def test_enough_output_of_a_job_that_goes_on(tmp_path: Path) -> None:
    done = sh(tmp_path, "printf '> '; sleep 20", enough=2)
    assert done.enough and done.stdout == b"> " and done.status is None and done.seconds < 5
    slow = sh(tmp_path, "printf '>'; sleep 20", enough=2, timeout=0.3)
    assert slow.timed_out and not slow.enough
    script = "trap 'echo bye >said; exit' TERM; printf '> '; while :; do sleep 0.01; done"
    asked = sh(tmp_path, script, enough=2, terminate=True)
    assert asked.enough and asked.tree["said"].content == b"bye\n"
    deaf = sh(tmp_path, "trap '' TERM; printf '> '; sleep 20", enough=2, terminate=True)
    assert deaf.enough and deaf.seconds < 8
    assert sh(tmp_path, "printf '> '", enough=2).status == 0


def test_standard_input(tmp_path: Path) -> None:
    data = bytes(range(256)) * 2000
    assert run(tmp_path, "/bin/cat", stdin=data).stdout == data
    assert run(tmp_path, "/bin/cat").status == 0
    assert run(tmp_path, "/bin/cat", stdin=b"x", hold_stdin=True, timeout=0.2).timed_out
    assert run(tmp_path, "/bin/true", stdin=data).status == 0


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
