#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Lets the host's system calls fail one after another while a guest runs.

usage: faults.py [--hypervisor NAME|FILE] [--most N] [--jobs N] [--planted PROGRAM]

A first run under strace finds the call sites: each system call from the opening of the
image on, by its name and its number of occurrences. Then each of them fails once, with
every error that makes sense for it (strace -e inject). Short counts come from a limit on
the size of files. Whatever fails, the guest (guest.c) sees an error or the machine ends
in order: no crash, no hang, no wrong count, and what was reported written is there.

Findings are grouped by cause. --most takes that many faults, evenly from all.
--planted sees that three planted bugs are found. Exit status: 0 none found, 1 findings,
3 nothing could be tried.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import resource
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from uhyve_conformance.adapter import IMAGE, Adapter, load_adapter
from uhyve_conformance.errors import SuiteError
from uhyve_conformance.manifest import Run

GUEST = Path("build/faults/guest.elf").absolute()
TIMEOUT = 20.0  # seconds; a run takes 0.1
PATIENCE = 6.0  # the same for one that is known to hang
STDIN = b"0123456789"

_OPEN = ("EIO", "ENOSPC", "EINTR", "EAGAIN", "EMFILE", "ENOMEM")
# The errors with which each system call may fail.
ERRORS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("open", "openat", "openat2"), _OPEN),
    **dict.fromkeys(("read", "pread64", "readv"), ("EIO", "EINTR", "EAGAIN", "ENOMEM")),
    **dict.fromkeys(("write", "pwrite64", "writev"), ("EIO", "ENOSPC", "EINTR", "EAGAIN")),
    **dict.fromkeys(("getdents64", "unlinkat", "unlink", "rmdir", "lseek"), ("EIO", "ENOMEM")),
    **dict.fromkeys(("fstat", "stat", "lstat", "newfstatat", "statx"), ("EIO", "ENOMEM")),
    **dict.fromkeys(("mkdirat", "mkdir"), ("EIO", "ENOSPC", "ENOMEM")),
    **dict.fromkeys(("close", "fsync", "ftruncate"), ("EIO", "EINTR")),
    **dict.fromkeys(("poll", "ppoll", "epoll_wait", "nanosleep"), ("EINTR", "ENOMEM")),
    **dict.fromkeys(("eventfd2", "dup", "fcntl", "epoll_create1", "pipe2"), ("EMFILE", "ENOMEM")),
    **dict.fromkeys(("mmap", "mremap", "mprotect", "brk", "clone", "clone3"), ("ENOMEM", "EAGAIN")),
    "ioctl": ("EINTR", "ENOMEM", "EMFILE", "EIO"),
}
# Sizes that files may have: around the chunks of 5,000 bytes that the guest writes.
SIZES = (1, 4999, 5000, 5001, 9999, 12500)
SOFT = {"EINTR", "EAGAIN"}  # to try again helps
_CALL = re.compile(r"^(\d+) +(?:<\.\.\. )?(\w+)(\(| resumed>)(.*)")


@dataclass(frozen=True)
class Fault:
    """One failure: the occurrence of a system call, or with a size the limit of files."""

    call: str = ""
    number: int = 0
    error: str = ""
    size: int | None = None
    what: str = ""  # the call's arguments in the first run

    def __str__(self) -> str:
        if self.size is not None:
            return f"files of at most {self.size} bytes"
        return f"{self.call} {self.number} = {self.error}" if self.call else "no fault"

    def strace(self) -> list[str]:
        if not self.call:
            return []
        inject = f"inject={self.call}:error={self.error}:when={self.number}"
        return ["strace", "-f", "-qq", "-o", "log", "-e", f"trace={self.call}", "-e", inject]


@dataclass(frozen=True)
class Finding:
    fault: Fault
    kind: str
    cause: str


@dataclass
class Done:
    """The traces of a run."""

    status: int | None  # None: it did not end
    console: str
    errors: str
    data: dict[str, bytes]
    left: list[str]
    log: str


def command(adapter: Adapter) -> list[str]:
    run = Run("faults", "", (), memory=64, vcpus=1, mappings={"/data": "data"}, args=(), env={})
    return list(adapter.argv(run))


