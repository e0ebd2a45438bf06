# SPDX-License-Identifier: MIT OR Apache-2.0
"""The executor that runs jobs on this machine, one at a time, each in its own directory."""

from __future__ import annotations

import contextlib
import os
import platform
import resource
import select
import selectors
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from .executor import COLLECT_LIMIT, GRACE, OUTPUT_FLOOD, OUTPUT_LIMIT, Job, Node, Outcome

# What a job sees of the environment, besides its own variables.
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent"}
# How long a job with enough output has to go on, in seconds: what comes out of a process
# that is about to end anyway is another thing.
GOES_ON = 0.1


class LocalExecutor:
    """Runs each job in `directory`/NAME, and leaves that behind as evidence."""

    batch = False
    by_hand = ()

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def run(
        self,
        jobs: Sequence[Job],
        finished: Callable[[Job, Outcome], None] | None = None,
    ) -> list[Outcome]:
        """The outcomes in the order of the jobs."""
        outcomes = []
        for job in jobs:
            outcomes.append(self._run(job))
            if finished:
                finished(job, outcomes[-1])
        return outcomes

    def _run(self, job: Job) -> Outcome:
        # What a killed hypervisor leaves behind of its private storage goes away with this.
        with tempfile.TemporaryDirectory(
            prefix="uhyve-job-", ignore_cleanup_errors=True
        ) as temporary:
            return self._run_with(job, temporary)

    def _run_with(self, job: Job, temporary: str) -> Outcome:
        place = self.directory / job.name
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        try:
            create_tree(place, job.files)
        except (OSError, ValueError) as problem:
            return Outcome(error=f"the files of the job could not be made: {problem}")
        begin = time.monotonic()
        try:
            with _stdout_of(job) as stdout:
                process = subprocess.Popen(
                    job.argv,
                    stdin=subprocess.PIPE,
                    stdout=stdout,
                    stderr=subprocess.PIPE,
                    cwd=place,
                    env={**ENVIRONMENT, "TMPDIR": temporary, **job.env},
                    umask=job.umask,
                    preexec_fn=_limited(job.descriptors),
                    start_new_session=True,
                )
        except OSError as problem:
            return Outcome(error=f"{job.argv[0]} could not be started: {problem.strerror}")
        watched = _Watch(process, job)
        try:
            watched.until_end(begin + job.timeout)
            if watched.enough and job.terminate:
                watched.terminate()
        finally:
            watched.kill_group()
        code = process.wait(GRACE)
        forced = watched.timed_out or watched.flooded or watched.enough
        return Outcome(
            status=code if code >= 0 and not forced else None,
            signal=-code if code < 0 and not forced else None,
            timed_out=watched.timed_out,
            flooded=watched.flooded,
            enough=watched.enough,
            stdout=bytes(watched.stdout),
            stderr=bytes(watched.stderr),
            tree=collect_tree(place, job.collect, job.ignore),
            seconds=time.monotonic() - begin,
        )

    def describe(self) -> dict[str, str]:
        """This machine."""
        return {
            "executor": "local",
            "accelerator": "kvm" if Path("/dev/kvm").exists() else "none",
            "kernel": f"{platform.system()} {platform.release()}",
            "architecture": platform.machine(),
            "cpu": _cpu_model(),
        }

    def close(self) -> None:
        """Nothing is left running."""


