# SPDX-License-Identifier: MIT OR Apache-2.0
"""One run of one guest: the job that it is, and what is kept of it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .adapter import Adapter, UnsuitableError
from .evidence import leave_evidence
from .executor import IMAGE, Job, Node, Outcome
from .image import ImageError, prepare, response
from .judge import Check, judge
from .limits import LATEST_START
from .manifest import Guest, Run
from .paths import shown
from .verdicts import RED, Verdict, worst

# So much of a stream goes into the results; all that was kept is beside the run's files.
EVIDENCE_LIMIT = 16 << 10


@dataclass(frozen=True)
class Entry:
    """A run and the guest that it belongs to; with `--repeat`, one of its rounds."""

    guest: Guest
    run: Run
    round: int = 0

    @property
    def key(self) -> str:
        """Its name among all runs of a session."""
        return f"{self.run.name}#{self.round}" if self.round else self.run.name

    @property
    def slug(self) -> str:
        """The same as a file name."""
        return f"{self.run.slug}~{self.round}" if self.round else self.run.slug


@dataclass
class RunResult:
    """All that is known about a finished run, as plain data fit for JSON."""

    name: str
    guest: str
    variant: str | None
    summary: str
    requirements: list[str]
    checks: list[Check]
    end: str  # how the hypervisor ended, or why it did not begin
    ran: bool = False
    seconds: float = 0.0
    status: int | None = None
    challenge: str = ""
    command: list[str] = field(default_factory=list)
    directory: str = ""
    round: int = 0
    console: str = ""
    stderr: str = ""

    @property
    def key(self) -> str:
        """As its entry's."""
        return f"{self.name}#{self.round}" if self.round else self.name

    @property
    def verdict(self) -> Verdict:
        """The worst of its checks."""
        return worst(check.verdict for check in self.checks)

    @property
    def red(self) -> list[Check]:
        """Those of its checks that are faults or errors."""
        return [check for check in self.checks if check.verdict in RED]

    def to_json(self) -> dict[str, Any]:
        """The same as JSON's types."""
        checks = [dict(vars(check)) for check in self.checks]
        return vars(self) | {"checks": checks, "verdict": str(self.verdict)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> RunResult:
        """Back again."""
        values = {key: value for key, value in data.items() if key != "verdict"}
        values["checks"] = [
            Check(**{**check, "verdict": Verdict(check["verdict"])}) for check in data["checks"]
        ]
        return cls(**values)


def not_run(run: Run, verdict: Verdict, reason: str, number: int = 0) -> RunResult:
    """The result of a run that did not take place."""
    checks = [Check(id_, verdict, "", "suite", reason=reason) for id_ in run.requirements]
    return _result(run, checks, reason, number)


def _result(run: Run, checks: list[Check], end: str, number: int, **values: Any) -> RunResult:
    """What every result of this run has, and further fields by name."""
    return RunResult(
        name=run.name,
        guest=run.guest,
        variant=run.variant,
        summary=run.summary,
        requirements=list(run.requirements),
        checks=checks,
        end=end,
        round=number,
        **values,
    )


class Attempt:
    """A run on its way: first a job, then a result."""

    def __init__(
        self,
        entry: Entry,
        adapter: Adapter,
        challenge: int | None = None,
        slack: int = LATEST_START,
    ) -> None:
        """UnsuitableError or ImageError when there can be no such job. It begins within
        `slack` seconds."""
        run = entry.run
        self.entry, self.adapter = entry, adapter
        self.challenge = secrets.randbits(64) if challenge is None else challenge
        elf = entry.guest.path.read_bytes()
        # The image names the version that this run needs; an edit may say otherwise.
        named = () if run.interface == entry.guest.interface else (f"interface={run.interface}",)
        edits = named + run.image
        clock = time.time_ns(), slack
        image = prepare(elf, entry.guest.patch_offset, self.challenge, run.index, edits, clock)
        directories = {host: Node("dir") for host in run.mappings.values()}
        if run.tmpdir:
            directories[run.tmpdir] = Node("dir")
        for path in (*run.files, *run.missing, IMAGE):
            directories.pop(path, None)
        files = {"data": Node("dir")} | directories | dict(run.files)
        self.job = Job(
            name=entry.slug,
            argv=adapter.argv(run),
            files={IMAGE: Node(content=image)} | files,
            stdin=run.stdin,
            hold_stdin=run.hold_stdin,
            full_stdout=run.console_full,
            enough=len(run.stdout.due(response(self.challenge)))
            if run.stdout and run.stdout.early
            else 0,
            terminate=bool(run.stdout and run.stdout.terminate),
            umask=run.umask,
            descriptors=run.descriptors,
            inherited=run.inherited,
            timeout=run.timeout,
            env=dict(adapter.environment) | ({"TMPDIR": run.tmpdir} if run.tmpdir else {}),
            collect=tuple(sorted({path.split("/")[0] for path in files})),
        )

    def result(self, outcome: Outcome, directory: Path, by_hand: tuple[str, ...] = ()) -> RunResult:
        """Judges the outcome; leaves what repeats the run in its directory."""
        run, place = self.entry.run, directory / self.job.name
        try:
            title = f"{run.name} on {self.adapter.name}: {run.summary}"
            leave_evidence(place, title, self.job, outcome, by_hand)
        except OSError as problem:
            reason = outcome.error or f"the evidence cannot be written: {problem}"
            return not_run(run, Verdict.ERROR, reason, self.entry.round)
        crash, command = self.adapter.crash, self.job.argv
        return judged(self.entry, outcome, self.challenge, crash, command, shown(place))


def judged(
    entry: Entry,
    outcome: Outcome,
    challenge: int,
    crash: Collection[int],
    command: Sequence[str],
    directory: str,
) -> RunResult:
    """The result that an outcome gives; the outcome may be another's, or of long ago."""
    run = entry.run
    end, checks = judge(run, outcome, challenge, crash)
    return _result(
        run,
        checks,
        end.text,
        entry.round,
        ran=True,
        seconds=round(outcome.seconds, 3),
        status=outcome.status,
        challenge=f"{challenge:#x}",
        command=list(command),
        directory=directory,
        console=_text(outcome.stdout),
        stderr=_text(outcome.stderr),
    )


def attempt(entry: Entry, adapter: Adapter, slack: int = LATEST_START) -> Attempt | RunResult:
    """The job of a run, or the result when there can be none."""
    try:
        return Attempt(entry, adapter, slack=slack)
    except (UnsuitableError, ImageError, OSError) as problem:
        return not_run(entry.run, Verdict.ERROR, str(problem), entry.round)


def _text(data: bytes) -> str:
    """Its beginning, and its end: last words stand there."""
    left = len(data) - EVIDENCE_LIMIT
    if left <= 0:
        return data.decode("utf-8", "backslashreplace")
    first, last = data[: EVIDENCE_LIMIT // 2], data[-EVIDENCE_LIMIT // 2 :]
    parts = [part.decode("utf-8", "backslashreplace") for part in (first, last)]
    return f"\n… {left} more bytes …\n".join(parts)
