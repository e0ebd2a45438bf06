# SPDX-License-Identifier: MIT OR Apache-2.0
"""The executor that boots a Linux under QEMU, with a /dev/kvm of its own, for all jobs.

QEMU's own processor emulation (TCG) has the virtualization extensions of both
architectures, so this needs neither root nor /dev/kvm on the host. The jobs, their
files and the hypervisor are in the initramfs; `init.c` runs them and reports
through a second serial port. When the machine dies, it is started again for the
jobs that are left; a job in which it dies twice has no verdict.
"""

import contextlib
import errno
import os
import re
import resource
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..architectures import ARCHITECTURES, Board
from ..executor import (
    COLLECT_LIMIT,
    INHERITED,
    OUTPUT_FLOOD,
    OUTPUT_LIMIT,
    SETTINGS,
    Job,
    Node,
    Outcome,
)
from ..guarded import guardian
from ..limits import EMULATION_FACTOR, GOES_ON, GRACE, QEMU_END, SILENCE, scaled
from ..local import ENVIRONMENT
from .elf import bundle
from .errors import MachineError
from .initramfs import Initramfs
from .kernel import Kernel

_BOOT_TRIES = 2
_SECONDS_A_LINE = 10.0  # of progress, where no terminal is
# Options that init needs, and those that programs expect of any Linux.
_DIRECTORIES = (
    *("dev", "proc", "sys", "modules", "jobs"),
    *("bin", "etc", "home", "lib", "lib64", "mnt", "opt", "root", "run", "sbin", "srv"),
    *("usr", "usr/bin", "usr/lib", "var"),
)


class _Progress:
    """The progress of the jobs: a counter on a terminal, an occasional line elsewhere."""

    def __init__(self, jobs: int, arch: str):
        self._jobs = jobs
        self._terminal = sys.stderr.isatty()
        self._lines = time.monotonic()
        print(f"machine: {jobs} jobs for {arch} under QEMU", file=sys.stderr, flush=True)

    def done(self, jobs: int) -> None:
        text = f"machine: {jobs} of {self._jobs} jobs"
        if self._terminal:
            print(f"\r{text}", end="\n" if jobs == self._jobs else "", file=sys.stderr, flush=True)
        elif time.monotonic() - self._lines > _SECONDS_A_LINE:
            self._lines = time.monotonic()
            print(text, file=sys.stderr, flush=True)


