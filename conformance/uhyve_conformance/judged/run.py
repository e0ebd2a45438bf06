# SPDX-License-Identifier: MIT OR Apache-2.0
"""Runs of a guest on the judging VMM, each in a scratch directory of its own."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import resource
import shutil
import signal
import stat
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from ..errors import SuiteError
from ..guarded import scratch
from ..paths import BUILD, shown

VMM = BUILD / "uhyve-ref"
FREEDOMS = BUILD / "uhyve-ref-freedoms"
LIST_FREEDOMS = "--list-freedoms"
TAKEN = "UHYVE_FREEDOMS_TAKEN"  # names a file for the freedoms that made a difference
OUTPUT = 64 << 20  # bytes of console that are kept
GRACE = 5.0  # seconds between the request to end and the end


@dataclass(frozen=True)
class Settings:
    """The settings for running the guest."""

    image: Path
    arguments: tuple[str, ...] = ()  # as uhyve-ref takes them after the image and "--"
    cpus: int = 1
    memory: str = "64MiB"
    mappings: tuple[tuple[Path, str], ...] = ()  # host, guest; each run has a copy
    variables: tuple[str, ...] = ()  # NAME=VALUE
    stdin: bytes = b""
    hold_stdin: bool = False
    time_limit: float = 10.0


@dataclass(frozen=True)
class Observation:
    """The outcome of a run."""

    ended: str  # "exit", "signal" (the time limit), "asleep", "fault" or "crash"; "refused"
    status: int
    console: str
    messages: str
    files: Mapping[str, str] = field(default_factory=dict)  # path -> digest, of all mappings
    report: Mapping[str, Any] | None = None  # of --judge=json
    taken: frozenset[str] = frozenset()  # freedoms that made a difference to the VMM


@dataclass(frozen=True)
class Request:
    """A run that is wanted: plain, or under these freedoms."""

    settings: Settings
    freedoms: tuple[str, ...] = ()


class Runner(Protocol):
    """Runs guests, on this machine or in an emulated one."""

    def run(self, requests: Sequence[Request]) -> list[Observation]:
        """The outcome of each, in their order."""

    def freedoms(self) -> list[tuple[str, str, str]]:
        """Name, how it goes with others, and what it is."""


class Here:
    """This machine's KVM; vmm: another build of the judging VMM."""

    def __init__(self, vmm: Path | None = None) -> None:
        self._vmm = vmm or VMM

    def run(self, requests: Sequence[Request]) -> list[Observation]:
        return [self._run(request) for request in requests]

    def _run(self, request: Request) -> Observation:
        program = FREEDOMS if request.freedoms else self._vmm
        if not program.exists():
            raise SuiteError(
                f"{shown(program)} is missing; `make {program.name}-build` builds it"
                if program is FREEDOMS
                else f"{shown(program)} is missing; `make vmm` builds it"
            )
        with scratch("uhyve-guest-") as place:
            return _run_in(place, program, request)

    def freedoms(self) -> list[tuple[str, str, str]]:
        if not FREEDOMS.exists():
            raise SuiteError(f"{shown(FREEDOMS)} is missing; `make guest` builds it")
        done = subprocess.run(
            [str(FREEDOMS), LIST_FREEDOMS], capture_output=True, text=True, check=True
        )
        return freedoms_of(done.stdout)


def freedoms_of(listed: str) -> list[tuple[str, str, str]]:
    """The rows of --list-freedoms."""
    rows = [line.split("\t") for line in listed.splitlines()]
    return [(name, goes, what) for name, goes, what in rows]


def options_of(settings: Settings, freedoms: tuple[str, ...], report: Path) -> list[str]:
    """The VMM's options that are the same wherever it runs."""
    return [
        *([f"--freedoms={','.join(freedoms)}"] if freedoms else []),
        f"--judge=json:{report}",
        f"--cpu-count={settings.cpus}",
        f"--memory-size={settings.memory}",
        *(f"--env-vars={variable}" for variable in settings.variables),
    ]


