# SPDX-License-Identifier: MIT OR Apache-2.0
"""A job is the same wherever it runs. test_machine_boot.py has the machine under QEMU."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from jobs import CASES, COLLECTED, Case, unused
from uhyve_conformance import evidence, local
from uhyve_conformance.executor import Job, Outcome
from uhyve_conformance.host import PORTABLE
from uhyve_conformance.limits import GRACE
from uhyve_conformance.local import WORK, LocalExecutor
from uhyve_conformance.trees import collect_tree

pytestmark = pytest.mark.usefixtures("impatient")
EACH = pytest.mark.parametrize("case", CASES, ids=lambda case: case.job.name)
# What `timeout` says of a program that it had to end.
KILLED = (124, 137)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A job has a tenth of the time to obey SIGTERM."""
    for module in (local, evidence):
        monkeypatch.setattr(module, "GRACE", GRACE / 10)


def test_every_field_of_a_job_has_a_case() -> None:
    assert unused() == {"ignore"}  # its usual value leaves out the image, which "files" has


@EACH
def test_on_this_machine(case: Case, tmp_path: Path) -> None:
    done = LocalExecutor(tmp_path).run([case.job])[0]
    case.check(done)
    assert done.seconds < 5


@pytest.mark.skipif(PORTABLE, reason="it repeats a run of Linux")
@EACH
def test_by_the_script_that_repeats_it(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the environment of its user is."""
    monkeypatch.setenv("LANG", "mine")
    case.check(repeated(case.job, tmp_path))


@pytest.mark.skipif(PORTABLE, reason="it repeats a run of Linux")
def test_by_the_script_over_what_was_left(tmp_path: Path) -> None:
    case = next(case for case in CASES if case.outcome.get("tree") is COLLECTED)
    for _ in "12":
        case.check(repeated(case.job, tmp_path))


def repeated(job: Job, place: Path) -> Outcome:
    """What comes of the script that repeats a job."""
    evidence.leave_evidence(place, "a title", job, Outcome(), ())
    begin = time.monotonic()
    made = subprocess.run([place / "repeat.sh"], capture_output=True, check=False, umask=0o077)
    status = made.returncode
    forced = status in KILLED
    enough = bool(job.enough) and len(made.stdout) >= job.enough
    return Outcome(
        status=status if status < 128 and not forced else None,
        signal=status - 128 if status > 128 and not forced else None,
        timed_out=forced and not enough,
        enough=forced and enough,
        stdout=made.stdout,
        stderr=made.stderr,
        tree=collect_tree(place / WORK, job.collect, job.ignore),
        seconds=time.monotonic() - begin,
    )


@pytest.mark.skipif(PORTABLE, reason="it repeats a run of Linux")
def test_the_script_without_a_time_limit(tmp_path: Path) -> None:
    """It continues, until a user's Ctrl-C ends all of it."""
    job = next(case.job for case in CASES if case.job.name == "timeout")
    evidence.leave_evidence(tmp_path, "a title", job, Outcome(), ())
    made = subprocess.Popen(
        [tmp_path / "repeat.sh", "0"], stdout=subprocess.PIPE, start_new_session=True
    )
    with made, pytest.raises(subprocess.TimeoutExpired):
        try:
            made.wait(3 * job.timeout)
        finally:
            os.killpg(made.pid, signal.SIGINT)
            assert made.communicate(timeout=10)[0] == b"begun\n"
            assert made.returncode != 0
    with pytest.raises(ProcessLookupError):
        os.killpg(made.pid, 0)
