# SPDX-License-Identifier: MIT OR Apache-2.0
"""The executor that runs jobs on this machine, one at a time, each in its own directory."""

from __future__ import annotations

import contextlib
import os
import platform
import select
import selectors
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from .executor import INHERITED, OUTPUT_FLOOD, OUTPUT_LIMIT, Job, Outcome
from .guarded import Guardian, GuardianError, close_guardian, guardian
from .host import cpu_model, name_of, open_full
from .limits import GOES_ON, GRACE, scaled
from .trees import TreeError, collect_tree, create_tree, remove_tree

# Environment variables that a job sees besides its own.
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent"}
# The job's own directory, in the one that has its name. The evidence is not in it, so that
# the job does not get at it.
WORK = "work"


class LocalExecutor:
    """Runs each job in `directory`/NAME/work, and leaves that behind as evidence. In a directory
    of guarded.scratch() the job's temporary files lie beside it."""

    batch = False

    def __init__(self, directory: Path, scratch: bool = False) -> None:
        self.directory, self._scratch = directory, scratch

    def run(
        self,
        jobs: Sequence[Job],
        finished: Callable[[Job, Outcome], None] | None = None,
    ) -> list[Outcome]:
        """The outcomes in the order of the jobs."""
        outcomes = []
        for job in jobs:
            place = self.directory / job.name
            outcomes.append(run_job(job, place / WORK, place / "tmp" if self._scratch else None))
            if finished:
                finished(job, outcomes[-1])
        return outcomes

    def by_hand(self, job: Job) -> tuple[str, ...]:
        """A shell does it."""
        return ()

    def describe(self) -> dict[str, str]:
        """This machine."""
        return {
            "executor": "local",
            "accelerator": "kvm" if Path("/dev/kvm").exists() else "none",
            "kernel": f"{platform.system()} {platform.release()}",
            "architecture": platform.machine(),
            "cpu": cpu_model(),
        }

    def close(self) -> None:
        """Nothing is left running."""
        close_guardian()


def run_job(job: Job, place: Path, temporary: Path | None = None) -> Outcome:
    """Runs one job in this directory, which is created afresh. What is at fault here and not in the
    job (no space, no permission) is the outcome's error. temporary is for private storage, which a
    killed hypervisor leaves; without it, the guardian has a place that it removes in any case."""
    try:
        keeper = guardian()
        remove_tree(place)
        place.mkdir(parents=True)
        create_tree(place, job.files)
        # This removes the private storage that a killed hypervisor leaves.
        temporary = temporary or keeper.temporary / "job"
        remove_tree(temporary)
        temporary.mkdir()
    except (OSError, ValueError) as problem:
        return Outcome(error=f"the files of the job could not be made: {problem}")
    try:
        return _run_in(job, place, keeper, temporary)
    except GuardianError as problem:
        return Outcome(error=str(problem))
    finally:
        with contextlib.suppress(OSError):  # tried again for the next job, and at the end
            remove_tree(temporary)


def _run_in(job: Job, place: Path, keeper: Guardian, temporary: Path) -> Outcome:
    limit = scaled(job.timeout)
    wish = {
        "argv": list(job.argv),
        "cwd": str(place),
        "env": {**ENVIRONMENT, "TMPDIR": str(temporary), **job.env},
        "umask": job.umask,
        "descriptors": job.descriptors,
        "inherited": INHERITED if job.inherited else 0,
    }
    begin = time.monotonic()
    with contextlib.ExitStack() as stack:
        theirs = contextlib.ExitStack()
        try:
            watched, streams = _Watch.prepared(job, stack, theirs)
            ended = keeper.start(wish, streams)
            stack.callback(os.close, ended)
        except OSError as problem:
            return Outcome(error=f"{job.argv[0]} could not be started: {problem}")
        finally:
            theirs.close()
        try:
            watched.until_end(ended, begin + limit)
            if watched.enough and job.terminate:
                keeper.terminate()
                watched.ends_within(GRACE)
        finally:
            code, left = keeper.end()
    seconds = time.monotonic() - begin
    if left:
        return Outcome(error=f"{_named(left)} could not be ended; it is another user's")
    try:
        tree = collect_tree(place, job.collect, job.ignore)
    except (TreeError, OSError) as problem:
        return Outcome(error=f"what the job left cannot be collected: {problem}")
    forced = watched.timed_out or watched.flooded or watched.enough
    return Outcome(
        status=code if code >= 0 and not forced else None,
        signal=-code if code < 0 and not forced else None,
        timed_out=watched.timed_out,
        flooded=watched.flooded,
        enough=watched.enough,
        stdout=bytes(watched.stdout),
        stderr=bytes(watched.stderr),
        tree=tree,
        seconds=seconds,
    )