def _run_in(place: Path, program: Path, request: Request) -> Observation:
    settings, report = request.settings, place / "judge.json"
    command = [str(program), *options_of(settings, request.freedoms, report), f"--tempdir={place}"]
    copies = []
    for i, (host, guest) in enumerate(settings.mappings):
        copy = place / f"mapped-{i}" / host.name
        copy.parent.mkdir()
        _copy(host, copy)
        copies.append((copy, guest))
        command.append(f"--file-mapping={copy}:{guest}")
    command += [str(settings.image), "--", *settings.arguments]
    ended = _wait(place, command, settings)
    return observed(
        _text(report),
        ended,
        (place / "console").read_bytes(),
        (place / "messages").read_bytes(),
        {k: v for copy, guest in copies for k, v in _digests(copy, guest).items()},
        _text(place / "taken"),
    )


def observed(
    report: str, status: int, console: bytes, messages: bytes, files: dict[str, str], taken: str
) -> Observation:
    """What a run left behind; an empty report: it did not get that far."""
    tree = _report(report)
    return Observation(
        ended=tree["ended"] if tree else "refused",
        status=status,
        console=console.decode("utf-8", "backslashreplace"),
        messages=messages.decode("utf-8", "backslashreplace"),
        files=files,
        report=tree,
        taken=frozenset(line[:-2] for line in taken.splitlines() if line.endswith(" 1")),
    )


def _copy(host: Path, copy: Path) -> None:
    try:
        if host.is_dir():
            shutil.copytree(host, copy, symlinks=True)
        else:
            shutil.copy2(host, copy)
    except (OSError, shutil.Error) as problem:
        raise SuiteError(f"{host} cannot be copied for a run: {problem}") from None


def _wait(place: Path, command: list[str], settings: Settings) -> int:
    """Starts the VMM and waits; at the time limit it is asked to end, then made to."""
    environment = {**os.environ, TAKEN: str(place / "taken")}
    with (place / "console").open("wb") as console, (place / "messages").open("wb") as messages:
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=console,
                stderr=messages,
                env=environment,
                start_new_session=True,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT, OUTPUT)),
            )
        except OSError as problem:
            raise SuiteError(f"{command[0]} cannot be started: {problem.strerror}") from None
        try:
            _feed(process, settings)
            return process.wait(settings.time_limit)
        except subprocess.TimeoutExpired:
            process.terminate()
            try:
                return process.wait(GRACE)
            except subprocess.TimeoutExpired:
                return -signal.SIGKILL
        finally:
            process.kill()
            process.wait()
            if process.stdin:
                process.stdin.close()


def _feed(process: subprocess.Popen[bytes], settings: Settings) -> None:
    """Standard input fits into a pipe, or is left to the guest as far as it does."""
    assert process.stdin
    os.set_blocking(process.stdin.fileno(), False)
    with contextlib.suppress(BlockingIOError, BrokenPipeError):
        os.write(process.stdin.fileno(), settings.stdin)
    if not settings.hold_stdin:
        process.stdin.close()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _report(text: str) -> Mapping[str, Any] | None:
    try:
        report = json.loads(text)
    except ValueError:
        return None
    return report if report.get("format") == 1 else None


def _digests(root: Path, guest: str) -> dict[str, str]:
    """A digest for each file below a mapping; links are named, not followed."""
    found: dict[str, str] = {}
    pending = [(root, guest)]
    while pending:
        path, name = pending.pop()
        try:
            mode = path.lstat().st_mode
            if stat.S_ISDIR(mode):
                found[name] = "directory"
                pending += [(child, f"{name.rstrip('/')}/{child.name}") for child in path.iterdir()]
            elif stat.S_ISREG(mode):
                with path.open("rb") as file:
                    found[name] = hashlib.file_digest(file, "sha256").hexdigest()
            else:
                found[name] = str(path.readlink()) if stat.S_ISLNK(mode) else "special"
        except OSError as problem:
            found[name] = problem.strerror or "unreadable"
    return found
