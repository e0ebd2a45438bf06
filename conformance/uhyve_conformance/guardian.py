# SPDX-License-Identifier: MIT OR Apache-2.0
"""Starts jobs for a harness process, and ends whatever they started, however that process
ends. A program of its own, which needs nothing but Python's library.

usage: guardian.py SOCKET [portable]

It makes one job at a time. Requests and answers are JSON, one a line:

    {"run": {argv, cwd, env, umask, descriptors, inherited}} and the descriptors 0, 1, 2 of the job,
            and a fourth that is closed when its process ends  ->  {"pid": N} or {"error": TEXT}
    {"terminate": true}  asks the job to end  ->  {}
    {"end": true}     kills what is left of the job  ->  {"status": N, "left": [PID, ...]}
    {"own": PATH}     to be removed when the harness is gone  ->  {}

When the harness is gone, whatever the reason, its end of the socket closes. The directory
of a job that was running then is removed, too.

On Linux it is the subreaper of the jobs: a child that called setsid, or whose parent died,
becomes its child and is found. Elsewhere (and with "portable", for tests) it ends the job's
session, and nothing finds a process that left that session and lost its parent. When this
program is killed, the harness ends the session of the job. Only someone who kills both of them at
once has to kill the job, too: a job that dies with its parent would need a call between fork and
exec, and a fork of Python costs three times as much as the vfork that does without.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# From linux/prctl.h.
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
# Seconds that a killed process may take to be gone.
GRACE = 5.0
PIECE = 1 << 16
STREAMS = 4  # descriptors that come with a job


def prctl(option: int, argument: int) -> bool:
    """Linux's call; False where there is none."""
    if sys.platform != "linux":
        return False
    return ctypes.CDLL(None).prctl(option, argument, 0, 0, 0) == 0


class Job:
    """The one job that runs, or none."""

    def __init__(self, linux: bool) -> None:
        self.linux = linux  # the subreaper, with /proc
        self.pid = self.status = 0
        self.directory = ""
        self._over: int | None = None  # open while the job's process runs

    def start(self, wish: dict[str, object], streams: list[int]) -> dict[str, object]:
        """Starts it in a session of its own."""
        *streams, over = streams

        def prepare() -> None:
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
                preexec_fn=prepare if wish["inherited"] or wish["descriptors"] else None,
            )
        except (OSError, ValueError, subprocess.SubprocessError) as problem:
            os.close(over)
            return {"error": getattr(problem, "strerror", None) or str(problem)}
        finally:
            for stream in streams:
                os.close(stream)
        self.pid, self.directory, self._over = process.pid, str(wish["cwd"]), over
        process.returncode = 0  # it is reaped here and not by subprocess
        return {"pid": self.pid}

    def end(self) -> dict[str, object]:
        """Kills it and all that it started; how it ended, and who could not be killed."""
        deadline = time.monotonic() + GRACE
        self.reap()
        if self._over is not None:
            _kill(-self.pid)
        while True:
            children = self.reap()
            left = (descendants() if children else []) if self.linux else self._session()
            if not left or time.monotonic() > deadline:
                break
            for pid in left:
                _kill(pid)
            time.sleep(0.001)
        self._ended()
        self.pid = 0
        return {"status": self.status, "left": [abs(pid) for pid in left]}

    def terminate(self) -> None:
        """Asks its process to end."""
        if self._over is not None:
            _kill(self.pid, signal.SIGTERM)

    def reap(self) -> bool:
        """Takes in what ended: the job's process, and orphans. Is a child left?"""
        try:
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == self.pid:
                    self.status = os.waitstatus_to_exitcode(ended[1])
                    self._ended()
        except ChildProcessError:
            return False
        return True

    def _ended(self) -> None:
        if self._over is not None:
            os.close(self._over)
            self._over = None

    def _session(self) -> list[int]:
        """The job's process group, if anything is left in it."""
        try:
            if self.pid:
                os.killpg(self.pid, 0)
        except ProcessLookupError:
            return []
        except PermissionError:
            pass
        return [-self.pid] if self.pid else []


def _kill(pid: int, number: int = signal.SIGKILL) -> None:
    """One process, or the group of -pid."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


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


def serve(connection: socket.socket, linux: bool) -> None:
    """Answers requests until the harness is gone."""
    job, owned = Job(linux), set()
    for request, streams in _requests(connection, job):
        answer: dict[str, object] = {}
        if "run" in request:
            answer = job.start(request["run"], streams)
        elif "terminate" in request:
            job.terminate()
        elif "end" in request:
            answer = job.end()
        else:
            owned.add(request["own"])
        try:
            connection.sendall(json.dumps(answer).encode() + b"\n")
        except OSError:
            break
    if job.pid:
        owned.add(job.directory)
    job.end()
    deadline = time.monotonic() + GRACE
    for path in map(Path, owned):
        _remove(path)
        # Jobs of another thread's guardian may write there until they are gone.
        while path.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
            _remove(path)


def _requests(connection: socket.socket, job: Job) -> Iterator[tuple[dict[str, Any], list[int]]]:
    """Each with its descriptors; ends with the connection. A job that ends is taken in at once."""
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    data, streams = b"", []
    while True:
        ready, _, _ = select.select([connection, woken], [], [])
        if woken in ready:
            os.read(woken, PIECE)
            job.reap()
        if connection not in ready:
            continue
        piece, more, _, _ = socket.recv_fds(connection, PIECE, STREAMS)
        if not piece:
            return
        for stream in more:
            os.set_inheritable(stream, False)  # whatever else the job inherits
        data, streams = data + piece, streams + more
        if data.endswith(b"\n"):
            yield json.loads(data), streams
            data, streams = b"", []


def _remove(path: Path) -> None:
    """With the harness's own means, where this file lies in its package."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    try:
        from uhyve_conformance.trees import remove_tree

        remove_tree(path)
    except (ImportError, OSError):
        shutil.rmtree(path, ignore_errors=True)


def main(number: int, portable: bool) -> None:
    """Runs the guardian on an inherited socket."""
    linux = not portable and Path("/proc/self").is_dir() and prctl(PR_SET_CHILD_SUBREAPER, 1)
    # A signal to the harness's process group must not end this before the jobs are gone. Handled,
    # not ignored: a job would inherit that.
    for number_ in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number_, lambda *_: None)
    with socket.socket(fileno=number) as connection:
        connection.set_inheritable(False)
        serve(connection, linux)


if __name__ == "__main__":
    main(int(sys.argv[1]), "portable" in sys.argv)