def _named(pids: Sequence[int]) -> str:
    """Processes for a human."""
    return "what the job started: " + ", ".join(name_of(pid) for pid in pids[:4])


class _Watch:
    """Feeds a process, keeps what it prints, and notices when it ends or exceeds a limit."""

    def __init__(self, job: Job, stdin: IO[bytes], outputs: dict[IO[bytes], bytearray]) -> None:
        self.stdout, self.stderr = bytearray(), bytearray()
        self.timed_out = self.flooded = self.enough = False
        self._enough = job.enough
        self._printed = 0
        self._input, self._hold = memoryview(job.stdin), job.hold_stdin
        self._stdin, self._outputs = stdin, outputs
        self._selector = selectors.DefaultSelector()

    @classmethod
    def prepared(
        cls, job: Job, ours: contextlib.ExitStack, theirs: contextlib.ExitStack
    ) -> tuple[_Watch, list[int]]:
        """A watch, and the three streams for the process; each stack closes its ends."""

        def pipe(reads: bool) -> tuple[IO[bytes], int]:
            ends = os.pipe()
            mine, other = ends if reads else reversed(ends)
            theirs.callback(os.close, other)
            os.set_blocking(mine, False)
            return ours.enter_context(open(mine, "rb" if reads else "wb", 0)), other  # noqa: PTH123

        stdin, in_ = pipe(reads=False)
        stderr, err = pipe(reads=True)
        outputs: dict[IO[bytes], bytearray] = {}
        if job.full_stdout:
            out = open_full()
            theirs.callback(os.close, out)
        else:
            stdout, out = pipe(reads=True)
        watch = cls(job, stdin, outputs)
        if not job.full_stdout:
            outputs[stdout] = watch.stdout
        outputs[stderr] = watch.stderr
        ours.callback(watch._selector.close)
        return watch, [in_, out, err]

    def until_end(self, ended: int, deadline: float) -> None:
        """Returns when the process ended, which this descriptor tells, or sets timed_out,
        flooded or enough."""
        self._end = ended
        self._selector.register(self._end, selectors.EVENT_READ)
        for stream in self._outputs:
            self._selector.register(stream, selectors.EVENT_READ)
        if self._input:
            self._selector.register(self._stdin, selectors.EVENT_WRITE)
        elif not self._hold:
            self._stdin.close()
        ended = False
        while not (ended or self.flooded or self.timed_out or self.enough):
            left = deadline - time.monotonic()
            self.timed_out = left <= 0
            for key, _ in self._selector.select(max(left, 0.0)):
                if key.fileobj == self._end:
                    ended = True
                elif key.fileobj is self._stdin:
                    self._feed()
                else:
                    self._drain(key.fileobj)
            if self._enough and len(self.stdout) >= self._enough and not ended:
                self.enough = not self.ends_within(scaled(GOES_ON))
                ended = not self.enough
        # Its output is in the pipes even when a child of it keeps them open.
        for stream in list(self._outputs):
            while self._drain(stream) and not self.flooded:
                pass

    def ends_within(self, seconds: float) -> bool:
        """Waits until it ended, or is late."""
        return bool(select.select([self._end], [], [], seconds)[0])

    def _feed(self) -> None:
        try:
            self._input = self._input[os.write(self._stdin.fileno(), self._input[:65536]) :]
        except BrokenPipeError:
            self._input = self._input[:0]
        if not self._input:
            self._selector.unregister(self._stdin)
            if not self._hold:
                self._stdin.close()

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
