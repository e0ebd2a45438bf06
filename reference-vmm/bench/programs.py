# SPDX-License-Identifier: MIT OR Apache-2.0
"""The programs to measure: hypervisors by their adapters, and how to run them for a figure."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from uhyve_conformance.adapter import IMAGE, Adapter, load_adapter
from uhyve_conformance.errors import SuiteError
from uhyve_conformance.manifest import Run

BENCH = Path("build/bench").absolute()
FLOOR, INTERLEAVE = BENCH / "floor", BENCH / "interleave"
TIMEOUT = 300  # seconds for what takes a few


class NoFigures(Exception):
    """There is nothing to show, and why."""


@dataclass(frozen=True)
class Work:
    """One machine to run: what an adapter's command line can say, and its image."""

    image: bytes
    memory: int = 64  # MiB
    vcpus: int = 1
    mappings: Mapping[str, str] = field(default_factory=lambda: {"/data": "data"})
    args: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict)

    def command(self, adapter: Adapter) -> list[str]:
        """The command line, for the directory where prepare() was called."""
        run = Run(
            "bench", "", (), memory=self.memory, vcpus=self.vcpus,
            mappings=self.mappings, args=tuple(self.args), env=self.env,
        )  # fmt: skip
        return list(adapter.argv(run))

    def prepare(self, place: Path) -> None:
        """The image, and the directory that is mapped when nothing else is said."""
        (place / IMAGE).write_bytes(self.image)
        (place / "data").mkdir(exist_ok=True)


def programs(names: Sequence[str]) -> dict[str, Adapter]:
    """The hypervisors of these names or adapter files. What comes with the project, but is
    not built, is left out, and said."""
    found = {}
    for name in names:
        adapter = load_adapter(name).for_machine(platform.machine(), "kvm")
        try:
            adapter.program()
        except SuiteError as problem:
            if name != "uhyve":
                raise NoFigures(str(problem)) from None
            print(f"left out: {problem}")
            continue
        found[adapter.name] = adapter
    return found


def machine() -> str:
    """The processor, kernel and kind of KVM that the figures belong to."""
    cpu = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            cpu = line.split(":", 1)[1].strip()
            break
    kvm = [m for m in ("kvm_intel", "kvm_amd", "kvm_pvm") if Path("/sys/module", m).exists()]
    return (
        f"{cpu}, {os.cpu_count()} CPUs, Linux {platform.release()}, "
        f"{' '.join(kvm) or 'kvm'}, load {os.getloadavg()[0]:.1f}"
    )


def console(command: Sequence[str], place: Path) -> str:
    """Runs a command that has to succeed; its console, which goes to a file."""
    path = place / "console"
    try:
        with path.open("wb") as out:
            done = subprocess.run(
                command, cwd=place, stdin=subprocess.DEVNULL, stdout=out,
                stderr=subprocess.PIPE, timeout=TIMEOUT, check=False,
            )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise NoFigures(f"{command[0]}: {problem}") from None
    if done.returncode:
        message = done.stderr.decode(errors="replace")[-300:]
        raise NoFigures(f"{command[0]}: status {done.returncode}: {message}")
    # SerialWriteByte leaves bytes of its own between the lines.
    return path.read_bytes().replace(b"\0", b"").decode(errors="replace")


def cycles(text: str) -> dict[str, list[float]]:
    """Cycles for one call, by kind of call, from lines "NAME CALLS CYCLES"."""
    found: dict[str, list[float]] = defaultdict(list)
    for line in text.splitlines():
        words = line.split()
        if len(words) == 3 and words[1].isdigit() and words[2].isdigit():
            found[words[0]].append(int(words[2]) / int(words[1]))
    return found


def starts(
    commands: Mapping[str, Sequence[str]], place: Path, rounds: int
) -> dict[str, list[float]]:
    """Milliseconds from start to exit of each command, in turn (interleave.c)."""
    line = [str(INTERLEAVE), str(rounds)]
    for command in commands.values():
        line += [*command, "---"]
    times: dict[str, list[float]] = defaultdict(list)
    names = list(commands)
    for text in console(line[:-1], place).splitlines():
        number, nanoseconds, status = map(int, text.split())
        if status:
            raise NoFigures(f"{names[number]} ended with wait status {status}")
        times[names[number]].append(nanoseconds / 1e6)
    return times


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """Lower quartile, median, upper quartile."""
    low, middle, high = statistics.quantiles(values, n=4)
    return low, middle, high