def run(words: Sequence[str], fault: Fault, timeout: float = TIMEOUT) -> Done:
    """One run in a directory of its own, which is gone afterwards."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if fault.size is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (fault.size, fault.size))

    with tempfile.TemporaryDirectory(prefix="uhyve-faults.") as name:
        place = Path(name)
        (place / "tmp").mkdir()
        (place / "data").mkdir()
        (place / "data/in").write_bytes(b"0123456789abcdef")
        (place / "data/gone").touch()
        (place / IMAGE).symlink_to(GUEST)
        process = subprocess.Popen(
            [*fault.strace(), *words],
            cwd=place,
            env={**os.environ, "TMPDIR": str(place / "tmp")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=limit,
            start_new_session=True,
        )
        status: int | None
        try:
            out, err = process.communicate(STDIN, timeout=timeout)
            status = process.returncode
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            status = None
        log = place / "log"
        return Done(
            status,
            out.replace(b"\0", b"").decode(errors="replace"),
            err.decode(errors="replace"),
            {f"/data/{p.name}": p.read_bytes() for p in (place / "data").iterdir() if p.is_file()},
            [p.name for p in (place / "tmp").iterdir()],
            log.read_text(errors="replace") if log.exists() else "",
        )


# ---- What can fail ----------------------------------------------------------------


def sites(words: Sequence[str]) -> Iterator[tuple[str, int, str]]:
    """Name, number and arguments of each system call from the opening of the image on."""
    done = run(["strace", "-f", "-qq", "-s", "80", "-o", "log", *words], Fault())
    if done.status != 0 or "end\n" not in done.console:
        raise SuiteError(f"without a fault: status {done.status}: {done.errors[-300:]}")
    seen: Counter[tuple[str, str]] = Counter()
    begun, given = False, set()
    for line in done.log.splitlines():
        match = _CALL.match(line)
        if not match or match[3] != "(":
            continue
        thread, call, rest = match[1], match[2], match[4]
        seen[thread, call] += 1
        opens = call.startswith("open") and (IMAGE in rest or "/dev/kvm" in rest)
        begun = begun or opens
        site = (call, seen[thread, call])
        if begun and call in ERRORS and site not in given:
            given.add(site)
            yield *site, rest


def faults(words: Sequence[str]) -> list[Fault]:
    found = [
        Fault(call, number, error, what=rest)
        for call, number, rest in sites(words)
        for error in ERRORS[call]
    ]
    return found + [Fault(size=size) for size in SIZES]


# ---- What is wrong ----------------------------------------------------------------


def pattern(count: int) -> bytes:
    return bytes(i % 251 for i in range(count))


def last_words(errors: str) -> str:
    """The place of its panic, or else its last line without the numbers."""
    panic = re.search(r"panicked at (?:\S*/)?([^/\s]+/[^/\s]+)", errors)
    if panic:
        return f"panic at {panic[1].rstrip(':')}"
    line = next((line for line in reversed(errors.splitlines()) if line.strip()), "(nothing said)")
    return re.sub(r"0x[0-9a-f]+|\b\d{3,}\b", "N", line)[:160]


def judge(fault: Fault, done: Done, crash: Sequence[int]) -> Iterator[Finding]:
    """Failures of a run that no fault of the host excuses."""
    lines = done.console.splitlines()
    if done.status is None:
        yield Finding(fault, "hang", f"after {fault.call or 'a short count'}")
        return
    if done.status < 0 or 128 < done.status <= 192 or done.status in crash:
        yield Finding(fault, "crash", last_words(done.errors))
    for line in lines:
        if line.startswith("wrong"):
            yield Finding(fault, "wrong", re.sub(r"\d+", "N", line))
        if line.startswith("unread") and not any(re.match("read -", other) for other in lines):
            yield Finding(fault, "lost", "bytes reported written cannot be read")
        match = re.fullmatch(r"written (/data/\S+) (\d+)", line)
        if match:
            have, count = done.data.get(match[1], b""), int(match[2])
            if have[:count] != pattern(count):
                yield Finding(fault, "lost", "bytes reported written are not in the file")
    console_failed = fault.call.startswith("write") and fault.error not in SOFT
    if done.status == 0 and not console_failed and (lines[:1], lines[-1:]) != (["begin"], ["end"]):
        yield Finding(fault, "lost", "lines of the console")
    if done.status and not done.errors.strip():
        yield Finding(fault, "silent", f"status {done.status} without a word")
    if done.left and not done.errors.strip():
        yield Finding(fault, "left", "private storage stays without a word")


def try_all(
    words: Sequence[str], chosen: Sequence[Fault], crash: Sequence[int], jobs: int, timeout: float
) -> tuple[list[Finding], int]:
    """The findings, and how many faults happened."""
    findings: list[Finding] = []
    happened = 0

    def one(fault: Fault) -> tuple[Fault, Done]:
        return fault, run(words, fault, timeout)

    with ThreadPoolExecutor(jobs) as pool:
        for fault, done in pool.map(one, chosen):
            happened += fault.size is not None or "(INJECTED)" in done.log
            findings += judge(fault, done, crash)
    return findings, happened


def show(findings: Sequence[Finding], words: Sequence[str]) -> None:
    """By cause, most frequent first, each with a way to see it again."""
    groups: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[finding.kind, finding.cause].append(finding)
    for (kind, cause), group in sorted(groups.items(), key=lambda item: -len(item[1])):
        first = group[0].fault
        calls = ", ".join(sorted({f.fault.call or "size of files" for f in group}))
        print(f"{kind}: {cause}\n  {len(group)} faults of {calls}; the first: {first}")
        if first.what:
            print(f"  there: {first.call}({first.what[:100]}")
        print(f"  {shlex.join([*first.strace(), *words])}")


def even(all_faults: Sequence[Fault], most: int) -> list[Fault]:
    """So many of them, evenly."""
    if not most or most >= len(all_faults):
        return list(all_faults)
    return [all_faults[i * len(all_faults) // most] for i in range(most)]


def planted(program: str, jobs: int) -> int:
    """The bugs of planted.c, each of which one kind of failure brings out."""
    adapter = load_adapter("reference").for_machine(platform.machine(), "kvm")
    words = [program, *command(adapter)[1:]]
    every = faults(words)
    wanted = {"write": "lost", "read": "crash", "lseek": "hang"}
    missed = 0
    for call, kind in wanted.items():
        # Not of the console, which is descriptor 1.
        of_files = [
            f for f in every if (f.call, f.error, f.what[:2] == "1,") == (call, "EIO", False)
        ]
        found, _ = try_all(words, of_files[:2], adapter.crash, jobs, PATIENCE)
        if kind not in {finding.kind for finding in found}:
            print(f"faults: the planted bug of {call} ({kind}) is not found", file=sys.stderr)
            missed += 1
    print(f"planted bugs: {len(wanted) - missed} passed, {missed} failed")
    return missed


def main() -> int:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--hypervisor", default="reference")
    parser.add_argument("--most", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--planted")
    options = parser.parse_args()
    begin = time.monotonic()
    try:
        adapter = load_adapter(options.hypervisor).for_machine(platform.machine(), "kvm")
        adapter.program()
        words = command(adapter)
        every = faults(words)
        chosen = even(every, options.most)
        missed = planted(options.planted, options.jobs) if options.planted else 0
    except (SuiteError, OSError) as problem:
        print(f"faults: {problem}", file=sys.stderr)
        return 3
    found, happened = try_all(words, chosen, adapter.crash, options.jobs, TIMEOUT)
    show(found, words)
    bad = len({finding.fault for finding in found})
    print(
        f"{adapter.name}: {len(chosen)} of {len(every)} faults tried, {happened} happened, "
        f"{time.monotonic() - begin:.0f} s"
    )
    if happened < len(chosen) // 2:
        print("faults: less than half of the faults happened", file=sys.stderr)
        return 3
    print(f"{len(chosen) - bad} passed, {bad + missed} failed")
    return 1 if bad + missed else 0


if __name__ == "__main__":
    sys.exit(main())