class _Watch:
    """Feeds a process, keeps what it prints, and notices when it ends or exceeds a limit."""

    def __init__(self, process: subprocess.Popen[bytes], job: Job) -> None:
        self.process = process
        self.stdout, self.stderr = bytearray(), bytearray()
        self.timed_out = self.flooded = self.enough = False
        self._enough = job.enough
        self._printed = 0
        self._input, self._hold = memoryview(job.stdin), job.hold_stdin
        self._outputs = {process.stderr: self.stderr}
        if process.stdout:
            self._outputs[process.stdout] = self.stdout
        self._selector = selectors.DefaultSelector()
        self._end = os.pidfd_open(process.pid)
        self._selector.register(self._end, selectors.EVENT_READ)
        for stream in self._outputs:
            self._selector.register(_nonblocking(stream), selectors.EVENT_READ)
        if self._input:
            self._selector.register(_nonblocking(process.stdin), selectors.EVENT_WRITE)
        elif not self._hold:
            process.stdin.close()

    def until_end(self, deadline: float) -> None:
        """Returns when the process ended, or sets timed_out, flooded or enough."""
        ended = False
        while not (ended or self.flooded or self.timed_out or self.enough):
            left = deadline - time.monotonic()
            self.timed_out = left <= 0
            for key, _ in self._selector.select(max(left, 0.0)):
                if key.fileobj == self._end:
                    ended = True
                elif key.fileobj is self.process.stdin:
                    self._feed()
                else:
                    self._drain(key.fileobj)
            if self._enough and len(self.stdout) >= self._enough and not ended:
                self.enough = not self._ends_within(GOES_ON)
                ended = not self.enough
        # What it printed is in the pipes even when a child of it keeps them open.
        for stream in list(self._outputs):
            while self._drain(stream) and not self.flooded:
                pass

    def _ends_within(self, seconds: float) -> bool:
        return bool(select.select([self._end], [], [], seconds)[0])

    def terminate(self) -> None:
        """Asks the process to end, and waits until it did or is late."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(self.process.pid, signal.SIGTERM)
        self._ends_within(GRACE)

    def kill_group(self) -> None:
        """Ends the process and whatever it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self._selector.close()
        os.close(self._end)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            with contextlib.suppress(BrokenPipeError):
                if stream:
                    stream.close()

    def _feed(self) -> None:
        try:
            self._input = self._input[os.write(self.process.stdin.fileno(), self._input[:65536]) :]
        except BrokenPipeError:
            self._input = self._input[:0]
        if not self._input:
            self._selector.unregister(self.process.stdin)
            if not self._hold:
                self.process.stdin.close()

    def _drain(self, stream: IO[bytes]) -> bool:
        """Reads once; False when there is nothing (now, or ever again)."""
        try:
            data = os.read(stream.fileno(), 65536)
        except BlockingIOError:
            return False
        if not data:
            self._selector.unregister(stream)
            del self._outputs[stream]
            return False
        kept = self._outputs[stream]
        kept += data[: OUTPUT_LIMIT - len(kept)]
        self._printed += len(data)
        self.flooded = self._printed > OUTPUT_FLOOD
        return True


def _stdout_of(job: Job) -> contextlib.AbstractContextManager[IO[bytes] | int]:
    if job.full_stdout:
        return Path("/dev/full").open("r+b", buffering=0)
    return contextlib.nullcontext(subprocess.PIPE)


def _limited(descriptors: int) -> Callable[[], None] | None:
    """What limits a child to so many open files."""
    if not descriptors:
        return None
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))


def _nonblocking(stream: IO[bytes]) -> IO[bytes]:
    os.set_blocking(stream.fileno(), False)
    return stream


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text(errors="replace").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def create_tree(place: Path, files: Mapping[str, Node]) -> None:
    """Makes the files of a job; ValueError for a path that leads out of its directory."""
    for name, node in files.items():
        if name.startswith("/") or ".." in name.split("/"):
            raise ValueError(f"{name} leads out of the job's directory")
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if node.kind == "dir":
            path.mkdir(exist_ok=True)
            path.chmod(0o755 if node.mode is None else node.mode)
        elif node.kind == "symlink":
            path.symlink_to(node.target or "")
        else:
            with path.open("wb") as file:
                file.write(node.content or b"")
                if node.size is not None and node.size > len(node.content or b""):
                    file.truncate(node.size)
            path.chmod(0o644 if node.mode is None else node.mode)


def collect_tree(place: Path, roots: Sequence[str], ignore: Sequence[str]) -> dict[str, Node]:
    """What is below these paths, links not followed; a path that is not there is left out."""
    found: dict[str, Node] = {}
    pending = [place / root for root in roots]
    while pending:
        path = pending.pop()
        name = path.relative_to(place).as_posix()
        try:
            info = path.lstat()
        except OSError:
            continue
        if name in ignore:
            continue
        if stat.S_ISDIR(info.st_mode):
            pending += path.iterdir()
        if path != place:
            found[name] = _collected(path, info)
    return dict(sorted(found.items()))


def _collected(path: Path, info: os.stat_result) -> Node:
    mode = stat.S_IMODE(info.st_mode)
    if stat.S_ISDIR(info.st_mode):
        return Node("dir", size=info.st_size, mode=mode)
    if stat.S_ISLNK(info.st_mode):
        return Node("symlink", size=info.st_size, mode=mode, target=str(path.readlink()))
    if not stat.S_ISREG(info.st_mode):
        return Node("other", size=info.st_size, mode=mode)
    content = path.read_bytes() if info.st_size <= COLLECT_LIMIT else None
    return Node("file", content=content, size=info.st_size, mode=mode)
