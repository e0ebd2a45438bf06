# SPDX-License-Identifier: MIT OR Apache-2.0
"""The harness's end of guardian.py: one guardian for each thread that runs jobs."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from . import guardian as program
from .host import PORTABLE
from .limits import GRACE
from .trees import remove_tree


class GuardianError(OSError):
    """A job could not be handed over, or no one watches over it any more."""


class Guardian:
    """Starts one job at a time and ends everything that it left. When this process ends, in
    whatever way, it ends the job and removes the temporary files."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self.gone = False  # someone killed it
        self.owned: list[Path] = []
        self._job = 0  # the session of the job that runs
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", program.__file__, str(theirs.fileno())]
                + ["portable"] * PORTABLE,
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        _all.add(self)
        self.temporary = self.directory("uhyve-jobs-")

    def start(self, wish: dict[str, Any], streams: Sequence[int]) -> int:
        """Starts a job with these three standard streams; a descriptor, for the caller to close,
        that is at its end when the job's process is. OSError."""
        ended, over = os.pipe()
        try:
            answer = self._ask({"run": wish}, [*streams, over])
            if "error" in answer:
                raise GuardianError(answer["error"])
        except OSError:
            os.close(ended)
            raise
        finally:
            os.close(over)
        self._job = answer["pid"]
        return ended

    def terminate(self) -> None:
        """Asks the job to end."""
        self._ask({"terminate": True})

    def end(self) -> tuple[int, list[int]]:
        """Kills what is left of the job; how its process ended, and what could not be killed."""
        answer = self._ask({"end": True})
        self._job = 0
        return answer["status"], answer["left"]

    def own(self, path: Path) -> None:
        """Removes it when this process is gone."""
        self._ask({"own": str(path.absolute())})
        self.owned.append(path)

    def directory(self, prefix: str, place: str | None = None) -> Path:
        """A new directory, which is removed when this process is gone. It is the guardian's before
        it exists: this process may end between any two lines."""
        path = Path(place or tempfile.gettempdir()).absolute() / (prefix + secrets.token_hex(8))
        self.own(path)
        path.mkdir(mode=0o700)
        return path

    def abandon(self) -> None:
        """Ends its job and itself; any thread may ask for it."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Ends it."""
        self._socket.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(GRACE)

    def _ask(self, request: dict[str, Any], streams: Sequence[int] = ()) -> dict[str, Any]:
        try:
            return self._asked(request, streams)
        except OSError as problem:
            self.gone = True
            if self._job:
                with contextlib.suppress(OSError):
                    os.killpg(self._job, signal.SIGKILL)
            raise GuardianError("the process that watches over jobs is gone") from problem

    def _asked(self, request: dict[str, Any], streams: Sequence[int]) -> dict[str, Any]:
        data = json.dumps(request).encode() + b"\n"
        sent = socket.send_fds(self._socket, [data], list(streams))
        self._socket.sendall(data[sent:])
        answer = b""
        while not answer.endswith(b"\n"):
            piece = self._socket.recv(program.PIECE)
            if not piece:
                raise ConnectionResetError
            answer += piece
        return json.loads(answer)

    def __del__(self) -> None:
        # In a forked process it is another's.
        if self.owner == os.getpid():
            self.close()


_mine = threading.local()
_all: weakref.WeakSet[Guardian] = weakref.WeakSet()


def guardian() -> Guardian:
    """This thread's; another one when a job killed it."""
    found = getattr(_mine, "guardian", None)
    if found is None or found.owner != os.getpid():
        found = _mine.guardian = Guardian()
    elif found.gone:
        found, lost = Guardian(), found
        for path in lost.owned:
            found.own(path)
        _mine.guardian = found
    return found


def close_guardian() -> None:
    """Ends this thread's guardian; the next job starts another one."""
    if (found := getattr(_mine, "guardian", None)) and found.owner == os.getpid():
        del _mine.guardian
        found.close()


def abandon_jobs() -> None:
    """Ends the jobs of all threads, and their guardians, at once: the session is over."""
    for found in list(_all):
        if found.owner == os.getpid():
            found.abandon()


@contextlib.contextmanager
def scratch(prefix: str, place: str | None = None) -> Iterator[Path]:
    """A directory that is gone afterwards, whatever was left in it, and in whatever way this
    process ends."""
    path = guardian().directory(prefix, place)
    try:
        yield path
    finally:
        with contextlib.suppress(OSError):  # the guardian tries again at the end
            remove_tree(path)


def ends_by_sigterm() -> None:
    """From now on SIGTERM ends this process as Ctrl-C does: with what it started."""

    def interrupted(number: int, _: object) -> None:
        signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupted)