class QemuExecutor:
    """Runs all jobs in one boot of `kernel`, with its files below `directory`.

    `bring` are files besides the jobs' programs that must be there, by the same path.
    """

    batch = True

    def __init__(
        self,
        kernel: Kernel,
        init: Path,
        directory: Path,
        bring: Sequence[Path] = (),
        cpu: str | None = None,
    ):
        self.kernel = kernel
        board = ARCHITECTURES[kernel.arch].board
        assert board
        self.board = board
        self.cpu = cpu or self.board.cpu
        self.directory = directory
        self._init = init
        self._bring = tuple(bring)
        self._boots = 0

    def run(
        self, jobs: Sequence[Job], finished: Callable[[Job, Outcome], None] | None = None
    ) -> list[Outcome]:
        outcomes: dict[int, Outcome] = {}
        progress = _Progress(len(jobs), self.kernel.arch)
        left = list(range(len(jobs)))
        fatal: set[int] = set()  # jobs in which the machine died once
        failed_boots = 0

        def report(number: int, outcome: Outcome) -> None:
            outcomes[number] = outcome
            progress.done(len(outcomes))
            if finished:
                finished(jobs[number], outcome)

        for number in left.copy():
            if fault := _fault(jobs[number]):
                left.remove(number)
                report(number, Outcome(error=fault))
        while left:
            boot = self._boot(jobs, left)
            # Closing: QEMU is gone also when finished() raises.
            with contextlib.closing(boot.outcomes()) as ended:
                for number, outcome in ended:
                    report(number, outcome)
            left = [number for number in left if number not in outcomes]
            if not boot.failure:
                continue
            if boot.current is None:
                failed_boots += 1
                if failed_boots == _BOOT_TRIES:
                    raise MachineError(boot.failure)
                print(f"machine: {boot.failure}\nmachine: starting it again", flush=True)
            elif boot.current in fatal:
                left.remove(boot.current)
                error = f"the machine died twice in it: {boot.failure}"
                report(boot.current, Outcome(error=error))
            else:
                fatal.add(boot.current)
                print(
                    f"machine: in job {jobs[boot.current].name}: {boot.failure}\n"
                    "machine: starting it again",
                    flush=True,
                )
        return [outcomes[number] for number in range(len(jobs))]

    def by_hand(self, job: Job) -> tuple[str, ...]:
        """__main__.py runs it."""
        words = [sys.executable, "-m", "uhyve_conformance.machine", "run"]
        for name in SETTINGS:
            if (value := getattr(job, name)) != getattr(Job, name):
                words.append(f"--{name.replace('_', '-')}={value + 0}")
        words += [f"--env={name}={value}" for name, value in job.env.items()]
        return (*words, self.kernel.arch, "--")

    def describe(self) -> dict[str, str]:
        return {
            "executor": "qemu",
            "accelerator": "kvm, nested in QEMU's emulation (tcg)",
            "kernel": f"Linux, {self.kernel.name}",
            "architecture": self.kernel.arch,
            "cpu": self.cpu,
            "qemu": qemu_version(self.board),
        }

    def close(self) -> None:
        """Nothing is left running."""

    # ---- One boot ---------------------------------------------------------------

    def _boot(self, jobs: Sequence[Job], numbers: Sequence[int]) -> "_Boot":
        self._boots += 1
        self.directory.mkdir(parents=True, exist_ok=True)
        if not shutil.which(self.board.program):
            raise MachineError(
                f"{self.board.program} is not on this machine; install {self.board.package}"
            )
        if not self._init.exists():
            raise MachineError(
                f"{self._init} is not built; run: make machine ARCH={self.kernel.arch}"
            )
        archive = self._archive(jobs, numbers)
        initramfs = self.directory / f"initramfs-{self._boots}"
        guardian().own(initramfs)
        try:
            with initramfs.open("wb") as file:
                file.writelines(archive.content())
        except OSError as problem:
            with contextlib.suppress(OSError):
                initramfs.unlink(missing_ok=True)
            if problem.errno in (errno.ENOSPC, errno.EDQUOT):
                raise MachineError(
                    f"no space left for the machine's files in {self.directory}"
                ) from None
            raise MachineError(f"{initramfs}: {problem.strerror}") from None
        memory = 640 + 3 * (archive.size >> 20)  # MiB
        command = [
            self.board.program,
            *self.board.arguments,
            "-cpu",
            self.cpu,
            "-m",
            str(memory),
            "-smp",
            "1",
            "-nodefaults",
            "-no-user-config",
            "-display",
            "none",
            "-monitor",
            "none",
            "-no-reboot",
            "-serial",
            "stdio",
            "-device",
            f"{self.board.port},chardev=port",
            "-kernel",
            str(self.kernel.image),
            "-initrd",
            str(initramfs),
            "-append",
            f"console={self.board.console} quiet loglevel=1 panic=-1"
            f" PORT={self.board.port_path} NOW={int(time.time())}",
        ]
        limits = {number: scaled(jobs[number].timeout) * EMULATION_FACTOR for number in numbers}
        return _Boot(command, limits, initramfs, self.directory / f"machine-{self._boots}.log")

    def _archive(self, jobs: Sequence[Job], numbers: Sequence[int]) -> Initramfs:
        archive = Initramfs(int(time.time()))
        for path in _DIRECTORIES:
            archive.directory(path)
        archive.directory("tmp", 0o1777)
        archive.file("init", self._init.read_bytes(), 0o755)
        for module in self.kernel.modules:
            archive.file(f"modules/{module.name}", module.read_bytes())
        programs = {Path(jobs[number].argv[0]) for number in numbers}
        brought: dict[str, Path] = {str(path.absolute()): path for path in self._bring}
        for program in sorted(programs):
            brought |= bundle(program, self.kernel.arch)
        for there, here in brought.items():
            archive.file(there, here.read_bytes(), 0o755)
        for number in numbers:
            _add_job(archive, number, jobs[number])
        return archive


def qemu_version(board: Board) -> str:
    try:
        text = subprocess.run([board.program, "--version"], capture_output=True, text=True).stdout
    except OSError:
        return "missing"
    match = re.search(r"version (.*)", text)
    return match[1] if match else "unknown"


def _fault(job: Job) -> str | None:
    """Why the files of a job cannot be made."""
    for name in job.files:
        if name.startswith("/") or ".." in name.split("/"):
            return (
                f"the files of the job could not be made: {name} leads out of the job's directory"
            )
    return None


