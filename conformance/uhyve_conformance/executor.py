# SPDX-License-Identifier: MIT OR Apache-2.0
"""The one interface to whatever runs a hypervisor: this machine, or an emulated one.

An executor is given jobs and gives back outcomes. A job is a command line and the
directory that it runs in, as data; an outcome is everything that can be observed
from outside. Neither knows what a guest is, so that judging stays a pure function
and every machine can run every job.

Inside a job all paths but that of the program are relative to the job's directory.
The program (argv[0]) is an absolute path on this host; an executor that runs
elsewhere brings it to the same path there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from .limits import RUN

# A file with more than this is collected by its size only.
COLLECT_LIMIT = 1 << 20
# This much of each output stream is kept; a job that prints OUTPUT_FLOOD is killed.
OUTPUT_LIMIT = 1 << 20
OUTPUT_FLOOD = 64 << 20
IMAGE = "guest.elf"  # the image's path in the directory of a job
INHERITED = 17  # the number of the descriptor that a job may start with


@dataclass(frozen=True)
class Node:
    """A file, directory or symbolic link, before or after a job.

    As something to create: a file has `content`, then is extended to `size` (sparsely)
    when that is larger; `mode` None means 0644 or 0755. As something collected: `size`
    and `mode` (permission bits) are always there, `content` is None when the file is
    larger than COLLECT_LIMIT.
    """

    kind: Literal["file", "dir", "symlink", "fifo", "other"] = "file"
    content: bytes | None = None
    size: int | None = None
    mode: int | None = None
    target: str | None = None  # of a symbolic link


@dataclass(frozen=True)
class Job:
    """One command in one fresh directory, whose content is `files` (parents are implied).

    Directories of `files` come in their order; a path is relative and has no `..`.
    """

    name: str  # unique among the jobs of a run; fit for a file name
    argv: tuple[str, ...]
    files: Mapping[str, Node] = field(default_factory=dict)
    stdin: bytes = b""
    hold_stdin: bool = False  # keeps standard input open after its bytes until the end
    full_stdout: bool = False  # standard output takes nothing: /dev/full
    enough: int = 0  # killed when it continues after so many bytes of output; 0: never
    terminate: bool = False  # when it is, by SIGTERM first, which it has GRACE to obey
    umask: int = 0o022
    descriptors: int = 0  # how many files it may have open; 0: what the machine has
    inherited: bool = False  # it starts with /dev/zero as INHERITED, open for both directions
    timeout: float = RUN  # seconds on this machine; a slow machine scales it by itself
    env: Mapping[str, str] = field(default_factory=dict)  # added to a minimal environment
    collect: tuple[str, ...] = ("",)  # paths whose trees come back; "": all of it
    ignore: tuple[str, ...] = ("guest.elf",)  # paths that never come back


# What a job has besides files, input, command and environment; by hand, an option each.
SETTINGS = (
    "hold_stdin", "full_stdout", "enough", "terminate", "descriptors", "inherited", "timeout",
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What a job did. Exactly one of status, signal, timed_out, flooded, enough and error
    says how it ended."""

    status: int | None = None  # it exited by itself
    signal: int | None = None  # a signal ended it
    timed_out: bool = False  # killed at its time limit
    flooded: bool = False  # killed because it printed more than OUTPUT_FLOOD
    enough: bool = False  # killed because it had printed enough and continued
    error: str | None = None  # it could not be started or the machine failed: no verdict
    stdout: bytes = b""  # the first OUTPUT_LIMIT bytes
    stderr: bytes = b""
    tree: Mapping[str, Node] = field(default_factory=dict)  # afterwards, by relative path
    seconds: float = 0.0

    @property
    def trouble(self) -> str:
        """Why its exit status cannot be asked for; empty when it ended by itself."""
        if self.error is not None:
            return self.error
        if self.signal is not None:
            return f"was ended by signal {self.signal}"
        if self.flooded:
            return f"printed more than {OUTPUT_FLOOD >> 20} MiB"
        return "did not end" if self.timed_out or self.enough else ""


class Executor(Protocol):
    """Runs jobs. May be used several times; close() ends what it started."""

    # True: starting is dear, so that it wants all jobs at once and runs them in parallel
    # by itself. False: one job at a time is fine, also on several threads.
    batch: bool

    def by_hand(self, job: Job) -> tuple[str, ...]:
        """Words in front of the job's command line that run it as this machine does, in the
        job's directory; none where a shell does."""

    def run(
        self,
        jobs: Sequence[Job],
        finished: Callable[[Job, Outcome], None] | None = None,
    ) -> list[Outcome]:
        """The outcomes in the order of the jobs; finished is called as each one ends.

        A job that hangs, crashes or cannot start costs only itself. SuiteError when
        the machine itself cannot do its work. An exception of finished ends the run: the
        executor stops what it started and lets it through.
        """

    def describe(self) -> dict[str, str]:
        """The machine for the report: executor, accelerator, kernel, cpu, and more."""

    def close(self) -> None:
        """Ends everything that run() left running."""
