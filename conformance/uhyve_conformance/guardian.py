# SPDX-License-Identifier: MIT OR Apache-2.0
"""Starts jobs for a harness process, and ends whatever they started, however that process
ends. A program of its own, which needs nothing but Python's library.

usage: guardian.py SOCKET

It is the subreaper of the jobs: a child that called setsid, or whose parent died, becomes
its child. It makes one job at a time. Requests and answers are JSON, one a packet:

    {"run": {argv, cwd, env, umask, descriptors, inherited}} and the descriptors 0, 1, 2  ->  {"pid": N} or {"error": TEXT}
    {"end": true}     kills what is left of the job  ->  {"status": N, "left": [PID, ...]}
    {"own": PATH}     to be removed when the harness is gone  ->  {}

When the harness is gone, whatever the reason, its end of the socket closes. The directory
of a job that was running then is removed, too.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

# From linux/prctl.h.
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
# How long what was killed may take to be gone, in seconds.
GRACE = 5.0
PACKET = 1 << 20

_libc = ctypes.CDLL(None, use_errno=True)


class Job:
    """The one job that runs, or none."""

    def __init__(self) -> None:
        self.pid = self.status = 0
        self.directory = ""

    def start(self, wish: dict[str, object], streams: list[int]) -> dict[str, object]:
        """Starts it in a session of its own."""

        def with_us() -> None:
            _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGHUP, signal.SIG_DFL)
            signal.signal(signal.SIGQUIT, signal.SIG_DFL)
            if number := int(wish["inherited"]):
                zeros = os.open("/dev/zero", os.O_RDWR)
                os.dup2(zeros, number)
            if files := int(wish["descriptors"]):
                resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))

        try:
            process = subprocess.Popen(
                wish["argv"],
                stdin=streams[0],
                stdout=streams[1],
                stderr=streams[2],
                cwd=wish["cwd"],
                env=wish["env"],
                umask=wish["umask"],
                close_fds=not wish["inherited"],  # it would close this one, too
                start_new_session=True,
                preexec_fn=with_us,
            )
        except (OSError, ValueError, subprocess.SubprocessError) as problem:
            return {"error": getattr(problem, "strerror", None) or str(problem)}
        finally:
            for stream in streams:
                os.close(stream)
        self.pid, self.directory = process.pid, str(wish["cwd"])
        process.returncode = 0  # it is reaped here and not by subprocess
        return {"pid": self.pid}

    def end(self) -> dict[str, object]:
        """Kills it and all that it started; how it ended, and who could not be killed."""
        deadline = time.monotonic() + GRACE
        if self.pid and not self._reap():
            _kill(-self.pid)
        while True:
            self._reap()
            left = descendants()
            if not left or time.monotonic() > deadline:
                break
            for pid in left:
                _kill(pid)
            time.sleep(0.001)
        self.pid = 0
        return {"status": self.status, "left": left}

    def _reap(self) -> bool:
        """True if nothing is left, not even outside the job's session."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return True
            if pid == 0:
                return False
            if pid == self.pid:
                self.status = os.waitstatus_to_exitcode(status)


def _kill(pid: int) -> None:
    """One process, or the group of -pid."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)


def descendants() -> list[int]:
    """All processes below this one that have not ended."""
    children: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                stat = Path(f"/proc/{entry.name}/stat").read_bytes()
            except OSError:
                continue
            fields = stat.rpartition(b")")[2].split()
            if fields[0] not in (b"Z", b"X"):
                children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, pending = [], [os.getpid()]
    while pending:
        below = children.get(pending.pop(), [])
        found += below
        pending += below
    return found


def serve(connection: socket.socket) -> None:
    """Answers requests until the harness is gone."""
    job, owned = Job(), set()
    while True:
        packet, streams, _, _ = socket.recv_fds(connection, PACKET, 3)
        if not packet:
            break
        request = json.loads(packet)
        answer: dict[str, object] = {}
        if "run" in request:
            answer = job.start(request["run"], streams)
        elif "end" in request:
            answer = job.end()
        else:
            owned.add(request["own"])
        try:
            connection.send(json.dumps(answer).encode())
        except OSError:
            break
    if job.pid:
        owned.add(job.directory)
    job.end()
    for path in owned:
        _remove(Path(path))


def _remove(path: Path) -> None:
    """With the harness's own means, where this file lies in its package."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    try:
        from uhyve_conformance.trees import remove_tree

        remove_tree(path)
    except (ImportError, OSError):
        shutil.rmtree(path, ignore_errors=True)


def main(number: int) -> None:
    """Of an inherited socket."""
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    # What ends the harness's process group must not end this before the jobs are gone.
    for number_ in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number_, signal.SIG_IGN)
    with socket.socket(fileno=number) as connection:
        connection.set_inheritable(False)
        serve(connection)


if __name__ == "__main__":
    main(int(sys.argv[1]))