def _add_job(archive: Initramfs, number: int, job: Job) -> None:
    place = f"jobs/{number}"
    # Files belong to whom the job runs as, which is who runs it on the host.
    owner = archive.owner
    archive.directory(place)
    archive.owner = (os.geteuid(), os.getegid())
    archive.directory(f"{place}/work")
    strings = [
        f"T{int(scaled(job.timeout) * EMULATION_FACTOR * 1000)}",
        f"U{job.umask:o}",
        f"I{os.geteuid()} {os.getegid()}",
        f"L{COLLECT_LIMIT}",
        f"O{OUTPUT_LIMIT}",
        f"F{OUTPUT_FLOOD}",
    ]
    # As on the host, so that exhausting them looks the same.
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    strings.append("R{} {}".format(*(limits if not job.descriptors else [job.descriptors] * 2)))
    strings += ["H"] if job.hold_stdin else []
    strings += ["X"] if job.full_stdout else []
    strings += [f"N{INHERITED}"] if job.inherited else []
    strings += [f"W{job.enough} {scaled(GOES_ON) * 1000:.0f}"] if job.enough else []
    strings += [f"E{GRACE * 1000:.0f}"] if job.terminate else []
    strings += [f"A{argument}" for argument in job.argv]
    strings += [f"V{key}={value}" for key, value in {**ENVIRONMENT, **job.env}.items()]
    strings += [f"C{path}" for path in job.collect] + [f"G{path}" for path in job.ignore]
    for name, node in job.files.items():
        path = f"{place}/work/{name}"
        if node.kind == "dir":
            archive.directory(path, 0o755 if node.mode is None else node.mode)
        elif node.kind == "symlink":
            archive.symlink(path, node.target or "")
        elif node.kind == "fifo":
            archive.fifo(path)
        else:
            content = node.content or b""
            archive.file(path, content, 0o644 if node.mode is None else node.mode)
            if node.size is not None and node.size > len(content):
                strings.append(f"Z{node.size} {name}")
    archive.owner = owner
    archive.file(f"{place}/stdin", job.stdin)
    archive.file(
        f"{place}/job", b"".join(text.encode(errors="surrogateescape") + b"\0" for text in strings)
    )


class _MachineDied(Exception):
    """Why a boot came to its end before its jobs did."""


@dataclass
class _Partial:
    """The part of a job's outcome that has arrived so far."""

    stdout: bytearray = field(default_factory=bytearray)
    stderr: bytearray = field(default_factory=bytearray)
    tree: dict[str, Node] = field(default_factory=dict)
    end: dict[str, object] | None = None

    def outcome(self) -> Outcome:
        end = self.end or {"error": "the machine did not say how it ended"}
        return Outcome(
            stdout=bytes(self.stdout),
            stderr=bytes(self.stderr),
            tree=dict(sorted(self.tree.items())),
            **end,
        )


class _Boot:
    """One life of the machine. `failure` says why it ended early, `current` in which job."""

    def __init__(self, command: list[str], limits: dict[int, float], initramfs: Path, log: Path):
        self.failure: str | None = None
        self.current: int | None = None
        self._command = command
        self._limits = limits
        self._initramfs = initramfs
        self._log = log
        self._slowness = 10.0  # until the machine says better

    def outcomes(self) -> Iterator[tuple[int, Outcome]]:
        """Each job's outcome as it comes. Whatever happens, QEMU is gone afterwards."""
        ours, theirs = socket.socketpair()
        process = None
        try:
            with ours, theirs, self._log.open("wb") as log:
                process = self._start(theirs.fileno(), log)
                theirs.close()
                yield from self._jobs(_Frames(ours, process, self._allowed_silence))
        except _MachineDied as death:
            self.failure = f"{death} (log: {self._log}){self._last_words()}"
        finally:
            if process:
                _kill_group(process)
            with contextlib.suppress(OSError):
                self._initramfs.unlink(missing_ok=True)

    def _start(self, port: int, log) -> subprocess.Popen:
        # setpriv: QEMU also ends when this process is killed without a chance to say so.
        guard = ["setpriv", "--pdeathsig", "KILL", "--"] if shutil.which("setpriv") else []
        command = guard + self._command + ["-chardev", f"socket,id=port,fd={port}"]
        log.write((" ".join(self._command) + "\n").encode())
        log.flush()
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(port,),
            start_new_session=True,
        )

    def _jobs(self, frames: "_Frames") -> Iterator[tuple[int, Outcome]]:
        partial = _Partial()
        missing = set(self._limits)
        for kind, number, payload in frames:
            if kind == "H":
                self._hello(payload.decode(errors="replace"))
            elif kind == "Z":
                if missing:
                    raise _MachineDied(f"it ended with {len(missing)} jobs not run")
                return
            elif number not in missing:
                raise _MachineDied(f"it speaks of a job {number} that it does not have")
            elif kind == "B":
                self.current, partial = number, _Partial()
            elif kind == "D":
                missing.remove(number)
                self.current = None
                yield number, partial.outcome()
            else:
                _note(partial, kind, payload)

    def _hello(self, text: str) -> None:
        with self._log.open("a") as log:
            log.write(text)
        if match := re.search(r"^slowness: ([\d.]+)$", text, re.MULTILINE):
            self._slowness = float(match[1])
        if (match := re.search(r"^kvm: (.*)$", text, re.MULTILINE)) and match[1] != "yes":
            raise MachineError(
                f"the machine's kernel has no /dev/kvm: {match[1]}; where KVM is a module, "
                f"name its directory by UHYVE_KERNEL_MODULES (log: {self._log})"
            )

    def _allowed_silence(self) -> float:
        if self.current is None:
            return SILENCE
        return SILENCE + self._limits[self.current] * self._slowness

    def _last_words(self) -> str:
        """The end of the log, which is the console; without QEMU's warnings of every start."""
        try:
            lines = self._log.read_text(errors="replace").splitlines()[1:]
        except OSError:
            return ""
        lines = [
            line
            for line in lines
            if line.strip() and "TCG doesn't support requested feature" not in line
        ]
        return "".join(f"\n    {line}" for line in lines[-8:])


def _note(partial: _Partial, kind: str, payload: bytes) -> None:
    if kind == "O":
        partial.stdout += payload
    elif kind == "E":
        partial.stderr += payload
    elif kind == "S":
        if partial.end is None:  # the first one knows best
            partial.end = _end(payload.decode(errors="replace"))
    elif kind == "N":
        name, node = _node(payload)
        partial.tree[name] = node
    else:
        raise _MachineDied(f"it sent a frame of unknown kind {kind}")


def _end(text: str) -> dict[str, object]:
    how, _, seconds = text.rpartition("\n")
    word, _, detail = how.partition(" ")
    end: dict[str, object] = {"seconds": float(seconds)}
    if word == "exit":
        end["status"] = int(detail)
    elif word == "signal":
        end["signal"] = int(detail)
    elif word == "timeout":
        end["timed_out"] = True
    elif word == "flood":
        end["flooded"] = True
    elif word == "enough":
        end["enough"] = True
    else:
        end["error"] = f"it could not be started: {detail}"
    return end


def _node(payload: bytes) -> tuple[str, Node]:
    head, name, content = payload.split(b"\0", 2)
    kind, mode, size, complete = head.decode().split()
    node_kind = {"file": "file", "dir": "dir", "symlink": "symlink"}.get(kind, "other")
    return os.fsdecode(name), Node(
        kind=node_kind,
        content=content.ljust(int(size), b"\0") if kind == "file" and complete == "1" else None,
        size=int(size),
        mode=int(mode, 8),
        target=os.fsdecode(content) if kind == "symlink" else None,
    )


class _Frames:
    """Iterates over the frames from the port; _MachineDied when it falls silent or ends."""

    def __init__(
        self, port: socket.socket, process: subprocess.Popen, allowed: Callable[[], float]
    ):
        self._port = port
        self._process = process
        self._allowed = allowed
        self._bytes = bytearray()

    def __iter__(self) -> Iterator[tuple[str, int, bytes]]:
        while True:
            while b"\n" not in self._bytes:
                self._receive()
            head, _, rest = bytes(self._bytes[:64]).partition(b"\n")
            match = re.fullmatch(rb"([A-Z]) (\d+) (\d+)", head)
            if not match:
                raise _MachineDied(f"its report is not understood: {head!r}")
            begin, size = len(head) + 1, int(match[3])
            while len(self._bytes) < begin + size:
                self._receive()
            payload = bytes(self._bytes[begin : begin + size])
            del self._bytes[: begin + size]
            yield match[1].decode(), int(match[2]), payload

    def _receive(self) -> None:
        limit = self._allowed()
        with selectors.DefaultSelector() as selector:
            selector.register(self._port, selectors.EVENT_READ)
            if not selector.select(limit):
                raise _MachineDied(f"it was silent for {limit:.0f} s")
        data = self._port.recv(1 << 16)
        if not data:
            raise _MachineDied(_how_it_ended(self._process))
        self._bytes += data


def _how_it_ended(process: subprocess.Popen) -> str:
    try:
        status = process.wait(QEMU_END)
    except subprocess.TimeoutExpired:
        return "QEMU closed the port"
    if status < 0:
        return f"QEMU was ended by signal {-status} ({signal.Signals(-status).name})"
    return f"QEMU ended with status {status}" if status else "the machine ended by itself"


def _kill_group(process: subprocess.Popen) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
